"""A second reading of MT940 and OFX by the libraries mt-940 and ofxparse: each difference as data.

The libraries' types, faults and log records stay in this module. They get decoded text only, never a name that they
could open as a path, and no more of it than they can read in seconds: both are super-linear.
"""

from __future__ import annotations

import importlib
import io
import logging
import re
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from oimkit.banking.decode import decode
from oimkit.banking.detect import detect
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.reading import read_statements
from oimkit.banking.statement import Statement
from oimkit.errors import StatementError

__all__ = ["SECOND_READERS", "Difference", "compare_readings"]

SECOND_READERS = {"mt940": "mt-940", "ofx1": "ofxparse", "ofx2": "ofxparse"}
"""Which library reads a format a second time."""

_MOST_ENTRIES = 4_000
"""Entries beyond which the library is not asked: ofxparse needs seconds for these and minutes for ten times as many."""

_MOST_CHARACTERS = 4_000_000

_LONGEST_LINE = 2_000
"""Lines beyond this make the patterns of mt-940 slow."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One point in which the two readings of a file differ, or why there was no second reading.

    code     second-reader-refused, own-reader-refused, not-compared, entry-count, entry-amounts, opening, closing
    reason   one sentence without any text of the file
    own      what oimkit read, as a number or count, or None
    other    what the library read, or None
    """

    code: str
    reason: str
    own: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is compared: every amount, and the first opening and last closing balance the reading offers."""

    amounts: tuple[Decimal, ...]
    opening: Decimal | None
    closing: Decimal | None


def compare_readings(
    data: bytes,
    format: str | None = None,  # noqa: A002  the field's own word, as in the command's output
    *,
    limits: Limits = LIMITS,
) -> tuple[Difference, ...]:
    """The differences between oimkit's reading of *data* and that of the library for its format; empty when none.

    A refusal of the library is a difference, without the library's own words (they repeat the data). So is a refusal
    of oimkit's reader. Files too large for the library, and formats without one, give one ``not-compared``.

    Raises:
        StatementError: the format is not recognised.
    """
    name = format if format is not None else detect(data)
    library = SECOND_READERS.get(name)
    if library is None:
        return (Difference("not-compared", f"no library reads {name} a second time"),)
    try:
        statements = read_statements(data, format=name, unbalanced="report", limits=limits)
    except StatementError as error:
        return (Difference("own-reader-refused", f"oimkit refused the file: {error.reason}"),)
    text = decode(data).text
    too_much = _too_much(text, statements)
    if too_much is not None:
        return (Difference("not-compared", f"{library} was not asked: {too_much}"),)
    other = _asked(library, text)
    if other is None:
        return (Difference("second-reader-refused", f"the library {library} refused it"),)
    return tuple(_differences(_own(statements), other, library))


def _too_much(text: str, statements: Sequence[Statement]) -> str | None:
    if len(text) > _MOST_CHARACTERS:
        return f"the file has more than {_MOST_CHARACTERS} characters"
    if sum(len(statement.entries) for statement in statements) > _MOST_ENTRIES:
        return f"the file has more than {_MOST_ENTRIES} entries"
    if max(map(len, text.splitlines()), default=0) > _LONGEST_LINE and not text.lstrip().startswith(("<", "OFX")):
        return f"a line has more than {_LONGEST_LINE} characters"
    if re.search(r"\.{200}|(?:<!--[^>]{0,40}){200}", text):
        return "a pattern of it makes the library slow"
    return None


def _own(statements: Sequence[Statement]) -> _Reading:
    first, last = statements[0].opening, statements[-1].closing
    return _Reading(
        tuple(entry.amount.amount for statement in statements for entry in statement.entries),
        first.amount.amount if first is not None else None,
        last.amount.amount if last is not None else None,
    )


def _differences(own: _Reading, other: _Reading, library: str) -> list[Difference]:
    found: list[Difference] = []
    if len(own.amounts) != len(other.amounts):
        found.append(
            Difference(
                "entry-count",
                f"{library} read another number of entries",
                str(len(own.amounts)),
                str(len(other.amounts)),
            )
        )
    elif Counter(own.amounts) != Counter(other.amounts):
        apart = sum((Counter(own.amounts) - Counter(other.amounts)).values())
        found.append(
            Difference(
                "entry-amounts",
                f"{library} read {apart} amounts differently; the sums stand beside this",
                str(sum(own.amounts, Decimal(0))),
                str(sum(other.amounts, Decimal(0))),
            )
        )
    for code, mine, theirs in (("opening", own.opening, other.opening), ("closing", own.closing, other.closing)):
        if mine is not None and theirs is not None and mine != theirs:
            found.append(Difference(code, f"{library} read another {code} balance", str(mine), str(theirs)))
    return found


# -- the libraries --------------------------------------------------------------------------------------------------

_ONE_AT_A_TIME = threading.Lock()
"""ofxparse keeps its settings on the class; the loggers of mt-940 are disabled while it runs."""


def _asked(library: str, text: str) -> _Reading | None:
    """The library's reading, or None when it failed in whatever way: it is known to raise anything."""
    module, read = _READERS[library]
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(module)  # its loggers are made on import: only then can they be silenced
            with _silent(module):
                return read(text)
        except Exception:  # noqa: BLE001  the libraries document none of what they raise
            return None


