"""Profiles from TOML: a person's own, and those that come with oimkit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from operator import attrgetter
from typing import Any, NoReturn, TypeVar

from oimkit.banking.csv_profiles.model import (
    DELIMITER_NAMES,
    KINDS,
    QUOTE_NAMES,
    Amounts,
    Column,
    Dates,
    Fee,
    FileShape,
    Header,
    Labels,
    LineRule,
    Profile,
    RowRules,
    Sign,
    StatusWords,
)
from oimkit.banking.decode import encoding_named
from oimkit.errors import InputError
from oimkit.money import Currency

__all__ = ["builtin_profiles", "load_profile"]

_LONGEST = 100_000
"""A profile of more characters is something else."""

_ADVICE = "mend the profile, see docs/formats/csv.md"
_QUOTES = {name: sign for sign, name in QUOTE_NAMES.items()}
_DELIMITERS = {name: sign for sign, name in DELIMITER_NAMES.items()}

_Made = TypeVar("_Made")


def load_profile(text: str) -> Profile:
    """The profile that the TOML *text* says; see docs/formats/csv.md for its keys.

    Raises:
        InputError: it is not TOML, has a key or a word that no profile has, or lacks what a reading needs.
    """
    if len(text) > _LONGEST:
        raise InputError(f"a profile is at most {_LONGEST} characters long", advice=_ADVICE)
    top = _Table(_parse(text), "")
    columns = top.table("columns")
    profile = _made(
        lambda: Profile(
            name=top.needed_text("name"),
            bank=top.needed_text("bank"),
            source=top.needed_text("source"),
            country=top.text("country"),
            about=top.text("about"),
            valid_from=top.day("valid_from"),
            valid_to=top.day("valid_to"),
            file=_file_of(top.table("file")),
            header=_header_of(top.table("header")),
            cells=_cells_of(top),
            dates=_dates_of(top.table("dates")),
            amounts=_amounts_of(top.table("amounts")),
            columns=tuple((name, _columns_at(columns, name)) for name in columns.names()),
            references=_references_of(top.table("references")),
            labels=_labels_of(top.table("labels")),
            status=_status_of(top.table("status")),
            lines=tuple(_line_of(table) for table in top.tables("line")),
            rows=_rows_of(top.table("rows")),
        )
    )
    top.close()
    return profile


@cache
def builtin_profiles() -> tuple[Profile, ...]:
    """The profiles that come with oimkit, by name; their files are opened once, when the first CSV file is read."""
    folder = files("oimkit.banking.csv_profiles").joinpath("profiles")
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(map(load_profile, texts), key=attrgetter("name")))


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (line [0-9]+, column [0-9]+|end of document)\)", str(error))
        raise InputError(f"the profile is not TOML ({place[1] if place else 'unreadable'})", advice=_ADVICE) from None
    except (RecursionError, ValueError):
        raise InputError("the profile is not TOML: nested too deep or a number out of range", advice=_ADVICE) from None


# -- the tables ---------------------------------------------------------------------------------------------------


class _Table:
    """A table of the file; every key must be asked for, and what is asked for must have its type."""

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        self._content = content
        self._where = where
        self._asked: set[str] = set()
        self._inner: list[_Table] = []

    def names(self) -> tuple[str, ...]:
        return tuple(self._content)

    def value(self, key: str) -> Any:
        self._asked.add(key)
        return self._content.get(key)

    def text(self, key: str) -> str | None:
        value = self.value(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            self.refuse(key, "is a text that is not empty")
        return value

    def blank_text(self, key: str) -> str | None:
        """A text that may be blank."""
        value = self.value(key)
        if value is not None and not isinstance(value, str):
            self.refuse(key, "is a text")
        return value

    def needed_text(self, key: str) -> str:
        value = self.text(key)
        if value is None:
            self.refuse(key, "is missing")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.value(key)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or any(not isinstance(each, str) for each in value):
            self.refuse(key, "is a text or a list of texts")
        return tuple(value)

    def flag(self, key: str) -> bool:
        value = self.value(key)
        if not isinstance(value, bool | None):
            self.refuse(key, "is true or false")
        return bool(value)

    def whole(self, key: str) -> int | None:
        value = self.value(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000):
            self.refuse(key, "is a number from 1 to 1000")
        return value

    def day(self, key: str) -> date | None:
        value = self.value(key)
        if value is not None and type(value) is not date:
            self.refuse(key, "is a day such as 2025-12-31")
        return value

    def choice(self, key: str, words: Mapping[str, _Made], default: _Made) -> _Made:
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, str) or value not in words:
            self.refuse(key, f"is one of {', '.join(words)}")
        return words[value]

    def table(self, key: str) -> _Table:
        value = self.value(key)
        if value is not None and not isinstance(value, dict):
            self.refuse(key, "is a table")
        self._inner.append(_Table(value or {}, f"{self._where}{key}."))
        return self._inner[-1]

    def tables(self, key: str) -> list[_Table]:
        value = self.value(key)
        if value is not None and (not isinstance(value, list) or any(not isinstance(each, dict) for each in value)):
            self.refuse(key, "is a list of tables")
        found = [_Table(each, f"{self._where}{key}.") for each in value or []]
        self._inner.extend(found)
        return found

    def inner(self, content: Mapping[str, Any], key: str) -> _Table:
        self._inner.append(_Table(content, f"{self._where}{key}."))
        return self._inner[-1]

    def close(self) -> None:
        """Refuse keys that nothing asked for."""
        for key in self._content:
            if key not in self._asked:
                self.refuse(key, "is no key of a profile")
        for table in self._inner:
            table.close()

    def refuse(self, key: str, what: str) -> NoReturn:
        raise InputError(f"the profile's {self._where}{key} {what}", advice=_ADVICE)


def _made(make: Callable[[], _Made]) -> _Made:
    """What *make* makes; the refusals of the model say what to do."""
    try:
        return make()
    except InputError as error:
        raise InputError(error.reason, advice=error.advice or _ADVICE) from None


_UTF_8 = ("utf-8", "utf8")
"""Says nothing, for valid UTF-8 is always read as such, and does no harm."""


def _file_of(table: _Table) -> FileShape:
    names = table.texts("delimiter")
    unknown = [name for name in names if name not in _DELIMITERS]
    if unknown:
        table.refuse("delimiter", f"is one or more of {', '.join(_DELIMITERS)}")
    delimiters = tuple(_DELIMITERS[name] for name in names)
    quote = table.choice("quote", _QUOTES, '"')
    encoding = table.text("encoding")
    if encoding is not None and encoding_named(encoding) is None and encoding.lower() not in _UTF_8:
        table.refuse("encoding", "is none that is known; name one such as cp1252, iso-8859-15, cp850 or cp1250")
    return FileShape(delimiters, quote, encoding) if delimiters else FileShape(quote=quote, encoding=encoding)


def _header_of(table: _Table) -> Header:
    return Header(table.texts("required"), table.texts("optional"))


def _cells_of(top: _Table) -> tuple[str, ...]:
    cells = top.texts("cells")
    if any(cell not in KINDS and "|" not in cell for cell in cells):
        top.refuse("cells", f"holds {', '.join(KINDS)} or words with | between them")
    return cells


def _dates_of(table: _Table) -> Dates:
    order = table.choice("order", {"dmy": "dmy", "mdy": "mdy", "ymd": "ymd"}, None)
    return Dates(order, table.texts("pending"))  # type: ignore[arg-type]


def _amounts_of(table: _Table) -> Amounts:
    code = table.text("currency")
    return Amounts(
        decimal=table.choice("decimal", {",": ",", ".": "."}, None),
        sign=table.choice("sign", {sign.value: sign for sign in Sign}, Sign.SIGNED),
        debit_sign=table.choice("debit_sign", {"unsigned": "unsigned", "negative": "negative"}, None),
        credit=table.texts("credit"),
        debit=table.texts("debit"),
        fee=table.choice("fee", {fee.value: fee for fee in Fee}, Fee.INCLUDED),
        currency=Currency(code) if code is not None else None,
        before=table.choice("balance", {"after": False, "before": True}, False),
    )


def _labels_of(table: _Table) -> Labels | None:
    """A table of labels; ``column`` and ``slashes`` are its own keys, every other key is a label."""
    if not table.names():
        return None
    column = _column(table.value("column"), table, "column")
    slashes = table.flag("slashes")
    names = [name for name in table.names() if name not in ("column", "slashes")]
    return Labels(column, tuple((name, table.needed_text(name)) for name in names), slashes)


def _status_of(table: _Table) -> StatusWords:
    return StatusWords(
        booked=table.texts("booked"),
        pending=table.texts("pending"),
        information=table.texts("information"),
        skip=table.texts("skip"),
        other=table.choice("other", {"booked": "booked", "refused": "refused"}, "refused"),
    )


def _rows_of(table: _Table) -> RowRules:
    return RowRules(
        continuation=table.flag("continuation"),
        without_amount=table.flag("without_amount"),
        apostrophes=table.flag("apostrophes"),
        account_of_sides=table.flag("account_of_sides"),
    )


def _line_of(table: _Table) -> LineRule:
    return LineRule(
        label=table.needed_text("label"),
        gives=table.needed_text("gives"),
        cell=table.whole("cell"),
        after=table.blank_text("after"),
        until=table.blank_text("until"),
    )


def _columns_at(table: _Table, key: str) -> tuple[Column, ...]:
    value = table.value(key)
    listed = value if isinstance(value, list) else [value]
    if not listed:
        table.refuse(key, "names no column")
    return tuple(_column(each, table, key) for each in listed)


def _column(value: Any, table: _Table, key: str) -> Column:
    """A column: its name, its position, or a table with name, nth and after."""
    if isinstance(value, str):
        return Column(name=value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Column(position=value)
    if not isinstance(value, dict):
        table.refuse(key, "is a column's name, its position, or a table with name, nth, after")
    inner = table.inner(value, key)
    return Column(name=inner.needed_text("name"), nth=inner.whole("nth"), after=inner.flag("after"))


def _references_of(table: _Table) -> tuple[tuple[str, Column], ...]:
    return tuple((name, _column(table.value(name), table, name)) for name in table.names())
