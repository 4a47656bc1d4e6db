"""Matching items with each other: partial and full matches, what is left of an item, and taking a match back.

Everything is exact to the cent and in the company's currency: the double has no rates, so no exchange differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oimkit.sandbox.model import Model
from oimkit.sandbox.refusals import UserError
from oimkit.sandbox.store import Row

if TYPE_CHECKING:
    from oimkit.sandbox.environment import Environment

__all__ = [
    "FullMatches",
    "PartialMatches",
    "counterparts",
    "full_match_of",
    "is_matchable",
    "locked_message",
    "match",
    "partials_of",
    "refresh_statement_line",
    "residual",
    "unmatch",
]

ZERO = Decimal(0)
_PARTIAL, _FULL, _ITEM = "account.partial.reconcile", "account.full.reconcile", "account.move.line"


def is_matchable(env: Environment, item: Row) -> bool:
    """Whether the item has a residual at all: its account is matched, or is a bank's."""
    account = env["account.account"].row(item["account_id"])
    kind = account.get("account_type") or account.get("internal_type")
    return bool(account.get("reconcile")) or kind in ("asset_cash", "liquidity", "liability_credit_card")


def partials_of(env: Environment, items: Iterable[int]) -> list[Row]:
    """The partial matches of *items*, in the order they were made."""
    table, wanted = env.store.table(_PARTIAL), list(items)
    ids = table.ids_where("debit_move_id", wanted) | table.ids_where("credit_move_id", wanted)
    return [table.rows[id_] for id_ in sorted(ids)]


def residual(env: Environment, item: Row) -> Decimal:
    """What is not yet matched of an item, debit > 0; 0 on accounts that are not matched."""
    if not is_matchable(env, item):
        return ZERO
    left: Decimal = item.get("balance") or ZERO
    for partial in partials_of(env, [item["id"]]):
        left += partial["amount"] if partial["credit_move_id"] == item["id"] else -partial["amount"]
    return left


def counterparts(env: Environment, items: Sequence[int]) -> set[int]:
    """The items that *items* are matched with."""
    ends = {end for part in partials_of(env, items) for end in (part["debit_move_id"], part["credit_move_id"])}
    return ends - set(items)


def full_match_of(env: Environment, item: int) -> int | None:
    return next((part["full_reconcile_id"] for part in partials_of(env, [item]) if part.get("full_reconcile_id")), None)


def match(env: Environment, ids: Sequence[int]) -> tuple[tuple[int, ...], int | None]:
    """Match debits with credits among *ids*, the older first; (partial matches made, full match or None).

    Raises UserError for items that are matched already, are not on one account that is matched, or are not posted.
    """
    items = env[_ITEM].rows(ids)
    _refuse_unfit(env, items)
    ordered = sorted(items, key=lambda item: (item.get("date_maturity") or env[_ITEM].get(item, "date"), item["id"]))
    debits = [item for item in ordered if residual(env, item) > 0]
    owed = [item for item in ordered if residual(env, item) < 0]
    made: list[int] = []
    while debits and owed:
        debit, credit = debits[0], owed[0]
        made.append(_make_partial(env, debit, credit))
        debits = debits if residual(env, debit) else debits[1:]
        owed = owed if residual(env, credit) else owed[1:]
    full = _close(env, ids)
    for move in {item["move_id"] for item in items}:
        refresh_statement_line(env, move)
    return tuple(made), full


def _refuse_unfit(env: Environment, items: Sequence[Row]) -> None:
    model = env[_ITEM]
    if any(model.get(item, "reconciled") for item in items):
        raise UserError("You are trying to reconcile some entries that are already reconciled.")
    if not env.has("drafts_can_be_matched") and any(model.get(item, "parent_state") != "posted" for item in items):
        raise UserError("You can only reconcile posted entries.")
    accounts = env["account.account"]
    used = list(dict.fromkeys(item["account_id"] for item in items))
    names = [accounts.name_by_id(account) for account in used]
    unmatched = [name for account, name in zip(used, names, strict=True) if not accounts.row(account).get("reconcile")]
    several = len(used) > 1
    if unmatched and not (several and env.has("drafts_can_be_matched")):
        raise UserError(
            f"Account {unmatched[0]} does not allow reconciliation. First change the configuration of this account to "
            "allow it."
        )
    if several:
        raise UserError(f"Entries are not from the same account: {', '.join(names)}")


