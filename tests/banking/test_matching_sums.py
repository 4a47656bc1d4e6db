"""Groups that sum to an amount: all of the smallest size, as trying every group finds them."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking.matching import ItemType, OpenItem
from oimkit.banking.matching.sums import groups_of
from oimkit.money import Money


def item(number: int, amount: Decimal, currency: str = "EUR") -> OpenItem:
    due = Money(amount, currency)
    return OpenItem(id=f"{number:03}", type=ItemType.CUSTOMER_INVOICE, amount=due, residual=due, partner_id="p")


AMOUNTS = st.integers(-40, 90).filter(bool).map(lambda cents: Decimal(cents).scaleb(-2))


@given(st.lists(AMOUNTS, max_size=9), AMOUNTS, st.integers(1, 3), st.integers(1, 6))
@settings(max_examples=300, deadline=None)
def test_groups_are_those_that_trying_all_finds(amounts: list[Decimal], wanted: Decimal, least: int, most: int) -> None:
    items = [item(number, amount) for number, amount in enumerate(amounts)]
    sums = groups_of(items, wanted, "EUR", least=least, most=most)
    assert sums is not None
    found = {tuple(one.id for one in group) for group in sums.groups}
    fitting: set[tuple[str, ...]] = set()
    for size in range(least, most + 1):
        fitting = {
            tuple(one.id for one in group)
            for group in combinations(items, size)
            if sum(one.residual.amount for one in group) == wanted
        }
        if fitting:
            break
    everything = tuple(one.id for one in items)
    if len(items) >= least and sum(amounts) == wanted:
        assert everything in found
    elif len(fitting) <= 4:
        assert found == fitting
    else:
        assert len(found) == 4
        assert found < fitting


def test_items_of_another_currency_take_no_part() -> None:
    items = [item(1, Decimal("1.00")), item(2, Decimal("2.00"), "USD"), item(3, Decimal("2.00"))]
    sums = groups_of(items, Decimal("3.00"), "EUR", least=2, most=3)
    assert sums is not None
    assert [[one.id for one in group] for group in sums.groups] == [["001", "003"]]


def test_amounts_of_many_decimals_are_exact() -> None:
    items = [item(1, Decimal("0.10000001")), item(2, Decimal("0.2")), item(3, Decimal(9))]
    sums = groups_of(items, Decimal("0.30000001"), "EUR", least=2, most=2)
    assert sums is not None
    assert len(sums.groups) == 1
    assert groups_of(items, Decimal("0.3"), "EUR", least=2, most=2) is not None
    assert groups_of(items, Decimal("0.3"), "EUR", least=2, most=2).groups == ()  # type: ignore[union-attr]


def test_many_items_are_tried_in_pairs_only() -> None:
    items = [item(number, Decimal(2**number)) for number in range(30)]
    pair = groups_of(items, Decimal(2**3 + 2**20), "EUR", least=1, most=4)
    assert pair is not None
    assert [[one.id for one in group] for group in pair.groups] == [["003", "020"]]
    assert groups_of(items, Decimal(2**3 + 2**4 + 2**29), "EUR", least=1, most=4) is None


def test_a_group_of_many_tells_less_than_one_of_few_and_one_of_a_large_sum_more() -> None:
    few = [item(n, Decimal(100 * (n + 1) + n).scaleb(-2)) for n in range(3)]
    many = [item(n, Decimal(100 * (n + 1) + n).scaleb(-2)) for n in range(20)]
    large = [item(n, Decimal(1000 * (n + 1) + n).scaleb(-2)) for n in range(20)]
    for pool, amount, is_telling in (
        (few, "5.03", True),
        (many, "39.37", False),
        (large, "390.37", True),
    ):
        sums = groups_of(pool, Decimal(amount), "EUR", least=2, most=2)
        assert sums is not None
        assert sums.groups
        assert sums.is_telling is is_telling, (amount, sums.tries)


def test_whole_amounts_tell_less_than_those_to_the_cent_however_they_are_written() -> None:
    for writing in ("1", "1.00", "1.0000"):
        pool = [item(n, (n + 1) * Decimal(writing)) for n in range(6)]
        sums = groups_of(pool, Decimal("10.00"), "EUR", least=2, most=6)
        assert sums is not None
        assert (sums.tries, sums.amount, sums.is_telling) == (15, 10, False)


def test_larger_group_is_told_where_it_too_would_hardly_fit_by_chance() -> None:
    pool = [item(n, Decimal(amount)) for n, amount in enumerate(("100.01", "250.37", "172.60", "77.77", "0.01"))]
    sums = groups_of(pool, Decimal("350.38"), "EUR", least=2, most=6)
    assert sums is not None
    assert [[one.id for one in group] for group in sums.groups] == [["000", "001"], ["000", "002", "003"]]
    small = [item(n, Decimal(amount)) for n, amount in enumerate(("1.01", "2.37", "1.60", "0.77", "0.01"))]
    sums = groups_of(small, Decimal("3.38"), "EUR", least=2, most=6)
    assert sums is not None
    assert [[one.id for one in group] for group in sums.groups] == [["000", "001"]]
