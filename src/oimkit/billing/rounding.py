"""Rounding of worked time: what scope is rounded, how, and what each entry's share of the result is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from oimkit.billing.exact import round_ratio
from oimkit.errors import RuleError
from oimkit.money import Rounding

__all__ = ["Half", "Mode", "Scope", "TimeRounding", "shares_of"]


class Scope(StrEnum):
    """What is added up before it is rounded: one entry, a line's day, a line's task, the line, the invoice."""

    ENTRY = "entry"
    DAY = "day"
    TASK = "task"
    LINE = "line"
    INVOICE = "invoice"


class Mode(StrEnum):
    """Up is away from zero and down towards it, so that a correction undoes exactly what it corrects."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


class Half(StrEnum):
    """Where NEAREST puts the exact middle between two steps: away from zero, towards it, to the even step."""

    UP = "up"
    DOWN = "down"
    EVEN = "even"


_NEAREST = {Half.UP: Rounding.HALF_UP, Half.DOWN: Rounding.HALF_DOWN, Half.EVEN: Rounding.HALF_EVEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRounding:
    """Billed time of a scope: worked time, times *factor*, at least *minimum_seconds*, moved to *step_seconds*.

    The minimum holds for time above zero only; none and negative time have no minimum. With *cumulative*
    the whole time ever worked in the scope is rounded and what earlier invoices billed of it is taken off,
    so that many small invoices add up to one large one.
    """

    scope: Scope = Scope.LINE
    mode: Mode = Mode.NEAREST
    half: Half = Half.UP
    step_seconds: int = 1
    minimum_seconds: int = 0
    factor: Decimal = Decimal(1)
    cumulative: bool = False

    def __post_init__(self) -> None:
        if self.step_seconds < 1:
            raise RuleError("a rounding step is at least one second", where="rounding.step")
        if self.minimum_seconds < 0:
            raise RuleError("a minimum is not below zero", where="rounding.minimum")
        if not self.factor.is_finite() or self.factor < 0:
            raise RuleError("a factor is not below zero", where="rounding.factor")

    def billed(self, worked_seconds: int) -> int:
        """Seconds billed for *worked_seconds* of one scope.

        >>> TimeRounding(mode=Mode.UP, step_seconds=900).billed(13 * 60)
        900
        """
        seconds = Fraction(worked_seconds) * Fraction(self.factor)
        if 0 < seconds < self.minimum_seconds:
            seconds = Fraction(self.minimum_seconds)
        return int(round_ratio(seconds, Decimal(self.step_seconds), self._mode))

    @property
    def _mode(self) -> Rounding:
        match self.mode:
            case Mode.UP:
                return Rounding.UP
            case Mode.DOWN:
                return Rounding.DOWN
            case Mode.NEAREST:
                return _NEAREST[self.half]


def shares_of(billed: int, worked: Sequence[int]) -> tuple[int, ...]:
    """Each entry's share of *billed* seconds; they sum to it exactly.

    An entry's share is its own time plus its part of what rounding gained or lost, in proportion to the
    length of its time; seconds left over go to the largest remainders, the earlier entry on a tie.

    >>> shares_of(900, [300, 100])
    (675, 225)
    """
    gained = billed - sum(worked)
    lengths = [abs(seconds) for seconds in worked]
    whole = sum(lengths)
    if not gained or not whole:
        return tuple(worked)
    sign = 1 if gained > 0 else -1
    parts = [divmod(abs(gained) * length, whole) for length in lengths]
    spare = abs(gained) - sum(part for part, _ in parts)
    favoured = set(sorted(range(len(parts)), key=lambda index: -parts[index][1])[:spare])
    return tuple(
        seconds + sign * (part + (index in favoured))
        for index, (seconds, (part, _)) in enumerate(zip(worked, parts, strict=True))
    )
