"""When an entry may settle items unseen: the rules for one entry, before other entries are heard.

Automatic takes two things: what identifies the items (a checked or exact reference, or a payer who is known and an
amount that only fits them), and a name for every cent. Whatever falls short says why, as reasons, and goes to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oimkit.banking.matching.case import Case
from oimkit.banking.matching.differences import (
    Explanation,
    Part,
    due_of,
    explain,
    less_fee_of_provider,
    pays,
    settled_in_full,
)
from oimkit.banking.matching.evidence import Naming
from oimkit.banking.matching.ledger import Key
from oimkit.banking.matching.model import Adjustment, Allocation, OpenItem, Reason
from oimkit.banking.matching.numbers import DAMAGED
from oimkit.banking.matching.sums import Sums, groups_of
from oimkit.banking.statement import Entry
from oimkit.money import Money

__all__ = ["PARTLY", "WEAKEST", "Claim", "claim"]

WEAKEST, PARTLY = 2, 3


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry's wish to settle *parts* of items.

    rank  0 an id of our own order, 1 a reference, 2 only payer and amount, 3 a reference with another amount; a lower
          rank is heard first
    """

    rank: int
    parts: tuple[Part, ...]
    reasons: tuple[Reason, ...]
    adjustments: tuple[Adjustment, ...] = ()
    unallocated: Money | None = None

    @property
    def items(self) -> tuple[OpenItem, ...]:
        return tuple(part.item for part in self.parts)

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        ordered = sorted(self.parts, key=lambda part: part.item.id)
        return tuple(Allocation(part.item.id, part.amount, part.paid) for part in ordered)


Reasons = tuple[Reason, ...]
Wish = Claim | Reasons


def claim(case: Case) -> tuple[Claim | None, Reasons]:
    """The claim of an entry, or None with the reasons why there is none."""
    evidence = case.evidence
    if evidence.ordered:
        wish = _by_order(case)
    elif evidence.batch:
        wish = _by_batch(case)
    elif evidence.namings:
        wish = _by_reference(case)
    else:
        wish = _by_payer(case)
    if not isinstance(wish, Claim):
        return None, wish
    against = _contradictions(case, wish)
    return (None, (*wish.reasons, *against)) if against else (wish, wish.reasons)


def _claim(rank: int, found: Explanation, reasons: Iterable[Reason]) -> Claim:
    return Claim(rank, found.parts, (*reasons, found.reason), found.adjustments, found.unallocated)


# -- our own orders -----------------------------------------------------------------------------------------------


def _by_order(case: Case) -> Wish:
    """Our own end-to-end id came back: the order or collection that carries it."""
    entry, evidence = case.entry, case.evidence
    if len(evidence.ordered) > 1:
        return (Reason("end_to_end_id_tie", f"{len(evidence.ordered)} open items carry it"),)
    item = evidence.ordered[0]
    named = Reason("end_to_end_id", f"of open item {item.id}")
    if not pays(entry, evidence.ordered):
        return named, _difference(entry, evidence.ordered)
    others = {other.id for naming in evidence.namings for other in naming.items} - {item.id}
    if others and not any(item in naming.items for naming in evidence.namings):
        return named, Reason("names_another_document", f"{len(others)} other open item(s) are quoted")
    return Claim(0, settled_in_full(evidence.ordered), (named, _exact(entry)))


def _by_batch(case: Case) -> Wish:
    """Our own batch was booked as one entry: all its items, or none; a provider of cards keeps its fee."""
    entry, items = case.entry, case.evidence.batch
    named = Reason("batch_id", f"of {len(items)} open items")
    if pays(entry, items):
        return Claim(0, settled_in_full(items), (named, _exact(entry)))
    found = less_fee_of_provider(entry, items)
    return _claim(0, found, (named,)) if found is not None else (named, _difference(entry, items))


# -- references ---------------------------------------------------------------------------------------------------


def _by_reference(case: Case) -> Wish:
    """Documents that the entry quotes, all of them together."""
    chosen, reasons, questions = _quoted(case)
    if questions:
        return (*reasons, *questions)
    keys = {key.item.id: key for key in reversed(chosen)}
    items = _of_one_partner(case, tuple({key.item.id: key.item for key in chosen}.values()), keys)
    if isinstance(items, Reason):
        return *reasons, items
    found = explain(case.entry, items, case.terms)
    if found is not None and found.doubt <= 1:
        return _claim(1, found, reasons)
    return _by_other_amount(case, items, keys, found, reasons)


