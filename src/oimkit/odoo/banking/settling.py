"""Entries that wait, and settlements carried out: the suspense item becomes the partner's, then it is reconciled.

The recipe works on every version over plain RPC. It is two transactions; a crash between them leaves an entry that
points at the partner's account and settles nothing (from 16 on Odoo even calls it reconciled). Both steps ask the
server first whether they hold, so that the next run finishes what was begun; ``unfinished`` finds such entries
even when the journal of plans is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from oimkit.banking.journals import JournalState
from oimkit.banking.settlement import Settlement, SettlementPlan
from oimkit.banking.statement import Entry, Party
from oimkit.errors import BadReply, DivergedRecord, InputError, InvalidRecord
from oimkit.money import Money
from oimkit.odoo.apply import register
from oimkit.odoo.banking.fields import amount_of, date_of, ref_of, text_of
from oimkit.odoo.banking.items import ITEM, receivable_or_payable
from oimkit.odoo.banking.rights import LINE, require_rights
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Record, Ref
from oimkit.odoo.once import Report, Session

__all__ = ["carry_out_settlement", "read_unsettled", "reconcile_key", "still_settled", "unfinished"]

KIND = "bank_settlement"

_PAID = frozenset({"paid", "in_payment", "reversed"})


def read_unsettled(odoo: Odoo, journal: JournalState) -> tuple[Entry, ...]:
    """The posted entries of *journal* that settle nothing yet, by ascending id, which is ``Entry.id``."""
    lines = _lines(odoo, journal, [["is_reconciled", "=", False]])
    return tuple(_entry(line, journal) for line in lines)


def unfinished(odoo: Odoo, journal: JournalState) -> tuple[Entry, ...]:
    """Entries of *journal* that point at a partner's account and settle nothing: left by a crash between two calls.

    Matched and settled like any other entry they are finished; a payment that a person put on a partner's account
    as a whole looks the same.
    """
    parts = odoo.search_read(
        ITEM,
        [
            ["statement_line_id.journal_id", "=", journal.id],
            ["parent_state", "=", "posted"],
            ["reconciled", "=", False],
            *receivable_or_payable(odoo),
        ],
        ["statement_line_id", *_PART_FIELDS],
    )
    begun = {
        ref_of(part, "statement_line_id").id: _worth(part)
        for part in parts
        if part["amount_residual"] == part["balance"]
    }
    lines = _lines(odoo, journal, [["id", "in", sorted(begun)]]) if begun else []
    return tuple(_entry(line, journal) for line in lines if begun[line["id"]] == -amount_of(line, "amount"))


def _lines(odoo: Odoo, journal: JournalState, terms: Sequence[object]) -> list[Record]:
    domain = [["journal_id", "=", journal.id], ["move_id.state", "=", "posted"], *terms]
    fields = ["date", "amount", "payment_ref", "ref", "partner_name", "account_number"]
    return odoo.search_read(LINE, domain, fields, order="id")


def _entry(line: Record, journal: JournalState) -> Entry:
    fields = ("partner_name", "account_number", "payment_ref", "ref")
    name, account, label, reference = (text_of(line, field) for field in fields)
    day = date_of(line, "date")
    if day is None:
        raise BadReply(f"{LINE} {line['id']} came without its date")
    return Entry(
        id=str(line["id"]),
        book=None if journal.company_id is None else str(journal.company_id),
        account=journal.account,
        amount=Money(amount_of(line, "amount"), journal.currency),
        value_date=day,
        booking_date=day,
        remittance=(label,) if label is not None else (),
        end_to_end_id=reference,
        counterparty=Party(name=name, account=account) if name is not None or account is not None else None,
    )


def carry_out_settlement(plan: SettlementPlan, session: Session) -> Report:
    """Every settlement of *plan*, each in two steps that are done once, read back and compared with the plan.

    What changed on the server since the plan was made is a finding, and the entry stays as it is. What waits for
    a person in the plan stays there.

    Raises:
        AccessRefused: the user lacks the accounting right; nothing was sent.
        DivergedRecord: the server reported success and an invoice or an entry is not as planned.
    """
    require_rights(session.odoo)
    findings: list[str] = []
    for settlement in plan.settlements:
        obstacle = _settle(session, _ids(settlement))
        if obstacle is not None:
            findings.append(f"entry {settlement.entry_id}: {obstacle}")
    return session.report(KIND, findings)


@dataclass(frozen=True, slots=True)
class _Ids:
    """A settlement by the ids of the server: line, its amount, partner, journal items and what is open on each."""

    line: int
    amount: Decimal
    partner: int
    items: tuple[int, ...]
    open: tuple[Money, ...]


def _ids(settlement: Settlement) -> _Ids:
    texts = (settlement.entry_id, settlement.partner_id, *(item.item_id for item in settlement.items))
    if not all(text.isascii() and text.isdigit() for text in texts):
        raise InputError(
            "the settlement names records that are not the server's", advice="match what was read from this server"
        )
    line, partner, *items = map(int, texts)
    open_amounts = tuple(item.amount for item in settlement.items)
    return _Ids(line, settlement.amount.amount, partner, tuple(items), open_amounts)


def _settle(session: Session, wanted: _Ids) -> str | None:
    """The settlement done, or why it cannot be."""
    odoo = session.odoo
    items = odoo.search_read(ITEM, [["id", "in", list(wanted.items)]], _ITEM_FIELDS, order="id")
    entry = odoo.search_read(LINE, [["id", "=", wanted.line]], ["move_id", "journal_id", "is_reconciled"])
    if len(items) != len(wanted.items) or not entry:
        return "the entry or a document is no longer there"
    accounts = {ref_of(item, "account_id").id for item in items}
    if len(accounts) != 1:
        return f"the documents stand on {len(accounts)} accounts and need to be settled by hand"
    (account,) = accounts
    move = ref_of(entry[0], "move_id").id
    part = _part(odoo, move, account, wanted.partner)
    if part is not None and _is_reconciled(odoo, (part, *wanted.items)):
        return None if _together(odoo, part, wanted.items) else "the entry or a document was settled otherwise"
    if any(_open(item) != due.amount for item, due in zip(items, _by_item(wanted), strict=True)):
        return "what is open on a document has changed since this was planned"
    suspense = _suspense(odoo, move, ref_of(entry[0], "journal_id").id)
    if (part is None) == (suspense is None):
        return "the entry was settled otherwise, or in part"
    if not _is_whole(odoo, wanted, items[0], part, suspense):
        return "the entry's amount has changed since this was planned, or was split by hand"
    try:
        part = _assign(session, wanted, move, account, suspense)
        _reconcile(session, wanted, part)
    except InvalidRecord as error:
        return f"the server refused it: {error.reason}"
    _read_back(odoo, wanted, part)
    return None


_ITEM_FIELDS = ["account_id", "move_id", "reconciled", "currency_id", "company_currency_id"]
_ITEM_FIELDS += ["amount_residual", "amount_residual_currency"]

_PART_FIELDS = ["balance", "amount_currency", "currency_id", "company_currency_id"]
_PART_FIELDS += ["amount_residual", "amount_residual_currency"]


def _by_item(wanted: _Ids) -> list[Money]:
    """What is open on each item, in ascending order of id."""
    return [amount for _, amount in sorted(zip(wanted.items, wanted.open, strict=True), key=lambda pair: pair[0])]


def _currency(item: Record) -> Ref:
    """The currency of a journal item; 14 names none when it is the company's."""
    own = item["currency_id"]
    return own if isinstance(own, Ref) else ref_of(item, "company_currency_id")


