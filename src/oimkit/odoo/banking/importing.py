"""An import plan carried out: statements with their lines, each under its key, posted and read back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from oimkit.banking.importing import ImportPlan, PlannedEntry, PlannedStatement
from oimkit.errors import DivergedRecord
from oimkit.odoo.apply import register
from oimkit.odoo.banking.fields import amount_of
from oimkit.odoo.banking.journals import STATEMENT, known_keys
from oimkit.odoo.banking.rights import LINE, require_rights
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Record, Value
from oimkit.odoo.field_map import has
from oimkit.odoo.keys import MODULE, ExternalId, find
from oimkit.odoo.once import Report, Session

__all__ = ["carry_out_import"]

KIND = "bank_import"


def carry_out_import(plan: ImportPlan, session: Session) -> Report:
    """Every statement of *plan* with its lines, created once, posted where the server wants that, compared.

    One statement is one transaction, keyed by itself and by each of its lines. Lines alone (possible from 16 on) would
    be one call each, and would leave no opening balance for the next import to be checked against.

    Raises:
        AccessRefused: the user lacks the accounting right; nothing was sent.
        DivergedRecord: entries came in by another way since the plan was made, or the lines read back differ.
    """
    require_rights(session.odoo)
    for statement in plan.statements:
        _refuse_overtaken(session.odoo, statement)
        made = session.create(
            ExternalId(MODULE, statement.key),
            STATEMENT,
            _statement_values(session.odoo, plan, statement),
            lines={"line_ids": [_line_values(session.odoo, plan, entry) for entry in statement.entries]},
        )
        _post(session, made)
        _compare(session.odoo, made, statement)
    return session.report(KIND, [f"{finding.code}: {finding.reason}" for finding in plan.findings])


def _refuse_overtaken(odoo: Odoo, statement: PlannedStatement) -> None:
    """Without its statement no line may be there: loading it again would move it from one statement to another."""
    key = ExternalId(MODULE, statement.key)
    if key in find(odoo, [key]):
        return
    there = known_keys(odoo, [entry.key for entry in statement.entries])
    if there:
        raise DivergedRecord(
            f"{len(there)} of {len(statement.entries)} entries came in since this import was planned",
            advice="plan the import anew",
        )


def _statement_values(odoo: Odoo, plan: ImportPlan, statement: PlannedStatement) -> dict[str, Value]:
    values: dict[str, Value] = {"name": statement.name, "date": statement.day}
    if _lines_need_statement(odoo):
        values["journal_id"] = plan.journal_id
    opening, closing = _balances(odoo, plan, statement)
    if opening is not None and closing is not None:
        values["balance_start"] = opening
        values["balance_end_real"] = closing
    return values


def _balances(odoo: Odoo, plan: ImportPlan, statement: PlannedStatement) -> tuple[Decimal | None, Decimal | None]:
    """Opening and closing: the bank's where it gave them, else the server's own chain goes on.

    Up to 15 a closing balance that is not written stays 0, and the next statement would begin there.
    """
    if statement.opening is not None and statement.closing is not None:
        return statement.opening.amount, statement.closing.amount
    if not has_state(odoo):
        return None, None
    last = odoo.search_read(
        STATEMENT, [["journal_id", "=", plan.journal_id]], ["balance_end_real"], order="date desc, id desc", limit=1
    )
    opening = amount_of(last[0], "balance_end_real") if last else Decimal(0)
    return opening, sum((entry.amount.amount for entry in statement.entries), opening)


def _lines_need_statement(odoo: Odoo) -> bool:
    """True up to 15: a line takes its journal from its statement; from 16 on it is the other way round."""
    return odoo.schema.field(LINE, "statement_id").required


def _line_values(odoo: Odoo, plan: ImportPlan, entry: PlannedEntry) -> tuple[ExternalId, Mapping[str, Value]]:
    values: dict[str, Value] = {
        "date": entry.day,
        "payment_ref": entry.label,
        "amount": entry.amount.amount,
        "partner_name": entry.partner_name,
        "account_number": entry.account_number,
        "ref": entry.reference,
    }
    if not _lines_need_statement(odoo):
        values["journal_id"] = plan.journal_id
    return ExternalId(MODULE, entry.key), values


def _post(session: Session, statement: int) -> None:
    """Post the statement's entries where it has a state of its own (up to 15); from 16 on they are posted at once."""
    if not has_state(session.odoo):
        return

    def posted() -> bool | None:
        return session.odoo.read(STATEMENT, [statement], ["state"])[0]["state"] != "open" or None

    session.ensure(
        f"post {STATEMENT} {statement}",
        done=posted,
        act=lambda: session.odoo.call(STATEMENT, "button_post", ids=[statement]),
    )


def has_state(odoo: Odoo) -> bool:
    """True where statements are opened and posted (up to 15)."""
    return has(odoo.schema, STATEMENT, "state")


def _compare(odoo: Odoo, statement: int, planned: PlannedStatement) -> None:
    """The lines as read back are those of the plan, each in its entry, posted."""
    lines = odoo.search_read(
        LINE,
        [["statement_id", "=", statement]],
        ["date", "amount", "payment_ref", "partner_name", "account_number", "ref", "move_id", "state"],
    )
    told = sorted(map(_told, lines), key=repr)
    wanted = sorted(map(_wanted, planned.entries), key=repr)
    if told != wanted or any(line["state"] != "posted" or line["move_id"] is None for line in lines):
        raise DivergedRecord(
            f"{STATEMENT} {statement} holds {len(lines)} lines, not the {len(planned.entries)} of the plan",
            advice="compare it with the bank's statement; `oimkit undo` takes the run back",
        )


def _told(line: Record) -> tuple[object, ...]:
    return tuple(line[name] for name in ("date", "amount", "payment_ref", "partner_name", "account_number", "ref"))


def _wanted(entry: PlannedEntry) -> tuple[object, ...]:
    return entry.day, entry.amount.amount, entry.label, entry.partner_name, entry.account_number, entry.reference


register(KIND, ImportPlan, carry_out_import)
