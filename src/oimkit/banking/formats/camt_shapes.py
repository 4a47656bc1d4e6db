"""Entries of a CAMT file by their shape: which texts an element holds, and where each stands among them.

A bank writes thousands of entries with the same elements in the same order. The order is the *shape*; what differs are
the texts. A shape is understood once: its regular expression then cuts every other entry that has it into its texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from oimkit.banking.formats.xml_events import Node

__all__ = ["Element", "Piece", "Places", "Shape", "Shapes", "UnusualTag", "pick"]

Places: TypeAlias = tuple[int, ...]
"""Where texts stand among those of a piece, the preferred one first."""


class UnusualTag(Exception):
    """A stretch of XML is written in a way that only a parser understands; never leaves the readers of CAMT."""


@dataclass(slots=True, eq=False)
class Element:
    """One element of a shape: its name without prefix, its ``Ccy``, its children, the place of its text.

    An element with children, or closed in its own tag, has no text: its place is -1.
    """

    name: str
    currency: str | None = None
    children: list[Element] = field(default_factory=list)
    place: int = -1

    def all(self, *path: str) -> Iterator[Element]:
        """Every element under *path*, in the order of the file."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def first(self, *path: str) -> Element | None:
        """The first element under *path*."""
        return next(self.all(*path), None)

    def places(self, *paths: str) -> Places:
        """The places of the texts under the *paths* (steps parted by ``/``), all of the first path before the next."""
        found = (element.place for path in paths for element in self.all(*path.split("/")))
        return tuple(place for place in found if place >= 0)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The tree of elements of a piece, and the tags behind which its texts stand, as numbers."""

    root: Element
    leaves: tuple[int, ...]


@dataclass(slots=True)
class Piece:
    """A stretch of XML that is one element: its shape, its texts with white space cleaned, its line, itself."""

    shape: Shape
    values: Sequence[str]
    line: int
    raw: str | None = None


def pick(values: Sequence[str], places: Places) -> str | None:
    """The first text at *places* that is not empty; None when there is none."""
    for place in places:
        text = values[place]
        if text:
            return text
    return None


_TAG = re.compile(r"<([^<>]*)>")
_START = re.compile(
    r"(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)"
    r"((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*)"
    r"\s*(/?)"
)
_CURRENCY = re.compile(r"\sCcy\s*=\s*[\"']([^\"'&]*)[\"']")

_MOST_SHAPES = 2_000
"""Shapes that are remembered; a bank writes a few dozen."""

_MOST_ALIKE = 16
"""Shapes with the same number of tags whose expressions are tried one after the other."""

_DEEPEST = 40
"""Elements within one another in an entry; the standard's deepest are half as many."""


class Shapes:
    """The shapes met in one file."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[object, ...], Shape] = {}
        self._by_number: dict[int, list[tuple[re.Pattern[str], Shape]]] = {}

    def of_text(self, text: str, line: int) -> Piece:
        """The piece that *text* is: well-formed, without comments, CDATA and instructions; the caller has seen to it.

        Raises:
            UnusualTag: a tag is written in an unusual way, or elements are nested deeper than the standard ever does.
        """
        for pattern, shape in self._by_number.get(text.count("<"), ()):
            match = pattern.fullmatch(text)
            if match is not None:
                return Piece(shape, _cleaned(match.groups()), line, text)
        parts = _TAG.split(text)
        tags = tuple(parts[1::2])
        is_new = tags not in self._by_key
        shape = self._known(tags, _steps(tags))
        if is_new:
            self._remember_pattern(tags, shape)
        return Piece(shape, _cleaned([parts[2 + 2 * leaf] for leaf in shape.leaves]), line, text)

    def of_node(self, node: Node, *, without: str = "") -> Piece:
        """The piece that a parser's tree is, its elements called *without* left out."""
        steps: list[_Step] = []
        texts: list[str] = []
        _walk(node, without, steps, texts)
        shape = self._known(tuple(steps), steps)
        return Piece(shape, [" ".join(texts[leaf].split()) for leaf in shape.leaves], node.line, node.raw)

    def _known(self, key: tuple[object, ...], steps: Iterable[_Step]) -> Shape:
        """The shape remembered under *key*, else that of *steps*."""
        known = self._by_key.get(key)
        if known is None:
            known = _shape(steps)
            if len(self._by_key) < _MOST_SHAPES:
                self._by_key[key] = known
        return known

    def _remember_pattern(self, tags: Sequence[str], shape: Shape) -> None:
        alike = self._by_number.setdefault(len(tags), [])
        if len(alike) < _MOST_ALIKE:
            leaves = set(shape.leaves)
            parts = (
                re.escape(f"<{tag}>") + ("([^<]*+)" if place in leaves else "[ \t\r\n]*+")
                for place, tag in enumerate(tags[:-1])
            )
            alike.append((re.compile("".join(parts) + re.escape(f"<{tags[-1]}>")), shape))


