"""An entry from its draft: the texts of its row, now that numbers and days are certain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from oimkit.banking.csv_profiles.detection import Layout
from oimkit.banking.exact import EXACT
from oimkit.banking.formats._common import (
    NOT_PROVIDED,
    as_currency,
    entry_of,
    money_of,
    party_of,
    provided,
    refused,
    signed,
)
from oimkit.banking.formats.csv_drafts import Draft, account_number
from oimkit.banking.formats.csv_rows import Row
from oimkit.banking.formats.csv_sorting import Sorter
from oimkit.banking.formats.csv_texts import Parts, further, text_reader
from oimkit.banking.formats.csv_values import MARKS, Mark, read_figure
from oimkit.banking.statement import Entry, EntryStatus, Exchange, Finding, Party
from oimkit.money import Money

__all__ = ["EntryMaker"]

_FORMAT = "csv"
_NOTHING = NOT_PROVIDED | {"NONREF", "NOTAVAILABLE", "KEINE ANGABE"}
_BELGIAN = re.compile(r"(\+\+\+|\*\*\*) ?[0-9]{3}/[0-9]{4}/[0-9]{5} ?\1", re.ASCII)
"""A Belgian structured communication that stands where free text may stand."""


_DUTCH = re.compile(r"'[A-Za-z] ")
"""'t, 's and 'n begin names."""