def _is_foreign(item: Record) -> bool:
    return _currency(item).id != ref_of(item, "company_currency_id").id


def _open(item: Record) -> Decimal:
    """The residual in the item's currency."""
    return amount_of(item, "amount_residual_currency" if _is_foreign(item) else "amount_residual")


def _worth(item: Record) -> Decimal:
    """The whole amount in the item's currency."""
    return amount_of(item, "amount_currency" if _is_foreign(item) else "balance")


def _is_whole(odoo: Odoo, wanted: _Ids, document: Record, part: int | None, suspense: int | None) -> bool:
    """True when the entry's item stands for all of the planned amount, in the documents' currency, none of it used.

    Less would settle the documents in part, without an error: the server matches whatever two items have.
    """
    (item,) = odoo.read(ITEM, [identity for identity in (part, suspense) if identity is not None], _PART_FIELDS)
    unused = part is None or _open(item) == _worth(item)  # the suspense account keeps no residual
    return unused and _worth(item) == -wanted.amount and _currency(item).id == _currency(document).id


def _part(odoo: Odoo, move: int, account: int, partner: int) -> int | None:
    """The item of the bank entry that stands on the partner's account, or None."""
    found = odoo.search(
        ITEM, [["move_id", "=", move], ["account_id", "=", account], ["partner_id", "=", partner]], order="id"
    )
    return found[0] if len(found) == 1 else None


