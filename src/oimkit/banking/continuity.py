"""What a person should know before a statement is imported: gaps, overlaps, and what could not be checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from oimkit.banking.journals import JournalState, names_currency, off_by
from oimkit.banking.statement import Balance, Entry, Finding, Statement
from oimkit.money import Money, total

__all__ = ["about_statement", "against_journal", "balance_of", "day_of", "first_day", "in_currency"]

_LATE = timedelta(days=31)
"""Between a closing balance and a booking that the same statement tells: more is no slip of a bank's calendar."""


def about_statement(statement: Statement, journal: JournalState) -> list[Finding]:
    """What the statement leaves open by itself."""
    found: list[Finding] = []
    if statement.balanced is None:
        found.append(_finding("no-balances", "the format gives no two balances; nothing proves it whole", statement))
    if statement.balanced is False:
        found.append(_finding("unbalanced", f"it was accepted as it is{off_by(statement)}", statement))
    if not statement.is_complete and not any(known.code.startswith("page-") for known in statement.findings):
        found.append(_finding("page-not-joined", "it is one page of several; join the pages before", statement))
    if statement.account is None or journal.account is None:
        whose = "the statement" if statement.account is None else f"journal {journal.code}"
        found.append(_finding("account-not-checked", f"{whose} names no account", statement))
    if not names_currency(statement):
        reason = f"the statement names no currency; it is taken as {journal.currency}"
        found.append(_finding("currency-not-named", reason, statement))
    found.extend(_booked_late(statement))
    return found


def _booked_late(statement: Statement) -> list[Finding]:
    """Booking days that no bank can have known: a date misread or misprinted, which would be imported as it is."""
    if statement.closing is None or statement.closing.date is None:
        return []
    latest = statement.closing.date + _LATE
    late = [entry for entry in statement.entries if entry.booking_date is not None and entry.booking_date > latest]
    if not late:
        return []
    reason = (
        f"{len(late)} entries are booked more than {_LATE.days} days after the closing balance of "
        f"{statement.closing.date.isoformat()}, the first on {late[0].booking_date:%Y-%m-%d}"
    )
    return [Finding("booked-after-closing", reason, line=late[0].line or statement.line)]


def against_journal(
    statement: Statement, new: Sequence[Entry], old: int, balance: Money | None, journal: JournalState
) -> list[Finding]:
    """Gap and overlap: the statement's balances and days beside those of the journal."""
    found: list[Finding] = []
    opening = balance_of(statement.opening, journal)
    if new and old:
        found.append(_finding("overlap", f"{old} entries are there already, {len(new)} are new", statement))
    if opening is not None and new:
        found.extend(_opening_findings(statement, opening, new, old, balance, journal))
    if old and opening is not None and opening == balance and _is_recent(statement, journal) and _moves(statement):
        reason = f"{old} entries count as known although the statement opens where the journal stands"
        found.append(_finding("known-but-balances-say-new", reason, statement))
    if journal.balance_date is not None and not old:
        early = sum(1 for entry in new if day_of(entry) < journal.balance_date)
        if early:
            reason = f"{early} new entries lie before the journal's last day, {journal.balance_date.isoformat()}"
            found.append(_finding("older-than-journal", reason, statement))
    return found


def _opening_findings(
    statement: Statement, opening: Money, new: Sequence[Entry], old: int, balance: Money | None, journal: JournalState
) -> list[Finding]:
    if balance is None:
        if not opening:
            return []
        reason = f"journal {journal.code} has no entries and the statement opens at {opening}"
        return [_finding("opens-without-history", reason, statement)]
    begins = opening
    closing = balance_of(statement.closing, journal)
    if old and closing is not None:
        begins = closing - total((in_currency(entry.amount, journal) for entry in new), journal.currency)
    if begins == balance or any(finding.code == "statement-gap" for finding in statement.findings):
        return []  # it fits, or the gap to the statement before was told when their pages were joined
    what = "its new entries begin" if old else "it opens"
    reason = f"{what} at {begins}, journal {journal.code} stands at {balance}: {begins - balance} is missing or doubled"
    return [_finding("balance-gap", reason, statement)]


def _moves(statement: Statement) -> bool:
    return (
        statement.opening is not None
        and statement.closing is not None
        and (statement.opening.amount != statement.closing.amount)
    )


def _is_recent(statement: Statement, journal: JournalState) -> bool:
    return journal.balance_date is None or _last_day(statement) >= journal.balance_date


def in_currency(amount: Money, journal: JournalState) -> Money:
    """*amount* in the journal's currency, which a statement that names none is taken to have."""
    return Money(amount.amount, journal.currency) if amount.currency.code == "XXX" else amount


def balance_of(balance: Balance | None, journal: JournalState) -> Money | None:
    """A balance in the journal's currency; None where the statement has none, or one in another currency."""
    if balance is None:
        return None
    amount = in_currency(balance.amount, journal)
    return amount if amount.currency == journal.currency else None


def day_of(entry: Entry) -> date:
    return entry.booking_date or entry.value_date


def first_day(statement: Statement) -> tuple[date, date]:
    """Where the statement stands among others: by its opening or first entry, then by its end."""
    days = [day_of(entry) for entry in statement.entries]
    opening = statement.opening.date if statement.opening is not None else None
    return min([*days, *([opening] if opening else [])], default=date.max), _last_day(statement)


def _last_day(statement: Statement) -> date:
    days = [day_of(entry) for entry in statement.entries]
    closing = statement.closing.date if statement.closing is not None else None
    return max([*days, *([closing] if closing else [])], default=date.max)


def _finding(code: str, reason: str, statement: Statement) -> Finding:
    return Finding(code, reason, line=statement.line)
