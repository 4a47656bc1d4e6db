"""Watches the whole test run: no error and no log record of oimkit may hold a secret or personal data.

Every ``Secret`` that is made is remembered, every ``OimkitError`` and every log record, of every level, is looked at
when its test ends: its text, its repr, and those of the errors that a traceback would print with it. Secrets and
account numbers may stand nowhere; names and texts of records and of statement files in no error, and in no record at
INFO or above.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from oimkit.errors import OimkitError

__all__ = ["MEMO", "NAME", "Watch"]

NAME, MEMO = "Wilhelmina Kanarievogel", "zangzaad voor de volière"
"""A person's name and a text that tests give to the records they make."""

PERSONAL = (
    *(NAME, MEMO, "Kanarievogel", "zangzaad"),
    *("voorbeeld", "oorbeeld", "Beispiel", "Mueller", "Example S", "Example One", "Example Two", "Own Company"),
    *("FACTUUR 2025", "Pauschalen", "Rechnun", "Abschlag", "Spaarpot", "Betaling", "déjà vu", "Facture"),
)
"""Names and texts of records and of the invented statement files, in capitals or not."""

_PERSONAL = re.compile("|".join(map(re.escape, PERSONAL)), re.IGNORECASE)

WATCHED = ("oimkit", "mt940", "ofxparse", "bs4", "urllib3", "requests")
"""Loggers whose records are looked at; a logger's own children hand theirs up to it."""

_MOST_CLEAN = 50_000
"""Texts that are remembered for having held nothing."""

_RECENT = 100
"""Errors that may still be being raised when older ones are looked at."""

_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\b")
_ORDINARY_WORDS = re.compile(r"[a-z ]{0,12}|.{0,7}")
"""Secrets of tests that are looked for nowhere: ``password`` stands in many a message."""


class Watch(logging.Handler):
    """Remembers secrets and looks for them, and for account numbers, where they must not be.

    most_pending  errors that are kept, with all that their tracebacks hold, before the older ones are looked at
                  within a test
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.secrets: set[str] = set()
        self.errors = 0
        self.records = 0
        self.most_pending = 400
        self._pending: list[OimkitError] = []
        self._leaks: list[str] = []
        self._clean: set[tuple[str, bool]] = set()
        self._texts: list[tuple[str, str, bool]] = []
        self._levels: dict[str, int] = {}

    def start(self) -> None:
        """Look at every error, secret and log record from now on."""
        watch = self
        make_error = OimkitError.__init__

        def made(error: OimkitError, *args: Any, **named: Any) -> None:
            make_error(error, *args, **named)
            watch.errors += 1
            watch._pending.append(error)
            if len(watch._pending) >= watch.most_pending:  # the last few are perhaps still being raised
                watch._look_at(watch._pending[:-_RECENT])
                del watch._pending[:-_RECENT]

        OimkitError.__init__ = made  # type: ignore[method-assign]
        self._watch_secrets()
        self.listen()

    def listen(self) -> None:
        """Take every record of the watched loggers, whatever their levels were."""
        for name in WATCHED:
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.addHandler(self)
            logger.setLevel(logging.DEBUG)

    def stop(self) -> None:
        """Leave the loggers as they were; errors and secrets are watched for as long as the process lasts."""
        for name, level in self._levels.items():
            logging.getLogger(name).removeHandler(self)
            logging.getLogger(name).setLevel(level)
        self._levels.clear()

    def _watch_secrets(self) -> None:
        from oimkit.odoo.secret import Secret

        watch = self
        make_secret = Secret.__init__

        def made(secret: Secret, value: str) -> None:
            make_secret(secret, value)
            if not _ORDINARY_WORDS.fullmatch(value) and value not in watch.secrets:
                watch.secrets.add(value)
                watch._clean.clear()

        Secret.__init__ = made  # type: ignore[method-assign]

    def add(self, secrets: Iterable[str], errors: int, records: int) -> None:
        """Count what another process has watched, too."""
        self.secrets |= set(secrets)
        self._clean.clear()
        self.errors += errors
        self.records += records

    def emit(self, record: logging.LogRecord) -> None:
        self.records += 1
        is_shown = record.levelno >= logging.INFO
        self._texts.append((f"log record of {record.name}", record.getMessage(), is_shown))
        if record.exc_info and record.exc_info[1] is not None:
            self._texts.append((f"traceback in a log record of {record.name}", repr(record.exc_info[1]), is_shown))

    def leaks(self) -> list[str]:
        """Where a secret or personal data was found since the last call, without repeating it."""
        errors, self._pending = self._pending, []
        self._look_at(errors)
        leaks, self._leaks = self._leaks, []
        return leaks

    def _look_at(self, errors: Iterable[OimkitError]) -> None:
        """Look at these errors and at what was logged."""
        texts, self._texts = self._texts, []
        for error in errors:
            for shown in _shown_with(error):
                name = f"{type(shown).__name__} (shown with {type(error).__name__})"
                texts += [(f"text of {name}", str(shown), True), (f"repr of {name}", repr(shown), True)]
        self._leaks += [f"{where} holds {what}" for where, *told in texts for what in self._found_in(*told)]

    def _found_in(self, text: str, is_shown: bool) -> list[str]:
        """What *text* must not hold; a text that held nothing is not looked at again until there is a new secret."""
        if (text, is_shown) in self._clean:
            return []
        found = list(self._look_into(text, is_shown))
        if not found and len(self._clean) < _MOST_CLEAN:
            self._clean.add((text, is_shown))
        return found

    def _look_into(self, text: str, is_shown: bool) -> Iterator[str]:
        if any(secret in text for secret in self.secrets):
            yield "a secret"
        if any(_is_iban(found) for found in _IBAN.findall(text)):
            yield "an account number"
        if is_shown and _PERSONAL.search(text):
            yield "a name or a text of a record"


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
