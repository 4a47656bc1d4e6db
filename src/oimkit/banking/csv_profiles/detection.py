"""Which profile a file is in: by the names of its columns, or without them by what its cells look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from oimkit.banking.csv_profiles.loader import builtin_profiles
from oimkit.banking.csv_profiles.model import Column, Profile
from oimkit.banking.csv_profiles.vocabulary import speaks_of_money
from oimkit.banking.formats.csv_rows import DELIMITERS, Cutting, Row, Sheet
from oimkit.banking.formats.csv_values import ORDERS, read_currency, read_day, read_figure
from oimkit.errors import StatementError
from oimkit.money import Currency

__all__ = ["HEAD_ROWS", "Layout", "header_name", "laid_out", "matching_layouts"]

HEAD_ROWS = 60
"""The header stands among the first rows; more are not looked at."""

_TOLERANT = 5
"""A header with unknown columns is still a profile's when so many required names are there."""


@dataclass(frozen=True, slots=True, repr=False)
class Layout:
    """A profile laid over one file.

    header_at  number of the header among the rows, from 0; -1 without a header
    header     the header's cells as names, () without a header
    places     field -> the positions from 0 of its columns
    labels     the position from 0 of the column whose text has labels, -1 without one
    currency   what the header says beside the amount (``Amount (EUR)``)
    unknown    columns of the file that the profile does not know
    charges    the positions from 0 of columns of charges of which nobody says whether the amounts hold them
    """

    profile: Profile
    cutting: Cutting
    header_at: int
    header: tuple[str, ...]
    width: int
    places: Mapping[str, tuple[int, ...]]
    references: tuple[tuple[str, int], ...]
    labels: int = -1
    currency: Currency | None = None
    unknown: int = 0
    charges: tuple[int, ...] = ()

    def place(self, name: str) -> int:
        """The position of the first column of the field *name*, -1 when no column holds it."""
        found = self.places.get(name)
        return found[0] if found else -1


def header_name(cell: str) -> str:
    """A cell as the name of a column: without case, byte-order mark and blanks at the ends or in runs."""
    whole = _mended(cell) if "Ã" in cell else cell
    return " ".join(whole.lstrip("\ufeff").split()).casefold()


@cache
def _wanted_name(name: str) -> str:
    """The name of a profile's column; there are only so many, while cells of files are not kept."""
    return header_name(name)


def _mended(cell: str) -> str:
    """A name that was written as UTF-8 and read as Latin-1 before it was written again (``MÃ¡s`` for ``Más``)."""
    try:
        return cell.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return cell


def matching_layouts(sheet: Sheet, profiles: Sequence[Profile]) -> tuple[Layout, ...]:
    """The profiles that fit the file: those that know its header best, or else those whose cells it has.

    A profile with a header fits when every required name is there, and every other name is known to it; where none
    fits so, one that requires five names or more fits when columns are added that are unknown and whose names do not
    speak of money.
    """
    known = _builtin() if profiles is builtin_profiles() else _sorted(profiles)
    found = [layout for cutting, wanted in known.items() for layout in _by_header(sheet, cutting, wanted)]
    if found:
        return _best(found)
    return tuple(layout for profile in profiles if profile.cells for layout in _by_cells(sheet, profile))


def laid_out(sheet: Sheet, profile: Profile) -> Layout | None:
    """*profile* laid over the file, unknown columns allowed; None when it does not fit."""
    found = matching_layouts(sheet, [profile])
    if not found and profile.header.required:
        for cutting, wanted in _sorted([profile]).items():
            found = found or tuple(_by_header(sheet, cutting, wanted, tolerant=True))
    return found[0] if found else None


def misfit(sheet: Sheet, profile: Profile) -> str:
    """Why *profile* does not fit: which of its required columns the row that comes nearest to its header lacks.

    The columns are told by their places in the profile, never by name: a row of entries may have been taken for a
    header.
    """
    if not profile.header.required:
        return "no row of the file has the cells that it describes"
    lacks = [
        [place for place, name in enumerate(want.required, 1) if not _positions(names, name)]
        for cutting, (want,) in _sorted([profile]).items()
        for _, names in _header_rows(sheet, cutting)
    ]
    fewest = min(lacks, key=len, default=[])
    if not fewest:
        return "no row of the file is a header with each of its columns once"
    if len(fewest) == len(profile.header.required):
        return "none of the columns that it requires is in the file"
    told = ", ".join(map(str, fewest[:_TOLD])) + (", ..." if len(fewest) > _TOLD else "")
    return f"the file lacks number {told} of the columns that it requires"


