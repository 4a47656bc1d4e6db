"""Open items of an Odoo: posted invoices, bills and refunds with what is still due on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oimkit.banking.matching import ItemType, OpenItem
from oimkit.money import Money
from oimkit.odoo.banking.fields import amount_of, date_of, id_of, ref_of, text_of
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Record, Ref
from oimkit.odoo.field_map import has, name_of

__all__ = ["ITEM", "read_open_items", "receivable_or_payable"]

ITEM = "account.move.line"

_TYPES = {
    "out_invoice": ItemType.CUSTOMER_INVOICE,
    "out_receipt": ItemType.CUSTOMER_INVOICE,
    "out_refund": ItemType.CUSTOMER_CREDIT_NOTE,
    "in_invoice": ItemType.VENDOR_BILL,
    "in_receipt": ItemType.VENDOR_BILL,
    "in_refund": ItemType.VENDOR_CREDIT_NOTE,
}


def read_open_items(odoo: Odoo, *, company_id: int | None = None) -> tuple[OpenItem, ...]:
    """What customers and suppliers have open, in ascending order of id.

    One item a receivable or payable journal item: an invoice in instalments is several. ``OpenItem.id`` is the id of
    the ``account.move.line``, ``book`` the id of the company, amounts in the document's currency. A document without a
    partner is left out: nobody could be settled with.
    """
    domain: list[object] = [
        ["parent_state", "=", "posted"],
        ["reconciled", "=", False],
        ["move_id.move_type", "in", list(_TYPES)],
        ["partner_id", "!=", False],
        *receivable_or_payable(odoo),
    ]
    if company_id is not None:
        domain.append(["company_id", "=", company_id])
    discount = has(odoo.schema, ITEM, "discounted_amount")
    fields = ["move_id", "partner_id", "company_id", "company_currency_id", "currency_id", "balance", "amount_currency"]
    fields += ["amount_residual", "amount_residual_currency", "date_maturity"]
    fields += ["discount_amount_currency", "discount_date"] if discount else []
    lines = odoo.search_read(ITEM, domain, fields, order="id")
    moves = _by_id(odoo, "account.move", (ref_of(line, "move_id").id for line in lines), _MOVE_FIELDS)
    origins = _by_id(
        odoo,
        "account.move",
        (move["reversed_entry_id"].id for move in moves.values() if isinstance(move["reversed_entry_id"], Ref)),
        ["name"],
    )
    partners = _by_id(odoo, "res.partner", (ref_of(line, "partner_id").id for line in lines), ["name", "ref"])
    accounts = _accounts(odoo, partners)
    codes = _currencies(odoo)
    items = (_item(line, moves, origins, partners, accounts, codes) for line in lines)
    return tuple(item for item in items if item is not None)


_MOVE_FIELDS = ["name", "move_type", "ref", "payment_reference", "invoice_date", "date", "reversed_entry_id"]


def receivable_or_payable(odoo: Odoo) -> list[object]:
    """The domain of items on accounts of customers and suppliers; the account's type has two names and vocabularies."""
    name = name_of(odoo.schema, "account.account", "type") or "account_type"
    return [[f"account_id.{name}", "in", _SETTLED_IN[name]]]


_SETTLED_IN = {
    "account_type": ["asset_receivable", "liability_payable"],
    "internal_type": ["receivable", "payable"],
}


def _item(
    line: Record,
    moves: Mapping[int, Record],
    origins: Mapping[int, Record],
    partners: Mapping[int, Record],
    accounts: Mapping[int, tuple[str, ...]],
    codes: Mapping[int, str],
) -> OpenItem | None:
    """The open item of one journal item, or None when nothing payable is left on it."""
    move, partner = moves[ref_of(line, "move_id").id], partners[ref_of(line, "partner_id").id]
    base = codes[ref_of(line, "company_currency_id").id]
    amount, residual = _amounts(line, base, codes)
    if not residual or (amount.amount > 0) != (residual.amount > 0) or abs(residual) > abs(amount):
        return None
    kind = _TYPES[str(move["move_type"])]
    theirs = kind in (ItemType.VENDOR_BILL, ItemType.VENDOR_CREDIT_NOTE)
    origin = move["reversed_entry_id"]
    return OpenItem(
        id=str(line["id"]),
        book=str(ref_of(line, "company_id").id),
        type=kind,
        amount=amount,
        residual=residual,
        partner_id=str(partner["id"]),
        document_number=_number(move),
        partner_document_number=text_of(move, "ref") if theirs else None,
        payment_reference=text_of(move, "payment_reference"),
        partner_name=text_of(partner, "name"),
        customer_number=text_of(partner, "ref"),
        partner_accounts=accounts.get(id_of(partner), ()),
        issue_date=date_of(move, "invoice_date") or date_of(move, "date"),
        due_date=date_of(line, "date_maturity"),
        company_amount=Money(amount_of(line, "amount_residual"), base),
        discount=_discount(line, residual),
        discount_date=date_of(line, "discount_date") if "discount_date" in line else None,
        related_number=text_of(origins[origin.id], "name")
        if isinstance(origin, Ref) and origin.id in origins
        else None,
    )


def _amounts(line: Record, base: str, codes: Mapping[int, str]) -> tuple[Money, Money]:
    """Amount and residual in the document's currency; 14 names none when it is the company's."""
    currency = line["currency_id"]
    if isinstance(currency, Ref) and codes[currency.id] != base:
        code = codes[currency.id]
        return Money(amount_of(line, "amount_currency"), code), Money(amount_of(line, "amount_residual_currency"), code)
    return Money(amount_of(line, "balance"), base), Money(amount_of(line, "amount_residual"), base)


def _discount(line: Record, residual: Money) -> Money | None:
    """What may be kept when paid in time: residual less the discounted amount, None where nothing is on offer."""
    if "discount_amount_currency" not in line or line["discount_date"] is None:
        return None
    discount = residual - Money(amount_of(line, "discount_amount_currency"), residual.currency)
    return discount or None


def _accounts(odoo: Odoo, partners: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Account numbers by partner, those of its contacts included, letters and digits only."""
    wanted = sorted(partners)
    if not wanted:
        return {}
    rows = odoo.search_read(
        "res.partner.bank", [["partner_id", "child_of", wanted]], ["partner_id", "sanitized_acc_number"], order="id"
    )
    owners = _by_id(odoo, "res.partner", (ref_of(row, "partner_id").id for row in rows), ["commercial_partner_id"])
    accounts: dict[int, list[str]] = {}
    for row in rows:
        number, holder = row["sanitized_acc_number"], ref_of(row, "partner_id").id
        if isinstance(number, str):
            for owner in {holder, ref_of(owners[holder], "commercial_partner_id").id}:
                accounts.setdefault(owner, []).append(number)
    return {owner: tuple(sorted(set(numbers))) for owner, numbers in accounts.items()}


def _currencies(odoo: Odoo) -> dict[int, str]:
    rows = odoo.with_context(active_test=False).search_read("res.currency", [], ["name"])
    return {id_of(row): str(row["name"]) for row in rows}


def _by_id(odoo: Odoo, model: str, ids: Iterable[int], fields: list[str]) -> dict[int, Record]:
    wanted = sorted(set(ids))
    return {id_of(row): row for row in odoo.read(model, wanted, fields)} if wanted else {}


def _number(move: Record) -> str | None:
    """The document's number; a draft's "/" is none."""
    name = text_of(move, "name")
    return None if name == "/" else name
