"""Invoices for worked time in Odoo: drafts with their timesheets linked, made once, read back, posted when asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from oimkit.billing import (
    InvoiceDraft,
    InvoiceKind,
    InvoiceLine,
    InvoicePlan,
    InvoiceRef,
    Period,
    Printing,
    Snap,
    WorkedTime,
    check_plan,
)
from oimkit.errors import DivergedRecord, InputError
from oimkit.money import Money
from oimkit.odoo.apply import register
from oimkit.odoo.codec import Record, Value
from oimkit.odoo.keys import ExternalId, Found, find
from oimkit.odoo.once import Report, Session
from oimkit.odoo.rulesets import resolve_rules
from oimkit.odoo.timesheets import (
    LINK,
    Preflight,
    currency_id,
    preflight,
    read_entries,
    read_worked_time,
    unread_time,
)

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = [
    "DraftPlan",
    "OdooInvoiceBook",
    "PlannedEntry",
    "PlannedInvoice",
    "PlannedLine",
    "PostingPlan",
    "Preflight",
    "plan_drafts",
    "post_drafts",
    "preflight",
    "read_worked_time",
    "resolve_rules",
    "unread_time",
]

MOVE, TIME = "account.move", "account.analytic.line"

_TYPES = {InvoiceKind.INVOICE: "out_invoice", InvoiceKind.CREDIT_NOTE: "out_refund"}

_MOST_REVISIONS = 20
"""Times the same work may have been billed and cancelled before a person has to look."""


@dataclass(frozen=True, slots=True, repr=False)
class PlannedLine:
    """One line as it will be stored: quantity x price is subtotal on this server."""

    key: ExternalId
    text: str
    quantity: Decimal
    price: Decimal
    subtotal: Decimal

    def __repr__(self) -> str:
        return f"PlannedLine({self.quantity} x {self.price} = {self.subtotal})"


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """An entry that the invoice will be linked to, with its fingerprint at the time of planning."""

    id: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInvoice:
    """One draft invoice or credit note to exist under *key*.

    reference          the run key, kept in the field ``ref``
    payment_reference  written with the draft, or None to let the server make one when it is posted
    untaxed            total before tax as the document shows it, never below zero
    currency, journal, product, account, taxes   database ids; None leaves the server's default, which for a currency
                       would be the journal's, so that one is always named
    """

    key: ExternalId
    reference: str
    move_type: str
    customer: int
    invoice_date: date
    untaxed: Money
    payment_reference: str | None
    currency: int
    journal: int | None
    product: int | None
    account: int | None
    taxes: tuple[int, ...]
    lines: tuple[PlannedLine, ...]
    entries: tuple[PlannedEntry, ...]


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """Draft invoices to make, each once under its key; carried out by ``apply``.

    rules     hash of the rule set that decided
    snap      how the entries' hours were read, so that they can be read again the same way
    findings  what a person has to look at: time that is not billed, work that an invoice covers already
    """

    rules: str
    snap: Snap
    invoices: tuple[PlannedInvoice, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostedInvoice:
    """An invoice to post: what must hold for it to be the one that was planned.

    entries  ids of the entries that it bills, which must still be linked to it
    """

    key: ExternalId
    untaxed: Money
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PostingPlan:
    """Drafts to post; carried out by ``apply``, and made only when somebody asks for posting."""

    invoices: tuple[PostedInvoice, ...]


# -- plan --------------------------------------------------------------------------------------------------------


def plan_drafts(odoo: Odoo, plan: InvoicePlan, *, frame: Preflight | None = None) -> DraftPlan:
    """What is to be written for *plan*; reads the server, changes nothing.

    A draft whose key has only cancelled invoices becomes a new revision. One whose key has a living invoice is
    left out and told as a finding: the work is billed there, and somebody took the link off its entries.

    Args:
        frame: what ``preflight`` told before; asked again when not given.

    Raises:
        InputError: the plan was edited, its currency is not one of this database, or the journal that the rules name
            is another company's.
        AccessRefused, InvalidCall: as ``preflight``.
    """
    check_plan(plan)
    frame = frame or preflight(odoo, currency=plan.rules.currency)
    if plan.drafts and plan.printing != frame.printing:
        raise InputError(
            "the plan was fitted to another precision than this server prints with",
            advice="pass preflight(odoo, currency=rules.currency).printing to plan_invoices",
        )
    own = plan.rules.currency == frame.currency
    currency = frame.currency_id if own else currency_id(odoo, plan.rules.currency)
    _check_company(odoo, plan, frame)
    invoices, findings = _new_invoices(odoo, plan, currency)
    return DraftPlan(plan.rules.hash, plan.rules.snap, invoices, (*_open_time(plan), *findings))


def post_drafts(plan: DraftPlan) -> PostingPlan:
    """The plan that posts the invoices of *plan*, which must have been carried out before.

    Posting is a plan of its own, so that no draft is ever posted by making it.
    """
    return PostingPlan(
        tuple(
            PostedInvoice(invoice.key, invoice.untaxed, tuple(entry.id for entry in invoice.entries))
            for invoice in plan.invoices
        )
    )


def _open_time(plan: InvoicePlan) -> list[str]:
    counted: dict[str, list[int]] = {}
    for item in plan.needs_a_person:
        counted.setdefault(item.reason, []).append(item.entry)
    return [
        f"{len(entries)} entries are not billed ({reason}), the first is {entries[0]}"
        for reason, entries in counted.items()
    ]


def _check_company(odoo: Odoo, plan: InvoicePlan, frame: Preflight) -> None:
    """Refuse a journal of another company: the invoice would be made there, and the entries are not its."""
    journal = plan.rules.odoo.journal
    if journal is None:
        return
    (row,) = odoo.read("account.journal", [journal], ["company_id"])
    if row["company_id"].id != frame.company:
        raise InputError(
            f"account.journal {journal} is not of the user's company {frame.company}",
            advice="name a sales journal of that company in the rules",
        )


def _new_invoices(odoo: Odoo, plan: InvoicePlan, currency: int) -> tuple[tuple[PlannedInvoice, ...], tuple[str, ...]]:
    """Invoices for the drafts whose work no living invoice covers, and a finding for each of the others."""
    waiting = {draft.key: draft for draft in plan.drafts}
    ready: dict[str, InvoiceDraft] = {}
    findings: list[str] = []
    for _ in range(_MOST_REVISIONS):
        keys = {_key(draft): original for original, draft in waiting.items()}
        found = find(odoo, keys)
        ready.update((keys[key], waiting.pop(keys[key])) for key in list(keys) if key not in found)
        if not waiting:
            break
        states = {row["id"]: row["state"] for row in odoo.read(MOVE, [one.id for one in found.values()], ["state"])}
        for key, one in found.items():
            draft = waiting.pop(keys[key])
            if states[one.id] == "cancel":
                waiting[keys[key]] = replace(draft, revision=draft.revision + 1)
            else:
                findings.append(
                    f"invoice {one.id} bills {len(draft.times)} entries that are not linked to it any more: "
                    f"link them again, or cancel it"
                )
    else:
        raise InputError(f"the same work was billed and cancelled {_MOST_REVISIONS} times")
    invoices = (_invoice(ready[draft.key], plan, currency) for draft in plan.drafts if draft.key in ready)
    return tuple(invoices), tuple(findings)


def _key(draft: InvoiceDraft) -> ExternalId:
    return ExternalId.of("invoice", draft.key)


def _invoice(draft: InvoiceDraft, plan: InvoicePlan, currency: int) -> PlannedInvoice:
    sign = -1 if draft.kind is InvoiceKind.CREDIT_NOTE else 1
    hints = plan.rules.odoo
    return PlannedInvoice(
        key=_key(draft),
        reference=draft.key,
        move_type=_TYPES[draft.kind],
        customer=draft.customer,
        invoice_date=draft.invoice_date,
        untaxed=draft.amount if sign > 0 else -draft.amount,
        payment_reference=draft.payment_reference,
        currency=currency,
        journal=hints.journal,
        product=hints.product,
        account=hints.account,
        taxes=hints.taxes,
        lines=tuple(_line(draft, line, sign) for line in draft.lines),
        entries=tuple(PlannedEntry(time.id, time.fingerprint) for time in draft.times),
    )


def _line(draft: InvoiceDraft, line: InvoiceLine, sign: int) -> PlannedLine:
    return PlannedLine(
        key=ExternalId.of("invoice_line", draft.key, line.number),
        text=line.text,
        quantity=line.printed.quantity * sign,
        price=line.printed.price,
        subtotal=line.printed.amount * sign,
    )


# -- carry out ---------------------------------------------------------------------------------------------------


def _carry_out_drafts(plan: DraftPlan, session: Session) -> Report:
    """Make each invoice that is not there, its entries untouched since the plan, and read all of them back."""
    made = {}
    for invoice in plan.invoices:
        check = partial(_check_entries, session.odoo, invoice, plan.snap)
        made[invoice.key] = session.create(invoice.key, MOVE, _values(invoice), lines=_lines(invoice), check=check)
    _compare(session.odoo, plan, made)
    return session.report("invoice-drafts", plan.findings)


def _values(invoice: PlannedInvoice) -> Mapping[str, Value]:
    values: dict[str, Value] = {
        "move_type": invoice.move_type,
        "partner_id": invoice.customer,
        "invoice_date": invoice.invoice_date,
        "ref": invoice.reference,
        "timesheet_ids": tuple(entry.id for entry in invoice.entries),
        "currency_id": invoice.currency,
    }
    optional = {
        "payment_reference": invoice.payment_reference,
        "journal_id": invoice.journal,
    }
    return values | {name: value for name, value in optional.items() if value is not None}


def _lines(invoice: PlannedInvoice) -> Mapping[str, Sequence[tuple[ExternalId, Mapping[str, Value]]]]:
    """Lines as ``load`` takes them: without a column for taxes a line without a product has none, on every version."""
    hints: dict[str, Value] = {"product_id": invoice.product, "account_id": invoice.account}
    extra = {name: value for name, value in hints.items() if value is not None}
    if invoice.taxes:
        extra["tax_ids"] = invoice.taxes
    return {
        "invoice_line_ids": [
            (line.key, {**extra, "name": line.text, "quantity": line.quantity, "price_unit": line.price})
            for line in invoice.lines
        ]
    }


def _check_entries(odoo: Odoo, invoice: PlannedInvoice, snap: Snap) -> None:
    """Refuse when an entry was changed since the plan, or is billed elsewhere: the link would move silently."""
    recorded = read_entries(odoo, [entry.id for entry in invoice.entries], snap=snap)
    linked = sorted({one.invoice for one in recorded if one.invoice is not None})
    living = [row["id"] for row in odoo.read(MOVE, linked, ["state"]) if row["state"] != "cancel"] if linked else []
    if living and find(odoo, [invoice.key]).get(invoice.key) != Found(MOVE, living[0]):
        raise DivergedRecord(
            f"entries of {invoice.reference} are billed on invoice {living[0]} meanwhile", advice="plan anew"
        )
    for one, planned in zip(recorded, invoice.entries, strict=True):
        if (one.time.fingerprint, one.time.customer) != (planned.fingerprint, invoice.customer):
            raise DivergedRecord(
                f"entry {planned.id} or its customer was changed after it was planned", advice="plan anew"
            )


def _compare(odoo: Odoo, plan: DraftPlan, made: Mapping[ExternalId, int]) -> None:
    """Read back totals, lines and links of every invoice; DivergedRecord names the first that is not as planned."""
    moves = _by_id(odoo.read(MOVE, list(made.values()), _MOVE_FIELDS))
    line_ids = [line for move in moves.values() for line in move["invoice_line_ids"]]
    lines = _by_id(odoo.read("account.move.line", line_ids, ["quantity", "price_unit", "price_subtotal"]))
    entry_ids = [entry.id for invoice in plan.invoices for entry in invoice.entries]
    links = {row["id"]: row[LINK] for row in odoo.read(TIME, entry_ids, [LINK])}
    for invoice in plan.invoices:
        move = moves[made[invoice.key]]
        where = f"invoice {move['id']} ({invoice.reference})"
        if (move["move_type"], move["amount_untaxed"]) != (invoice.move_type, invoice.untaxed.amount):
            raise DivergedRecord(f"{where} is {move['amount_untaxed']} before tax, planned was {invoice.untaxed.text}")
        if (move["currency_id"].id, move["partner_id"].id) != (invoice.currency, invoice.customer):
            raise DivergedRecord(f"{where} is in another currency or for another customer than planned")
        if not invoice.taxes and invoice.product is None and move["amount_tax"]:
            raise DivergedRecord(f"{where} has {move['amount_tax']} of tax, none was planned")
        stored = sorted(_printed(lines[line]) for line in move["invoice_line_ids"])
        if stored != sorted((line.quantity, line.price, line.subtotal) for line in invoice.lines):
            raise DivergedRecord(f"the lines of {where} are not the planned ones")
        strays = [entry.id for entry in invoice.entries if links[entry.id] is None or links[entry.id].id != move["id"]]
        if strays:
            raise DivergedRecord(f"entry {strays[0]} is not linked to {where}", advice="see who changed the link")


_MOVE_FIELDS = ("move_type", "partner_id", "currency_id", "state", "amount_untaxed", "amount_tax", "invoice_line_ids")


def _by_id(rows: Iterable[Record]) -> dict[int, Record]:
    return {row["id"]: row for row in rows}


def _printed(line: Record) -> tuple[Decimal, Decimal, Decimal]:
    return line["quantity"], line["price_unit"], line["price_subtotal"]


# -- post --------------------------------------------------------------------------------------------------------


def _carry_out_posting(plan: PostingPlan, session: Session) -> Report:
    known = find(session.odoo, [invoice.key for invoice in plan.invoices])
    missing = [invoice.key for invoice in plan.invoices if invoice.key not in known]
    if missing:
        raise InputError(f"{len(missing)} of the invoices are not there, the first is {missing[0]}", advice=_FIRST)
    for invoice in plan.invoices:
        _post(session, invoice, known[invoice.key].id)
    return session.report("invoice-posting")


_FIRST = "carry out the plan of their drafts first"


def _post(session: Session, invoice: PostedInvoice, move: int) -> None:
    """Post one invoice; on 14 the answer cannot be written over XML-RPC, so success is read from the record."""

    def posted() -> bool | None:
        (row,) = session.odoo.read(MOVE, [move], ["state", "amount_untaxed"])
        if row["state"] == "cancel":
            raise DivergedRecord(f"invoice {move} is cancelled and cannot be posted", advice="plan anew")
        if row["amount_untaxed"] != invoice.untaxed.amount:
            raise DivergedRecord(
                f"invoice {move} is {row['amount_untaxed']} before tax, planned was {invoice.untaxed.text}",
                advice="somebody changed it: look at it before it is posted",
            )
        if row["state"] == "posted":
            return True
        _refuse_strays(session.odoo, invoice, move)
        return None

    session.ensure(f"post {invoice.key}", done=posted, act=lambda: session.odoo.call(MOVE, "action_post", ids=[move]))


def _refuse_strays(odoo: Odoo, invoice: PostedInvoice, move: int) -> None:
    """Refuse when an entry is not linked to the draft any more: another draft may bill it, made at the same moment."""
    linked = odoo.search(TIME, [["id", "in", list(invoice.entries)], [LINK, "=", move]])
    strays = sorted(set(invoice.entries) - set(linked))
    if strays:
        raise DivergedRecord(
            f"{len(strays)} entries that invoice {move} bills are not linked to it, the first is {strays[0]}",
            advice="see whether another invoice bills them, and delete one of the drafts",
        )


register("invoice-drafts", DraftPlan, _carry_out_drafts)
register("invoice-posting", PostingPlan, _carry_out_posting)


# -- the port ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OdooInvoiceBook:
    """Worked time and invoices kept in Odoo (fulfils ``billing.ports.InvoiceBook``)."""

    odoo: Odoo
    snap: Snap = Snap.SECOND

    def printing(self) -> Printing:
        """How this server prints lines; raises as ``preflight``."""
        return preflight(self.odoo).printing

    def worked_time(self, period: Period) -> tuple[WorkedTime, ...]:
        """Entries of *period* that no living invoice covers."""
        return read_worked_time(self.odoo, start=period.first, end=period.last, snap=self.snap)

    def find(self, key: str) -> InvoiceRef | None:
        """The invoice made under the run key *key*, or None."""
        found = find(self.odoo, [ExternalId.of("invoice", key)])
        if not found:
            return None
        ((_, one),) = found.items()
        (move,) = self.odoo.read(MOVE, [one.id], ["state", "amount_untaxed", "currency_id", "move_type"])
        (currency,) = self.odoo.read("res.currency", [move["currency_id"].id], ["name"])
        return InvoiceRef(one.id, move["state"] == "posted", Money(move["amount_untaxed"], currency["name"]))
