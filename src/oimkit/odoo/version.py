"""Which Odoo a server is, read from every form in which servers tell it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from oimkit.errors import BadReply

__all__ = ["ServerVersion"]

_FORM = re.compile(
    r"(?P<online>saas[~-])?(?P<major>[0-9]{1,3})\.(?P<online_minor>saas[~-])?(?P<minor>[0-9]{1,3})(?![0-9])", re.ASCII
)


@dataclass(frozen=True, slots=True, order=True)
class ServerVersion:
    """The version of a server; ordered by major and minor, so that saas~17.4 stands between 17.0 and 18.0.

    online   a build of Odoo Online (``saas~17.4``, ``10.saas~14``), made between two releases
    edition  ``enterprise``, or None where the server does not say so
    raw      the text the server gave, for reports of defects

    >>> ServerVersion.parse("17.0") < ServerVersion.parse("saas~17.4+e") < ServerVersion.parse("18.0-20250101")
    True
    """

    major: int
    minor: int
    online: bool = field(default=False, compare=False)
    edition: str | None = field(default=None, compare=False)
    raw: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> ServerVersion:
        """The version in *text*, such as ``16.0+e``; BadReply when it is none."""
        found = _FORM.match(text.strip()[:80])
        if not found:
            raise BadReply("the server tells a version that is not one of Odoo's", advice="check the address")
        return cls(
            major=int(found["major"]),
            minor=int(found["minor"]),
            online=bool(found["online"] or found["online_minor"]),
            edition="enterprise" if "+e" in text[found.end() :] else None,
            raw=text.strip()[:80],
        )

    @classmethod
    def from_info(cls, info: Sequence[object], text: str = "") -> ServerVersion:
        """The version in a ``server_version_info`` list: ``[17, 0, 0, "final", 0, "e"]``, ``["saas~17", 4, ...]``.

        *text* is the ``server_version`` of the same reply and wins where it can be read.
        """
        if text and _FORM.match(text.strip()):
            parsed = cls.parse(text)
        elif len(info) >= 2:
            parsed = cls.parse(f"{info[0]}.{info[1]}")
        else:
            raise BadReply("the server tells no version", advice="check the address")
        enterprise = parsed.edition or ("enterprise" if len(info) > 5 and info[5] == "e" else None)
        return cls(parsed.major, parsed.minor, parsed.online, enterprise, text.strip()[:80] or parsed.raw)

    def __str__(self) -> str:
        return self.raw or f"{self.major}.{self.minor}"
