"""What is done to the records of a one2many or many2many field, as a list of commands in their order.

    odoo.write("res.partner", [7], {"child_ids": [Create({"name": "A"}), Update(9, {"name": "B"}), Delete(10)]})

| command | the server's | what it does |
|---|---|---|
| Create(values) | (0, 0, values) | makes a record and adds it |
| Update(id, values) | (1, id, values) | changes a record of the field |
| Delete(id) | (2, id, 0) | removes a record from the field and deletes it |
| Unlink(id) | (3, id, 0) | removes a record from the field; one that cannot be without its parent is deleted |
| Link(id) | (4, id, 0) | adds a record that is there |
| Clear() | (5, 0, 0) | removes all, as Unlink does |
| Set(ids) | (6, 0, ids) | these and no others |

The server's own tuples are taken, too. Values are Python values, as for ``write``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oimkit.errors import InputError

__all__ = ["Clear", "Command", "Create", "Delete", "Link", "Set", "Unlink", "Update", "command_of"]


def _identity(value: object, what: str) -> None:
    if type(value) is not int or value < 1:
        raise InputError(f"{what} takes the id of a record, a whole number above 0")


@dataclass(frozen=True, slots=True)
class Create:
    """Make a record of *values* and add it."""

    values: Mapping[str, Any] = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.values, Mapping):
            raise InputError("Create takes a mapping of field to value")


@dataclass(frozen=True, slots=True)
class Update:
    """Change the record *id*, which is of the field."""

    id: int
    values: Mapping[str, Any] = field(repr=False)

    def __post_init__(self) -> None:
        _identity(self.id, "Update")
        if not isinstance(self.values, Mapping):
            raise InputError("Update takes an id and a mapping of field to value")


@dataclass(frozen=True, slots=True)
class Delete:
    """Take the record *id* out and delete it."""

    id: int

    def __post_init__(self) -> None:
        _identity(self.id, "Delete")


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take the record *id* out; where it cannot be without its parent, the server deletes it."""

    id: int

    def __post_init__(self) -> None:
        _identity(self.id, "Unlink")


@dataclass(frozen=True, slots=True)
class Link:
    """Add the record *id*, which is there."""

    id: int

    def __post_init__(self) -> None:
        _identity(self.id, "Link")


@dataclass(frozen=True, slots=True)
class Clear:
    """Take all records out."""


@dataclass(frozen=True, slots=True)
class Set:
    """These records and no others."""

    ids: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", tuple(self.ids))
        for identity in self.ids:
            _identity(identity, "Set")


Command = Create | Update | Delete | Unlink | Link | Clear | Set


def command_of(parts: Command | Iterable[Any]) -> Command:
    """The command in a tuple or list of the server's, or the command itself.

    >>> command_of((4, 7, 0))
    Link(id=7)

    Raises InputError for anything else.
    """
    if isinstance(parts, Command):
        return parts
    if not isinstance(parts, Sequence) or isinstance(parts, (str, bytes)):
        raise InputError("a command is one of commands.py, or a tuple that begins with 0 to 6")
    match tuple(parts):
        case (0, _, values) if type(parts[0]) is int:
            return Create(values)
        case (1, identity, values) if type(parts[0]) is int:
            return Update(identity, values)
        case (2, identity, *rest) if len(rest) <= 1:
            return Delete(identity)
        case (3, identity, *rest) if len(rest) <= 1:
            return Unlink(identity)
        case (4, identity, *rest) if len(rest) <= 1:
            return Link(identity)
        case (5, *rest) if len(rest) <= 2:
            return Clear()
        case (6, _, ids) if isinstance(ids, Sequence) and not isinstance(ids, str):
            return Set(tuple(ids))
    raise InputError(
        "this is no command for a one2many or many2many field",
        advice="use Create, Update, Delete, Unlink, Link, Clear or Set of oimkit.odoo.commands",
    )
