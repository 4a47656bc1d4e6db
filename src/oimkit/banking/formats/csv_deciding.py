"""Which of the readings that a CSV file allows is the right one: what the layout says, and else what balances prove."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from oimkit.banking.csv_profiles.detection import Layout
from oimkit.banking.csv_profiles.model import Amounts, Sign
from oimkit.banking.formats._common import signed
from oimkit.banking.formats.csv_balances import Chain, Verdict, chain_of, trend
from oimkit.banking.formats.csv_drafts import Draft, Key, Numbers
from oimkit.banking.formats.csv_spelling import Spelling
from oimkit.banking.formats.csv_values import Order
from oimkit.banking.statement import EntryStatus
from oimkit.errors import StatementError

__all__ = ["PROFILE_ADVICE", "Decided", "Rule", "Unfit", "decide", "rules_of"]

_FORMAT = "csv"
PROFILE_ADVICE = "make a profile of the bank's layout with: oimkit statement profile FILE"


class Unfit(Exception):
    """The numbers of a row do not go with a rule; never leaves the reader."""


class Rule(NamedTuple):
    """One way in which the sign of an amount may stand.

    natural  True when the layout says so, or the file shows it; False when only a running balance can prove it
    """

    name: str
    apply: Callable[[Numbers, int], Decimal]
    natural: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """The reading of a file.

    mark, order  decimal mark and order of days, as positions in what was possible
    amounts      what each draft moves
    counted      True when pending rows move the balance too, and so are booked
    chains       for every key the chain of its rows; drafts is the numbers of those rows in the file
    proved       what nothing but the running balance decided, empty when nothing
    """

    mark: int
    order: int
    amounts: tuple[Decimal, ...]
    counted: bool
    chains: dict[Key, tuple[Chain, tuple[int, ...]]]
    proved: tuple[str, ...]


# -- rules of the sign --------------------------------------------------------------------------------------------


def _signed(base: Numbers, side: int) -> Decimal:
    if base.amount is None:
        raise Unfit
    return base.amount


def _inverted(base: Numbers, side: int) -> Decimal:
    if base.amount is None:
        raise Unfit
    return signed(base.amount.copy_abs(), base.amount > 0)


def _directed(base: Numbers, side: int) -> Decimal:
    """An unsigned amount and a word."""
    if base.amount is None or base.amount < 0:
        raise Unfit
    return signed(base.amount, side < 0)


def _by_word(base: Numbers, side: int) -> Decimal:
    """The word alone says the sign, whatever stands before the amount."""
    if base.amount is None:
        raise Unfit
    return signed(base.amount.copy_abs(), side < 0)


def _turned_by_word(base: Numbers, side: int) -> Decimal:
    """The word says the sign, and a minus turns it."""
    if base.amount is None:
        raise Unfit
    negative = (side < 0) != (base.amount < 0)
    return signed(base.amount.copy_abs(), negative)


def _against_word(base: Numbers, side: int) -> Decimal:
    """Debit is money in: the company's books, not the bank's."""
    return _by_word(base, -side)


def _only(base: Numbers) -> tuple[Decimal, int]:
    """The one number of two columns that is not nought, and 1 for a credit, -1 for a debit."""
    debit, credit = base.debit, base.credit
    if debit and credit:
        raise Unfit
    if credit is not None and (credit or debit is None):
        return credit, 1
    if debit is None:
        raise Unfit
    return debit, -1


def _columns(base: Numbers, side: int) -> Decimal:
    """Two columns of unsigned numbers."""
    number, way = _only(base)
    if number < 0:
        raise Unfit
    return signed(number, way < 0)


def _columns_negative(base: Numbers, side: int) -> Decimal:
    """Two columns, the debits with a minus."""
    number, way = _only(base)
    if (number < 0) != (way < 0) and number:
        raise Unfit
    return number


def _columns_absolute(base: Numbers, side: int) -> Decimal:
    """Two columns, the column alone says the sign."""
    number, way = _only(base)
    return signed(number.copy_abs(), way < 0)


def _columns_turned(base: Numbers, side: int) -> Decimal:
    """Two columns, a minus turns the sign that the column says (a reversal)."""
    number, way = _only(base)
    return signed(number.copy_abs(), (way < 0) != (number < 0))


def _columns_against(base: Numbers, side: int) -> Decimal:
    """Two columns of the company's books: debit is money in."""
    number, way = _only(base)
    return signed(number.copy_abs(), way > 0)


