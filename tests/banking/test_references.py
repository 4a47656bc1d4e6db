"""Structured creditor references: each standard's published example, each kind of slip, and texts around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.banking.references import ReferenceKind, find_references, read_reference


def kinds(text: str) -> set[str]:
    return {reference.kind.value for reference in read_reference(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("RF18 5390 0754 7034", "rf"),
        ("RF18539007547034", "rf"),
        ("rf471234567890", "rf"),
        ("+++090/9337/55493+++", "be"),
        ("***090/9337/55493***", "be"),
        ("090933755493", "be"),
        ("1234561", "fi"),
        ("00000000000001234561", "fi"),
        ("12 34561", "fi"),
        ("21 00000 00003 13947 14300 09017", "ch"),
        ("210000000003139471430009017", "ch"),
        ("2345676", "no"),
        ("5000056789012345", "nl"),
    ],
)
def test_published_form_is_read(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text", ["RF19539007547034", "+++090/9337/55494+++", "RF18", "", "RF185390075470341234567890123"]
)
def test_wrong_check_digits_or_length_are_no_reference(text: str) -> None:
    assert not kinds(text) & {"rf", "be"}


def test_kid_with_modulus_eleven_may_end_with_a_dash() -> None:
    # 3*2 + 2*3 + 1*4 = 16, and 16 + 6 = 22; for 5: 5*2 = 10, 10 + 1 = 11; for 6: 12, 12 + 10 = 22 -> dash
    assert kinds("1236") >= {"no"}
    assert kinds("6-") == {"no"}


def test_slovenian_models_with_one_check_digit_are_read_and_others_left_alone() -> None:
    # 3*2 + 2*3 + 1*4 = 16, 11 - 16 mod 11 = 6
    assert kinds("SI12 1236") == {"si"}
    assert kinds("SI01 1-2-36") == {"si"}
    assert kinds("SI12 1237") == set()
    assert kinds("SI05 1236") == set()


def test_dutch_check_digit_stands_first() -> None:
    assert "nl" not in kinds("6000056789012345")


def test_finnish_reference_inside_rf_may_be_quoted_without_it() -> None:
    (wrapped,) = [each for each in read_reference("RF34 1234 561") if each.kind is ReferenceKind.RF]
    assert wrapped.keys == ("RF341234561", "1234561")


def test_reference_is_found_in_a_text_with_its_place() -> None:
    text = "Invoice paid, ref +++090/9337/55493+++ thank you"
    (found,) = [each for each in find_references(text) if each.reference.kind is ReferenceKind.BE]
    assert text[found.start : found.end] == "+++090/9337/55493+++"
    assert found.marked


def test_rf_reference_ends_where_its_check_digits_say() -> None:
    (found,) = find_references("PAY RF18 5390 0754 7034 TO US")
    assert found.reference.value == "RF18539007547034"


@pytest.mark.parametrize("text", ["1090933755493", "090933755493 4"[:-2] + "4", "X210000000003139471430009017"])
def test_number_inside_a_longer_number_is_not_found(text: str) -> None:
    assert not any(each.reference.kind in (ReferenceKind.BE, ReferenceKind.CH) for each in find_references(text))


def test_very_long_text_is_no_reference() -> None:
    assert read_reference("1" * 10_000) == ()


@given(st.integers(min_value=0, max_value=10**10 - 1))
def test_every_changed_digit_of_a_belgian_reference_is_noticed(body: int) -> None:
    digits = f"{body:010d}{body % 97 or 97:02d}"
    assert "be" in kinds(digits)
    for place in range(12):
        slip = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        assert "be" not in kinds(slip)


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_places_lie_inside(text: str) -> None:
    for found in find_references(text):
        assert 0 <= found.start < found.end <= len(text.upper())
        assert found.reference in read_reference(text.upper()[found.start : found.end])
