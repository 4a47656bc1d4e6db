"""Statements as SWIFT MT940, the texts in the numbered sub-fields of German banks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from oimkit.banking.statement import Balance, Entry, Statement
from oimkit.money import Money

__all__ = ["write_mt940"]

_TYPE = re.compile(r"[NSF][A-Z0-9]{3}", re.ASCII)
_GVC = re.compile(r"[0-9]{3}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)

_LONGEST_LINE = 65
_SUBFIELD = 27
"""Characters of one sub-field."""

_TEXTS = (*range(20, 30), *range(60, 64))
_NAMES = (32, 33)


def write_mt940(statements: Iterable[Statement], *, message_id: str, created: datetime) -> bytes:
    """One message a statement, in UTF-8, lines ended by CR LF; ``write_statements`` lists what it lacks.

    Entries that are not booked have no place in an MT940 and are left out, a balance that the statement has not is not
    written. MT940 knows no moment of its making, so *created* is not used.
    """
    lines = (line for statement in statements for line in _statement(statement, message_id))
    return "".join(f"{line}\r\n" for line in lines).encode()


def _statement(statement: Statement, message_id: str) -> Iterator[str]:
    yield f":20:{_plain(statement.reference or message_id)[:16]}"
    if statement.account is not None:
        yield f":25:{_plain(statement.account)[:35]}{_currency(statement)}"
    number = statement.number if statement.number is not None and _NUMBER.fullmatch(statement.number) else "0"
    yield f":28C:{number}" + (f"/{statement.page}" if statement.page is not None else "")
    if statement.opening is not None:
        yield f":60{'M' if statement.continues else 'F'}:{_balance(statement.opening, statement.period_end)}"
    for entry in statement.booked:
        yield _entry(entry)
        yield from _details(entry)
    if statement.closing is not None:
        yield f":62{'M' if statement.continued else 'F'}:{_balance(statement.closing, statement.period_end)}"
    for balance in statement.balances:
        if balance.code in ("CLAV", "FWAV"):
            yield f":{'64' if balance.code == 'CLAV' else '65'}:{_balance(balance, statement.period_end)}"
    if statement.remarks:
        yield f":86:{_plain(' '.join(statement.remarks))[:_LONGEST_LINE]}"
    yield "-"


def _currency(statement: Statement) -> str:
    """The account's currency, where no balance carries it."""
    has_balance = statement.opening is not None or statement.closing is not None
    return "" if has_balance or statement.currency.code == "XXX" else f" {statement.currency}"


def _plain(text: str) -> str:
    """*text* on one line, without what would end or begin a field."""
    return " ".join(text.split()).lstrip(":-{") or "-"


def _balance(balance: Balance, otherwise: date | None) -> str:
    day = balance.date or otherwise
    printed = f"{day:%y%m%d}" if day is not None else "000000"
    return f"{_mark(balance.amount)}{printed}{balance.amount.currency}{_number(balance.amount)}"


def _mark(money: Money) -> str:
    return "D" if money.amount < 0 else "C"


def _number(money: Money) -> str:
    """The unsigned amount with a comma, digit for digit."""
    text = f"{abs(money.amount):f}".replace(".", ",")
    return text if "," in text else f"{text},"


def _entry(entry: Entry) -> str:
    """Field 61: days, mark (RC takes back a credit, RD a debit), amount, type, references."""
    booked = f"{entry.booking_date:%m%d}" if entry.booking_date is not None else ""
    mark = _mark(entry.amount)
    if entry.reversal:
        mark = "RC" if mark == "D" else "RD"
    codes = dict(reversed(entry.codes))
    kind = codes.get("swift", "")
    reference = f"//{_plain(entry.reference)[:16]}" if entry.reference is not None else ""
    return (
        f":61:{entry.value_date:%y%m%d}{booked}{mark}{_number(entry.amount)}"
        f"{kind if _TYPE.fullmatch(kind) else 'NMSC'}NONREF{reference}"
    )


def _details(entry: Entry) -> Iterator[str]:
    """Field 86: the business code, then numbered sub-fields, broken before a sub-field only; none for no text."""
    codes = dict(reversed(entry.codes))
    code = codes.get("gvc", "")
    line = f":86:{code if _GVC.fullmatch(code) else '999'}"
    parts = list(_subfields(entry))
    if not parts:  # a code by itself would read back as a text
        return
    for part in parts:
        if len(line) + len(part) > _LONGEST_LINE:
            yield line
            line = ""
        line += part
    yield line


def _subfields(entry: Entry) -> Iterator[str]:
    party = entry.counterparty
    texts = [piece for text in _marked(entry) for piece in _pieces(text)]
    yield from (f"?{number}{piece}" for number, piece in zip(_TEXTS, texts, strict=False))
    if party is not None:
        if party.bank_code is not None:
            yield f"?30{_cell(party.bank_code)[:_SUBFIELD]}"
        if party.account is not None:
            yield f"?31{_cell(party.account)[:34]}"
        names = _pieces(_cell(party.name)) if party.name is not None else []
        yield from (f"?{number}{piece}" for number, piece in zip(_NAMES, names, strict=False))


def _marked(entry: Entry) -> Iterator[str]:
    """The texts under the words that banks put before them."""
    for word, text in (
        ("EREF+", entry.end_to_end_id),
        ("MREF+", entry.mandate_id),
        ("CRED+", entry.creditor_id),
        ("PURP+", entry.purpose),
    ):
        if text is not None:
            yield word + _cell(text)
    remittance = [*entry.remittance, *([entry.structured_reference] if entry.structured_reference else [])]
    if remittance:
        yield "SVWZ+" + _cell(" ".join(remittance))


def _cell(text: str) -> str:
    """*text* without the question marks that would begin a sub-field."""
    return _plain(text.replace("?", "."))


def _pieces(text: str) -> list[str]:
    return [text[start : start + _SUBFIELD] for start in range(0, len(text), _SUBFIELD)]