def rules_of(layout: Layout, drafts: Sequence[Draft], evidence: bool) -> tuple[Rule, ...]:
    """The ways in which the signs of *drafts* may stand.

    What a profile says is the one way. Where it says ``open``, or a guessed layout says it, every way is tried.
    """
    amounts = layout.profile.amounts
    guessed = layout.profile.guessed
    match amounts.sign:
        case Sign.SIGNED:
            return (Rule("signed", _signed, True),)
        case Sign.INVERTED:
            return (Rule("inverted", _inverted, True),)
        case Sign.OPEN:
            return (Rule("signed", _signed, evidence and _has_minus(drafts)), Rule("inverted", _inverted, False))
        case Sign.DIRECTION:
            return _direction_rules(drafts, guessed)
        case Sign.COLUMNS:
            return _column_rules(amounts, drafts, guessed)


def _has_minus(drafts: Iterable[Draft]) -> bool:
    return any(draft.amount is not None and draft.amount < 0 for draft in drafts)


def _direction_rules(drafts: Sequence[Draft], guessed: bool) -> tuple[Rule, ...]:
    """By a word; amounts that have a minus beside it must have it beside every debit and no credit."""
    against = (Rule("against the word", _against_word, False),) if guessed else ()
    if not _has_minus(drafts):
        return (Rule("word", _directed, True), *against)
    agrees = all((draft.amount < 0) == (draft.side < 0) for draft in drafts if draft.amount)
    if agrees:
        return (Rule("word", _by_word, True), *against)
    return (Rule("word alone", _by_word, False), Rule("word and minus", _turned_by_word, False), *against)


def _column_rules(amounts: Amounts, drafts: Sequence[Draft], guessed: bool) -> tuple[Rule, ...]:
    """By two columns; where the layout does not say how debits are printed, all of them must be printed alike."""
    if amounts.debit_sign == "unsigned":
        return (Rule("unsigned", _columns, True),)
    if amounts.debit_sign == "negative":
        return (Rule("negative", _columns_negative, True),)
    debits = [draft.debit for draft in drafts if draft.debit]
    minus_credit = any((draft.credit or 0) < 0 for draft in drafts)
    against = (Rule("against the columns", _columns_against, False),) if guessed else ()
    if not minus_credit and all(debit > 0 for debit in debits):
        return (Rule("unsigned", _columns, True), *against)
    if not minus_credit and all(debit < 0 for debit in debits) and (len(debits) > 1 or not guessed):
        return (Rule("negative", _columns_negative, True), *against)
    return (
        Rule("column alone", _columns_absolute, False),
        Rule("column and minus", _columns_turned, False),
        *against,
    )


# -- the decision -------------------------------------------------------------------------------------------------


class _Reading(NamedTuple):
    """One of the readings that are possible, with the chains that it gives."""

    mark: int
    rule: Rule
    counted: bool
    amounts: tuple[Decimal, ...]
    chains: dict[Key, tuple[Chain, tuple[int, ...]]]
    verdict: Verdict


