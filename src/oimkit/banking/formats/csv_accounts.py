"""The statements of a CSV file: its entries by account and currency, with the balances that the file gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from oimkit.banking.csv_profiles.detection import Layout
from oimkit.banking.formats._common import NO_CURRENCY, Budget, clean, money_of, party
from oimkit.banking.formats.csv_balances import Chain, Verdict
from oimkit.banking.formats.csv_deciding import Decided
from oimkit.banking.formats.csv_drafts import Key, account_number
from oimkit.banking.formats.csv_gathering import Gathered
from oimkit.banking.formats.csv_rows import Row
from oimkit.banking.formats.csv_sorting import Said
from oimkit.banking.formats.csv_spelling import Spelling
from oimkit.banking.formats.csv_values import Mark, Order, read_currency, read_day, read_figure
from oimkit.banking.statement import Balance, Entry, Finding, Party, Statement

__all__ = ["Made", "statements_of"]

_FORMAT = "csv"


def statements_of(
    layout: Layout,
    gathered: Gathered,
    decided: Decided,
    spelling: Spelling,
    made: Made,
    findings: Sequence[Finding],
    budget: Budget,
) -> Iterator[Statement]:
    """One statement for each account, currency and part of an account, in the order in which they first appear.

    *findings* of the whole file stand with the first of them.
    """
    facts = _Facts(gathered.said, spelling.marks[decided.mark], _order(spelling, decided, made))
    places: dict[Key, list[int]] = {key: [] for key in decided.chains} or {_empty_key(layout, facts): []}
    for place, key in enumerate(made.keys):
        places[key].append(place)
    alone = len(places) == 1
    for number, (key, own) in enumerate(places.items()):
        entries = tuple(entry for place in own if (entry := made.entries[place]) is not None)
        line = entries[0].line if entries else None
        budget.statement(line)
        ends = _ends(key, decided, made, facts.said if alone else (), facts.mark)
        yield Statement(
            format=_FORMAT,
            account=key.account,
            currency=key.currency,
            entries=entries,
            opening=ends.opening,
            closing=ends.closing,
            number=facts.text("number") if alone else None,
            findings=(*(findings if not number else ()), *ends.findings, *_noticed(key, entries, facts)),
            line=line,
            owner=_owner(layout, facts, entries),
            balances=ends.balances,
            period_start=facts.day("period_start"),
            period_end=facts.day("period_end"),
            remarks=_remarks(key, gathered, facts, first=not number),
        )


class Made(NamedTuple):
    """The entries of a file in file order, None for one that was reported; and the statement and line of each."""

    entries: list[Entry | None]
    keys: list[Key]
    lines: list[int]

    def day(self, place: int) -> date | None:
        """The day on which the entry at *place* moved the balance."""
        entry = self.entries[place]
        return None if entry is None else entry.booking_date or entry.value_date


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows above the header and below the entries say; numbers and days spelt as the entries are."""

    said: Sequence[Said]
    mark: Mark
    order: Order | None

    def all(self, gives: str) -> list[Said]:
        return [each for each in self.said if each.gives == gives]

    def text(self, gives: str) -> str | None:
        return next((each.text for each in self.all(gives)), None)

    def day(self, gives: str) -> date | None:
        text = self.text(gives)
        return read_day(text, self.order) if text is not None and self.order is not None else None


def _order(spelling: Spelling, decided: Decided, made: Made) -> Order | None:
    """The order of days that the entries have; None where there are none that would tell."""
    return spelling.orders[decided.order] if made.keys or len(spelling.orders) == 1 else None


def _empty_key(layout: Layout, facts: _Facts) -> Key:
    """The account of a file without entries."""
    account = account_number(facts.text("account") or "")
    named = read_currency(facts.text("currency") or "")
    return Key(account, layout.currency or named or layout.profile.amounts.currency or NO_CURRENCY, None)


def _owner(layout: Layout, facts: _Facts, entries: Sequence[Entry]) -> Party | None:
    """The holder of the account, as a row above the header or a column says."""
    place = layout.place("owner")
    if place >= 0 and entries:
        cells = layout.cutting.cells(Row(entries[0].line or 0, entries[0].raw or ""))
        return party(cells[place].strip("' ") if place < len(cells) else None, None, None)
    return party(facts.text("owner"), None, None)


