"""Faults on request: what can go wrong between a client and a server, at a call chosen beforehand.

>>> parse_fault("drop-after-commit:account.move.action_post@7").when
When(model='account.move', method='action_post', nth=7, mutating=True)
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from oimkit.errors import ConfigurationError

__all__ = ["Call", "Fault", "FaultBoard", "FaultKind", "FaultPlan", "When", "parse_fault", "parse_rate"]

_READS = frozenset(
    """
    read search search_read search_count fields_get name_search name_get read_group formatted_read_group exists
    check_access_rights has_access has_group context_get default_get export_data get_external_id
    check_object_reference get_object_reference xmlid_to_res_id get_param get_metadata check
    """.split()  # noqa: SIM905 - a paragraph of names
)


class FaultKind(Enum):
    """What happens at the chosen call.

    DROP_BEFORE_CALL      the connection is cut, nothing was done
    DROP_AFTER_COMMIT     done and committed, the connection is cut without a reply
    DROP_INSIDE_REPLY     done and committed, the connection is cut in the middle of the reply's body
    MARSHAL_AFTER_COMMIT  done and committed, the reply is the fault "cannot marshal None"
    TOO_MANY_REQUESTS     status 429 with Retry-After, nothing was done
    BAD_GATEWAY           a proxy's 502 page, nothing was done
    BAD_GATEWAY_AFTER     a proxy's 502 page, yet done and committed
    SLOW                  done and committed, the reply comes ``delay_ms`` later
    LATE_COMMIT           nothing for ``delay_ms``, then done, committed and answered
    CONFLICT              another transaction was quicker: ``load`` tells it as a message, other calls are tried again
    OVERLAP               the calls it strikes (``times`` of them) begin together and race; one alone goes on after
                          ``delay_ms``
    CRASH                 done, committed and answered, then the server is gone
    CRASH_AFTER_COMMIT    done and committed, then the server is gone without a reply
    """

    DROP_BEFORE_CALL = "drop-before-call"
    DROP_AFTER_COMMIT = "drop-after-commit"
    DROP_INSIDE_REPLY = "drop-inside-reply"
    MARSHAL_AFTER_COMMIT = "marshal-after-commit"
    TOO_MANY_REQUESTS = "too-many-requests"
    BAD_GATEWAY = "bad-gateway"
    BAD_GATEWAY_AFTER = "bad-gateway-after"
    SLOW = "slow"
    LATE_COMMIT = "late-commit"
    CONFLICT = "conflict"
    OVERLAP = "overlap"
    CRASH = "crash"
    CRASH_AFTER_COMMIT = "crash-after-commit"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a model's method as it reached the server."""

    model: str
    method: str

    @property
    def mutates(self) -> bool:
        return self.method not in _READS


@dataclass(frozen=True, slots=True)
class When:
    """Which call: the *nth* from now on that fits *model* and *method* (None: any).

    mutating  True counts the calls that may change something, False every call
    """

    model: str | None = None
    method: str | None = None
    nth: int = 1
    mutating: bool = True

    def fits(self, call: Call) -> bool:
        right_kind = call.mutates or not self.mutating
        return right_kind and self.model in (None, call.model) and self.method in (None, call.method)


