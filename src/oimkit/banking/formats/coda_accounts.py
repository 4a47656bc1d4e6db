"""Account numbers as CODA prints them: twelve Belgian digits, IBAN or foreign, with or without their currency."""

from __future__ import annotations

import re
from functools import lru_cache

from oimkit.banking.formats._common import as_currency, clean, iban_or_none
from oimkit.banking.formats.national_accounts import belgian_iban
from oimkit.money import Currency

__all__ = ["other_account", "own_account"]

_BELGIAN = re.compile(r"[0-9]{12}", re.ASCII)
_IBAN_FIRST = re.compile(r"([A-Z]{2}[0-9]{2}[A-Z0-9]{10,30})(?: |\Z)", re.ASCII)


def own_account(structure: str, zone: str, version: int) -> tuple[str | None, str, Currency | None]:
    """The account, the printed currency and the currency it names, of the 37 columns of a balance record.

    structure 0 is a Belgian number, 1 a foreign one, 2 a Belgian and 3 a foreign IBAN; version 1 knows only Belgian
    numbers. A Belgian number whose check digits hold is given as the one IBAN that it has.

    Raises:
        KeyError: no structure has this number.
    """
    if version == 1:
        structure = "0"
    account, printed = {
        "0": (zone[:12], _currency_of_short(zone, version)),
        "1": (zone[:34], zone[34:37]),
        "2": (zone[:16], zone[34:37]),
        "3": (zone[:34], zone[34:37]),
    }[structure]
    known = iban_or_none(account) if structure in "23" else None
    return known or belgian_iban(account) or clean(account), printed.strip(), as_currency(printed)


def _currency_of_short(zone: str, version: int) -> str:
    """The currency behind twelve digits: at once in version 1, after a blank in version 2; the other where one is."""
    at_once, after_blank = zone[12:15], zone[13:16]
    first, second = (at_once, after_blank) if version == 1 else (after_blank, at_once)
    return second if as_currency(first) is None and as_currency(second) is not None else first


@lru_cache(maxsize=4096)
def other_account(zone: str) -> str | None:
    """The counterparty's account in its 37 columns, an IBAN where it is or has one; None for blanks and zeros."""
    match = _IBAN_FIRST.match(zone)
    if match is not None:
        return match[1]
    if zone[12:13] in ("", " ") and _BELGIAN.fullmatch(zone[:12]):
        return belgian_iban(zone[:12]) or (zone[:12] if zone[:12].strip("0") else None)
    printed = clean(zone[:34])
    if printed is None or not printed.strip("0 "):
        return None
    return iban_or_none(printed) or printed
