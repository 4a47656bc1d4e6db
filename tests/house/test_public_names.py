"""The import lines that other programs rely on, and the promise of every package's __all__."""

from __future__ import annotations

import ast
import importlib

import pytest

from tests.house.source import PACKAGE, modules, tree

PROMISED = {
    "oimkit": ["connect", "__version__"],
    "oimkit.banking": ["read_statements", "compare_readings", "join_pages", "match", "OpenItem", "Statement", "Entry"],
    "oimkit.billing": ["RuleSet", "plan_invoices"],
    "oimkit.pipeline": ["Machine"],
    "oimkit.odoo": ["connect", "Odoo", "ExternalId", "Ref", "Journal"],
    "oimkit.sandbox": ["Sandbox"],
    "oimkit.money": ["Money", "Currency", "Rounding", "split", "total", "round_to"],
}


@pytest.mark.parametrize(("package", "names"), PROMISED.items(), ids=list(PROMISED))
def test_promised_name_can_be_imported_and_is_listed(package: str, names: list[str]) -> None:
    module = importlib.import_module(package)
    for name in names:
        assert getattr(module, name) is not None
        assert name in module.__all__


def test_every_all_lists_only_what_is_there() -> None:
    named = [name for name, path in modules().items() if path.name != "__main__.py"]
    for module in (importlib.import_module(f"oimkit.{name}" if name else "oimkit") for name in named):
        assert [public for public in getattr(module, "__all__", ()) if not hasattr(module, public)] == [], module


@pytest.mark.parametrize("package", ["banking", "billing", "pipeline", "odoo"])
def test_package_offers_no_name_of_an_underscored_module(package: str) -> None:
    for node in ast.walk(tree(PACKAGE / package / "__init__.py")):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert not any(part.startswith("_") for part in node.module.split(".") if part != "__future__")


def test_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