def decide(layout: Layout, drafts: Sequence[Draft], spelling: Spelling, rules: Sequence[Rule]) -> Decided:
    """The one reading of *drafts*: the one that the running balance proves, else the only one that is natural.

    Pending rows that print balances count where the balances are proved with them: else nothing looks at theirs. What
    the balances prove against the words of the layout they must prove more than once.

    Raises:
        StatementError: the content can be read in two ways, and neither the layout nor a running balance says which.
    """
    days = _certain_days(drafts)
    readings = list(_readings(layout, drafts, rules, len(spelling.marks), days))
    natural = _distinct(reading for reading in readings if reading.rule.natural and not reading.counted)
    proved = _distinct(reading for reading in readings if reading.verdict is Verdict.PROVED)
    proved = [each for each in proved if each.rule.natural or not natural or _steps(each, drafts) > 1]
    proved = [reading for reading in proved if reading.counted] or proved
    if len(proved) > 1:
        raise _two_ways(proved, drafts)
    if proved:
        chosen = proved[0]
    elif len(natural) == 1:
        chosen = natural[0]
    else:
        raise _two_ways(natural, drafts)
    order, by_order = _order_of(drafts, spelling.orders, chosen)
    reasons = _proved_by_balance(chosen, natural, by_order)
    return Decided(chosen.mark, order, chosen.amounts, chosen.counted, chosen.chains, reasons)


def _steps(reading: _Reading, drafts: Sequence[Draft]) -> int:
    """From how many balances to the next *reading* goes: one step may fall into place by chance, against the words."""
    printed = [
        sum(drafts[place].base_in(reading.mark).balance is not None for place in own)
        for _, own in reading.chains.values()
    ]
    return sum(count - 1 for count in printed if count)


def _certain_days(drafts: Sequence[Draft]) -> list[date] | None:
    """The days of the drafts where all orders that are possible say the same; else None."""
    if not all(draft.certain_days for draft in drafts):
        return None
    return [draft.day for draft in drafts]


def _readings(
    layout: Layout, drafts: Sequence[Draft], rules: Sequence[Rule], marks: int, days: Sequence[date] | None
) -> Iterable[_Reading]:
    """The readings whose rule fits all rows: those that the balances prove, and those that need no proof."""
    provable = layout.place("balance") >= 0
    pending = [draft for draft in drafts if draft.status is EntryStatus.PENDING] if provable else []
    for mark in range(marks):
        for rule in rules if provable else [rule for rule in rules if rule.natural]:
            try:
                amounts = tuple(rule.apply(draft.base_in(mark), draft.side) for draft in drafts)
            except Unfit:
                continue
            for counted in _ways_to_count(pending, mark):
                chains = _chains(layout, drafts, amounts, mark, counted, days)
                if counted and not _tells_of_pending(chains, drafts):
                    continue
                verdict = _verdict(chains, days)
                if verdict is Verdict.PROVED or (rule.natural and not counted):
                    yield _Reading(mark, rule, counted, amounts, chains, verdict)


def _ways_to_count(pending: Sequence[Draft], mark: int) -> tuple[bool, ...]:
    """Whether pending rows may move the balance: only where each of them prints the balance after it."""
    printed = bool(pending) and all(draft.base_in(mark).balance is not None for draft in pending)
    return (True, False) if printed else (False,)


def _tells_of_pending(chains: dict[Key, tuple[Chain, tuple[int, ...]]], drafts: Sequence[Draft]) -> bool:
    """True when a chain that is proved has a pending row in it; that of another account or currency tells nothing."""
    return any(
        chain.verdict is Verdict.PROVED and any(drafts[place].status is EntryStatus.PENDING for place in own)
        for chain, own in chains.values()
    )


