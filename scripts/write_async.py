"""Write src/oimkit/odoo/aio.py: the async twin of every public method of ``Odoo``, with the same parameters.

    python scripts/write_async.py

A test compares the file with what this script makes of the present client, so a method that is added to ``Odoo`` asks
for one run of it. Nothing is decided here but which thread a method runs in; the logic stays the client's.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "src" / "oimkit" / "odoo" / "client.py"
CONNECTING = ROOT / "src" / "oimkit" / "odoo" / "connecting.py"
TARGET = ROOT / "src" / "oimkit" / "odoo" / "aio.py"

READS = frozenset(
    [
        *("count", "encoded", "group", "open_attachment", "prefetch", "read", "search", "search_read", "server_key"),
        *("with_company", "with_language"),
    ]
)
"""Methods that change nothing: when cancelled they are left at once. Any other is waited for."""

INSTANT = frozenset(["with_context", "with_timezone", "with_archived"])
"""Methods that ask no server: they stay plain."""

SINGLE = frozenset(["pages"])
"""Streams whose items are large, so that none is read before it is asked for."""

HEAD = '''"""The async client: every method of ``Odoo`` under its own name, awaited.

Made by scripts/write_async.py; not edited by hand. What a cancellation means is said in ``oimkit.odoo.threads``.
"""

from __future__ import annotations
'''


def main() -> int:
    TARGET.write_text(written(), encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "-q", "--fix", "--select", "I,F401", str(TARGET)], check=True)
    subprocess.run([*ruff, "format", "-q", str(TARGET)], check=True)
    return 0


def written() -> str:
    """The text of the module, not yet formatted."""
    client, connecting = (ast.parse(path.read_text(encoding="utf-8")) for path in (CLIENT, CONNECTING))
    odoo = next(node for node in client.body if isinstance(node, ast.ClassDef) and node.name == "Odoo")
    methods = [node for node in odoo.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    opening = next(node for node in connecting.body if isinstance(node, ast.FunctionDef) and node.name == "connect")
    used = {name for node in (*methods, opening) for name in names_in(node)}
    body = "\n\n".join("\n".join(f"    {line}" if line else "" for line in twin(node).splitlines()) for node in methods)
    fields = "\n\n".join(
        f"    @property\n    def {name}(self) -> {annotation}:\n        return self.odoo.{name}"
        for name, annotation in fields_of(odoo)
    )
    used |= {part for _, annotation in fields_of(odoo) for part in names_in(ast.parse(annotation))}
    return (
        f"{HEAD}\n{imports(client, connecting, used)}\n"
        '__all__ = ["AsyncOdoo", "connect"]\n\n'
        f"{variables(client, used)}\n\n"
        f"{connect_twin(opening)}\n\n\n"
        "class AsyncOdoo(InThreads):\n"
        '    """One user\'s view of one database, for an event loop; made by ``oimkit.odoo.aio.connect``."""\n\n'
        f"{fields}\n\n{body}\n"
    )


def fields_of(odoo: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for node in odoo.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and not node.target.id.startswith("_"):
            yield node.target.id, ast.unparse(node.annotation)


def names_in(node: ast.AST) -> set[str]:
    """Names that the annotations and defaults of *node* use."""
    parts: list[ast.AST] = [node]
    if isinstance(node, ast.FunctionDef):
        parts = [node.args, *([node.returns] if node.returns else [])]
    return {name.id for part in parts for name in ast.walk(part) if isinstance(name, ast.Name)}


def imports(client: ast.Module, connecting: ast.Module, used: set[str]) -> str:
    """The imports of what the signatures use: for type checkers only, but for the defaults' values."""
    defaults = set()
    for module, owner in ((client, "Odoo"), (connecting, None)):
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef) and (owner or node.name == "connect"):
                values = [*node.args.defaults, *(value for value in node.args.kw_defaults if value)]
                defaults |= {name.id for value in values for name in ast.walk(value) if isinstance(name, ast.Name)}
    always, typed = [], []
    seen: set[str] = set()
    variables_used = names_of_variables(client, used)
    for module in (client, connecting):
        for node in ast.walk(module):
            if not isinstance(node, (ast.ImportFrom, ast.Import)):
                continue
            for alias in node.names:
                name = alias.asname or alias.name
                if name in seen or name in ("annotations", "TYPE_CHECKING"):
                    continue
                source = (
                    f"from {node.module} import {alias.name}" if isinstance(node, ast.ImportFrom) else f"import {name}"
                )
                if name in used & defaults or name in variables_used or name == "overload":
                    seen.add(name)
                    always.append(source)
                elif name in used and name != "Odoo":
                    seen.add(name)
                    typed.append(source)
    always += ["from functools import partial", "from typing import TYPE_CHECKING"]
    always += ["from oimkit.odoo.threads import AsyncStream, InThreads, in_thread"]
    always += ["from oimkit.odoo.connecting import connect as connect_sync"]
    constants = [f"from oimkit.odoo.connecting import {name}" for name in sorted(used) if name.startswith("_")]
    checked = "".join(f"    {line}\n" for line in sorted(set(typed)))
    return "\n".join([*sorted({*always, *constants}), f"if TYPE_CHECKING:\n{checked}"])


