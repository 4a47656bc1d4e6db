"""What has changed on a server since models were generated from it, as far as programs can notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from oimkit.odoo.codegen.survey import FieldFacts, ModelFacts, Survey

__all__ = ["Change", "ChangeKind", "compare"]


class ChangeKind(StrEnum):
    """What happened to a model or a field; a model and a field that are new break nothing."""

    MODEL_GONE = "model gone"
    MODEL_NEW = "model new"
    GONE = "field gone"
    NEW = "field new"
    TYPE = "type"
    RELATION = "relation"
    SELECTION = "selection"
    REQUIRED = "required"
    READONLY = "readonly"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: ``was`` and ``now`` are types, relations, values or yes and no, in words."""

    model: str
    field: str | None
    kind: ChangeKind
    was: str = ""
    now: str = ""

    @property
    def text(self) -> str:
        """One line for a person: ``res.partner.mobile: field gone``."""
        place = self.model if self.field is None else f"{self.model}.{self.field}"
        if self.kind is ChangeKind.SELECTION:
            return f"{place}: selection, {self.was or 'nothing'} went, {self.now or 'nothing'} came"
        told = f", was {self.was}, is {self.now}" if self.was or self.now else ""
        return f"{place}: {self.kind}{told}"


def compare(before: Survey, now: Survey, models: Iterable[str] | None = None) -> tuple[Change, ...]:
    """Changes from *before* to *now* in the models of *before*, or in *models* of them; in the order of their names."""
    wanted = None if models is None else frozenset(models)
    there = now.by_name
    changes: list[Change] = []
    for model in before.models:
        if wanted is not None and model.name not in wanted:
            continue
        if model.name in there:
            changes += _of_model(model, there[model.name])
        else:
            changes.append(Change(model.name, None, ChangeKind.MODEL_GONE))
    changes += (
        Change(name, None, ChangeKind.MODEL_NEW)
        for name in before.missing
        if name in there and (wanted is None or name in wanted)
    )
    return tuple(sorted(changes, key=lambda change: (change.model, change.field or "", change.kind)))


def _of_model(before: ModelFacts, now: ModelFacts) -> Iterator[Change]:
    there = now.by_name
    for field in before.fields:
        if field.name in there:
            yield from _of_field(before.name, field, there[field.name])
        else:
            yield Change(before.name, field.name, ChangeKind.GONE)
    known = before.by_name
    yield from (Change(now.name, name, ChangeKind.NEW) for name in there if name not in known)


def _of_field(model: str, was: FieldFacts, now: FieldFacts) -> Iterator[Change]:
    if was.type != now.type:
        yield Change(model, was.name, ChangeKind.TYPE, was.type, now.type)
    elif was.type == "binary" and was.stored != now.stored:  # a stored one is text, another one anything
        yield Change(model, was.name, ChangeKind.TYPE, _binary(was), _binary(now))
    if was.relation != now.relation:
        yield Change(model, was.name, ChangeKind.RELATION, was.relation or "none", now.relation or "none")
    if was.type == now.type:
        yield from _of_selection(model, was, now)
    if was.required != now.required:
        yield Change(model, was.name, ChangeKind.REQUIRED, _yes(was.required), _yes(now.required))
    if was.readonly != now.readonly:
        yield Change(model, was.name, ChangeKind.READONLY, _yes(was.readonly), _yes(now.readonly))


def _of_selection(model: str, was: FieldFacts, now: FieldFacts) -> Iterator[Change]:
    """Values that went and came; their order and their labels are no change."""
    if was.selection is None or now.selection is None:
        if was.selection is not now.selection:
            yield Change(model, was.name, ChangeKind.TYPE, _selection(was), _selection(now))
        return
    went = [repr(value) for value in was.selection if value not in now.selection]
    came = [repr(value) for value in now.selection if value not in was.selection]
    if went or came:
        yield Change(model, was.name, ChangeKind.SELECTION, ", ".join(went), ", ".join(came))


def _binary(field: FieldFacts) -> str:
    return "stored binary" if field.stored else "computed binary"


def _selection(field: FieldFacts) -> str:
    return "any text" if field.selection is None else f"{len(field.selection)} values"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
