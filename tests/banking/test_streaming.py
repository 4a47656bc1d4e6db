"""Long files in pieces say what the same files say when they are read whole, and nothing of them is held for long."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oimkit.banking import Entry, Limits, Statement, iter_statements, join_pages, read_statements
from oimkit.errors import InputError, StatementError
from tests.banking.statement_files import FILES, balance, camt053, codes, content, mt940, ntry, ofx

PATHS = sorted(
    path
    for folder in ("golden/*", "mt940", "ofx1", "ofx2", "camt053")
    for path in FILES.glob(f"{folder}/*.*")
    if path.suffix != ".json"
)
REPORTED = {"unbalanced": "report", "damaged": "report"}


class Trickle:
    """A stream that gives a few bytes at a time, whatever it is asked for."""

    def __init__(self, data: bytes, most: int = 64) -> None:
        self.rest, self.most = io.BytesIO(data), most

    def read(self, size: int) -> bytes:
        return self.rest.read(min(size, self.most))


def stream(data: bytes, most: int = 64) -> BinaryIO:
    return cast(BinaryIO, Trickle(data, most))


@pytest.fixture(params=[1, 7, 64, 256 * 1024], ids=lambda size: f"pieces-of-{size}")
def piece_chars(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How much of a file is read at a time."""
    size: int = request.param
    monkeypatch.setattr("oimkit.banking.streaming.PIECE_CHARS", size)
    return size


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oimkit.banking.streaming.PIECE_CHARS", 64)


def said(statements: Iterable[Statement]) -> list[object]:
    """All that statements say, with what their equality leaves out."""
    return [(each, each.line, each.member, list(printed(each.entries))) for each in join_pages(statements)]


def printed(entries: Iterable[Entry]) -> Iterator[tuple[int | None, str | None]]:
    for entry in entries:
        yield entry.line, entry.raw
        yield from printed(entry.details)


def parts(data: bytes, part_entries: int = 1, **options: Any) -> list[Statement]:
    return list(iter_statements(stream(data), part_entries=part_entries, **options))


def amounts(statements: Iterable[Statement]) -> list[list[str]]:
    return [[entry.amount.text for entry in each.entries] for each in statements]


# -- the same as read whole ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_parts_joined_are_the_statements_read_whole(path: Path, piece_chars: int) -> None:
    data = path.read_bytes()
    whole = said(read_statements(data, **REPORTED))  # type: ignore[arg-type]
    for part_entries in (1, 2, 3, 5_000):
        assert said(iter_statements(stream(data, piece_chars), part_entries=part_entries, **REPORTED)) == whole  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["mt940/two_pages.sta", "ofx1/brazil_offsets_and_commas.ofx"])
def test_a_path_is_opened_and_read(name: str, tmp_path: Path) -> None:
    whole = said(read_statements(content(name)))
    assert said(iter_statements(FILES / name)) == whole
    assert said(iter_statements(str(FILES / name))) == whole


def test_a_gzip_archive_is_unfolded_as_it_is_read(piece_chars: int) -> None:
    data = content("mt940/german_numbered.sta")
    half = len(data) // 2
    packed = gzip.compress(data[:half]) + gzip.compress(data[half:]) + bytes(512)
    assert said(iter_statements(stream(packed, piece_chars), part_entries=1)) == said(read_statements(packed))


def test_a_zip_archive_is_read_whole() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.sta", content("mt940/two_pages.sta"))
    assert said(iter_statements(stream(packed.getvalue()))) == said(read_statements(packed.getvalue()))


ENTRY = ":61:250301C1,00NTRFREF//B\n:86:"
WORDS = [
    "plain",
    "zwei Wörter",
    ":20:",
    ":61",
    "-",
    "{",
    "/EREF/7/REMI/x",
    "166?00A?20SVWZ+B?32C",
    "",
    "  ",
    ":99:x",
    "€",
]


