"""The ``oimkit`` command."""

from oimkit.cli.app import main

__all__ = ["main"]
