"""One call of a model's method, and what carries it to the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from oimkit.errors import InputError, InvalidCall
from oimkit.odoo.codec import Wire, refuse_unwireable
from oimkit.odoo.transport import signatures
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.signatures import Signature
from oimkit.odoo.version import ServerVersion

__all__ = ["Call", "Transport", "Wire", "by_newest_name", "no_such_argument", "other_names", "positional", "record_ids"]


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """One call: its arguments by name, as wire values.

    ids  the records the method is called on, or None for a method of the model itself

    Raises InputError for a value that the wire cannot carry.
    """

    model: str
    method: str
    ids: tuple[int, ...] | None = None
    arguments: Mapping[str, Wire] = field(default_factory=dict)
    context: Mapping[str, Wire] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (self.model, self.method):
            if not name or not name.isascii() or not name.replace(".", "_").isidentifier():
                raise InputError("a model or method name is letters, digits, dots and underscores")
        if self.ids is not None and any(type(identity) is not int for identity in self.ids):
            raise InputError(f"{self.name}: the ids of records are whole numbers")
        for name in ("ids", "context"):
            if name in self.arguments:
                raise InputError(f"{self.name}: {name} are no argument of the method but a part of the call")
        refuse_unwireable(self.arguments)
        refuse_unwireable(self.context, "context")

    @property
    def changes(self) -> bool:
        """True when the call may change something on the server; the service ``common`` (version, login) does not."""
        return self.model != "common" and signatures.changes(self.model, self.method)

    @property
    def signature(self) -> Signature | None:
        """What is known beforehand of the method, or None."""
        return signatures.signature(self.model, self.method)

    @property
    def name(self) -> str:
        """The call for messages: ``res.partner.write``."""
        return f"{self.model}.{self.method}"

    def __repr__(self) -> str:
        return f"<call {self.name} on {len(self.ids or ())} records, arguments {', '.join(self.arguments) or 'none'}>"


def record_ids(ids: Sequence[int] | None) -> tuple[int, ...] | None:
    """*ids* as a call keeps them; InputError where they are not a list of ids."""
    if ids is None:
        return None
    if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
        raise InputError("the ids of records are a list, also for one record", advice="give [id]")
    return tuple(ids)


class Transport(Protocol):
    """What carries calls: one login, one server. Everything a client does on the outside passes through ``send``."""

    @property
    def name(self) -> str:
        """``jsonrpc``, ``json2`` or ``xmlrpc``."""

    @property
    def url(self) -> str:
        """The server's address without a closing slash."""

    @property
    def database(self) -> str: ...

    @property
    def uid(self) -> int:
        """The user's id in res.users."""

    def version(self, deadline: Deadline) -> ServerVersion:
        """What the server says it is; needs no login."""

    def send(self, call: Call, deadline: Deadline) -> Wire:
        """Send *call* once, return its result; never sends anything twice.

        Raises:
            NotSent: nothing reached the server.
            OutcomeUnknown: a call that may change something was sent, and no usable answer came.
            Refused: the server said no and rolled back.
            BadReply: a call that changes nothing was answered with something else, or not at all.
        """


def positional(call: Call) -> tuple[list[Wire], dict[str, Wire]]:
    """Positional and named arguments of *call* for ``execute_kw``.

    Arguments whose names differ between versions and overrides (``args`` became ``domain``) go by position, and with
    them those that stand before them; the rest goes by name, as given. Raises InvalidCall, see ``refuse_misuse``.
    """
    refuse_misuse(call)
    args: list[Wire] = [] if call.ids is None else [list(call.ids)]
    named = dict(call.arguments)
    places = _places(call)
    for index, argument in enumerate(places):
        given = [name for name in argument.names if name in named]
        if not given and not any(_has_many_names(later, named) for later in places[index:]):
            break
        args.append(named.pop(given[0]) if given else _UNGIVEN.get(argument.names[0]))
    if call.context:
        named["context"] = dict(call.context)
    return args, named


_UNGIVEN: Mapping[str, Wire] = {"name": ""}
"""What stands in a place that was left out before one that has to go by position; None elsewhere."""


def _has_many_names(argument: signatures.Argument, named: Mapping[str, Wire]) -> bool:
    return len(argument.names) > 1 and any(name in named for name in argument.names)


def by_newest_name(call: Call) -> dict[str, Wire]:
    """Arguments of *call* under the names of Odoo 19, as JSON-2 wants them; InvalidCall, see ``refuse_misuse``."""
    refuse_misuse(call)
    places = {name: argument for argument in _places(call) for name in argument.names}
    return {places[name].names[0] if name in places else name: value for name, value in call.arguments.items()}


def refuse_misuse(call: Call) -> None:
    """Return when *call* fits what is known of its method.

    Raises InvalidCall for ids where the method is the model's own, no ids where it is of records, an argument that is
    missing, or one given under two of its names. The older protocols would take ids for the first argument, and the
    newest would carry out a method of records on none of them.
    """
    known = call.signature
    if known is None:
        return
    if known.on == "model" and call.ids is not None:
        raise InvalidCall(f"{call.name} is a method of the model and takes no ids", advice="leave the ids out")
    if known.on == "records" and call.ids is None:
        raise without_ids(call)
    for argument in known.arguments:
        given = [name for name in argument.names if name in call.arguments]
        if len(given) > 1:
            raise InvalidCall(f"{call.name}: {' and '.join(given)} are two names of one argument", advice="give one")
        if argument.required and not given:
            raise needed_argument(call, argument.names[0])


def without_ids(call: Call) -> InvalidCall:
    """The error for a method of records that was called on the model."""
    return InvalidCall(f"{call.name} is a method of records and was given no ids", advice="name its records as ids")


def needed_argument(call: Call, name: str) -> InvalidCall:
    """The error for an argument that the method cannot do without."""
    names = sorted({name, *other_names(call, name)}, key=lambda known: (known != name, known))
    other = f", also called {', '.join(names[1:])} in other versions" if names[1:] else ""
    return InvalidCall(f"{call.name} needs the argument {names[0]}", advice=f"give {names[0]}{other}")


def no_such_argument(call: Call, name: str, known: tuple[str, ...] = ()) -> InvalidCall:
    """The error for an argument that the method does not have; *known* are those it has, where the server told."""
    takes = f"it takes {', '.join(known)}" if known else "check the name for this version of Odoo"
    return InvalidCall(f"{call.name} does not take the argument {name}", advice=takes)


def _places(call: Call) -> tuple[signatures.Argument, ...]:
    return call.signature.arguments if call.signature else ()


def other_names(call: Call, name: str) -> tuple[str, ...]:
    """The other names that the argument *name* has in overrides and other versions."""
    place = call.signature.place(name) if call.signature else None
    return tuple(other for other in place.names if other != name) if place else ()
