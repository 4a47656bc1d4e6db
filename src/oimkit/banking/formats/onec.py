"""1C client-bank exchange files (1CClientBankExchange; Russia, Kazakhstan): bytes -> Statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from oimkit.banking.formats._common import NO_CURRENCY, Budget, Damaged, money_of, refused
from oimkit.banking.formats.onec_accounts import Accounts, Draft, accounts_of
from oimkit.banking.formats.onec_documents import Twin, entry_from, movements_of, own_party, printed_twice
from oimkit.banking.formats.onec_sections import File, Section, cut, decoded_1c, documents_printed
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Entry, EntryStatus, Finding, Statement
from oimkit.errors import StatementError
from oimkit.money import Money, total

__all__ = ["read_1c"]

_FORMAT = "1c"


def read_1c(data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse") -> tuple[Statement, ...]:
    """One statement for every account section (СекцияРасчСчет), in file order.

    A document belongs to the section of the account that pays or is paid, by the day on which the bank booked it. One
    between two accounts of the file is an entry of both.

    Raises:
        StatementError: not such a file, cut off, payment orders instead of a statement, an amount, date or direction
            that cannot be read in exactly one way, or beyond *limits*. Carries line and key.

    Source: 1C, standard of the exchange with client-bank systems, versions 1.01 to 1.03, and 2.00 as banks of
    Kazakhstan write it; dialects in docs/formats/1c.md.
    """
    text, findings = decoded_1c(data)
    file = cut(text, limits)
    budget = Budget(_FORMAT, limits, damaged)
    accounts = accounts_of(file, budget)
    _conserve(text, _distribute(file, accounts, budget))
    _refuse_orders(file, accounts)
    statements = [_statement(draft, budget) for draft in accounts.drafts]
    return _ended(file, [_with(statements[0], findings), *statements[1:]])


# -- documents ----------------------------------------------------------------------------------------------------


def _distribute(file: File, accounts: Accounts, budget: Budget) -> int:
    """Give every document to the statements it belongs to; how many became entries or a finding."""
    twice = printed_twice(file.documents) if len(accounts.own) > 1 else frozenset()
    met = 0
    for raw, line in file.documents:
        budget.entry(line)
        document = Section(raw, line)
        try:
            homes = _give(document, accounts, twice)
        except StatementError as error:
            missing = budget.spare(error)
            for draft in accounts.named_by(document):
                draft.findings.append(missing)
        else:
            homes[0].unread.extend([line] * document.unread)
        met += 1
    return met


def _give(document: Section, accounts: Accounts, twice: frozenset[Twin]) -> list[Draft]:
    movements = movements_of(document, accounts.own, twice)
    homes = [accounts.home(movement) for movement in movements]
    if len({draft.currency for draft in homes}) > 1:
        raise document.refused("a document moves one amount between accounts in two currencies", "Сумма")
    # all that can be refused comes before anything is added
    entries = [entry_from(movement, draft.currency) for draft, movement in zip(homes, movements, strict=True)]
    owners = [
        own_party(movement) if draft.owner is None else None for draft, movement in zip(homes, movements, strict=True)
    ]
    for draft, movement, entry, owner in zip(homes, movements, entries, owners, strict=True):
        draft.take(movement, entry, owner)
    return homes


def _conserve(text: str, met: int) -> None:
    """Every document became an entry or a finding; otherwise the reading is refused."""
    printed = documents_printed(text)
    if printed != met:
        raise refused(_FORMAT, f"{printed} documents are printed but {met} were understood", None, "СекцияДокумент")


def _refuse_orders(file: File, accounts: Accounts) -> None:
    """Raise for the payment orders that 1C writes for the bank: no account section, and nothing booked."""
    if (
        file.accounts
        or not file.documents
        or any(entry.is_booked for each in accounts.drafts for entry in each.entries)
    ):
        return
    raise StatementError(
        "the file holds payment orders for the bank, not a statement: no document has been booked",
        format=_FORMAT,
        line=file.documents[0][1],
        tag="СекцияДокумент",
        advice="export the statement (kl_to_1c.txt) from the bank's program instead",
    )


def _ended(file: File, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements of a whole file. One without its last line is whole only where every balance closes."""
    if file.ended:
        return tuple(statements)
    if not all(statement.balanced for statement in statements):
        raise refused(_FORMAT, "the file is cut off: its last line is missing", None, "КонецФайла")
    missing = Finding("end-missing", "the last line of the file is missing; the balances show that no document is")
    return (_with(statements[0], [missing]), *statements[1:])


def _with(statement: Statement, findings: Iterable[Finding]) -> Statement:
    """The statement with what was found about the file as a whole."""
    return replace(statement, findings=(*findings, *statement.findings))


# -- statements ---------------------------------------------------------------------------------------------------


