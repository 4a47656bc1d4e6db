"""XML read once, without document types, entities or deep nesting; chosen elements come as small trees."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = ["Check", "Node", "Walk", "each_element", "refuse_ill_formed", "without_declaration"]

_AGAIN = "download the file again"


@dataclass(slots=True)
class Node:
    """One element: its name without prefix, its text, its ``Ccy`` attribute and its children, with its line.

    raw  the element as printed, for the pieces of ``each_element``
    """

    name: str
    line: int
    currency: str | None = None
    text: str = ""
    children: list[Node] = field(default_factory=list)
    raw: str | None = None

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
    walk = Walk(container, pieces, take, format, limits)
    walk.run(text)
    return walk.pieces_met


def without_declaration(text: str) -> str:
    """*text* with its XML declaration blanked, since a text has no encoding any more; lines stay where they are."""
    match = _DECLARATION.match(text)
    return text if match is None else "\n" * match[0].count("\n") + text[match.end() :]


def refuse_ill_formed(text: str, *, format: str) -> None:  # noqa: A002  the field's own word
    """StatementError when *text* (without declaration) is not well-formed or declares a document type or entities.

    Looks at nothing else and is many times as quick as ``each_element``.
    """
    parser = expat.ParserCreate("utf-8")
    _refuse_declarations(parser, format)
    _parse(parser, text.encode("utf-8", "replace"), format)


def _refuse_declarations(parser: expat.XMLParserType, format: str) -> None:  # noqa: A002
    def refuse(*_: object) -> int:
        raise StatementError(
            "the file declares a document type or entities, which statements never need",
            format=format,
            line=parser.CurrentLineNumber,
            tag="DOCTYPE",
            advice="do not trust its sender",
        )

    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse


class Check:
    """As refuse_ill_formed, for a text that comes in pieces, each of which ends behind a tag."""

    def __init__(self, format: str) -> None:  # noqa: A002
        self.format = format
        self.parser = expat.ParserCreate("utf-8")
        _refuse_declarations(self.parser, format)

    def feed(self, text: str, *, is_last: bool) -> None:
        """Take the next piece."""
        _parse(self.parser, text.encode("utf-8", "replace"), self.format, is_last=is_last)


def _parse(parser: expat.XMLParserType, data: bytes, format: str, *, is_last: bool = True) -> None:  # noqa: A002
    """Parse as much as possible at once: Expat before 2.6 reads an endless tag again for each piece of it.

    Once the document has ended, or cannot be read, the parser lets go of its handlers, and so of the cycle of itself,
    them and what they belong to: it holds much that Python's collector does not see and so does not hurry to free.
    """
    is_done = True
    try:
        parser.Parse(data, is_last)
        is_done = is_last
    except expat.ExpatError as error:
        if error.code in _UNFINISHED:
            reason = "the XML ends before the document does: the file is cut off"
        else:
            reason = "the XML is not well-formed"
        raise StatementError(reason, format=format, line=error.lineno, advice=_AGAIN) from None
    finally:
        if is_done:
            for handler in _HANDLERS:
                setattr(parser, handler, None)


_HANDLERS = (
    "StartElementHandler",
    "EndElementHandler",
    "CharacterDataHandler",
    "StartDoctypeDeclHandler",
    "EntityDeclHandler",
    "ExternalEntityRefHandler",
)


class Walk:
    """The state of one pass of expat over one document, or over one element of it that stands on *line*.

    most_nodes  elements of a container that are kept beside its pieces; None without a bound
    printed     elements met with the name of a piece, wherever they stand
    """

    def __init__(
        self,
        container: str,
        pieces: frozenset[str],
        take: Callable[[Node | None, Node], None],
        format: str,  # noqa: A002
        limits: Limits,
        *,
        line: int = 1,
        most_nodes: int | None = None,
    ) -> None:
        self.container, self.pieces, self.take = container, pieces, take
        self.format, self.limits = format, limits
        self.above, self.most_nodes, self.nodes = line - 1, most_nodes, 0
        self.depth = 0
        self.open: list[Node] = []
        self.local: dict[str, str] = {}
        self.data = b""
        self.data_begin = 0
        self.begin: int | None = None
        self.pieces_met = self.printed = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.buffer_size = 64 * 1024
        _refuse_declarations(self.parser, format)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def run(self, text: str) -> None:
        """Take the whole document."""
        self.feed(text, is_last=True)

    def feed(self, text: str, *, is_last: bool) -> None:
        """Take the next piece of a document; of what came before only an element that goes on is kept."""
        data = text.encode("utf-8", "replace")
        done = self.data_begin + len(self.data)
        kept = self.data[self.begin - self.data_begin :] if self.begin is not None else b""
        self.data, self.data_begin = kept + data if kept else data, done - len(kept)
        _parse(self.parser, data, self.format, is_last=is_last)

    def _line(self) -> int:
        return self.parser.CurrentLineNumber + self.above

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self.limits.depth:
            raise StatementError(
                f"elements are nested deeper than {self.limits.depth}",
                format=self.format,
                line=self._line(),
                advice="this is no statement of a bank",
            )
        local = self.local.get(name)
        if local is None:
            local = self.local[name] = name.rpartition(":")[2]
        if local in self.pieces:
            self.printed += 1
        if not self.open and local != self.container:
            return
        node = Node(local, self._line(), attributes.get("Ccy") if attributes else None)
        if len(self.open) == 1 and local in self.pieces:
            self.begin = self.parser.CurrentByteIndex
        elif self.open:
            self.open[-1].children.append(node)
            if self.begin is None:
                self._count_node(node)
        self.open.append(node)

    def _count_node(self, node: Node) -> None:
        """Count an element of the container that is kept until the container ends."""
        self.nodes += 1
        if self.most_nodes is not None and self.nodes > self.most_nodes:
            raise StatementError(
                f"a statement has more than {self.most_nodes} elements beside its entries",
                format=self.format,
                line=node.line,
                advice="read it with higher limits",
            )

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
            self.nodes = 0
            self.take(None, node)
        elif len(self.open) == 1 and self.begin is not None:
            self.pieces_met += 1
            end = self.data.find(b">", self.parser.CurrentByteIndex - self.data_begin) + 1
            node.raw = self.data[self.begin - self.data_begin : end].decode("utf-8")
            self.begin = None
            self.take(self.open[0], node)
