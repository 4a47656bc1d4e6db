"""When an entry may settle items unseen: the rules for one entry, before other entries are heard.

Automatic only where a checked or exact reference, or an account that is known, meets the exact amount and
nothing contradicts. Whatever falls short says why, as reasons, and goes to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from oimkit.banking.matching.evidence import Evidence, Naming, same_name
from oimkit.banking.matching.ledger import Key, Ledger
from oimkit.banking.matching.model import Adjustment, Allocation, OpenItem, Reason, Terms
from oimkit.banking.statement import Entry
from oimkit.money import Money, total

__all__ = ["Claim", "claim"]


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry's wish to settle *items* in full.

    rank  0 an id of our own order, 1 a reference, 2 only account and amount; a lower rank is heard first
    """

    rank: int
    items: tuple[OpenItem, ...]
    reasons: tuple[Reason, ...]
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        return tuple(Allocation(item.id, item.residual) for item in self.items)


def claim(entry: Entry, evidence: Evidence, ledger: Ledger, terms: Terms) -> tuple[Claim | None, tuple[Reason, ...]]:
    """The claim of *entry*, or None with the reasons why there is none."""
    if evidence.ordered:
        wish = _by_order(entry, evidence)
    elif evidence.batch:
        wish = _by_batch(entry, evidence)
    elif evidence.namings:
        wish = _by_reference(entry, evidence, terms)
    else:
        wish = _by_account(entry, evidence, ledger)
    if not isinstance(wish, Claim):
        return None, wish
    against = _contradictions(entry, evidence, wish)
    return (None, (*wish.reasons, *against)) if against else (wish, wish.reasons)


Wish = Claim | tuple[Reason, ...]


def _by_order(entry: Entry, evidence: Evidence) -> Wish:
    """Our own end-to-end id came back: the order or collection that carries it."""
    if len(evidence.ordered) > 1:
        return (Reason("end_to_end_id_tie", f"{len(evidence.ordered)} open items carry it"),)
    item = evidence.ordered[0]
    named = Reason("end_to_end_id", f"of open item {item.id}")
    if not _pays(entry, evidence.ordered):
        return named, _difference(entry, evidence.ordered)
    others = {other.id for naming in evidence.namings for other in naming.items} - {item.id}
    if others and not any(item in naming.items for naming in evidence.namings):
        return named, Reason("names_another_document", f"{len(others)} other open item(s) are quoted")
    return Claim(0, evidence.ordered, (named, _exact(entry)))


def _by_batch(entry: Entry, evidence: Evidence) -> Wish:
    """Our own batch was booked as one entry: all its items, or none."""
    named = Reason("batch_id", f"of {len(evidence.batch)} open items")
    if not _pays(entry, evidence.batch):
        return named, _difference(entry, evidence.batch)
    return Claim(0, evidence.batch, (named, _exact(entry)))


def _by_reference(entry: Entry, evidence: Evidence, terms: Terms) -> Wish:
    """Documents that the entry quotes: all of them together, to the cent."""
    chosen, reasons, open_questions = _quoted(entry, evidence)
    if open_questions:
        return (*reasons, *open_questions)
    items = tuple(sorted({key.item.id: key.item for key in chosen}.values(), key=lambda item: item.id))
    if len({item.partner_id for item in items}) > 1:
        return *reasons, Reason("several_partners", f"the {len(items)} quoted items belong to more than one partner")
    if weak := [key for key in chosen if not key.strong and not _is_witnessed(entry, evidence, key.item)]:
        return *reasons, Reason("short_number_alone", f"nothing else points to the partner of {weak[0].item.id}")
    if _pays(entry, items):
        return Claim(1, items, (*reasons, _exact(entry)))
    return _within_tolerance(entry, items, reasons, terms) or (*reasons, _difference(entry, items))


def _within_tolerance(
    entry: Entry, items: Sequence[OpenItem], reasons: tuple[Reason, ...], terms: Terms
) -> Claim | None:
    """A single document, paid but for a difference that the terms allow."""
    if len(items) != 1 or items[0].currency != entry.amount.currency:
        return None
    difference = entry.amount - items[0].residual
    if abs(difference) > terms.tolerance(difference.currency) or (entry.amount.amount > 0) != (
        items[0].residual.amount > 0
    ):
        return None
    reason = Reason("within_tolerance", f"{difference} of rounding")
    return Claim(1, tuple(items), (*reasons, reason), (Adjustment("rounding", difference),))