_TOLD = 5
"""Missing columns that a sentence tells."""


def _header_rows(sheet: Sheet, cutting: Cutting, *, fewest: int = 1) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The first rows that can be cut into *fewest* cells, with their numbers from 0, the cells as names of columns."""
    for at, row in enumerate(sheet.rows(cutting).head(HEAD_ROWS)):
        if row.text.count(cutting.delimiter) < fewest - 1:
            continue
        try:
            yield at, tuple(map(header_name, cutting.cells(row)))
        except StatementError:
            continue


# -- by the header ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The names of a profile, ready to be compared; plain, the required ones without a star."""

    profile: Profile
    required: tuple[str, ...]
    plain: frozenset[str]
    known: frozenset[str]
    starred: tuple[str, ...]


def _wanted(profile: Profile) -> _Wanted:
    required = tuple(map(header_name, profile.header.required))
    names = [*required, *map(header_name, profile.header.optional)]
    starred = tuple(name for name in names if "*" in name)
    plain = frozenset(name for name in required if name not in starred)
    return _Wanted(profile, required, plain, frozenset(names) - set(starred), starred)


def _sorted(profiles: Iterable[Profile]) -> dict[Cutting, list[_Wanted]]:
    """The profiles with a header, by every way of cutting that they allow, the more common ways first."""
    found: dict[Cutting, list[_Wanted]] = {}
    for profile in profiles:
        if profile.header.required:
            wanted = _wanted(profile)
            for delimiter in profile.file.delimiters:
                found.setdefault(Cutting(delimiter, profile.file.quote), []).append(wanted)
    return dict(sorted(found.items(), key=lambda pair: (DELIMITERS.index(pair[0].delimiter), pair[0].quote or "")))


@cache
def _builtin() -> dict[Cutting, list[_Wanted]]:
    return _sorted(builtin_profiles())


def _by_header(
    sheet: Sheet, cutting: Cutting, wanted: Iterable[_Wanted], *, tolerant: bool = False
) -> Iterator[Layout]:
    """The profiles whose header one of the first rows is; the first such row of each."""
    if sheet.rows(cutting).delimiter not in (None, cutting.delimiter):
        return
    left = list(wanted)
    for at, names in _header_rows(sheet, cutting, fewest=_FEWEST):
        present = set(names)
        if len(present) < _FEWEST:
            continue
        damaged = any("\ufffd" in name for name in names)
        for want in [want for want in left if damaged or want.plain <= present]:
            layout = _layout(want, cutting, at, names, tolerant)
            if layout is not None:
                left.remove(want)
                yield layout


_FEWEST = 3
"""Fewer names are no header: a day, an amount and what it was for."""


def _layout(want: _Wanted, cutting: Cutting, at: int, names: tuple[str, ...], tolerant: bool) -> Layout | None:
    """The profile laid over the header *names*; None when a name is missing or stands twice."""
    if any(not _positions(names, name) for name in want.required):
        return None
    unknown = [name for name in names if name and not _is_known(name, want)]
    if unknown and not tolerant and (len(want.required) < _TOLERANT or any(map(speaks_of_money, unknown))):
        return None
    places: dict[str, tuple[int, ...]] = {}
    for field, columns in want.profile.columns:
        found = [_place(column, names) for column in columns]
        if any(place == _TWICE for place in found):
            return None
        places[field] = tuple(place for place in found if place is not None)
    references = [(name, _place(column, names)) for name, column in want.profile.references]
    return Layout(
        profile=want.profile,
        cutting=cutting,
        header_at=at,
        header=names,
        width=len(names),
        places={field: found for field, found in places.items() if found},
        references=tuple((name, place) for name, place in references if place is not None and place != _TWICE),
        labels=_labels_place(want.profile, names),
        currency=_header_currency(want.profile, names),
        unknown=len(unknown),
    )


def _labels_place(profile: Profile, names: Sequence[str]) -> int:
    place = _place(profile.labels.column, names) if profile.labels is not None else None
    return place if place is not None and place >= 0 else -1


def _is_known(name: str, want: _Wanted) -> bool:
    if name in want.known or any(_same(name, star) for star in want.starred):
        return True
    return "\ufffd" in name and any(_same(name, known) for known in want.known)


_TWICE = -2
"""A name that stands twice where nothing says which is meant."""


