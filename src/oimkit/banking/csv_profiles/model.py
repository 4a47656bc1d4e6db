"""A CSV profile: what a bank's file of one layout looks like, and which column holds what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from oimkit.banking.formats.csv_rows import DELIMITERS
from oimkit.banking.formats.csv_values import Mark, Order
from oimkit.errors import InputError
from oimkit.money import Currency

__all__ = [
    "DELIMITER_NAMES",
    "FIELDS",
    "KINDS",
    "LABEL_FIELDS",
    "LINE_FIELDS",
    "QUOTE_NAMES",
    "Amounts",
    "Column",
    "Dates",
    "Fee",
    "FileShape",
    "Header",
    "Labels",
    "LineRule",
    "Profile",
    "RowRules",
    "Sign",
    "StatusWords",
]

FIELDS = {
    "booking_date": "when the bank booked it",
    "value_date": "when the money counts",
    "amount": "the amount, signed or with a direction beside it",
    "debit": "what went out, where it has a column of its own",
    "credit": "what came in, where it has a column of its own",
    "direction": "a word that says credit or debit",
    "balance": "the account's balance after (or before) the row",
    "currency": "the account's currency",
    "account": "the own account",
    "subaccount": "a part of the account with balances of its own (a pocket, a product)",
    "owner": "the holder of the own account",
    "opening": "the balance before the first row, printed in a row of its own",
    "closing": "the balance after the last row, printed in a row of its own",
    "name": "the other side's name",
    "other_account": "the other side's account",
    "other_bank": "the other side's BIC or bank code",
    "other_address": "the other side's address",
    "other_id": "the other side's number",
    "payer_name": "who pays: the other side of a credit",
    "payee_name": "who is paid: the other side of a debit",
    "payer_account": "the payer's account",
    "payee_account": "the payee's account",
    "ultimate_name": "on whose behalf the other side pays or is paid",
    "reference": "the bank's own id of the row",
    "end_to_end_id": "the payer's id",
    "mandate_id": "SEPA mandate",
    "creditor_id": "SEPA creditor identifier",
    "batch_id": "id of a batch",
    "structured_reference": "structured creditor reference",
    "remittance": "free text",
    "purpose": "purpose code",
    "code": "the bank's code or word for the kind of transaction",
    "status": "a word that says whether the row is booked",
    "return_reason": "why a payment came back",
    "fee": "charges taken off",
    "gross": "the amount before charges, in the account's currency",
    "instructed_amount": "the amount before conversion",
    "instructed_currency": "its currency",
    "rate": "the rate of the conversion",
    "detail_amount": "the amount of one payment of a batch, in a row without a date below it",
    "aside": "cells that may stand in rows that are no entry",
}
"""What a column can hold; ``remittance``, ``other_address`` and ``aside`` may have several columns."""

LINE_FIELDS = (
    "account",
    "owner",
    "currency",
    "opening",
    "closing",
    "balance",
    "period_start",
    "period_end",
    "number",
    "text",
)
"""What a row above the header or below the entries can hold; ``text`` is kept as a remark."""

LABEL_FIELDS = (
    "name",
    "other_account",
    "other_bank",
    "reference",
    "end_to_end_id",
    "mandate_id",
    "creditor_id",
    "remittance",
)
"""What a label inside a text can name; another word than these is the name of a further reference."""

KINDS = ("date", "amount", "amount?", "currency", "account", "account?", "digits", "digits?", "code", "text", "blank")
"""What a cell of a file without a header must look like; ``?`` allows it to be blank. Words in ``|`` stand for
themselves: ``Debet|Credit``."""

DELIMITER_NAMES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
QUOTE_NAMES = {'"': "double", "'": "single", None: "none"}
"""What a profile calls the signs of ``FileShape``."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


class Sign(StrEnum):
    """Where the sign of an amount stands.

    SIGNED     the amount's own sign: minus is money out
    INVERTED   the amount's own sign, turned: minus is money in, as card statements print it
    COLUMNS    a column for debits, one for credits
    DIRECTION  a word in another column, the amount unsigned
    OPEN       nobody knows: only the running balance can prove it
    """

    SIGNED = "signed"
    INVERTED = "inverted"
    COLUMNS = "columns"
    DIRECTION = "direction"
    OPEN = "open"


