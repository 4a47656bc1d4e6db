"""Laws of the OFX reader: what is written is read, SGML and XML; what is changed shows, any bytes end in a value."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import Party, read_amount, read_statements
from oimkit.errors import AmountError, StatementError
from tests.banking.reader_laws import assert_time_grows_with_the_file, read_or_refused
from tests.banking.statement_files import FILES
from tests.fuzz.inputs import WORDS, mutated

# -- a small writer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """One STMTTRN to be written: what must come out of reading it."""

    amount: Decimal
    posted: date
    offset: str
    fitid: str | None
    name: str | None
    memos: tuple[str, ...]
    account: str | None
    cheque: str | None

    def elements(self, comma: bool) -> list[tuple[str, str | None]]:
        amount = f"{self.amount:f}"
        return [
            ("TRNTYPE", "DEBIT" if self.amount < 0 else "CREDIT"),
            ("DTPOSTED", f"{self.posted:%Y%m%d}{self.offset}"),
            ("TRNAMT", amount.replace(".", ",") if comma else amount),
            ("FITID", self.fitid),
            ("CHECKNUM", self.cheque),
            ("NAME", self.name),
            *(("MEMO", memo) for memo in self.memos),
        ]


def written(entries: list[Written], *, xml: bool, comma: bool, newline: str) -> bytes:
    def element(name: str, value: str | None) -> str:
        if value is None:
            return ""
        text = html.escape(value, quote=False)
        return f"<{name}>{text}</{name}>{newline}" if xml else f"<{name}>{text}{newline}"

    body = ""
    for entry in entries:
        body += f"<STMTTRN>{newline}" + "".join(element(*pair) for pair in entry.elements(comma))
        if entry.account is not None:
            body += f"<BANKACCTTO>{element('ACCTID', entry.account)}</BANKACCTTO>{newline}"
        body += f"</STMTTRN>{newline}"
    head = '<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?>' if xml else "OFXHEADER:100\nCHARSET:1252\n\n"
    account = f"<BANKACCTFROM>{element('ACCTID', '7')}</BANKACCTFROM>"
    ledger = f"<LEDGERBAL>{element('BALAMT', '1.00')}</LEDGERBAL>"
    start = f"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>{element('CURDEF', 'EUR')}{account}<BANKTRANLIST>"
    return f"{head}{start}{body}</BANKTRANLIST>{ledger}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>".encode()


words = st.text("abcdefghijklmnopqrstuvwxyzé0123456789 &'-./", min_size=1, max_size=32)
texts = words.map(lambda text: " ".join(text.split())).filter(bool)
ids = st.text("ABCDEFabcdef0123456789", min_size=1, max_size=20)
entries_written = st.builds(
    Written,
    amount=st.decimals(-(10**12), 10**12, places=2),
    posted=st.dates(date(1970, 1, 1), date(2099, 12, 31)),
    offset=st.sampled_from(["", "120000", "235959.999[-5:EST]", "000000[-0300:BRT]", "[+5.30:IST]"]),
    fitid=st.none() | ids,
    name=st.none() | texts,
    memos=st.lists(texts, max_size=2).map(tuple),
    account=st.none() | ids,
    cheque=st.none() | st.integers(1, 10**6).map(str),
)
statements_written = st.lists(entries_written, max_size=6)


@given(statements_written, st.booleans(), st.booleans(), st.sampled_from(["\n", "", "\r\n"]))
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read(entries: list[Written], xml: bool, comma: bool, newline: str) -> None:
    if not xml and not newline:
        newline = "\n"  # unclosed elements that nothing ends would run on into blanks only
    data = written(entries, xml=xml, comma=comma, newline=newline)
    (statement,) = read_statements(data)
    assert (statement.format, len(statement.entries)) == ("ofx2" if xml else "ofx1", len(entries))
    for read, wrote in zip(statement.entries, entries, strict=True):
        assert (read.amount.amount, read.booking_date, read.value_date) == (wrote.amount, wrote.posted, wrote.posted)
        assert (read.reference, read.remittance) == (wrote.fitid, wrote.memos)
        assert read.references == ((("ChqNb", wrote.cheque),) if wrote.cheque else ())
        wanted = Party(wrote.name, wrote.account) if wrote.name or wrote.account else None
        assert read.counterparty == wanted
        assert read.raw is not None
        assert data.decode().count(read.raw) >= 1
        assert read.raw.startswith("<STMTTRN>")
        assert read.raw.endswith("</STMTTRN>")


# -- what is changed ------------------------------------------------------------------------------------------------

AMOUNT = re.compile(rb"<TRNAMT>([^<\n]*)")


@given(st.lists(entries_written, min_size=1, max_size=4), st.booleans(), st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=300, deadline=None)
def test_a_changed_amount_is_refused_or_read_as_it_is_written(
    entries: list[Written], xml: bool, which: int, how: int
) -> None:
    data = written(entries, xml=xml, comma=False, newline="\n")
    spots = [at for match in AMOUNT.finditer(data) for at in range(match.start(1), match.end(1))]
    at = spots[which % len(spots)]
    changed = data[:at] + b"0123456789+-.,eN "[how % 17 : how % 17 + 1] + data[at + 1 :]
    printed = [match[1].strip().decode() for match in AMOUNT.finditer(changed)]
    try:
        (statement,) = read_statements(changed, unbalanced="report")
    except StatementError:
        assert any(not _is_amount(text) for text in printed)
        return
    said = [
        read_amount(text, decimal="." if re.fullmatch(r"[+-]?\d+\.\d{3}", text) else None) for text in printed if text
    ]
    assert [entry.amount.amount for entry in statement.entries] == said


def _is_amount(text: str) -> bool:
    try:
        read_amount(text)
    except AmountError:
        return False
    return True


# -- any bytes ------------------------------------------------------------------------------------------------------

SEEDS = [
    path.read_bytes()
    for folder in ("ofx1", "ofx2", "golden/ofx1", "golden/ofx2")
    for path in sorted((FILES / folder).iterdir())
    if path.suffix != ".json"
]
MORE_WORDS = (
    *WORDS["ofx1"],
    *(b"<PAYEE>", b"</PAYEE>", b"<STMTTRNP>", b"<CURRENCY><CURSYM>USD</CURRENCY>", b"<BAL>", b"<INVBAL>", b"<MEMO>"),
    *(b"<CORRECTFITID>1", b"<MKTGINFO>", b"<DTSTART>20250301", b"<STMTRS>", b"<ACCTID>", b"<CURDEF>EUR"),
)
ENTRY = re.compile(rb"<STMTTRNP?\s*>", re.IGNORECASE)
LEFT_OUT = ("record-not-read", "entry-not-read")


@pytest.mark.parametrize("name", ["ofx1", "ofx2"])
def test_mutated_files_end_in_statements_or_a_refusal(name: str) -> None:
    """Every entry tag of a file that is read is an entry or a finding."""
    chance = random.Random(211)
    compared = 0
    for _ in range(750):
        data = mutated(chance.choice(SEEDS), SEEDS, MORE_WORDS, chance, 20_000)
        read = read_or_refused(partial(read_statements, format=name, unbalanced="report"), name, data)
        if read is None or b"<!" in data or b"\x00" in data:  # a comment takes tags away
            continue
        printed = len(ENTRY.findall(data[data.lower().find(b"<ofx") :]))
        left_out = [each for statement in read for each in statement.findings if each.code in LEFT_OUT]
        assert all(finding.line is not None for finding in left_out)
        assert printed == len(left_out) + sum(len(statement.entries) for statement in read)
        compared += 1
    assert 0 < compared < 750


LONG: dict[str, Callable[[int], bytes]] = {
    "usual": lambda n: b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1.00<FITID>A<NAME>B</STMTTRN>\n" * n,
    "parties": lambda n: b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1.00<PAYEE><NAME>B</PAYEE></STMTTRN>\n" * n,
    "never closed": lambda n: b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1.00<FITID>A\n" * n,
    "two shapes": lambda n: (
        b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1</STMTTRN><STMTTRN><TRNAMT>1<DTPOSTED>20250304</STMTTRN>" * n
    ),
}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_twice_the_file_takes_twice_the_time(body: Callable[[int], bytes]) -> None:
    def written(entries: int) -> bytes:
        return b"<OFX><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>1</BANKACCTFROM>" + body(entries) + b"</STMTRS></OFX>"

    assert_time_grows_with_the_file(read_statements, written, 2000)
