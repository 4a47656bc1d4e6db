"""Quicken Interchange Format (QIF), as banks and home-accounting programs write it: bytes -> Statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from oimkit.banking.decode import decode
from oimkit.banking.formats._common import NO_CURRENCY, Budget, Damaged, as_currency, iban_or_none, money_of, refused
from oimkit.banking.formats.qif_blocks import Account, Block, File, cut, movements_printed
from oimkit.banking.formats.qif_entries import OPENING, Gathered, take, transfer_to
from oimkit.banking.formats.qif_spelling import DateOrder, DecimalMark, Spelling, spelling_of
from oimkit.banking.formats.text_lines import with_line_feeds
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Balance, Finding, Statement
from oimkit.errors import InputError, StatementError
from oimkit.money import Currency

__all__ = ["read_qif"]

_FORMAT = "qif"


def read_qif(
    data: bytes,
    *,
    limits: Limits = LIMITS,
    damaged: Damaged = "refuse",
    date_order: DateOrder | None = None,
    decimal: DecimalMark | None = None,
) -> tuple[Statement, ...]:
    """One statement for every block of movements (``!Type:Bank`` and the like), in file order.

    QIF has no currency, no opening and no closing balance: the currency is XXX unless every movement prints one (F),
    and none of the balances is made up. A file that only lists accounts or categories gives statements without
    entries.

    Args:
        date_order: how a date of three numbers is written, where the caller knows it. Without it the file must prove
            it: by its header (``!Option:MDY``) or by a date that can be read in one order only.
        decimal: the decimal mark, where the caller knows it; else an amount such as 1,234 is read only in a file
            whose other amounts show the mark.

    Raises:
        InputError: an argument has no such value.
        StatementError: not QIF, cut off, a date or an amount that can be read in two ways, nothing in it at all, or
            beyond *limits*. Carries line and letter.

    Source: Quicken Interchange Format (Intuit); dialects in docs/formats/qif.md.
    """
    if date_order not in (None, "DMY", "MDY", "YMD") or decimal not in (None, ".", ","):
        raise InputError("date_order is 'DMY', 'MDY' or 'YMD', and decimal is '.' or ','")
    decoded = decode(data)
    text = with_line_feeds(decoded.text).rstrip("\x00\x1a")
    file = cut(text, limits)
    budget = Budget(_FORMAT, limits, damaged)
    spelling = _spelling(file, date_order, decimal)
    found = [*decoded.findings, *(budget.spare(error) for error in file.refused)]
    read = tuple(_statements(file, spelling, found, budget))
    _conserve(text, sum(understood for _, understood in read))
    return tuple(statement for statement, _ in read)


def _spelling(file: File, date_order: DateOrder | None, decimal: DecimalMark | None) -> Spelling:
    """What all dates and amounts of the file prove together: one program has written it."""
    return spelling_of(
        chain(_printed(file, _DATES), ((each.balance_date or "", each.line) for each in file.accounts)),
        chain(_printed(file, _AMOUNTS), ((each.balance or "", each.line) for each in file.accounts)),
        printed=file.order,
        told=date_order,
        decimal=decimal,
    )


_DATES = re.compile(r"^[^\S\n]*[DV]([^\n]*)$", re.MULTILINE)
_AMOUNTS = re.compile(r"^[^\S\n]*[TU$]([^\n]*)$", re.MULTILINE)


def _printed(file: File, lines: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """The texts of such *lines* in every movement, with their numbers."""
    for block in file.blocks:
        for record in block.records:
            line, at = record.line, 0
            for found in lines.finditer(record.text):
                line, at = line + record.text.count("\n", at, found.start()), found.start()
                yield found[1].strip(), line


def _statements(
    file: File, spelling: Spelling, found: list[Finding], budget: Budget
) -> Iterator[tuple[Statement, int]]:
    """The blocks as statements; where there is none, an empty one for every account, or one for the lists.

    Beside each stands how many records of it are entries or findings. What was found about the file as a whole stands
    with the first.
    """
    named = {account.name: account for account in reversed(file.accounts)}
    empty: list[Account | None] = [*reversed(named.values())] or ([None] if file.lists else [])
    if not file.blocks and not empty:
        raise refused(_FORMAT, "the file holds no account and no movement", None)
    for block in file.blocks:
        yield _statement(block, spelling, found, budget)
        found = []
    for account in empty if not file.blocks else ():
        yield _empty(account, spelling, found, budget), 0
        found = []


# -- statements ---------------------------------------------------------------------------------------------------


def _statement(block: Block, spelling: Spelling, found: Iterable[Finding], budget: Budget) -> tuple[Statement, int]:
    budget.statement(block.line)
    by_mark = spelling.by_mark
    gathered = Gathered(block.kind == "Invst", _account_of(block), NO_CURRENCY, spelling, budget, [*found])
    gathered.currency = _currency(block, gathered)
    for record in block.records:
        budget.entry(record.line)
        try:
            take(record, record is block.records[0], gathered)
        except StatementError as error:
            gathered.findings.append(budget.spare(error))
            gathered.missing += 1
    if spelling.finding is not None and gathered.entries:
        gathered.findings.append(spelling.finding)
    if spelling.by_mark > by_mark:
        gathered.findings.append(_mark_finding(spelling))
    _report_left_out(gathered)
    return _built(block.account, block.line, gathered), gathered.understood


def _empty(account: Account | None, spelling: Spelling, found: Iterable[Finding], budget: Budget) -> Statement:
    """The statement of an account that is only listed, or of a file that holds lists alone."""
    line = None if account is None else account.line
    budget.statement(line)
    only_lists = Finding("no-movements", "the file holds no movements, only lists", line)
    gathered = Gathered(False, _number(account), NO_CURRENCY, spelling, budget, [*found, only_lists])
    return _built(account, line, gathered)


def _built(account: Account | None, line: int | None, gathered: Gathered) -> Statement:
    if gathered.account is None:
        gathered.findings.append(Finding("account-missing", "the file names no account", line, "N"))
    if gathered.currency == NO_CURRENCY:
        gathered.findings.append(Finding("currency-missing", "the file names no currency", line))
    balance = _balance(account, gathered) if account is not None else None
    return Statement(
        format=_FORMAT,
        account=gathered.account,
        currency=gathered.currency,
        entries=tuple(gathered.entries),
        balances=() if balance is None else (balance,),
        remarks=() if account is None or account.description is None else (account.description,),
        findings=tuple(gathered.findings),
        line=line,
    )


_PRINTED_CURRENCY = re.compile(r"^[^\S\n]*F([A-Z]{3})[^\S\n]*$", re.MULTILINE)


def _currency(block: Block, gathered: Gathered) -> Currency:
    """The currency that every movement of the block prints (F, German Quicken), else XXX."""
    found = (_PRINTED_CURRENCY.search(record.text) for record in block.records)
    shared = {None if printed is None else printed[1] for printed in found}
    if shared <= {None}:
        return NO_CURRENCY
    if len(shared) > 1:
        reason = "the movements of one block do not all name the same currency"
        gathered.report("amount-currency", reason, block.line, "F")
        return NO_CURRENCY
    return as_currency(str(shared.pop())) or NO_CURRENCY


def _account_of(block: Block) -> str | None:
    """The account named before the block, or by its first record, when that is Quicken's opening balance."""
    if block.account is not None and block.account.name is not None:
        return _number(block.account)
    if not block.records:
        return None
    said = {letter: text for _, letter, text in block.records[0].fields()}
    own = transfer_to(said.get("L", ""))
    return (iban_or_none(own) or own) if own is not None and said.get("P", "").lower() in OPENING else None