_Step: TypeAlias = tuple[int, str | None, str | None]
"""A tag by its number: name and currency of the element it opens, or None for one that it closes."""


def _steps(tags: Sequence[str]) -> Iterator[_Step]:
    """What *tags* open and close; UnusualTag when one is written in an unusual way."""
    depth = 0
    for place, tag in enumerate(tags):
        if tag.startswith("/"):
            depth -= 1
            yield place, None, None
            continue
        match = _START.fullmatch(tag)
        if match is None or depth > _DEEPEST:
            raise UnusualTag
        currency = _CURRENCY.search(match[2]) if match[2] else None
        yield place, match[1], currency[1] if currency is not None else None
        if match[3]:
            yield -1, None, None
        else:
            depth += 1


def _walk(node: Node, without: str, steps: list[_Step], texts: list[str]) -> None:
    """The steps through a parser's tree, with the text behind each."""
    steps.append((len(steps), node.name, node.currency))
    texts.append(node.text)
    for child in node.children:
        if child.name != without:
            _walk(child, without, steps, texts)
    steps.append((len(steps), None, None))
    texts.append("")


def _shape(steps: Iterable[_Step]) -> Shape:
    """The tree of elements that *steps* walk through; UnusualTag when it is not one element."""
    top = Element("")
    open_elements = [top]
    opened: list[int] = []
    leaves: list[int] = []
    for place, name, currency in steps:
        if name is not None:
            element = Element(name, currency)
            open_elements[-1].children.append(element)
            open_elements.append(element)
            opened.append(place)
            continue
        if not opened:
            raise UnusualTag
        closed, begin = open_elements.pop(), opened.pop()
        if not closed.children and place == begin + 1:
            closed.place = len(leaves)
            leaves.append(begin)
    if opened or len(top.children) != 1:
        raise UnusualTag
    return Shape(top.children[0], tuple(leaves))


def _cleaned(texts: Sequence[str]) -> Sequence[str]:
    """*texts* with references resolved and white space cleaned."""
    joined = "\0".join(("", *texts, ""))  # XML has no such character
    if _is_clean(joined):
        if "&" not in joined:
            return texts
        return [" ".join(_resolved(text).split()) if "&" in text else text for text in texts]
    return [" ".join(_resolved(text).split()) for text in texts]


def _is_clean(joined: str) -> bool:
    """True when texts with \\0 between and around them hold no white space but single blanks within."""
    return joined.isascii() and not (
        "\n" in joined or "  " in joined or "\0 " in joined or " \0" in joined or "\t" in joined or "\r" in joined
    )


def _resolved(text: str) -> str:
    return _REFERENCE.sub(_character, text) if "&" in text else text


_REFERENCE = re.compile(r"&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name = reference.groups()
    return _NAMED[name] if name else chr(int(decimal) if decimal else int(hexadecimal, 16))
