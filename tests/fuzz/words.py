"""The words of each format, for a fuzzer to put where they do not belong."""

from __future__ import annotations

__all__ = ["WORDS"]


def _words(text: str) -> tuple[bytes, ...]:
    """The words between blanks; a blank, an end of line or a byte within one is written as Python writes it."""
    return tuple(_byte_by_byte(word).encode("latin-1") for word in text.split())


def _in_russian_encodings(text: str) -> tuple[bytes, ...]:
    words = [word.replace("\\n", "\n").replace("\\x20", " ") for word in text.split()]
    return tuple(word.encode(encoding) for encoding in ("cp1251", "utf-8", "cp866") for word in words)


def _byte_by_byte(word: str) -> str:
    return word.encode("latin-1").decode("unicode_escape")


_ANYWHERE = _words(
    r"""
    \r\n \n \x00 \x1a \xff \xef\xbb\xbf \xe2\x80\xae \xd9\xa1 \xc2\xa0 \t
    """
)
"""Ends of lines and files, a mark, a turn of writing, an Arabic digit, a blank that does not break."""

_NUMBERS = _words(
    r"""
    0 -0 1,234 1.234,56 1_000 NaN 1e999 999999999999999999999999999999 000000 991231 250230
    """
)
"""Amounts and days that are none, or that can be read in two ways."""

_MT = _words(
    r"""
    :20: \n:25: \n:25P: \n:28C: \n:60F:C250301EUR1,00 \n:60M: \n:21: \n:NS:22 \n:61:2503040304C1,00NTRFNONREF//X
    \n:61: RC RD ED EC C D NMSC // \n:86: ?00 ?20 ?31 ?32 ?60 SVWZ+ EREF+ KREF+ MREF+ CRED+ ~20 /IBAN/ /CNTP/ /EREF/
    /REMI/ /ORDP/ /NAME/ /BENM/ /USTD/ <00 <20 \n:62F: \n:62M: \n:64: \n:65: \n-\n -}{5:} {1:F01 {2:O940 {4: , .
    """
)

_MT942 = _words(
    r"""
    \n:34F:EUR0, \n:34F:EURD0, \n:13D:2503311200+0100 \n:13: \n:90D:1EUR1,00 \n:90C:0EUR0,
    """
)

_OFX = _words(
    r"""
    OFXHEADER:100\n CHARSET:NONE\n CHARSET:1252\n ENCODING:UNICODE\n VERSION:211\n <?OFX\x20 <OFX> </OFX> <STMTRS>
    </STMTRS> <CCSTMTRS> <INVSTMTRS> <INVBANKTRAN> <SUBACCTFUND> <BANKTRANLIST> </BANKTRANLIST> <STMTTRN> </STMTTRN>
    <STMTTRNP> <BANKTRANLISTP> <TRNAMT> <DTPOSTED>20250304 <DTUSER> <FITID> <NAME> <MEMO> <PAYEE> <CURRENCY>
    <CURDEF> <CURRATE>1.5 <ORIGCURRENCY> <BANKACCTTO> <CORRECTFITID> <TRNTYPE> <BALLIST> <!-- --> <![CDATA[ ]]>
    <!DOCTYPE\x20x> <?xml\x20version='1.0'?> &amp; &#x41; &#0; & < > /> [-0300:BRT] [99999999:X]
    <LEDGERBAL><BALAMT>1 <AVAILBAL> <DTASOF>
    """
)

_CAMT = _words(
    r"""
    <Stmt> </Stmt> <Rpt> <Ntfctn> <Ntry> </Ntry> <TxDtls> </TxDtls> <Btch> <Amt\x20Ccy="EUR">1.00</Amt>
    <Amt\x20Ccy="EUR"> </Amt> Ccy="XYZ" <CdtDbtInd>CRDT</CdtDbtInd> DBIT <Bal> </Bal> <Cd>OPBD</Cd> <Cd>ITBD</Cd>
    <NtryDtls> </NtryDtls> <AmtDtls> <TxAmt> <Sts>PDNG</Sts> <Sts><Cd>INFO</Cd></Sts> <RvslInd>true</RvslInd>
    <RtrInf> <Chrgs> <CcyXchg> <Dt>2025-02-30</Dt> <DtTm>2025-03-04T24:00:00Z</DtTm> <BookgDt> <ValDt> <TxsSummry>
    <Ustrd> <Refs> <EndToEndId> <RltdPties> <Dbtr> <IBAN> <Strd> <CdtrRefInf> <XchgRate>1</XchgRate> <!-- -->
    <![CDATA[ ]]> <!DOCTYPE\x20d> <!ENTITY\x20a\x20"b"> &a; &#0; &lt; <a:Ntry> xmlns:a='b'
    xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.02' <?p?> encoding="utf-16" />
    """
)

_CODA = _words(
    r"""
    \n0000010032500005 \n12069 \n13 \n2100010000 \n2200010000 \n2300010000 \n3100010001 \n3200010001 \n3300010001
    \n4\x2000010000 \n8069 \n9 100325 000000 320230 EUR 1000000000062100 0000000000062100 1101 1127 \x201\x200
    \x200\x201 \x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20 BE71096123456769
    """
)

_CFONB = _words(
    r"""
    \n01 \n04 \n05 \n07 EUR2 XPF0 USD\x20 100325 320230 0000000000500} { } A J R \xc3\xa9 \xe8 LIB NPY NBE IPY LCC
    LC2 RCN MMO FEE \x20\x20\x20\x20\x20 MMOUSD200000000200000400000010839 00000000000000
    """
)