class Fee(StrEnum):
    """Whether the column of charges counts: already within the amount, or to be taken off it, or added."""

    INCLUDED = "included"
    SUBTRACT = "subtract"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its header (with one ``*`` for any text; ``nth`` among equal ones) or by its position from 1.

    after  the column right of it is meant (a header that stands above two columns)
    """

    name: str | None = None
    position: int | None = None
    nth: int | None = None
    after: bool = False

    def __post_init__(self) -> None:
        if (self.name is None) == (self.position is None):
            raise InputError("a column has either a name or a position")
        if (self.nth is not None and self.nth < 1) or (self.position is not None and self.position < 1):
            raise InputError("columns are counted from 1")
        if self.name is not None and (not self.name.strip() or self.name.count("*") > 1):
            raise InputError("the name of a column is not empty and has at most one *")


@dataclass(frozen=True, slots=True)
class FileShape:
    """delimiters that the bank uses; quote ``"``, ``'`` or None; encoding of files that are not UTF-8."""

    delimiters: tuple[str, ...] = DELIMITERS
    quote: str | None = '"'
    encoding: str | None = None

    def __post_init__(self) -> None:
        if not self.delimiters or any(delimiter not in DELIMITERS for delimiter in self.delimiters):
            raise InputError("a delimiter is one of ; , tab |")
        if self.quote not in ('"', "'", None):
            raise InputError("quotes are double, single or none")


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns that must be there, and of those that may; names compare without case and blanks."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    """order of the days' parts, None when the content must decide; words that stand for the day of a pending row."""

    order: Order | None = None
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Amounts:
    """How amounts are printed.

    decimal        decimal mark, None when the content must decide; thousands by the other mark, blanks or apostrophes
    sign           where the sign stands
    debit_sign     of a column of debits: unsigned, negative, or None when both are met
    credit, debit  words of the column ``direction``
    fee            whether ``fee`` counts
    currency       the account's, where no column and no row says it
    before         True when the balance is that before the row
    """

    decimal: Mark | None = None
    sign: Sign = Sign.SIGNED
    debit_sign: str | None = None
    credit: tuple[str, ...] = ()
    debit: tuple[str, ...] = ()
    fee: Fee = Fee.INCLUDED
    currency: Currency | None = None
    before: bool = False

    def __post_init__(self) -> None:
        if self.debit_sign not in ("unsigned", "negative", None):
            raise InputError("debits are unsigned or negative")
        if self.sign is Sign.DIRECTION and not (self.credit and self.debit):
            raise InputError("a direction needs its words for credit and for debit")


@dataclass(frozen=True, slots=True)
class StatusWords:
    """What the words of the column ``status`` mean; ``other`` of the words not listed: booked or refused."""

    booked: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    information: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    other: str = "refused"

    def __post_init__(self) -> None:
        if self.other not in ("booked", "refused"):
            raise InputError("other words of a status are booked or refused")


@dataclass(frozen=True, slots=True)
class LineRule:
    """A row above the header or below the entries: its *label* (one ``*`` for any text) and what it gives.

    cell   the position from 1 of the cell with the value; None: what stands for a ``*`` at the label's end, else the
           next cell that is not blank
    after  the value begins behind this text
    until  the value ends where this text begins
    """

    label: str
    gives: str
    cell: int | None = None
    after: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        if self.gives not in LINE_FIELDS:
            raise InputError(f"a row gives one of {', '.join(LINE_FIELDS)}")
        if not self.label.strip() or self.label.count("*") > 1:
            raise InputError("a label is not empty and has at most one *")


@dataclass(frozen=True, slots=True)
class Labels:
    """A column whose text has parts behind labels (``Naam: ... IBAN: ...``).

    words    label -> one of LABEL_FIELDS, or the name of a further reference; what a column of its own says comes first
    slashes  the text may also be one of codes between slashes (``/TRTP/.../NAME/...``)
    """

    column: Column
    words: tuple[tuple[str, str], ...] = ()
    slashes: bool = False


@dataclass(frozen=True, slots=True)
class RowRules:
    """Rows that are no entry of their own.

    continuation     a row without day and amount goes on with the text of the row above
    without_amount   rows with a day and no amount are left out (a revaluation)
    apostrophes      texts stand between apostrophes, or behind one, as Excel keeps texts
    account_of_sides the own account stands with the payer or the payee, whichever is the own side
    """

    continuation: bool = False
    without_amount: bool = False
    apostrophes: bool = False
    account_of_sides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One layout of one bank's CSV file.

    name        of the profile, in small letters with hyphens, the country first: ``nl-ing``
    source      where the layout is known from
    valid_from, valid_to  first and last day on which the bank wrote this layout, where that is known
    cells       kinds of the cells of a file without a header, () where there is one
    columns     field of FIELDS -> its columns; references: name of a further reference -> its column
    lines       rows above the header and below the entries
    guessed     True for a reading by the words of the header, which no person has looked at
    """

    name: str
    bank: str
    source: str
    country: str | None = None
    about: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    file: FileShape = field(default_factory=FileShape)
    header: Header = field(default_factory=Header)
    cells: tuple[str, ...] = ()
    dates: Dates = field(default_factory=Dates)
    amounts: Amounts = field(default_factory=Amounts)
    columns: tuple[tuple[str, tuple[Column, ...]], ...] = ()
    references: tuple[tuple[str, Column], ...] = ()
    labels: Labels | None = None
    status: StatusWords = field(default_factory=StatusWords)
    lines: tuple[LineRule, ...] = ()
    rows: RowRules = field(default_factory=RowRules)
    guessed: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputError("the name of a profile is small letters, digits and hyphens")
        if bool(self.header.required) == bool(self.cells):
            raise InputError("a profile has either the names of its columns or the kinds of its cells")
        known = dict(self.columns)
        if unknown := sorted(set(known) - set(FIELDS)):
            raise InputError(f"a column holds none of these: {', '.join(unknown)}")
        if not ("booking_date" in known or "value_date" in known):
            raise InputError("a profile needs a booking_date or a value_date")
        _refuse_without_amount(self.amounts.sign, known)

    def columns_of(self, name: str) -> tuple[Column, ...]:
        """The columns that hold the field *name*; () when none does."""
        return dict(self.columns).get(name, ())


def _refuse_without_amount(sign: Sign, known: dict[str, tuple[Column, ...]]) -> None:
    """The columns that the sign convention needs are there."""
    needed = {Sign.COLUMNS: ("debit", "credit"), Sign.DIRECTION: ("amount", "direction")}.get(sign, ("amount",))
    missing = [name for name in needed if name not in known]
    if missing:
        raise InputError(f"amounts by {sign} need the columns {', '.join(missing)}")
