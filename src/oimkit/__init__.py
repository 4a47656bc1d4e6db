"""oimkit: model the work that a company runs through Odoo, and read and write it in any Odoo.

``connect`` is loaded when first asked for: importing oimkit, or one of its domain packages, opens
nothing and loads nothing of ``oimkit.odoo``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from oimkit._version import __version__

if TYPE_CHECKING:
    from oimkit.odoo import connect

__all__ = ["__version__", "connect"]


def __getattr__(name: str) -> object:
    if name == "connect":
        from oimkit.odoo import connect

        return connect
    raise AttributeError(f"module 'oimkit' has no attribute {name!r}")