def _suspense(odoo: Odoo, move: int, journal: int) -> int | None:
    """The item of the bank entry that stands on the journal's suspense account, or None."""
    account = odoo.read("account.journal", [journal], ["suspense_account_id"])[0]["suspense_account_id"]
    if not isinstance(account, Ref):
        raise InputError(
            f"account.journal {journal} has no suspense account", advice="set one in the journal's settings in Odoo"
        )
    found = odoo.search(ITEM, [["move_id", "=", move], ["account_id", "=", account.id]])
    return found[0] if len(found) == 1 else None


def _assign(session: Session, wanted: _Ids, move: int, account: int, suspense: int | None) -> int:
    """The bank entry's item on the partner's account: the suspense item, moved there."""

    def moved() -> int | None:
        return _part(session.odoo, move, account, wanted.partner)

    def act() -> None:
        if suspense is None:
            raise DivergedRecord(f"entry {wanted.line} lost its suspense item", advice="look at the entry in Odoo")
        session.odoo.write(ITEM, [suspense], {"account_id": account, "partner_id": wanted.partner})

    return session.ensure(f"assign {LINE} {wanted.line} to {_named(wanted)}", done=moved, act=act)


def _reconcile(session: Session, wanted: _Ids, part: int) -> None:
    items = [part, *wanted.items]

    def reconciled() -> bool | None:
        return _is_reconciled(session.odoo, items) or None

    session.ensure(
        _reconcile_key(wanted),
        done=reconciled,
        act=lambda: session.odoo.call(ITEM, "reconcile", ids=items),
    )


def reconcile_key(settlement: Settlement) -> str:
    """The name under which the journal keeps the second step of *settlement*."""
    return _reconcile_key(_ids(settlement))


def still_settled(odoo: Odoo, settlement: Settlement) -> bool:
    """True when the entry and the items of *settlement* are matched with each other, as it left them."""
    wanted = _ids(settlement)
    items = odoo.search_read(ITEM, [["id", "in", list(wanted.items)]], ["full_reconcile_id"])
    full = {item["full_reconcile_id"] for item in items}
    if len(items) != len(wanted.items) or len(full) != 1 or None in full:
        return False
    (match,) = full
    return odoo.count(ITEM, [["statement_line_id", "=", wanted.line], ["full_reconcile_id", "=", match.id]]) > 0


def _reconcile_key(wanted: _Ids) -> str:
    return f"reconcile {LINE} {wanted.line} with {_named(wanted)}"


def _named(wanted: _Ids) -> str:
    return "+".join(map(str, wanted.items))


def _is_reconciled(odoo: Odoo, items: Sequence[int]) -> bool:
    return all(item["reconciled"] is True for item in odoo.read(ITEM, items, ["reconciled"]))


def _together(odoo: Odoo, part: int, items: Sequence[int]) -> bool:
    """True when all of them share one full reconciliation."""
    full = {item["full_reconcile_id"] for item in odoo.read(ITEM, [part, *items], ["full_reconcile_id"])}
    return len(full) == 1 and None not in full


def _read_back(odoo: Odoo, wanted: _Ids, part: int) -> None:
    """Entry reconciled, nothing open on the items, their documents paid; DivergedRecord otherwise."""
    line = odoo.read(LINE, [wanted.line], ["is_reconciled"])[0]
    items = odoo.read(ITEM, [part, *wanted.items], ["reconciled", "amount_residual", "move_id"])
    moves = sorted({ref_of(item, "move_id").id for item in items[1:]})
    documents = odoo.read("account.move", moves, ["amount_residual", "payment_state"])
    unpaid = [move["id"] for move in documents if not move["amount_residual"] and move["payment_state"] not in _PAID]
    if line["is_reconciled"] is not True or any(item["amount_residual"] for item in items) or unpaid:
        raise DivergedRecord(
            f"{LINE} {wanted.line} and its {len(wanted.items)} documents are not settled as planned",
            advice="look at the entry in Odoo; `oimkit undo` takes the run back",
        )


register(KIND, SettlementPlan, carry_out_settlement)
