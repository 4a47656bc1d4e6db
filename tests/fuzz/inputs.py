"""Hostile inputs: mutations of good files with a dictionary of the formats' own words, and texts made to be slow."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

FILES = Path(__file__).resolve().parent.parent / "files"

WORDS: dict[str, tuple[bytes, ...]] = {
    "mt940": (
        *(b":20:", b"\n:25:", b"\n:28C:", b"\n:60F:C250301EUR1,00", b"\n:60M:", b"\n:61:2503040304C1,00NTRFNONREF//X"),
        *(
            b"\n:86:",
            b"?20",
            b"?31",
            b"SVWZ+",
            b"EREF+",
            b"/IBAN/",
            b"/CNTP/",
            b"\n:62F:",
            b"\n:62M:",
            b"\n-\n",
            b"-}{5:}",
        ),
        *(
            b"{1:F01",
            b"{4:",
            b"\n:NS:22",
            b"\n:64:",
            b"RC",
            b"RD",
            b",",
            b".",
            b"000000",
            b"991231",
            b"250230",
            b"\r\n",
            b"\xff",
        ),
    ),
    "ofx": (
        *(
            b"OFXHEADER:100\n",
            b"CHARSET:NONE\n",
            b"<OFX>",
            b"</OFX>",
            b"<STMTRS>",
            b"</STMTRS>",
            b"<STMTTRN>",
            b"</STMTTRN>",
        ),
        *(
            b"<TRNAMT>",
            b"<DTPOSTED>20250304",
            b"<FITID>",
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"]]>",
            b"<!DOCTYPE x>",
            b"&amp;",
        ),
        *(
            b"&#x41;",
            b"&",
            b"<",
            b">",
            b"/>",
            b"1,234",
            b"-0",
            b"NaN",
            b"[-0300:BRT]",
            b"<LEDGERBAL><BALAMT>1",
            b"\x00",
            b"\xff",
        ),
    ),
    "camt053": (
        *(b"<Stmt>", b"</Stmt>", b"<Ntry>", b"</Ntry>", b'<Amt Ccy="EUR">1.00</Amt>', b"<CdtDbtInd>CRDT</CdtDbtInd>"),
        *(
            b"<Bal>",
            b"</Bal>",
            b"<TxDtls>",
            b"</TxDtls>",
            b"<NtryDtls>",
            b"</NtryDtls>",
            b"<Dt>2025-02-30</Dt>",
            b"<!--",
            b"-->",
        ),
        *(
            b"<![CDATA[",
            b"]]>",
            b"<!DOCTYPE d>",
            b'<!ENTITY a "b">',
            b"&a;",
            b"&#0;",
            b"&lt;",
            b"<a:Ntry>",
            b"xmlns:a='b'",
            b"\xff",
        ),
    ),
    "replies": (
        *(
            b'"result":',
            b'"error":',
            b'"data":',
            b'"name":',
            b'"message":',
            b'"debug":',
            b"null",
            b"NaN",
            b"1e999",
            b"[[",
        ),
        *(
            b"<fault>",
            b"</fault>",
            b"<value>",
            b"</value>",
            b"<nil/>",
            b"<struct>",
            b"</struct>",
            b"<member>",
            b"<array>",
        ),
        *(
            b"<double>1.5</double>",
            b"<i8>9</i8>",
            b"<base64>YQ==</base64>",
            b"<name>",
            b"<!DOCTYPE a>",
            b"<![CDATA[",
            b"]]>",
        ),
        *(
            b"got an unexpected keyword argument 'vals_list'",
            b"missing a required argument: 'vals'",
            b"cannot marshal None",
        ),
        *(
            b"account.move(6,)",
            b"in _xmlrpc\n",
            b"in call_kw\n",
            b"TypeError: ",
            b"&#13;",
            b"\r",
            b"\x0b",
            b"\xef\xb7\x90",
        ),
        *(b"\xed\xa0\x80", b"\xff", b"\x00", b"\\ud83d", b"9" * 400, b"-", b"{}", b"}", b"]", b","),
    ),
}


def seeds(target: str) -> list[bytes]:
    """The invented files of a target, and nothing at all."""
    folders = {"ofx": ("ofx1", "ofx2")}.get(target, (target,))
    return [path.read_bytes() for folder in folders for path in sorted((FILES / folder).iterdir())] + [b""]


def planted(data: bytes, word: bytes, chance: random.Random) -> bytes:
    """*data* with *word* put in at one to four places: in texts, names, amounts, tags."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(data))
        data = data[:at] + word + data[at:]
    return data