def _chains(
    layout: Layout,
    drafts: Sequence[Draft],
    amounts: Sequence[Decimal],
    mark: int,
    counted: bool,
    days: Sequence[date] | None,
) -> dict[Key, tuple[Chain, tuple[int, ...]]]:
    """The chain of every key's rows; rows that move no balance are left out of it.

    Where the rows of one key do not tell whether they run from old to new, the whole file does, or the other keys.
    """
    places: dict[Key, list[int]] = {}
    for place, draft in enumerate(drafts):
        own = places.setdefault(draft.key, [])
        if draft.status is EntryStatus.BOOKED or (counted and draft.status is EntryStatus.PENDING):
            own.append(place)
    before = layout.profile.amounts.before

    def chain(own: Sequence[int], way: int) -> Chain:
        return chain_of(
            [amounts[place] for place in own],
            [drafts[place].base_in(mark).balance for place in own],
            [days[place] for place in own] if days is not None else None,
            before=before,
            way=way,
        )

    whole = trend(days) if days is not None else 0
    chains = {key: chain(own, whole) for key, own in places.items()}
    if not whole:
        ways = {each.forwards for each in chains.values() if each.verdict is Verdict.PROVED} - {None}
        if len(ways) == 1:
            way = 1 if ways.pop() else -1
            chains = {key: chain(places[key], way) if each.opening is None else each for key, each in chains.items()}
    return {key: (each, tuple(places[key])) for key, each in chains.items()}


def _verdict(chains: dict[Key, tuple[Chain, tuple[int, ...]]], days: Sequence[date] | None) -> Verdict:
    """PROVED when some chain is proved and none is broken or runs against the days."""
    verdicts = set()
    for chain, own in chains.values():
        verdict = chain.verdict
        if verdict is Verdict.PROVED and days is not None and chain.forwards is not None:
            way = trend([days[place] for place in own])
            if way and chain.forwards is not (way > 0):
                verdict = Verdict.BROKEN
        verdicts.add(verdict)
    if Verdict.BROKEN in verdicts:
        return Verdict.BROKEN
    return Verdict.PROVED if Verdict.PROVED in verdicts else Verdict.NONE


def _distinct(readings: Iterable[_Reading]) -> list[_Reading]:
    """Readings that differ in an amount or in which rows count."""
    found: list[_Reading] = []
    for reading in readings:
        if not any(reading.amounts == other.amounts and reading.counted == other.counted for other in found):
            found.append(reading)
    return found


def _order_of(drafts: Sequence[Draft], orders: Sequence[Order], chosen: _Reading) -> tuple[int, bool]:
    """The order of the days' parts, and whether only the running balance tells it.

    Where the balances prove whether the rows run from old to new, the days must run with them. Three different days
    are asked for: two may fall into place by chance.
    """
    if len(orders) == 1 or all(draft.certain_days for draft in drafts):
        return 0, False
    fitting = []
    for order in range(len(orders)):
        for chain, own in chosen.chains.values():
            days = [drafts[place].days_in(order).day for place in own]
            way = trend(days)
            if chain.verdict is not Verdict.PROVED or chain.forwards is None or len(set(days)) < 3:
                break
            if not way or chain.forwards is not (way > 0):
                break
        else:
            fitting.append(order)
    if len(fitting) == 1:
        return fitting[0], True
    unclear = next(draft for draft in drafts if not draft.certain_days)
    raise StatementError(
        "the days can be read in two orders of day and month, and nothing in the file tells which",
        format=_FORMAT,
        line=unclear.line,
        advice=PROFILE_ADVICE,
    )


def _proved_by_balance(chosen: _Reading, natural: Sequence[_Reading], by_order: bool) -> tuple[str, ...]:
    """What only the running balance decided."""
    reasons = []
    if len({reading.mark for reading in natural}) > 1 and len(natural) > 1:
        reasons.append("the decimal mark")
    if not chosen.rule.natural:
        reasons.append("the sign of the amounts")
    if chosen.counted:
        reasons.append("that pending rows count")
    if by_order:
        reasons.append("the order of day and month")
    return tuple(reasons)


def _two_ways(readings: Sequence[_Reading], drafts: Sequence[Draft]) -> StatementError:
    """The refusal that says what is open."""
    marks = {reading.mark for reading in readings}
    line = drafts[0].line if drafts else None
    if len(marks) > 1 and len({reading.rule.name for reading in readings}) == 1:
        reason = "the amounts can be read with a decimal comma and with a decimal point"
    else:
        reason = "the sign of the amounts is not certain: no running balance proves it, and the columns do not say it"
    return StatementError(reason, format=_FORMAT, line=line, advice=PROFILE_ADVICE)
