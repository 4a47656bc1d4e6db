"""A connection to one database of one server as one user: calls, reads, writes, loads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, Unpack, overload

import tenacity

from oimkit.errors import (
    BadReply,
    Busy,
    InputError,
    MissingRecord,
    NotSent,
)
from oimkit.odoo import companies, grouping, reading, related, views, writing
from oimkit.odoo.codec import Record, Ref, Value, Wire, encode_values
from oimkit.odoo.companies import CompanyChoice
from oimkit.odoo.defining import changed_properties, new_properties
from oimkit.odoo.domains import refuse_bare_term
from oimkit.odoo.expecting import write_unchanged
from oimkit.odoo.faults import Throttled
from oimkit.odoo.grouping import Group
from oimkit.odoo.journal import Journal
from oimkit.odoo.keys import ExternalId
from oimkit.odoo.limiter import Limiter
from oimkit.odoo.loading import ONLY_NEW, Loaded, loaded, wrong_cell
from oimkit.odoo.production import ProductionGuard
from oimkit.odoo.reading import BATCH, Columns, FromRecords, ReadOptions
from oimkit.odoo.related import Related
from oimkit.odoo.schema import Schema
from oimkit.odoo.tables import Lines
from oimkit.odoo.transport.calls import Call, Transport, record_ids
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.http import LostReply
from oimkit.odoo.version import ServerVersion

__all__ = ["Odoo"]

T = TypeVar("T", bound=FromRecords)

_TRIES = 3
"""Times a call that changes nothing is asked, when its answer is lost or the server is busy."""

_READ_BATCH = 2000
"""Records read in one call when their ids are given."""


@dataclass(frozen=True)
class Odoo:
    """One user's view of one database; ``with_context`` gives another view over the same connection.

    Made by ``oimkit.odoo.connect``. Threads may share it.
    """

    _transport: Transport = field(repr=False)
    version: ServerVersion
    schema: Schema = field(repr=False)
    limiter: Limiter = field(repr=False)
    deadline_s: float = 120.0
    context: Mapping[str, Wire] = field(default_factory=dict, repr=False)
    guard: ProductionGuard = field(default_factory=ProductionGuard, repr=False)
    company: CompanyChoice | None = None
    is_permitted: bool = field(default=False, repr=False)

    @property
    def url(self) -> str:
        """The server's address without a closing slash."""
        return self._transport.url

    @property
    def database(self) -> str:
        return self._transport.database

    @property
    def uid(self) -> int:
        """The user's id in res.users."""
        return self._transport.uid

    @property
    def transport(self) -> str:
        """``xmlrpc``, ``jsonrpc`` or ``json2``."""
        return self._transport.name

    def __repr__(self) -> str:
        return f"<Odoo {self.version} at {self.url}, database {self.database}, user {self.uid}, {self.transport}>"

    @cached_property
    def server_key(self) -> str:
        """A name for this database that survives another address: its UUID, else a hash of address and name."""
        uuid = self.guard.uuid(self)
        return uuid or hashlib.sha256(f"{self.url}\n{self.database}".encode()).hexdigest()[:32]

    def with_context(self, **context: Wire) -> Odoo:
        """The same connection with *context* added: ``lang``, ``tz``, ``allowed_company_ids``, ``active_test``, ..."""
        return replace(self, context={**self.context, **context})

    def with_company(
        self, company: int | str | Ref, *, also: Sequence[int | str | Ref] = (), allow_crossing: bool = False
    ) -> Odoo:
        """A view that works in *company* (id, exact name or Ref); what would reach into another one is refused.

        Args:
            also: further companies whose records may be read and written.
            allow_crossing: leave the check to the server's record rules.

        Raises InputError: the user does not belong to it, or there is no company, or more than one, of this name.
        """
        return companies.choose(self, company, also, allow_crossing=allow_crossing)

    def with_language(self, code: str) -> Odoo:
        """A view whose translated texts are in the language *code* (``de_DE``); InputError when it is not installed."""
        return views.in_language(self, code)

    def with_timezone(self, name: str) -> Odoo:
        """A view in which the server's days begin at midnight in *name* (``Europe/Berlin``)."""
        return views.in_timezone(self, name)

    def with_archived(self) -> Odoo:
        """A view whose searches find archived records too."""
        return self.with_context(active_test=False)

    def permitted(self, act: str) -> Odoo:
        """A view that may change something, for *act* only; on a production target somebody is asked first.

        Raises ConfigurationError: the answer was no, or nobody can be asked (see ``oimkit.odoo.production``).
        """
        if self.is_permitted:
            return self
        self.guard.permit(self, act)
        return replace(self, is_permitted=True)

    def call(
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
        """Call a public method with named arguments; the result is the same on every transport.

        Args:
            ids: the records it is called on, or None for a method of the model itself.
            context: added to this connection's context for this call.
            deadline_s: seconds for everything, waiting and trying again included.

        Returns:
            Wire values: None, bool, int, Decimal, str, lists and dicts of these; a record set is a list of ids.

        Raises:
            NotSent, OutcomeUnknown, Refused, BadReply: see oimkit.errors. A call that may change something
            is sent at most once.
        """
        call = Call(
            model,
            method,
            record_ids(ids),
            arguments,
            {**self.context, **(context or {})},
        )
        deadline = Deadline.after(self.deadline_s if deadline_s is None else deadline_s)
        return self._send(call, deadline)

    def _send(self, call: Call, deadline: Deadline) -> Wire:
        """Send *call*; again when nothing was sent, or when it changes nothing and its answer was lost."""
        if call.changes:
            companies.refuse_crossing(self, call)
            if not self.is_permitted:
                self.guard.permit_call(self, lambda: f"{call.name} on {len(call.ids or ())} records")
        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_repeat_read if not call.changes else _was_not_sent),
            stop=_give_up(deadline, self.limiter),
            wait=_pause,
            reraise=True,
        ):
            with attempt:
                return self._send_once(call, deadline)
        raise NotSent(f"{call.name} was not sent")

    def _send_once(self, call: Call, deadline: Deadline) -> Wire:
        """Send *call* when it is its turn; the quiet that the server asks for is every thread's."""
        with self.limiter.turn(deadline):
            try:
                result = self._transport.send(call, deadline)
            except Busy as error:
                self.limiter.hold(error.retry_after_s or 0.0)
                raise
            self.limiter.answered()
            return result

    def search(
        self,
        model: str,
        domain: Sequence[Wire],
        *,
        order: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[int]:
        """Ids of the records that fit *domain*, in *order* or the model's own."""
        options = _options(order=order, limit=limit, offset=offset or None)
        found = self.call(model, "search", domain=_plain_domain(domain), **options)
        if not isinstance(found, list) or any(type(identity) is not int for identity in found):
            raise BadReply(f"{model}.search: the reply is no list of ids")
        return found

    @overload
    def search_read(
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
    def search_read(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        typed: type[T],
    ) -> list[T]: ...

    def search_read(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        typed: type[T] | None = None,
    ) -> list[Record] | list[T]:
        """Records that fit *domain*, with ``id`` and *fields* as Python values (codec.py has the table).

        typed  a class of the model whose instances are given instead (``oimkit.odoo.typed``)
        """
        if typed is not None:
            reading.refuse_no_model(typed)
            typed.check_model(model)
            return list(typed.from_records(self.search_read(model, domain, fields, order=order, limit=limit)))
        columns = Columns.of(self.schema, model, fields)
        options = _options(order=order, limit=limit)
        rows = self.call(model, "search_read", domain=_plain_domain(domain), fields=list(columns.asked), **options)
        return columns.decoded(rows)

    @overload
    def read(self, model: str, ids: Sequence[int], fields: Sequence[str], *, typed: None = None) -> list[Record]: ...

    @overload
    def read(self, model: str, ids: Sequence[int], fields: Sequence[str], *, typed: type[T]) -> list[T]: ...

    def read(
        self, model: str, ids: Sequence[int], fields: Sequence[str], *, typed: type[T] | None = None
    ) -> list[Record] | list[T]:
        """The records with these ids, in this order; MissingRecord when one is not there or hidden.

        typed  a class of the model whose instances are given instead (``oimkit.odoo.typed``)
        """
        ids = record_ids(ids) or ()
        if typed is not None:
            reading.refuse_no_model(typed)
            typed.check_model(model)
            unique = list(dict.fromkeys(ids))
            made = dict(zip(unique, typed.from_records(self.read(model, unique, fields)), strict=True))
            return [made[identity] for identity in ids]
        columns = Columns.of(self.schema, model, fields)
        by_id: dict[int, Record] = {}
        unique = list(dict.fromkeys(ids))
        for start in range(0, len(unique), _READ_BATCH):
            batch = unique[start : start + _READ_BATCH]
            rows = self.call(model, "read", ids=batch, fields=list(columns.asked))
            by_id.update((row["id"], row) for row in columns.decoded(rows))
        missing = [identity for identity in unique if identity not in by_id]
        if missing:
            raise MissingRecord(
                f"{model}: {len(missing)} of {len(unique)} records are not there, the first is {missing[0]}",
                advice="they were deleted, or this user may not see them",
            )
        return [by_id[identity] for identity in ids]

    @overload
    def stream(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        typed: None = None,
        **options: Unpack[ReadOptions],
    ) -> Iterator[Record]: ...

    @overload
    def stream(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        typed: type[T],
        **options: Unpack[ReadOptions],
    ) -> Iterator[T]: ...

    def stream(
        self,
        model: str,
        domain: Sequence[Wire],
        fields: Sequence[str],
        *,
        typed: Any = None,
        **options: Unpack[ReadOptions],
    ) -> Iterator[Any]:
        """Every record that fits *domain*, by ascending id, a page held at a time; see ``oimkit.odoo.reading``.

        typed  a class whose ``from_records`` makes the objects to give
        """
        return reading.stream(self, model, domain, fields, typed=typed, **options)

    def stream_raw(
        self, model: str, domain: Sequence[Wire], fields: Sequence[str], **options: Unpack[ReadOptions]
    ) -> Iterator[dict[str, Wire]]:
        """As ``stream``, but wire values as the server sent them: False for what is empty, dates as text."""
        return reading.stream_raw(self, model, domain, fields, **options)

    def pages(
        self, model: str, domain: Sequence[Wire], fields: Sequence[str], **options: Unpack[ReadOptions]
    ) -> Iterator[list[Record]]:
        """As ``stream``, a page at a time: for what is done to many records at once, such as ``prefetch``."""
        return reading.pages(self, model, domain, fields, **options)

    def prefetch(
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
        return related.prefetch(self, model, records, relations, fields, batch=batch, load_names=load_names)

    def group(
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
        return grouping.group(self, model, domain, by, aggregates, tz=tz, order=order, limit=limit)

    def count(self, model: str, domain: Sequence[Wire]) -> int:
        """How many records fit *domain*."""
        counted = self.call(model, "search_count", domain=_plain_domain(domain))
        if type(counted) is not int:
            raise BadReply(f"{model}.search_count: the reply is no number")
        return counted

    def write(
        self,
        model: str,
        ids: Sequence[int],
        values: Mapping[str, Value],
        *,
        expect: Mapping[int, datetime] | None = None,
    ) -> None:
        """Write Python values to records, those given as UNSET left as they are; sent once, never again by itself.

        Args:
            expect: the ``write_date`` of each record as it was read; DivergedRecord when one was changed since, and
                nothing is written. ``oimkit.odoo.expecting`` says which gap remains.
        """
        wire = self.encoded(model, changed_properties(self, model, ids, values)) if ids else {}
        if wire and expect is not None:
            write_unchanged(self, model, ids, wire, expect)
        elif wire:
            self.call(model, "write", ids=ids, vals=wire)

    def create_once(
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
        return writing.create_once(self, key, model, values, lines=lines, journal=journal, patience_s=patience_s)

    def encoded(self, model: str, values: Mapping[str, Value]) -> dict[str, Wire]:
        """Python *values* as the wire values of *model*'s fields; InputError names the field that does not fit."""
        return encode_values(
            new_properties(self, model, values),
            lambda name: self.schema.field(model, name),
            self.encoded,
            decimals_of=self.schema.decimals_for,
        )

    def load(self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> Loaded:
        """Import *rows* of cells in one transaction; a list of the records' ids, one a record, in order.

        What the server remarked about rows that it took, such as a name that several records have, goes along as
        ``.messages``.

        A column is a field, ``field/.id`` (database id), ``field/id`` (external id) or ``lines/field``; cells are
        text, an empty one is "no value". Datetimes are read as UTC.

        Raises:
            InvalidRecord: a row was refused, so all were; names rows (from 0) and columns, not values.
            Busy: another transaction was in the way, nothing was kept.
        """
        return self._load(model, fields, rows, {})

    def load_new(self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> Loaded:
        """As ``load``, but a record that an earlier ``load_new`` made under its external id stays as it is.

        One transaction of the server decides, so of two calls at the same moment one creates and the other is given
        the same id or raises Busy. Under an external id that anything else made, the record is written to as by
        ``load`` (on Odoo 14 its lines double): look for the key first.

        Raises: as ``load``; InputError when there is no column ``id``.
        """
        if "id" not in fields:
            raise InputError(f"{model}.load_new needs a column id", advice="give each record an external id")
        return self._load(model, fields, rows, ONLY_NEW)

    def _load(
        self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]], context: Mapping[str, Wire]
    ) -> Loaded:
        for index, row in enumerate(rows):
            wrong = wrong_cell(fields, row)
            if wrong is not None:
                raise InputError(f"{model}.load, row {index}: {wrong}", advice="mend it, or leave it out (sift_rows)")
        for column in fields:
            top = column.split("/", 1)[0]
            if top not in ("id", ".id"):
                self.schema.field(model, top)
        reply = self.call(
            model, "load", fields=list(fields), data=[list(row) for row in rows], context={"tz": "UTC", **context}
        )
        return loaded(model, reply)


def _was_not_sent(error: BaseException) -> bool:
    """Nothing reached the server, or it turned the request away and said when to come again."""
    return isinstance(error, NotSent) or (isinstance(error, Throttled) and error.retry_after_s is not None)


def _may_repeat_read(error: BaseException) -> bool:
    return isinstance(error, (NotSent, LostReply, Busy))


def _give_up(deadline: Deadline, limiter: Limiter) -> Any:
    def stop(state: tenacity.RetryCallState) -> bool:
        is_over = state.attempt_number >= _TRIES or deadline.remaining_s <= _pause(state)
        return is_over or not limiter.take_retry()

    return stop


_JITTER = tenacity.wait_random_exponential(multiplier=0.2, max=5)


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds before the next try: what the server asked for, else a random time that grows."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Busy) and error.retry_after_s is not None:
        return error.retry_after_s
    return _JITTER(state)


def _options(**options: Wire) -> dict[str, Wire]:
    return {name: value for name, value in options.items() if value is not None}


def _plain_domain(domain: Sequence[Wire]) -> list[Wire]:
    """*domain* with lists for tuples, as every transport writes it; InputError for a term without its own brackets."""
    refuse_bare_term(domain)
    return [list(term) if isinstance(term, tuple) else term for term in domain]
