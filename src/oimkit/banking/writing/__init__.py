"""Statements written as files that other programs read."""

from oimkit.banking.writing.conversion import WRITERS, Loss, Written, write_statements

__all__ = ["WRITERS", "Loss", "Written", "write_statements"]
