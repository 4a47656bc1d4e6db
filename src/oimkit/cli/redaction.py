"""Texts made fit to be shown or kept: no secrets, no account numbers, no control characters."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

__all__ = ["printable", "redacted"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What a terminal might obey instead of showing it, and marks that reverse the reading direction."""

_ACCOUNT = re.compile(
    r"\b[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b|\b[0-9](?:[-. ]?[0-9]){7,}\b"
)
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_CREDENTIAL = re.compile(
    r"(?i)\b(authorization|bearer|basic|password|secret|api[_-]?key|token|cookie)\b([\s:='\"]{1,4})(?!\[secret\])[^\s,;]+"
)


def printable(text: str) -> str:
    """*text* with every control character but newline and tab replaced by U+FFFD.

    >>> printable("red \\x1b[31mtext")
    'red \ufffd[31mtext'
    """
    return _CONTROL.sub("\ufffd", text)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """*text* without *secrets*, the secret in the environment, credentials, account numbers and mail addresses.

    >>> redacted("login of jane@example.com, password: hunter2, account NL91ABNA0417164300")
    'login of [mail], password: [secret], account [account]'
    """
    known = [secret for secret in (*secrets, os.environ.get("OIMKIT_SECRET", "")) if secret]
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    text = _CREDENTIAL.sub(r"\1\2[secret]", text)
    text = _MAIL.sub("[mail]", text)
    return printable(_ACCOUNT.sub("[account]", text))
