"""A key for every entry: the same entry has the same key whenever and in whatever order it is read.

Two payments that are equal in everything are two payments, so the key counts them. What identifies an entry:

- with a bank reference: account, currency, reference, booking day, amount. Texts are left out, because some banks
  print them differently from one download to the next;
- without one: the same and its texts, letters and digits only.

Entries that still share all of that on one day are numbered in it: 1, 2, ... The day and the amount stay in the key of
a referenced entry because references like ``NONREF`` or a cheque's number come back on other days.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from oimkit.banking.statement import Entry, Statement

__all__ = ["detail_keys", "entry_keys", "keys_of", "letters", "texts_of"]


def entry_keys(statement: Statement) -> tuple[str, ...]:
    """One key an entry, in the order of the entries; distinct within the statement.

    Pages of one statement are joined before (``join_pages``), else equal payments on two pages share a key.
    A key is lower-case letters, digits and underscores, 46 characters, and tells nothing about the entry.
    """
    return keys_of(statement.entries, statement.account, statement.currency.code)


def keys_of(entries: Sequence[Entry], account: str | None, currency: str) -> tuple[str, ...]:
    """The keys of *entries* of one account, as ``entry_keys`` gives them for a statement."""
    where = (letters(account or ""), currency)
    return tuple(f"entry_{digest}" for digest in _counted([(*where, *_identity(entry)) for entry in entries], entries))


def detail_keys(key: str, entry: Entry) -> tuple[str, ...]:
    """One key a detail of the entry that has *key*, in the order of the details."""
    identities = [(key, *_identity(detail)) for detail in entry.details]
    return tuple(f"detail_{digest}" for digest in _counted(identities, entry.details))


def _counted(identities: Sequence[tuple[str, ...]], entries: Sequence[Entry]) -> list[str]:
    """A digest of each identity and its number among equal ones; equal ones are numbered by their texts first."""
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, identity in enumerate(identities):
        groups[identity].append(index)
    digests = [""] * len(identities)
    for identity, members in groups.items():
        for number, index in enumerate(sorted(members, key=lambda each: (texts_of(entries[each]), each)), start=1):
            digests[index] = _digest((*identity, str(number)))
    return digests


def _identity(entry: Entry) -> tuple[str, ...]:
    day = entry.booking_date or entry.value_date
    fixed = (entry.status.value, day.isoformat(), entry.amount.text, entry.amount.currency.code)
    if entry.reference is not None and entry.reference.upper() not in _NO_REFERENCE:
        return (*fixed, "reference", entry.reference)
    return (*fixed, "texts", *texts_of(entry))


_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED", "NOREF"})


def texts_of(entry: Entry) -> tuple[str, ...]:
    """What the entry says, without blanks and punctuation, which line breaks and character sets change."""
    party = entry.counterparty
    return (
        letters(party.account or "" if party is not None else ""),
        letters(party.name or "" if party is not None else ""),
        letters(entry.structured_reference or ""),
        letters(entry.end_to_end_id or ""),
        letters("".join(entry.remittance)),
    )


def letters(text: str) -> str:
    """Letters and digits of *text*, without case."""
    return "".join(sign for sign in text if sign.isalnum()).casefold()


def _digest(parts: Iterable[str]) -> str:
    """40 hexadecimal digits; every part is preceded by its length, so that no two lists of parts look alike."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:40]
