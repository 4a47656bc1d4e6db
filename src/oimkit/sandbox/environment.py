"""What a call runs in: the store, the user, the context, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from oimkit.sandbox.profile import Profile
from oimkit.sandbox.refusals import AccessError, UserError
from oimkit.sandbox.store import Store

if TYPE_CHECKING:
    from oimkit.sandbox.model import Model

__all__ = ["Environment"]


@dataclass(frozen=True, slots=True)
class Environment:
    """One user's view of the database; ``env["res.partner"]`` is the model.

    user      id of the calling user
    su        rights are not asked (the server's own steps within a call)
    is_building  an entry is being put together: its items are not asked for balance one by one
    clock     the current time in UTC, without a zone as the server keeps it
    registry  the classes that hold a model's behaviour; the others have the common one
    """

    store: Store
    profile: Profile
    registry: Mapping[str, type[Model]]
    common: type[Model]
    clock: Callable[[], datetime]
    user: int
    context: Mapping[str, Any]
    su: bool = False
    is_building: bool = False

    def __getitem__(self, name: str) -> Model:
        fields = self.profile.models.get(name)
        if fields is None:
            raise UserError(f"Object {name} doesn't exist")
        return self.registry.get(name, self.common)(self, name, fields)

    @property
    def version(self) -> int:
        return self.profile.version

    def has(self, change: str) -> bool:
        """Whether this version behaves the new way in *change*; see ``changes.CHANGES``."""
        return self.profile.has(change)

    @property
    def now(self) -> str:
        return self.clock().strftime("%Y-%m-%d %H:%M:%S")

    @property
    def today(self) -> str:
        """Today's date in UTC: the double's users have no time zone."""
        return self.clock().strftime("%Y-%m-%d")

    @property
    def own_companies(self) -> tuple[int, ...]:
        """The companies of the calling user."""
        row = self.store.table("res.users").rows.get(self.user) or {}
        return tuple(row.get("company_ids") or ()) or (1,)

    @property
    def companies(self) -> tuple[int, ...]:
        """The companies whose records the call sees: those of the context, else all of the user's.

        Raises AccessError for a company that is not the user's.
        """
        allowed = self.context.get("allowed_company_ids")
        if not allowed:
            return self.own_companies
        if not self.su and not set(allowed) <= set(self.own_companies):
            raise AccessError("Access to unauthorized or invalid companies.")
        return tuple(allowed)

    @property
    def company(self) -> int:
        """The company that new records get."""
        allowed = self.context.get("allowed_company_ids")
        if allowed:
            return int(self.companies[0])
        return int((self.store.table("res.users").rows.get(self.user) or {}).get("company_id") or 1)

    @property
    def sees_every_company(self) -> bool:
        return set(self.store.table("res.company").rows) <= set(self.companies)

    @property
    def import_module(self) -> str:
        """The module part of an external id that names none."""
        return str(self.context.get("_import_current_module") or self.context.get("module") or "__import__")

    @property
    def zone(self) -> tzinfo:
        """The context's time zone, else the user's, else UTC."""
        row = self.store.table("res.users").rows.get(self.user) or {}
        own = (self.store.table("res.partner").rows.get(row.get("partner_id") or 0) or {}).get("tz")
        try:
            return ZoneInfo(str(self.context.get("tz") or own or "UTC"))
        except (KeyError, ValueError):  # a zone that nobody knows is read as UTC, as the server does it
            return UTC

    def day_after(self, day: str, days: int) -> str:
        """*day* (ISO) moved by *days*."""
        return (datetime.fromisoformat(day) + timedelta(days=days)).strftime("%Y-%m-%d")

    def with_context(self, **values: Any) -> Environment:
        return replace(self, context={**self.context, **values})

    def sudo(self) -> Environment:
        return replace(self, su=True)

    def building(self) -> Environment:
        return replace(self, is_building=True)

    # External ids -----------------------------------------------------------------------------------------------

    def ref(self, external_id: str) -> int | None:
        """The database id behind ``module.name``, or None."""
        found = self.xml_row(external_id)
        return None if found is None else int(found["res_id"])

    def xml_row(self, external_id: str) -> Mapping[str, Any] | None:
        """The ir.model.data row of ``module.name`` whose record is there, or None."""
        module, _dot, name = external_id.partition(".")
        table = self.store.table("ir.model.data")
        for id_ in table.ids_where("name", [name]):
            row = table.rows[id_]
            if row["module"] == module:
                return row
        return None
