"""A layout guessed from the words of the header, for files that no profile knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from oimkit.banking.csv_profiles.detection import HEAD_ROWS, Layout, header_name
from oimkit.banking.csv_profiles.model import Amounts, Column, Header, Profile, Sign, StatusWords
from oimkit.banking.csv_profiles.vocabulary import bare, listed, roles
from oimkit.banking.formats._common import iban_or_none
from oimkit.banking.formats.csv_rows import DELIMITERS, Cutting, Row, Sheet
from oimkit.banking.formats.csv_values import read_currency
from oimkit.errors import StatementError
from oimkit.money import Currency

__all__ = ["Guess", "Words", "guess_layout", "read_words"]

_SEVERAL = frozenset(
    {
        "remittance",
        "name",
        "reference",
        "other_reference",
        "type",
        "other_amount",
        "transaction_date",
        "other_bank",
        "account_or_other",
    }
)
"""Roles that two columns may have without a doubt about the money."""

_SIDES = frozenset({"other_account", "other_bank", "mandate_id", "creditor_id", "end_to_end_id"})
"""Columns that only payment accounts have: there a minus is money out. Card statements often print it turned."""

_WATCHED = ("direction", "type", "status", "account_or_other", "fee")
"""Roles whose columns are looked at in every row before the layout is certain."""

_DAYS = ("booking_date", "date", "transaction_date", "value_date")


@dataclass(frozen=True, slots=True)
class Guess:
    """What the words of a header say.

    layout    the reading that they give, or None when they do not give one
    reason    why there is none
    evidence  True when the file shows that it is of a payment account, where minus is money out
    """

    layout: Layout | None
    reason: str = ""
    evidence: bool = False


@dataclass(slots=True)
class Words:
    """What the words of the likeliest header mean, and what is doubtful about it.

    titles      the header's cells as printed, white space cleaned; blank for a file without a header
    fields      field of a profile -> the positions from 0 of its columns
    references  name of a further reference -> its position
    doubts      what could mean two things, one sentence each
    evidence    as in Guess
    cells       kinds of the cells of a file without a header, () where there is one
    charges     the positions from 0 of columns of charges, which only a running balance can say to be in the amounts
    """

    cutting: Cutting
    header_at: int
    titles: tuple[str, ...]
    fields: dict[str, list[int]]
    amounts: Amounts
    status: StatusWords
    currency: Currency | None
    references: list[tuple[str, int]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    evidence: bool = False
    cells: tuple[str, ...] = ()
    charges: tuple[int, ...] = ()


def guess_layout(sheet: Sheet) -> Guess:
    """The layout that the header's words give, when each of them means one thing."""
    words = read_words(sheet)
    if words is None:
        return Guess(None, "no row among the first names a day and an amount in words that are known")
    if words.doubts:
        return Guess(None, words.doubts[0])
    return Guess(_layout(words), evidence=words.evidence)


def read_words(sheet: Sheet) -> Words | None:
    """The words of the row that most likely is the header; None when no row names a day and an amount."""
    heads = list(_heads(sheet))
    if not heads:
        return None
    most = max(len(head.roles) for head in heads)
    best = [head for head in heads if len(head.roles) == most]
    words = _refined(sheet, _told_valuta(sheet, best[0]))
    if len({(head.at, head.cutting.delimiter) for head in best}) > 1:
        words.doubts.insert(0, "two rows could be the header")
    return words


@dataclass(frozen=True, slots=True)
class _Head:
    """A row that may be the header: the roles of its cells, by position from 0."""

    cutting: Cutting
    at: int
    titles: tuple[str, ...]
    roles: Mapping[int, str]
    currencies: frozenset[Currency]

    def places(self, role: str) -> list[int]:
        return [place for place, each in self.roles.items() if each == role]


def _heads(sheet: Sheet) -> Iterator[_Head]:
    """The first row of each way of cutting that names a day and an amount."""
    for delimiter in DELIMITERS:
        cutting = Cutting(delimiter)
        rows = sheet.rows(cutting)
        if rows.delimiter not in (None, delimiter):
            continue
        for at, row in enumerate(rows.head(HEAD_ROWS)):
            head = _head(cutting, at, row) if delimiter in row.text else None
            if head is not None:
                yield head
                break


