"""The formats that are read, by name: oimkit's own, and those that other packages add by an entry point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Protocol

from oimkit.banking.formats._common import Damaged
from oimkit.banking.formats.bai2 import read_bai2
from oimkit.banking.formats.camt import read_camt052, read_camt053, read_camt054
from oimkit.banking.formats.cfonb120 import read_cfonb120
from oimkit.banking.formats.coda import read_coda
from oimkit.banking.formats.csv_statements import read_csv
from oimkit.banking.formats.mt940 import read_mt940
from oimkit.banking.formats.mt942 import read_mt942
from oimkit.banking.formats.n43 import read_n43
from oimkit.banking.formats.ofx import read_ofx1, read_ofx2
from oimkit.banking.formats.onec import read_1c
from oimkit.banking.formats.qif import read_qif
from oimkit.banking.formats.tito import read_tito
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Statement
from oimkit.errors import InputError

__all__ = ["ENTRY_POINTS", "FORMATS", "Format", "Reader", "added_formats", "format_named"]

ENTRY_POINTS = "oimkit.statement_formats"
"""The group of entry points in which another package names its ``Format``."""


class Reader(Protocol):
    """A format's own reader: every statement of the bytes, as sent, in file order; StatementError otherwise.

    With ``damaged="report"`` a record that cannot be read becomes a finding ``record-not-read`` with its line, and the
    rest is given; a file that cannot be read at all is refused all the same.
    """

    def __call__(self, data: bytes, *, limits: Limits, damaged: Damaged = "refuse") -> tuple[Statement, ...]: ...


class Recogniser(Protocol):
    """True when the beginning of a file, decoded as Latin-1, can be of this format and of no other."""

    def __call__(self, head: str, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name in every output, what people call it, and its reader.

    recognises  for formats that another package adds: whether a file is in it; own formats are known to ``detect``
    """

    name: str
    title: str
    read: Reader
    recognises: Recogniser | None = None


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "ofx1": Format("ofx1", "OFX 1 (SGML)", read_ofx1),
        "ofx2": Format("ofx2", "OFX 2 (XML)", read_ofx2),
        "mt940": Format("mt940", "SWIFT MT940", read_mt940),
        "mt942": Format("mt942", "SWIFT MT942", read_mt942),
        "camt052": Format("camt052", "ISO 20022 CAMT.052", read_camt052),
        "camt053": Format("camt053", "ISO 20022 CAMT.053", read_camt053),
        "camt054": Format("camt054", "ISO 20022 CAMT.054", read_camt054),
        "qif": Format("qif", "QIF", read_qif),
        "csv": Format("csv", "CSV by the bank's profile", read_csv),
        "1c": Format("1c", "1C client-bank exchange", read_1c),
        "coda": Format("coda", "CODA (Belgium)", read_coda),
        "cfonb120": Format("cfonb120", "CFONB 120 (France)", read_cfonb120),
        "n43": Format("n43", "Norma 43 (Spain)", read_n43),
        "tito": Format("tito", "TITO (Finland)", read_tito),
        "bai2": Format("bai2", "BAI2 and BTRS", read_bai2),
    }
)


@cache
def added_formats() -> Mapping[str, Format]:
    """The formats that installed packages add, by name; looked for once, when a file is none of oimkit's own.

    Raises:
        InputError: an entry point cannot be loaded, gives no ``Format``, or takes a name that is taken.
    """
    found: dict[str, Format] = {}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            added = point.load()
        except Exception as error:
            raise InputError(
                f"the statement format of entry point {point.name!r} cannot be loaded: {type(error).__name__}",
                advice=f"mend or remove the package that adds it ({point.value})",
            ) from error
        if not isinstance(added, Format) or added.name in FORMATS or added.name in found:
            raise InputError(
                f"the entry point {point.name!r} gives no Format with a name of its own",
                advice=f"mend or remove the package that adds it ({point.value})",
            )
        found[added.name] = added
    return MappingProxyType(found)


def format_named(name: str) -> Format | None:
    """The format called *name*, oimkit's own or an added one; None when nothing reads it."""
    return FORMATS.get(name) or added_formats().get(name)