@contextmanager
def _silent(package: str) -> Iterator[None]:
    """The loggers of *package* say nothing meanwhile: the records of mt-940 repeat whole lines of the file."""
    heard = [logger for logger in _loggers(package) if not logger.disabled]
    for logger in heard:
        logger.disabled = True
    try:
        yield
    finally:
        for logger in heard:
            logger.disabled = False


def _loggers(package: str) -> list[logging.Logger]:
    """The logger of *package* and those below it: a disabled logger silences none of its children."""
    known = list(logging.Logger.manager.loggerDict.items())
    below = [item for name, item in known if name.startswith(f"{package}.") and isinstance(item, logging.Logger)]
    return [logging.getLogger(package), *below]


def _by_mt940(text: str) -> _Reading:
    import mt940

    options = mt940.Options.all()
    source = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    start = source.find(":20:")
    if start < 0:
        raise StatementError("mt-940 needs field 20", format="mt940", tag="20")
    collection = mt940.models.Transactions(options=options)
    collection.parse(source[start:])
    amounts = tuple(_exact(one.data["amount"].amount) for one in collection)
    balances = collection.data
    opening = balances.get("final_opening_balance") or balances.get("intermediate_opening_balance")
    closing = balances.get("final_closing_balance") or balances.get("intermediate_closing_balance")
    many = source.count("\n:20:") > 0  # the library keeps the balances of the last statement only
    return _Reading(amounts, None if many else _of(opening), _of(closing))


def _by_ofxparse(text: str) -> _Reading:
    import ofxparse

    # handed over with a header the library understands: its own reading of character sets fails on many files
    start = text.upper().find("<OFX>")
    body = text[max(start, 0) :].encode("ascii", "xmlcharrefreplace")
    parsed = ofxparse.OfxParser.parse(io.BytesIO(_HEADER + body))
    statements = [account.statement for account in parsed.accounts if getattr(account, "statement", None) is not None]
    amounts = tuple(_exact(one.amount) for one in _each(statements))
    last = getattr(statements[-1], "balance", None) if statements else None
    return _Reading(amounts, None, _exact(last) if isinstance(last, Decimal) else None)


_HEADER = (
    b"OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
    b"OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
)


def _each(statements: Sequence[Any]) -> list[Any]:
    return [one for statement in statements for one in statement.transactions if hasattr(one, "amount")]


def _of(balance: Any) -> Decimal | None:
    return None if balance is None else _exact(balance.amount.amount)


def _exact(amount: object) -> Decimal:
    """The amount the library gives; anything but a finite Decimal counts as its failure."""
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise StatementError("the library gave no finite amount")
    return amount


_READERS: dict[str, tuple[str, Callable[[str], _Reading]]] = {
    "mt-940": ("mt940", _by_mt940),
    "ofxparse": ("ofxparse", _by_ofxparse),
}
"""The package of each library and how it is asked."""