@dataclass(frozen=True, slots=True)
class Fault:
    """*kind* at the call *when*, and at the ``times - 1`` fitting calls after it; ``delay_ms`` for the slow kinds."""

    kind: FaultKind
    when: When = When()
    times: int = 1
    delay_ms: int = 1000


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults drawn from a seed: the same calls in the same order meet the same faults.

    rates     how likely each kind is at a call, 0 to 1, together at most 1
    mutating  True draws for the calls that may change something only, False for every call

    Raises ConfigurationError for rates that are no probabilities.
    """

    seed: int
    rates: Mapping[FaultKind, float]
    mutating: bool = True
    delay_ms: int = 200

    def __post_init__(self) -> None:
        if any(rate < 0 for rate in self.rates.values()) or sum(self.rates.values()) > 1:
            raise ConfigurationError(
                "the rates of faults are no probabilities", advice="give rates of 0 to 1 whose sum is at most 1"
            )

    def fault_at(self, number: int) -> Fault | None:
        """The fault of call *number*, or None."""
        drawn = random.Random(f"{self.seed}:{number}").random()  # noqa: S311  faults to be had again, not secrets
        for kind in FaultKind:
            drawn -= self.rates.get(kind, 0)
            if drawn < 0:
                return Fault(kind, delay_ms=self.delay_ms)
        return None


@dataclass(slots=True)
class FaultBoard:
    """The faults waiting for their call, and how many calls there have been.

    plan      faults drawn from a seed, beside those added by hand
    calls     calls of model methods so far
    mutating  those of them that may change something
    struck    what happened so far: (number of the call, call, kind)
    """

    plan: FaultPlan | None = None
    calls: int = 0
    mutating: int = 0
    struck: list[tuple[int, Call, FaultKind]] = field(default_factory=list)
    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _meeting: threading.Condition = field(default_factory=threading.Condition)
    _waiting: dict[int, int] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._armed.append(_Armed(fault))
            self._waiting.pop(id(fault), None)

    def clear(self) -> None:
        """Take back every fault, the plan included."""
        with self._lock:
            self._armed.clear()
            self.plan = None

    def reset(self) -> None:
        """As ``clear``, and count from the beginning again."""
        self.clear()
        with self._lock:
            self.calls = self.mutating = 0
            self.struck.clear()

    def strike(self, call: Call) -> Fault | None:
        """Count *call* and return the fault that it meets, if any; the first added wins, the plan comes last."""
        with self._lock:
            self.calls += 1
            self.mutating += call.mutates
            fault = self._first(call)
            if fault is None and self.plan is not None and (call.mutates or not self.plan.mutating):
                fault = self.plan.fault_at(self.mutating if self.plan.mutating else self.calls)
            if fault is not None:
                self.struck.append((self.calls, call, fault.kind))
            return fault

    def _first(self, call: Call) -> Fault | None:
        found: Fault | None = None
        for armed in list(self._armed):
            if not armed.fault.when.fits(call):
                continue
            armed.seen += 1
            over = armed.seen - armed.fault.when.nth
            if found is None and 0 <= over < armed.fault.times:
                found = armed.fault
            if over >= armed.fault.times - 1:
                self._armed.remove(armed)
        return found

    def meet(self, fault: Fault) -> None:
        """Wait until all ``times`` calls that *fault* strikes are here, at most ``delay_ms``."""
        with self._meeting:
            here = self._waiting[id(fault)] = self._waiting.get(id(fault), 0) + 1
            if here >= fault.times:
                self._meeting.notify_all()
                return
            self._meeting.wait_for(lambda: self._waiting[id(fault)] >= fault.times, fault.delay_ms / 1000)


def parse_rate(text: str) -> tuple[FaultKind, float]:
    """A kind of fault and how likely it is, from ``drop-after-commit=0.15``.

    Raises ConfigurationError for another form.
    """
    name, _equals, rate = text.partition("=")
    try:
        return FaultKind(name), float(rate)
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is not a rate of a fault", advice="write KIND=RATE, for example drop-after-commit=0.15"
        ) from None


def parse_fault(text: str) -> Fault:
    """A fault from ``kind[:model[.method]][@nth]``: ``crash@3``, ``slow:account.move.action_post@1``.

    The last part of the dotted name is the method; ``kind:account.move.*`` takes every method of a model.

    Raises ConfigurationError for an unknown kind or number.
    """
    head, _at, nth = text.partition("@")
    kind, _colon, target = head.partition(":")
    model, _dot, method = target.rpartition(".")
    kinds = {item.value: item for item in FaultKind}
    if kind not in kinds or not (nth or "1").isdigit() or int(nth or 1) < 1:
        raise ConfigurationError(
            f"{text!r} is not a fault",
            advice=f"write KIND[:MODEL.METHOD][@NTH], KIND one of {', '.join(sorted(kinds))}",
        )
    when = When(model or None, method if method not in ("", "*") else None, int(nth or 1))
    return Fault(kinds[kind], when)
