"""The running balance of a list of entries: in which order the rows follow from each other, and from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from itertools import pairwise
from typing import NamedTuple

from oimkit.banking.exact import EXACT

__all__ = ["Chain", "Verdict", "chain_of", "trend"]


class Verdict(Enum):
    """PROVED: every balance follows from the one before; BROKEN: some does not; NONE: there are no two to compare."""

    PROVED = auto()
    BROKEN = auto()
    NONE = auto()


class Chain(NamedTuple):
    """What the balances of one account's rows say.

    opening, closing  before the first and after the last entry in time; None where they are not printed or not certain
    first, last       numbers of the first and the last entry in time
    breaks            numbers of the rows whose balance does not follow from the one before it in time
    forwards          True when the rows run from old to new, False from new to old, None when that is not certain
    """

    verdict: Verdict
    opening: Decimal | None = None
    closing: Decimal | None = None
    first: int = 0
    last: int = 0
    breaks: tuple[int, ...] = ()
    forwards: bool | None = None


def trend(days: Sequence[date]) -> int:
    """1 when the days never fall and rise somewhere, -1 the other way round, 0 when they do both or neither."""
    rises = any(later > earlier for earlier, later in pairwise(days))
    falls = any(later < earlier for earlier, later in pairwise(days))
    return int(rises) - int(falls) if rises != falls else 0


def chain_of(
    amounts: Sequence[Decimal],
    balances: Sequence[Decimal | None],
    days: Sequence[date] | None,
    *,
    before: bool = False,
    way: int = 0,
) -> Chain:
    """The chain of one account's rows, in file order.

    Rows may run from old to new or from new to old, and within a day the other way; where the days tell, balances that
    follow from each other against the days are a coincidence. A balance may be missing (printed once a day only): the
    next one then follows from all the entries between.

    Args:
        amounts: what each row moves.
        balances: the balance after each row, or before it where *before*.
        days: the days of the rows, where they are certain.
        before: whether a balance is the one before its row.
        way: 1 or -1 when it is known otherwise that rows run from old to new or from new to old; their days come first.
    """
    if before:
        balances = [_plus(balance, amount) for balance, amount in zip(balances, amounts, strict=True)]
    known = [place for place, balance in enumerate(balances) if balance is not None]
    if not known:
        return Chain(Verdict.NONE)
    if len(amounts) == 1:
        return _single(amounts[0], balances[0])
    if len(known) == 1:
        return Chain(Verdict.NONE)
    own = trend(days) if days is not None else 0
    orders = _orders(len(amounts), days, own)
    way = own or way
    chains = [_follow(order, amounts, balances, forwards) for order, forwards in orders]
    proved = [chain for chain in chains if chain.verdict is Verdict.PROVED]
    if proved:
        return _certain(proved, way)
    if all(chain.verdict is Verdict.NONE for chain in chains):
        return _certain(chains, way)
    return _likeliest(chains, way)


def _single(amount: Decimal, balance: Decimal | None) -> Chain:
    assert balance is not None
    return Chain(Verdict.NONE, EXACT.subtract(balance, amount), balance)


def _plus(balance: Decimal | None, amount: Decimal) -> Decimal | None:
    return None if balance is None else EXACT.add(balance, amount)


def _orders(count: int, days: Sequence[date] | None, way: int) -> list[tuple[Sequence[int], bool]]:
    """The orders in time that the rows may have: as they stand, turned round, and turned round within each day.

    Days that only rise or only fall (*way*) leave the order that is theirs.
    """
    orders: list[tuple[Sequence[int], bool]] = [(range(count), True), (range(count - 1, -1, -1), False)]
    if way:
        orders = [each for each in orders if each[1] is (way > 0)]
    if days is not None and way:
        blocks = _blocks(days)
        if 1 < len(blocks) < count:
            turned = [block if way < 0 else block[::-1] for block in (blocks[::-1] if way < 0 else blocks)]
            orders.append(([place for block in turned for place in block], way > 0))
    return orders


def _blocks(days: Sequence[date]) -> list[list[int]]:
    """The numbers of the rows, those of one day together."""
    blocks: list[list[int]] = []
    for place, day in enumerate(days):
        if place and days[place - 1] == day:
            blocks[-1].append(place)
        else:
            blocks.append([place])
    return blocks


def _follow(
    order: Sequence[int], amounts: Sequence[Decimal], balances: Sequence[Decimal | None], forwards: bool
) -> Chain:
    """The chain when the rows happened in *order*: each balance is the last one and what moved since."""
    opening: Decimal | None = None
    running = Decimal(0)
    breaks: list[int] = []
    moved = False
    for place in order:
        running = EXACT.add(running, amounts[place])
        balance = balances[place]
        if balance is None:
            continue
        if opening is None:
            opening = EXACT.subtract(balance, running)
        elif balance != running:
            breaks.append(place)
        else:
            moved = moved or bool(amounts[place])
        running = balance
    verdict = Verdict.BROKEN if breaks else Verdict.PROVED if moved else Verdict.NONE
    return Chain(verdict, opening, balances[order[-1]], order[0], order[-1], tuple(breaks), forwards)


def _certain(chains: Sequence[Chain], way: int) -> Chain:
    """The chain of the order that the days tell; without them only what all orders agree on."""
    for chain in chains:
        if chain.forwards is (way > 0) and way:
            return chain
    if len(chains) == 1 or all(chain[1:3] == chains[0][1:3] for chain in chains):
        return chains[0]
    return Chain(chains[0].verdict)


def _likeliest(chains: Sequence[Chain], way: int) -> Chain:
    """Of chains that all break the one with the fewest breaks; without ends where two are alike."""
    least = min(len(chain.breaks) for chain in chains)
    best = [chain for chain in chains if len(chain.breaks) == least]
    told = [chain for chain in best if way and chain.forwards is (way > 0)]
    chosen = told or best
    return chosen[0] if len(chosen) == 1 or told else Chain(Verdict.BROKEN, breaks=chosen[0].breaks)
