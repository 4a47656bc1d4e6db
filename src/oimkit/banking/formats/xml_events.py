"""XML read once, without document types, entities or deep nesting; chosen elements come as small trees."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = ["Node", "each_element"]

_AGAIN = "download the file again"


@dataclass(slots=True)
class Node:
    """One element: its name without prefix, its text, its ``Ccy`` attribute and its children, with its line."""

    name: str
    line: int
    currency: str | None = None
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def first(self, *path: str) -> Node | None:
        """The first element under *path*, or None; each step takes the first child of that name that leads on."""
        if not path:
            return self
        for child in self.children:
            if child.name == path[0]:
                found = child.first(*path[1:])
                if found is not None:
                    return found
        return None

    def all(self, name: str) -> list[Node]:
        """The children called *name*, in order."""
        return [child for child in self.children if child.name == name]

    def value(self, *path: str) -> str | None:
        """The text under *path* with white space cleaned, or None when it is absent or empty."""
        node = self.first(*path)
        if node is None:
            return None
        return " ".join(node.text.split()) or None


_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,400}\?>")
_UNFINISHED = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    }
)


def each_element(
    text: str,
    container: str,
    pieces: frozenset[str],
    take: Callable[[Node | None, Node], None],
    *,
    format: str,  # noqa: A002  the field's own word
    limits: Limits,
) -> int:
    """Walk *text*; *take* gets every *container* and every child of it that is in *pieces*, whole, as it ends.

    ``take(container, piece)`` is called with the container as far as it is read (its other children stand in it) and
    the piece; pieces are not kept, so memory stays small. At the container's end it is called with
    ``(None, container)``. Namespaces and prefixes are ignored.

    Returns:
        How many pieces were met.

    Raises:
        StatementError: not well-formed, cut off, a document type or entity, deeper than ``limits.depth``, a text
            longer than ``limits.line_chars``.
    """
    walk = _Walk(container, pieces, take, format, limits)
    walk.run(_DECLARATION.sub("", text, count=1))
    return walk.pieces_met


class _Walk:
    """The state of one pass of expat over one document."""

    def __init__(
        self,
        container: str,
        pieces: frozenset[str],
        take: Callable[[Node | None, Node], None],
        format: str,  # noqa: A002
        limits: Limits,
    ) -> None:
        self.container, self.pieces, self.take = container, pieces, take
        self.format, self.limits = format, limits
        self.depth = 0
        self.open: list[Node] = []
        self.local: dict[str, str] = {}
        self.pieces_met = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.buffer_size = 64 * 1024
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self._refuse_declaration
        self.parser.EntityDeclHandler = self._refuse_declaration
        self.parser.ExternalEntityRefHandler = self._refuse_declaration
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def run(self, text: str) -> None:
        try:
            self.parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            if error.code in _UNFINISHED:
                reason = "the XML ends before the document does: the file is cut off"
            else:
                reason = "the XML is not well-formed"
            raise StatementError(reason, format=self.format, line=error.lineno, advice=_AGAIN) from None

    def _refuse_declaration(self, *_: object) -> int:
        raise StatementError(
            "the file declares a document type or entities, which statements never need",
            format=self.format,
            line=self.parser.CurrentLineNumber,
            tag="DOCTYPE",
            advice="do not trust its sender",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self.limits.depth:
            raise StatementError(
                f"elements are nested deeper than {self.limits.depth}",
                format=self.format,
                line=self.parser.CurrentLineNumber,
                advice="this is no statement of a bank",
            )
        local = self.local.get(name)
        if local is None:
            local = self.local[name] = name.rpartition(":")[2]
        if not self.open and local != self.container:
            return
        node = Node(local, self.parser.CurrentLineNumber, attributes.get("Ccy") if attributes else None)
        if self.open and not (len(self.open) == 1 and local in self.pieces):
            self.open[-1].children.append(node)
        self.open.append(node)

    def _text(self, text: str) -> None:
        if self.open:
            node = self.open[-1]
            if text.isspace():  # between elements; kept as one blank, so that a sea of blanks costs nothing
                text = " " if node.text else ""
            node.text += text
            if len(node.text) > self.limits.line_chars:
                raise StatementError(
                    f"a text is longer than {self.limits.line_chars} characters",
                    format=self.format,
                    line=node.line,
                    tag=node.name[:40],
                    advice="read it with higher limits",
                )

    def _end(self, _name: str) -> None:
        self.depth -= 1
        if not self.open:
            return
        node = self.open.pop()
        if not self.open:
            self.take(None, node)
        elif len(self.open) == 1 and node.name in self.pieces:
            self.pieces_met += 1
            self.take(self.open[0], node)
