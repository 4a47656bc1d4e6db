"""The report page: escaped, self-contained, empty parts left out."""

import pytest

from oimkit.errors import InputError
from oimkit.report import Explanation, Figure, Page, Section, Step, Table, Tone, render_page


def test_text_is_never_taken_for_markup() -> None:
    page = Page(
        title="<b>x</b>",
        summary="<script>alert(1)</script>",
        sections=(Section("h", tables=(Table(("a",), (("<img src=x>",),)),), steps=(Step("<i>", "<u>"),)),),
    )
    html = render_page(page)
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_nothing_is_fetched_from_outside() -> None:
    html = render_page(Page(title="t", summary="s", figures=(Figure("3", "x", Tone.DONE),)))
    assert "http" not in html.replace("http-equiv", "")
    assert "src=" not in html


def test_empty_parts_are_left_out() -> None:
    html = render_page(Page(title="t", summary="s", sections=(Section("only a heading"),)))
    body = html.split("<body>")[1]
    for tag in ("<table", "<details", "<ol", "<ul", "<footer"):
        assert tag not in body


def test_explanations_open_below_their_summary() -> None:
    html = render_page(
        Page(title="t", summary="s", sections=(Section("h", explanations=(Explanation("sum", ("one", "two")),)),))
    )
    assert html.index("<summary>sum") < html.index("<li>one") < html.index("<li>two")


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(InputError):
        Table(("a", "b"), (("only one",),))