def _place(column: Column, names: Sequence[str]) -> int | None:
    """The position from 0 of *column*; None when it is not there."""
    if column.position is not None:
        return column.position - 1
    assert column.name is not None
    found = _positions(names, _wanted_name(column.name))
    if len(found) > 1 and column.nth is None:
        return _TWICE
    nth = column.nth or 1
    if len(found) < nth:
        return None
    place = found[nth - 1] + column.after
    return place if place < len(names) else None


def _positions(names: Sequence[str], wanted: str) -> list[int]:
    starred = "*" in wanted
    return [
        place
        for place, name in enumerate(names)
        if name == wanted or ((starred or "\ufffd" in name) and _same(name, wanted))
    ]


def _same(name: str, wanted: str) -> bool:
    """True when *name* is *wanted*: a star stands for any text, a letter that was lost for any one letter."""
    if "*" in wanted:
        before, _, behind = wanted.partition("*")
        return len(name) >= len(before) + len(behind) and name.startswith(before) and name.endswith(behind)
    if "\ufffd" in name:
        return len(name) == len(wanted) and all(
            one in ("\ufffd", other) for one, other in zip(name, wanted, strict=True)
        )
    return name == wanted


def _header_currency(profile: Profile, names: Sequence[str]) -> Currency | None:
    """The currency that stands for the star in the name of an amount's column."""
    for field in ("amount", "debit", "credit", "balance"):
        for column in profile.columns_of(field):
            wanted = _wanted_name(column.name or "")
            before, star, behind = wanted.partition("*")
            for place in _positions(names, wanted) if star else ():
                text = names[place][len(before) : len(names[place]) - len(behind)]
                currency = read_currency(text)
                if currency is not None:
                    return currency
    return None


def _best(found: Sequence[Layout]) -> tuple[Layout, ...]:
    """Those with the fewest unknown columns; among them the ones that require the most."""
    least = min(layout.unknown for layout in found)
    exact = [layout for layout in found if layout.unknown == least]
    most = max(len(layout.profile.header.required) for layout in exact)
    return tuple(layout for layout in exact if len(layout.profile.header.required) == most)


# -- by the cells -------------------------------------------------------------------------------------------------

_IBAN_OR_NUMBER = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,34}|[0-9][0-9 .-]{4,33}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9-]{1,8}", re.ASCII)


def _by_cells(sheet: Sheet, profile: Profile) -> Iterator[Layout]:
    """The profile when every one of the first rows has its cells."""
    for delimiter in profile.file.delimiters:
        cutting = Cutting(delimiter, profile.file.quote)
        rows = sheet.rows(cutting).head(HEAD_ROWS)
        if rows and all(_has_cells(cutting, row, profile) for row in rows):
            yield Layout(
                profile=profile,
                cutting=cutting,
                header_at=-1,
                header=(),
                width=len(profile.cells),
                places={
                    field: tuple(column.position - 1 for column in columns if column.position is not None)
                    for field, columns in profile.columns
                },
                references=tuple(
                    (name, column.position - 1) for name, column in profile.references if column.position is not None
                ),
                labels=_labels_place(profile, ()),
            )


def _has_cells(cutting: Cutting, row: Row, profile: Profile) -> bool:
    """True when every cell of *row* is of the kind that the profile names."""
    try:
        cells = cutting.cells(row)
    except StatementError:
        return False
    if len(cells) != len(profile.cells):
        return False
    return all(_is_kind(cell.strip(), kind, profile) for cell, kind in zip(cells, profile.cells, strict=True))


def _is_kind(cell: str, kind: str, profile: Profile) -> bool:
    """True when *cell* looks as *kind* says; numbers and days as the profile reads them."""
    if "|" in kind:
        return cell in kind.split("|")
    if kind.endswith("?"):
        return not cell or _is_kind(cell, kind[:-1], profile)
    match kind:
        case "text":
            return True
        case "blank":
            return not cell
        case "date":
            orders = (profile.dates.order,) if profile.dates.order else ORDERS
            return any(read_day(cell, order) is not None for order in orders)
        case "amount":
            return read_figure(cell, profile.amounts.decimal or ".") is not None
        case "currency":
            return read_currency(cell) is not None
        case "account":
            return _IBAN_OR_NUMBER.fullmatch(cell) is not None
        case "digits":
            return _DIGITS.fullmatch(cell) is not None
        case _:
            return _CODE.fullmatch(cell) is not None