@st.composite
def mixtures(draw: st.DrawFn) -> bytes:
    """Files of several statements in one format, with texts that look like other things, and some damage."""
    texts = draw(st.lists(st.lists(st.sampled_from(WORDS), max_size=3), max_size=6))
    kind = draw(st.sampled_from(["mt940", "ofx", "camt"]))
    total = f"C250331EUR{100 + len(texts)},00"
    if kind == "mt940":
        entries = [ENTRY + "\n".join(each) for each in texts]
        data = b"".join(draw(st.lists(st.just(mt940(*entries, closing=total)), min_size=1, max_size=3)))
    elif kind == "ofx":
        escaped = ["<MEMO>".join(each) for each in texts]
        data = ofx(*(f"<TRNAMT>{n}.00<DTPOSTED>20250301<FITID>{n % 3}<NAME>{text}" for n, text in enumerate(escaped)))
    else:
        spaces = draw(st.sampled_from(["", "\n", "\n<!-- <Ntry> -->"]))
        told = (f"<AddtlNtryInf>{' '.join(each)}</AddtlNtryInf>{spaces}" for each in texts)
        data = camt053(*(ntry("1.00", text) for text in told), closing=f"{100 + len(texts)}.00")
    at = draw(st.integers(0, len(data)))
    cut = draw(st.integers(0, 3))
    damaged = data[:at] + draw(st.binary(max_size=2)) + data[at + cut :]
    return draw(st.sampled_from([data, damaged, data.decode().encode("cp1252")]))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=mixtures(),
    part_entries=st.integers(1, 4),
    size=st.sampled_from([1, 3, 17, 64, 500]),
    options=st.sampled_from([{}, {"unbalanced": "report"}, REPORTED]),
)
def test_any_file_is_read_alike_or_refused(
    data: bytes, part_entries: int, size: int, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oimkit.banking.streaming.PIECE_CHARS", size)
    try:
        whole = said(read_statements(data, **options))
    except StatementError:
        with pytest.raises(StatementError):
            parts(data, part_entries, **options)
        return
    assert said(parts(data, part_entries, **options)) == whole


# -- what parts say -----------------------------------------------------------------------------------------------

LONG = mt940(
    *(f":61:25030{day}C{day},00NTRFR{day}//B{day}\n:86:text {day}" for day in range(1, 6)), closing="C250331EUR115,00"
)


def test_a_long_statement_comes_in_parts_without_invented_balances() -> None:
    first, second, last = parts(LONG, 2)
    assert amounts([first, second, last]) == [["1.00", "2.00"], ["3.00", "4.00"], ["5.00"]]
    assert {(each.account, each.number, each.currency.code, each.line) for each in (first, second, last)} == {
        ("DE02120300000000202051", "1", "EUR", 1)
    }
    assert [(each.continues, each.continued) for each in (first, second, last)] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert first.opening is not None and last.closing is not None
    assert [first.closing, second.opening, second.closing, last.opening] == [None] * 4


def test_a_statement_of_as_many_entries_as_a_part_is_whole() -> None:
    (whole,) = parts(LONG, 5)
    assert (whole.is_complete, whole.balanced) == (True, True)


def test_lines_are_those_of_the_file(small_pieces: None) -> None:
    found = [entry.line for part in parts(LONG, 2) for entry in part.entries]
    assert found == [5, 7, 9, 11, 13]


def test_a_refusal_names_the_line_of_the_file(small_pieces: None) -> None:
    reading = iter_statements(stream(LONG.replace(b":61:250305C5,00", b":61:259905C5,00")), part_entries=1)
    for _ in range(3):
        next(reading)
    with pytest.raises(StatementError) as refused:
        list(reading)
    assert (refused.value.line, refused.value.tag) == (13, "61")


@pytest.mark.parametrize("kind", ["mt940", "ofx1", "camt053"])
def test_a_record_that_is_left_out_is_reported_in_its_part(kind: str) -> None:
    data = {
        "mt940": LONG.replace(b"C4,00", b"C4.000,0.0"),
        "ofx1": ofx(*(f"<DTPOSTED>20250301<TRNAMT>{amount}" for amount in ("1.00", "2.00", "3.00", "4..0", "5.00"))),
        "camt053": camt053(*(ntry(amount) for amount in ("1.00", "2.00", "3.00", "4..0", "5.00"))),
    }[kind]
    first, second, *_ = found = parts(data, 2, **REPORTED)
    assert [amount for each in amounts(found) for amount in each] == ["1.00", "2.00", "3.00", "5.00"]
    assert (codes(first), codes(second)[:1]) == ([], ["record-not-read"])


def test_a_part_of_a_batch_counts_its_transactions() -> None:
    details = "".join(f'<TxDtls><Amt Ccy="EUR">{n}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>' for n in (1, 2))
    batch = ntry("3.00", f"<NtryDtls>{details}</NtryDtls>")
    data = camt053(batch, batch, closing="106.00")
    assert [len(each.entries) for each in parts(data, 5)] == [1, 1]
    assert [len(each.entries) for each in parts(data, 6)] == [2]


def test_without_its_last_part_a_statement_is_not_complete() -> None:
    first, _, _ = parts(LONG, 2)
    (alone,) = join_pages([first])
    assert (codes(alone), alone.is_complete) == (["page-missing"], False)


# -- the whole is checked -----------------------------------------------------------------------------------------

LEDGER = {
    "mt940": LONG.replace(b":62F:C250331EUR115,00", b":62F:C250331EUR116,00"),
    "camt053": camt053(ntry("1.00"), ntry("2.00"), closing="104.00"),
}


def test_an_entry_below_the_closing_balance_leaves_that_to_the_last_part() -> None:
    data = LONG.replace(b"-\n", b":61:250306C1,00NTRFR6//B6\n-\n")
    *earlier, last = parts(data, 1, unbalanced="report")
    assert [each.closing for each in earlier] == [None] * 5
    assert (last.closing is None, codes(last)) == (False, ["entry-after-closing", "parts-unbalanced"])


@pytest.mark.parametrize("data", LEDGER.values(), ids=LEDGER)
def test_parts_that_do_not_close_are_refused_at_the_last(data: bytes) -> None:
    reading = iter_statements(stream(data), part_entries=1)
    assert next(reading).continued
    with pytest.raises(StatementError, match="does not close: opening and entries differ"):
        list(reading)


@pytest.mark.parametrize("data", LEDGER.values(), ids=LEDGER)
def test_parts_that_do_not_close_are_reported_at_the_last(data: bytes) -> None:
    *earlier, last = parts(data, 1, unbalanced="report")
    assert codes(last) == ["parts-unbalanced"]
    assert not any(map(codes, earlier))
    (joined,) = join_pages([*earlier, last])
    assert (joined.balanced, codes(joined)) == (False, [])


def test_totals_are_those_of_the_whole(small_pieces: None) -> None:
    report = b":20:A\n:25:1\n:28C:1\n:34F:EUR0,\n" + b"".join(f":61:250301C{n},00NTRFA\n".encode() for n in range(1, 5))
    assert not any(map(codes, parts(report + b":90C:4EUR10,00\n-\n", 2)))
    *_, last = parts(report + b":90C:3EUR10,00\n-\n", 2)
    assert codes(last) == ["totals-differ"]


def test_totals_of_camt_are_those_of_the_whole(small_pieces: None) -> None:
    def data(count: int) -> bytes:
        total = f"<TxsSummry><TtlCdtNtries><NbOfNtries>{count}</NbOfNtries><Sum>6.00</Sum></TtlCdtNtries></TxsSummry>"
        return camt053(total, ntry("1.00"), ntry("2.00"), ntry("3.00"), closing="106.00")

    assert not any(map(codes, parts(data(3))))
    assert [codes(each) for each in parts(data(4))] == [[], [], ["totals-differ"]]


REVERSED = camt053(ntry("5.00"), ntry("2.00", "<RvslInd>true</RvslInd>"), closing="103.00")


def test_reversals_that_only_the_balance_decides_are_not_decided_in_parts() -> None:
    (whole,) = parts(REVERSED, 2)
    assert (whole.balanced, codes(whole)) == (True, ["sign-by-balance"])
    with pytest.raises(StatementError, match="cannot be decided in parts"):
        parts(REVERSED, 1)
    *_, last = parts(REVERSED, 1, unbalanced="report")
    assert codes(last) == ["parts-unbalanced"]


def test_balances_below_the_entries_come_with_the_last_part() -> None:
    above = camt053(ntry("1.00"), ntry("2.00"), closing="103.00")
    ends = (balance("OPBD", "100.00") + balance("CLBD", "103.00")).encode()
    below = above.replace(ends, b"").replace(b"</Stmt>", ends + b"</Stmt>")
    first, last = parts(below)
    assert (first.opening, first.closing) == (None, None)
    assert last.opening is not None and last.opening.amount.amount == Decimal("100.00")
    assert said([first, last]) == said(read_statements(below))
    with pytest.raises(StatementError, match="does not close"):
        parts(below.replace(b"100.00", b"101.00"))


def test_an_account_below_its_entries_is_refused_in_parts() -> None:
    account = b"<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    data = camt053(ntry("1.00"), ntry("2.00"), closing="103.00").replace(account, b"")
    data = data.replace(b"</Stmt>", account + b"</Stmt>")
    assert len(parts(data, 2)) == 1
    with pytest.raises(StatementError, match="stands below its entries"):
        parts(data, 1)


def test_an_entry_that_is_closed_in_its_own_tag_is_reported(piece_chars: int) -> None:
    data = camt053(ntry("1.00"), "<Ntry/>", ntry("2.00"), closing="103.00")
    (whole,) = read_statements(data, unbalanced="report")
    assert (len(whole.entries), codes(whole)) == (2, ["entry-not-read"])
    assert said(parts(data, 1, unbalanced="report")) == said([whole])


def test_a_period_below_the_entries_is_that_of_the_whole(small_pieces: None) -> None:
    data = ofx(*["<DTPOSTED>20250301<TRNAMT>1.00"] * 3).replace(b"</BANKTRANLIST>", b"<DTEND>20250331</BANKTRANLIST>")
    (whole,) = join_pages(parts(data))
    assert whole.period_end is not None
    assert said([whole]) == said(read_statements(data))


def test_a_comma_below_amounts_in_thousandths_is_refused(small_pieces: None) -> None:
    entry = "<DTPOSTED>20250301<FITID>{}<TRNAMT>{}"
    data = ofx(entry.format(1, "12.345"), entry.format(2, "1.5"), entry.format(3, "1,5"))
    with pytest.raises(StatementError, match="can be read in two ways"):
        parts(data, 1)
    with pytest.raises(StatementError):
        read_statements(data)


def test_a_repeated_id_is_found_in_another_part(small_pieces: None) -> None:
    data = ofx(*(f"<DTPOSTED>20250301<FITID>{fitid}<TRNAMT>1.00" for fitid in "abca"))
    assert [codes(each) for each in parts(data)] == [[], [], [], ["reference-repeated"]]


# -- refusals -----------------------------------------------------------------------------------------------------

CUT = {
    "mt940": LONG[: LONG.index(b":62F:")],
    "ofx1": ofx(*["<DTPOSTED>20250301<TRNAMT>1.00"] * 5)[:-20],
    "camt053": camt053(*[ntry("1.00")] * 5, closing="105.00")[:-40],
    "gzip": gzip.compress(LONG)[:-12],
}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT)
def test_a_file_that_is_cut_off_is_refused(data: bytes, piece_chars: int) -> None:
    with pytest.raises(StatementError):
        parts(data)


