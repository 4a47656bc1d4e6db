"""What the texts of one entry say: field 86 of MT940 and MT942 in many dialects, read into the same few fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from oimkit.banking.formats._common import NOT_PROVIDED, clean, provided
from oimkit.banking.statement import Party

__all__ = ["NOTHING", "Details", "id_in", "money_in", "read_own_fields", "read_plain"]

NOTHING = NOT_PROVIDED | {"NONREF", "NOTAVAILABLE"}
"""What stands in an id when there is none."""


class Details(NamedTuple):
    """What the text of one entry says, every text cleaned; amounts and rates as printed, amounts with their currency.

    payer, payee  on whose behalf the payer pays, and the payee is paid
    bank_code     the bank's own code of the transaction, which is joined with the type code of field 61
    codes         every code of the text as (scheme, code)
    said          the bank's own words for the transaction
    """

    name: str | None = None
    account: str | None = None
    bank: str | None = None
    address: tuple[str, ...] = ()
    identification: str | None = None
    payer: Party | None = None
    payee: Party | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    batch_id: str | None = None
    creditor_id: str | None = None
    structured_reference: str | None = None
    remittance: tuple[str, ...] = ()
    purpose: str | None = None
    bank_code: str | None = None
    codes: tuple[tuple[str, str], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    return_reason: str | None = None
    instructed: tuple[str, str] | None = None
    charges: tuple[str, str] | None = None
    rate: str | None = None
    said: str | None = None


def id_in(text: str | None) -> str | None:
    """An id without the slashes around it; None where it says that there is none."""
    plain = clean(text.strip("/ ")) if text is not None else None
    return provided(plain, NOTHING)


_MONEY = re.compile(r"([A-Z]{3}) ?([0-9][0-9.,]*)", re.ASCII)


def money_in(text: str | None) -> tuple[str, str] | None:
    """Currency and amount at the beginning of *text*, as printed; None without a currency."""
    match = _MONEY.match(text) if text else None
    return (match[1], match[2]) if match is not None else None


# -- plain lines --------------------------------------------------------------------------------------------------

_HOLDER = re.compile(r"(?:REK: *([A-Z0-9]+))?/?(?:NAAM: *(.*))?", re.DOTALL)
"""Account and name in a line of their own (Knab)."""


def read_plain(texts: Sequence[str]) -> Details:
    """Lines without a form: remittance, but for lines that name account and holder (``REK: .../NAAM: ...``)."""
    remittance: list[str] = []
    name = account = None
    for text in texts:
        match = _HOLDER.fullmatch(text) if text.startswith(("REK:", "NAAM:")) else None
        if match is not None:
            account, name = match[1] or account, match[2] or name
            continue
        line = clean(text)
        if line is not None:
            remittance.append(line)
    return Details(name=clean(name), account=account, remittance=tuple(remittance))


# -- :NS:, the field of MultiCash for what SWIFT has no room for --------------------------------------------------

_NUMBERED_LINE = re.compile(r"([0-9]{2})(.*)", re.DOTALL | re.ASCII)
_PURPOSE = frozenset(f"{number:02}" for number in range(1, 15))


def read_own_fields(lines: Sequence[str]) -> Details:
    """The numbered lines of :NS: 01 to 14 purpose, 15 and 16 name, 17 the bank's words, 33 bank, 34 account.

    Lines with other numbers (18 journal, 19 time of day, 22 and 23 holder of the account) are left out; a line without
    a number belongs to the purpose.
    """
    found: dict[str, list[str]] = {}
    remittance: list[str] = []
    for line in lines:
        match = _NUMBERED_LINE.match(line)
        if match is None or match[1] in _PURPOSE:
            remittance.append(match[2] if match is not None else line)
        else:
            found.setdefault(match[1], []).append(match[2])
    cleaned = [text for text in map(clean, remittance) if text is not None]
    return Details(
        name=clean("".join([*found.get("15", []), *found.get("16", [])])),
        account=_filled(found.get("34")),
        bank=_filled(found.get("33")),
        remittance=tuple(cleaned),
        said=clean(" ".join(found.get("17", []))),
    )


def _filled(texts: Sequence[str] | None) -> str | None:
    """A number that is more than noughts."""
    text = clean(texts[0]) if texts else None
    return text if text is not None and text.strip("0 ") else None
