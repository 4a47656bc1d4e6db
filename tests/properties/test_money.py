"""Laws of money: they hold for every amount, currency and weight, not only for the examples."""

from __future__ import annotations

import decimal
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from oimkit.errors import AmountError, CurrencyMismatch, InputError
from oimkit.money import Currency, Money, Rounding, round_to, split, total

CODES = {0: "JPY", 2: "EUR", 3: "BHD", 4: "CLF"}
currencies = st.sampled_from([*CODES.values(), "CHF", "USD"])
units = st.integers(min_value=-(10**18), max_value=10**18)
decimals = st.decimals(
    min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=None
).filter(lambda value: len(value.as_tuple().digits) + abs(int(value.as_tuple().exponent)) <= 40)
modes = st.sampled_from(list(Rounding))


@st.composite
def payable(draw: st.DrawFn, currency: str | None = None) -> Money:
    return Money.from_minor_units(draw(units), currency or draw(currencies))


@st.composite
def pair(draw: st.DrawFn) -> tuple[Money, Money]:
    currency = draw(currencies)
    return Money(draw(decimals), currency), Money(draw(decimals), currency)


weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=60).filter(any)
decimal_weights = st.lists(st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=30).filter(any)


@given(payable(), weights | decimal_weights)
def test_parts_sum_to_the_whole_exactly(whole: Money, shares: list[int] | list[Decimal]) -> None:
    parts = split(whole, shares)
    assert total(parts, whole.currency) == whole
    assert len(parts) == len(shares)


@given(payable(), weights)
def test_every_part_is_payable_and_has_the_sign_of_the_whole(whole: Money, shares: list[int]) -> None:
    for part in split(whole, shares):
        assert part.is_payable
        assert part.amount * whole.amount >= 0


@given(payable(), weights)
def test_no_part_is_a_minor_unit_or_more_off_its_exact_share(whole: Money, shares: list[int]) -> None:
    for part, weight in zip(split(whole, shares), shares, strict=True):
        exact_numerator = whole.minor_units * weight
        assert abs(part.minor_units * sum(shares) - exact_numerator) < sum(shares)


@given(payable(), weights)
def test_part_without_weight_gets_nothing(whole: Money, shares: list[int]) -> None:
    parts = split(whole, shares)
    assert all(not part for part, weight in zip(parts, shares, strict=True) if weight == 0)


@given(payable(), weights)
def test_heavier_part_is_never_smaller(whole: Money, shares: list[int]) -> None:
    by_weight = sorted(zip(shares, (abs(part) for part in split(whole, shares)), strict=True), key=lambda both: both[0])
    for (light, small), (heavy, large) in pairwise(by_weight):
        assert light == heavy or small <= large


@given(payable(), weights)
def test_splitting_the_opposite_gives_the_opposite_parts(whole: Money, shares: list[int]) -> None:
    assert split(-whole, shares) == tuple(-part for part in split(whole, shares))


@given(payable(), weights, st.integers(min_value=1, max_value=1000))
def test_only_the_proportion_of_weights_counts(whole: Money, shares: list[int], factor: int) -> None:
    assert split(whole, [weight * factor for weight in shares]) == split(whole, shares)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10, 99, 100, 101, 999, 1000])
@pytest.mark.parametrize("currency", CODES.values())
def test_equal_split_of_any_length_is_exact_and_even(count: int, currency: str) -> None:
    whole = Money.from_minor_units(-100_003, currency)
    parts = split(whole, [1] * count)
    assert total(parts, currency) == whole
    assert max(part.minor_units for part in parts) - min(part.minor_units for part in parts) <= 1


def test_left_over_units_go_to_the_earlier_part_on_a_tie() -> None:
    assert [part.minor_units for part in split(Money("0.05", "EUR"), [1, 1, 1, 1])] == [2, 1, 1, 1]


def test_whole_that_cannot_be_paid_is_not_split() -> None:
    with pytest.raises(AmountError):
        split(Money("0.005", "EUR"), [1, 1])


