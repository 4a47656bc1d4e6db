"""HTTP answers: JSON, pages, the server's own error pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oimkit.sandbox import wire
from oimkit.sandbox.refusals import ServerRefusal

__all__ = ["HTML", "JSON", "Reply", "bad_gateway", "described", "json_reply", "not_found", "page"]

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
_NO_DATABASE = (
    "<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>\n"
    "<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>\n"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(status, JSON, wire.write_json(value), headers)


def page(status: int, title: str, text: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    body = f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n{text}"
    return Reply(status, HTML, body.encode(), headers)


def not_found() -> Reply:
    return page(404, "Not Found", _NO_DATABASE)


def bad_gateway() -> Reply:
    return Reply(502, "text/html", b"<html>\n<head><title>502 Bad Gateway</title></head>\n<body></body>\n</html>\n")


def described(refusal: ServerRefusal) -> dict[str, Any]:
    """A refusal as the JSON protocols tell it."""
    return {
        "name": refusal.name,
        "debug": f"Traceback (most recent call last):\n{refusal.name}: {refusal.message}\n",
        "message": refusal.message,
        "arguments": [refusal.message, *([refusal.status] if refusal.name.startswith("werkzeug.") else [])],
        "context": {},
    }
