"""Entries of OFX that share their tags are cut whole; what comes out is what reading tag by tag gives."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking.formats import ofx_gather, ofx_records
from oimkit.banking.formats.ofx_records import Record, parts
from oimkit.banking.limits import LIMITS, Limits
from tests.banking.statement_files import FILES, ofx
from tests.banking.two_ways import assert_ways_agree, assert_ways_agree_on_corpus

USUAL = "<TRNTYPE>DEBIT\n<DTPOSTED>20250304120000[-3:BRT]\n<TRNAMT>-1.50\n<FITID>A1\n<NAME>SHOP  1\n<MEMO>Text\n"


def tag_by_tag_only() -> AbstractContextManager[object]:
    """No entry has a plan."""
    return patch.object(ofx_records, "_MOST_PLANS", 0)


def nothing_ordinary() -> AbstractContextManager[object]:
    """Entries are cut whole, and none is read quickly."""
    return patch.object(ofx_gather, "quick_entry", lambda *_: None)


def assert_all_ways_agree(data: bytes, **options: Limits) -> None:
    for damaged in ("refuse", "report"):
        switches = (nothing_ordinary, tag_by_tag_only)
        assert_ways_agree(data, switches=switches, format="ofx1", damaged=damaged, **options)


def records(data: bytes) -> list[Record]:
    return [part for part in parts(data.decode(), "ofx1", LIMITS) if isinstance(part, Record)]


def test_entries_of_one_shape_share_a_plan() -> None:
    found = records(ofx(*[USUAL] * 50))
    assert len(found) == 50
    assert len({id(record.plan) for record in found}) == 1
    assert all(record.common() is not None for record in found)


def test_an_entry_with_parties_is_cut_whole_and_not_ordinary() -> None:
    (record,) = records(ofx(f"{USUAL}<PAYEE><NAME>A</PAYEE><BANKACCTTO><ACCTID>1</BANKACCTTO>"))
    assert record.common() is None
    assert record.raw().values["PAYEE.NAME"] == "A"


@pytest.mark.parametrize(
    "body",
    [
        f"{USUAL}<TRNAMT>2.00",  # twice
        f"{USUAL}<PAYEE><NAME>A",  # never closed
        f"{USUAL}<STATUS><CODE>0</STATUS>",
        f"{USUAL}<NAME>5 < 6",
        USUAL + "<X>1" * 70,
    ],
)
def test_an_entry_of_another_form_is_read_tag_by_tag(body: str) -> None:
    data = ofx(body, USUAL)
    assert len(records(data)) == 1
    assert_all_ways_agree(data)


def test_more_shapes_than_are_remembered_are_read_all_the_same() -> None:
    data = ofx(*[f"{USUAL}<X{number}>1" for number in range(100)])
    assert len(records(data)) == ofx_records._MOST_PLANS
    assert_all_ways_agree(data)


PATHS = sorted(
    path
    for folder in ("ofx1", "ofx2", "golden/ofx1", "golden/ofx2")
    for path in (FILES / folder).iterdir()
    if path.suffix != ".json"
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_all_ways_agree_on_every_invented_file(path: Path) -> None:
    assert_all_ways_agree(path.read_bytes())


@pytest.mark.corpus
def test_all_ways_agree_on_every_file_of_the_corpus(corpus: Path) -> None:
    assert_ways_agree_on_corpus(corpus, ("ofx1", "ofx2"), assert_all_ways_agree)


@pytest.mark.parametrize("most", [1, 2, 49, 50])
def test_the_first_entry_beyond_the_limit_is_named(most: int) -> None:
    assert_all_ways_agree(ofx(*[USUAL] * 50), limits=Limits(entries=most))


@pytest.mark.parametrize("most", range(20, 400, 20))
def test_the_first_value_that_is_too_long_is_named(most: int) -> None:
    long = USUAL.replace("Text", "x" * 100)
    data = ofx(USUAL, long, USUAL).replace(b"</STMTTRN>\n", b"</STMTTRN>" + b"y" * 50 + b"\n", 1)
    assert_all_ways_agree(data, limits=Limits(line_chars=most))


@pytest.mark.parametrize("depth", range(1, 8))
def test_the_first_element_that_is_too_deep_is_named(depth: int) -> None:
    assert_all_ways_agree(ofx(USUAL, f"{USUAL}<PAYEE><NAME>A</PAYEE>", USUAL), limits=Limits(depth=depth))


ELEMENTS = st.sampled_from(
    [
        *("<TRNTYPE>DEBIT", "<TRNTYPE>", "<TRNTYPE>CREDIT</TRNTYPE>", "<trntype>x"),
        *("<DTPOSTED>20250304", "<DTPOSTED> 20250304120000[-0300:BRT]\n", "<DTPOSTED>00000000", "<DTPOSTED>2025"),
        *("<DTAVAIL>20250305", "<DTAVAIL>", "<DTUSER>20250301", "<DTAVAIL>20251399"),
        *("<TRNAMT>-1.50", "<TRNAMT> 1,5 ", "<TRNAMT>+5", "<TRNAMT>0.00", "<TRNAMT>-0", "<TRNAMT>1.234", "<TRNAMT>"),
        *("<TRNAMT>1.234,56", "<TRNAMT>.5", "<TRNAMT>5.", "<TRNAMT>1,234", "<TRNAMT>$1", "<TRNAMT>1.50</TRNAMT>\n"),
        *("<FITID>A", "<FITID>B ", "<FITID>", "<FITID>a\tb", "<FITID>A</FITID>"),
        *("<NAME>SHOP", "<NAME>a  b", "<NAME>a &amp; b", "<NAME>a < b", "<NAME>\u00a0", "<NAME>\u00e9</NAME>"),
        *("<MEMO>one", "<MEMO>two\nlines", "<MEMO> ", "<MEMO>", "<EXTDNAME>more"),
        *("<CHECKNUM>12", "<CHECKNUM>000", "<REFNUM>R", "<SIC>1", "<SRVRTID>S", "<CORRECTFITID>A"),
        *("<PAYEE><NAME>P</PAYEE>", "<PAYEE><NAME>P<ADDR1>1 Road", "</PAYEE>", "<BANKACCTTO><ACCTID>1</BANKACCTTO>"),
        *("<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY>", "<ORIGCURRENCY><CURSYM>GBP</ORIGCURRENCY>"),
        *("<STATUS><CODE>1</STATUS>", "<X y='1'>1", "<Y/>", "</STMTTRN>", "<STMTTRN>", "<STMTTRNP>", "</STMTTRNP>"),
        *("</BANKTRANLIST>", "<LEDGERBAL><BALAMT>2.00</LEDGERBAL>", "\n", "plain text", "<", "<!-- x -->"),
    ]
)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """An entry: mostly an ordinary one with a thing or two changed, or any elements."""
    found = draw(st.lists(ELEMENTS, max_size=8))
    if draw(st.integers(0, 3)):
        usual = USUAL.splitlines(keepends=True)
        for element in found[:2]:
            usual[draw(st.integers(0, len(usual) - 1))] = element
        found = usual
    return "".join(found)


@given(st.lists(bodies(), min_size=1, max_size=6), st.sampled_from(["\n", "", " ", "text", "<DTEND>1"]))
@settings(max_examples=300, deadline=None)
def test_all_ways_agree_on_any_elements(found: list[str], between: str) -> None:
    data = ofx(USUAL, *found, USUAL).decode().replace("</STMTTRN>\n", f"</STMTTRN>{between}")
    assert_all_ways_agree(data.encode())


@given(st.integers(0, 10**6), st.sampled_from("0123456789CDR,.+-? <>/&\n"))
@settings(max_examples=300, deadline=None)
def test_all_ways_agree_on_a_changed_character(place: int, character: str) -> None:
    data = ofx(USUAL, f"{USUAL}<PAYEE><NAME>A</PAYEE>", USUAL, USUAL)
    at = place % len(data)
    assert_all_ways_agree(data[:at] + character.encode() + data[at + 1 :])


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=2), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_all_ways_agree_on_pieces_moved_about(cut: list[int], place: int) -> None:
    data = ofx(USUAL, f"{USUAL}<PAYEE><NAME>A</PAYEE>", USUAL)
    begin, end = sorted(number % len(data) for number in cut)
    piece, rest = data[begin:end], data[:begin] + data[end:]
    at = place % (len(rest) + 1)
    assert_all_ways_agree(rest[:at] + piece + rest[at:])
