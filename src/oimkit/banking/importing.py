"""Which entries of a statement are new in a journal, and what speaks against taking them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from oimkit.banking.continuity import about_statement, against_journal, balance_of, day_of, first_day, in_currency
from oimkit.banking.journals import JournalState, refuse_foreign
from oimkit.banking.keys import detail_keys, entry_keys, keys_of
from oimkit.banking.statement import Entry, Finding, Statement
from oimkit.money import Money, total

__all__ = [
    "ImportPlan",
    "JournalState",
    "PlannedEntry",
    "PlannedStatement",
    "all_keys",
    "plan_import",
]

_MOST_ENTRIES = 500
"""Entries that are created in one call; a longer statement becomes several, chained by their balances."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PlannedEntry:
    """One line to create.

    key             ``keys.entry_keys`` or ``keys.detail_keys``
    day             booking day, or the value day where the bank gives only that
    label           what the payer wrote, never empty
    partner_name, account_number   the other side as the bank gives it
    reference       end-to-end id, else the bank's own reference
    line            1-based line of the file
    """

    key: str
    day: date
    amount: Money
    label: str
    partner_name: str | None = None
    account_number: str | None = None
    reference: str | None = None
    line: int | None = None

    def __repr__(self) -> str:
        return f"PlannedEntry({self.key}, {self.amount} on {self.day.isoformat()})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStatement:
    """Lines that are created together. opening + sum(entries) == closing, or both are None where the bank gave none."""

    key: str
    name: str
    day: date
    entries: tuple[PlannedEntry, ...]
    opening: Money | None = None
    closing: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import will create in one journal, and what a person should look at before.

    known    entries that are already there
    pending  entries that the bank has not booked; they are never imported
    """

    journal_id: int
    journal_code: str
    statements: tuple[PlannedStatement, ...]
    findings: tuple[Finding, ...]
    known: int
    pending: int

    @property
    def is_empty(self) -> bool:
        """True when nothing is left to create."""
        return not self.statements

    @property
    def entries(self) -> tuple[PlannedEntry, ...]:
        """Every line to create, in order."""
        return tuple(entry for statement in self.statements for entry in statement.entries)


def all_keys(statements: Iterable[Statement]) -> frozenset[str]:
    """Every key under which an entry of *statements* may already be there: ask for these before ``plan_import``."""
    keys: set[str] = set()
    for run in _runs(tuple(statements)):
        for statement_keys, statement in run:
            for key, entry in zip(statement_keys, statement.entries, strict=True):
                keys.add(key)
                keys.update(detail_keys(key, entry))
    return frozenset(keys)


def plan_import(
    statements: Sequence[Statement],
    journal: JournalState,
    *,
    known: Collection[str],
    per: Literal["entry", "detail"] = "entry",
    accept_unbalanced: bool = False,
) -> ImportPlan:
    """The entries of *statements* that *journal* does not have yet, statement by statement, in the order of their days.

    Args:
        statements: of one account; pages of one statement joined before.
        journal: as it stands now.
        known: those of ``all_keys(statements)`` that are already there, by whatever ``per``.
        per: ``detail`` takes the transactions of a batch one by one where they sum to the entry exactly.
        accept_unbalanced: take a statement whose balances and entries disagree; it becomes a finding.

    Raises:
        StatementError: a statement is of another account or currency than the journal, or does not balance.

    Findings, for a person to judge before anything is written: ``balance-gap`` (a statement does not open where the
    journal stands), ``overlap`` (some entries are there already), ``older-than-journal`` (new entries on days before
    the journal's last), ``known-but-balances-say-new``, ``opens-without-history``, ``no-balances``, ``unbalanced``,
    ``page-not-joined``, ``account-not-checked``, ``currency-not-named``, ``booked-after-closing``, and whatever the
    reader found.
    """
    for statement in statements:
        refuse_foreign(statement, journal, accept_unbalanced=accept_unbalanced)
    taken = set(known)
    planned: list[PlannedStatement] = []
    findings: list[Finding] = []
    balance = journal.balance
    skipped = 0
    ordered = sorted((pair for run in _runs(tuple(statements)) for pair in run), key=lambda pair: first_day(pair[1]))
    for keys, statement in ordered:
        new, old = _new_entries(statement, keys, taken)
        findings.extend(statement.findings)
        findings.extend(about_statement(statement, journal))
        findings.extend(against_journal(statement, [entry for _, entry in new], old, balance, journal))
        skipped += old
        if new:
            lines = _lines(new, journal, per)
            planned.extend(_parts(statement, lines, journal))
            balance = _balance_after(statement, lines, balance, journal)
        taken.update(keys)
    pending = sum(1 for statement in statements for entry in statement.entries if not entry.is_booked)
    return ImportPlan(
        journal_id=journal.id,
        journal_code=journal.code,
        statements=tuple(planned),
        findings=tuple(findings),
        known=skipped,
        pending=pending,
    )


def _runs(statements: Sequence[Statement]) -> list[list[tuple[tuple[str, ...], Statement]]]:
    """Statements with the keys of their entries; those that follow one another are numbered as one.

    Two statements of one day may hold an equal payment each. Where one opens with the other's closing they are
    different statements, and the payments are counted through; where not, they may be two readings of the same. A
    copy of a statement follows the others too, when their day ends where it began, and is never counted through.
    """
    runs: list[list[Statement]] = []
    seen: set[tuple[object, ...]] = set()
    for statement in sorted(statements, key=first_day):
        last = runs[-1][-1] if runs else None
        content = _content(statement)
        if last is not None and _follows(statement, last) and content not in seen:
            runs[-1].append(statement)
        else:
            runs.append([statement])
            seen = set()
        seen.add(content)
    return [_keyed(run) for run in runs]


def _content(statement: Statement) -> tuple[object, ...]:
    """What a statement and its copy have in common, in whatever file they stand."""
    opening, closing = (balance and balance.amount for balance in (statement.opening, statement.closing))
    return statement.number, opening, closing, entry_keys(statement)


def _follows(statement: Statement, last: Statement) -> bool:
    if statement.opening is None or last.closing is None or last.opening is None:
        return False
    told_apart = last.number is not None and statement.number is not None and last.number != statement.number
    moved = last.opening.amount != last.closing.amount
    return (
        (moved or told_apart) and statement.account == last.account and statement.opening.amount == last.closing.amount
    )


def _keyed(run: Sequence[Statement]) -> list[tuple[tuple[str, ...], Statement]]:
    entries = [entry for statement in run for entry in statement.entries]
    keys = keys_of(entries, run[0].account, run[0].currency.code)
    keyed: list[tuple[tuple[str, ...], Statement]] = []
    start = 0
    for statement in run:
        end = start + len(statement.entries)
        keyed.append((keys[start:end], statement))
        start = end
    return keyed


def _new_entries(statement: Statement, keys: Sequence[str], taken: set[str]) -> tuple[list[tuple[str, Entry]], int]:
    """Booked entries that are not there yet, and how many are, be it as a whole or by a detail.

    An entry of zero moves nothing and is left out: Odoo 14 refuses it, with the whole statement.
    """
    pairs = zip(keys, statement.entries, strict=True)
    booked = [(key, entry) for key, entry in pairs if entry.is_booked and entry.amount]
    new = [(key, entry) for key, entry in booked if taken.isdisjoint((key, *detail_keys(key, entry)))]
    return new, len(booked) - len(new)


def _lines(
    new: Sequence[tuple[str, Entry]], journal: JournalState, per: Literal["entry", "detail"]
) -> list[PlannedEntry]:
    lines: list[PlannedEntry] = []
    for key, entry in new:
        if per == "detail" and _details_sum(entry):
            pairs = zip(detail_keys(key, entry), entry.details, strict=True)
            lines.extend(_line(each, detail, entry, journal) for each, detail in pairs if detail.amount)
        else:
            lines.append(_line(key, entry, entry, journal))
    return lines


def _details_sum(entry: Entry) -> bool:
    """True when the details, all in the entry's currency, sum to its amount exactly."""
    if not entry.details or any(detail.amount.currency != entry.amount.currency for detail in entry.details):
        return False
    return total((detail.amount for detail in entry.details), entry.amount.currency) == entry.amount


def _line(key: str, entry: Entry, whole: Entry, journal: JournalState) -> PlannedEntry:
    """The line of *entry*, itself or a detail of *whole*, which lends the day."""
    party = entry.counterparty or (whole.counterparty if entry is not whole and len(whole.details) == 1 else None)
    return PlannedEntry(
        key=key,
        day=day_of(whole),
        amount=in_currency(entry.amount, journal),
        label=_label(entry) or _label(whole) or "/",
        partner_name=_plain(party.name) if party is not None else None,
        account_number=_plain(party.account) if party is not None else None,
        reference=_plain(entry.end_to_end_id or entry.reference or whole.reference),
        line=entry.line or whole.line,
    )


def _label(entry: Entry) -> str:
    """Structured reference and text, in one line; what the bank calls the movement where there is neither.

    Control characters become blanks: an Odoo 14 that stores one cannot be read over XML-RPC any more.
    """
    text = _plain(" ".join([entry.structured_reference or "", *entry.remittance]))
    return text or _plain(entry.end_to_end_id) or _plain(entry.bank_code) or ""


def _plain(text: str | None) -> str | None:
    """*text* in one line without control characters, single blanks; None when nothing is left."""
    if text is None:
        return None
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split()) or None