ENDLESS = {
    "mt940": LONG.replace(b"text 3", b"\n".join([b"text"] * 20_000)),
    "ofx1": ofx("<DTPOSTED>20250301<TRNAMT>1.00", "<DTPOSTED>20250301<TRNAMT>1.00" + "<MEMO>text" * 10_000),
    "camt053": camt053(ntry("1.00"), ntry("1.00", "<A>text</A>" * 10_000), closing="102.00"),
}


@pytest.mark.parametrize("data", ENDLESS.values(), ids=ENDLESS)
def test_an_entry_without_an_end_is_refused(data: bytes, small_pieces: None) -> None:
    with pytest.raises(StatementError, match="have to be held at once"):
        parts(data, limits=Limits(bytes=50_000))


def test_a_document_type_is_refused(piece_chars: int) -> None:
    data = camt053(ntry("1.00"), closing="101.00")
    with pytest.raises(StatementError, match="document type"):
        parts(data.replace(b"<Document", b'<!DOCTYPE d [<!ENTITY a "b">]><Document'))
    with pytest.raises(StatementError, match="document type"):
        parts(ofx("<DTPOSTED>20250301<TRNAMT>1.00").replace(b"<OFX>", b'<!DOCTYPE d SYSTEM "x"><OFX>'))


def test_limits_hold_over_the_whole(small_pieces: None) -> None:
    with pytest.raises(StatementError, match="more than 4 entries"):
        parts(LONG, limits=Limits(entries=4))
    with pytest.raises(StatementError, match="more than 2 statements"):
        parts(LONG * 3, limits=Limits(statements=2))
    with pytest.raises(StatementError, match="a line is longer than 20 characters"):
        parts(LONG, limits=Limits(line_chars=20))
    assert len(parts(LONG * 40, limits=Limits(bytes=len(LONG) * 2))) == 200


