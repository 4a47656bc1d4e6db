"""Hostile inputs: mutations of good files, with a dictionary of the formats' own words put in."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from functools import lru_cache
from pathlib import Path

from oimkit.banking import FORMATS
from tests.fuzz.words import WORDS

__all__ = ["WORDS", "mutated", "planted", "seeds"]

FILES = Path(__file__).resolve().parent.parent / "files"

_WRITTEN_FROM = ("mt940", "camt053", "ofx1", "coda", "csv")
"""Formats whose files are read and then written; enough for every kind of field."""


def seeds(target: str) -> list[bytes]:
    """The invented files of a target, and nothing at all."""
    return [*_seeds(target), b""]


@lru_cache
def _seeds(target: str) -> tuple[bytes, ...]:
    match target:
        case "detect":
            return tuple(data for name in FORMATS for data in _files(name))
        case "archives":
            return tuple(_archives([_files(name)[0] for name in FORMATS]))
        case "written":
            return tuple(data for name in _WRITTEN_FROM for data in _files(name))
        case "replies":
            return tuple(path.read_bytes() for path in sorted((FILES / target).iterdir()))
        case _:
            return tuple(_files(target))


def _files(name: str) -> list[bytes]:
    """The files of one format; beside golden ones stands what is in them, as JSON."""
    paths = [*sorted((FILES / name).glob("*.*")), *sorted((FILES / "golden" / name).glob("*.*"))]
    return [path.read_bytes() for path in paths if path.suffix != ".json"]


def _archives(files: list[bytes]) -> list[bytes]:
    """Each file packed by gzip, in a ZIP of its own packed and unpacked, and some of them in one."""
    packed = [gzip.compress(data, mtime=0) for data in files]
    alone = [_zip([data]) for data in files]
    return [*packed, packed[0] + packed[1], *alone, _zip(files[:4]), _zip(files, stored=True)]


def _zip(files: list[bytes], *, stored: bool = False) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(files):
            archive.writestr(zipfile.ZipInfo(f"{number}.txt"), data)
    return written.getvalue()


def planted(data: bytes, word: bytes, chance: random.Random) -> bytes:
    """*data* with *word* put in at one to four places: in texts, names, amounts, tags."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(data))
        data = data[:at] + word + data[at:]
    return data


_CHANGES = (1, 1, 1, 2, 2, 3, 5, 8)
"""Few changes leave a file that is read to its end, many one that is like none."""


def mutated(data: bytes, others: list[bytes], words: tuple[bytes, ...], chance: random.Random, most: int) -> bytes:
    """*data* after one to eight changes: bytes changed, cut, repeated, words put in or over others, lines moved."""
    for _ in range(chance.choice(_CHANGES)):
        at = chance.randint(0, len(data))
        length = chance.choice((1, 1, 2, 4, 16, 64))
        match chance.randrange(10):
            case 0:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + length :]
            case 2:
                data = data[:at] + data[at : at + length] * chance.choice((2, 3, 50)) + data[at + length :]
            case 3:
                data = data[:at] + chance.choice(words) + data[at:]
            case 4:  # columns behind it stay where they are
                word = chance.choice(words)
                data = data[:at] + word + data[at + len(word) :]
            case 5:
                data = data[:at] + chance.choice(words) + data[at + length :]
            case 6:
                other = chance.choice(others)
                data = data[:at] + other[chance.randint(0, len(other)) :]
            case 7:
                data = _element_moved(data, words, chance) if b"</" in data else _line_moved(data, chance)
            case 8:
                data = data[:at] + chance.choice((b"0", b"9", b"1", b"C", b"D", b"-", b" ")) + data[at + 1 :]
            case _:
                data = data[:at] + chance.choice((b"0", b"9", b",", b".", b"-", b" ", b"\n")) * length + data[at:]
    return data[:most]


_ELEMENT = re.compile(rb"<([\w:]+)[^<>]*>[^<>]*</\1>|<(\w+)>[^<>\r\n]+")


def _element_moved(data: bytes, words: tuple[bytes, ...], chance: random.Random) -> bytes:
    """One innermost element left out, given twice, put elsewhere or with another text; the rest stays well-formed."""
    found = list(_ELEMENT.finditer(data))
    if not found:
        return _line_moved(data, chance)
    start, end = chance.choice(found).span()
    element, rest = data[start:end], data[:start] + data[end:]
    place = chance.choice(found).start() if chance.random() < 0.5 else start
    match chance.randrange(4):
        case 0:
            return rest
        case 1:
            return data[:place] + element + data[place:]
        case 2:
            return rest[:place] + element + rest[place:]
        case _:
            head = element[: element.index(b">") + 1]
            tail = element[len(head) :].rpartition(b"</")
            return data[:start] + head + chance.choice(words) + tail[1] + tail[2] * bool(tail[1]) + data[end:]


def _line_moved(data: bytes, chance: random.Random) -> bytes:
    """One line left out, given twice, or put elsewhere."""
    lines = data.split(b"\n")
    line = lines.pop(chance.randrange(len(lines)))
    for _ in range(chance.randrange(3)):
        lines.insert(chance.randint(0, len(lines)), line)
    return b"\n".join(lines)
