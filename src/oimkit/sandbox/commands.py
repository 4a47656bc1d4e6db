"""x2many commands: (0,_,values) create, (1,id,values) change, (2,id) delete, (3,id) unlink, (4,id) link, (5) unlink
all, (6,_,ids) replace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.profile import Field
from oimkit.sandbox.refusals import Foreign

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["apply_commands", "new_values", "normalised"]

Command = tuple[int, int, Any]


def normalised(value: Any) -> list[Command]:
    """*value* as a list of full commands; ids alone mean "these and no others", False means none."""
    if value is False or value is None:
        return [(5, 0, 0)]
    items = list(value)
    if all(isinstance(item, int) for item in items):
        return [(6, 0, [int(item) for item in items])]
    return [_full(item) for item in items]


def _full(item: Any) -> Command:
    if isinstance(item, int):
        return (4, item, 0)
    if not isinstance(item, (list, tuple)) or not item or item[0] not in range(7):
        raise Foreign("builtins.ValueError", f"Wrong value for an x2many field: {item!r}")
    code, id_, rest = (*item, 0, 0)[:3] if len(item) < 3 else tuple(item[:3])
    return (int(code), int(id_ or 0), rest)


def new_values(commands: Sequence[Command]) -> list[dict[str, Any]]:
    """The values of the records that *commands* would create."""
    return [dict(rest) for code, _id, rest in commands if code == 0]


def apply_commands(model: Model, id_: int, field: Field, value: Any) -> None:
    """Carry the commands of *field* out for the record *id_* of *model*, in their order."""
    for command in normalised(value):
        if field.type == "one2many":
            _one2many(model, id_, field, command)
        else:
            _many2many(model, id_, field, command)


def _one2many(model: Model, id_: int, field: Field, command: Command) -> None:
    code, child, rest = command
    comodel, inverse = model.env[field.relation or ""], field.relation_field or ""
    if code == 0:
        comodel.new({**dict(rest), inverse: id_})
    elif code == 1:
        comodel.modify([child], dict(rest))
    elif code == 2:
        comodel.remove([child])
    elif code == 3:
        _release(model, field, [child])
    elif code == 4:
        if comodel.row(child).get(inverse) != id_:
            comodel.modify([child], {inverse: id_})
    else:
        kept = [int(item) for item in rest or []] if code == 6 else []
        _release(model, field, [child for child in model.get(model.row(id_), field.name) if child not in kept])
        for child in kept:
            _one2many(model, id_, field, (4, child, 0))


def _release(model: Model, field: Field, children: Sequence[int]) -> None:
    """Take *children* out of the list: deleted where they cannot be without a parent."""
    comodel, inverse = model.env[field.relation or ""], field.relation_field or ""
    if not children:
        return
    if comodel.fields[inverse].required or comodel.owned_through(inverse):
        comodel.remove(list(children))
    else:
        comodel.modify(list(children), {inverse: False})


def _many2many(model: Model, id_: int, field: Field, command: Command) -> None:
    code, target, rest = command
    comodel = model.env[field.relation or ""]
    linked = list(model.get(model.row(id_), field.name))
    if code == 0:
        linked.append(comodel.new(dict(rest)))
    elif code == 1:
        comodel.modify([target], dict(rest))
    elif code == 2:
        comodel.remove([target])
        linked = [item for item in linked if item != target]
    elif code == 3:
        linked = [item for item in linked if item != target]
    elif code == 4:
        comodel.row(target)
        linked = linked if target in linked else [*linked, target]
    else:
        linked = [int(item) for item in rest or []] if code == 6 else []
    model.set_links(id_, field.name, linked)