def test_what_is_read_whole_is_bounded() -> None:
    with pytest.raises(StatementError, match="of a kind that is read whole"):
        parts(content("golden/coda/ing_foreign_with_charges.cod"), limits=Limits(bytes=300))


def test_an_archive_that_unfolds_too_far_is_refused() -> None:
    bomb = gzip.compress(LONG + b"\n" * 3_000_000)
    with pytest.raises(StatementError, match="the archive unfolds to more"):
        parts(bomb, limits=Limits(bytes=100_000))
    with pytest.raises(StatementError, match="an archive stands inside the archive"):
        parts(gzip.compress(gzip.compress(LONG)))
    with pytest.raises(StatementError, match="something follows"):
        parts(gzip.compress(LONG) + b"more")


def test_arguments_are_checked_at_once() -> None:
    with pytest.raises(InputError):
        iter_statements(stream(LONG), part_entries=0)
    with pytest.raises(InputError):
        iter_statements(stream(LONG), damaged="report")
    with pytest.raises(InputError, match="neither a binary stream nor a path"):
        iter_statements(cast(Any, LONG))
    with pytest.raises(InputError, match="gives no bytes"):
        list(iter_statements(cast(Any, io.StringIO(LONG.decode()))))


# -- encodings ----------------------------------------------------------------------------------------------------

