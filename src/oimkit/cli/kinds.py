"""Every kind of plan that a journal may hold, made known by the modules that carry them out."""

from __future__ import annotations

import importlib

__all__ = ["know_every_kind"]

_ADAPTERS = ("banking", "billing", "crm", "records")
"""Modules of oimkit.odoo; each registers its plans when it is imported."""


def know_every_kind() -> None:
    """Import every adapter, so that ``resume`` and ``undo`` can read the plans of any run."""
    for name in _ADAPTERS:
        importlib.import_module(f"oimkit.odoo.{name}")
