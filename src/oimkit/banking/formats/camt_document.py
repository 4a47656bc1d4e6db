"""The frame of a CAMT file: each statement, report or notification as a tree, its entries as pieces.

Two ways lead to the same pieces. The quick one cuts the text of a well-formed file between its Ntry tags; where any
part of it could make that cut wrong (comments, CDATA, tags written in an unusual way), the parser's events are taken.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oimkit.banking.formats.camt_shapes import Piece, Shapes, UnusualTag
from oimkit.banking.formats.xml_events import Check, Node, Walk, each_element, refuse_ill_formed
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = ["Cut", "PieceWalk", "each_entry", "each_entry_by_events", "each_entry_by_text"]

TakeEntry = Callable[[Piece, Sequence[Piece]], None]
"""Gets an entry, and its transactions apart from it when there are several."""

TakeContainer = Callable[[Node], None]
"""Gets a statement, report or notification without its entries, after all of them were given."""


def each_entry(
    text: str,
    container: str,
    restart: Callable[[], tuple[TakeEntry, TakeContainer]],
    *,
    format: str,  # noqa: A002  the field's own word
    limits: Limits,
) -> int:
    """Walk *text* (without XML declaration): every Ntry of every *container*, then the container itself.

    Args:
        restart: gives the two functions that take what is found; called again when the walk has to begin anew.

    Returns:
        How many entries were met.

    Raises:
        StatementError: not well-formed, cut off, a document type or entity, too deep, a text that is too long.
    """
    cut = Cut.of(text)
    if cut is not None:
        refuse_ill_formed(text, format=format)
        take_entry, take_container = restart()
        try:
            met = each_entry_by_text(text, cut, container, take_entry, take_container, format=format, limits=limits)
        except UnusualTag:
            met = None
        if met is not None:
            return met
    take_entry, take_container = restart()
    return each_entry_by_events(text, container, take_entry, take_container, format=format, limits=limits)


def each_entry_by_events(
    text: str,
    container: str,
    take_entry: TakeEntry,
    take_container: TakeContainer,
    *,
    format: str,  # noqa: A002
    limits: Limits,
) -> int:
    """As each_entry, by the parser's events alone."""
    shapes = Shapes()

    def take(holder: Node | None, node: Node) -> None:
        if holder is None:
            take_container(node)
        else:
            take_entry(*_of_node(node, shapes))

    return each_element(text, container, frozenset({"Ntry"}), take, format=format, limits=limits)


def _of_node(node: Node, shapes: Shapes) -> tuple[Piece, Sequence[Piece]]:
    """An entry, and its transactions apart from it when there are several."""
    transactions = _transactions(node)
    if len(transactions) > 1:
        return shapes.of_node(node, without="TxDtls"), [shapes.of_node(each) for each in transactions]
    return shapes.of_node(node), ()


def _transactions(entry: Node) -> list[Node]:
    """The TxDtls of an entry: in its NtryDtls, directly in the oldest version."""
    found = entry.all("TxDtls")
    for group in entry.all("NtryDtls"):
        found.extend(group.all("TxDtls"))
    return found


@dataclass(frozen=True, slots=True)
class Cut:
    """How the tags of the entries of one file are written."""

    opens: str
    closes: str

    @classmethod
    def of(cls, text: str) -> Cut | None:
        """The cut for *text*; None when its entries must not be found by their tags alone."""
        first = _FIRST_ENTRY.search(text)
        if first is None:
            return None
        cut = cls(f"<{first[1]}Ntry>", f"</{first[1]}Ntry>")
        hidden = _hides(text, first.start()) or text.count(cut.opens) != text.count(cut.closes)
        return None if hidden else cut


