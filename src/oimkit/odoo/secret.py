"""A password or API key that shows itself only where it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from oimkit.errors import ConfigurationError

__all__ = ["Secret"]


def _keeper(value: str) -> Callable[[], str]:
    return lambda: value


def _wrong_with(value: str) -> str:
    if not value:
        return "is empty"
    if any(ord(character) < 32 or 0xD800 <= ord(character) < 0xE000 for character in value):
        return "holds a control character or a half of a character pair"
    return ""


class Secret:
    """A password or API key: its repr and str are ``***``, it cannot be pickled or dumped.

    >>> Secret("correct horse")
    ***
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        keep, wrong = _keeper(value), _wrong_with(value)
        del value  # a traceback that shows local values would show it
        if wrong:
            raise ConfigurationError(f"the secret {wrong}", advice="set OIMKIT_SECRET to a password or an API key")
        self._reveal: Callable[[], str] = keep

    def reveal(self) -> str:
        """The secret itself: for the wire only, never for a variable that lives longer than the call."""
        return self._reveal()

    @property
    def fits_header(self) -> bool:
        """True when it can stand in an HTTP header, as an API key can."""
        value = self._reveal()
        return value.isascii() and value.isprintable() and " " not in value

    @property
    def looks_like_key(self) -> bool:
        """True for 40 hexadecimal digits, the form of the keys that Odoo makes (``res.users.apikeys``)."""
        value = self._reveal()
        return len(value) == 40 and all(character in "0123456789abcdef" for character in value)

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written to a file")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        self.__reduce__()