@pytest.mark.parametrize("bad", [[], [0, 0], [1, -1], [Decimal("NaN")], [Decimal("Infinity"), 1]])
def test_weights_that_say_nothing_are_refused(bad: list[int | Decimal]) -> None:
    with pytest.raises(InputError):
        split(Money("1.00", "EUR"), bad)


@given(decimals, modes, st.integers(min_value=0, max_value=4))
def test_rounding_to_a_power_of_ten_is_what_decimal_does(value: Decimal, mode: Rounding, places: int) -> None:
    step = Decimal(1).scaleb(-places)
    with decimal.localcontext() as context:
        context.prec = 100
        expected = value.quantize(step, rounding=mode.value)
    assert round_to(value, step, mode) == expected


@given(decimals, modes, st.decimals(min_value="0.001", max_value=1000, places=3))
def test_rounded_value_is_a_multiple_of_the_step_and_less_than_a_step_away(
    value: Decimal, mode: Rounding, step: Decimal
) -> None:
    rounded = round_to(value, step, mode)
    with decimal.localcontext() as context:
        context.prec = 100
        assert rounded % step == 0
        assert abs(rounded - value) < step
        if mode in (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN):
            assert 2 * abs(rounded - value) <= step


@given(decimals, modes, st.decimals(min_value="0.001", max_value=1000, places=3))
def test_rounding_twice_changes_nothing(value: Decimal, mode: Rounding, step: Decimal) -> None:
    once = round_to(value, step, mode)
    assert round_to(once, step, mode) == once


@given(decimals, decimals, modes)
def test_rounding_keeps_the_order(first: Decimal, second: Decimal, mode: Rounding) -> None:
    low, high = sorted([first, second])
    assert round_to(low, Decimal("0.01"), mode) <= round_to(high, Decimal("0.01"), mode)


@pytest.mark.parametrize("step", ["0", "-0.01"])
def test_step_that_is_not_above_zero_is_refused(step: str) -> None:
    with pytest.raises(InputError):
        round_to(Decimal(1), Decimal(step), Rounding.UP)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_number_that_is_not_finite_is_not_rounded(value: str) -> None:
    with pytest.raises(InputError):
        round_to(Decimal(value), Decimal("0.01"), Rounding.UP)
    with pytest.raises(InputError):
        round_to(Decimal(1), Decimal(value), Rounding.UP)


@given(pair())
def test_sum_is_exact_and_does_not_depend_on_the_order(both: tuple[Money, Money]) -> None:
    first, second = both
    assert first + second == second + first
    numerator, denominator = (first + second).amount.as_integer_ratio()
    a, b = first.amount.as_integer_ratio()
    c, d = second.amount.as_integer_ratio()
    assert numerator * b * d == (a * d + c * b) * denominator


@given(pair())
def test_what_is_added_can_be_taken_off_again(both: tuple[Money, Money]) -> None:
    first, second = both
    assert first + second - second == first
    assert first - second == first + -second
    assert -(first - second) == second - first


@given(pair(), st.integers(min_value=-(10**6), max_value=10**6))
def test_factor_distributes_over_a_sum(both: tuple[Money, Money], factor: int) -> None:
    first, second = both
    assert (first + second) * factor == first * factor + second * factor
    assert factor * first == first * factor


@given(st.lists(payable("EUR"), max_size=40))
def test_total_is_the_sum_in_any_order(amounts: list[Money]) -> None:
    assert total(amounts, "EUR") == total(reversed(amounts), "EUR")
    assert total(amounts, "EUR").minor_units == sum(amount.minor_units for amount in amounts)


@given(payable(), payable())
def test_two_currencies_never_meet(first: Money, second: Money) -> None:
    assume(first.currency != second.currency)
    assert first != second
    for meet in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(CurrencyMismatch):
            meet(first, second)


@given(payable())
def test_order_is_that_of_the_amounts(money: Money) -> None:
    unit = Money.from_minor_units(1, money.currency)
    assert money < money + unit <= money + unit
    assert money + unit > money >= money
    assert abs(money) >= Money.zero(money.currency)


