"""What one entry says about the open items of its book: what it names, who paid, what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from oimkit.banking.matching.ledger import Key, Ledger, normal_id
from oimkit.banking.matching.model import OpenItem
from oimkit.banking.matching.numbers import Quoted, read_quoted
from oimkit.banking.matching.tokens import Token, comparable, joins, tokens
from oimkit.banking.matching.witnesses import SURE, Accounts, Witness, witnesses
from oimkit.banking.references import find_references, read_reference
from oimkit.banking.statement import Entry

__all__ = ["Evidence", "Naming", "read_evidence", "with_payers"]


@dataclass(frozen=True, slots=True)
class Naming:
    """One place of an entry that names open items: usually one, several when they share the number.

    source  ``structured_reference``, ``text`` or ``end_to_end_id``
    """

    source: str
    keys: tuple[Key, ...]

    @property
    def items(self) -> tuple[OpenItem, ...]:
        return tuple(key.item for key in self.keys)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that an entry says.

    namings          places that name items, best kind of number first where places overlap
    ordered          items whose own payment order or collection carries the entry's end-to-end id
    batch            items of the entry's batch
    account_owners   partners whose account the money came from or went to
    said_partners    partners named by mandate or by customer number
    unknown_numbers  1 or more when a structured reference, or a number that looks like one of our documents,
                     names nothing that is open
    maimed_numbers   1 or more when the text has the beginning of our document numbers and goes on differently
    quoted           the numbers of the text, whole and in pieces
    payers           partners that account, ids or name point to
    """

    namings: tuple[Naming, ...]
    ordered: tuple[OpenItem, ...]
    batch: tuple[OpenItem, ...]
    account_owners: frozenset[str]
    said_partners: frozenset[str]
    unknown_numbers: int
    maimed_numbers: int
    quoted: Quoted
    payers: Mapping[str, Witness] = field(default_factory=dict)

    @property
    def sure(self) -> frozenset[str]:
        """The partners that something points to for sure."""
        return frozenset(partner for partner, witness in self.payers.items() if witness.strength >= SURE)


def read_evidence(entry: Entry, ledger: Ledger) -> Evidence:
    """What *entry* says about the items of *ledger*, but for who may have paid: see with_payers."""
    text = " ".join(entry.remittance)
    runs = tokens(text)
    in_text, places = _text_namings(runs, ledger)
    unknown_in_text = _unknown_documents(runs, ledger, places) + _unknown_references(text, ledger)
    in_field, unknown_in_field = _field_namings(entry, ledger)
    account = entry.counterparty.account if entry.counterparty is not None else None
    owners = ledger.owners(account) if account is not None else frozenset()
    said = _said_partners(entry, runs, ledger)
    return Evidence(
        namings=(*in_field, *in_text, *_id_namings(entry, ledger)),
        ordered=tuple(ledger.by_end_to_end.get(normal_id(entry.end_to_end_id), ())) if entry.end_to_end_id else (),
        batch=tuple(ledger.by_batch.get(normal_id(entry.batch_id), ())) if entry.batch_id else (),
        account_owners=owners,
        said_partners=said,
        unknown_numbers=unknown_in_field + unknown_in_text,
        maimed_numbers=_maimed_documents(runs, ledger, places),
        quoted=read_quoted(_free(runs, places)),
    )


def _free(runs: tuple[Token, ...], places: list[tuple[int, int]]) -> tuple[Token, ...]:
    """The runs outside of *places*, which are no longer joined to what stood there."""
    free: list[Token] = []
    for number, run in enumerate(runs):
        if any(start <= number < end for start, end in places):
            continue
        is_behind = any(end == number for _, end in places)
        free.append(Token(run.text, run.is_digits, False) if is_behind else run)
    return tuple(free)


def with_payers(evidence: Evidence, entry: Entry, ledger: Ledger, learned: Accounts, position: int) -> Evidence:
    """*evidence* with the partners that may have paid, once the accounts of all entries have been learned."""
    payers = witnesses(entry, evidence.account_owners, evidence.said_partners, ledger, learned, position)
    return replace(evidence, payers=payers)


def _said_partners(entry: Entry, runs: tuple[Token, ...], ledger: Ledger) -> frozenset[str]:
    said: set[str] = set()
    if entry.mandate_id is not None:
        said |= ledger.by_mandate.get(normal_id(entry.mandate_id), set())
    for number, _, _, _ in joins(runs):
        said |= ledger.by_customer_number.get(number, set())
    return frozenset(said)


