"""Ordinary MT940 entries are read in bulk; what comes out is what the general way gives, values and refusals alike."""

from __future__ import annotations

import pickle
import re
from contextlib import AbstractContextManager
from dataclasses import FrozenInstanceError, fields, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Literal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import Entry, read_statements
from oimkit.banking.formats import mt940_fields, mt940_quick
from oimkit.banking.formats.mt940_fields import RawEntry, Run, scan_fields
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from oimkit.money import Currency
from tests.banking.statement_files import FILES, mt940
from tests.banking.two_ways import assert_ways_agree, assert_ways_agree_on_corpus

TEXT = "?00GUTSCHRIFT?109251?20EREF+INV-1?21SVWZ+Invoice 1?22 of march?30MUSTDEFF?31DE021?32EXAMPLE?33 LTD"
ORDINARY = (":61:2503040304CR1,00NTRFNONREF//B1", f":86:166{TEXT[:40]}", TEXT[40:])


def general_way_only() -> AbstractContextManager[object]:
    """Nothing is ordinary."""
    return patch.object(mt940_fields, "_PAIR", re.compile(r"(?!)"))


assert_both_ways_agree = partial(assert_ways_agree, switches=(general_way_only,), format="mt940")


def read_quickly(data: bytes) -> list[Entry]:
    """The entries that the general way was not asked for."""
    runs = [part for part in scan_fields(data.decode()) if isinstance(part, Run)]
    return [entry for run in runs for entry in mt940_quick.quick_entries(run, Currency("EUR"), "1", lambda _: ())]


def test_ordinary_entries_are_read_quickly() -> None:
    assert len(read_quickly(mt940(*ORDINARY * 700))) == 700


DIALECTS = [
    path
    for folder in ("mt940", "golden/mt940", "golden/mt942")
    for path in sorted((FILES / folder).iterdir())
    if path.suffix != ".json"
]


@pytest.mark.parametrize("path", DIALECTS, ids=lambda path: path.name)
def test_both_ways_agree_on_every_dialect(path: Path) -> None:
    assert_both_ways_agree(path.read_bytes())


@pytest.mark.corpus
def test_both_ways_agree_on_every_file_of_the_corpus(corpus: Path) -> None:
    assert_ways_agree_on_corpus(corpus, ("mt940",), assert_both_ways_agree)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_both_ways_agree_on_lines_whatever_ends_them(newline: bytes) -> None:
    assert_both_ways_agree(mt940(*ORDINARY * 3).replace(b"\n", newline))


@pytest.mark.parametrize("entries", [1, 255, 256, 257, 300])
def test_the_first_entry_beyond_the_limit_is_named(entries: int) -> None:
    data = mt940(*ORDINARY * 300)
    assert_both_ways_agree(data, limits=Limits(entries=entries))
    if entries < 300:
        with pytest.raises(StatementError) as refused:
            read_statements(data, limits=Limits(entries=entries))
        assert refused.value.line == 5 + 3 * entries


DAYS = ["2503040304", "250304", "2502300228", "2502300303", "2513010101", "2503040230"]
MARKS = ["C", "D", "RC", "RD", "CR", "DR", "RCR", "c", "EC", "CD"]
AMOUNTS = ["1,00", "0,00", "12345,6", "7,", "1.5", "1.234,56", "1", "1,2,3", "1,123456"]
TYPES = ["NTRF", "NMSC", "NCHK", "N123", "S051", "F  X", "NONR", "nTRF", ""]
OWN = ["NONREF", "KREF+", "nonref", "", "A1", "NONREFX", "EF", "A" * 16, "NO9386011117947", "a b"]
REFERENCES = ["", "//B1", "//", "//B 1", "///B", "/B", "//B//C"]
BELOW = ["", "", "", "\n/OCMT/EUR4,50/", "\n "]
HEADS = st.tuples(*map(st.sampled_from, (DAYS, MARKS, AMOUNTS, TYPES, OWN, REFERENCES, BELOW))).map("".join)


@pytest.mark.parametrize(
    "parts", [(DAYS, MARKS, AMOUNTS, ["NTRF"]), (DAYS[:1], ["C"], ["1,00"], TYPES, OWN, REFERENCES)]
)
def test_both_ways_agree_on_every_form_of_field_61(parts: tuple[list[str], ...]) -> None:
    for head in product(*parts):
        for text in (ORDINARY[1:], [":86:166?20Invoice 1?32EXAMPLE"]):
            assert_both_ways_agree(mt940(f":61:{''.join(head)}", *text, *ORDINARY))


