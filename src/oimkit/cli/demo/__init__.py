"""``oimkit demo``: from a lead to a settled bank entry, on the embedded Odoo or on a real test database."""

from oimkit.cli.demo.running import command

__all__ = ["command"]
