"""Texts made to be super-linear in a careless reader, for each format."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeAlias

from tests.fuzz.inputs import FILES

__all__ = ["SLOW"]

Maker: TypeAlias = Callable[[int], bytes]
"""Takes the wished size in bytes."""


def _between(before: bytes, piece: bytes, after: bytes) -> Maker:
    """A text in which *piece* stands again and again."""
    return lambda size: before + piece * (size // len(piece)) + after


def _all_between(before: bytes, after: bytes, **pieces: bytes) -> dict[str, Maker]:
    return {name.replace("_", " "): _between(before, piece, after) for name, piece in pieces.items()}


# -- MT940 and MT942 ------------------------------------------------------------------------------------------------

_MT_HEAD, _MT_END = b":20:A\n:25:1\n:28C:1\n:60F:C250301EUR1,00\n", b"\n:62F:C250301EUR1,00\n-\n"
_ENTRY = b":61:250304C1,00NTRFNONREF\n"
_MT_TEXT = _MT_HEAD + _ENTRY + b":86:"

_MT940 = {
    **_all_between(_MT_HEAD + b":61:250304C1,00N", _MT_END, one_long_line=b"A", one_long_line_of_slashes=b"/"),
    **_all_between(b":20:A\n:60F:C250301EUR", b"", one_long_balance=b"1"),
    **_all_between(
        _MT_HEAD,
        _MT_END,
        many_entries=_ENTRY,
        many_texts=_ENTRY + b":86:x\n",
        many_damaged_entries=b":61:2503040304C1.234NTRF\n",
        many_unknown_fields=b":99:x\n",
        many_balances=b":64:C250301EUR1,00\n",
    ),
    **_all_between(
        _MT_TEXT,
        _MT_END,
        many_text_fields=b"\n:86:x",
        many_text_lines=b"\n?20 EREF+ /REMI/ SVWZ+",
        many_subfields=b"?20a?32b?31c?20SVWZ+EREF+:\n",
        many_slash_codes=b"/ULTD//NAME/x/REMI/y/EREF/\n",
        many_labels=b"; TYT.: b; OD: a  b;\n",
        many_starts_in_texts=b"\n:20:11",
        many_entries_in_texts=b"\n 61:2503040304C1,00NTRF",
        many_colons=b":",
        many_blanks=b" \n",
        many_high_bytes=b"\xfc\n",
        many_slashes=b"/",
        many_question_marks=b"?",
    ),
    **_all_between(_MT_HEAD + _ENTRY, _MT_END, many_envelopes=b"-}{1:F01X}{2:O940}{4:\n"),
    **_all_between(b"", b"", many_statements=_MT_HEAD[:6] + b":60F:C250301EUR1,00\n:62F:C250301EUR1,00\n"),
    **_all_between(b"", b"", many_pages=b":20:A\n:25:1\n:28C:1/1\n:60M:C250301EUR1,00\n:62M:C250301EUR1,00\n-\n"),
}

_REPORT = b":20:A\n:25:1\n:28C:1\n:34F:EUR0,\n:13D:2503311200+0100\n"
_MT942 = {
    **_all_between(
        _REPORT,
        b"\n-\n",
        many_entries=_ENTRY + b":86:x\n",
        many_floors=b":34F:EUR0,\n",
        many_totals=b":90D:1EUR1,00\n",
        many_text_lines=_ENTRY + b":86:?20 EREF+ SVWZ+\n",
    ),
    **_all_between(b"", b"", many_reports=_REPORT + b":90D:0EUR0,\n-\n"),
}

# -- OFX ------------------------------------------------------------------------------------------------------------

_OFX_HEAD = b"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKTRANLIST>"
_OFX_END = b"</BANKTRANLIST></STMTRS></OFX>"
_TRANSACTION = b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1.00</STMTTRN>"
_OPEN_AMOUNT = b"<STMTTRN><DTPOSTED>20250304<TRNAMT>"

_OPEN_TEXT = _TRANSACTION + _OPEN_AMOUNT + b"1<MEMO>"

_OFX = {
    **_all_between(_OFX_HEAD + _OPEN_AMOUNT, b"</STMTTRN>" + _OFX_END, many_dots=b".", many_digits=b"1", blanks=b" "),
    **_all_between(_OFX_HEAD + _OPEN_TEXT, _OFX_END, many_ampersands=b"&", many_entities=b"&amp;"),
    **_all_between(
        _OFX_HEAD,
        _OFX_END,
        many_transactions=_TRANSACTION,
        many_damaged_transactions=_TRANSACTION.replace(b"1.00", b"1,234"),
        many_open_transactions=b"<STMTTRN>",
        many_closing_tags=b"</STMTTRN>",
        many_nested_tags=b"<PAYEE>",
        many_comments=b"<!---->",
        many_comments_that_never_end=b"<!--",
        many_CDATA=b"<![CDATA[]]>",
        many_CDATA_that_never_end=b"<![CDATA[",
        many_less_than_signs=b"<",
        many_greater_than_signs=b">",
        many_half_tags=b"<A",
        many_half_closing_tags=b"</",
        many_unknown_tags=b"<X>1\n",
        many_slashes=b"/>",
    ),
    **_all_between(_OFX_HEAD + b"<", _OFX_END, one_huge_tag=b"A"),
    **_all_between(b"<OFX>", b"</OFX>", many_statements=b"<STMTRS><CURDEF>EUR</STMTRS>", many_tags=b"<STMTRS>"),
    **_all_between(b"OFXHEADER:100\n", _OFX_HEAD + _OFX_END, many_header_lines=b"A:B\n", many_colons=b":"),
    **_all_between(b'<?xml version="1.0"?>\n<?OFX VERSION="211"?>' + _OFX_HEAD, _OFX_END, many_instructions=b"<?x?>"),
}

# -- CAMT -----------------------------------------------------------------------------------------------------------

_CAMT_HEAD, _CAMT_END = b"<Document><BkToCstmrStmt><Stmt><Id>S</Id>", b"</Stmt></BkToCstmrStmt></Document>"
_NTRY = b'<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><ValDt><Dt>2025-03-04</Dt></ValDt>'
_DETAIL = b'<TxDtls><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>x</Ustrd></RmtInf></TxDtls>'

_CAMT = {
    **_all_between(
        _CAMT_HEAD,
        _CAMT_END,
        many_entries=_NTRY + b"</Ntry>",
        many_damaged_entries=_NTRY.replace(b">1<", b">1,234<") + b"</Ntry>",
        many_half_entries=b"<Ntry",
        many_balances=b'<Bal><Tp><CdOrPrtry><Cd>ITBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1</Amt></Bal>',
        many_nested_elements=b"<a>",
        many_closed_elements=b"<a></a>",
        many_comments=b"<!---->",
        many_CDATA=b"<![CDATA[]]>",
        many_entities=b"&amp;",
        many_instructions=b"<?x?>",
        many_namespaces=b'<a xmlns:b="c"/>',
        many_names=b"<Ownr><Nm>x</Nm></Ownr>",
    ),
    **_all_between(_CAMT_HEAD + _NTRY + b"<NtryDtls>", b"</NtryDtls></Ntry>" + _CAMT_END, many_details=_DETAIL),
    **_all_between(_CAMT_HEAD + _NTRY, b"</Ntry>" + _CAMT_END, many_texts=b"<AddtlNtryInf>x</AddtlNtryInf>"),
    **_all_between(_CAMT_HEAD + b'<a b="', b'"/>' + _CAMT_END, one_huge_attribute=b"x"),
    **_all_between(_CAMT_HEAD + b"<a>", b"</a>" + _CAMT_END, one_huge_text=b"x", one_sea_of_blanks=b" \n"),
    **_all_between(_CAMT_HEAD[:25], _CAMT_END[7:], many_statements=b"<Stmt><Id>1</Id></Stmt>"),
}

# -- records and lines: a golden file in which one line stands again and again, or is stretched -----------------------


@lru_cache
def _lines(name: str) -> list[bytes]:
    return (FILES / "golden" / Path(name)).read_bytes().splitlines(keepends=True)


def _place(name: str, start: bytes) -> int:
    return next(number for number, line in enumerate(_lines(name)) if line.startswith(start))


def _again(name: str, *starts: bytes) -> dict[str, Maker]:
    return {f"many lines {start.decode('ascii', 'replace')}": partial(_line_again, name, start) for start in starts}


def _line_again(name: str, start: bytes, size: int) -> bytes:
    lines, at = _lines(name), _place(name, start)
    return b"".join((*lines[:at], *[lines[at]] * (size // len(lines[at])), *lines[at + 1 :]))


def _stretched(name: str, start: bytes, *pieces: bytes) -> dict[str, Maker]:
    kind = start.decode("ascii", "replace")
    return {f"one long line {kind} of {piece!r}": partial(_line_stretched, name, start, piece) for piece in pieces}


def _line_stretched(name: str, start: bytes, piece: bytes, size: int) -> bytes:
    lines, at = _lines(name), _place(name, start)
    text = lines[at].rstrip(b"\r\n")
    middle = max(len(start), len(text) // 2)
    longer = text[:middle] + piece * (size // len(piece)) + text[middle:] + b"\n"
    return b"".join((*lines[:at], longer, *lines[at + 1 :]))


def _unbroken(name: str) -> dict[str, Maker]:
    """A file without line breaks, again and again."""
    return {"unbroken, one after the other": _between(b"", b"".join(_lines(name)), b"")}


_CODA = {
    **_again("coda/kbc_collections.cod", b"0000", b"12", b"21000100", b"22000100", b"23000100", b"31000100", b"8"),
    **_stretched("coda/kbc_collections.cod", b"21000100", b" ", b"1"),
    **_unbroken("coda/foreign_iban_unbroken.cod"),
}
_CFONB = {
    **_again("cfonb120/sepa_transfers.txt", b"01", b"04", b"05", b"07"),
    **_stretched("cfonb120/sepa_transfers.txt", b"05", b" ", b"\xe9"),
    **_unbroken("cfonb120/pacific_francs_unbroken.txt"),
}
_N43 = {
    **_again("n43/bbva_two_accounts_dollars.q43", b"11", b"22", b"2301", b"33", b"88"),
    **_stretched("n43/bbva_two_accounts_dollars.q43", b"2301", b" ", b"\xd1"),
    **_unbroken("n43/rural_unbroken_sepa_transfer.txt"),
}
_TITO = {
    **_again("tito/nordea_seven_bits_nested.nda", b"T00", b"T10188", b"T1101", b"T40", b"T50", b"T70"),
    **_stretched("tito/nordea_seven_bits_nested.nda", b"T1104", b" ", b"["),
    **_again("tito/op_corrections_and_sepa.to", b"T80", b"T11323"),
    **_unbroken("tito/chain_without_lines_currency.txt"),
}
_BAI2 = {
    **_again("bai2/goldman_label_lines.bai", b"01", b"02", b"03", b"16", b"88", b"49", b"98"),
    **_stretched("bai2/goldman_label_lines.bai", b"16", b",", b"/", b"/ 16,195,1,", b" ", b"1,2,"),
    **_stretched("bai2/goldman_label_lines.bai", b"03", b",010,1,,", b","),
    **_stretched("bai2/goldman_label_lines.bai", b"88", b"REMI: ", b"/ 88,"),
    **_all_between(b"01,A,B,250310,0200,7,80,,3/" + b" " * 53, b"", records_of_80=b"88,A,B,1/".ljust(80)),
}
_QIF_HEAD = b"!Type:Bank\nD31.12.2024\nT1.00\n"
_QIF = {
    **_all_between(
        _QIF_HEAD,
        b"^\n",
        many_amounts=b"T-25.24\n",
        many_days=b"D31.12.2024\n",
        many_names=b"Px\n",
        many_addresses=b"Ax\n",
        many_splits=b"SA\n$1.00\n",
        many_transfers=b"L[X]\n",
        many_unknown_lines=b"zx\n",
        many_blank_lines=b"\n",
        many_carriage_returns=b"\r",
        many_apostrophes=b"T1'000'000\n",
    ),
    **_all_between(
        b"!Type:Bank\n",
        b"",
        many_movements=b"D31.12.2024\nT1.00\n^\n",
        many_damaged_movements=b"D31.12.2024\nT1,0.0,0\n^\n",
        many_headers=b"!Type:Bank\n",
        many_accounts=b"!Account\nNx\n^\n",
        many_options=b"!Option:MDY\n",
        many_ends=b"^\n",
        many_marks=b"!",
        many_blanks=b" \n",
    ),
    **_all_between(_QIF_HEAD + b"M", b"\n^\n", one_long_text=b"x", many_dots=b"."),
    **_all_between(b"!Type:Bank\nD31.12.2024\nT1", b"\n^\n", one_long_amount=b",000", many_spaces=b" "),
}
_CSV = {
    **_again("csv/nl_ing_2022.csv", b'"2022', b'"Datum'),
    **_again("csv/de_ing.csv", b"IBAN", b"09", b"Buchung"),
    **_again("csv/revolut.csv", b"EXCHANGE", b"Type"),
    **_again("csv/words_polish.csv", b"2026"),
    **_stretched("csv/nl_ing_2022.csv", b'"2022', b";", b'"', b'""', b'";"', b"x"),
    **_stretched("csv/revolut.csv", b"Type", b",", b",Amount", b"x"),
    **_stretched("csv/de_ing.csv", b"Saldo", b";", b"1.", b" "),
    **_all_between(
        b"", b"", quotes=b'"', quotes_and_lines=b'"\n', blank_lines=b"\n", no_cells=b";;;\n", cells=b"a;b\n"
    ),
}
_ONEC_FILE = "1c/sber_business_windows.txt"


def _russian(text: str) -> bytes:
    return text.encode("cp1251")


_TEXT = _russian("НазначениеПлатежа=")
_ONEC_HEAD = b"1CClientBankExchange\n" + _russian("Кодировка=Windows\nРасчСчет=1\n")
_DOCUMENT = _russian("СекцияДокумент=x\nНомер=1\nСумма=1.00\nДата=01.09.2025\nПлательщикСчет=1\nКонецДокумента\n")
_SECTION = _russian("СекцияРасчСчет\nРасчСчет=1\nДатаНачала=01.09.2025\nКонецРасчСчет\n")
_ONEC = {
    "many texts": partial(_line_again, _ONEC_FILE, _TEXT),
    "many openings": partial(_line_again, _ONEC_FILE, _russian("СекцияДокумент")),
    "many accounts": partial(_line_again, _ONEC_FILE, _russian("РасчСчет")),
    "one long text of equal signs": partial(_line_stretched, _ONEC_FILE, _TEXT, b"="),
    "one long text of blanks": partial(_line_stretched, _ONEC_FILE, _TEXT, b" "),
    "one long text of letters": partial(_line_stretched, _ONEC_FILE, _TEXT, b"\xc0"),
    **_all_between(
        _ONEC_HEAD + _SECTION,
        _russian("КонецФайла\n"),
        many_documents=_DOCUMENT,
        many_damaged_documents=_DOCUMENT.replace(b"1.00", b"1,0,0"),
        many_sections=_SECTION,
        many_ends=_russian("КонецДокумента\n"),
        many_lines_of_no_key=b"x\n",
        many_keys=b"A=1\n",
    ),
}

# -- anything at all ------------------------------------------------------------------------------------------------


def _members(size: int) -> bytes:
    return gzip.compress(b"", mtime=0) * (size // 20)


def _directory(size: int) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for number in range(size // 100):
            archive.writestr(zipfile.ZipInfo(f"{number:04}"), b"")
    return written.getvalue()


_ANY = {
    **_all_between(
        b"",
        b"",
        bytes_of_no_format=b"\xfe",
        zeros=b"\x00x",
        blanks=b" \n",
        commas=b",,,\n",
        exclamation_marks=b"!\n",
        hashes=b"#\n",
        less_than_signs=b"<",
        comments=b"<!---->",
        colons=b":\n",
        digits=b"1",
        record_starts=b"01",
        braces=b"{",
    ),
    "gzip members": _members,
    "gzip of blanks": lambda size: gzip.compress(b" " * size * 20, mtime=0),
    "ZIP directory": _directory,
}


def _as(root: bytes, statement: bytes) -> dict[str, Maker]:
    """The texts of CAMT.053 as another message."""

    def renamed(maker: Maker, size: int) -> bytes:
        data = maker(size).replace(b"BkToCstmrStmt>", root + b">")
        return data.replace(b"<Stmt>", b"<" + statement + b">").replace(b"</Stmt>", b"</" + statement + b">")

    return {what: partial(renamed, maker) for what, maker in _CAMT.items()}


SLOW: dict[str | None, dict[str, Maker]] = {
    None: _ANY,
    "mt940": _MT940,
    "mt942": _MT942,
    "ofx1": _OFX,
    "ofx2": _OFX,
    "camt053": _CAMT,
    "camt052": _as(b"BkToCstmrAcctRpt", b"Rpt"),
    "camt054": _as(b"BkToCstmrDbtCdtNtfctn", b"Ntfctn"),
    "coda": _CODA,
    "cfonb120": _CFONB,
    "n43": _N43,
    "tito": _TITO,
    "bai2": _BAI2,
    "qif": _QIF,
    "csv": _CSV,
    "1c": _ONEC,
}
"""For each format, and for files whose format is to be found, what is told about a text and how it is made."""
