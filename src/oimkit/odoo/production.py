"""Asking before anything is changed on a database that people work with.

A target is production when somebody said so: ``production = true`` in the profile, ``OIMKIT_PRODUCTION``, or the
caller. What a profile or the caller said once is remembered with address, database name and UUID, so that the same
database is known again under another address. A variable holds for its process alone.

A yes is remembered as soon as somebody connects, because it can only add a question. A no is remembered when something
is changed under it, so that a mere look changes nothing; and it never lifts a remembered yes, wherever it comes from:
``Targets.forget`` (``oimkit production forget``) does that, and nothing else does.

What can be known about a target that nobody has declared, and what cannot:

- Same host, port, path and database name as a remembered one: it is that one, unless its UUID is told and is another.
  Then it is another database, which inherits neither the yes nor the no; where a yes stood it asks, because a restored
  production database may have been given a new UUID.
- Same ``database.uuid``: the same database under another address, *or* a copy that kept its UUID (a dump restored as
  "moved", a snapshot, a staging copy). No value in the database tells the two apart, because every value was copied.
  So it asks, and says which of the two it may be; ``production = false`` in the copy's profile settles it.
- ``database.is_neutralized`` (Odoo 16 and later): a copy that was made harmless, as odoo.sh does. It does not ask.
- A user without the right "Settings" may not read the UUID. Then only address and name tell; a database of the same
  name at another address asks. The profile may state the ``uuid`` for such a user.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pydantic

from oimkit.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Confirm", "Known", "ProductionGuard", "Question", "Standing", "Targets", "Verdict", "place_of"]

_log = logging.getLogger("oimkit.odoo")


class Standing(StrEnum):
    """What a target is.

    PRODUCTION  declared so, or known to be a database that was declared so
    PERHAPS     it may be such a database, and nothing tells for sure
    OTHER       neither
    """

    PRODUCTION = "production"
    PERHAPS = "perhaps production"
    OTHER = "not production"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a target is, how that is known, and what settles it for good where a person can settle it."""

    standing: Standing
    why: str
    lift: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody is asked before something is changed: what, where, and why it is asked.

    act   what is about to be done, by kind: ``a run of the kind invoice-drafts``, ``res.partner.write on 3 records``
    lift  what makes it not ask again, or ""
    """

    act: str
    url: str
    database: str
    standing: Standing
    why: str
    lift: str = ""

    def __str__(self) -> str:
        return f"The database {self.database} at {self.url} is {self.standing.value} ({self.why}). Allow {self.act}?"

    def unanswered(self, how: str) -> ConfigurationError:
        """The refusal where nobody can be asked: what was about to happen, *how* it is allowed, and what settles it."""
        return ConfigurationError(
            f"nobody has allowed {self.act} on the database {self.database} at {self.url}, "
            f"which is {self.standing.value} ({self.why})",
            advice=f"{how}; {self.lift}" if self.lift else how,
        )


Confirm = Callable[[Question], bool]
"""Asks a person, or decides for one; True lets it happen."""


@dataclass(frozen=True, slots=True)
class Known:
    """A declared target: where it is (see ``place_of``), its name and UUID, and what it was declared to be."""

    place: str
    database: str
    uuid: str | None
    production: bool

    def is_at(self, place: str, database: str) -> bool:
        """True at this place under this name, whatever the UUID."""
        return (self.place, self.database) == (place, database)

    def may_be(self, uuid: str | None) -> bool:
        """False when both UUIDs are known and differ: then it is proven to be another database."""
        return uuid is None or self.uuid is None or uuid.lower() == self.uuid.lower()


class Targets:
    """The declared targets, in one file of the user's state folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def default(cls, environ: Mapping[str, str] | None = None) -> Targets:
        """Those in ``$XDG_STATE_HOME/oimkit/targets.json``."""
        variables = os.environ if environ is None else environ
        home = variables.get("HOME") or "~"
        base = variables.get("XDG_STATE_HOME") or str(Path(home).expanduser() / ".local" / "state")
        return cls(Path(base) / "oimkit" / "targets.json")

    def read(self) -> tuple[Known, ...]:
        """All of them; ConfigurationError when the file is there and cannot be read."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(self.path) from error
        try:
            return _KNOWN.validate_json(text)
        except pydantic.ValidationError:
            raise _unreadable(self.path) from None

    def remember(self, target: Known) -> bool:
        """Put *target* into the file; False when it is a no, and a remembered yes may be of the same database.

        Other databases that were declared production at its address stay: they may be found again elsewhere.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            known = self.read()
            here = [one for one in known if one.is_at(target.place, target.database)]
            if not target.production and any(one.production and one.may_be(target.uuid) for one in here):
                return False
            if target not in known:
                left = [one for one in known if one not in here or (one.production and one.uuid != target.uuid)]
                self._write([*left, target])
            return True

    def forget(self, place: str, database: str) -> bool:
        """Take everything declared under this place and name out of the file; False when there is nothing."""
        if not self.path.exists():
            return False
        with self._alone():
            known = self.read()
            left = [target for target in known if not target.is_at(place, database)]
            if len(left) < len(known):
                self._write(left)
        return len(left) < len(known)

    def _write(self, targets: Sequence[Known]) -> None:
        draft = self.path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(json.dumps([asdict(target) for target in targets], indent=1) + "\n")
        draft.replace(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time, where the system can lock a file."""
        try:
            import fcntl
        except ImportError:  # Windows: the last one to write wins
            yield
            return
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_KNOWN = pydantic.TypeAdapter(tuple[Known, ...], config=pydantic.ConfigDict(hide_input_in_errors=True))


def _unreadable(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"the file that remembers which databases are production cannot be read: {path}",
        advice="mend it, or remove it and connect once to each production database by its profile",
    )


def place_of(url: str) -> str:
    """Host, port and path of *url*, so that two spellings of one address are equal; http and https are one place.

    >>> place_of("https://ERP.example.com:443/"), place_of("http://erp.example.com")
    ('erp.example.com', 'erp.example.com')
    """
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return f"{(parts.hostname or '').rstrip('.')}{port}{parts.path.rstrip('/')}"


class ProductionGuard:
    """What is known of one connection's target, and who is asked; all views of the connection share it.

    Args:
        marked: what the caller, a variable or the profile says, or None when nobody said anything.
        by: who said so, for the question.
        lasting: what the caller or the profile says, without the variable: this is remembered.
        confirm: asks; None where nobody can be asked, so that what needs a yes is refused.
        targets: the remembered targets, or None to remember nothing.
        uuid: the database's UUID as the profile states it, for users who may not read it.
    """

    def __init__(
        self,
        *,
        marked: bool | None = None,
        by: str = "the caller",
        lasting: bool | None = None,
        confirm: Confirm | None = None,
        targets: Targets | None = None,
        uuid: str | None = None,
    ) -> None:
        self.marked = marked
        self._by = by
        self._lasting = lasting
        self._confirm = confirm
        self._targets = targets
        self._stated_uuid = uuid
        self._lock = threading.RLock()
        self._verdict: Verdict | None = None
        self._told: _Told | None = None
        self._may_call = False

    def __repr__(self) -> str:
        return f"ProductionGuard(marked={self.marked})"

    def uuid(self, odoo: Odoo) -> str | None:
        """The UUID that the database tells, asked for once; None when this user may not read it."""
        return self._tell(odoo).uuid

    def begin(self, odoo: Odoo) -> None:
        """Check the UUID that the profile states, and remember that the target was declared production.

        Raises ConfigurationError when the database has another UUID than the profile states.
        """
        if self._stated_uuid is not None:
            told = self.uuid(odoo)
            if told is not None and told.lower() != self._stated_uuid.lower():
                raise ConfigurationError(
                    f"the database {odoo.database} at {odoo.url} is not the one whose UUID the profile states",
                    advice="it was replaced, or the address leads elsewhere: look, then correct uuid in the profile",
                )
        if self._lasting:
            self._remember(odoo, production=True)

    def verdict(self, odoo: Odoo) -> Verdict:
        """What the target is; looked up once."""
        with self._lock:
            if self._verdict is None:
                self._verdict = self._find(odoo)
            return self._verdict

    def permit(self, odoo: Odoo, act: str) -> None:
        """Return when *act* may happen: the target is not production, or whoever is asked says yes.

        Raises ConfigurationError: the answer was no, or nobody can be asked.
        """
        verdict = self.verdict(odoo)
        if verdict.standing is Standing.OTHER:
            if self._lasting is False:
                self._remember(odoo, production=False)
            return
        question = Question(act, odoo.url, odoo.database, verdict.standing, verdict.why, verdict.lift)
        if self._confirm is None:
            raise question.unanswered("give connect(confirm=...) something that decides")
        if not self._confirm(question):
            where = f"the database {odoo.database} at {odoo.url}, which is {verdict.standing.value} ({verdict.why})"
            raise ConfigurationError(f"{act} on {where} was not allowed", advice="nothing was changed")

    def permit_call(self, odoo: Odoo, act: Callable[[], str]) -> None:
        """As ``permit``, for single calls: one yes is good for all single calls of the connection."""
        with self._lock:
            if not self._may_call:
                self.permit(odoo, act())
                self._may_call = True

    def _tell(self, odoo: Odoo) -> _Told:
        with self._lock:
            if self._told is None:
                self._told = _ask(odoo)
            return self._told

    def _remember(self, odoo: Odoo, *, production: bool) -> None:
        if self._targets is None:
            return
        uuid = self.uuid(odoo) or self._stated_uuid
        try:
            self._targets.remember(Known(place_of(odoo.url), odoo.database, uuid, production))
        except OSError as error:
            _log.warning("what this target is could not be written to the state folder: %s", type(error).__name__)

    def _find(self, odoo: Odoo) -> Verdict:
        """One yes is enough; a no settles only what is in doubt."""
        if self.marked:
            return Verdict(Standing.PRODUCTION, f"{self._by} says so")
        said_no = Verdict(Standing.OTHER, f"{self._by} says so")
        if self._targets is None:
            return said_no if self.marked is False else Verdict(Standing.OTHER, "nobody has declared it")
        try:
            known = self._targets.read()
        except ConfigurationError as error:
            return Verdict(Standing.PERHAPS, error.reason, error.advice)
        remembered = self._remembered(odoo, known)
        is_yes = remembered is not None and remembered.standing is Standing.PRODUCTION
        if self.marked is False and not is_yes:
            return said_no
        return remembered or self._by_uuid(odoo, [target for target in known if target.production])

    def _remembered(self, odoo: Odoo, known: Sequence[Known]) -> Verdict | None:
        """What is remembered of this very place and name, unless the database is proven to be another one."""
        place = place_of(odoo.url)
        here = [target for target in known if target.is_at(place, odoo.database)]
        if not here:
            return None
        told = self.uuid(odoo) if any(target.uuid for target in here) else None
        same = [target for target in here if target.may_be(told)]
        why = "it was declared so before, at this address"
        if any(target.production for target in same):
            lift = f"if it is not, or no longer: oimkit production forget {place} {shlex.quote(odoo.database)}"
            denied = f", and one yes is enough, though {self._by} says otherwise" if self.marked is False else ""
            return Verdict(Standing.PRODUCTION, why + denied, lift)
        return Verdict(Standing.OTHER, why) if same else None

    def _by_uuid(self, odoo: Odoo, declared: Sequence[Known]) -> Verdict:
        """What the databases *declared* production elsewhere, or here before this one, let suppose."""
        other = Verdict(Standing.OTHER, "nobody has declared it")
        told = self.uuid(odoo) or self._stated_uuid if declared else None
        for target in declared:
            where = f"the production database {target.database} at {target.place}"
            if told is None and target.database == odoo.database:
                why = f"it has the name of the production database at {target.place}, and its UUID is not told"
                return Verdict(Standing.PERHAPS, why, _SETTLE)
            if told is not None and target.uuid is not None and told.lower() == target.uuid.lower():
                if self._tell(odoo).is_neutralized:
                    return Verdict(Standing.OTHER, f"it is a neutralised copy of {target.database} at {target.place}")
                why = f"it has the UUID of {where}: it is that one, or a copy that kept the UUID"
                return Verdict(Standing.PERHAPS, why, _SETTLE)
        place = place_of(odoo.url)
        if any(target.is_at(place, odoo.database) for target in declared) and not self._tell(odoo).is_neutralized:
            why = (
                "a database with another UUID was declared so before, at this address: this is another one, or that "
                "one, restored with a new UUID"
            )
            return Verdict(Standing.PERHAPS, why, _SETTLE)
        return other


_SETTLE = "production = true or false in its profile settles it, OIMKIT_PRODUCTION=0 does for one process"


@dataclass(frozen=True, slots=True)
class _Told:
    """What the database tells of itself: nothing to a user who may not read its parameters."""

    uuid: str | None = None
    is_neutralized: bool = False


def _ask(odoo: Odoo) -> _Told:
    keys = ["database.uuid", "database.is_neutralized"]
    try:
        rows = odoo.call("ir.config_parameter", "search_read", domain=[["key", "in", keys]], fields=["key", "value"])
    except Refused:
        return _Told()
    values = {row["key"]: str(row["value"]) for row in rows} if isinstance(rows, list) else {}
    uuid, neutral = values.get("database.uuid", ""), values.get("database.is_neutralized", "")
    is_one = 16 <= len(uuid) <= 64 and uuid.replace("-", "").isalnum() and uuid.isascii()
    return _Told(uuid if is_one else None, neutral.lower() in ("true", "t", "1"))
