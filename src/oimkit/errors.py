"""The error tree: a class says what the caller may do next.

    OimkitError
      InputError(ValueError)      the data or the call is wrong: mend it, a retry cannot help
        StatementError              a bank statement file: .format .line .tag .reason
        AmountError                 a text that is not one amount: .reason
        CurrencyMismatch            two currencies met where one was expected
        RuleError                   a rule file or rule set: .where .reason
        ConfigurationError          connection settings, profiles, options
        FieldNotRead                a typed record was asked for a field that was not read
      JournalHeld                 another process writes through this journal: wait for it
      OdooError                   the server, or the way to it
        NotSent                     nothing reached the server: safe to try again
        OutcomeUnknown              sent, no usable answer: settle by .key, never send afresh
        Refused                     the server said no and rolled back
          AccessDenied                login refused: database, user or secret
          AccessRefused               the user lacks a right: groups or record rules
          MissingRecord               a record is not there, or no longer
          InvalidRecord               a constraint or a business rule of the server
          InvalidCall                 unknown model, method, field or argument
          Busy                        locked, serialisation failure, too many requests: try later
        BadReply                    not a reply of Odoo: too large, too deep, not decodable, a redirect
        DivergedRecord              what was read back is not what was planned
      IllegalTransition           the pipeline was asked for a step its state does not allow

Only these classes leave a public function. Messages hold ids, counts, lines and tags; never keys,
account numbers, names or payment texts. Each message is one sentence of what was refused, where and
why; ``advice`` says what to do next and is part of ``str(error)``.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AccessDenied",
    "AccessRefused",
    "AmountError",
    "BadReply",
    "Busy",
    "ConfigurationError",
    "CurrencyMismatch",
    "DivergedRecord",
    "FieldNotRead",
    "IllegalTransition",
    "InputError",
    "InvalidCall",
    "InvalidRecord",
    "JournalHeld",
    "MissingRecord",
    "NotSent",
    "OdooError",
    "OimkitError",
    "OutcomeUnknown",
    "Refused",
    "RefusedRow",
    "RuleError",
    "StatementError",
]


class OimkitError(Exception):
    """Anything oimkit refuses or cannot do; ``reason`` says why and ``advice`` what to do next."""

    def __init__(self, reason: str, *, advice: str = "") -> None:
        self.reason = reason
        self.advice = advice
        super().__init__(reason)

    def __str__(self) -> str:
        return f"{self.reason}; {self.advice}" if self.advice else self.reason


class InputError(OimkitError, ValueError):
    """The data or the call is wrong: mend it, a retry cannot help."""


class StatementError(InputError):
    """A bank statement file cannot be read exactly.

    format  the format it was read as (``mt940``, ...) or None when none was recognised
    line    1-based line of the file, or None
    tag     the tag, element or field in which the reading stopped, or None
    """

    def __init__(
        self,
        reason: str,
        *,
        format: str | None = None,  # noqa: A002  the field's own word, as in the command's output
        line: int | None = None,
        tag: str | None = None,
        advice: str = "",
    ) -> None:
        self.format = format
        self.line = line
        self.tag = tag
        super().__init__(reason, advice=advice)

    def __str__(self) -> str:
        place = [self.format or "", f"line {self.line}" if self.line is not None else "", self.tag or ""]
        where = ", ".join(part for part in place if part)
        text = super().__str__()
        return f"{where}: {text}" if where else text


class AmountError(InputError):
    """A text is not one amount that can be read in exactly one way."""


class CurrencyMismatch(InputError):
    """Two currencies met where one was expected."""


class RuleError(InputError):
    """A rule file or rule set is wrong; ``where`` is the path to the rule inside it."""

    def __init__(self, reason: str, *, where: str = "", advice: str = "") -> None:
        self.where = where
        super().__init__(reason, advice=advice)

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.where}: {text}" if self.where else text


class ConfigurationError(InputError):
    """Connection settings, a profile or an option is missing or contradicts another."""


class FieldNotRead(InputError, AttributeError):
    """A typed record was asked for a field that was not read; it is not known whether the field is empty."""


class JournalHeld(OimkitError):
    """Another process writes through this journal; ``holder`` is its process id if known."""

    def __init__(self, reason: str, *, holder: int | None = None, advice: str = "") -> None:
        self.holder = holder
        super().__init__(reason, advice=advice)


class OdooError(OimkitError):
    """The server, or the way to it."""


class NotSent(OdooError):
    """Nothing reached the server: safe to try again."""


class OutcomeUnknown(OdooError):
    """The request was sent and no usable answer came: it may have happened or may yet happen.

    key          the external id or run key to ask the server for, or None for a call without one
    after_commit True when the server is known to have finished (it failed only while writing its
                 reply), so that the key may be asked for at once; False when it may still be at work
    """

    def __init__(self, reason: str, *, key: str | None = None, after_commit: bool = False, advice: str = "") -> None:
        self.key = key
        self.after_commit = after_commit
        super().__init__(reason, advice=advice)


class Refused(OdooError):
    """The server said no and rolled back.

    server_class  dotted name of the server's exception where the transport tells it, else ""
    """

    def __init__(self, reason: str, *, server_class: str = "", advice: str = "") -> None:
        self.server_class = server_class
        super().__init__(reason, advice=advice)


class AccessDenied(Refused):
    """Login refused: wrong database, user or secret, or a second factor is demanded."""


class AccessRefused(Refused):
    """The user is known but lacks a right: a group or a record rule is missing."""


class MissingRecord(Refused):
    """A record that the call names is not there, or no longer."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Why one record of an import was refused.

    record  its place among the records, from 0; row is the first of its rows; either is None where the server says none
    column  the field in which the server saw the fault, or None
    reason  the server's reason where it names no column: masked, at most one line
    """

    record: int | None
    row: int | None
    column: str | None
    reason: str

    def __str__(self) -> str:
        place = "a row" if self.row is None else f"row {self.row}"
        return f"{place}, column {self.column}" if self.column else f"{place}: {self.reason}"


class InvalidRecord(Refused):
    """A constraint or a business rule of the server forbids it.

    rows  of an import, which records it named; nothing of the import was kept
    """

    def __init__(
        self, reason: str, *, server_class: str = "", rows: tuple[RefusedRow, ...] = (), advice: str = ""
    ) -> None:
        self.rows = rows
        super().__init__(reason, server_class=server_class, advice=advice)


class InvalidCall(Refused):
    """The server does not know this model, method, field or argument."""


class Busy(Refused):
    """The server is locked, overloaded or limits requests; nothing was done, try later.

    retry_after_s  seconds the server asked to wait, or None
    """

    def __init__(
        self, reason: str, *, server_class: str = "", retry_after_s: float | None = None, advice: str = ""
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(reason, server_class=server_class, advice=advice)


class BadReply(OdooError):
    """The answer of a call that changes nothing is not a reply of Odoo, or breaks a stated limit."""


class DivergedRecord(OdooError):
    """What was read back is not what was planned; nothing further is done until a person has looked."""


class IllegalTransition(OimkitError):
    """The pipeline was asked for a step that its state does not allow.

    code  stable name of the refusal, for programs
    """

    def __init__(self, reason: str, *, code: str = "", advice: str = "") -> None:
        self.code = code
        super().__init__(reason, advice=advice)
