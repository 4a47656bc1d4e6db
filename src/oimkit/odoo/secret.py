"""A password or API key that shows itself only where it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from oimkit.errors import ConfigurationError

__all__ = ["Secret"]


class Secret:
    """A password or API key: its repr and str are ``***``, it cannot be pickled or dumped.

    >>> Secret("correct horse")
    ***
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        if not value:
            raise ConfigurationError("the secret is empty", advice="set OIMKIT_SECRET to a password or an API key")
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """The secret itself: for the wire only, never for a variable that lives longer than the call."""
        return self._reveal()

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
