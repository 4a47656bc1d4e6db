"""A transport that does to another one what networks do: loses replies, sends nothing, dies at a given step."""

from __future__ import annotations

from collections.abc import Callable

from oimkit.errors import OutcomeUnknown
from oimkit.odoo.transport import Call, Deadline, Transport
from oimkit.odoo.version import ServerVersion


class Killed(BaseException):
    """The process ended here."""


class Meddling:
    """Carries calls over *inner*; ``before`` and ``after`` see each call and may raise.

    sent  the names of the calls that really went to the server
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.sent: list[str] = []
        self.before: Callable[[Call], None] = lambda call: None
        self.after: Callable[[Call], None] = lambda call: None

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def url(self) -> str:
        return self._inner.url

    @property
    def database(self) -> str:
        return self._inner.database

    @property
    def uid(self) -> int:
        return self._inner.uid

    def version(self, deadline: Deadline) -> ServerVersion:
        return self._inner.version(deadline)

    def send(self, call: Call, deadline: Deadline) -> object:
        self.before(call)
        self.sent.append(call.method)
        result = self._inner.send(call, deadline)
        self.after(call)
        return result


def raising(error: BaseException, method: str = "load", times: int = 1) -> Callable[[Call], None]:
    """For ``before`` or ``after``: raise *error* for the first *times* calls of *method*."""
    left = [times]

    def meddle(call: Call) -> None:
        if call.method == method and left[0]:
            left[0] -= 1
            raise error

    return meddle


def lost_reply() -> OutcomeUnknown:
    return OutcomeUnknown("the reply was lost")
