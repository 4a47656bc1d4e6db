"""A disk that takes writes and fails to keep them: ``fsync`` ends in EIO, in a process of its own that stays so.

    python -m tests.faults.failing_fsync URL DATABASE USER SECRET FOLDER STEP

Makes one record, with a journal in FOLDER; from the end of the journal's STEP on (``open``, ``begin`` or ``intend``)
nothing is kept. Prints what came of it as JSON: the error's class, whether it was after the commit, and the methods
that went to the server. The kernel does it (a seccomp filter), so that nothing of SQLite is replaced.
"""

from __future__ import annotations

import ctypes
import errno
import json
import platform
import sys
from pathlib import Path

from oimkit.errors import OdooError, OutcomeUnknown
from oimkit.odoo import Journal, connect
from oimkit.odoo.writing import create_once
from tests.odoo.meddling import Meddling

CALLS = {"x86_64": (74, 75), "aarch64": (82, 83)}
"""Numbers of fsync and fdatasync, by machine."""

IS_POSSIBLE = sys.platform == "linux" and platform.machine() in CALLS

_NO_NEW_RIGHTS, _SET_FILTER, _BY_PROGRAM = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def fail_from_now_on() -> None:
    """Let every further fsync and fdatasync of this thread, and of those that it starts, end in EIO."""
    first, second = CALLS[platform.machine()]
    lines = (
        (_LOAD, 0, 0, 0),
        (_IF_EQUAL, 2, 0, first),
        (_IF_EQUAL, 1, 0, second),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL | errno.EIO),
    )
    instructions = (_Instruction * len(lines))(*lines)
    program = _Program(len(lines), instructions)
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0) or kernel.prctl(_SET_FILTER, _BY_PROGRAM, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def main(url: str, database: str, user: str, secret: str, folder: str, step: str) -> None:
    odoo = connect(url, database=database, user=user, secret=secret)
    wire = Meddling(odoo._transport)
    odoo = connect(transport=wire)

    def after(done: str) -> None:
        if done.startswith(step):
            fail_from_now_on()

    told: dict[str, object] = {"error": None, "after_commit": None}
    with Journal.open(Path(folder), odoo.server_key, on_commit=after) as journal:
        after("open")
        try:
            create_once(odoo, "oimkit.fsync", "res.partner", {"name": "x"}, journal=journal, settle_after_s=0)
        except OdooError as error:
            told = {
                "error": type(error).__name__,
                "after_commit": isinstance(error, OutcomeUnknown) and error.after_commit,
            }
    print(json.dumps({**told, "sent": wire.sent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
