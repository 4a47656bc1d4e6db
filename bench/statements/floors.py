"""The least that any reader of a format has to do: cut the file into its tokens and do nothing with them."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

__all__ = ["FLOORS", "Floor"]

Floor = tuple[str, Callable[[Path], int], float | None]
"""What the pass does, the pass from a path to a number of tokens, and how many times its time oimkit may take."""


def _iterparse(path: Path) -> int:
    count = 0
    with path.open("rb") as file:
        for _event, element in ET.iterparse(file):
            element.clear()
            count += 1
    return count


_TAG = re.compile(r"<(/?)([A-Z0-9.]+)>([^<]*)")


def _tags(path: Path) -> int:
    return len(_TAG.findall(path.read_bytes().decode("cp1252")))


def _fields(path: Path) -> int:
    """The fields of MT940: tag and text of every line that begins one, the lines below it put to it."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in path.read_bytes().decode().splitlines():
        if line.startswith(":"):
            _, tag, text = line.split(":", 2)
            found.append((tag, [text]))
        else:
            found[-1][1].append(line)
    return len(found)


def _columns(*places: int) -> Callable[[Path], int]:
    """The lines cut at the same *places* each, about as many columns as the format's records have."""
    cuts = [slice(begin, end) for begin, end in zip((0, *places), (*places, None), strict=True)]

    def columns(path: Path) -> int:
        lines = path.read_bytes().decode("latin-1").splitlines()
        return len([[line[cut].strip() for cut in cuts] for line in lines])

    return columns


def _commas(path: Path) -> int:
    return len([line.split(",") for line in path.read_bytes().decode().splitlines()])


def _letters(path: Path) -> int:
    return len([(line[:1], line[1:]) for line in path.read_bytes().decode().splitlines()])


def _equals(path: Path) -> int:
    return len([line.partition("=") for line in path.read_bytes().decode("cp1251").splitlines()])


def _rows(path: Path) -> int:
    return len(list(csv.reader(io.StringIO(path.read_bytes().decode("cp1252")), delimiter=";")))


_XML = "iterparse with its elements cleared"

FLOORS: dict[str, Floor] = {
    "ofx1": ("one pattern over the tags", _tags, None),
    "ofx2": ("one pattern over the tags", _tags, None),
    "mt940": ("lines cut into fields", _fields, None),
    "mt940-codes": ("lines cut into fields", _fields, None),
    "mt940-plain": ("lines cut into fields", _fields, None),
    "mt942": ("lines cut into fields", _fields, None),
    "camt052": (_XML, _iterparse, None),
    "camt053": (_XML, _iterparse, 2.5),
    "camt054": (_XML, _iterparse, None),
    "coda": ("lines cut into columns", _columns(1, 2, 10, 31, 47, 53, 61, 62, 115, 121, 125), None),
    "cfonb120": ("lines cut into columns", _columns(2, 7, 11, 16, 19, 21, 32, 34, 40, 48, 79, 90, 104), None),
    "n43": ("lines cut into columns", _columns(2, 6, 10, 16, 22, 24, 27, 28, 42, 52, 64), None),
    "tito": ("lines cut into columns", _columns(1, 3, 6, 12, 30, 36, 42, 48, 49, 52, 87, 106, 143), None),
    "bai2": ("lines split at their commas", _commas, None),
    "qif": ("lines cut behind their letter", _letters, None),
    "csv": ("csv.reader", _rows, None),
    "1c": ("lines split at the equals sign", _equals, None),
}
