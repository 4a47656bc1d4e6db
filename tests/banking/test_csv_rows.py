"""Rows and cells of delimited text: cut strictly, bounded, with the lines they stand on."""

from __future__ import annotations

import pytest

from oimkit.banking.formats.csv_rows import Cutting, Row, rows_of
from oimkit.banking.limits import LIMITS, Limits
from oimkit.errors import StatementError


def rows(text: str, *, multiline: bool = True, limits: Limits = LIMITS) -> list[Row]:
    return list(rows_of(text, limits=limits, multiline=multiline).below(-1))


def cells(text: str, delimiter: str = ";", quote: str | None = '"') -> list[str]:
    return Cutting(delimiter, quote).cells(Row(7, text))


def test_blank_lines_are_no_rows_and_are_counted() -> None:
    assert rows("a;b\n\n  \nc;d\n") == [Row(1, "a;b"), Row(4, "c;d")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_kind_of_line_end(end: str) -> None:
    assert rows(f"a;b{end}c;d{end}") == [Row(1, "a;b"), Row(2, "c;d")]


def test_a_quoted_cell_may_run_over_lines() -> None:
    (row, last) = rows('1;"two\nlines";3\n4;5;6\n')
    assert (row.line, cells(row.text), last.line) == (1, ["1", "two\nlines", "3"], 3)


def test_only_line_ends_break_lines() -> None:
    assert rows("a\u2028b;c\x0bd\n") == [Row(1, "a\u2028b;c\x0bd")]


def test_a_quoted_cell_that_never_ends_is_refused_with_its_line() -> None:
    first, second = rows('a;"b\nc;d\n')
    assert cells(second.text) == ["c", "d"]
    with pytest.raises(StatementError, match="quotes do not stand around whole cells") as refused:
        Cutting(";").cells(first)
    assert refused.value.line == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a;b;", ["a", "b", ""]),
        ('"a";"b;c";"d"', ["a", "b;c", "d"]),
        ('"say ""yes""";2', ['say "yes"', "2"]),
        ('a; "b" ;c', ["a", "b", "c"]),
        ('="0012";x', ["0012", "x"]),
        ('"";""', ["", ""]),
        ('1;"";""""', ["1", "", '"']),
    ],
)
def test_cells(text: str, wanted: list[str]) -> None:
    assert cells(text) == wanted


@pytest.mark.parametrize("text", ['a"b;c', '"a"b;c', 'NL77";"EUR"', 'a;b"', '"a;"b"'])
def test_a_quote_inside_a_cell_is_refused(text: str) -> None:
    with pytest.raises(StatementError) as refused:
        cells(text)
    assert refused.value.line == 7


def test_a_layout_without_quotes_keeps_them() -> None:
    assert cells('a "b" c\td', "\t", None) == ['a "b" c', "d"]


def test_apostrophes_quote_whole_cells_and_begin_names() -> None:
    assert cells("'t Hof,Straat,'huur, juni',26", ",", "'") == ["'t Hof", "Straat", "huur, juni", "26"]


def test_excels_first_line_names_the_delimiter() -> None:
    cut = rows_of("sep=|\na|b\n", limits=LIMITS, multiline=True)
    assert (cut.delimiter, list(cut.below(-1))) == ("|", [Row(2, "a|b")])


def test_a_row_beyond_the_bound_is_refused() -> None:
    with pytest.raises(StatementError, match="a row is longer than 100 characters") as refused:
        rows("a;b\n" + "x" * 101, limits=Limits(line_chars=100))
    assert refused.value.line == 2


def test_a_quoted_cell_beyond_the_bound_is_cut_into_lines() -> None:
    found = rows('a;"' + "y\n" * 60 + '"', limits=Limits(line_chars=100))
    assert [row.text for row in found] == ['a;"y', *["y"] * 59, '"']
