"""Which methods of a model a client may call, and how their arguments are bound."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from oimkit.sandbox.refusals import AccessError, Foreign, NotFound, Unprocessable

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["Entry", "call_json2", "call_legacy", "entry_points", "public"]

Kind = Literal["model", "multi"]
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Entry:
    """One callable method: on the model itself (``model``) or on given records (``multi``), from/to which version."""

    name: str
    kind: Kind
    since: int
    until: int
    function: Callable[..., Any]


_ENTRIES: dict[type, Sequence[Entry]] = {}


def public(kind: Kind, *, name: str = "", since: int = 0, until: int = 999) -> Callable[[Function], Function]:
    """Mark a method as callable by clients; *since* and *until* are versions, both included."""

    def mark(function: Function) -> Function:
        entry = Entry(name or function.__name__, kind, since, until, function)
        function.__dict__["rpc_entry"] = entry
        return function

    return mark


def entry_points(cls: type) -> Sequence[Entry]:
    """The entries of *cls*, an override keeping the mark of what it overrides."""
    known = _ENTRIES.get(cls)
    if known is not None:
        return known
    found: dict[str, Entry] = {}
    for base in reversed(cls.__mro__):
        for attribute, function in vars(base).items():
            entry = getattr(function, "rpc_entry", None)
            if entry is not None:
                found[attribute] = entry
            elif attribute in found and callable(function):
                old = found[attribute]
                found[attribute] = Entry(old.name, old.kind, old.since, old.until, function)
    return _ENTRIES.setdefault(cls, tuple(found.values()))


def call_legacy(model: Model, method: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """The result of ``execute_kw``: ids, if the method wants them, are the first positional argument."""
    entry = _public_entry(model, method)
    if entry is None:
        words = f"The method '{model.name}.{method}' does not exist"
        if not model.env.has("newer_orm_texts"):
            words = f"type object '{model.name}' has no attribute '{method}'"
        raise Foreign("builtins.AttributeError", words)
    rest = list(arguments)
    if entry.kind == "multi":
        rest = [_ids(rest[0]) if rest else (), *rest[1:]]
    return _bound(entry, model, rest, named, _type_error)


def call_json2(model: Model, method: str, ids: Any, named: Mapping[str, Any]) -> Any:
    """The result of ``/json/2/<model>/<method>``: named arguments only, ids apart."""
    entry = _public_entry(model, method)
    if entry is None:
        raise NotFound(f"The method '{model.name}.{method}' does not exist")
    if entry.kind == "model" and ids:
        raise Unprocessable(f"cannot call {model.name}.{method} with ids")
    positional = [_ids(ids)] if entry.kind == "multi" else []
    return _bound(entry, model, positional, named, Unprocessable)


def _public_entry(model: Model, method: str) -> Entry | None:
    if method.startswith("_"):
        words = f"Private methods (such as '{model.name}.{method}') cannot be called remotely."
        raise AccessError(
            words
            if model.env.has("newer_orm_texts")
            else f"Private methods (such as {method}) cannot be called remotely."
        )
    version = model.env.version
    for entry in entry_points(type(model)):
        if entry.name == method and entry.since <= version <= entry.until:
            return entry
    return None


def _ids(value: Any) -> tuple[int, ...]:
    if value is None or value is False:
        return ()
    if isinstance(value, (list, tuple)):
        return tuple(int(item) for item in value)
    return (int(value),)


def _type_error(message: str) -> Foreign:
    return Foreign("builtins.TypeError", message)


def _bound(
    entry: Entry,
    model: Model,
    positional: Sequence[Any],
    named: Mapping[str, Any],
    refusal: Callable[[str], Foreign],
) -> Any:
    try:
        inspect.signature(entry.function).bind(model, *positional, **named)
    except TypeError as error:
        raise refusal(str(error)) from None
    return entry.function(model, *positional, **named)
