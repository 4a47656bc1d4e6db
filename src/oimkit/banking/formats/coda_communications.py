"""What CODA's communications say: the structured ones of movements (types 100 to 127) and information records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from oimkit.banking.exact import scaled
from oimkit.banking.formats._common import as_currency, clean, unless_zeros
from oimkit.banking.formats.conversion import exchange_by_amounts
from oimkit.banking.statement import Exchange
from oimkit.money import Currency, Money

__all__ = ["Said", "Told", "address_of", "said_freely", "said_in_structure", "told_by"]


@dataclass(slots=True)
class Said:
    """What the communication of a movement says, in the words of ``Entry``; name is that of a shop or terminal."""

    structured_reference: str | None = None
    remittance: list[str] = field(default_factory=list)
    mandate_id: str | None = None
    creditor_id: str | None = None
    return_reason: str | None = None
    reversal: bool = False
    instructed: Money | None = None
    exchange: Exchange | None = None
    name: str | None = None
    references: list[tuple[str, str]] = field(default_factory=list)

    def add_text(self, text: str) -> None:
        """A line of remittance, when anything is left of *text*."""
        cleaned = clean(text)
        if cleaned is not None:
            self.remittance.append(cleaned)

    def add_reference(self, name: str, text: str) -> None:
        """A further reference, when *text* is neither blank nor zeros."""
        given = unless_zeros(text)
        if given is not None:
            self.references.append((name, given))


def said_freely(text: str) -> Said:
    """The one text that a free communication is, whatever columns cut it."""
    said = Said()
    said.add_text(text)
    return said


def said_in_structure(kind: str, text: str, booked: Money) -> Said:
    """The fields of a structured communication of type *kind*, of which *text* is all but the type, on *booked*.

    Types that hold figures of a calculation (interest, fees, bills, credits) have no field of their own in an entry;
    they are kept as a reference under their number.

    Source: Febelfin, coded statement of account, structured communications.
    """
    said = Said()
    _STRUCTURES.get(kind, _as_figures)(said, kind, text, booked)
    return said


# -- structured communications of movements ------------------------------------------------------------------------


def _creditor_reference(said: Said, kind: str, text: str, booked: Money) -> None:
    """100: an ISO 11649 reference (RF), and what stands behind it."""
    match = _RF.match(text)
    if match is None:
        said.add_text(text)
        return
    said.structured_reference = match[0]
    said.add_text(text[match.end() :])


def _belgian_reference(said: Said, kind: str, text: str, booked: Money) -> None:
    """101: twelve digits as the payee asked for them; 102: as the bank reconstructed them."""
    if not _TWELVE.fullmatch(text[:12]):
        said.add_text(text)
        return
    said.structured_reference = text[:12]
    said.add_text(text[12:])


def _number(said: Said, kind: str, text: str, booked: Money) -> None:
    """103: the number of a cheque or card."""
    said.add_reference(kind, text[:12])
    said.add_text(text[12:])


def _original_amount(said: Said, kind: str, text: str, booked: Money) -> None:
    """105: gross in the account's currency, gross in the original one, rate, currency, structured reference."""
    said.instructed = _money(text[15:30], as_currency(text[42:45]))
    said.exchange = exchange_by_amounts(_rate(text[30:42]), said.instructed, _money(text[:15], booked.currency))
    if _TWELVE.fullmatch(text[45:57]) and text[45:57].strip("0"):
        said.structured_reference = text[45:57]


def _old_direct_debit(said: Said, kind: str, text: str, booked: Money) -> None:
    """107, DOM'80: number of the direct debit, day, text, paid or why not, number of the creditor."""
    said.mandate_id = unless_zeros(text[:12])
    said.add_text(text[18:48])
    said.add_reference("107", text[48:49])
    said.creditor_id = unless_zeros(text[49:60])


def _card_payment(said: Said, kind: str, text: str, booked: Money) -> None:
    """113: card, scheme, terminal, number, day, hour, type, name and town of the terminal, original amount, rate."""
    said.add_reference("113", text[:40])
    said.name = clean(text[40:56])
    said.add_text(f"{text[40:56]} {text[56:66]}")
    original = _money(text[66:81], as_currency(text[93:96]))
    if original is not None and original.currency != booked.currency:
        said.instructed = original
        said.exchange = exchange_by_amounts(_rate(text[81:93]), original, booked)


def _card_receipt(said: Said, kind: str, text: str, booked: Money) -> None:
    """114: scheme, terminal, period, number, day, hour, type, name and town of the terminal, reference."""
    said.add_reference("114", text[:27])
    said.add_text(f"{text[27:43]} {text[43:53]}")
    said.add_reference("114", text[53:69])