def _quoted(entry: Entry, evidence: Evidence) -> tuple[list[Key], tuple[Reason, ...], tuple[Reason, ...]]:
    """The keys that count, why, and what remains undecided.

    A number of one item stands for it. A number that several items share (a reference of the payer, a number
    that two suppliers use) stands for the one that a second witness singles out: the partner, then the amount.
    """
    sure = [naming.keys[0] for naming in evidence.namings if len(naming.keys) == 1]
    partners = {key.item.partner_id for key in sure} | evidence.account_owners
    reasons = [_named(naming.source, naming.keys[0]) for naming in evidence.namings if len(naming.keys) == 1]
    questions: list[Reason] = []
    covered = {key.item.id for key in sure}
    for naming in evidence.namings:
        if len(naming.keys) == 1 or covered & {item.id for item in naming.items}:
            continue
        key = _singled_out(entry, naming, partners, alone=not sure)
        if key is None:
            questions.append(Reason("shared_number", f"{len(naming.keys)} open items carry it ({naming.keys[0].kind})"))
        else:
            sure.append(key)
            covered.add(key.item.id)
            reasons.append(_named(naming.source, key))
            reasons.append(Reason("only_one_fits", f"of the {len(naming.keys)} open items with this number"))
    return sure, tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(questions))


def _singled_out(entry: Entry, naming: Naming, partners: Iterable[str], *, alone: bool) -> Key | None:
    """The one key of a shared number that partner and amount leave."""
    keys = [key for key in naming.keys if key.item.partner_id in set(partners)] or list(naming.keys)
    if len(keys) > 1 and alone:
        keys = [key for key in keys if key.item.residual == entry.amount]
    return keys[0] if len(keys) == 1 else None


def _named(source: str, key: Key) -> Reason:
    check = f", check digits hold ({key.checked})" if key.checked else ""
    return Reason(key.kind, f"of open item {key.item.id} in {source}{check}{'' if key.whole else ', its digits'}")


def _is_witnessed(entry: Entry, evidence: Evidence, item: OpenItem) -> bool:
    """True when account, mandate, customer number or name also point to the item's partner."""
    if item.partner_id in evidence.account_owners or item.partner_id in evidence.said_partners:
        return True
    return bool(same_name(entry.counterparty.name if entry.counterparty else None, item.partner_name))


def _by_account(entry: Entry, evidence: Evidence, ledger: Ledger) -> Wish:
    """Nothing quoted: a known account, and one item of its owner with this very amount."""
    if not evidence.account_owners:
        return (Reason("nothing_names_an_item", "no reference, and the account is not known"),)
    if len(evidence.account_owners) > 1:
        return (Reason("account_of_several_partners", f"{len(evidence.account_owners)} partners share it"),)
    (partner,) = evidence.account_owners
    known = Reason("account_known", f"of partner {partner}")
    fitting = tuple(item for item in ledger.by_partner[partner] if item.residual == entry.amount)
    if len(fitting) != 1:
        code = "equal_amounts" if fitting else "amount_differs"
        return known, Reason(code, f"{len(fitting)} open items of the partner have this amount")
    if evidence.said_partners - {partner}:
        return known, Reason("another_partner_named", "by mandate or customer number")
    if unknown := evidence.unknown_numbers + evidence.maimed_numbers:
        return known, Reason("quotes_something_not_open", f"{unknown} number(s) name nothing open")
    return Claim(2, fitting, (known, _exact(entry), Reason("only_item_of_this_amount", f"open item {fitting[0].id}")))


def _contradictions(entry: Entry, evidence: Evidence, wish: Claim) -> tuple[Reason, ...]:
    """What speaks against settling the items of *wish*."""
    partners = {item.partner_id for item in wish.items}
    against: list[Reason] = []
    if evidence.account_owners and not evidence.account_owners & partners:
        against.append(Reason("account_of_another_partner", f"{len(evidence.account_owners)} other partner(s) own it"))
    if wish.rank and evidence.unknown_numbers:
        against.append(Reason("quotes_something_not_open", f"{evidence.unknown_numbers} number(s) name nothing open"))
    late = [item.id for item in wish.items if item.issue_date is not None and item.issue_date > _day(entry)]
    if late:
        against.append(Reason("issued_after_the_payment", f"open item {late[0]}"))
    return tuple(against)


def _day(entry: Entry) -> date:
    return max(entry.booking_date or entry.value_date, entry.value_date)


def _pays(entry: Entry, items: Sequence[OpenItem]) -> bool:
    """True when the items, all in the entry's currency, sum to its amount exactly."""
    return _sum(entry, items) == entry.amount


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
