"""Watches the whole test run: no error and no log record of oimkit may hold a secret or an account number.

Every ``Secret`` that is made is remembered, every ``OimkitError`` and every log record is looked at when its test ends:
its text, its repr, and those of the errors that a traceback would print with it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from oimkit.errors import OimkitError

__all__ = ["Watch"]

_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\b")
_ORDINARY_WORDS = re.compile(r"[a-z ]{0,12}|.{0,7}")
"""Secrets of tests that are looked for nowhere: ``password`` stands in many a message."""


class Watch(logging.Handler):
    """Remembers secrets and looks for them, and for account numbers, where they must not be."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.secrets: set[str] = set()
        self.errors = 0
        self.records = 0
        self._pending: list[OimkitError] = []
        self._texts: list[tuple[str, str]] = []

    def start(self) -> None:
        """Look at every error, secret and log record from now on."""
        watch = self
        make_error = OimkitError.__init__

        def made(error: OimkitError, *args: Any, **named: Any) -> None:
            make_error(error, *args, **named)
            watch.errors += 1
            watch._pending.append(error)

        OimkitError.__init__ = made  # type: ignore[method-assign]
        self._watch_secrets()
        for name in ("oimkit", "mt940", "ofxparse", "urllib3", "requests"):
            logging.getLogger(name).addHandler(self)

    def _watch_secrets(self) -> None:
        from oimkit.odoo.secret import Secret

        watch = self
        make_secret = Secret.__init__

        def made(secret: Secret, value: str) -> None:
            make_secret(secret, value)
            if not _ORDINARY_WORDS.fullmatch(value):
                watch.secrets.add(value)

        Secret.__init__ = made  # type: ignore[method-assign]

    def add(self, secrets: Iterable[str], errors: int, records: int) -> None:
        """Count what another process has watched, too."""
        self.secrets |= set(secrets)
        self.errors += errors
        self.records += records

    def emit(self, record: logging.LogRecord) -> None:
        self.records += 1
        self._texts.append((f"log record of {record.name}", record.getMessage()))
        if record.exc_info and record.exc_info[1] is not None:
            self._texts.append((f"traceback in a log record of {record.name}", repr(record.exc_info[1])))

    def leaks(self) -> list[str]:
        """Where a secret or an account number was found since the last call, without repeating it."""
        errors, self._pending = self._pending, []
        texts, self._texts = self._texts, []
        for error in errors:
            for shown in _shown_with(error):
                name = f"{type(shown).__name__} (shown with {type(error).__name__})"
                texts += [(f"text of {name}", str(shown)), (f"repr of {name}", repr(shown))]
        return [f"{where} holds {what}" for where, text in texts for what in self._found_in(text)]

    def _found_in(self, text: str) -> Iterator[str]:
        if any(secret in text for secret in self.secrets):
            yield "a secret"
        if any(_is_iban(found) for found in _IBAN.findall(text)):
            yield "an account number"


def _shown_with(error: BaseException) -> Iterator[BaseException]:
    """*error* and the errors that its traceback prints."""
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _is_iban(text: str) -> bool:
    digits = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return int(digits) % 97 == 1
