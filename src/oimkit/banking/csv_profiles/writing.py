"""A profile as TOML, in the order in which a person reads it; what is still open stands there as a remark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from oimkit.banking.csv_profiles.model import DELIMITER_NAMES, QUOTE_NAMES, Column, Profile
from oimkit.banking.formats.csv_rows import DELIMITERS

__all__ = ["profile_text"]


def profile_text(profile: Profile, open_keys: Mapping[str, str] | None = None) -> str:
    """The TOML of *profile*, which ``load_profile`` reads again.

    Args:
        profile: the profile.
        open_keys: what a person has to decide: the path of a key (``dates.order``) -> the remark that stands for it.
    """
    remarks = open_keys or {}
    sections = [
        _top(profile),
        _section("file", _file(profile), remarks),
        _section("header", _header(profile), remarks),
        _section("dates", _dates(profile), remarks),
        _section("amounts", _amounts(profile), remarks),
        _section("columns", [(name, _columns(columns)) for name, columns in profile.columns], remarks),
        _section("references", [(_key(name), _column(column)) for name, column in profile.references], remarks),
        _section("labels", _labels(profile), remarks),
        _section("status", _status(profile), remarks),
        _section("rows", _rows(profile), remarks),
        *_lines(profile),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _text(name)


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _section(name: str, pairs: Sequence[tuple[str, str]], remarks: Mapping[str, str]) -> str:
    lines = [f"{key} = {value}" for key, value in pairs]
    lines += [f"# {text}" for path, text in remarks.items() if path.split(".")[0] == name]
    return "\n".join([f"[{name}]", *lines]) if lines else ""


def _top(profile: Profile) -> str:
    pairs = [("name", profile.name), ("bank", profile.bank), ("country", profile.country), ("about", profile.about)]
    lines = [f"{key} = {_text(value)}" for key, value in [*pairs, ("source", profile.source)] if value is not None]
    lines += [
        f"{key} = {day.isoformat()}"
        for key, day in (("valid_from", profile.valid_from), ("valid_to", profile.valid_to))
        if day is not None
    ]
    if profile.cells:
        lines.append(f"cells = {_list(profile.cells)}")
    return "\n".join(lines)


def _file(profile: Profile) -> list[tuple[str, str]]:
    pairs = []
    if profile.file.delimiters != DELIMITERS:
        pairs.append(("delimiter", _list(DELIMITER_NAMES[each] for each in profile.file.delimiters)))
    if profile.file.quote != '"':
        pairs.append(("quote", _text(QUOTE_NAMES[profile.file.quote])))
    if profile.file.encoding is not None:
        pairs.append(("encoding", _text(profile.file.encoding)))
    return pairs


def _header(profile: Profile) -> list[tuple[str, str]]:
    pairs = (("required", profile.header.required), ("optional", profile.header.optional))
    return [(key, _list(names)) for key, names in pairs if names]


def _dates(profile: Profile) -> list[tuple[str, str]]:
    pairs = [("order", _text(profile.dates.order))] if profile.dates.order is not None else []
    return [*pairs, *_words((("pending", profile.dates.pending),))]


def _amounts(profile: Profile) -> list[tuple[str, str]]:
    amounts = profile.amounts
    single = (
        ("decimal", amounts.decimal),
        ("currency", amounts.currency.code if amounts.currency is not None else None),
        ("sign", amounts.sign.value),
        ("debit_sign", amounts.debit_sign),
        ("fee", amounts.fee.value if amounts.fee.value != "included" else None),
        ("balance", "before" if amounts.before else None),
    )
    pairs = [(key, _text(value)) for key, value in single if value is not None]
    return [*pairs, *_words((("credit", amounts.credit), ("debit", amounts.debit)))]


def _words(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> list[tuple[str, str]]:
    return [(key, _list(words)) for key, words in pairs if words]


def _columns(columns: Sequence[Column]) -> str:
    written = [_column(column) for column in columns]
    return written[0] if len(written) == 1 else f"[{', '.join(written)}]"


def _column(column: Column) -> str:
    if column.position is not None:
        return str(column.position)
    name = _text(column.name or "")
    if column.nth is None and not column.after:
        return name
    more = [f"nth = {column.nth}"] if column.nth is not None else []
    more += ["after = true"] if column.after else []
    return f"{{ name = {name}, {', '.join(more)} }}"


def _labels(profile: Profile) -> list[tuple[str, str]]:
    if profile.labels is None:
        return []
    pairs = [("column", _column(profile.labels.column))]
    if profile.labels.slashes:
        pairs.append(("slashes", "true"))
    return [*pairs, *((_text(label), _text(field)) for label, field in profile.labels.words)]


def _status(profile: Profile) -> list[tuple[str, str]]:
    status = profile.status
    words = (
        ("booked", status.booked),
        ("pending", status.pending),
        ("information", status.information),
        ("skip", status.skip),
    )
    pairs = _words(words) if profile.columns_of("status") else []
    return [*pairs, ("other", _text(status.other))] if status.other != "refused" else pairs


def _rows(profile: Profile) -> list[tuple[str, str]]:
    rows = profile.rows
    flags = (
        ("continuation", rows.continuation),
        ("without_amount", rows.without_amount),
        ("apostrophes", rows.apostrophes),
        ("account_of_sides", rows.account_of_sides),
    )
    return [(key, "true") for key, set_ in flags if set_]


def _lines(profile: Profile) -> list[str]:
    found = []
    for rule in profile.lines:
        pairs = [("label", _text(rule.label)), ("gives", _text(rule.gives))]
        pairs += [("cell", str(rule.cell))] if rule.cell is not None else []
        pairs += [
            (key, _text(value)) for key, value in (("after", rule.after), ("until", rule.until)) if value is not None
        ]
        found.append("\n".join(["[[line]]", *(f"{key} = {value}" for key, value in pairs)]))
    return found