@given(payable())
def test_text_reads_back_as_the_same_money(money: Money) -> None:
    assert Money(money.text, money.currency) == money
    assert money.text.count(".") == (1 if money.currency.exponent else 0)
    assert "E" not in money.text


@given(decimals, currencies)
def test_any_amount_prints_with_the_decimals_it_has(value: Decimal, currency: str) -> None:
    money = Money(value, currency)
    assert Money(money.text, currency) == money
    assert hash(Money(money.text, currency)) == hash(money)


@given(units, currencies)
def test_minor_units_and_amount_say_the_same(count: int, currency: str) -> None:
    money = Money.from_minor_units(count, currency)
    assert money.minor_units == count
    assert money.is_payable


@given(decimals, modes, currencies)
def test_rounded_money_is_payable(value: Decimal, mode: Rounding, currency: str) -> None:
    assert Money(value, currency).rounded(mode).is_payable


@pytest.mark.parametrize("amount", [0.1, 1.0, True, None, "1,50", "1e3", " 1", "", "NaN", Decimal("NaN"), "1_000", "٣"])
def test_what_is_not_one_amount_is_refused(amount: object) -> None:
    with pytest.raises(AmountError):
        Money(amount, "EUR")  # type: ignore[arg-type]


def test_amount_of_sixty_digits_and_more_is_refused() -> None:
    with pytest.raises(AmountError):
        Money("9" * 61, "EUR")
    with pytest.raises(AmountError):
        Money(Decimal("1E+100"), "EUR")


@given(payable(), weights)
def test_callers_decimal_context_changes_nothing(whole: Money, shares: list[int]) -> None:
    def results() -> list[object]:
        parts = split(whole, shares)
        return [
            *parts,
            whole.is_payable,
            whole.text,
            total(parts, whole.currency),
            whole * 3,
            whole.rounded(Rounding.UP),
        ]

    expected = results()
    with decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_CEILING, Emax=3, Emin=-3)):
        assert results() == expected


def test_amount_of_fifty_digits_is_as_exact_as_any_other() -> None:
    money = Money("9" * 50 + ".01", "EUR")
    assert money.is_payable
    assert money.text == "9" * 50 + ".01"
    assert (money - Money("0.01", "EUR")).minor_units == int("9" * 50) * 100


@pytest.mark.parametrize("value", ["1E+1000000", "1E-1000000"])
def test_rounding_a_number_of_a_million_digits_is_refused(value: str) -> None:
    with pytest.raises(InputError):
        round_to(Decimal(value), Decimal("0.01"), Rounding.UP)


def test_negative_zero_is_zero() -> None:
    assert str(Money("-0.00", "EUR")) == "0.00 EUR"
    assert str(-Money("0", "EUR")) == "0.00 EUR"


@pytest.mark.parametrize("factor", [1.5, True, "2"])
def test_money_is_multiplied_by_exact_numbers_only(factor: object) -> None:
    with pytest.raises(TypeError):
        Money("1.00", "EUR") * factor  # type: ignore[operator]


def test_money_is_not_added_to_a_number() -> None:
    with pytest.raises(InputError):
        Money("1.00", "EUR") + 1  # type: ignore[operator]


@pytest.mark.parametrize("code", ["eur", "EURO", "E1R", "", "€€€"])
def test_currency_code_is_three_capital_letters(code: str) -> None:
    with pytest.raises(InputError):
        Currency(code)


@pytest.mark.parametrize(("exponent", "code"), CODES.items())
def test_minor_unit_follows_the_exponent(exponent: int, code: str) -> None:
    assert Currency(code).exponent == exponent
    assert Currency(code).minor_unit == Decimal(1).scaleb(-exponent)


def test_currency_without_minor_unit_is_not_split() -> None:
    assert Currency("XAU").exponent is None
    with pytest.raises(InputError):
        split(Money("1", "XAU"), [1, 1])
