"""The async client: every method of ``Odoo`` under its own name, awaited.

Made by scripts/write_async.py; not edited by hand. What a cancellation means is said in ``oimkit.odoo.threads``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar, overload

from oimkit.odoo.connecting import _LIMITS
from oimkit.odoo.connecting import connect as connect_sync
from oimkit.odoo.reading import BATCH, FromRecords
from oimkit.odoo.threads import AsyncStream, InThreads, in_thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from oimkit.odoo.codec import Record, Ref, Value, Wire
    from oimkit.odoo.companies import CompanyChoice
    from oimkit.odoo.grouping import Group
    from oimkit.odoo.journal import Journal
    from oimkit.odoo.keys import ExternalId
    from oimkit.odoo.limiter import Limiter
    from oimkit.odoo.loading import Loaded
    from oimkit.odoo.production import Confirm, ProductionGuard
    from oimkit.odoo.reading import ReadOptions
    from oimkit.odoo.related import Related
    from oimkit.odoo.schema import Schema
    from oimkit.odoo.secret import Secret
    from oimkit.odoo.tables import Lines
    from oimkit.odoo.transport.calls import Transport
    from oimkit.odoo.version import ServerVersion

__all__ = ["AsyncOdoo", "connect"]

T = TypeVar("T", bound=FromRecords)


async def connect(
    url: str | None = None,
    *,
    database: str | None = None,
    user: str | None = None,
    secret: str | Secret | None = None,
    transport: str | Transport = "auto",
    profile: str | None = None,
    deadline_s: float | None = None,
    limit_bytes: int = _LIMITS.reply_bytes,
    context: Mapping[str, Wire] | None = None,
    allow_plain_http: bool = False,
    ca_bundle: str | None = None,
    proxy: str | None = None,
    limiter: Limiter | None = None,
    production: bool | None = None,
    confirm: Confirm | None = None,
    company: int | str | None = None,
    language: str | None = None,
) -> AsyncOdoo:
    """As ``oimkit.connect``, in a worker thread; *confirm* is called in that thread too."""
    act = partial(
        connect_sync,
        url,
        database=database,
        user=user,
        secret=secret,
        transport=transport,
        profile=profile,
        deadline_s=deadline_s,
        limit_bytes=limit_bytes,
        context=context,
        allow_plain_http=allow_plain_http,
        ca_bundle=ca_bundle,
        proxy=proxy,
        limiter=limiter,
        production=production,
        confirm=confirm,
        company=company,
        language=language,
    )
    return AsyncOdoo(await in_thread(act, leave=True))


class AsyncOdoo(InThreads):
    """One user's view of one database, for an event loop; made by ``oimkit.odoo.aio.connect``."""

    @property
    def version(self) -> ServerVersion:
        return self.odoo.version

    @property
    def schema(self) -> Schema:
        return self.odoo.schema

    @property
    def limiter(self) -> Limiter:
        return self.odoo.limiter

    @property
    def deadline_s(self) -> float:
        return self.odoo.deadline_s

    @property
    def context(self) -> Mapping[str, Wire]:
        return self.odoo.context

    @property
    def guard(self) -> ProductionGuard:
        return self.odoo.guard

    @property
    def company(self) -> CompanyChoice | None:
        return self.odoo.company

    @property
    def is_permitted(self) -> bool:
        return self.odoo.is_permitted

    @property
    def url(self) -> str:
        """The server's address without a closing slash."""
        return self.odoo.url

    @property
    def database(self) -> str:
        """As ``Odoo.database``."""
        return self.odoo.database

    @property
    def uid(self) -> int:
        """The user's id in res.users."""
        return self.odoo.uid

    @property
    def transport(self) -> str:
        """``xmlrpc``, ``jsonrpc`` or ``json2``."""
        return self.odoo.transport

    async def server_key(self) -> str:
        """A name for this database that survives another address: its UUID, else a hash of address and name."""
        return await self._run(lambda: self.odoo.server_key, leave=True)

    def with_context(self, **context: Wire) -> AsyncOdoo:
        """The same connection with *context* added: ``lang``, ``tz``, ``allowed_company_ids``, ``active_test``, ..."""
        return self._like(self.odoo.with_context(**context))

    async def with_company(
        self, company: int | str | Ref, *, also: Sequence[int | str | Ref] = (), allow_crossing: bool = False
    ) -> AsyncOdoo:
        """A view that works in *company* (id, exact name or Ref); what would reach into another one is refused."""
        return self._like(
            await self._run(
                lambda: self.odoo.with_company(company, also=also, allow_crossing=allow_crossing), leave=True
            )
        )

    async def with_language(self, code: str) -> AsyncOdoo:
        """A view whose translated texts are in the language *code* (``de_DE``); InputError when it is not installed."""
        return self._like(await self._run(lambda: self.odoo.with_language(code), leave=True))

    def with_timezone(self, name: str) -> AsyncOdoo:
        """A view in which the server's days begin at midnight in *name* (``Europe/Berlin``)."""
        return self._like(self.odoo.with_timezone(name))

    def with_archived(self) -> AsyncOdoo:
        """A view whose searches find archived records too."""
        return self._like(self.odoo.with_archived())

    async def permitted(self, act: str) -> AsyncOdoo:
        """A view that may change something, for *act* only; on a production target somebody is asked first."""
        return self._like(await self._run(lambda: self.odoo.permitted(act), leave=False))

    async def call(
        self,
        model: str,
        method: str,
        /,
        *,
        ids: Sequence[int] | None = None,
        context: Mapping[str, Wire] | None = None,
        deadline_s: float | None = None,
        **arguments: Wire,
    ) -> Wire:
        """Call a public method with named arguments; the result is the same on every transport."""
        return await self._run(
            lambda: self.odoo.call(model, method, ids=ids, context=context, deadline_s=deadline_s, **arguments),
            leave=self._only_reads(model, method),
        )

    async def search(
        self, model: str, domain: Sequence[Wire], *, order: str | None = None, limit: int | None = None, offset: int = 0
    ) -> list[int]:
        """Ids of the records that fit *domain*, in *order* or the model's own."""
        return await self._run(
            lambda: self.odoo.search(model, domain, order=order, limit=limit, offset=offset), leave=True
        )

    @overload
    async def search_read(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        typed: None = None,
    ) -> list[Record]: ...

    @overload
    async def search_read(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        typed: type[T],
    ) -> list[T]: ...

    async def search_read(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        typed: type[T] | None = None,
    ) -> list[Record] | list[T]:
        """Records that fit *domain*, with ``id`` and *fields* as Python values (codec.py has the table)."""
        return await self._run(
            lambda: self.odoo.search_read(model, domain, fields, order=order, limit=limit, typed=typed), leave=True
        )

    @overload
    async def read(
        self, model: str, ids: Sequence[int], fields: Sequence[str], *, typed: None = None
    ) -> list[Record]: ...

    @overload
    async def read(self, model: str, ids: Sequence[int], fields: Sequence[str], *, typed: type[T]) -> list[T]: ...

    async def read(
        self, model: str, ids: Sequence[int], fields: Sequence[str], *, typed: type[T] | None = None
    ) -> list[Record] | list[T]:
        """The records with these ids, in this order; MissingRecord when one is not there or hidden."""
        return await self._run(lambda: self.odoo.read(model, ids, fields, typed=typed), leave=True)

    @overload
    def stream(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        typed: None = None,
        **options: Unpack[ReadOptions],
    ) -> AsyncStream[Record]: ...

    @overload
    def stream(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        typed: type[T],
        **options: Unpack[ReadOptions],
    ) -> AsyncStream[T]: ...

    def stream(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        typed: Any = None,
        **options: Unpack[ReadOptions],
    ) -> AsyncStream[Any]:
        """Every record that fits *domain*, by ascending id, a page held at a time; see ``oimkit.odoo.reading``."""
        return self._stream(lambda: self.odoo.stream(model, domain, fields, typed=typed, **options), ahead=200)

    def stream_raw(
        self, model: str, domain: Sequence[Wire], fields: Sequence[str], **options: Unpack[ReadOptions]
    ) -> AsyncStream[dict[str, Wire]]:
        """As ``stream``, but wire values as the server sent them: False for what is empty, dates as text."""
        return self._stream(lambda: self.odoo.stream_raw(model, domain, fields, **options), ahead=200)

    def pages(
        self, model: str, domain: Sequence[Wire], fields: Sequence[str], **options: Unpack[ReadOptions]
    ) -> AsyncStream[list[Record]]:
        """As ``stream``, a page at a time: for what is done to many records at once, such as ``prefetch``."""
        return self._stream(lambda: self.odoo.pages(model, domain, fields, **options), ahead=1)

    async def prefetch(
        self,
        model: str,
        records: Iterable[Record],
        relations: str | Sequence[str],
        fields: Sequence[str],
        *,
        batch: int = BATCH,
        load_names: bool = True,
    ) -> Related:
        """What *records* of *model* point to through *relations*, read in batches; see ``oimkit.odoo.related``."""
        return await self._run(
            lambda: self.odoo.prefetch(model, records, relations, fields, batch=batch, load_names=load_names),
            leave=True,
        )

    async def group(
        self,
        model: str,
        domain: Sequence[Wire],
        by: Sequence[str],
        aggregates: Sequence[str] = (),
        *,
        tz: str = "UTC",
        order: str | None = None,
        limit: int | None = None,
    ) -> list[Group]:
        """Records counted and summed by the server, in groups; see ``oimkit.odoo.grouping``."""
        return await self._run(
            lambda: self.odoo.group(model, domain, by, aggregates, tz=tz, order=order, limit=limit), leave=True
        )

    async def count(self, model: str, domain: Sequence[Wire]) -> int:
        """How many records fit *domain*."""
        return await self._run(lambda: self.odoo.count(model, domain), leave=True)

    async def write(
        self,
        model: str,
        ids: Sequence[int],
        values: Mapping[str, Value],
        *,
        expect: Mapping[int, datetime] | None = None,
    ) -> None:
        """Write Python values to records, those given as UNSET left as they are; sent once, never again by itself."""
        return await self._run(lambda: self.odoo.write(model, ids, values, expect=expect), leave=False)

    async def create_once(
        self,
        key: ExternalId | str,
        model: str,
        values: Mapping[str, Value],
        *,
        lines: Lines | None = None,
        journal: Journal | None = None,
        patience_s: float = 0.0,
    ) -> int:
        """The id of the one record under *key*, made if it is not there (``oimkit.odoo.writing.create_once``)."""
        return await self._run(
            lambda: self.odoo.create_once(key, model, values, lines=lines, journal=journal, patience_s=patience_s),
            leave=False,
        )

    async def encoded(self, model: str, values: Mapping[str, Value]) -> dict[str, Wire]:
        """Python *values* as the wire values of *model*'s fields; InputError names the field that does not fit."""
        return await self._run(lambda: self.odoo.encoded(model, values), leave=True)

    async def load(self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> Loaded:
        """Import *rows* of cells in one transaction; a list of the records' ids, one a record, in order."""
        return await self._run(lambda: self.odoo.load(model, fields, rows), leave=False)

    async def load_new(self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> Loaded:
        """As ``load``, but a record that an earlier ``load_new`` made under its external id stays as it is."""
        return await self._run(lambda: self.odoo.load_new(model, fields, rows), leave=False)
