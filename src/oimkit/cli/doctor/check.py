"""What the doctor finds: one check, its verdict, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "Verdict"]


class Verdict(StrEnum):
    """What a check found; ``unknown`` is neither good nor bad: the server does not tell.

    OK       as it should be
    LOOK     it works, and a person should look at it
    MISSING  something cannot work
    UNKNOWN  the server does not tell
    """

    OK = "ok"
    LOOK = "look"
    MISSING = "missing"
    UNKNOWN = "unknown"

    @property
    def is_finding(self) -> bool:
        return self in (Verdict.LOOK, Verdict.MISSING)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what it is, what was found, and what to do when it is not as it should be."""

    name: str
    verdict: Verdict
    text: str
    advice: str = ""