def _cash_deposit(said: Said, kind: str, text: str, booked: Money) -> None:
    """115: card, terminal, number, days, original amount and currency, structured reference."""
    said.add_reference("115", text[:46])
    original = _money(text[46:61], as_currency(text[62:65]))
    if original is not None and original.currency != booked.currency:
        said.instructed = original
    if _TWELVE.fullmatch(text[65:77]) and text[65:77].strip("0"):
        said.structured_reference = text[65:77]


def _sepa_direct_debit(said: Said, kind: str, text: str, booked: Money) -> None:
    """127: day, type, scheme, paid or why not, creditor, mandate, text, kind of return, reason of the return."""
    said.add_reference("127", text[8:9])
    said.creditor_id = clean(text[9:44])
    said.mandate_id = clean(text[44:79])
    said.add_text(text[79:141])
    said.reversal = text[141:142] == "4"
    said.return_reason = clean(text[142:146])


def _as_figures(said: Said, kind: str, text: str, booked: Money) -> None:
    """Any other type: its figures as printed, under its number."""
    said.add_reference(kind.strip() or "structured", text)


_STRUCTURES: dict[str, Callable[[Said, str, str, Money], None]] = {
    "100": _creditor_reference,
    "101": _belgian_reference,
    "102": _belgian_reference,
    "103": _number,
    "105": _original_amount,
    "107": _old_direct_debit,
    "113": _card_payment,
    "114": _card_receipt,
    "115": _cash_deposit,
    "127": _sepa_direct_debit,
}

_RF = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}(?= |\Z)", re.ASCII)
_TWELVE = re.compile(r"[0-9]{12}", re.ASCII)
_FIFTEEN = re.compile(r"[0-9]{15}", re.ASCII)


def _money(text: str, currency: Currency | None) -> Money | None:
    """Fifteen digits, three of them decimals; None when they are none or zero, for nothing hangs on them."""
    if currency is None or not _FIFTEEN.fullmatch(text) or not text.strip("0"):
        return None
    return Money(scaled(text, 3), currency)


def _rate(text: str) -> Decimal | None:
    """Twelve digits, eight of them decimals."""
    return scaled(text, 8) if _TWELVE.fullmatch(text) and text.strip("0") else None


# -- information records -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Told:
    """What the information records below a movement tell: the counterparty, the ultimate parties, and texts."""

    name: str | None = None
    address: tuple[str, ...] = ()
    identification: str | None = None
    creditor: tuple[str | None, str | None] = (None, None)
    debtor: tuple[str | None, str | None] = (None, None)
    texts: list[str] = field(default_factory=list)


def told_by(information: Sequence[str]) -> Told:
    """What the texts of records 3.1, 3.2 and 3.3 tell; free ones that follow each other are one text cut by columns."""
    told = Told()
    free: list[str] = []
    for first, second, third in _joined(information):
        if first[39:40] == "1":
            if free:
                _end_text(told, free)
            _tell(told, first[40:43], first[43:113], second, third)
        else:
            free.append(first[40:113].ljust(73) + second + third)
    if free:
        _end_text(told, free)
    return told


def _joined(information: Iterable[str]) -> list[tuple[str, str, str]]:
    """Each 3.1 as it stands with the texts of the 3.2 and 3.3 that continue it."""
    joined: list[tuple[str, str, str]] = []
    for text in information:
        if text[1] == "1":
            joined.append((text, "", ""))
        else:
            first, second, third = joined.pop()
            if text[1] == "2":
                second += text[10:115].ljust(105)
            else:
                third += text[10:100].ljust(90)
            joined.append((first, second, third))
    return joined


def address_of(*printed: str) -> tuple[str, ...]:
    """The lines of an address, cleaned, blank ones left out."""
    return tuple([line for line in map(clean, printed) if line is not None])


def _end_text(told: Told, free: list[str]) -> None:
    text = clean("".join(free))
    if text is not None:
        told.texts.append(text)
    free.clear()


def _tell(told: Told, kind: str, name: str, second: str, third: str) -> None:
    """Structured information: 001 counterparty, 008 ultimate creditor, 009 ultimate debtor, else a text."""
    if kind == "001":
        told.name = told.name or clean(name)
        told.address = told.address or address_of(second[:35], second[35:70])
        told.identification = told.identification or clean(second[70:105])
    elif kind == "008":
        told.creditor = (clean(name), clean(second[:35]))
    elif kind == "009":
        told.debtor = (clean(name), clean(second[:35]))
    else:
        _end_text(told, [name, second])
    if third:
        _end_text(told, [third])