def _field_namings(entry: Entry, ledger: Ledger) -> tuple[list[Naming], int]:
    """What the structured reference names, and 1 when it names nothing that is open."""
    if entry.structured_reference is None:
        return [], 0
    keys = _lookup(entry.structured_reference, ledger)
    return ([Naming("structured_reference", keys)], 0) if keys else ([], 1)


def _id_namings(entry: Entry, ledger: Ledger) -> list[Naming]:
    """Some payers put the reference into the end-to-end id."""
    if entry.end_to_end_id is None:
        return []
    keys = tuple(key for key in _lookup(entry.end_to_end_id, ledger) if key.strong)
    return [Naming("end_to_end_id", keys)] if keys else []


def _lookup(reference: str, ledger: Ledger) -> tuple[Key, ...]:
    """Keys of a field that holds one reference and nothing else."""
    values = [value for each in read_reference(reference) for value in each.keys]
    for value in (*values, comparable(reference)):
        if keys := ledger.by_key.get(value):
            return tuple(keys)
    return ()


def _text_namings(runs: tuple[Token, ...], ledger: Ledger) -> tuple[list[Naming], list[tuple[int, int]]]:
    """What a text names, in its order, and where, as ranges of runs.

    Where two numbers overlap, the longer one counts, and a whole number before its digits: a place names once.
    """
    hits = sorted(_hits(runs, ledger), key=lambda hit: (hit[0] - hit[1], not hit[2][0].whole, hit[0]))
    taken: list[tuple[int, int, tuple[Key, ...]]] = []
    for first, after, keys in hits:
        if all(after <= start or first >= end for start, end, _ in taken):
            taken.append((first, after, keys))
    taken.sort(key=lambda place: place[0])
    return [Naming("text", keys) for _, _, keys in taken], [(first, after) for first, after, _ in taken]


def _hits(runs: tuple[Token, ...], ledger: Ledger) -> Iterator[tuple[int, int, tuple[Key, ...]]]:
    """Every number in the text that some item carries: (first run, run after the last, keys)."""
    for number, all_digits, first, after in joins(runs):
        keys = ledger.by_key.get(number)
        if keys is None and all_digits:
            keys = ledger.by_digits.get(number)
            if keys is None and number[0] == "0":  # banks fill Finnish references with zeros
                keys = [key for key in ledger.by_key.get(number.lstrip("0"), ()) if key.checked]
        if keys:
            yield first, after, tuple(keys)


def _unknown_documents(runs: tuple[Token, ...], ledger: Ledger, places: list[tuple[int, int]]) -> int:
    """How many numbers of the text are shaped like our documents and name nothing that is open."""
    unknown = 0
    for first in range(len(runs)):
        for after in range(first + 2, min(len(runs), first + ledger.longest_shape) + 1):
            if not runs[after - 1].joined:
                break
            form = tuple(str(len(run.text)) if run.is_digits else run.text for run in runs[first:after])
            if form in ledger.shapes and all(after <= start or first >= end for start, end in places):
                unknown += 1
    return unknown


def _maimed_documents(runs: tuple[Token, ...], ledger: Ledger, places: list[tuple[int, int]]) -> int:
    """How many places begin like a series of ours (``INV/2026/``), go on with digits, and name nothing that is open.

    Where our numbers are digits only, any number of their length counts, unless it is a customer's.
    """
    maimed = 0
    for first, run in enumerate(runs):
        free = all(not start <= first < end for start, end in places)
        plain = run.is_digits and len(run.text) in ledger.plain_lengths and run.text not in ledger.by_customer_number
        maimed += free and plain
        for after in range(first + 1, min(len(runs) - 1, first + ledger.longest_shape) + 1):
            if not runs[after].joined:
                break
            prefix = tuple(each.text for each in runs[first:after])
            if prefix in ledger.prefixes and all(after < start or first >= end for start, end in places):
                maimed += 1
    return maimed


def _unknown_references(text: str, ledger: Ledger) -> int:
    """How many marked references of the text no open item asks for."""
    marked = (found.reference for found in find_references(text) if found.marked)
    return sum(1 for reference in marked if not any(value in ledger.by_key for value in reference.keys))
