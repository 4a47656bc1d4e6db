"""The accounts of a 1C exchange file, and which account section a day's movements belong to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from oimkit.banking.formats._common import NO_CURRENCY, Budget, as_currency, refused
from oimkit.banking.formats.numeric_currencies import currency_numbered
from oimkit.banking.formats.onec_documents import Movement, plain_account
from oimkit.banking.formats.onec_sections import File, Section
from oimkit.banking.statement import Entry, Finding, Party
from oimkit.errors import StatementError
from oimkit.money import Currency

__all__ = ["Accounts", "Draft", "accounts_of"]

_FORMAT = "1c"


@dataclass(slots=True, repr=False)
class Draft:
    """A statement in the making.

    section   the account section, or None for an account that only the header of the file names
    entries   its documents; those whose booking day is not printed are pending until the balances are looked at
    undated   how many these are
    doubtful  the refusal of the first document that prints the booking day of the other side only, or None
    unread    lines of documents in which a line could not be read
    """

    account: str
    section: Section | None
    start: date | None
    end: date | None
    currency: Currency
    owner: Party | None = None
    entries: list[Entry] = field(default_factory=list)
    undated: int = 0
    doubtful: StatementError | None = None
    unread: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take(self, movement: Movement, entry: Entry, owner: Party | None) -> None:
        """Add a movement as its entry, and the holder of the account as its document prints him."""
        self.entries.append(entry)
        self.undated += movement.booked is None
        self.owner = self.owner or owner
        if movement.doubtful and self.doubtful is None:
            reason = "a document prints the booking day of the other side only, and no balances show that it is booked"
            self.doubtful = movement.document.refused(reason, "ДатаСписано", "ДатаПоступило")

    def report(self, code: str, reason: str, *keys: str) -> None:
        """Add a finding about the section, at the line of the first of *keys* that stands in it."""
        if self.section is None:
            self.findings.append(Finding(code, reason))
            return
        where = self.section.refused(reason, *keys)
        self.findings.append(Finding(code, reason, where.line, where.tag))

    def holds(self, day: date) -> bool:
        """True when the section stands for that day."""
        return (self.start or date.min) <= day <= (self.end or date.max)


def accounts_of(file: File, budget: Budget) -> Accounts:
    """The accounts of the file, with a draft for every account section.

    Raises:
        StatementError: a section without an account, a period that is no date, or no account at all.
    """
    drafts = [_draft(file, section, budget) for section in file.accounts]
    named = list(dict.fromkeys(map(plain_account, file.own)))
    if not drafts:
        drafts = [_headed(file, account, budget) for account in named]
    if not drafts:
        raise refused(_FORMAT, "the file names no account of its own", 1, "РасчСчет")
    return Accounts(file, budget, drafts, frozenset(named) | {draft.account for draft in drafts})


def _draft(file: File, section: Section, budget: Budget) -> Draft:
    budget.statement(section.line)
    printed = section.value("РасчСчет", "ИИК")
    if printed is None and len(set(file.own)) == 1:
        printed = file.own[0]
    if printed is None:
        raise section.refused("an account section names no account", "РасчСчет")
    account = plain_account(printed)
    start = section.day("ДатаНачала") or file.header.day("ДатаНачала")
    end = section.day("ДатаКонца") or file.header.day("ДатаКонца")
    draft = Draft(account, section, start, end, _currency(account, section))
    if start is not None and end is not None and start > end:
        draft.report("period-differs", "the period of an account section ends before it begins", "ДатаКонца")
    return draft


def _headed(file: File, account: str, budget: Budget) -> Draft:
    """A draft without balances, for an account that only the header names."""
    budget.statement(file.header.line)
    header = file.header
    return Draft(account, None, header.day("ДатаНачала"), header.day("ДатаКонца"), _currency(account, header))


def _currency(account: str, section: Section) -> Currency:
    """The currency that the section names, or that digits 6 to 8 of a Russian account number stand for; else XXX.

    Source: Bank of Russia, plan of accounts of credit institutions: 810 is the rouble inside the country.
    """
    named = section.value("Валюта", "КодВалюты")
    if named is not None:
        return currency_numbered(named) or as_currency(named) or NO_CURRENCY
    if len(account) == 20 and account.isascii() and account.isdigit():
        return Currency("RUB") if account[5:8] == "810" else currency_numbered(account[5:8]) or NO_CURRENCY
    return NO_CURRENCY


class Accounts:
    """The drafts of a file in the order of its statements, found by account and day."""

    def __init__(self, file: File, budget: Budget, drafts: list[Draft], own: frozenset[str]) -> None:
        self.file, self.budget, self.drafts, self.own = file, budget, drafts, own
        self._periods = {
            account: _Periods([draft for draft in drafts if draft.account == account])
            for account in {draft.account for draft in drafts}
        }

    def home(self, movement: Movement) -> Draft:
        """The statement that a movement belongs to: of its account, and where that has several, of its day.

        Raises:
            StatementError: none of several account sections stands for the day, or more than one does.
        """
        periods = self._periods.get(movement.account)
        if periods is None:
            draft = _headed(self.file, movement.account, self.budget)
            self.drafts.append(draft)
            self._periods[movement.account] = _Periods([draft])
            return draft
        if len(periods.drafts) == 1:
            return periods.drafts[0]
        found = periods.of(movement.day)
        if found is None:
            reason = "the account has several sections, and not just one of them stands for a document's day"
            raise movement.document.refused(reason, "ДатаСписано", "ДатаПоступило", "ДатаОперации", "Дата")
        return found

    def named_by(self, document: Section) -> list[Draft]:
        """The first draft of every account that a document names; the first of all where it names none."""
        sides = ("Плательщик", "Получатель")
        keys = (f"{side}{key}" for side in sides for key in ("Счет", "РасчСчет", "ИИК"))
        named = dict.fromkeys(plain_account(document.values.get(key, "")) for key in keys)
        found = [self._periods[account].drafts[0] for account in named if account in self._periods]
        return found or self.drafts[:1]


class _Periods:
    """The sections of one account by the days they stand for."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self.drafts = sorted(drafts, key=lambda draft: draft.start or date.min)
        self._starts = [draft.start or date.min for draft in self.drafts]
        self._last_ends = list(accumulate((draft.end or date.max for draft in self.drafts), max))

    def of(self, day: date) -> Draft | None:
        """The one section that stands for *day*; None when none or more than one does."""
        at = bisect_right(self._starts, day) - 1
        if at < 0 or not self.drafts[at].holds(day) or (at > 0 and self._last_ends[at - 1] >= day):
            return None
        return self.drafts[at]