def _of_one_partner(case: Case, items: tuple[OpenItem, ...], keys: Mapping[str, Key]) -> tuple[OpenItem, ...] | Reason:
    """The quoted items, without weak numbers that are another partner's; or why they are not taken for meant."""
    if len({item.partner_id for item in items}) > 1:
        quoted = len(items)
        items = tuple(item for item in items if keys[item.id].strong or item.partner_id in case.evidence.sure)
        if len({item.partner_id for item in items}) != 1:
            return Reason("several_partners", f"the {quoted} quoted items are of more than one partner")
    if _is_witnessed(case, items[0]):
        return items
    if weak := [item for item in items if not keys[item.id].strong]:
        return Reason("short_number_alone", f"nothing else points to the partner of {weak[0].id}")
    if all(_is_common(case, keys[item.id]) for item in items):
        return Reason("common_amount", "a plain number and a frequent amount, from somebody unknown")
    return items


_COMMON = 4
"""Open items of one amount from which on a document of this amount may have the number by chance."""


def _is_common(case: Case, key: Key) -> bool:
    """True for a number without check digits of an item whose amount many have: others may count and charge alike."""
    residual = key.item.residual
    equal = case.ledger.by_amount.get((residual.currency.code, residual.amount), ())
    return not key.checked and len(equal) >= _COMMON


def _by_other_amount(
    case: Case,
    items: tuple[OpenItem, ...],
    keys: Mapping[str, Key],
    found: Explanation | None,
    reasons: Reasons,
) -> Wish:
    """Quoted items whose sum is another: others of the partner fill it, or the difference that was *found* is meant."""
    others = case.open_items(items[0].partner_id, besides=items)
    filled = case.filling(items, others, most=3)
    for sums, is_enough in ((case.filling(items, case.supported(others), most=8), True), (filled, False)):
        if sums is not None and len(sums.groups) == 1 and (is_enough or sums.is_telling):
            group = sums.groups[0]
            added = Reason("only_group_of_this_sum", f"{len(group)} more item(s) of the partner make the amount exact")
            return Claim(1, settled_in_full((*items, *group)), (*reasons, added, _exact(case.entry)))
    if found is None:
        return *reasons, _difference(case.entry, items)
    if doubts := _doubts(case, items, keys, found, others, filled):
        return *reasons, _difference(case.entry, items), *doubts
    return _claim(1 if found.doubt == 2 else PARTLY, found, reasons)


def _doubts(
    case: Case,
    items: Sequence[OpenItem],
    keys: Mapping[str, Key],
    found: Explanation,
    others: Sequence[OpenItem],
    filled: Sums | None,
) -> Reasons:
    """Why another amount than what is due is not taken for a part payment, or for too much.

    Args:
        found: what it would be taken for.
        others: what else the partner has open.
        filled: those of them that would fill the amount.
    """
    evidence, rest = case.evidence, found.unallocated
    doubts: list[Reason] = []
    if found.doubt > 2 and filled is not None and filled.groups:
        doubts.append(Reason("more_may_be_meant", "other items would fill the amount"))
    if evidence.unknown_numbers or evidence.maimed_numbers:
        doubts.append(Reason("quotes_something_not_open", "another number names nothing open"))
    if any(not keys[item.id].checked for item in items) and items[0].partner_id not in evidence.sure:
        doubts.append(Reason("payer_not_known", "nothing but the number points to the partner"))
    if rest is not None and len(items) > 1:
        doubts.append(Reason("more_may_be_meant", "several documents are quoted, and more came than they need"))
    if rest is not None and evidence.quoted.ends:
        doubts.append(Reason("more_may_be_meant", "another number stands in the text, and more came than is due"))
    if case.supported(others) or len(evidence.namings) > len(items):
        doubts.append(Reason("more_may_be_meant", "parts of other numbers of the partner are quoted"))
    if equal := [other.id for other in others if other.residual in (case.entry.amount, rest)]:
        doubts.append(Reason("amount_of_another_item", f"open item {equal[0]}"))
    return tuple(doubts)


