"""The documents of a 1C exchange file: which account each moves money of, which way, and what it says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from oimkit.banking.formats._common import clean, entry_of, money_of, party_of, signed
from oimkit.banking.formats.onec_sections import Section
from oimkit.banking.statement import Entry, EntryStatus, Party
from oimkit.money import Currency

__all__ = ["Movement", "Twin", "entry_from", "movements_of", "own_party", "plain_account", "printed_twice"]

Twin: TypeAlias = tuple[str, ...]
"""What two prints of one payment share: number, day, amount and the two accounts."""

_OUT, _IN = True, False
"""Out of the payer's account, into the payee's."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of one side of a document, the usual ones first; those of Kazakhstan stand among them."""

    names: tuple[str, ...]
    accounts: tuple[str, ...]
    banks: tuple[str, ...]
    numbers: tuple[str, ...]
    registration: str


def _keys(side: str) -> _Keys:
    return _Keys(
        names=(f"{side}1", f"{side}Наименование", side),
        accounts=(f"{side}Счет", f"{side}ИИК", f"{side}РасчСчет"),
        banks=(f"{side}БИК", f"{side}БанкБИК"),
        numbers=(f"{side}ИНН", f"{side}БИН_ИИН", f"{side}БИНИИН", f"{side}БИН", f"{side}ИИН"),
        registration=f"{side}КПП",
    )


_SIDE = {_OUT: _keys("Плательщик"), _IN: _keys("Получатель")}


@dataclass(frozen=True, slots=True, repr=False)
class Movement:
    """What one document does to one account of the file.

    amount    unsigned
    booked    the day on which the bank booked it, or None where it prints none: not booked yet, or left out
    day       booked, else the day that the document bears
    doubtful  True when the only booking day that is printed is that of the other side
    """

    document: Section
    account: str
    outgoing: bool
    amount: Decimal
    booked: date | None
    day: date
    doubtful: bool


@lru_cache(maxsize=4096)
def plain_account(text: str) -> str:
    """An account number without blanks, its letters capitals."""
    return "".join(text.split()).upper()


# -- direction ----------------------------------------------------------------------------------------------------


def movements_of(document: Section, own: Collection[str], twice: Collection[Twin]) -> list[Movement]:
    """What *document* does to the accounts in *own*: one movement, or two where it moves money between them.

    Args:
        twice: the payments that the bank prints once for each side, as ``printed_twice`` gives them.

    Raises:
        StatementError: no amount, none of its accounts is in *own*, or its accounts, days and amounts do not agree on
            one direction.
    """
    amount, ways = _amount(document)
    debited, credited = document.day("ДатаСписано"), document.day("ДатаПоступило")
    accounts = {way: account for way in (_OUT, _IN) if (account := _own_account(document, way, own)) is not None}
    if not accounts:
        accounts = _by_day_alone(document, own, debited, credited)
    elif len(accounts) == 2 and (accounts[_OUT] == accounts[_IN] or _twin(document) in twice):
        accounts = _by_day(document, accounts, debited, credited)
    taken = {way: account for way, account in accounts.items() if way in ways}
    if not taken:
        raise document.refused("a document's amount goes one way and its accounts the other", "СуммаРасход", "Сумма")
    return [_movement(document, account, way, amount, debited, credited) for way, account in taken.items()]


def printed_twice(documents: Iterable[tuple[str, int]]) -> frozenset[Twin]:
    """The payments that stand in the file twice: once with the day of the debit, once with that of the credit."""
    seen: dict[Twin, set[bool]] = {}
    for raw, line in documents:
        document = Section(raw, line)
        twin = _twin(document)
        if twin is not None:
            seen.setdefault(twin, set()).add(document.values.get("ДатаСписано") is None)
    return frozenset(twin for twin, sides in seen.items() if len(sides) == 2)


def _twin(document: Section) -> Twin | None:
    """The payment that a document prints one side of; None when it prints both days or none."""
    if (document.values.get("ДатаСписано") is None) == (document.values.get("ДатаПоступило") is None):
        return None
    return tuple(document.values.get(key) or "" for key in _SHARED)


_SHARED = ("Номер", "Дата", "Сумма", "ПлательщикСчет", "ПлательщикРасчСчет", "ПолучательСчет", "ПолучательРасчСчет")


def _amount(document: Section) -> tuple[Decimal, frozenset[bool]]:
    """The unsigned amount, and the ways it can go: banks of Kazakhstan print a key of its own for each."""
    there = [key for key in _WAYS if key in document.values]
    printed = [(amount, _WAYS[key]) for key in there if (amount := document.amount(key)) is not None]
    printed = [one for one in printed if one[0]] or printed
    if not printed:
        raise document.refused("a document has no amount", "Сумма")
    ways = frozenset.intersection(*(one[1] for one in printed))
    amount = printed[0][0]
    if not ways or any(one[0] != amount for one in printed):
        raise document.refused("a document has two different amounts", *there)
    if amount < 0:
        raise document.refused("a document has a negative amount", *there)
    return amount, ways


_WAYS = {
    "Сумма": frozenset({_OUT, _IN}),
    "СуммаРасход": frozenset({_OUT}),
    "СуммаПриход": frozenset({_IN}),
}
"""The ways that an amount can go, by its key."""


def _own_account(document: Section, way: bool, own: Collection[str]) -> str | None:
    """The account on one side of the document, when it is one of the file's own."""
    for key in _SIDE[way].accounts:
        printed = document.value(key)
        if printed is not None:
            account = plain_account(printed)
            if account in own:
                return account
    return None


