"""A text cut into lines piece by piece gives the lines that it has."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.banking.formats import text_lines
from oimkit.banking.limits import LIMITS


@given(st.text("ab\r\n", max_size=40), st.integers(1, 8))
def test_lines_are_those_between_the_ends_wherever_a_piece_is_cut(text: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_lines, "_PIECE", piece)
        read = [line for _, line in text_lines.lines_in(text, format="n43", limits=LIMITS)]
    assert read == re.split(r"\r\n|\r|\n", text)