_N43 = _words(
    r"""
    \n00 \n11 \n22 \n2301 \n2302 \n24 \n33 \n88999999999999999999 978 840 XXX 250310 250230 10000000000000
    20000000000000 30000000000000 \x20\x20\x20\x20\x20 03 99
    """
)

_TITO = _words(
    r"""
    \nT00322100 \nT10188 \nT11 \nT80188 \nT81 \nT40050 \nT50067 \nT60 \nT70 T03 + - 000000000000005000 250410 250230
    EUR 001 999 A E J \x20 [ ] \\ { | } 11 06 FI0857200320018243 701710 1 2
    """
)

_BAI2 = _words(
    r"""
    \n01, \n02, \n03, \n16, \n88, \n49, \n98, \n99, / /\x2016, /88, , ,, 16,475,103500,,X/\n 010 015 USD JPY ,Z, ,0,
    ,1, ,2, ,S,1,2,3, ,V,250303, ,D,2,0,100,1,200, 250230 2400 9999 + - 195 475 890 EREF:\x20X 890,,,,/
    """
)

_QIF = _words(
    r"""
    !Type:Bank\n !Type:CCard\n !Type:Invst\n !Type:Cat\n !Account\n !Option:MDY\n !Clear: ^\n \nD1/2'25\n
    \nD31.12.2024\n \nD2024-12-31\n \nT-1.234,56\n \nT1,234\n \nU1\n \nN \nP \nM \nL[Checking]\n \nSplit\n \n$1.00\n
    \nE \nC*\n \nA \nFEUR\n \nG1\n POpening\x20Balance\n ' / NXIn\n NBuy\n !Option:AutoSwitch\n \nO1.00\n 1'234.50
    """
)

_CSV = _words(
    r"""
    ; , \t | " "" ";" ' = =" Date Datum Saldo Balance Amount Bedrag Betrag Soll Haben Debit Credit Currency EUR USD
    CHF Af Bij 01/02/2025 2025-01-02 01.02.25 20250102 13-01-2026 1'000.00 1\x20250,00 - + % Vorgemerkt PENDING
    Completed sep=;\n \n\n \n;;;;\n DE02120300000000202051 12:30:00
    """
)

_ONEC = _in_russian_encodings(
    r"""
    1CClientBankExchange\n \nСекцияРасчСчет\n \nКонецРасчСчет\n \nСекцияДокумент=Банковский\x20ордер\n
    \nКонецДокумента\n \nКонецФайла\n \nКодировка=DOS\n \nВерсияФормата=1.03\n \nРасчСчет= \nСумма=
    \nДата=01.09.2025\n \nДатаСписано=30.02.2025\n \nДатаПоступило= \nНачальныйОстаток= \nКонечныйОстаток=
    \nВсегоПоступило= \nВсегоСписано= \nПлательщикСчет= \nПолучательСчет= \nПлательщик1= \nНомер=
    \nНазначениеПлатежа= \nНазначениеПлатежа2= \nСуммаПриход=1\n \nСуммаРасход=1\n \nПлательщикИИК= =
    """
)

_ARCHIVES = _words(
    r"""
    PK\x03\x04 PK\x05\x06 PK\x01\x02 PK\x06\x06 PK\x06\x07 PK\x07\x08 \x1f\x8b\x08\x00 \x1f\x8b\x08\x08name\x00
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00 \xff\xff\xff\xff \xff\xff \x08\x00 \x00\x00
    \x0c\x00 \x01\x00 \x03\x00 __MACOSX/ mimetype ../ ustar \x00\x08
    """
)

_REPLIES = _words(
    r"""
    "result": "error": "data": "name": "message": "debug": null NaN 1e999 [[ <fault> </fault> <value> </value>
    <nil/> <struct> </struct> <member> <array> <double>1.5</double> <i8>9</i8> <base64>YQ==</base64> <name>
    <!DOCTYPE\x20a> <![CDATA[ ]]> got\x20an\x20unexpected\x20keyword\x20argument\x20'vals_list'
    missing\x20a\x20required\x20argument:\x20'vals' cannot\x20marshal\x20None account.move(6,) in\x20_xmlrpc\n
    in\x20call_kw\n TypeError:\x20 &#13; \r \x0b \xef\xb7\x90 \xed\xa0\x80 \xff \x00 \\ud83d - {} } ] ,
    """
)

_OTHER_FILES = _words(
    r"""
    %PDF <html> PK\x03\x04 \x1f\x8b {\\rtf <Document\x20xmlns='pain'>
    """
)
"""How files begin that are no statements."""

_FORMATS: dict[str, tuple[bytes, ...]] = {
    "mt940": _MT,
    "mt942": (*_MT, *_MT942),
    "ofx1": _OFX,
    "ofx2": _OFX,
    "coda": _CODA,
    "cfonb120": _CFONB,
    "camt052": _CAMT,
    "camt053": _CAMT,
    "camt054": _CAMT,
    "n43": _N43,
    "tito": _TITO,
    "bai2": _BAI2,
    "qif": _QIF,
    "csv": _CSV,
    "1c": _ONEC,
}

_EVERY = tuple(dict.fromkeys(word for words in _FORMATS.values() for word in words))

WORDS: dict[str, tuple[bytes, ...]] = {
    **{name: (*words, *_NUMBERS, *_ANYWHERE) for name, words in _FORMATS.items()},
    "detect": (*_EVERY, *_ANYWHERE, *_OTHER_FILES),
    "archives": _ARCHIVES,
    "written": (*_FORMATS["mt940"], *_FORMATS["camt053"], *_FORMATS["ofx1"], *_NUMBERS, *_ANYWHERE),
    "replies": (*_REPLIES, b"9" * 400),
}
"""For each target what its inputs are sprinkled with: tags, marks, codes, numbers that can be read in two ways."""