class EntryMaker:
    """Makes the entries of one layout; every place that no column holds is the blank cell at the end of a row."""

    def __init__(self, layout: Layout, sorter: Sorter, mark: Mark, order: int, *, counted: bool) -> None:
        place = layout.place
        self._sorter = sorter
        self._mark = mark
        self._order = order
        self._counted = counted
        self._apostrophes = layout.profile.rows.apostrophes
        self._debit_places = (place("payee_name"), place("payee_account"))
        self._credit_places = (place("payer_name"), place("payer_account"))
        self._name, self._account = place("name"), place("other_account")
        self._bank, self._id, self._ultimate = place("other_bank"), place("other_id"), place("ultimate_name")
        self._address = layout.places.get("other_address", ())
        self._remittance = layout.places.get("remittance", ())
        self._reference, self._end_to_end = place("reference"), place("end_to_end_id")
        self._mandate, self._creditor, self._batch = place("mandate_id"), place("creditor_id"), place("batch_id")
        self._structured, self._purpose, self._code = place("structured_reference"), place("purpose"), place("code")
        self._return, self._fee, self._gross = place("return_reason"), place("fee"), place("gross")
        self._instructed = (place("instructed_amount"), place("instructed_currency"), place("rate"))
        self._detail = place("detail_amount")
        self._references = layout.references
        self._labels = layout.labels
        labels = layout.profile.labels
        self._read_text = text_reader(labels) if labels is not None and layout.labels >= 0 else None
        self._differing: list[int] = []
        self._converts = any(each >= 0 for each in (self._gross, *self._instructed))
        self._has_other_side = (
            any(
                each >= 0
                for each in (self._name, self._account, self._bank, self._id, *self._debit_places, *self._credit_places)
            )
            or bool(self._address)
            or self._read_text is not None
        )

    def findings(self) -> list[Finding]:
        """What was noticed while entries were made."""
        if not self._differing:
            return []
        reason = f"{len(self._differing)} amounts are not what is before charges and the charges together"
        return [Finding("charges-differ", reason, self._differing[0])]

    def entry(self, draft: Draft, amount: Decimal) -> Entry:
        """The entry of *draft*, which moves *amount*."""
        cells = self._sorter.cells(Row(draft.line, draft.text))
        booking, value = (draft.booking, draft.value) if not self._order else draft.days_in(self._order)
        value_date = value or booking
        assert value_date is not None
        money = money_of(amount, draft.key.currency)
        parts = self._read_text(cells[self._labels]) if self._read_text is not None else _NO_PARTS
        structured, remittance = self._remarks(cells, draft.more, parts)
        fee = self._number(cells[self._fee]) if self._fee >= 0 else None
        if self._gross >= 0:
            self._compare(self._number(cells[self._gross]), fee, amount, draft.line)
        text = self._text
        code = text(cells[self._code])
        return entry_of(
            money,
            value_date,
            booking,
            EntryStatus.BOOKED if self._counted and draft.status is EntryStatus.PENDING else draft.status,
            text(cells[self._reference]) or _part(parts, "reference"),
            self._id_of(cells[self._end_to_end]) or self._id_of(_part(parts, "end_to_end_id")),
            self._id_of(cells[self._mandate]) or _part(parts, "mandate_id"),
            text(cells[self._batch]),
            self._other_side(cells, amount, parts) if self._has_other_side else None,
            text(cells[self._structured]) or structured,
            remittance,
            code,
            text(cells[self._return]),
            False,
            self._instructed_of(cells, money) if self._converts else None,
            Money(fee.copy_abs(), money.currency) if fee else None,
            self._details(draft, money, booking, value_date) if draft.details is not None else (),
            draft.line,
            draft.key.account,
            _raw(draft),
            self._id_of(cells[self._creditor]) or _part(parts, "creditor_id"),
            _named(text(cells[self._ultimate])),
            text(cells[self._purpose]),
            (("csv", code),) if code is not None else (),
            self._further(cells, parts) if self._references or parts else (),
            self._exchange(cells, money) if self._converts else None,
        )

    # -- texts ----------------------------------------------------------------------------------------------------

    def _text(self, cell: str) -> str | None:
        """The text of a cell, white space cleaned; None for a blank one or a dash."""
        if not cell:
            return None
        text = " ".join(cell.split())
        if self._apostrophes and text[:1] == "'" and not _DUTCH.match(text):
            text = text[1:].removesuffix("'").strip()
        return text if text and text != "-" else None

    def _id_of(self, cell: str | None) -> str | None:
        return provided(self._text(cell), _NOTHING) if cell else None

    def _remarks(
        self, cells: Sequence[str], more: Iterable[Row] | None, parts: Parts
    ) -> tuple[str | None, tuple[str, ...]]:
        """The structured reference that stands as free text, and the free texts, each once."""
        texts: list[str] = []
        for place in self._remittance:
            if place == self._labels and parts:
                texts.extend(parts["remittance"])
            elif (text := self._text(cells[place])) is not None:
                texts.append(text)
        for row in more or ():
            texts.extend(self._more(row))
        structured = _part(parts, "structured_reference")
        for text in texts:
            if structured is None and text[0] in "+*" and _BELGIAN.fullmatch(text):
                structured = text
        if len(texts) > 1 or structured is not None:
            texts = list(dict.fromkeys(text for text in texts if text is not structured))
        return structured, tuple(texts)

    def _more(self, row: Row) -> list[str]:
        """The texts of a row that goes on with the one above: of the columns of text, else of all."""
        cells = self._sorter.cells(row)
        own = [text for place in self._remittance if (text := self._text(cells[place])) is not None]
        return own or [text for cell in cells if (text := self._text(cell)) is not None]

    def _further(self, cells: Sequence[str], parts: Parts) -> tuple[tuple[str, str], ...]:
        found = ((name, self._text(cells[place])) for name, place in self._references)
        return (*((name, text) for name, text in found if text is not None), *further(parts))

    def _other_side(self, cells: Sequence[str], amount: Decimal, parts: Parts) -> Party | None:
        """The other side: of a debit who is paid, of a credit who pays, where the two have columns of their own."""
        name_place, account_place = self._debit_places if amount < 0 else self._credit_places
        name = self._text(cells[self._name]) or self._text(cells[name_place]) or _part(parts, "name")
        account = (
            account_number(cells[self._account])
            or account_number(cells[account_place])
            or account_number(_part(parts, "other_account") or "")
        )
        bank = self._text(cells[self._bank]) or _part(parts, "other_bank")
        address = tuple(text for place in self._address if (text := self._text(cells[place])) is not None)
        return party_of(name, account, bank, address, self._text(cells[self._id]))

    # -- numbers --------------------------------------------------------------------------------------------------

    def _number(self, cell: str) -> Decimal | None:
        """A number on which no balance hangs; None when it cannot be read."""
        text = cell.strip() if cell else ""
        figure = read_figure(text, self._mark) if text else None
        return figure.amount if figure is not None else None

    def _instructed_of(self, cells: Sequence[str], money: Money) -> Money | None:
        """The amount before conversion or before charges, unsigned; None when it is the amount itself."""
        gross = self._number(cells[self._gross])
        if gross is not None:
            return Money(gross.copy_abs(), money.currency) if gross.copy_abs() != money.amount.copy_abs() else None
        amount, currency = self._number(cells[self._instructed[0]]), as_currency(cells[self._instructed[1]])
        if (
            not amount
            or currency is None
            or (currency == money.currency and amount.copy_abs() == money.amount.copy_abs())
        ):
            return None
        return Money(amount.copy_abs(), currency)

    def _exchange(self, cells: Sequence[str], money: Money) -> Exchange | None:
        """The rate, where the row was converted."""
        text = cells[self._instructed[2]].strip()
        rate = next((found for mark in MARKS if text and (found := read_figure(text, mark)) is not None), None)
        source = as_currency(cells[self._instructed[1]])
        if rate is None or rate.amount <= 0 or source == money.currency:
            return None
        return Exchange(rate.amount, source, money.currency)

    def _compare(self, gross: Decimal | None, fee: Decimal | None, amount: Decimal, line: int) -> None:
        """Note a row whose amount is not its gross amount less (or with) its charges."""
        if gross is None or fee is None:
            return
        if amount not in (EXACT.add(gross, fee), EXACT.subtract(gross, fee)):
            self._differing.append(line)

    # -- details --------------------------------------------------------------------------------------------------

    def _details(self, draft: Draft, money: Money, booking: date | None, value_date: date) -> tuple[Entry, ...]:
        """The payments of a batch, each in a row of its own; unsigned ones go the way of the batch."""
        return tuple(self._detail_of(row, draft, money, booking, value_date) for row in draft.details or ())

    def _detail_of(self, row: Row, draft: Draft, money: Money, booking: date | None, value_date: date) -> Entry:
        cells = self._sorter.cells(row)
        amount = self._number(cells[self._detail])
        if amount is None:
            raise refused(_FORMAT, "the amount of a payment of a batch is not exactly one number", row.line)
        own = signed(amount, True) if money.amount < 0 < amount else amount
        structured, remittance = self._remarks(cells, None, _NO_PARTS)
        return entry_of(
            money_of(own, money.currency),
            value_date,
            booking,
            draft.status,
            self._text(cells[self._reference]),
            None,
            None,
            None,
            self._other_side(cells, own, _NO_PARTS),
            structured,
            remittance,
            None,
            None,
            False,
            None,
            None,
            (),
            row.line,
            draft.key.account,
            row.text,
        )


_NO_PARTS: Parts = {}


def _part(parts: Parts, field: str) -> str | None:
    """The one text of a part."""
    texts = parts.get(field) if parts else None
    return texts[0] if texts else None


def _raw(draft: Draft) -> str:
    """The entry's own rows as printed."""
    if draft.more is None and draft.details is None:
        return draft.text
    below = sorted([*(draft.more or ()), *(draft.details or ())])
    return "\n".join([draft.text, *(row.text for row in below)])


def _named(name: str | None) -> Party | None:
    return party_of(name, None, None) if name is not None else None
