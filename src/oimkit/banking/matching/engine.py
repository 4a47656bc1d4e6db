"""Matching: every entry heard for itself, then all of them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from oimkit.banking.collecting import without_collector
from oimkit.banking.matching.case import Case
from oimkit.banking.matching.claims import Claim, claim
from oimkit.banking.matching.contest import Hearing, contest
from oimkit.banking.matching.differences import pays
from oimkit.banking.matching.evidence import Evidence, read_evidence, with_payers
from oimkit.banking.matching.ledger import Ledger, normal_account
from oimkit.banking.matching.links import delivery, linked
from oimkit.banking.matching.model import Decision, MatchResult, OpenItem, Outcome, Proposal, Reason, Suggestion, Terms
from oimkit.banking.matching.outcomes import outcome_of
from oimkit.banking.matching.suggestions import suggest
from oimkit.banking.matching.witnesses import Accounts
from oimkit.banking.statement import Entry
from oimkit.errors import InputError

__all__ = ["match"]

_PLAIN = Terms()


def match(
    entries: Sequence[Entry],
    open_items: Sequence[OpenItem],
    *,
    terms: Terms = _PLAIN,
    executor: Executor | None = None,
) -> MatchResult:
    """What each entry settles, with reasons: certain ones automatic, the others for a person to judge.

    An entry is matched with the items of its own ``book``. Automatic takes what identifies the items (a reference,
    or a payer who is known and an amount that fits nothing else of theirs), a name for every cent (settled, a cash
    discount, a fee, a rounding, a moved rate, a part, or kept on the partner's account), and no contradiction. Two
    candidates that fit equally are a tie and reported, never chosen. No item is settled beyond what is open of it,
    and what the allocations take of an entry, with its adjustments and what stays unallocated, is its amount exactly.
    The result depends neither on the order of the arguments nor on the executor.

    Args:
        entries: booked entries; details of a batch count only when passed as entries of their own.
        open_items: what the ledgers have open, ids unique.
        terms: own accounts, base currencies, tolerances.
        executor: runs one task a book; this process when None.

    Raises:
        InputError: two open items share an id.
    """
    if len({item.id for item in open_items}) != len(open_items):
        raise InputError("two open items carry the same id", advice="give every open item an id of its own")
    books: dict[str | None, list[tuple[int, Entry]]] = defaultdict(list)
    for index, entry in enumerate(entries):
        books[entry.book].append((index, entry))
    items: dict[str | None, list[OpenItem]] = defaultdict(list)
    for item in open_items:
        items[item.book].append(item)
    tasks = [(books[book], items[book], terms) for book in books]
    run = map if executor is None else executor.map
    found = [proposal for done in run(_match_book, tasks) for proposal in done]
    links = linked(entries, found)
    proposals = [replace(each, linked=links[each.index]) if each.index in links else each for each in found]
    return MatchResult(tuple(sorted(proposals, key=lambda proposal: proposal.index)))


def _match_book(task: tuple[list[tuple[int, Entry]], list[OpenItem], Terms]) -> list[Proposal]:
    """The proposals for the entries of one book."""
    with without_collector():
        return _proposals(*task)


def _proposals(numbered: list[tuple[int, Entry]], items: list[OpenItem], terms: Terms) -> list[Proposal]:
    cases, facts = _cases(numbered, Ledger(items), terms)
    hearings = {index: Hearing(case, *claim(case)) for index, case in cases.items() if index not in facts}
    lost = contest(hearings)
    told = [_told(index, cases[index], *fact) for index, fact in facts.items()]
    return told + [_heard(index, hearing, lost.get(index)) for index, hearing in hearings.items()]


Fact = tuple[Outcome | None, Reason]
"""What an entry is by itself, before any item is looked at, and why."""


def _cases(numbered: list[tuple[int, Entry]], ledger: Ledger, terms: Terms) -> tuple[dict[int, Case], dict[int, Fact]]:
    """Every entry with what it says and who may have paid; and those that are no ordinary payment."""
    repeated = _repeated(numbered)
    found = {index: _fact(entry, index in repeated, terms) for index, entry in numbered}
    facts = {index: fact for index, fact in found.items() if fact is not None}
    said = {index: read_evidence(entry, ledger) for index, entry in numbered}
    learned = _learned([(index, entry) for index, entry in numbered if index not in facts], said)
    cases: dict[int, Case] = {}
    for index, entry in numbered:
        cases[index] = Case(entry, with_payers(said[index], entry, ledger, learned, index), ledger, terms)
    return cases, facts


def _told(index: int, case: Case, outcome: Outcome | None, reason: Reason) -> Proposal:
    """The proposal for what is no ordinary payment; what a reversal may undo is shown."""
    shown = suggest(case) if outcome is Outcome.REVERSAL else ()
    return _unsettled(index, case.entry, shown, (reason,), outcome)


def _heard(index: int, hearing: Hearing, lost: Reason | None) -> Proposal:
    """The proposal for a payment, by its claim unless that is *lost*."""
    if hearing.claim is not None and lost is None:
        return _settled(index, hearing.case.entry, hearing.claim)
    why = hearing.reasons if lost is None else (*hearing.reasons, lost)
    shown = suggest(hearing.case)
    return _unsettled(index, hearing.case.entry, shown, why, outcome_of(hearing, lost, shown))


def _learned(numbered: Sequence[tuple[int, Entry]], said: Mapping[int, Evidence]) -> Accounts:
    """The accounts from which documents were paid that were quoted in full and fit the amount."""
    learned = Accounts()
    for index, entry in numbered:
        account = entry.counterparty.account if entry.counterparty is not None else None
        evidence = said[index]
        if account is None or evidence.account_owners:
            continue
        items = {naming.items[0].id: naming.items[0] for naming in evidence.namings if len(naming.keys) == 1}
        strong = all(naming.keys[0].strong for naming in evidence.namings)
        if evidence.ordered or (strong and items and pays(entry, list(items.values()))):
            learned.learn(account, {item.partner_id for item in (evidence.ordered or items.values())}, index)
    return learned


def _fact(entry: Entry, is_repeated: bool, terms: Terms) -> Fact | None:
    """What the entry is by itself; None for an ordinary payment."""
    if not entry.is_booked:
        return None, Reason("not_booked", entry.status.value)
    if not entry.amount:
        return None, Reason("no_amount")
    if is_repeated:
        return Outcome.DUPLICATE_IMPORT, Reason("delivered_before", "same account, bank reference, day and amount")
    if entry.reversal or entry.return_reason is not None:
        return Outcome.REVERSAL, Reason("reversal", entry.return_reason or "marked by the bank")
    account = entry.counterparty.account if entry.counterparty is not None else None
    if account is not None and normal_account(account) in terms.own_accounts:
        return Outcome.INTERNAL_TRANSFER, Reason("own_account", "the other side is an account of ours")
    return None


def _repeated(numbered: Sequence[tuple[int, Entry]]) -> frozenset[int]:
    """Entries that an earlier one already is: same account, bank reference, days and amount; lowest id is the first."""
    seen: dict[object, list[tuple[str, int]]] = defaultdict(list)
    for index, entry in numbered:
        if (key := delivery(entry)) is not None:
            seen[key].append((entry.id or "", index))
    return frozenset(index for group in seen.values() for _, index in sorted(group)[1:])


def _settled(index: int, entry: Entry, wish: Claim) -> Proposal:
    return Proposal(
        index=index,
        entry_id=entry.id,
        decision=Decision.AUTO,
        allocations=wish.allocations,
        adjustments=wish.adjustments,
        suggestions=(Suggestion(tuple(sorted(item.id for item in wish.items)), wish.reasons),),
        reasons=wish.reasons,
        outcome=Outcome.MATCH,
        unallocated=wish.unallocated,
    )


def _unsettled(
    index: int,
    entry: Entry,
    shown: tuple[Suggestion, ...],
    reasons: tuple[Reason, ...],
    outcome: Outcome | None = None,
) -> Proposal:
    return Proposal(
        index=index,
        entry_id=entry.id,
        decision=Decision.REVIEW if shown else Decision.NONE,
        suggestions=shown,
        reasons=reasons,
        outcome=outcome,
    )
