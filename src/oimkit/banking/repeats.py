"""Which entries of a file were already in another one, also when that was in another format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from oimkit.banking.keys import entry_keys, letters, texts_of
from oimkit.banking.pages import join_pages
from oimkit.banking.statement import Entry, Finding, Statement
from oimkit.money import Currency

__all__ = ["Evidence", "SharedEntry", "shared_entries", "with_repeats"]

Evidence: TypeAlias = Literal["key", "reference", "end-to-end-id", "texts", "count"]

_Key: TypeAlias = tuple[date, Decimal, str]
"""Day, amount, and what an entry says."""

_MT940_REFERENCE = 16
"""Characters that MT940 keeps of a bank reference; longer ones are compared by these."""

_NO_CURRENCY = Currency("XXX")
"""Of a file that names none."""

_FEWEST_DIGITS = 5
"""A domestic account number that is shorter is not looked for at the end of an IBAN."""


@dataclass(frozen=True, slots=True)
class SharedEntry:
    """One movement that is in two files.

    evidence  what says so, the surest first: ``key`` (the same format, equal ``entry_keys``), the bank's ``reference``,
              the ``end-to-end-id``, the ``texts``, or only the ``count``: as many movements of that amount on that day
    """

    known: Entry
    new: Entry
    evidence: Evidence


def shared_entries(known: Iterable[Statement], new: Iterable[Statement]) -> tuple[SharedEntry, ...]:
    """The booked entries of *new* that are in *known*, each once: two equal payments stay two.

    Entries can be the same when account, currency, amount and day are: the booking day, or the value day where one of
    the formats has no other. In the same format equal keys decide. In two formats reference, end-to-end id and texts
    are looked at in this order, and what is left is counted: of two known and three new ones two are shared. Entries
    with different end-to-end ids never are. An account is the same when one number is the end of the other (a domestic
    number and its IBAN), or when one of the files names none; so is a currency.

    Pages are joined before they are compared. Linear in the number of entries.
    """
    before, after = [[_Side(each) for each in join_pages(statements)] for statements in (known, new)]
    shared: list[SharedEntry] = []
    for side in after:
        for other in before:
            if _same_account(other.statement, side.statement):
                shared.extend(_between(other, side))
    return tuple(shared)


def with_repeats(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Whole statements; one whose entries were in an earlier one, of whatever format, has a finding.

    ``statement-repeated``: all of its entries were; ``entries-repeated``: some were, the finding says how many.
    """
    marked: list[Statement] = []
    on_day: dict[date, set[int]] = defaultdict(set)
    for place, statement in enumerate(join_pages(statements)):
        days = {day(entry) for entry in statement.booked for day in (_booked_on, _value_day)}
        near = sorted({other for day in days for other in on_day[day]})
        count = len(shared_entries([marked[other] for other in near], [statement])) if near else 0
        marked.append(_marked(statement, count) if count else statement)
        for day in days:
            on_day[day].add(place)
    return tuple(marked)


def _marked(statement: Statement, count: int) -> Statement:
    booked = len(statement.booked)
    found = (
        Finding("statement-repeated", "all entries were in an earlier statement", statement.line)
        if count == booked
        else Finding("entries-repeated", f"{count} of {booked} entries were in an earlier statement", statement.line)
    )
    return replace(statement, findings=(*statement.findings, found))


def _same_account(one: Statement, other: Statement) -> bool:
    if one.currency != other.currency and _NO_CURRENCY not in (one.currency, other.currency):
        return False
    if one.account is None or other.account is None:
        return True
    short, long = sorted((one.account, other.account), key=lambda account: len(letters(account)))
    if letters(short) == letters(long):
        return True
    domestic = letters(short.rpartition("/")[2]).lstrip("0")
    return len(domestic) >= _FEWEST_DIGITS and domestic.isdigit() and letters(long).endswith(domestic)


# -- two statements -----------------------------------------------------------------------------------------------


class _Side:
    """A statement and the places of its entries that are in no pair yet."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.left = {place: entry for place, entry in enumerate(statement.entries) if entry.is_booked}


def _between(known: _Side, new: _Side) -> list[SharedEntry]:
    """What *new* shares with *known*; what is paired is taken out of both."""
    if known.statement.format == new.statement.format:
        return _by_keys(known, new)
    pairs: list[SharedEntry] = []
    for evidence, said in _EVIDENCE:
        for day in (_booked_on, _value_day):
            pairs += _by_evidence(known, new, evidence, said, day)
    for day in (_booked_on, _value_day):
        pairs += _by_count(known, new, day)
    return pairs


def _by_keys(known: _Side, new: _Side) -> list[SharedEntry]:
    """The same format: one key, one entry."""
    places = {key: place for place, key in enumerate(entry_keys(known.statement))}
    pairs: list[SharedEntry] = []
    for place, key in enumerate(entry_keys(new.statement)):
        other = places.get(key)
        if place in new.left and other in known.left:
            pairs.append(SharedEntry(known.left.pop(other), new.left.pop(place), "key"))
    return pairs


def _by_evidence(
    known: _Side,
    new: _Side,
    evidence: Evidence,
    said: Callable[[Entry], str | None],
    day: Callable[[Entry], date],
) -> list[SharedEntry]:
    """The entries of the same day and amount that say the same."""

    def key(entry: Entry) -> _Key | None:
        text = said(entry)
        return None if text is None else (day(entry), entry.amount.amount, text)

    return _taken(known, new, evidence, _places(known, key), key)


def _by_count(known: _Side, new: _Side, day: Callable[[Entry], date]) -> list[SharedEntry]:
    """What nothing tells apart but its number: only where one of the two has no end-to-end id, for the ids differ."""

    def key(entry: Entry) -> _Key:
        return day(entry), entry.amount.amount, ""

    def nameless(entry: Entry) -> _Key | None:
        return None if entry.end_to_end_id is not None else key(entry)

    pairs = _taken(known, new, "count", _places(known, nameless), key)
    return pairs + _taken(known, new, "count", _places(known, key), nameless)


def _places(side: _Side, key: Callable[[Entry], _Key | None]) -> dict[_Key, list[int]]:
    """The places of what is left by their key, the last first."""
    places: dict[_Key, list[int]] = defaultdict(list)
    for place, entry in reversed(side.left.items()):
        found = key(entry)
        if found is not None:
            places[found].append(place)
    return places


def _taken(
    known: _Side, new: _Side, evidence: Evidence, places: dict[_Key, list[int]], key: Callable[[Entry], _Key | None]
) -> list[SharedEntry]:
    """Each new entry with the first known one of its key, both taken out."""
    pairs: list[SharedEntry] = []
    for place, entry in list(new.left.items()):
        found = key(entry)
        others = places.get(found) if found is not None else None
        if others:
            pairs.append(SharedEntry(known.left.pop(others.pop()), new.left.pop(place), evidence))
    return pairs


def _booked_on(entry: Entry) -> date:
    return entry.booking_date or entry.value_date


def _value_day(entry: Entry) -> date:
    return entry.value_date


def _reference(entry: Entry) -> str | None:
    return letters(entry.reference)[:_MT940_REFERENCE] or None if entry.reference is not None else None


def _end_to_end_id(entry: Entry) -> str | None:
    return letters(entry.end_to_end_id) or None if entry.end_to_end_id is not None else None


def _said(entry: Entry) -> str | None:
    return "".join(texts_of(entry)) or None


_EVIDENCE: tuple[tuple[Evidence, Callable[[Entry], str | None]], ...] = (
    ("reference", _reference),
    ("end-to-end-id", _end_to_end_id),
    ("texts", _said),
)