def _remarks(key: Key, gathered: Gathered, facts: _Facts, *, first: bool) -> tuple[str, ...]:
    """What the file says beside its entries, with its first statement; and which part of the account it is."""
    texts = [*gathered.remarks, *(each.text for each in facts.all("text"))] if first else []
    if key.subaccount is not None:
        texts.insert(0, key.subaccount)
    return tuple(text for text in map(clean, texts) if text is not None)


def _noticed(key: Key, entries: Sequence[Entry], facts: _Facts) -> list[Finding]:
    """Findings for a currency that nothing names, and for entries outside the period that the file says it is of."""
    found = []
    if key.currency == NO_CURRENCY and entries:
        reason = "neither the file nor the profile names the currency; the amounts are in XXX"
        found.append(Finding("currency-missing", reason, entries[0].line))
    start, end = facts.day("period_start"), facts.day("period_end")
    for entry in entries if start is not None or end is not None else ():
        day = entry.booking_date
        if day is not None and ((start is not None and day < start) or (end is not None and day > end)):
            found.append(Finding("outside-period", "an entry was booked outside the period of the file", entry.line))
            break
    return found


# -- balances -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Ends:
    """The balances of a statement, and what was noticed about them."""

    opening: Balance | None
    closing: Balance | None
    balances: tuple[Balance, ...]
    findings: list[Finding]


def _ends(key: Key, decided: Decided, made: Made, beside: Sequence[Said], mark: Mark) -> _Ends:
    """Opening and closing: as printed beside the rows, else of the running balance."""
    chain, own = decided.chains.get(key, (Chain(Verdict.NONE), ()))
    findings = _broken(chain, own, made)
    opening = _running(chain.opening, chain.first, key, made, own)
    closing = _running(chain.closing, chain.last, key, made, own)
    listed = [balance for balance in (opening, closing) if balance is not None]
    for said in beside:
        if said.gives not in ("opening", "closing", "balance"):
            continue
        printed = _printed(said, key, mark)
        if printed is None:
            if said.gives != "balance":
                findings.append(Finding("balance-not-read", "a balance beside the rows cannot be read", said.line))
            continue
        listed.append(printed)
        if said.gives == "opening":
            opening = _chosen(opening, printed, said, findings)
        elif said.gives == "closing":
            closing = _chosen(closing, printed, said, findings)
    return _Ends(opening, closing, tuple(dict.fromkeys(listed)), findings)


def _broken(chain: Chain, own: Sequence[int], made: Made) -> list[Finding]:
    """Findings for rows that do not follow from each other, and for ends that are not certain."""
    if chain.verdict is Verdict.BROKEN:
        line = min(made.lines[own[place]] for place in chain.breaks)
        reason = f"{len(chain.breaks)} running balances do not follow from the one before and the entries between"
        return [Finding("balance-chain", reason, line)]
    if chain.verdict is Verdict.PROVED and chain.opening is None:
        reason = (
            "the running balances do not tell whether the rows run from old to new; opening and closing are not given"
        )
        return [Finding("balance-order", reason, made.lines[own[0]])]
    return []


def _running(amount: Decimal | None, place: int, key: Key, made: Made, own: Sequence[int]) -> Balance | None:
    """An end of the chain, on the day of its row."""
    if amount is None or not own:
        return None
    return Balance(money_of(amount, key.currency), made.day(own[place]))


def _printed(said: Said, key: Key, mark: Mark) -> Balance | None:
    """A balance printed beside the rows; None when it is not one number in the account's currency."""
    figure = read_figure(said.text, mark)
    if figure is None or (figure.currency is not None and figure.currency != key.currency):
        return None
    code = {"opening": "OPBD", "closing": "CLBD"}.get(said.gives)
    return Balance(money_of(figure.amount, key.currency), None, code)


def _chosen(running: Balance | None, printed: Balance, said: Said, findings: list[Finding]) -> Balance:
    """The printed balance, which the running one must equal."""
    if running is not None and running.amount != printed.amount:
        findings.append(
            Finding("balances-differ", f"the {said.gives} balance is not that of the running balance", said.line)
        )
    return printed
