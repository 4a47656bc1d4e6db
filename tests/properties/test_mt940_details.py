"""Field 86 has a quick way for its common shape; it says what the general way says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking.formats import mt940_details

PARTS = st.sampled_from(
    ["EREF+", "MREF+", "SVWZ+", "ABWA+", "IBAN+", "a", "B 1", " ", "NOTPROVIDED", "+", "x y ", "9" * 20]
)
PIECES = st.lists(st.lists(PARTS, max_size=3).map("".join), max_size=4)


@given(PIECES)
@settings(max_examples=1000, deadline=None)
def test_the_quick_way_agrees_with_the_general_way(pieces: list[str]) -> None:
    quick = mt940_details._by_piece(pieces)
    assert quick is None or quick == mt940_details._keywords(mt940_details._joined(pieces))