_FIRST_ENTRY = re.compile(r"<((?:[A-Za-z_][\w.-]{0,40}:)?)Ntry>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def _hides(text: str, first: int) -> bool:
    """True when the entry at *first* or something behind it may stand in a comment, CDATA or an instruction."""
    head = _COMMENT.sub("", text[:first])
    return any(mark in head or (mark[1] in text and text.find(mark, first) >= 0) for mark in ("<!", "<?"))


def each_entry_by_text(
    text: str,
    cut: Cut,
    container: str,
    take_entry: TakeEntry,
    take_container: TakeContainer,
    *,
    format: str,  # noqa: A002
    limits: Limits,
) -> int | None:
    """As each_entry, by cutting a well-formed *text*; None when an entry stands where none belongs.

    The text between the entries goes to the parser, with one empty Ntry for each run of entries.
    """
    frame, runs = _runs(text, cut, 1)
    if runs is None:
        return None
    waiting = iter(runs)
    shapes = Shapes()

    def take(holder: Node | None, node: Node) -> None:
        if holder is None:
            take_container(node)
            return
        run = next(waiting, None)
        if run is None:  # an Ntry is written in a way that was not cut
            raise UnusualTag
        for line, entry in run:
            _take_one(f"{cut.opens}{entry}{cut.closes}", line, shapes, take_entry, limits)

    met = each_element(frame, container, frozenset({"Ntry"}), take, format=format, limits=limits)
    return sum(map(len, runs)) if met == len(runs) else None


def _runs(text: str, cut: Cut, line: int) -> tuple[str, list[list[tuple[int, str]]] | None]:
    """The text between the entries, and the entries with their lines in runs that nothing interrupts."""
    parts = text.split(cut.opens)
    frame = [parts[0]]
    line += parts[0].count("\n")
    runs: list[list[tuple[int, str]]] = []
    interrupted = True
    for part in parts[1:]:
        entry, closed, rest = part.partition(cut.closes)
        if not closed:
            return "", None
        if interrupted:
            runs.append([])
            frame.append("<Ntry/>")
        runs[-1].append((line, entry))
        lines = part.count("\n")
        line += lines
        interrupted = not rest.isspace() if rest else False
        frame.append("\n" * entry.count("\n") + rest if interrupted else "\n" * lines)
    return "".join(frame), runs


def _take_one(text: str, line: int, shapes: Shapes, take_entry: TakeEntry, limits: Limits) -> None:
    """One entry, with its transactions apart where there are several."""
    if len(text) > limits.line_chars and max(map(len, text.split("<"))) > limits.line_chars:
        raise UnusualTag
    if text.count("TxDtls>") > 2:
        take_entry(*_apart(text, line, shapes))
    else:
        take_entry(shapes.of_text(text, line), ())


_TRANSACTION = re.compile(r"<((?:[\w.-]+:)?TxDtls)>.*?</\1>", re.DOTALL)


def _apart(text: str, line: int, shapes: Shapes) -> tuple[Piece, list[Piece]]:
    """An entry without its transactions, and these; UnusualTag where they are not written as is usual."""
    own: list[str] = []
    transactions: list[Piece] = []
    here, counted, end = line, 0, 0
    for match in _TRANSACTION.finditer(text):
        own.append(text[end : match.start()])
        here += text.count("\n", counted, match.start())
        counted, end = match.start(), match.end()
        transactions.append(shapes.of_text(match[0], here))
    own.append(text[end:])
    rest = "".join(own)
    if "TxDtls" in rest:
        raise UnusualTag
    piece = shapes.of_text(rest, line)
    piece.raw = text
    return piece, transactions


# -- files that come in pieces --------------------------------------------------------------------------------------

TakeEntryOf = Callable[[Node, Piece, Sequence[Piece]], None]
"""As TakeEntry, with the statement as far as it is read before the entry."""


class PieceWalk:
    """As each_entry, for a text that comes in pieces, each of which but the last ends behind an Ntry.

    Pieces are cut at their Ntry tags until one comes that must not be; from there on the parser's events are taken.

    met      entries that were given
    printed  entries that a dumb counter finds
    """

    def __init__(
        self,
        container: str,
        take_entry: TakeEntryOf,
        take_container: TakeContainer,
        *,
        format: str,  # noqa: A002
        limits: Limits,
    ) -> None:
        self.format, self.limits = format, limits
        self.take_entry, self.take_container = take_entry, take_container
        self.met = self.printed = 0
        self._shapes = Shapes()
        self._cut: Cut | None = None
        self._is_first = True
        self._runs: deque[list[tuple[int, str]]] = deque()
        self._check = Check(format)
        self._walk = Walk(
            container, _ENTRY, self._take, format, limits, most_nodes=max(1, limits.bytes // _BYTES_PER_NODE)
        )

    def feed(self, text: str, line: int, *, is_last: bool) -> None:
        """Take the next piece, whose first line is *line*."""
        self._cut = self._cut_for(text)
        self._is_first = False
        if self._cut is None:
            self._feed_whole(text, is_last=is_last)
        else:
            self._feed_cut(text, self._cut, line, is_last=is_last)

    def _cut_for(self, text: str) -> Cut | None:
        """How *text* is cut; None from the first piece on whose entries must not be found by their tags alone."""
        cut = Cut.of(text) if self._is_first else self._cut
        if cut is None or (not self._is_first and ("<!" in text or "<?" in text)):
            return None
        opened = text.count(cut.opens)
        return cut if opened == text.count(cut.closes) and 2 * opened == text.count("Ntry>") else None

    def _feed_whole(self, text: str, *, is_last: bool) -> None:
        before = self._walk.printed
        self._walk.feed(text, is_last=is_last)
        self.printed += self._walk.printed - before

    def _feed_cut(self, text: str, cut: Cut, line: int, *, is_last: bool) -> None:
        frame, runs = _runs(text, cut, line)
        if runs is None or "Ntry " in frame or frame.count("Ntry/") != len(runs):  # closed in its own tag, perhaps
            self._cut = None
            self._feed_whole(text, is_last=is_last)
            return
        self._check.feed(text, is_last=is_last)
        self._runs.extend(runs)
        before = self._walk.pieces_met
        self._walk.feed(frame, is_last=is_last)
        if self._runs or self._walk.pieces_met - before != len(runs):
            raise self._misplaced(line)
        self.printed += sum(map(len, runs))  # as many as have a tag, see _cut_for

    def _take(self, holder: Node | None, node: Node) -> None:
        if holder is None:
            self.take_container(node)
        elif self._cut is None:
            self.met += 1
            self.take_entry(holder, *_of_node(node, self._shapes))
        else:
            if not self._runs:
                raise self._misplaced(node.line)
            self._take_run(holder, self._runs.popleft(), self._cut)

    def _take_run(self, holder: Node, run: Sequence[tuple[int, str]], cut: Cut) -> None:
        def take(piece: Piece, transactions: Sequence[Piece]) -> None:
            self.take_entry(holder, piece, transactions)

        for line, entry in run:
            self.met += 1
            text = f"{cut.opens}{entry}{cut.closes}"
            try:
                _take_one(text, line, self._shapes, take, self.limits)
            except UnusualTag:
                self._take_by_events(text, line, take)

    def _take_by_events(self, text: str, line: int, take: TakeEntry) -> None:
        """One entry that is written in an unusual way."""

        def taken(holder: Node | None, node: Node) -> None:
            if holder is not None:
                take(*_of_node(node, self._shapes))

        Walk(_AROUND, _ENTRY, taken, self.format, self.limits, line=line).run(f"<{_AROUND}>{text}</{_AROUND}>")

    def _misplaced(self, line: int) -> StatementError:
        return StatementError(
            "an entry stands where none belongs",
            format=self.format,
            line=line,
            tag="Ntry",
            advice="download the statement again",
        )


_ENTRY = frozenset({"Ntry"})
_AROUND = "Around"
"""An element that stands around a single entry in place of its statement."""

_BYTES_PER_NODE = 64
"""So much of ``limits.bytes`` counts for an element that is kept until its statement ends."""
