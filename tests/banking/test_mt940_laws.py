"""Laws of the MT940 and MT942 reader: what is written is read, what is changed shows, any bytes end in a value."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import read_statements
from oimkit.errors import StatementError
from tests.banking.reader_laws import assert_read_or_refused, assert_time_grows_with_the_file
from tests.banking.statement_files import FILES
from tests.fuzz.inputs import WORDS, mutated

# -- a small writer -------------------------------------------------------------------------------------------------

FORMS = ("?", "~", "<", "/", "plain")


@dataclass(frozen=True)
class Written:
    """One entry to be written: what must come out of reading it."""

    amount: Decimal
    mark: str
    value_date: date
    booked_after: int
    type_code: str
    reference: str | None
    end_to_end_id: str | None
    name: str | None
    account: str | None
    remittance: str | None
    form: str

    @property
    def signed(self) -> Decimal:
        return -self.amount if self.mark in ("D", "RC") else self.amount

    def lines(self) -> str:
        booked = self.value_date + timedelta(days=self.booked_after)
        reference = f"//{self.reference}" if self.reference else ""
        return (
            f":61:{self.value_date:%y%m%d}{booked:%m%d}{self.mark}{comma(self.amount)}{self.type_code}NONREF{reference}\n"
            f":86:{wrapped(self.text())}"
        )

    def text(self) -> str:
        if self.form == "plain":
            return self.remittance or ""
        if self.form == "/":
            codes = (
                ("EREF", self.end_to_end_id),
                ("IBAN", self.account),
                ("NAME", self.name),
                ("REMI", self.remittance),
            )
            return "/TRTP/X" + "".join(f"/{code}/{value}" for code, value in codes if value)
        pieces = [
            ("20", f"EREF+{self.end_to_end_id}" if self.end_to_end_id else None),
            *((str(21 + at), piece) for at, piece in enumerate(pieces_of(self.remittance))),
            ("31", self.account),
            ("32", self.name),
        ]
        return "166" + "".join(f"{self.form}{number}{value}" for number, value in pieces if value)


def pieces_of(text: str | None) -> list[str]:
    """A purpose in subfields of 27 characters, SVWZ before it."""
    whole = f"SVWZ+{text}" if text else ""
    return [whole[at : at + 27] for at in range(0, len(whole), 27)]


def wrapped(text: str) -> str:
    return "\n".join(text[at : at + 65] for at in range(0, len(text), 65))


def comma(amount: Decimal) -> str:
    return f"{amount:f}".replace(".", ",") if "." in f"{amount:f}" else f"{amount:f},"


def balance(tag: str, amount: Decimal) -> str:
    return f":{tag}:{'D' if amount < 0 else 'C'}250331EUR{comma(abs(amount))}"


def written(entries: list[Written], opening: Decimal) -> bytes:
    closing = opening + sum((entry.signed for entry in entries), Decimal(0))
    lines = [
        *(":20:REF", ":25:DE02120300000000202051", ":28C:1/1", balance("60F", opening)),
        *(entry.lines() for entry in entries),
        *(balance("62F", closing), "-", ""),
    ]
    return "\n".join(lines).encode()


def written_report(entries: list[Written]) -> bytes:
    totals = []
    for tag, sign in (("90D", -1), ("90C", 1)):
        side = [entry.amount for entry in entries if entry.signed * sign > 0]
        totals.append(f":{tag}:{len(side)}EUR{comma(sum(side, Decimal(0)))}")
    head = [":20:REF", ":25:DE02120300000000202051", ":28C:1/1", ":34F:EUR0,", ":13D:2503311200+0100"]
    return "\n".join([*head, *(entry.lines() for entry in entries), *totals, "-", ""]).encode()


words = st.lists(st.text("abcdefghijklmnopqrstuvwxyz0123456789.", min_size=1, max_size=9), min_size=1, max_size=9)
texts = words.map(" ".join)
ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=16)
entries_written = st.builds(
    Written,
    amount=st.decimals(0, 10**12, places=2),
    mark=st.sampled_from(["C", "D", "RC", "RD"]),
    value_date=st.dates(date(1981, 1, 10), date(2078, 12, 20)),
    booked_after=st.integers(-9, 9),
    type_code=st.sampled_from(["NTRF", "NMSC", "S103", "F012"]),
    reference=st.none() | ids,
    end_to_end_id=st.none() | ids,
    name=st.none() | st.text("abcdefghij klmnop", min_size=1, max_size=26).map(str.strip).filter(bool),
    account=st.none() | ids,
    remittance=st.none() | texts,
    form=st.sampled_from(FORMS),
)
statements_written = st.lists(entries_written, max_size=6)
openings = st.decimals(-(10**12), 10**12, places=2)


@given(statements_written, openings)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read(entries: list[Written], opening: Decimal) -> None:
    (statement,) = read_statements(written(entries, opening))
    assert statement.balanced is True
    assert len(statement.entries) == len(entries)
    for read, wrote in zip(statement.entries, entries, strict=True):
        assert read.amount.amount == wrote.signed
        assert (read.value_date, read.reversal) == (wrote.value_date, wrote.mark.startswith("R"))
        assert read.booking_date == wrote.value_date + timedelta(days=wrote.booked_after)
        assert read.reference == wrote.reference
        assert ("swift", wrote.type_code) in read.codes
        assert read.raw == wrote.lines().removesuffix("\n")
        if wrote.form == "plain":
            assert "".join(read.remittance).replace(" ", "") == (wrote.remittance or "").replace(" ", "")
            continue
        party = read.counterparty
        assert (party.name if party else None) == (" ".join(wrote.name.split()) if wrote.name else None)
        assert (party.account if party else None) == wrote.account
        assert read.end_to_end_id == wrote.end_to_end_id
        if wrote.remittance is not None:
            assert " ".join(read.remittance) == wrote.remittance


@given(st.lists(entries_written, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_report_is_read_and_its_totals_hold(entries: list[Written]) -> None:
    (report,) = read_statements(written_report(entries))
    assert (report.format, report.balanced, report.findings) == ("mt942", None, ())
    assert [entry.amount.amount for entry in report.entries] == [entry.signed for entry in entries]


# -- what is changed ------------------------------------------------------------------------------------------------

DECISIVE = re.compile(rb"^:6(?:1:\d{10}|0F:|2F:)R?[CD](?:\d{6}[A-Z]{3})?[\d,]+", re.MULTILINE)
"""Mark, date, currency and amount of entries and balances."""


@given(st.lists(entries_written, min_size=1, max_size=4), openings, st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_a_changed_digit_sign_or_currency_is_never_another_total_that_closes(
    entries: list[Written], opening: Decimal, which: int, how: int
) -> None:
    data = written(entries, opening)
    before = read_statements(data)
    places = [at for match in DECISIVE.finditer(data) for at in range(match.start() + 4, match.end())]
    at = places[which % len(places)]
    character = b"0123456789CDREUSX,."[how % 19 : how % 19 + 1]
    changed = data[:at] + character + data[at + 1 :]
    try:
        after = read_statements(changed)
    except StatementError:
        return
    assert all(statement.balanced is True for statement in after)
    amounts = [[entry.amount for entry in statement.entries] for statement in (*before, *after)]
    assert amounts[0] == amounts[1] or changed == data  # only a date or a currency's letter was changed


@given(st.lists(entries_written, min_size=1, max_size=4), st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=120, deadline=None)
def test_a_changed_amount_in_a_report_is_refused_or_differs_from_the_totals(
    entries: list[Written], which: int, how: int
) -> None:
    data = written_report(entries)
    (before,) = read_statements(data)
    places = [at for match in DECISIVE.finditer(data) for at in range(match.start() + 14, match.end())]
    at = places[which % len(places)]
    changed = data[:at] + b"0123456789CDR,."[how % 15 : how % 15 + 1] + data[at + 1 :]
    try:
        (after,) = read_statements(changed)
    except StatementError:
        return
    same = [entry.amount for entry in after.entries] == [entry.amount for entry in before.entries]
    assert same or "totals-differ" in {finding.code for finding in after.findings}


# -- any bytes ------------------------------------------------------------------------------------------------------

SEEDS = [
    path.read_bytes()
    for folder in ("mt940", "golden/mt940", "golden/mt942")
    for path in sorted((FILES / folder).iterdir())
    if path.suffix != ".json"
]
MORE_WORDS = (
    *WORDS["mt940"],
    *(
        b":34F:EUR0,\n",
        b"\n:90D:1EUR1,",
        b"\n:90C:",
        b":13D:",
        b"{2:I942",
        b"?00",
        b"?10",
        b"?34",
        b"~20",
        b"<32",
        b">10",
    ),
    *(
        b"ABWA+",
        b"PURP+",
        b"/ULTD/",
        b"/ACCW/",
        b"/EXCH/",
        b"/OCMT/",
        b"Z04?",
        b"?ZKB:",
        b"; TYT.: ",
        b"NAAM: ",
        b"VS:1",
    ),
)


@pytest.mark.parametrize("name", ["mt940", "mt942"])
def test_mutated_files_end_in_statements_or_a_refusal(name: str) -> None:
    chance = random.Random(940)
    inputs = (mutated(chance.choice(SEEDS), SEEDS, MORE_WORDS, chance, 20_000) for _ in range(500))
    assert_read_or_refused(partial(read_statements, format=name, unbalanced="report"), name, inputs)


LONG: dict[str, Callable[[int], bytes]] = {
    "ordinary": lambda n: b":61:2503040304C1,00NTRFNONREF//B\n:86:166?00A?20SVWZ+Invoice?32EXAMPLE\n" * n,
    "codes": lambda n: b":61:2503040304C1,00NTRFNONREF\n:86:/EREF/a/NAME/b/REMI/c/ULTD//NAME/d\n" * n,
    "one long text": lambda n: b":61:2503040304C1,00NTRFNONREF\n:86:166?20a\n" + b"?21SVWZ+a+b?22EREF: c\n" * (3 * n),
    "semicolons": lambda n: b":61:2503040304C1,00NTRFNONREF\n:86:911 A; TYT.: b;\n" + b"; OD: a  b; c;\n" * (3 * n),
}


@pytest.mark.parametrize("body", LONG.values(), ids=LONG)
def test_twice_the_file_takes_twice_the_time(body: Callable[[int], bytes]) -> None:
    def written(entries: int) -> bytes:
        return b":20:A\n:25:1\n:28C:1\n:60F:C250301EUR1,00\n" + body(entries) + b":62F:C250301EUR1,00\n-\n"

    assert_time_grows_with_the_file(partial(read_statements, unbalanced="report"), written, 1500)