def _quoted(case: Case) -> tuple[list[Key], Reasons, Reasons]:
    """The keys that count, in the order in which they are quoted, why, and what remains undecided.

    A number of one item stands for it. A number that several items share (a reference of the payer, a number
    that two suppliers use) stands for the one that a second witness singles out: the partner, then the amount.
    """
    evidence = case.evidence
    alone = [naming.keys[0] for naming in evidence.namings if len(naming.keys) == 1]
    partners = {key.item.partner_id for key in alone} | evidence.account_owners
    covered = {key.item.id for key in alone}
    chosen: list[Key] = []
    reasons: list[Reason] = []
    questions: list[Reason] = []
    for naming in evidence.namings:
        if len(naming.keys) == 1:
            chosen.append(naming.keys[0])
            reasons.append(_named(naming.source, naming.keys[0]))
            continue
        if covered & {item.id for item in naming.items}:
            continue
        key = _singled_out(case, naming, partners, alone=not alone)
        if key is None:
            questions.append(Reason("shared_number", f"{len(naming.keys)} open items carry it ({naming.keys[0].kind})"))
        else:
            chosen.append(key)
            covered.add(key.item.id)
            reasons.append(_named(naming.source, key))
            reasons.append(Reason("only_one_fits", f"of the {len(naming.keys)} open items with this number"))
    return chosen, tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(questions))


def _singled_out(case: Case, naming: Naming, partners: Iterable[str], *, alone: bool) -> Key | None:
    """The one key of a shared number that partner and amount leave."""
    keys = [key for key in naming.keys if key.item.partner_id in set(partners)] or list(naming.keys)
    if len(keys) > 1 and alone:
        exact = [key for key in keys if key.item.residual == case.entry.amount]
        keys = exact or [key for key in keys if _explains(case, key.item)]
    return keys[0] if len(keys) == 1 else None


def _explains(case: Case, item: OpenItem) -> bool:
    return explain(case.entry, (item,), case.terms, surely=True) is not None


def _named(source: str, key: Key) -> Reason:
    check = f", check digits hold ({key.checked})" if key.checked else ""
    return Reason(key.kind, f"of open item {key.item.id} in {source}{check}{'' if key.whole else ', its digits'}")


def _is_witnessed(case: Case, item: OpenItem) -> bool:
    """True when account, mandate, customer number or name also point to the item's partner."""
    return item.partner_id in case.evidence.payers or bool(case.likeness(item))


# -- payer and amount ---------------------------------------------------------------------------------------------


def _by_payer(case: Case) -> Wish:
    """Nothing quoted in full: who paid, and what of theirs fits the amount."""
    sure = case.evidence.sure
    if len(sure) > 1:
        return (Reason("several_payers", f"{len(sure)} partners are pointed to"),)
    for partner in sure:
        return _of_partner(case, partner)
    return _of_amount(case)


def _of_partner(case: Case, partner: str) -> Wish:
    """The one item of a known payer that fits the amount, or the one that a number singles out, or a group."""
    evidence = case.evidence
    known = evidence.payers[partner].reasons[0]
    items = case.open_items(partner)
    fitting: list[tuple[Explanation, str | None]] = []
    for item in items:
        found = explain(case.entry, (item,), case.terms, surely=True)
        if found is not None:
            fitting.append((found, case.support(item)))
    backed = [each for each in fitting if each[1] is not None]
    exact = [each for each in fitting if each[0].doubt == 0]
    pool = backed or exact or fitting
    if len(pool) == 1:
        found, number = pool[0]
        if number is not None:
            return _claim(1, found, (known, Reason(number, f"of open item {found.parts[0].item.id}")))
        if unknown := evidence.unknown_numbers + evidence.maimed_numbers:
            return known, Reason("quotes_something_not_open", f"{unknown} number(s) name nothing open")
        if len(fitting) == 1:
            only = Reason("only_item_of_this_amount", f"open item {found.parts[0].item.id}")
            return _claim(WEAKEST, found, (known, only))
    if pool:
        return known, Reason("equal_amounts", f"{len(pool)} open items of the partner have this amount")
    return _group(case, items, known)


