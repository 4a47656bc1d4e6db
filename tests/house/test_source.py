"""What stands in no source file: floats where money is, code that runs data, prints, empty handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import modules, place, tree

WIRE = ("odoo.codec", "sandbox")
"""The only places where amounts are floats: the wire codec, and the double of a foreign server."""

WAITING = ("odoo.client", "odoo.faults", "odoo.limiter", "odoo.once", "odoo.transport.deadline", "odoo.transport.http")
"""How long to wait and how to spread it: seconds as the standard library and tenacity count them, never amounts."""

CORE = ("errors", "money", "banking", "billing", "pipeline", "migration", "report")


def sources(*, without: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> list[Path]:
    def inside(name: str, parts: tuple[str, ...]) -> bool:
        return any(name == part or name.startswith(part + ".") for part in parts)

    return [path for name, path in modules().items() if not inside(name, without) and (not only or inside(name, only))]


def seconds(node: ast.AST) -> Iterator[ast.AST]:
    """Values that *node* binds to a name that ends in _s: a number of seconds, not of money."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        positional = [*node.args.posonlyargs, *node.args.args]
        pairs: list[tuple[ast.arg, ast.expr | None]] = [*zip(positional[::-1], node.args.defaults[::-1], strict=False)]
        pairs += [
            (name, value) for name, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value
        ]
        yield from (value for name, value in pairs if name.arg.lower().endswith("_s"))
    elif isinstance(node, ast.keyword) and node.arg and node.arg.lower().endswith("_s"):
        yield node.value
    elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if all(isinstance(target, (ast.Name, ast.Attribute)) for target in targets):
            names = [target.id if isinstance(target, ast.Name) else target.attr for target in targets]  # type: ignore[union-attr]
            if all(name.lower().endswith("_s") for name in names):
                yield node.value


def floats(path: Path) -> list[str]:
    allowed = {id(part) for node in ast.walk(tree(path)) for value in seconds(node) for part in ast.walk(value)}
    found = []
    for node in ast.walk(tree(path)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, (float, complex))
        call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "complex")
        if (literal or call) and id(node) not in allowed:
            found.append(place(path, node.lineno))
    return found


def test_no_float_is_written_outside_the_wire_codec() -> None:
    assert [where for path in sources(without=WIRE + WAITING) for where in floats(path)] == []


def test_core_knows_floats_only_to_refuse_them() -> None:
    """The bare word ``float`` stands in the core only as an argument of isinstance or as a number of seconds."""
    assert [where for path in sources(only=CORE) for where in float_words(path)] == []


def float_words(path: Path) -> list[str]:
    """Where *path* says ``float``, but for what the test above allows."""
    allowed = {
        id(part)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
        for part in ast.walk(node)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", "")
            if name.endswith("_s"):
                allowed.update(id(part) for part in ast.walk(node.annotation))
    return [
        place(path, node.lineno)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name) and node.id == "float" and id(node) not in allowed
    ]


def test_float_test_sees_a_float() -> None:
    module = ast.parse("rate = 0.5\ndef f(wait_s=1.5, share=0.25): return float('1')")
    allowed = {id(value) for node in ast.walk(module) for value in seconds(node)}
    literals = [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and id(node) not in allowed
    ]
    assert sorted(literals) == [0.25, 0.5]


def test_no_data_is_run_as_code() -> None:
    names = {"eval", "exec", "compile", "__import__"}
    assert [where for path in sources() for where in calls_of(path, names)] == []


def test_only_the_command_prints() -> None:
    silent = [path for path in sources(without=("cli",)) if path.name != "__main__.py"]
    assert [where for path in silent for where in calls_of(path, {"print"})] == []


def calls_of(path: Path, names: set[str]) -> list[str]:
    """Where *path* calls a built-in function of *names*."""
    return [
        place(path, node.lineno)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


BROAD = {"Exception", "BaseException", "OSError", "OimkitError", "OdooError", "Refused", "InputError", "NotSent"}
"""Classes so wide that a handler which only passes would hide what nobody thought of."""


def test_every_handler_names_what_it_catches() -> None:
    assert [place(path, handler.lineno) for path, handler in handlers() if handler.type is None] == []


def test_no_handler_swallows_an_error_unseen() -> None:
    """A handler of a broad class that only passes says why in a comment beside it."""
    assert [place(path, handler.lineno) for path, handler in handlers() if swallows(path, handler)] == []


def handlers() -> Iterator[tuple[Path, ast.ExceptHandler]]:
    for path in sources():
        yield from ((path, node) for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler))


def swallows(path: Path, handler: ast.ExceptHandler) -> bool:
    caught = {name.id for name in ast.walk(handler.type or ast.Pass()) if isinstance(name, ast.Name)}
    if not caught & BROAD or not all(isinstance(step, ast.Pass) for step in handler.body):
        return False
    lines = path.read_text(encoding="utf-8").splitlines()
    return "#" not in " ".join(lines[handler.lineno - 2 : handler.body[0].lineno + 1])


def test_init_holds_nothing_but_names() -> None:
    packages = [path for path in sources() if path.name == "__init__.py" and path.parent.name != "oimkit"]
    assert [place(path, node.lineno) for path in packages for node in tree(path).body if not is_about_names(node)] == []


def is_about_names(node: ast.stmt) -> bool:
    """True for a docstring, an import, ``__all__``, and what loads a name when it is first asked for."""
    documented = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    names = isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["__all__"]
    lazily = isinstance(node, ast.FunctionDef) and node.name == "__getattr__"
    typed = isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
    return documented or names or lazily or typed or isinstance(node, (ast.Import, ast.ImportFrom))


def test_module_says_what_it_is_for() -> None:
    silent = [path for path in sources() if not ast.get_docstring(tree(path)) and path.name != "__init__.py"]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "tools"}
    assert [name for name in modules() if name.split(".")[-1] in empty] == []
