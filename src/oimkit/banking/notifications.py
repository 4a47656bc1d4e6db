"""What notifications (CAMT.054) tell of the entries of a statement (CAMT.053), put into these entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import TypeAlias

from oimkit.banking.statement import Entry, Finding, Statement

__all__ = ["with_notifications"]

_Key: TypeAlias = tuple[object, ...]

_NEVER_TAKEN = frozenset({"amount", "value_date", "booking_date", "status", "reversal", "line", "raw", "id", "book"})
"""What a statement alone says of its entry."""


def with_notifications(statements: Iterable[Statement], notifications: Iterable[Statement]) -> tuple[Statement, ...]:
    """*statements* with their entries filled from *notifications* of the same account.

    An entry and a notified one are the same when account, currency and amount are equal and so is the bank's reference
    (AcctSvcrRef), or, where one of them has none, the batch id. Then the entry gets the details, and every field that
    it has not; what it has stays. Nothing is guessed: where two entries or two notified ones could be the same, none is
    filled, and the statement gets the finding ``notification-ambiguous``. A notified entry of an account in
    *statements* that is none of its entries gives ``notification-unused`` on the account's last statement.
    """
    whole = list(statements)
    notified = _by_key((_account(each), entry) for each in notifications for entry in each.entries)
    asked = _by_key((_account(each), entry) for each in whole for entry in each.entries)
    used: set[int] = set()
    filled = [_filled(statement, notified, asked, used) for statement in whole]
    return tuple(_with_unused(filled, notified, used))


def _account(statement: Statement) -> str:
    return statement.account or ""


def _keys(account: str, entry: Entry) -> list[_Key]:
    """What an entry is kept by; an entry without a reference by its batch id twice, see _sought."""
    nameless = entry.batch_id if entry.reference is None else None
    return _named(account, entry, reference=entry.reference, batch=entry.batch_id, nameless=nameless)


def _sought(account: str, entry: Entry) -> list[_Key]:
    """What an entry is looked for by, the surer first: by the batch id only where one of the two has no reference."""
    kind = "batch" if entry.reference is None else "nameless"
    return _named(account, entry, reference=entry.reference, **{kind: entry.batch_id})


def _named(account: str, entry: Entry, **named: str | None) -> list[_Key]:
    common = (account, entry.amount.currency, entry.amount.amount)
    return [(*common, kind, text) for kind, text in named.items() if text is not None]


def _by_key(entries: Iterable[tuple[str, Entry]]) -> dict[_Key, list[Entry]]:
    found: dict[_Key, list[Entry]] = defaultdict(list)
    for account, entry in entries:
        for key in _keys(account, entry):
            found[key].append(entry)
    return found


def _filled(
    statement: Statement, notified: dict[_Key, list[Entry]], asked: dict[_Key, list[Entry]], used: set[int]
) -> Statement:
    entries: list[Entry] = []
    findings = list(statement.findings)
    for entry in statement.entries:
        key = next((key for key in _sought(_account(statement), entry) if key in notified), None)
        if key is None:
            entries.append(entry)
        elif len(notified[key]) == 1 == _rivals(asked, key, notified[key][0]):
            used.add(id(notified[key][0]))
            entries.append(_joined(entry, notified[key][0]))
        else:
            used.update(map(id, notified[key]))
            entries.append(entry)
            findings.append(
                Finding("notification-ambiguous", "a notification fits several entries, or several fit one", entry.line)
            )
    return replace(statement, entries=tuple(entries), findings=tuple(findings))


def _rivals(asked: dict[_Key, list[Entry]], key: _Key, notified: Entry) -> int:
    """How many entries of the statements could be *notified*, which one of them found by *key*."""
    *common, kind, text = key
    if kind == "reference":
        return len(asked[key])
    if notified.reference is None:
        return len(asked[(*common, "batch", text)])
    surer = asked.get((*common, "reference", notified.reference), ())
    return len(surer) + len(asked[(*common, "nameless", text)])


def _joined(entry: Entry, notified: Entry) -> Entry:
    """The entry with what it lacks; its details only where it has none."""
    missing = {
        field.name: getattr(notified, field.name)
        for field in fields(Entry)
        if field.name not in _NEVER_TAKEN and getattr(entry, field.name) in (None, ())
    }
    if "details" in missing:
        missing["details"] = tuple(
            replace(detail, value_date=entry.value_date, booking_date=entry.booking_date, status=entry.status)
            for detail in missing["details"]
        )
    return replace(entry, **missing)


def _with_unused(
    statements: Sequence[Statement], notified: dict[_Key, list[Entry]], used: set[int]
) -> Iterable[Statement]:
    """The statements, the last one of each account with a finding for what was notified and is not there."""
    last = {_account(statement): place for place, statement in enumerate(statements)}
    unused: dict[int, set[int]] = defaultdict(set)
    for (account, *_), entries in notified.items():
        if account in last:
            unused[last[str(account)]].update(id(entry) for entry in entries if id(entry) not in used)
    for place, statement in enumerate(statements):
        count = len(unused[place])
        if count:
            told = Finding("notification-unused", f"{count} notified entries are not among the statement's entries")
            statement = replace(statement, findings=(*statement.findings, told))
        yield statement