def _by_day(
    document: Section, accounts: dict[bool, str], debited: date | None, credited: date | None
) -> dict[bool, str]:
    """The side of the one booking day that is printed."""
    if (debited is None) == (credited is None):
        raise document.refused("a document pays and is paid by one account", "ПлательщикСчет", "ПолучательСчет")
    way = _OUT if debited is not None else _IN
    return {way: accounts[way]}


def _by_day_alone(
    document: Section, own: Collection[str], debited: date | None, credited: date | None
) -> dict[bool, str]:
    """The file's only account, on the side that the booking day names and that prints no other account."""
    if len(own) == 1 and (debited is None) != (credited is None):
        way = _OUT if debited is not None else _IN
        if _account(document, way) is None:
            return {way: next(iter(own))}
    raise document.refused("a document names none of the file's own accounts", "ПлательщикСчет", "ПолучательСчет")


def _movement(
    document: Section, account: str, way: bool, amount: Decimal, debited: date | None, credited: date | None
) -> Movement:
    of_side, of_other = (debited, credited) if way is _OUT else (credited, debited)
    of_side = of_side or document.day("ДатаОперации")
    booked = of_side or of_other
    day = booked or document.day("Дата", "ДатаДокумента")
    if day is None:
        raise document.refused("a document has no date", "Дата")
    return Movement(document, account, way, amount, booked, day, doubtful=of_side is None and of_other is not None)


# -- what a document says -----------------------------------------------------------------------------------------

_TAX_NUMBERS = ("ИНН", "БИН", "ИИН")
_TAX_NUMBER = re.compile(r"^(?:ИНН|БИН|ИИН)[ :]*\d{10,12}(?:[\\/ ,]+(?:КПП[ :]*)?\d{9})?[ ,;]*", re.IGNORECASE)
"""Number of the taxpayer, and of its registration, in front of a name."""

_NONE = frozenset({"0", "00", "-"})
"""What programs print for no number."""

_REFERENCES = frozenset(
    (
        *("Номер", "НомерДокумента", "Дата", "ДатаДокумента", "Очередность", "СтатусСоставителя", "ПоказательКБК"),
        *("ОКАТО", "ОКТМО", "ПоказательОснования", "ПоказательПериода", "ПоказательНомера", "ПоказательДаты"),
        "ПоказательТипа",
    )
)
"""Keys kept as references under their own names; the tax fields are fields 101 and 104 to 110 of a payment order."""


def entry_from(movement: Movement, currency: Currency) -> Entry:
    """The entry of one movement: booked when its booking day is printed, pending else."""
    document = movement.document
    kind = document.value("ВидДокумента") or document.kind
    payment_type = document.value("ВидОплаты")
    codes = [("1c", kind)] if kind is not None else []
    if payment_type is not None:
        codes.append(("ВидОплаты", payment_type))
    return entry_of(
        money_of(signed(movement.amount, movement.outgoing), currency),
        movement.day,
        movement.booked,
        EntryStatus.BOOKED if movement.booked is not None else EntryStatus.PENDING,
        None,
        None,
        None,
        None,
        _party(document, not movement.outgoing),
        _number(document, "Код", "ИдентификаторПлатежа"),
        _remittance(document),
        kind,
        None,
        False,
        None,
        None,
        (),
        document.line,
        movement.account,
        document.raw,
        purpose=_number(document, "КодНазПлатежа", "КодНазначенияПлатежа"),
        codes=tuple(codes),
        references=_references(document, not movement.outgoing),
    )


def own_party(movement: Movement) -> Party | None:
    """The holder of the account, as the document prints its own side."""
    found = _party(movement.document, movement.outgoing)
    if found is None or (found.name is None and found.identification is None):
        return None
    return party_of(found.name, movement.account, found.bank_code, (), found.identification)


def _party(document: Section, way: bool) -> Party | None:
    """The payer (way out) or the payee (way in): name without its tax number, account, bank code, tax number."""
    keys = _SIDE[way]
    name = document.value(*keys.names)
    if name is not None and name[:3].upper() in _TAX_NUMBERS:
        name = clean(_TAX_NUMBER.sub("", name, count=1))
    account, bank = _account(document, way), document.value(*keys.banks)
    return party_of(name, account, bank, (), _number(document, *keys.numbers))


def _account(document: Section, way: bool) -> str | None:
    return document.value(*_SIDE[way].accounts)


def _number(document: Section, *keys: str) -> str | None:
    """The first of *keys* that holds more than a zero in place of a number."""
    for key in keys:
        if key in document.values and document.values[key] not in _NONE:
            return document.value(key)
    return None


def _remittance(document: Section) -> tuple[str, ...]:
    """The payment's text; its numbered lines where the whole is not printed."""
    whole = tuple(text for line in document.texts if (text := clean(line)) is not None)
    return whole or tuple(text for key in _TEXT_LINES if (text := document.values.get(key)) is not None)


_TEXT_LINES = tuple(f"НазначениеПлатежа{number}" for number in range(1, 7))


def _references(document: Section, other: bool) -> tuple[tuple[str, str], ...]:
    """The numbers and days that are references, and the registration of the other side, each under its own key."""
    keys = [key for key in document.values if key in _REFERENCES]
    found = [(key, text) for key in keys if (text := _number(document, key)) is not None]
    registration = _number(document, _SIDE[other].registration)
    if registration is not None:
        found.append(("КПП", registration))
    return tuple(found)
