"""When an entry may settle items unseen: the rules for one entry, before other entries are heard.

Automatic takes two things: what identifies the items (a checked or exact reference, or a payer who is known and an
amount that only fits them), and a name for every cent. Whatever falls short says why, as reasons, and goes to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from oimkit.banking.matching.differences import Explanation, Part, explain, pays, settled_in_full
from oimkit.banking.matching.evidence import Evidence, Naming
from oimkit.banking.matching.ledger import Key, Ledger
from oimkit.banking.matching.model import Adjustment, Allocation, ItemType, OpenItem, Reason, Terms
from oimkit.banking.matching.names import LIKE, likeness, read_name
from oimkit.banking.matching.numbers import DAMAGED, support
from oimkit.banking.matching.sums import Sums, groups_of
from oimkit.banking.statement import Entry
from oimkit.money import Money, total

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


@dataclass(frozen=True, slots=True)
class Case:
    """One entry, what it says, and what it is heard against."""

    entry: Entry
    evidence: Evidence
    ledger: Ledger
    terms: Terms

    @property
    def day(self) -> date:
        return max(self.entry.booking_date or self.entry.value_date, self.entry.value_date)

    def open_items(self, partner: str) -> list[OpenItem]:
        """What *partner* had open when the entry was booked."""
        return [item for item in self.ledger.by_partner.get(partner, ()) if self.is_issued(item)]

    def is_issued(self, item: OpenItem) -> bool:
        return item.issue_date is None or item.issue_date <= self.day


def claim(entry: Entry, evidence: Evidence, ledger: Ledger, terms: Terms) -> tuple[Claim | None, Reasons]:
    """The claim of *entry*, or None with the reasons why there is none."""
    case = Case(entry, evidence, ledger, terms)
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
    due = _sum(entry, items)
    if due is None or entry.amount.amount <= 0 or due < entry.amount:
        return named, _difference(entry, items)
    fee = entry.amount - due
    if any(item.type is not ItemType.CARD_RECEIPT for item in items) or abs(fee) * 20 > due:
        return named, _difference(entry, items)
    kept = Reason("fee_of_the_provider", f"{fee} of {due}")
    return Claim(0, settled_in_full(items), (named, kept), (Adjustment("bank_fee", fee),))


# -- references ---------------------------------------------------------------------------------------------------


def _by_reference(case: Case) -> Wish:
    """Documents that the entry quotes, all of them together."""
    entry, evidence = case.entry, case.evidence
    chosen, reasons, questions = _quoted(case)
    if questions:
        return (*reasons, *questions)
    keys = {key.item.id: key for key in reversed(chosen)}
    items = tuple(dict.fromkeys(key.item for key in chosen))
    if len({item.partner_id for item in items}) > 1:
        items = tuple(item for item in items if keys[item.id].strong or item.partner_id in evidence.sure)
        if len({item.partner_id for item in items}) != 1:
            return *reasons, Reason("several_partners", f"the {len(chosen)} quoted items are of more than one partner")
    if weak := [item for item in items if not keys[item.id].strong and not _is_witnessed(case, item)]:
        return *reasons, Reason("short_number_alone", f"nothing else points to the partner of {weak[0].id}")
    if all(_is_common(case, keys[item.id]) for item in items) and not any(_is_witnessed(case, item) for item in items):
        return *reasons, Reason("common_amount", "a plain number and a frequent amount, from somebody unknown")
    found = explain(entry, items, case.terms)
    if found is not None and found.doubt <= 1:
        return _claim(1, found, reasons)
    more = _backed(case, items) or _completed(case, items)
    if more is not None:
        return Claim(1, settled_in_full(more), (*reasons, *_completion(items, more), _exact(entry)))
    if found is None:
        return *reasons, _difference(entry, items)
    if found.doubt > 2 and _may_be_completed(case, items):
        return *reasons, _difference(entry, items), Reason("more_may_be_meant", "other items would fill the amount")
    if doubts := _doubts(case, items, found, keys):
        return *reasons, _difference(entry, items), *doubts
    return _claim(1 if found.doubt == 2 else PARTLY, found, reasons)


_COMMON = 4
"""Open items of one amount from which on a document of this amount may have the number by chance."""


def _is_common(case: Case, key: Key) -> bool:
    """True for a number without check digits of an item whose amount many have: others may count and charge alike."""
    residual = key.item.residual
    equal = case.ledger.by_amount.get((residual.currency.code, residual.amount), ())
    return not key.checked and len(equal) >= _COMMON


def _backed(case: Case, items: tuple[OpenItem, ...]) -> tuple[OpenItem, ...] | None:
    """The quoted items with others of their partner whose numbers stand in the text in part, where the sum is exact."""
    due = _sum(case.entry, items)
    if due is None:
        return None
    others = _supported(case, items[0].partner_id, items)
    missing = case.entry.amount.amount - due.amount
    sums = groups_of(others, missing, case.entry.amount.currency.code, least=1, most=8)
    if sums is None or not sums.groups:
        return None
    if len(sums.groups) > 1 and len(sums.groups[-1]) != len(others):
        return None
    return (*items, *(sums.groups[0] if len(sums.groups) == 1 else sums.groups[-1]))


def _supported(case: Case, partner: str, quoted: Sequence[OpenItem]) -> list[OpenItem]:
    """Other items of *partner* of whose numbers the text has a part."""
    return [
        item
        for item in case.open_items(partner)
        if item not in quoted and support(item, case.evidence.quoted) is not None
    ]


def _completion(items: Sequence[OpenItem], more: Sequence[OpenItem]) -> Reasons:
    added = len(more) - len(items)
    return (Reason("only_group_of_this_sum", f"{added} more item(s) of the partner make the amount exact"),)


def _filling(case: Case, items: tuple[OpenItem, ...]) -> Sums | None:
    """One to three other items of the partner that fill the amount."""
    due = _sum(case.entry, items)
    if due is None:
        return Sums((), 0, 0)
    others = [item for item in case.open_items(items[0].partner_id) if item not in items]
    missing = case.entry.amount.amount - due.amount
    return groups_of(others, missing, case.entry.amount.currency.code, least=1, most=3)


def _completed(case: Case, items: tuple[OpenItem, ...]) -> tuple[OpenItem, ...] | None:
    """The quoted items with one to three others of their partner that make the amount exact, in one way only."""
    sums = _filling(case, items)
    if sums is None or len(sums.groups) != 1 or not sums.is_telling:
        return None
    return (*items, *sums.groups[0])


def _may_be_completed(case: Case, items: tuple[OpenItem, ...]) -> bool:
    """True when others fill the amount, in one way or in many."""
    sums = _filling(case, items)
    return sums is not None and bool(sums.groups)


def _doubts(case: Case, items: Sequence[OpenItem], found: Explanation, keys: dict[str, Key]) -> Reasons:
    """Why another amount than what is due is not taken for a part payment, or for too much."""
    entry, evidence = case.entry, case.evidence
    doubts: list[Reason] = []
    if evidence.unknown_numbers or evidence.maimed_numbers:
        doubts.append(Reason("quotes_something_not_open", "another number names nothing open"))
    partner = items[0].partner_id
    if any(keys[item.id].checked == "" for item in items) and partner not in evidence.sure:
        doubts.append(Reason("payer_not_known", "nothing but the number points to the partner"))
    rest = found.unallocated
    if rest is not None and len(items) > 1:
        doubts.append(Reason("more_may_be_meant", "several documents are quoted, and more came than they need"))
    if rest is not None and evidence.quoted.ends:
        doubts.append(Reason("more_may_be_meant", "another number stands in the text, and more came than is due"))
    if _supported(case, partner, items) or len(case.evidence.namings) > len(items):
        doubts.append(Reason("more_may_be_meant", "parts of other numbers of the partner are quoted"))
    quoted = {item.id for item in items}
    for other in case.open_items(partner):
        if other.id not in quoted and other.residual in (entry.amount, rest):
            doubts.append(Reason("amount_of_another_item", f"open item {other.id}"))
            break
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
    return item.partner_id in case.evidence.payers or _has_name_of(case.entry, item)


def _has_name_of(entry: Entry, item: OpenItem) -> bool:
    name = entry.counterparty.name if entry.counterparty is not None else None
    if name is None or item.partner_name is None:
        return False
    return likeness(read_name(name), read_name(item.partner_name)) >= LIKE


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
            fitting.append((found, support(item, evidence.quoted)))
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
    backed = [item for item in items if support(item, evidence.quoted) is not None]
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
    entry, evidence, ledger = case.entry, case.evidence, case.ledger
    equal = [item for item in ledger.of_amount(entry.amount, evidence.payers) if case.is_issued(item)]
    backed: list[tuple[OpenItem, str]] = []
    alike: list[OpenItem] = []
    for item in equal:
        number = support(item, evidence.quoted)
        has_name = item.partner_id in evidence.payers or _has_name_of(entry, item)
        if number == DAMAGED or (number is not None and has_name):
            backed.append((item, number))
        if has_name:
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
    late = [item.id for item in wish.items if not case.is_issued(item)]
    if late:
        against.append(Reason("issued_after_the_payment", f"open item {late[0]}"))
    return tuple(against)


def _is_backed(case: Case, wish: Claim) -> bool:
    """True when the numbers that name nothing are those of the items, shortened or damaged."""
    return all(support(item, case.evidence.quoted) is not None for item in wish.items) and not case.evidence.namings


def _sum(entry: Entry, items: Sequence[OpenItem]) -> Money | None:
    if any(item.currency != entry.amount.currency for item in items):
        return None
    return total((item.residual for item in items), entry.amount.currency)


def _exact(entry: Entry) -> Reason:
    return Reason("amount_exact", str(entry.amount))


def _difference(entry: Entry, items: Sequence[OpenItem]) -> Reason:
    due = _sum(entry, items)
    if due is None:
        return Reason("other_currency", f"an item is not in {entry.amount.currency}")
    return Reason("amount_differs", f"{entry.amount} came, {due} is open on {len(items)} item(s)")
