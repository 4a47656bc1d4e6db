"""What a server says when it refuses: its exception classes with their names and codes on each transport.

These stand for the server's own exceptions and never leave the sandbox's process: the HTTP layer turns each into a
fault, an error body or an HTTP status. The XML-RPC fault codes are the server's: 1 application (traceback as text),
2 user, 3 login, 4 rights.
"""

from __future__ import annotations

__all__ = [
    "AccessDenied",
    "AccessError",
    "DatabaseError",
    "Foreign",
    "MissingError",
    "NotFound",
    "SerializationFailure",
    "ServerRefusal",
    "Unauthorized",
    "Unprocessable",
    "UserError",
    "ValidationError",
]


class ServerRefusal(Exception):
    """A refusal with its dotted class name, XML-RPC fault code and JSON-2 status.

    plain  the same without the words a transport puts around it, as ``load`` shows it
    field  the field that it is about, where ``load`` names it
    """

    name = "odoo.exceptions.UserError"
    fault_code = 2
    status = 422

    def __init__(self, message: str, *, plain: str = "", field: str = "") -> None:
        self.message = message
        self.plain = plain or message
        self.field = field
        super().__init__(message)


class UserError(ServerRefusal):
    """A rule of the business forbids it."""


class ValidationError(UserError):
    """A constraint of a model forbids it.

    is_check, is_unique  it is one of the database's own, which ``load`` words in another way than a model's
    """

    name = "odoo.exceptions.ValidationError"

    def __init__(
        self, message: str, *, plain: str = "", field: str = "", is_check: bool = False, is_unique: bool = False
    ) -> None:
        super().__init__(message, plain=plain, field=field)
        self.is_check, self.is_unique = is_check, is_unique


class MissingError(ServerRefusal):
    """A record is not there."""

    name = "odoo.exceptions.MissingError"
    status = 404


class AccessError(ServerRefusal):
    """The user lacks a right."""

    name = "odoo.exceptions.AccessError"
    fault_code = 4
    status = 403


class AccessDenied(ServerRefusal):
    """The login is refused."""

    name = "odoo.exceptions.AccessDenied"
    fault_code = 3
    status = 403

    def __init__(self, message: str = "Access Denied") -> None:
        super().__init__(message)


class Foreign(ServerRefusal):
    """An exception that is not Odoo's own, such as a ValueError for an unknown field; *kind* is its dotted name."""

    fault_code = 1
    status = 500

    def __init__(self, kind: str, message: str) -> None:
        self.name = kind
        super().__init__(message)


class DatabaseError(Foreign):
    """The database's own refusal, such as a conflict with another transaction; *kind* is the driver's class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"psycopg2.errors.{kind}", message)


class SerializationFailure(DatabaseError):
    """Another transaction has changed what this one wants to change: the server tries most calls again."""

    def __init__(self) -> None:
        super().__init__("SerializationFailure", "could not serialize access due to concurrent update\n")


class NotFound(Foreign):
    """JSON-2 only: no such model or method."""

    status = 404

    def __init__(self, message: str) -> None:
        super().__init__("werkzeug.exceptions.NotFound", message)


class Unprocessable(Foreign):
    """JSON-2 only: the arguments do not fit the method."""

    status = 422

    def __init__(self, message: str) -> None:
        super().__init__("werkzeug.exceptions.UnprocessableEntity", message)


class Unauthorized(Foreign):
    """JSON-2 only: no key, or not a valid one."""

    status = 401

    def __init__(self, message: str) -> None:
        super().__init__("werkzeug.exceptions.Unauthorized", message)
