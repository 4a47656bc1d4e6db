"""A profile proposed for a file: what its header and its rows show, and the questions that only a person can answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from oimkit.banking.csv_profiles.contents import read_contents
from oimkit.banking.csv_profiles.detection import Layout, header_name, laid_out, matching_layouts
from oimkit.banking.csv_profiles.header_words import Words, read_words
from oimkit.banking.csv_profiles.loader import builtin_profiles, load_profile
from oimkit.banking.csv_profiles.model import FIELDS, Column, FileShape, Header, Profile, Sign
from oimkit.banking.csv_profiles.writing import profile_text
from oimkit.banking.decode import Decoded, decode
from oimkit.banking.detect import format_shown, refuse_foreign
from oimkit.banking.formats.csv_rows import Row, Sheet
from oimkit.banking.formats.csv_sorting import Sorter
from oimkit.banking.formats.csv_spelling import spelling_of
from oimkit.banking.formats.csv_statements import read_csv
from oimkit.banking.formats.csv_values import ORDERS, read_day
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Entry
from oimkit.errors import StatementError

__all__ = ["Proposal", "propose_profile"]

_SHOWN = 10
"""Entries that are shown as the profile reads them."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A profile for a file, for a person to look through.

    text       the profile as TOML; what is open stands in it as a remark
    known      the name of oimkit's own profile that knows the file already, or None
    questions  what a person has to decide, one sentence each; empty when the profile reads the file as it is
    entries    the first ten entries as the profile reads them, with the first answer to every question
    """

    text: str
    known: str | None
    questions: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def profile(self) -> Profile:
        """The profile that the text says."""
        return load_profile(self.text)


@dataclass(slots=True)
class _Plan:
    """A proposal in the making: the profile as it will be written, and as it reads the rows that are shown.

    remarks  path of a key -> the remark that stands where a person has to decide
    """

    profile: Profile
    assumed: Profile
    questions: list[str] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)

    def both(self, profile: Profile, assumed: Profile) -> None:
        self.profile, self.assumed = profile, assumed

    def ask(self, question: str, path: str, remark: str) -> None:
        self.questions.append(question)
        self.remarks[path] = remark


def propose_profile(data: bytes, *, limits: Limits = LIMITS) -> Proposal:
    """The profile that *data*, a CSV file, seems to be in.

    Raises:
        StatementError: no column could hold a day, or none an amount, by its name or by its cells; or the file is in
            another format.
    """
    refuse_foreign(data)
    decoded = decode(data)
    sheet = Sheet(decoded.text, limits)
    known = matching_layouts(sheet, builtin_profiles())
    words = None if known else read_words(sheet) or read_contents(sheet)
    if words is not None:
        profile = _profile_of(words, decoded)
    elif known:
        profile = known[0].profile
    else:
        raise _without_columns(data)
    plan = _Plan(profile, profile)
    if words is not None:
        plan.questions.extend(f"Please look: {doubt}." for doubt in words.doubts)
    layout = known[0] if known else laid_out(sheet, profile)
    if layout is not None:
        _plan_spelling(plan, layout, sheet, written=words is not None)
    if words is not None:
        _plan_sign(plan, words, data, limits)
        _plan_columns(plan, data, limits)
    entries = _sample(plan, data, limits, asks_currency=words is not None)
    name = known[0].profile.name if known else None
    return Proposal(profile_text(plan.profile, plan.remarks), name, tuple(plan.questions), entries)


def _without_columns(data: bytes) -> StatementError:
    """Why nothing is proposed: the file is in another format, or its columns say nothing."""
    name = format_shown(data)
    if name not in (None, "csv"):
        return StatementError(
            f"the file is {name}, not CSV, and needs no profile",
            format="csv",
            advice="read it without one: oimkit statement read FILE",
        )
    return StatementError(
        "no columns of the file could hold a day and an amount, by their names or by their cells",
        format="csv",
        advice="write a profile by hand, see docs/formats/csv.md",
    )


def _profile_of(words: Words, decoded: Decoded) -> Profile:
    """The profile that the words of a header give, by the names of the columns, with an encoding that was guessed."""
    names = [header_name(title) for title in words.titles]
    used = {place for places in words.fields.values() for place in places}

    def column(place: int) -> Column:
        title = words.titles[place]
        if not title or "*" in title or names.count(names[place]) > 1:
            return Column(position=place + 1)
        return Column(name=title)

    required = [title for place, title in enumerate(words.titles) if title and place in used]
    optional = [title for place, title in enumerate(words.titles) if title and place not in used]
    amounts = words.amounts if words.currency is None else replace(words.amounts, currency=words.currency)
    return Profile(
        name="my-bank",
        bank="My bank",
        source="a file of my own",
        file=FileShape((words.cutting.delimiter,), encoding=decoded.encoding if decoded.findings else None),
        header=Header(tuple(dict.fromkeys(required)), tuple(dict.fromkeys(optional))),
        cells=words.cells,
        amounts=amounts,
        columns=tuple((name, tuple(map(column, words.fields[name]))) for name in FIELDS if words.fields.get(name)),
        references=tuple({title: column(place) for title, place in words.references if title}.items()),
        status=words.status,
    )


def _plan_spelling(plan: _Plan, layout: Layout, sheet: Sheet, *, written: bool) -> None:
    """Take the decimal mark and the order of days that the rows show; ask where they show two."""
    sorter = Sorter(layout)
    rows = sheet.rows(layout.cutting)
    try:
        spelling = spelling_of(layout, sorter, rows.below(layout.header_at))
    except StatementError as error:
        plan.questions.append(f"Please look at line {error.line}: {error.reason}.")
        return
    dates, amounts = plan.profile.dates, plan.profile.amounts
    assumed = replace(
        plan.assumed,
        dates=replace(dates, order=spelling.orders[0]),
        amounts=replace(amounts, decimal=spelling.marks[0]),
    )
    if len(spelling.orders) > 1:
        plan.ask(
            "Does the day or the month come first? The days of the file can be read both ways.",
            "dates.order",
            'order = "dmy"  # or "mdy": take the first remark sign away when it is decided',
        )
    elif written and _tells_order(sorter, rows.below(layout.header_at)):
        dates = replace(dates, order=spelling.orders[0])
    if len(spelling.marks) > 1:
        plan.ask(
            "Is the decimal mark a comma or a point? The amounts of the file can be read both ways.",
            "amounts.decimal",
            'decimal = ","  # or ".": take the first remark sign away when it is decided',
        )
    elif written:
        amounts = replace(amounts, decimal=spelling.marks[0])
    plan.both(replace(plan.profile, dates=dates, amounts=amounts), assumed)


def _tells_order(sorter: Sorter, rows: Iterable[Row]) -> bool:
    """True when some day is another one in another order of its parts, so that the one order of the rows is known."""
    for row in rows:
        try:
            cells = sorter.cells(row)
        except StatementError:
            continue
        days = [read_day(cells[sorter.booking], order) for order in ORDERS]
        if any(days) and len(set(days)) > 1:
            return True
    return False


def _plan_sign(plan: _Plan, words: Words, data: bytes, limits: Limits) -> None:
    """Take the sign that accounts or running balances show; ask where nothing shows it."""
    if plan.profile.amounts.sign is not Sign.OPEN:
        return
    shown = Sign.SIGNED if words.evidence else _proved_sign(plan.assumed, data, limits)
    if shown is not None:
        plan.profile = replace(plan.profile, amounts=replace(plan.profile.amounts, sign=shown))
    else:
        plan.ask(
            "Is money out printed with a minus (signed), or without one, as on cards (inverted)?",
            "amounts.sign",
            'for "open" put "signed" (money out has a minus) or "inverted" (money out has none, as on cards)',
        )
    plan.assumed = replace(plan.assumed, amounts=replace(plan.assumed.amounts, sign=shown or Sign.SIGNED))


def _proved_sign(profile: Profile, data: bytes, limits: Limits) -> Sign | None:
    """The sign that the running balance of the file proves, or None."""
    try:
        proved = read_csv(data, limits=limits, damaged="report", profile=profile)
        signed = read_csv(data, limits=limits, damaged="report", profile=_with_sign(profile, Sign.SIGNED))
    except StatementError:
        return None
    same = [statement.entries for statement in proved] == [statement.entries for statement in signed]
    return Sign.SIGNED if same else Sign.INVERTED


def _plan_columns(plan: _Plan, data: bytes, limits: Limits) -> None:
    """Exchange debits and credits where only that goes with the running balance: a company's books, not the bank's."""
    if plan.profile.amounts.sign is not Sign.COLUMNS or _closes(plan.assumed, data, limits):
        return
    exchanged = _exchanged(plan.assumed)
    if _closes(exchanged, data, limits):
        plan.both(_exchanged(plan.profile), exchanged)
        plan.questions.append("Debits are money in by the running balance: please look at the two columns.")


def _closes(profile: Profile, data: bytes, limits: Limits) -> bool:
    """True when the file can be read, and no statement of it has balances that its entries do not lead to."""
    try:
        statements = read_csv(data, limits=limits, damaged="report", profile=profile)
    except StatementError:
        return False
    return all(statement.balanced is not False for statement in statements)


def _exchanged(profile: Profile) -> Profile:
    columns = dict(profile.columns)
    columns["debit"], columns["credit"] = columns["credit"], columns["debit"]
    return replace(profile, columns=tuple(columns.items()))


def _with_sign(profile: Profile, sign: Sign) -> Profile:
    return replace(profile, amounts=replace(profile.amounts, sign=sign))


def _sample(plan: _Plan, data: bytes, limits: Limits, *, asks_currency: bool) -> tuple[Entry, ...]:
    """The first entries as the profile reads them; a row that it cannot read is a question."""
    try:
        statements = read_csv(data, limits=limits, damaged="report", profile=plan.assumed)
    except StatementError as error:
        where = f"line {error.line}: " if error.line is not None else ""
        plan.questions.append(f"The profile does not read the file yet: {where}{error.reason}.")
        return ()
    entries = tuple(islice(chain.from_iterable(statement.entries for statement in statements), _SHOWN))
    unread = [each for statement in statements for each in statement.findings if each.code == "record-not-read"]
    if unread:
        plan.questions.append(
            f"{len(unread)} rows cannot be read, the first in line {unread[0].line}: {unread[0].reason}."
        )
    elif not entries:
        plan.questions[:] = [
            "The file has no entries: take one that has some, so that days and amounts can be looked at."
        ]
    if asks_currency and any(statement.currency.code == "XXX" for statement in statements):
        plan.ask(
            "Which currency is the account in? The file does not say it.",
            "amounts.currency",
            'currency = "EUR"  # take the first remark sign away when it is decided',
        )
    return entries