def _statement(draft: Draft, budget: Budget) -> Statement:
    """The statement of a draft: its balances, its entries booked or not, and what the bank's totals say."""
    opening = _balance(draft, draft.start, "OPBD", "НачальныйОстаток")
    closing = _balance(draft, draft.end, "CLBD", "КонечныйОстаток")
    if (opening is None) != (closing is None):
        draft.report("balances-incomplete", "the account section lacks an opening or a closing balance")
    if draft.currency == NO_CURRENCY:
        draft.report("currency-missing", "neither the file nor the account number names a currency", "РасчСчет")
    entries = _settled(draft, opening, closing) if draft.undated else draft.entries
    _check_totals(draft, entries)
    _check_days(draft, entries)
    statement = Statement(
        format=_FORMAT,
        account=draft.account,
        owner=draft.owner,
        currency=draft.currency,
        entries=tuple(entries),
        opening=opening,
        closing=closing,
        balances=tuple(balance for balance in (opening, closing) if balance is not None),
        period_start=draft.start,
        period_end=draft.end,
        line=None if draft.section is None else draft.section.line,
    )
    if draft.doubtful is not None and not statement.balanced:
        _doubt(draft, draft.doubtful, budget)
    if draft.unread:
        reason = f"{len(draft.unread)} lines are neither a key with a value nor the rest of a text"
        draft.findings.append(Finding("line-not-read", reason, draft.unread[0]))
    return replace(statement, findings=tuple(draft.findings))


def _balance(draft: Draft, day: date | None, code: str, key: str) -> Balance | None:
    """The balance under *key*, or None, with a finding when it stands there but cannot be read."""
    amount = _printed(draft, key, "balance-not-read", "a balance cannot be read")
    return None if amount is None else Balance(amount, day, code)


def _printed(draft: Draft, key: str, code: str, reason: str) -> Money | None:
    """The amount under *key* of the account section; None where it is absent, or with a finding where it is none."""
    if draft.section is None:
        return None
    try:
        amount = draft.section.amount(key)
    except StatementError as error:
        draft.report(code, f"{reason}: {error.reason}", key)
        return None
    return None if amount is None else money_of(amount, draft.currency)


def _settled(draft: Draft, opening: Balance | None, closing: Balance | None) -> list[Entry]:
    """The entries; those without a booking day become booked where only so the balances close."""
    undated = [entry for entry in draft.entries if not entry.is_booked]
    needed = _close(draft, opening, closing)
    how = "the balances show that they are booked" if needed else "they are taken as not booked"
    reason = f"{len(undated)} documents print no day of booking, and their own day stands in its place; {how}"
    draft.findings.append(Finding("date-missing", reason, undated[0].line, "ДатаСписано"))
    if not needed:
        return draft.entries
    return [entry if entry.is_booked else replace(entry, status=EntryStatus.BOOKED) for entry in draft.entries]


def _close(draft: Draft, opening: Balance | None, closing: Balance | None) -> bool:
    """True when the balances close with the documents without a booking day, and do not without them."""
    if opening is None or closing is None:
        return False
    moved = closing.amount - opening.amount
    dated = total((entry.amount for entry in draft.entries if entry.is_booked), draft.currency)
    return dated != moved and total((entry.amount for entry in draft.entries), draft.currency) == moved


# -- checks -------------------------------------------------------------------------------------------------------


def _check_totals(draft: Draft, entries: Iterable[Entry]) -> None:
    """Compare what the bank says came in and went out with the booked entries."""
    amounts = [entry.amount for entry in entries if entry.is_booked]
    zero = Money.zero(draft.currency)
    came_in = total((amount for amount in amounts if amount.amount > 0), draft.currency)
    went_out = zero - total((amount for amount in amounts if amount.amount < 0), draft.currency)
    for key, summed in (("ВсегоПоступило", came_in), ("ВсегоСписано", went_out)):
        printed = _printed(draft, key, "totals-not-read", "a total cannot be read")
        if printed is not None and printed != summed:
            draft.report("totals-differ", "the bank's own totals differ from its documents", key)


def _check_days(draft: Draft, entries: Iterable[Entry]) -> None:
    """Report movements booked outside of the period that the section stands for."""
    outside = [entry for entry in entries if entry.booking_date is not None and not draft.holds(entry.booking_date)]
    if outside:
        reason = f"{len(outside)} documents are booked outside of the period of their account section"
        draft.findings.append(Finding("period-differs", reason, outside[0].line, "ДатаСписано"))


def _doubt(draft: Draft, error: StatementError, budget: Budget) -> None:
    """Refuse or report a document that is booked on the other side only, as far as the bank prints it."""
    if budget.damaged == "refuse":
        raise error
    draft.findings.append(Finding("direction-doubtful", error.reason, error.line, error.tag))
