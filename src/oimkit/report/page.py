"""A report page: sections of figures, steps, tables and explanations, rendered to one HTML file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jinja2 import Environment, PackageLoader, StrictUndefined

from oimkit.errors import InputError

__all__ = ["Explanation", "Figure", "Page", "Section", "Step", "Table", "Tone", "render_page"]


class Tone(StrEnum):
    """How a mark is coloured: done, waiting for a person, or plain."""

    DONE = "done"
    WAITING = "waiting"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that matters, with its unit in the text: ("3 invoices", "drafted")."""

    value: str
    label: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, with its reason."""

    title: str
    reason: str
    tone: Tone = Tone.DONE


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under column headings; ``numeric`` names the columns that are set flush right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    caption: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise InputError("each row of a table has one text for each column")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a number is what it is: a summary line and the steps below it, shown when opened."""

    summary: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page; empty parts of it are left out."""

    heading: str
    text: str = ""
    steps: tuple[Step, ...] = ()
    tables: tuple[Table, ...] = ()
    explanations: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report; ``language`` is the BCP 47 tag of its text."""

    title: str
    summary: str
    figures: tuple[Figure, ...] = ()
    sections: tuple[Section, ...] = ()
    footer: str = ""
    language: str = "en"


def render_page(page: Page) -> str:
    """*page* as one HTML document without outside references: no script, no font, no image is fetched.

    Every text is escaped; nothing in *page* is taken for markup.
    """
    environment = Environment(
        loader=PackageLoader("oimkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(page=page)