def mutated(data: bytes, others: list[bytes], words: tuple[bytes, ...], chance: random.Random, most: int) -> bytes:
    """*data* after one to eight changes: bytes changed, cut, repeated, words put in, another file's end put on."""
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        length = chance.choice((1, 1, 2, 4, 16, 64))
        match chance.randrange(8):
            case 0:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + length :]
            case 2:
                data = data[:at] + data[at : at + length] * chance.choice((2, 3, 50)) + data[at + length :]
            case 3 | 4:
                data = data[:at] + chance.choice(words) + data[at:]
            case 5:
                data = data[:at] + chance.choice(words) + data[at + length :]
            case 6:
                other = chance.choice(others)
                data = data[:at] + other[chance.randint(0, len(other)) :]
            case _:
                data = data[:at] + chance.choice((b"0", b"9", b",", b".", b"-", b" ", b"\n")) * length + data[at:]
    return data[:most]


def _ofx(body: bytes) -> bytes:
    return b"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKTRANLIST>" + body + b"</BANKTRANLIST></STMTRS></OFX>"


def _mt(body: bytes) -> bytes:
    return b":20:A\n:25:1\n:28C:1\n:60F:C250301EUR1,00\n" + body + b"\n:62F:C250301EUR1,00\n-\n"


def _camt(body: bytes) -> bytes:
    return b"<Document><BkToCstmrStmt><Stmt><Id>S</Id>" + body + b"</Stmt></BkToCstmrStmt></Document>"


ENTRY = b":61:250304C1,00NTRFNONREF\n"
TRANSACTION = b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1.00</STMTTRN>"

SLOW: dict[str, Callable[[int], bytes]] = {
    "one long line": lambda n: _mt(b":61:250304C1,00N" + b"A" * n),
    "one long balance": lambda n: b":20:A\n:60F:C250301EUR" + b"1" * n,
    "many texts": lambda n: _mt(ENTRY + b":86:x\n" * (n // 6)),
    "many text lines": lambda n: _mt(ENTRY + b":86:x\n" + b"?20 EREF+ /REMI/ SVWZ+\n" * (n // 23)),
    "many subfields": lambda n: _mt(ENTRY + b":86:166?20a\n" + b"?20a?32b?31c?20SVWZ+EREF+:\n" * (n // 27)),
    "many slash codes": lambda n: _mt(ENTRY + b":86:/TRTP/a\n" + b"/ULTD//NAME/x/REMI/y/EREF/\n" * (n // 27)),
    "many starts in texts": lambda n: _mt(ENTRY + b":86:x\n" + b":20:11\n" * (n // 7)),
    "many statements": lambda n: b":20:A\n:60F:C250301EUR1,00\n:62F:C250301EUR1,00\n" * (n // 48),
    "many colons": lambda n: _mt(ENTRY + b":86:" + b":" * n),
    "many blanks": lambda n: _mt(ENTRY + b":86:" + b" \n" * (n // 2)),
    "many dots in an amount": lambda n: _ofx(b"<STMTTRN><DTPOSTED>20250304<TRNAMT>" + b"." * n + b"</STMTTRN>"),
    "many comments that never end": lambda n: _ofx(b"<!--" * (n // 4)),
    "many comments": lambda n: _ofx(b"<!---->" * (n // 7)),
    "many CDATA that never end": lambda n: _ofx(b"<![CDATA[" * (n // 9)),
    "many ampersands": lambda n: _ofx(TRANSACTION + b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1<MEMO>" + b"&" * n),
    "many less-than signs": lambda n: _ofx(b"<" * n),
    "many half tags": lambda n: _ofx(b"<A" * (n // 2)),
    "one huge tag": lambda n: _ofx(b"<" + b"A" * n),
    "many closing tags": lambda n: _ofx(b"</STMTTRN>" * (n // 10)),
    "many nested tags": lambda n: _ofx(b"<PAYEE>" * (n // 7)),
    "many transactions": lambda n: _ofx(TRANSACTION * (n // 49)),
    "many nested elements": lambda n: _camt(b"<a>" * (n // 3)),
    "many closed elements": lambda n: _camt(b"<a></a>" * (n // 7)),
    "one huge attribute": lambda n: _camt(b'<a b="' + b"x" * n + b'"/>'),
    "one huge text": lambda n: _camt(b"<a>" + b"x" * n + b"</a>"),
    "one sea of blanks": lambda n: _camt(b"<a>" + b" \n" * (n // 2) + b"</a>"),
    "many entries": lambda n: _camt(
        b'<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><ValDt><Dt>2025-03-04</Dt></ValDt></Ntry>' * (n // 100)
    ),
    "many half entries": lambda n: _camt(b"<Ntry" * (n // 5)),
    "many bytes of no format": lambda n: b"\xfe" * n,
    "many high bytes": lambda n: _mt(ENTRY + b":86:" + b"\xfc\n" * (n // 2)),
}
"""Made to be super-linear in a careless reader; each takes the wished size in bytes."""