PIECES = st.sampled_from(
    [
        "?00GUTSCHRIFT",
        "?109251",
        "?20EREF+INV-1",
        "?20EREF+NOTPROVIDED",
        "?20EREF+NOTPROVIDED2",
        "?20EREF+",
        "?20EREF+" + "e" * 22,
        "?20EREF+" + "E" * 22,
        "?21" + "f" * 13,
        "?21" + "F" * 27,
        "?20MUSTDEFF",
        "?20MUSTDEFFXXX",
        "?21DE02120300000000202051",
        "?22MREF+" + "M" * 22,
        "?26" + "w" * 26 + " ",
        "?27 " + "v" * 9 + " ",
        "?21KREF+K 1",
        "?21KREF+K1",
        "?22MREF+M1",
        "?23CRED+C1",
        "?23CRED+NOTPROVIDED",
        "?20EREF+/VS1/SS2/KS3",
        "?20EREF+/VS1/SS2/KS3/",
        "?24DEBT+C1",
        "?24SVWZ+Invoice  1 ",
        "?24SVWZ+",
        "?24SVWZ+a+b",
        "?24SVWZ+\u00a0a\tb\x0b",
        "?25 of march",
        "?25",
        "?26IBAN: DE1",
        "?27" + "x" * 26,
        "?28" + "y" * 27,
        "?24SVWZ+" + "z" * 21,
        "?24SVWZ+" + "z" * 22,
        "?29ABWA+other",
        "?60more",
        "?30MUSTDEFF",
        "?30",
        "?31DE02 1203",
        "?31DE02120300000000202051",
        "?31+1",
        "?32EXAMPLE ",
        "?32",
        "?33 LTD",
        "?34999",
        "?34 9 ",
        "?10 12 3",
        "?00",
        "?00  a  b",
        "?00POSTED",
        "?38DE02120300000000202051",
        "?x",
        "??",
    ]
)