def _number(account: Account | None) -> str | None:
    return None if account is None else iban_or_none(account.name) or account.name


def _balance(account: Account, gathered: Gathered) -> Balance | None:
    """The balance of the last statement that the account was checked with; neither opening nor closing here."""
    if account.balance is None:
        return None
    try:
        amount = gathered.spelling.amount(account.balance, account.line, "$")
        printed = account.balance_date
        day = gathered.spelling.day(printed, account.line, "/") if printed is not None else None
    except StatementError as error:
        reason = f"the balance of the account list cannot be read: {error.reason}"
        gathered.findings.append(Finding("list-balance-not-read", reason, account.line, error.tag))
        return None
    return Balance(money_of(amount, gathered.currency), day)


def _mark_finding(spelling: Spelling) -> Finding:
    mark = "point" if spelling.decimal == "." else "comma"
    how = "as the caller says" if spelling.told else "as the other amounts of the file show"
    return Finding("decimal-mark", f"amounts with one separator are read with a decimal {mark}, {how}", None, "T")


def _report_left_out(gathered: Gathered) -> None:
    if gathered.left_out:
        reason = (
            f"{len(gathered.left_out)} movements of the investment account are trades, or not plainly movements of "
            "cash, and are not among the entries"
        )
        gathered.findings.append(Finding("movements-not-read", reason, gathered.left_out[0], "N"))
    if gathered.unknown:
        reason = f"{len(gathered.unknown)} lines begin with no letter of the format; they stand in the raw text only"
        gathered.findings.append(Finding("line-not-read", reason, gathered.unknown[0]))


# -- conservation -------------------------------------------------------------------------------------------------


def _conserve(text: str, understood: int) -> None:
    """Every record of a block of movements became an entry or a finding; otherwise the reading is refused."""
    printed = movements_printed(text)
    if printed != understood:
        raise refused(_FORMAT, f"{printed} movements are printed but {understood} were understood", None, "^")
