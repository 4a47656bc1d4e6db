"""The formats that are read, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from oimkit.banking.formats.camt053 import read_camt053
from oimkit.banking.formats.mt940 import read_mt940
from oimkit.banking.formats.ofx import read_ofx1, read_ofx2
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Statement

__all__ = ["FORMATS", "Format"]


class Reader(Protocol):
    """A format's own reader: every statement of the bytes, as sent, in file order; StatementError otherwise."""

    def __call__(self, data: bytes, *, limits: Limits) -> tuple[Statement, ...]: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its name in every output, what people call it, and its reader."""

    name: str
    title: str
    read: Reader


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "ofx1": Format("ofx1", "OFX 1 (SGML)", read_ofx1),
        "ofx2": Format("ofx2", "OFX 2 (XML)", read_ofx2),
        "mt940": Format("mt940", "SWIFT MT940", read_mt940),
        "camt053": Format("camt053", "ISO 20022 CAMT.053", read_camt053),
    }
)