HEADS_OF_TEXTS = [
    ORDINARY[0],
    ":61:250304D1,00NMSCNONREF",
    ":61:2503040304RD1,00NTRFa b//c d\n/OCMT/EUR4,50/CHGS/EUR1,00/",
    ":61:2503040304D7,5N541NL91ABNA0417164300\nEXAMPLE LTD",
    ":61:2503040304C1,00NCHK1234//B1",
    ":61:2503040304C1,00NTRF0417164300      EXAMPLE LTD",
]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text of numbered subfields, mostly in their order, with line ends anywhere in it."""
    pieces = draw(st.lists(PIECES, max_size=9))
    if draw(st.integers(0, 3)):
        pieces = sorted(set(pieces), key=lambda piece: piece[:3])
    text = draw(st.sampled_from(["166", "166", "166", "16", "", "1666", "abc"])) + "".join(pieces)
    for place in draw(st.lists(st.integers(1, len(text) or 1), max_size=3)):
        text = f"{text[:place]}\n{text[place:]}"
    return f":86:{text}"


OTHER_TEXTS = st.lists(
    st.sampled_from(
        [
            "",
            ":86:Invoice 1",
            ":86: Invoice  1 \nof march\n thanks",
            ":86:Invoice\n\n1",
            ":86:/EREF/INV-1/NAME/EXAMPLE LTD/REMI/Invoice 1\n of march",
            ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/REMI/x/OCMT/EUR4,50/EXCH/1,1/",
            ":86:/EREF/E1//CNTP/NL91ABNA0417164300/ABNANL2A/EXAMPLE///REMI/USTD//Invoice/",
            ":86:/RTRN/AC04/ULTD//NAME/OTHER/",
            ":86:020^00TRANSFER^20Invoice^32EXAMPLE^38PL61109010140000071219812874",
            ":86:177?00CREDIT?20EREF+E1?21SVWZ+Invoice?22ABWA+OTHER?32EXAMPLE",
            ":86:SEPA OVERBOEKING                 IBAN: NL91ABNA0417164300",
            ":86:Z04?Invoice 1?of march",
            ":86:VS:123 SS:4 Invoice",
            ":86:REK: NL91ABNA0417164300/NAAM: EXAMPLE",
            ":86:166",
            ":86:",
            ":86:Invoice\n-of march",
        ]
    ),
    min_size=1,
    max_size=2,
).map("\n".join)
"""Texts of other dialects, none, and two of one entry."""


AFTER = st.sampled_from(
    ["", "", "", "", "\n:86:more", "\n-", "\n:20:15", "\n:NS:01x", "\n{5:}", "\n :61:2503040304C1,00NTRF"]
)


@given(st.lists(st.tuples(HEADS, texts() | OTHER_TEXTS, AFTER), min_size=1, max_size=3), st.integers(0, 9))
@settings(max_examples=400, deadline=None)
def test_both_ways_agree_on_any_mixture(entries: list[tuple[str, str, str]], odd: int) -> None:
    lines = [f":61:{head}\n{text}{after}" for head, text, after in entries]
    data = mt940(*ORDINARY, *lines, *ORDINARY)
    if odd == 0:
        data = data.replace(b":60F:", b":60X:")
    if odd == 1:
        data = b"\n" + data + b"\n".join(line.encode() for line in (*ORDINARY, ":61:2503040304C1,00NTRF"))
    assert_both_ways_agree(data)


@pytest.mark.parametrize("damaged", ["refuse", "report"])
def test_of_several_faults_the_first_of_the_file_is_told_first(damaged: Literal["refuse", "report"]) -> None:
    bad = ":61:2513010101C1,00NTRFNONREF"  # the first of them comes in a run, the second does not
    data = mt940(*ORDINARY, bad, ":86:166?00GUTSCHRIFT", bad, ":86:166", *ORDINARY)
    if damaged == "refuse":
        with pytest.raises(StatementError) as caught:
            read_statements(data)
        assert caught.value.line == 8
    else:
        (statement,) = read_statements(data, unbalanced="report", damaged="report")
        assert [finding.line for finding in statement.findings] == [8, 10]
        assert len(statement.entries) == 2


@given(st.lists(texts() | OTHER_TEXTS, min_size=1, max_size=4), st.sampled_from(HEADS_OF_TEXTS))
@settings(max_examples=400, deadline=None)
def test_both_ways_agree_on_any_text(found: list[str], head: str) -> None:
    assert_both_ways_agree(mt940(*(line for text in found for line in (head, *filter(None, [text])))))


@given(st.integers(0, 10**6), st.sampled_from("0123456789CDR,.+-? NSX\n\r:/{"))
@settings(max_examples=400, deadline=None)
def test_both_ways_agree_on_a_changed_character(place: int, character: str) -> None:
    data = mt940(*ORDINARY * 3)
    at = place % len(data)
    assert_both_ways_agree(data[:at] + character.encode() + data[at + 1 :])


def test_blanks_that_meet_between_the_parts_of_a_name_are_one() -> None:
    data = mt940(ORDINARY[0], ":86:166?20a  b?21 c ?32EXAMPLE ?33 LTD")
    (entry,) = read_quickly(data)
    assert entry.counterparty is not None
    assert (entry.counterparty.name, entry.remittance) == ("EXAMPLE LTD", ("a b", "c"))
    assert_both_ways_agree(data)


def test_an_entry_read_quickly_is_a_value_as_any_other() -> None:
    (entry,) = read_quickly(mt940(*ORDINARY))
    assert entry.counterparty is not None
    made = Entry(**{item.name: getattr(entry, item.name) for item in fields(Entry)})
    for value, same in ((entry, made), (entry.amount, made.amount), (entry.counterparty, replace(entry.counterparty))):
        assert type(value) is type(same)
        assert (value, hash(value), repr(value)) == (same, hash(same), repr(same))
        assert pickle.loads(pickle.dumps(value)) == value
        assert not hasattr(value, "__dict__")
        with pytest.raises(FrozenInstanceError):
            setattr(value, fields(value)[0].name, None)


def test_what_is_not_ordinary_after_all_comes_as_printed() -> None:
    data = mt940(ORDINARY[0].replace("0304C", "0230C"), *ORDINARY[1:]).decode()
    (run,) = [part for part in scan_fields(data) if isinstance(part, Run)]
    printed: list[RawEntry] = []

    def read(raw: RawEntry) -> list[Entry]:
        printed.append(raw)
        return []

    assert mt940_quick.quick_entries(run, Currency("EUR"), None, read) == []
    (raw,) = printed
    assert (raw.here.line, raw.texts) == (5, [ORDINARY[1].removeprefix(":86:"), ORDINARY[2]])
    assert raw.printed == "\n".join([ORDINARY[0].replace("0304C", "0230C"), *ORDINARY[1:]])