def names_of_variables(client: ast.Module, used: set[str]) -> set[str]:
    return {name for node in type_variables(client, used) for name in names_in(node.value)}


def type_variables(client: ast.Module, used: set[str]) -> list[ast.Assign]:
    return [
        node
        for node in client.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in used
        and "TypeVar" in ast.unparse(node.value)
    ]


def variables(client: ast.Module, used: set[str]) -> str:
    return "\n".join(ast.unparse(node) for node in type_variables(client, used))


def connect_twin(node: ast.FunctionDef) -> str:
    return (
        f"async def connect({ast.unparse(node.args)}) -> AsyncOdoo:\n"
        '    """As ``oimkit.connect``, in a worker thread; *confirm* is called in that thread too."""\n'
        f"    act = partial(connect_sync, {passed(node)})\n"
        "    return AsyncOdoo(await in_thread(act, leave=True))"
    )


def twin(node: ast.FunctionDef) -> str:
    """The async twin of one method, its docstring shortened to the first line."""
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    parameters = ast.unparse(node.args)
    returns = ast.unparse(node.returns) if node.returns else "None"
    note = (ast.get_docstring(node) or f"As ``Odoo.{node.name}``.").splitlines()[0]
    said = '    """' + note + '"""\n'
    if "property" in marks:
        return f"@property\ndef {node.name}(self) -> {returns}:\n{said}    return self.odoo.{node.name}"
    head = "@overload\n" if "overload" in marks else ""
    end = " ..." if head else ""
    given = f"self.odoo.{node.name}({passed(node, skip_self=True)})"
    if "cached_property" in marks:
        given = f"self.odoo.{node.name}"
    if returns == "Odoo":
        if node.name in INSTANT:
            return f"def {node.name}({parameters}) -> AsyncOdoo:\n{said}    return self._like({given})"
        leave = node.name in READS
        return (
            f"async def {node.name}({parameters}) -> AsyncOdoo:\n{said}"
            f"    return self._like(await self._run(lambda: {given}, leave={leave}))"
        )
    if returns.startswith("Iterator["):
        head += f"def {node.name}({parameters}) -> AsyncStream{returns.removeprefix('Iterator')}:{end}"
        ahead = 1 if node.name in SINGLE else 200
        return head if end else f"{head}\n{said}    return self._stream(lambda: {given}, ahead={ahead})"
    head += f"async def {node.name}({parameters}) -> {returns}:{end}"
    leave = "self._only_reads(model, method)" if node.name == "call" else str(node.name in READS)
    return head if end else f"{head}\n{said}    return await self._run(lambda: {given}, leave={leave})"


def passed(node: ast.FunctionDef, *, skip_self: bool = False) -> str:
    """The arguments of *node*, handed on."""
    args = node.args
    positional = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    parts = positional[1:] if skip_self else positional
    parts += [f"*{args.vararg.arg}"] if args.vararg else []
    parts += [f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs]
    parts += [f"**{args.kwarg.arg}"] if args.kwarg else []
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
