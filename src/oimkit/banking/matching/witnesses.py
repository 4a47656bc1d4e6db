"""Who may have paid, or been paid: what points to each partner, and how surely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oimkit.banking.matching.ledger import Ledger, normal_account
from oimkit.banking.matching.model import Reason
from oimkit.banking.matching.names import LIKE, SAME
from oimkit.banking.statement import Entry

__all__ = ["SURE", "Accounts", "Witness", "witnesses"]

SURE = 4
"""A witness of this strength tells the partner; a weaker one needs another."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What points to one partner: its reasons, the strongest first, and the strength of that."""

    strength: int
    reasons: tuple[Reason, ...]


class Accounts:
    """Accounts that are not in the master data, with the partners whose documents other entries paid from them."""

    def __init__(self) -> None:
        self.lessons: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))

    def learn(self, account: str, partners: Iterable[str], position: int) -> None:
        """The entry at *position* paid documents of *partners* from *account*."""
        lessons = self.lessons[normal_account(account)]
        for partner in partners:
            lessons[partner].add(position)

    def owner(self, account: str, position: int) -> str | None:
        """The one partner that other entries than *position* paid for from *account*; None for none and for several."""
        lessons = self.lessons.get(normal_account(account), {})
        known = [partner for partner, positions in lessons.items() if positions - {position}]
        return known[0] if len(known) == 1 else None


def witnesses(
    entry: Entry, owners: frozenset[str], said: frozenset[str], ledger: Ledger, learned: Accounts, position: int
) -> Mapping[str, Witness]:
    """The partners that account, ids and name of *entry* point to.

    Args:
        owners: partners whose account is known to be the entry's.
        said: partners named by mandate or customer number.
        learned: accounts as the entries of the run have shown them.
        position: the entry's own, from which nothing is learned about itself.
    """
    found: dict[str, list[tuple[int, Reason]]] = defaultdict(list)
    for partner in owners:
        one = len(owners) == 1
        reason = Reason("account_known" if one else "account_shared", f"of partner {partner}")
        found[partner].append((5 if one else 2, reason))
    for partner in said:
        found[partner].append((SURE if len(said) == 1 else 2, Reason("partner_named", f"{partner}, by its number")))
    party = entry.counterparty
    if party is not None and party.account is not None and not owners:
        owner = learned.owner(party.account, position)
        if owner is not None:
            found[owner].append((SURE, Reason("account_learned", f"of partner {owner}, from another entry")))
    if party is not None and party.name is not None:
        _by_name(party.name, ledger, found)
    return {
        partner: Witness(_together(each), tuple(reason for _, reason in sorted(each, key=_strongest)))
        for partner, each in found.items()
    }


def _by_name(name: str, ledger: Ledger, found: dict[str, list[tuple[int, Reason]]]) -> None:
    alike = ledger.names.alike(name)
    same = [partner for likeness, partner in alike if likeness >= SAME]
    for likeness, partner in alike:
        if likeness >= SAME:
            strength, code = (SURE if len(same) == 1 else 2), "name_same"
        elif not same and likeness >= LIKE:
            strength, code = (3 if len(alike) == 1 else 1), "name_alike"
        else:
            continue
        found[partner].append((strength, Reason(code, f"as partner {partner}")))


def _together(each: list[tuple[int, Reason]]) -> int:
    """The strongest of them; two that are weak alone, but of different kinds, are sure together."""
    strengths = sorted((strength for strength, _ in each), reverse=True)
    if len(strengths) > 1 and strengths[0] < SURE and strengths[0] + strengths[1] >= SURE:
        return SURE
    return strengths[0]


def _strongest(each: tuple[int, Reason]) -> int:
    return -each[0]
