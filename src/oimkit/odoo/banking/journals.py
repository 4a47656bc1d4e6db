"""Bank journals: found by code or account number, and how they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from oimkit.banking.journals import JournalState, same_account
from oimkit.errors import DivergedRecord, InputError
from oimkit.money import Currency, Money
from oimkit.odoo.banking.fields import amount_of, date_of, id_of, ref_of
from oimkit.odoo.banking.rights import LINE
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Record
from oimkit.odoo.field_map import has
from oimkit.odoo.keys import MODULE, ExternalId, find

__all__ = ["bank_journals", "known_keys", "read_journal"]

STATEMENT = "account.bank.statement"


def read_journal(odoo: Odoo, code: str | None = None, *, account: str | None = None) -> JournalState:
    """The bank journal with this code, or the one of this account number, as it stands now.

    Without either, the only bank journal there is.

    Raises:
        InputError: no journal fits, or more than one; the message names codes, never account numbers.
    """
    journals = bank_journals(odoo)
    if code is not None:
        fitting = [journal for journal in journals if journal["code"] == code]
        sought = f"the code {code}"
    elif account is not None:
        fitting = [journal for journal in journals if _has_account(journal, account)]
        sought = "this account number"
    else:
        fitting, sought = journals, "the type bank or cash"
    if len(fitting) != 1:
        there = ", ".join(str(journal["code"]) for journal in journals) or "none"
        raise InputError(
            f"{len(fitting) or 'no'} bank journals have {sought}; there are: {there}",
            advice="name one with --journal CODE"
            if fitting or code is not None
            else "name the journal with --journal CODE, or write the account number on it",
        )
    return _state(odoo, fitting[0])


def bank_journals(odoo: Odoo) -> list[Record]:
    """The bank and cash journals that the user sees: code, account number, currency, company."""
    return odoo.search_read(
        "account.journal",
        [["type", "in", ["bank", "cash"]]],
        ["code", "bank_acc_number", "currency_id", "company_id"],
        order="id",
    )


def _has_account(journal: Record, account: str) -> bool:
    number = journal["bank_acc_number"]
    return isinstance(number, str) and same_account(number, account)


def _state(odoo: Odoo, journal: Record) -> JournalState:
    company = ref_of(journal, "company_id")
    holder = (
        journal if journal["currency_id"] is not None else odoo.read("res.company", [company.id], ["currency_id"])[0]
    )
    currency = ref_of(holder, "currency_id")
    code = odoo.read("res.currency", [currency.id], ["name"])[0]["name"]
    balance, day = _last(odoo, journal)
    account = journal["bank_acc_number"]
    return JournalState(
        id=id_of(journal),
        code=str(journal["code"]),
        currency=Currency(str(code)),
        account="".join(account.split()).upper() if isinstance(account, str) else None,
        balance=None if balance is None else Money(balance, str(code)),
        balance_date=day,
        company_id=company.id,
    )


def _last(odoo: Odoo, journal: Record) -> tuple[Decimal | None, date | None]:
    """Balance after the journal's last entry, and its day; None where there are no entries.

    From 16 on the last line knows it (``running_balance``, which starts from the last statement's opening); before,
    the last statement's closing balance.
    """
    own = [["journal_id", "=", journal["id"]]]
    running = has(odoo.schema, LINE, "running_balance")
    fields = ["date", *(["running_balance"] if running else [])]
    lines = odoo.search_read(
        LINE, own, fields, order="internal_index desc" if running else "date desc, id desc", limit=1
    )
    if not lines:
        return None, None
    if running:
        return amount_of(lines[0], "running_balance"), date_of(lines[0], "date")
    (statement,) = odoo.search_read(STATEMENT, own, ["balance_end_real"], order="date desc, id desc", limit=1)
    return amount_of(statement, "balance_end_real"), date_of(lines[0], "date")


def known_keys(odoo: Odoo, keys: Iterable[str], *, journal_id: int | None = None) -> frozenset[str]:
    """Those of *keys* (``banking.keys``) whose line is on the server.

    A key outlives its line where the line went with its journal entry (from 16 on): such a key is not known.

    Args:
        journal_id: the journal that the entries are meant for, or None to look in all.

    Raises:
        DivergedRecord: a key belongs to something that is no bank statement line.
        InputError: an entry is there already in another journal. Where statements name no account, that may be an
            equal payment of another account, and taking it as known would lose one.
    """
    keys = sorted(keys)
    found = find(odoo, [ExternalId(MODULE, key) for key in keys])
    for key, record in found.items():
        if record.model != LINE:
            raise DivergedRecord(f"the key {key} belongs to a record of {record.model}", advice="remove this key")
    ids = sorted({record.id for record in found.values()})
    there = {id_of(row): row for row in odoo.search_read(LINE, [["id", "in", ids]], ["journal_id"])} if ids else {}
    other = [id_ for id_ in ids if id_ in there and journal_id not in (None, ref_of(there[id_], "journal_id").id)]
    if other:
        raise InputError(
            f"{len(other)} of {len(keys)} entries are in another journal already, the first as {LINE} {other[0]}",
            advice="name the journal that has them; if they are payments of another account, enter these by hand",
        )
    return frozenset(key.name for key, record in found.items() if record.id in there)