def _group(case: Case, items: Sequence[OpenItem], known: Reason) -> Wish:
    """Several items of a known payer: those whose numbers are there in part, or the only ones of this sum."""
    entry, evidence = case.entry, case.evidence
    backed = case.supported(items)
    if len(backed) > 1 and pays(entry, backed):
        numbers = Reason("number_shortened", f"of {len(backed)} open items")
        return Claim(1, settled_in_full(backed), (known, numbers, _exact(entry)))
    currency = entry.amount.currency
    sums = groups_of(items, entry.amount.amount, currency.code, least=2, most=6)
    if sums is None or not sums.groups:
        return known, Reason("amount_differs", "0 open items of the partner have this amount")
    if len(sums.groups) > 1:
        return known, Reason("several_groups", f"{len(sums.groups)} groups of the partner's items sum to the amount")
    if not sums.is_telling:
        return known, Reason("group_by_chance", f"one group of {len(sums.groups[0])} items fits, of very many")
    if unknown := evidence.unknown_numbers + evidence.maimed_numbers:
        return known, Reason("quotes_something_not_open", f"{unknown} number(s) name nothing open")
    if instalments := [item for item in items if _is_instalment(entry, item)]:
        return known, Reason("instalment_of_another_item", f"the amount is an even part of {instalments[0].id}")
    group = sums.groups[0]
    only = Reason("only_group_of_this_sum", f"{len(group)} open items")
    return Claim(WEAKEST, settled_in_full(group), (known, only, _exact(entry)))


def _is_instalment(entry: Entry, item: OpenItem) -> bool:
    """True when the entry is a half, a third or a quarter of the item to the cent."""
    return any(item.residual == entry.amount * parts for parts in (2, 3, 4))


def _of_amount(case: Case) -> Wish:
    """Nobody is known for sure: an item of this very amount, by a damaged number or a name that is alike."""
    entry, evidence = case.entry, case.evidence
    equal = case.of_this_amount()
    backed: list[tuple[OpenItem, str]] = []
    alike: list[OpenItem] = []
    for item in equal:
        number = case.support(item)
        is_alike = _is_witnessed(case, item)
        if number == DAMAGED or (number is not None and is_alike):
            backed.append((item, number))
        if is_alike:
            alike.append(item)
    if len(backed) == 1:
        item, number = backed[0]
        return Claim(1, settled_in_full((item,)), (Reason(number, f"of open item {item.id}"), _exact(entry)))
    if evidence.account_owners:
        return (Reason("account_of_several_partners", f"{len(evidence.account_owners)} partners share it"),)
    is_telling = len(equal) < _COMMON and not evidence.unknown_numbers and not evidence.maimed_numbers
    if len(alike) == 1 and is_telling:
        item = alike[0]
        named = Reason("name_alike", f"as partner {item.partner_id}")
        only = Reason("only_item_of_this_amount", f"open item {item.id}")
        return Claim(WEAKEST, settled_in_full((item,)), (named, _exact(entry), only))
    return (Reason("nothing_names_an_item", "no reference, and the payer is not known"),)


# -- for all ------------------------------------------------------------------------------------------------------


def _contradictions(case: Case, wish: Claim) -> Reasons:
    """What speaks against settling the items of *wish*."""
    evidence = case.evidence
    partners = {item.partner_id for item in wish.items}
    against: list[Reason] = []
    if evidence.account_owners and not evidence.account_owners & partners:
        against.append(Reason("account_of_another_partner", f"{len(evidence.account_owners)} other partner(s) own it"))
    if wish.rank and not evidence.sure & partners:
        against += [
            Reason("amount_of_the_payer", f"partner {partner} has an item of this amount as well")
            for partner in sorted(evidence.sure)
            if any(item.residual == case.entry.amount for item in case.open_items(partner))
        ]
    if wish.rank and evidence.unknown_numbers and not _is_backed(case, wish):
        against.append(Reason("quotes_something_not_open", f"{evidence.unknown_numbers} number(s) name nothing open"))
    items = wish.items
    if len(issued := case.issued(items)) < len(items):
        late = next(item for item in items if item not in issued)
        against.append(Reason("issued_after_the_payment", f"open item {late.id}"))
    return tuple(against)


def _is_backed(case: Case, wish: Claim) -> bool:
    """True when the numbers that name nothing are those of the items, shortened or damaged."""
    return not case.evidence.namings and len(case.supported(wish.items)) == len(wish.items)


def _exact(entry: Entry) -> Reason:
    return Reason("amount_exact", str(entry.amount))


def _difference(entry: Entry, items: Sequence[OpenItem]) -> Reason:
    due, currency = due_of(entry, items), entry.amount.currency
    if due is None:
        return Reason("other_currency", f"an item is not in {currency}")
    return Reason("amount_differs", f"{entry.amount} came, {Money(due, currency)} is open on {len(items)} item(s)")