def _head(cutting: Cutting, at: int, row: Row) -> _Head | None:
    try:
        titles = tuple(" ".join(cell.lstrip("\ufeff").split()) for cell in cutting.cells(row))
    except StatementError:
        return None
    words = roles()
    meant: dict[int, str] = {}
    currencies: set[Currency] = set()
    for place, title in enumerate(titles):
        word, currency = bare(header_name(title))
        if word in words:
            meant[place] = words[word]
            if currency is not None and words[word] in ("amount", "debit", "credit"):
                currencies.add(currency)
    found = set(meant.values())
    has_amount = "amount" in found or {"debit", "credit"} <= found
    return _Head(cutting, at, titles, meant, frozenset(currencies)) if found & set(_DAYS) and has_amount else None


# -- what the cells say -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Seen:
    """What the cells of a column hold, over the whole file; at most a few dozen of their values."""

    values: set[str]
    blank: bool = False
    rows: int = 0


def _told_valuta(sheet: Sheet, head: _Head) -> _Head:
    """*head* with a column "Valuta" taken for the currency where it holds nothing else: Swedish, Danish, Dutch.

    In German, Italian and Norwegian the same word is the value date.
    """
    places = [place for place in head.places("value_date") if header_name(head.titles[place]) == "valuta"]
    seen = _seen(sheet, head, places)
    told = {place: "currency" for place in places if seen[place].values and all(map(read_currency, seen[place].values))}
    return replace(head, roles={**head.roles, **told}) if told else head


def _refined(sheet: Sheet, head: _Head) -> Words:
    """What the header's words mean, with what only the cells tell: a direction's words, whose an account is, states."""
    seen = _seen(sheet, head, [place for role in _WATCHED for place in head.places(role)])
    fields = {role: head.places(role) for role in set(head.roles.values())}
    currency = next(iter(head.currencies), None) if len(head.currencies) == 1 else None
    words = Words(head.cutting, head.at, head.titles, fields, Amounts(sign=Sign.COLUMNS), StatusWords(), currency)
    _doubt_header(head, words)
    _place_accounts(words, seen)
    _find_sign(words, seen)
    _find_states(words, seen)
    if "balance" not in fields and _takes_charges(fields, seen):
        words.doubts.append("charges may be within the amounts, or beside them")
    words.charges = tuple(fields.get("fee", ()))
    words.evidence = words.evidence or bool(_SIDES & set(fields))
    _settle(words)
    if not words.fields.keys() & {"booking_date", "value_date"}:  # "Valuta" was the currency
        words.doubts.append("no column is of a day")
    return words


def _doubt_header(head: _Head, words: Words) -> None:
    """Note what keeps the words of the header from meaning one thing."""
    for role in sorted(set(head.roles.values()) - _SEVERAL):
        if len(head.places(role)) > 1:
            words.doubts.append(f"two columns could hold the {role.replace('_', ' ')}")
    found = set(head.roles.values())
    if "amount" in found and found & {"debit", "credit"}:
        words.doubts.append("there is a column of amounts beside those of debits and credits")
    if "currency" in found and "other_amount" in found:
        words.doubts.append("the currency may be that of the amount or of another amount")
    if len(head.currencies) > 1:
        words.doubts.append("the columns of amounts name two currencies")


def _takes_charges(fields: Mapping[str, list[int]], seen: Mapping[int, _Seen]) -> bool:
    """True when a column of charges holds more than noughts."""
    return any(value.strip("0., -") for place in fields.get("fee", []) if place in seen for value in seen[place].values)


def _seen(sheet: Sheet, head: _Head, places: Sequence[int]) -> dict[int, _Seen]:
    """The values of the columns *places* in the rows that have a day."""
    seen: dict[int, _Seen] = defaultdict(lambda: _Seen(set()))
    days = [place for role in _DAYS for place in head.places(role)]
    for row in sheet.rows(head.cutting).below(head.at) if places else ():
        try:
            cells = head.cutting.cells(row)
        except StatementError:
            continue
        if not any(place < len(cells) and cells[place].strip() for place in days):
            continue
        for place in places:
            text = cells[place].strip() if place < len(cells) else ""
            column = seen[place]
            column.rows += 1
            column.blank = column.blank or not text
            if text and len(column.values) < _KEPT:
                column.values.add(text)
    return seen


_KEPT = 100
"""Values of a column that are kept: more than there are words of directions."""


