"""Exit statuses of the command, and which of them an error gives."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from oimkit.errors import OdooError, OimkitError, OutcomeUnknown

__all__ = ["Exit", "highest", "status_of"]


class Exit(IntEnum):
    """What the command's exit status says; where several apply, the highest.

    DONE         all was done
    FINDINGS     done, and a person must look at something
    REFUSED      an input or the call was refused
    SERVER       the server was not reached or refused
    UNKNOWN      an outcome is unknown and must be settled with ``oimkit resume``
    DEFECT       a defect in oimkit itself
    INTERRUPTED  stopped by the person at the keyboard (128 + SIGINT)
    """

    DONE = 0
    FINDINGS = 1
    REFUSED = 2
    SERVER = 3
    UNKNOWN = 4
    DEFECT = 70
    INTERRUPTED = 130


def status_of(error: OimkitError) -> Exit:
    """The status that *error* gives: by its class alone, so that scripts can rely on it."""
    if isinstance(error, OutcomeUnknown):
        return Exit.UNKNOWN
    if isinstance(error, OdooError):
        return Exit.SERVER
    return Exit.REFUSED


def highest(statuses: Iterable[Exit]) -> Exit:
    """The status of a command that met several; DONE for none."""
    return max(statuses, default=Exit.DONE)