def _parts(statement: Statement, lines: Sequence[PlannedEntry], journal: JournalState) -> list[PlannedStatement]:
    """The statement in parts of a bounded length, chained by their balances where it has them.

    After an overlap the first part begins where the new entries begin: closing less what is new.
    """
    opening = _part_opening(statement, lines, journal)
    parts: list[PlannedStatement] = []
    pieces = [lines[start : start + _MOST_ENTRIES] for start in range(0, len(lines), _MOST_ENTRIES)]
    for number, piece in enumerate(pieces, start=1):
        moved = total((line.amount for line in piece), journal.currency)
        closing = None if opening is None else opening + moved
        day = _closing_day(statement, piece)
        parts.append(
            PlannedStatement(
                key=_statement_key(piece),
                name=_name(statement, journal, day, number, len(pieces)),
                day=day,
                entries=tuple(piece),
                opening=opening,
                closing=closing,
            )
        )
        opening = closing
    return parts


def _part_opening(statement: Statement, lines: Sequence[PlannedEntry], journal: JournalState) -> Money | None:
    closing = balance_of(statement.closing, journal)
    if statement.opening is None or closing is None:
        return None
    return closing - total((line.amount for line in lines), journal.currency)


def _balance_after(
    statement: Statement, lines: Sequence[PlannedEntry], balance: Money | None, journal: JournalState
) -> Money | None:
    closing = balance_of(statement.closing, journal)
    if statement.opening is not None and closing is not None:
        return closing
    return None if balance is None else balance + total((line.amount for line in lines), journal.currency)


def _statement_key(lines: Sequence[PlannedEntry]) -> str:
    """A key of exactly these lines: the same lines planned again have it, fewer or more have not."""
    return "statement_" + hashlib.sha256("".join(line.key for line in lines).encode()).hexdigest()[:40]


def _name(statement: Statement, journal: JournalState, day: date, number: int, parts: int) -> str:
    shown = statement.number or statement.reference or day.isoformat()
    return f"{journal.code} {shown}" + (f" ({number}/{parts})" if parts > 1 else "")


def _closing_day(statement: Statement, lines: Sequence[PlannedEntry]) -> date:
    last = max(line.day for line in lines)
    return last if statement.closing is None or statement.closing.date is None else max(last, statement.closing.date)