NAMES = LONG.decode().replace("text 1", "Zürich für €").replace("text 4", "Łódź déjà")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_no_character_is_cut(encoding: str, piece_chars: int) -> None:
    data = NAMES.encode(encoding, "replace")
    assert said(parts(data)) == said(read_statements(data))


def test_an_encoding_may_show_late(small_pieces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oimkit.banking.cutting.texts.EVIDENCE_BYTES", 40)
    assert said(parts(NAMES.encode())) == said(read_statements(NAMES.encode()))


def test_an_encoding_that_changes_is_refused(small_pieces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oimkit.banking.cutting.texts.EVIDENCE_BYTES", 150)
    data = NAMES.encode().replace("Łódź".encode(), b"L\xf3dz")
    with pytest.raises(StatementError, match="which does not fit what follows"):
        parts(data)


# -- memory -------------------------------------------------------------------------------------------------------


def long_file(kind: str, entries: int) -> bytes:
    if kind == "mt940":
        lines = (f":61:250301C1,00NTRFREF//B{n}\n:86:166?00TEXT?20SVWZ+some words {n}?32NAME" for n in range(entries))
        return mt940(*lines, closing=f"C250331EUR{100 + entries},00")
    if kind == "ofx1":
        return ofx(*(f"<DTPOSTED>20250301<TRNAMT>1.00<FITID>{n % 9}<NAME>some words {n}" for n in range(entries)))
    return camt053(
        *(ntry("1.00", f"<AddtlNtryInf>words {n}</AddtlNtryInf>") for n in range(entries)),
        closing=f"{100 + entries}.00",
    )


@pytest.mark.parametrize("kind", ["mt940", "ofx1", "camt053"])
def test_memory_does_not_grow_with_the_file(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oimkit.banking.streaming.PIECE_CHARS", 16 * 1024)
    monkeypatch.setattr("oimkit.banking.cutting.texts.EVIDENCE_BYTES", 64 * 1024)
    small, large = (_peak(long_file(kind, entries)) for entries in (2_000, 6_000))
    assert large < small + 128 * 1024


def _peak(data: bytes) -> int:
    source = stream(data, 16 * 1024)
    tracemalloc.start()
    try:
        for _ in iter_statements(source, part_entries=200, unbalanced="report"):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
