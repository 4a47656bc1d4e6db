"""What a server of Odoo 19 or later says about its own methods, asked only where the table of signatures ends.

``GET /doc-bearer/<model>.json`` answers one JSON object per model: ``methods`` maps each public method to its
``parameters`` (name to ``default`` and ``kind``; the kinds seen are ``KEYWORD_ONLY``, ``VAR_POSITIONAL`` and
``VAR_KEYWORD``) and to ``api``, which holds ``model`` for a method of the model itself. Measured on 19.0: 0.7 s and
200 KB for res.partner; 403 for users without the group "Technical Documentation", 404 for an unknown model, and where
the module api_doc is not installed. Deprecated and private methods are left out though some of them answer, so that
absence here proves nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from oimkit.errors import OdooError
from oimkit.odoo.codec import Wire, parse_json
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import Reply

__all__ = ["Described", "Documentation"]


@dataclass(frozen=True, slots=True)
class Described:
    """One method in the server's words.

    names     its arguments, in their order
    required  those without a default
    of_model  True for a method of the model itself, False for one of records
    open      True when it takes further arguments by name
    """

    names: tuple[str, ...]
    required: tuple[str, ...]
    of_model: bool
    open: bool


class Asks(Protocol):
    """Sends one GET of a path and returns the reply, whatever its status."""

    def __call__(self, path: str, deadline: Deadline) -> Reply: ...


@dataclass(slots=True)
class Documentation:
    """The pages asked for so far, one a model; None for a model that the server tells nothing about.

    Threads may share it; two that ask for the same model at the same time ask twice.
    """

    ask: Asks
    is_closed: bool = False
    _pages: dict[str, Mapping[str, Described] | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def method(self, model: str, method: str, deadline: Deadline) -> Described | None:
        """What the server says about *method*, or None when it says nothing, to this user or to anyone."""
        with self._lock:
            if self.is_closed:
                return None
            known = model in self._pages
            page = self._pages.get(model)
        if not known:
            page = self._read(model, deadline)
        return None if page is None else page.get(method)

    def _read(self, model: str, deadline: Deadline) -> Mapping[str, Described] | None:
        try:
            reply = self.ask(f"/doc-bearer/{model}.json", deadline)
            page = _methods(parse_json(reply.body)) if reply.status == 200 and reply.is_json else None
        except OdooError:  # it only helps to refuse earlier: the call itself will tell what is wrong
            return None
        with self._lock:
            if reply.status == 403:
                self.is_closed = True
            self._pages[model] = page
        return page


def _methods(told: Wire) -> Mapping[str, Described] | None:
    methods = told.get("methods") if isinstance(told, dict) else None
    if not isinstance(methods, dict):
        return None
    read = {name: _described(method) for name, method in methods.items()}
    return {name: method for name, method in read.items() if method is not None}


def _described(method: Wire) -> Described | None:
    parameters = method.get("parameters") if isinstance(method, dict) else None
    if not isinstance(parameters, dict):
        return None
    marks = method.get("api", [])
    kinds = {name: _kind(parameter) for name, parameter in parameters.items()}
    named = tuple(name for name, kind in kinds.items() if not kind.startswith("VAR_"))
    required = tuple(name for name in named if "default" not in parameters[name])
    of_model = isinstance(marks, list) and "model" in marks
    return Described(named, required, of_model, open="VAR_KEYWORD" in kinds.values())


def _kind(parameter: Wire) -> str:
    return str(parameter.get("kind", "")) if isinstance(parameter, dict) else ""
