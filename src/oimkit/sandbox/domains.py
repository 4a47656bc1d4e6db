"""Search domains: the prefix notation of '&', '|', '!' and (path, operator, value), as a test on rows.

``compile_domain`` gives a test and, where the domain allows it, a set of candidate ids from the indexes, so that a
look-up by id, key or parent does not walk the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.profile import Field
from oimkit.sandbox.refusals import Foreign
from oimkit.sandbox.store import Row
from oimkit.sandbox.values import as_decimal

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["compile_domain", "mentions"]

Test = Callable[[Row], bool]
Narrowed = tuple[Test, set[int] | None]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_TEXT = ("like", "ilike", "not like", "not ilike", "=like", "=ilike", "not =like", "not =ilike")
_TREE = ("child_of", "parent_of")
_ANY = ("any", "not any")
_OPERATORS = ("=", "!=", "<>", "==", "in", "not in", "=?", *_COMPARE, *_TEXT, *_TREE)


def mentions(domain: Sequence[Any], field: str) -> bool:
    """Whether a leaf of *domain* names *field* itself."""
    return any(isinstance(leaf, (list, tuple)) and len(leaf) == 3 and leaf[0] == field for leaf in domain)


def compile_domain(model: Model, domain: Sequence[Any]) -> Narrowed:
    """The test of *domain* on rows of *model*, and candidate ids or None for every row.

    Raises Foreign (ValueError) for an unknown field or operator, as the server does.
    """
    stack: list[Narrowed] = []
    for part in reversed(list(domain)):
        if part in ("&", "|"):
            if len(stack) < 2:
                raise _malformed(domain)
            left, right = stack.pop(), stack.pop()
            stack.append(_both(left, right) if part == "&" else _either(left, right))
        elif part == "!":
            if not stack:
                raise _malformed(domain)
            stack.append(_negated(stack.pop()))
        else:
            stack.append(_leaf(model, part))
    whole: Narrowed = (lambda row: True, None)
    while stack:
        whole = _both(whole, stack.pop())
    return whole


def _malformed(domain: Sequence[Any]) -> Foreign:
    return Foreign("builtins.ValueError", f"Domain {list(domain)!r} is malformed")


def _both(left: Narrowed, right: Narrowed) -> Narrowed:
    (test_a, ids_a), (test_b, ids_b) = left, right
    ids = ids_a if ids_b is None else ids_b if ids_a is None else ids_a & ids_b
    return (lambda row: test_a(row) and test_b(row)), ids


def _either(left: Narrowed, right: Narrowed) -> Narrowed:
    (test_a, ids_a), (test_b, ids_b) = left, right
    ids = ids_a | ids_b if ids_a is not None and ids_b is not None else None
    return (lambda row: test_a(row) or test_b(row)), ids


def _negated(inner: Narrowed) -> Narrowed:
    test, _ids = inner
    return (lambda row: not test(row)), None


def _leaf(model: Model, token: Any) -> Narrowed:
    if not isinstance(token, (list, tuple)) or len(token) != 3:
        raise _bad_leaf(model, token)
    path, operator, value = token
    if path in (0, 1) and operator == "=":  # the server's own TRUE (1, '=', 1) and FALSE (0, '=', 1) leaves
        return (lambda row: path == value), None
    if operator not in _OPERATORS and not (operator in _ANY and model.env.has("any_operator")):
        raise _bad_leaf(model, token)
    operator = {"<>": "!=", "==": "="}.get(operator, operator)
    name, _dot, rest = str(path).partition(".")
    field = model.fields.get(name)
    if field is None:
        raise _unknown_field(model, name, token)
    if rest:
        if not field.relation:
            raise _unknown_field(model, str(path), token)
        return _linked(model, field, model.env[field.relation].matching([(rest, operator, value)]))
    if operator in _ANY:
        inner = _linked(model, field, model.env[field.relation or ""].matching(value))
        return inner if operator == "any" else _negated(inner)
    if operator == "=?":
        if value in (False, None):
            return (lambda row: True), None
        operator = "="
    if operator in _TREE:
        return _in_tree(model, field, operator, value)
    if field.relation and (field.type == "many2one" or field.is_x2many):
        return _relational(model, field, operator, value)
    return _scalar(model, field, operator, value)


def _bad_leaf(model: Model, token: Any) -> Foreign:
    shown = tuple(token) if isinstance(token, (list, tuple)) else token
    words = f"Invalid operator in condition {shown!r}" if model.env.has("domain_texts") else f"Invalid leaf {shown!r}"
    return Foreign("builtins.ValueError", words)


def _unknown_field(model: Model, name: str, token: Any) -> Foreign:
    word = "condition" if model.env.has("domain_texts") else "leaf"
    return Foreign("builtins.ValueError", f"Invalid field {model.name}.{name} in {word} {tuple(token)!r}")


def _linked(model: Model, field: Field, targets: set[int]) -> Narrowed:
    """Rows whose *field* leads to one of *targets*."""
    if field.type == "many2one":
        if model.is_plain(field.name):
            return (lambda row: row.get(field.name) in targets), model.table.ids_where(field.name, targets)
        return (lambda row: model.get(row, field.name) in targets), None
    return (lambda row: not targets.isdisjoint(model.get(row, field.name))), None


def _relational(model: Model, field: Field, operator: str, value: Any) -> Narrowed:
    known = field.relation in model.env.profile.models
    negative = operator in ("!=", "not in", "not like", "not ilike", "not =like", "not =ilike")
    if operator in ("in", "not in", "=", "!="):
        wanted = list(value) if isinstance(value, (list, tuple)) else [value]
        names = [item for item in wanted if isinstance(item, str)]
        ids = {int(item) for item in wanted if isinstance(item, (int, Decimal)) and not isinstance(item, bool)}
        for name in names:
            ids |= model.env[field.relation or ""].named(name, "=")
        # An empty value matches False; `('partner_id', '=', True)` asks for any value, as the server reads it.
        with_empty = any(item is False or item is None for item in wanted)
        if known and any(item is True for item in wanted):
            ids |= set(model.env[field.relation or ""].table.rows)
        test, narrowed = _linked(model, field, ids)
        if with_empty:
            plain = test
            test, narrowed = (lambda row: not model.get(row, field.name) or plain(row)), None
    else:
        comodel = model.env[field.relation or ""]
        test, narrowed = _linked(model, field, comodel.named(str(value or ""), operator.removeprefix("not ")))
    return (test, narrowed) if not negative else _negated((test, narrowed))


def _in_tree(model: Model, field: Field, operator: str, value: Any) -> Narrowed:
    comodel = model if field.name == "id" else model.env[field.relation or ""]
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    ids: set[int] = set()
    for item in items:
        ids |= comodel.named(item, "ilike") if isinstance(item, str) else {int(item)}
    found = comodel.descendants(ids) if operator == "child_of" else comodel.ancestors(ids)
    if field.name == "id":
        return (lambda row: row["id"] in found), found
    return _linked(model, field, found)


def _scalar(model: Model, field: Field, operator: str, value: Any) -> Narrowed:
    def get(row: Row) -> Any:
        return model.get(row, field.name)

    if operator in _TEXT:
        return _text(get, operator, value)
    if operator in _COMPARE:
        wanted, compare = _comparable(field, value), _COMPARE[operator]
        return (lambda row: _ordered(get(row), wanted, compare)), None
    wanted_values = value if isinstance(value, (list, tuple)) else [value]
    keys = {_comparable(field, item) for item in wanted_values}
    if field.type == "boolean":
        keys = {bool(key) for key in keys}
    narrowed: set[int] | None = None
    if field.name == "id":
        narrowed = {key for key in keys if isinstance(key, int)} & model.table.rows.keys()
    elif model.is_plain(field.name) and field.type in ("char", "selection", "date", "integer", "many2one_reference"):
        narrowed = model.table.ids_where(field.name, keys | ({None} if keys & {0, None, ""} else set()))
    if operator in ("=", "in"):
        return (lambda row: _key(get(row)) in keys), narrowed
    return (lambda row: _key(get(row)) not in keys), None


def _key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _comparable(field: Field, value: Any) -> Any:
    """*value* of a leaf as it would be kept in *field*."""
    if field.type in ("float", "monetary"):
        try:
            return as_decimal(value)
        except ValueError:
            return value
    if field.type == "integer" and not isinstance(value, str):
        return int(value or 0)
    if value is False or value is None or value == "":
        return False if field.type == "boolean" else None
    if field.type == "datetime" and isinstance(value, str) and len(value) == 10:
        return value + " 00:00:00"
    return value if not isinstance(value, Decimal) else int(value)


def _ordered(kept: Any, wanted: Any, compare: Callable[[Any, Any], bool]) -> bool:
    if kept is None or wanted is None:
        return False
    try:
        return compare(kept, wanted)
    except TypeError:
        return False


def _text(get: Callable[[Row], Any], operator: str, value: Any) -> Narrowed:
    negative = operator.startswith("not ")
    operator = operator.removeprefix("not ")
    text = "" if value in (False, None) else str(value)
    pattern = text if operator.startswith("=") else f"%{text}%"
    flags = re.DOTALL | (re.IGNORECASE if operator.endswith("ilike") else 0)
    matches = re.compile(_like(pattern), flags).fullmatch

    def test(row: Row) -> bool:
        kept = get(row)
        found = bool(matches(str(kept))) if kept not in (None, False) else text == ""
        return found is not negative

    return test, None


def _like(pattern: str) -> str:
    parts, escaped = [], False
    for letter in pattern:
        if escaped:
            parts.append(re.escape(letter))
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            parts.append({"%": ".*", "_": "."}.get(letter) or re.escape(letter))
    return "".join(parts)