def _make_partial(env: Environment, debit: Row, credit: Row) -> int:
    amount = min(residual(env, debit), -residual(env, credit))
    days = [env[_ITEM].get(item, "date") for item in (debit, credit)]
    values = {"debit_move_id": debit["id"], "credit_move_id": credit["id"], "amount": amount, "max_date": max(days)}
    values |= {"debit_amount_currency": amount, "credit_amount_currency": amount, "company_id": 1}
    return env[_PARTIAL].insert(values)


def _close(env: Environment, ids: Iterable[int]) -> int | None:
    """A full match over everything connected with *ids*, if nothing is left of any of it."""
    connected = _connected(env, ids)
    partials = partials_of(env, connected)
    if not partials or any(residual(env, env[_ITEM].row(item)) for item in connected):
        return None
    full = env[_FULL].insert({})
    if not env.has("matching_by_id"):
        env[_FULL].put(full, name=f"A{full}")
    for partial in partials:
        env[_PARTIAL].put(partial["id"], full_reconcile_id=full)
    return full


def _connected(env: Environment, ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    waiting = set(ids)
    while waiting:
        found |= waiting
        waiting = counterparts(env, sorted(waiting)) - found
    return found


def unmatch(env: Environment, ids: Sequence[int]) -> None:
    """Take back every match of *ids*; the full matches they were in are gone with it."""
    _take_back(env, partials_of(env, ids))


def _take_back(env: Environment, partials: Sequence[Row]) -> None:
    fulls = {part["full_reconcile_id"] for part in partials if part.get("full_reconcile_id")}
    touched = {end for part in partials for end in (part["debit_move_id"], part["credit_move_id"])}
    for partial in partials:
        env.store.drop(_PARTIAL, partial["id"])
    for full in fulls:
        for id_ in env.store.table(_PARTIAL).ids_where("full_reconcile_id", [full]):
            env[_PARTIAL].put(id_, full_reconcile_id=None)
        env.store.drop(_FULL, full)
    for item in touched:
        refresh_statement_line(env, env[_ITEM].row(item)["move_id"])


def locked_message(env: Environment, move: int) -> str:
    return (
        "You cannot do this modification on a reconciled journal entry. You can just change some non legal fields or "
        f"you must unreconcile first.\nJournal Entry (id): {env['account.move'].row(move).get('name')} ({move})"
    )


def refresh_statement_line(env: Environment, move: int) -> None:
    """Bring ``is_reconciled`` and the residual of the entry's bank line up to date, where it has one.

    On 14 writing an item's account alone does not do this; writing the entry's lines or matching does.
    """
    line = env["account.move"].row(move).get("statement_line_id")
    if line is not None and line in env.store.table("account.bank.statement.line").rows:
        lines: Any = env["account.bank.statement.line"]
        lines.refresh(line)


class PartialMatches(Model):
    def display_name(self, row: Row) -> str | None:
        return f"{self.name},{row['id']}" if self.env.has("matching_by_id") else str(row["id"])

    def remove(self, ids: Sequence[int]) -> None:
        for id_ in ids:
            _take_back(self.env, [self.row(id_)])


class FullMatches(Model):
    def needed(self) -> tuple[str, ...]:
        return ()

    def display_name(self, row: Row) -> str | None:
        return f"{self.name},{row['id']}" if self.env.has("matching_by_id") else row.get("name")

    def get_reconciled_line_ids(self, row: Row) -> list[int]:
        parts = self.env.store.table(_PARTIAL)
        found = [parts.rows[id_] for id_ in parts.ids_where("full_reconcile_id", [row["id"]])]
        return sorted({end for part in found for end in (part["debit_move_id"], part["credit_move_id"])})