def _place_accounts(words: Words, seen: Mapping[int, _Seen]) -> None:
    """Say of columns that only say "account" whose it is: the own one is the same in every row, and never blank.

    An account that is an IBAN is none of a card.
    """
    fields = words.fields
    for place in fields.pop("account_or_other", []):
        column = seen.get(place)
        if column is None or not column.values:
            continue
        words.evidence = words.evidence or all(iban_or_none(value) is not None for value in column.values)
        if len(column.values) == 1 and not column.blank and "account" not in fields:
            if column.rows > 1:
                fields["account"] = [place]
            else:
                words.references.append((words.titles[place], place))
        elif (column.blank or "account" in fields) and "other_account" not in fields:
            fields["other_account"] = [place]
        else:
            words.references.append((words.titles[place], place))
            if not column.blank:
                words.doubts.append("a column of accounts may be of the own ones or of the other side")


def _find_sign(words: Words, seen: Mapping[int, _Seen]) -> None:
    """Find where the sign stands; a direction whose words are not known is a doubt."""
    fields = words.fields
    if "amount" not in fields:
        return
    words.amounts = Amounts(sign=Sign.OPEN)
    for place in [*fields.get("direction", []), *fields.get("type", [])]:
        meant = _direction_words(seen.get(place))
        if meant is not None:
            fields["direction"] = [place]
            fields["type"] = [each for each in fields.get("type", []) if each != place]
            words.amounts = Amounts(sign=Sign.DIRECTION, credit=meant[0], debit=meant[1])
            return
    if any(seen[place].values for place in fields.pop("direction", []) if place in seen):
        words.doubts.append("the words of the direction are not known")


def _direction_words(column: _Seen | None) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The words for credit and debit in a column that holds nothing else; None when it holds something else."""
    if column is None or not column.values or column.blank:
        return None
    credit, debit = listed("directions", "credit"), listed("directions", "debit")
    found = {value.casefold() for value in column.values}
    if not found <= credit | debit:
        return None
    letters = {word for word in found if len(word) == 1 and word.isalpha()}
    if letters and not any(letters <= pair for pair in _PAIRS):
        return None
    return tuple(sorted(credit)), tuple(sorted(debit))


_PAIRS = ({"c", "d"}, {"h", "s"}, {"h", "d"})
"""Letters that stand for credit and debit together: credit and debit, Haben and Soll, haber and debe."""


def _find_states(words: Words, seen: Mapping[int, _Seen]) -> None:
    """Take the words of the status; a word that is not known is a doubt."""
    booked, pending = listed("states", "booked"), listed("states", "pending")
    words.status = StatusWords(booked=tuple(sorted(booked)), pending=tuple(sorted(pending)))
    for place in words.fields.get("status", []):
        column = seen.get(place)
        if column is not None and not {value.casefold() for value in column.values} <= booked | pending:
            words.doubts.append("the words of the status are not known")


def _settle(words: Words) -> None:
    """Make the roles of words the fields of a profile; columns that are left over are further references."""
    fields = words.fields
    days = [fields.pop(role, []) for role in ("booking_date", "date", "transaction_date")]
    booking = next((places for places in days if places), [])
    spare = [place for places in days for place in places if place not in booking[:1]]
    if booking:
        fields["booking_date"] = booking[:1]
    types = fields.pop("type", [])
    if types:
        fields["code"] = types[:1]
    spare += types[1:] + fields.pop("other_reference", []) + fields.get("reference", [])[1:]
    for role in ("name", "other_bank"):
        if len(fields.get(role, ())) > 1:  # payer and payee: which is the other side is not certain
            spare += fields.pop(role)
    for role in ("other_amount", "fee"):
        fields.pop(role, None)
    for role in ("reference", "amount", "debit", "credit", "balance", "currency", "account", "status", "value_date"):
        if role in fields:
            fields[role] = fields[role][:1]
    words.references.extend((words.titles[place], place) for place in sorted(spare))
    words.fields = {role: places for role, places in fields.items() if places}


# -- the layout ---------------------------------------------------------------------------------------------------


def _layout(words: Words) -> Layout:
    profile = Profile(
        name="header-words",
        bank="unknown",
        source="the words of the header",
        header=Header(tuple(title for title in words.titles if title)),
        amounts=words.amounts,
        columns=tuple(
            (role, tuple(Column(position=place + 1) for place in places))
            for role, places in sorted(words.fields.items())
        ),
        status=words.status,
        guessed=True,
    )
    used = {place for places in words.fields.values() for place in places}
    return Layout(
        profile=profile,
        cutting=words.cutting,
        header_at=words.header_at,
        header=tuple(map(header_name, words.titles)),
        width=len(words.titles),
        places={role: tuple(places) for role, places in words.fields.items()},
        references=tuple(words.references),
        currency=words.currency,
        unknown=sum(1 for place, title in enumerate(words.titles) if title and place not in used),
        charges=words.charges,
    )
