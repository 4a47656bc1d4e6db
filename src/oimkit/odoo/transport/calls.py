"""One call of a model's method, and what carries it to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from oimkit.errors import InputError
from oimkit.odoo.codec import Wire, refuse_unwireable
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.version import ServerVersion

__all__ = ["READS", "Call", "Transport", "Wire", "positional"]

READS = frozenset(
    {
        "check_access_rights",
        "check_object_reference",
        "context_get",
        "default_get",
        "exists",
        "export_data",
        "fields_get",
        "fields_view_get",
        "formatted_read_group",
        "get_external_id",
        "get_metadata",
        "get_param",
        "get_view",
        "get_views",
        "has_access",
        "has_group",
        "name_get",
        "name_search",
        "read",
        "read_group",
        "search",
        "search_count",
        "search_fetch",
        "search_read",
        "user_has_groups",
        "web_read",
        "web_search_read",
        "web_read_group",
    }
)
"""Methods that change nothing: they may be asked again when an answer is lost."""

_SIGNATURES: dict[str, tuple[tuple[str, ...], ...]] = {
    # Each place of the positional order, with the names it has had; the first is the one of Odoo 19.
    "search": (("domain", "args"), ("offset",), ("limit",), ("order",)),
    "search_read": (("domain",), ("fields",), ("offset",), ("limit",), ("order",)),
    "search_count": (("domain", "args"),),
    "read": (("fields",), ("load",)),
    "create": (("vals_list", "vals", "values"),),
    "write": (("vals", "values"),),
    "unlink": (),
    "copy": (("default",),),
    "load": (("fields",), ("data",)),
    "export_data": (("fields_to_export",),),
    "fields_get": (("allfields",), ("attributes",)),
    "default_get": (("fields", "fields_list"),),
    "name_search": (("name",), ("domain", "args"), ("operator",), ("limit",)),
    "name_create": (("name",),),
    "read_group": (("domain",), ("fields",), ("groupby",)),
    "get_param": (("key",), ("default",)),
    "check_object_reference": (("module",), ("xml_id",), ("raise_on_access_error",)),
    "check_access_rights": (("operation",), ("raise_exception",)),
    "has_group": (("group_ext_id",),),
    "message_post": (),
}


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
        refuse_unwireable(self.arguments)
        refuse_unwireable(self.context, "context")

    @property
    def changes(self) -> bool:
        """True when the call may change something on the server; the service ``common`` (version, login) does not."""
        return self.method not in READS and self.model != "common"

    @property
    def name(self) -> str:
        """The call for messages: ``res.partner.write``."""
        return f"{self.model}.{self.method}"

    def __repr__(self) -> str:
        return f"<call {self.name} on {len(self.ids or ())} records, arguments {', '.join(self.arguments) or 'none'}>"


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

    Leading arguments of the methods every model has go by position, because their names differ between
    versions (``args`` became ``domain``); the rest goes by name, as given.
    """
    args: list[Wire] = [] if call.ids is None else [list(call.ids)]
    named = dict(call.arguments)
    for names in _SIGNATURES.get(call.method, ()):
        given = [name for name in names if name in named]
        if not given:
            break
        args.append(named.pop(given[0]))
    if call.context:
        named["context"] = dict(call.context)
    return args, named


def by_newest_name(call: Call) -> dict[str, Wire]:
    """Arguments of *call* under the names of Odoo 19, as JSON-2 wants them."""
    renamed = {old: names[0] for names in _SIGNATURES.get(call.method, ()) for old in names[1:]}
    return {renamed.get(name, name): value for name, value in call.arguments.items()}


def other_name(method: str, name: str) -> tuple[str, ...]:
    """The other names that the argument *name* of *method* has in overrides and other versions."""
    for names in _SIGNATURES.get(method, ()):
        if name in names:
            return tuple(other for other in names if other != name)
    return ()
