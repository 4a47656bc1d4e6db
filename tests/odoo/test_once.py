"""One record, whatever happens on the way: lost replies, crashes at every step, second runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from oimkit.errors import (
    Busy,
    DivergedRecord,
    InputError,
    InvalidRecord,
    NotSent,
    OutcomeUnknown,
)
from oimkit.odoo import ExternalId, Journal, Odoo, Report, Session, apply, connect, find, register, resume
from oimkit.odoo.journal import IntentState, RunState
from oimkit.odoo.loading import IN_THE_DATABASE
from oimkit.odoo.secret import Secret
from oimkit.odoo.transport import Deadline, Http, JsonRpc, XmlRpc
from oimkit.sandbox import Sandbox
from tests.odoo.meddling import Killed, Meddling, lost_reply, raising

SETTLE_S = 120.0


@dataclass(frozen=True)
class InvoicePlan:
    token: str
    lines: tuple[Decimal, ...]
    post: bool = False

    @property
    def key(self) -> ExternalId:
        return ExternalId.of("invoice", self.token)


def carry_out(plan: InvoicePlan, session: Session) -> Report:
    odoo = session.odoo
    partner = session.create(ExternalId.of("partner", plan.token), "res.partner", {"name": f"P {plan.token}"})
    lines = [
        (ExternalId.of("line", plan.token, index), {"name": "work", "quantity": Decimal(1), "price_unit": price})
        for index, price in enumerate(plan.lines)
    ]
    values = {"move_type": "out_invoice", "partner_id": partner, "invoice_date": date(2026, 11, 2), "ref": plan.token}
    invoice = session.create(plan.key, "account.move", values, lines={"invoice_line_ids": lines})
    if plan.post:
        session.ensure(
            f"post {plan.key}",
            done=lambda: True if odoo.read("account.move", [invoice], ["state"])[0]["state"] == "posted" else None,
            act=lambda: odoo.call("account.move", "action_post", ids=[invoice]),
        )
    return session.report("test.invoice")


register("test.invoice", InvoicePlan, carry_out)


class Bench:
    """A sandbox, a client with a meddling transport, and a journal whose clock the test moves."""

    def __init__(self, sandbox: Sandbox, folder: Path, kind: type[JsonRpc] | type[XmlRpc]) -> None:
        http = Http(sandbox.url)
        secret = Secret(sandbox.api_key)
        self.wire = Meddling(kind.login(http, sandbox.database, sandbox.user, secret, Deadline.after(30)))
        self.odoo: Odoo = connect(transport=self.wire)
        self.folder = folder
        self.sandbox = sandbox
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self.slept: list[float] = []
        self.odoo.server_key  # noqa: B018  asked once, so that the tests count only what they cause

    @contextmanager
    def journal(self, on_commit=None) -> Iterator[Journal]:
        with Journal.open(self.folder, self.odoo.server_key, clock=lambda: self.now, on_commit=on_commit) as journal:
            yield journal

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def apply(self, plan: InvoicePlan, **options) -> Report:
        with self.journal() as journal:
            return apply(plan, self.odoo, journal, settle_after_s=SETTLE_S, sleep=self.sleep, **options)

    def resume(self, **options) -> list[Report]:
        with self.journal() as journal:
            return resume(self.odoo, journal, settle_after_s=SETTLE_S, sleep=self.sleep, **options)

    def wait_until_quiet(self) -> None:
        self.now += timedelta(seconds=2 * SETTLE_S + self.odoo.deadline_s)

    def assert_one_invoice(self, plan: InvoicePlan) -> None:
        moves = self.odoo.search_read("account.move", [["ref", "=", plan.token]], ["amount_total", "invoice_line_ids"])
        assert len(moves) == 1
        assert moves[0]["amount_total"] == sum(plan.lines)
        assert len(moves[0]["invoice_line_ids"]) == len(plan.lines)
        assert self.odoo.count("res.partner", [["name", "=", f"P {plan.token}"]]) == 1

    def count_invoices(self, plan: InvoicePlan) -> int:
        return self.odoo.count("account.move", [["ref", "=", plan.token]])


@pytest.fixture(scope="module", params=[14, 19])
def sandbox(request) -> Iterator[Sandbox]:
    with Sandbox(version=request.param) as running:
        yield running


@pytest.fixture
def bench(sandbox: Sandbox, tmp_path: Path) -> Bench:
    return Bench(sandbox, tmp_path, JsonRpc)


@pytest.fixture
def plan() -> InvoicePlan:
    return InvoicePlan(uuid4().hex, (Decimal("12.10"), Decimal("0.05")))


def test_second_run_creates_nothing(bench, plan):
    first, second = bench.apply(plan), bench.apply(plan)
    bench.assert_one_invoice(plan)
    assert [record.model for record in first.created] == ["res.partner", "account.move"]
    assert second.created == ()
    assert second.reused == first.created
    assert bench.wire.sent.count("load") == 2


def test_key_is_asked_for_before_every_send(bench, plan):
    bench.wire.sent.clear()
    bench.apply(plan)
    sends = [method for method in bench.wire.sent if method in ("load", "search_read")]
    assert sends == ["search_read", "load", "search_read", "load"]


def test_reply_lost_after_commit_leaves_one_record(bench, plan):
    bench.wire.after = raising(lost_reply())
    with pytest.raises(OutcomeUnknown) as caught:
        bench.apply(plan)
    assert caught.value.key == str(ExternalId.of("partner", plan.token))
    report = bench.apply(plan)
    bench.assert_one_invoice(plan)
    assert [record.model for record in report.created] == ["res.partner", "account.move"]


def test_request_lost_before_the_server_is_not_sent_again_until_the_servers_limit(bench, plan):
    bench.wire.before = raising(lost_reply())
    with pytest.raises(OutcomeUnknown):
        bench.apply(plan)
    bench.wire.sent.clear()
    with pytest.raises(OutcomeUnknown, match="resume` in 120 s"):
        bench.resume()
    assert "load" not in bench.wire.sent
    bench.now += timedelta(seconds=SETTLE_S)
    bench.resume()
    bench.assert_one_invoice(plan)


def test_request_that_commits_late_is_found_by_the_second_look(bench, plan):
    """The first look after the lost reply finds nothing yet; only the look after the limit counts."""
    bench.wire.before = raising(lost_reply())
    with pytest.raises(OutcomeUnknown):
        bench.apply(plan)

    def late(seconds: float) -> None:
        bench.odoo.load("res.partner", ["id", "name"], [[str(ExternalId.of("partner", plan.token)), f"P {plan.token}"]])
        bench.now += timedelta(seconds=seconds)

    with bench.journal() as journal:
        resume(bench.odoo, journal, settle_after_s=SETTLE_S, patience_s=SETTLE_S, sleep=late)
    bench.assert_one_invoice(plan)


def test_waiting_in_place_settles_within_one_call(bench, plan):
    bench.wire.before = raising(lost_reply())
    with pytest.raises(OutcomeUnknown):
        bench.apply(plan)
    bench.apply(plan, patience_s=SETTLE_S)
    assert bench.slept == [SETTLE_S]
    bench.assert_one_invoice(plan)


def test_fault_after_commit_is_settled_at_once(bench, plan):
    bench.wire.after = raising(OutcomeUnknown("cannot marshal", after_commit=True))
    report = bench.apply(plan)
    bench.assert_one_invoice(plan)
    assert len(report.created) == 2


def test_marshalling_fault_of_an_action_is_settled_at_once(bench, plan):
    posting = InvoicePlan(plan.token, plan.lines, post=True)
    bench.wire.after = raising(OutcomeUnknown("cannot marshal", after_commit=True), "action_post")
    report = bench.apply(posting)
    assert report.updated == (f"post {plan.key}",)
    assert bench.wire.sent.count("action_post") == 1


def test_action_whose_reply_was_lost_is_not_done_twice(bench, plan):
    posting = InvoicePlan(plan.token, plan.lines, post=True)
    bench.wire.after = raising(lost_reply(), "action_post")
    with pytest.raises(OutcomeUnknown) as caught:
        bench.apply(posting)
    assert caught.value.key == f"post {plan.key}"
    bench.resume()
    assert bench.wire.sent.count("action_post") == 1


def test_nothing_sent_may_be_tried_again_at_once(bench, plan):
    bench.wire.before = raising(NotSent("no network"), times=3)  # the client itself tries three times
    with pytest.raises(NotSent):
        bench.apply(plan)
    with bench.journal() as journal:
        assert journal.open_runs()
        assert not journal.unsettled()
    bench.resume()
    bench.assert_one_invoice(plan)


def test_refusal_stops_the_run_and_a_mended_plan_goes_on_from_there(bench, plan):
    bench.wire.before = lambda call: _refuse_moves(call)
    with pytest.raises(InvalidRecord):
        bench.apply(plan)
    bench.wire.before = lambda call: None
    assert bench.resume() == []
    with bench.journal() as journal:
        assert [run.state for run in journal.runs()] == [RunState.STOPPED]
        assert [created.model for created in journal.created(journal.runs()[0].id)] == ["res.partner"]
    mended = InvoicePlan(plan.token, (Decimal("1.00"),))
    bench.apply(mended)
    bench.assert_one_invoice(mended)


def _refuse_moves(call) -> None:
    if call.model == "account.move" and call.method == "load":
        raise InvalidRecord("refused")


def test_conflict_is_tried_again_after_another_look(bench, plan):
    bench.wire.before = raising(Busy("conflict", retry_after_s=3), times=2)
    bench.apply(plan)
    assert bench.slept == [3, 3]
    bench.assert_one_invoice(plan)


def test_record_made_by_another_process_in_between_is_reused(bench, plan):
    """Odoo 14 tells the loser of such a race of a violated constraint, not of a conflict."""
    bench.wire.after = raising(InvalidRecord("violates a check constraint"))
    report = bench.apply(plan)
    bench.assert_one_invoice(plan)
    assert [record.model for record in report.reused] == ["res.partner"]


def test_conflict_that_does_not_end_leaves_the_run_open(bench, plan):
    bench.wire.before = raising(Busy("conflict", retry_after_s=0.05), times=99)
    with pytest.raises(Busy):
        bench.apply(plan)
    with bench.journal() as journal:
        assert [run.state for run in journal.runs()] == [RunState.OPEN]


def test_pauses_between_two_tries_differ_within_their_bounds(bench, plan):
    bench.wire.before = raising(Busy("conflict"), times=999)
    for _ in range(2):
        with pytest.raises(Busy):
            bench.apply(plan)
    assert len(bench.slept) == 22
    for number, pause in enumerate(bench.slept):
        tries = 1 + number % 11
        assert min(0.05 * 2**tries, 5) <= pause <= min(0.25 * 2**tries, 5)
    assert len({pause for pause in bench.slept if pause < 5}) > 7


def test_new_work_waits_until_every_outcome_is_known(bench, plan):
    bench.wire.before = raising(lost_reply())
    with pytest.raises(OutcomeUnknown):
        bench.apply(plan)
    other = InvoicePlan(uuid4().hex, (Decimal(1),))
    with pytest.raises(OutcomeUnknown, match="resume"):
        bench.apply(other)
    assert bench.count_invoices(other) == 0


def test_key_of_another_model_is_refused(bench, plan):
    bench.odoo.load("res.partner", ["id", "name"], [[str(plan.key), "other"]])
    with pytest.raises(DivergedRecord, match=r"res\.partner"):
        bench.apply(plan)
    assert bench.count_invoices(plan) == 0


def test_record_deleted_within_its_run_is_not_made_again(bench, plan):
    bench.wire.before = raising(lost_reply(), "load", times=0)
    with bench.journal() as journal:
        run = journal.begin("test.invoice", "{}")
        session = Session(bench.odoo, journal, run.id)
        key = ExternalId.of("partner", plan.token)
        identity = session.create(key, "res.partner", {"name": "x"})
        bench.odoo.call("res.partner", "unlink", ids=[identity])
        with pytest.raises(DivergedRecord, match="deleted"):
            session.create(key, "res.partner", {"name": "x"})


def test_step_that_does_not_hold_after_success_is_diverged(bench):
    acted = []
    with bench.journal() as journal:
        session = Session(bench.odoo, journal, journal.begin("test.invoice", "{}").id)
        with pytest.raises(DivergedRecord):
            session.ensure("step", done=lambda: None, act=lambda: acted.append(1))
        assert acted == [1]
        assert journal.intents(session.run)[0].state is IntentState.FAILED


def test_step_that_holds_is_not_acted(bench):
    with bench.journal() as journal:
        session = Session(bench.odoo, journal, journal.begin("test.invoice", "{}").id)
        assert session.ensure("step", done=lambda: 5, act=lambda: pytest.fail("acted")) == 5
        assert session.report("x").updated == ()


def test_step_that_is_refused_because_another_process_did_it_holds_and_is_not_this_runs(bench):
    done: list[bool] = []

    def refused() -> None:
        done.append(True)
        raise InvalidRecord("it is done already")

    with bench.journal() as journal:
        session = Session(bench.odoo, journal, journal.begin("test.invoice", "{}").id)
        assert session.ensure("step", done=lambda: True if done else None, act=refused)
        assert session.report("x").updated == ()


def test_step_that_is_refused_and_does_not_hold_is_an_error(bench):
    def refused() -> None:
        raise InvalidRecord("no")

    with bench.journal() as journal:
        session = Session(bench.odoo, journal, journal.begin("test.invoice", "{}").id)
        with pytest.raises(InvalidRecord):
            session.ensure("step", done=lambda: None, act=refused)
        assert journal.intents(session.run)[0].state is IntentState.FAILED


def test_lines_must_give_the_same_fields(bench, plan):
    lines = [
        (ExternalId.of("l", 1), {"name": "a", "quantity": Decimal(1)}),
        (ExternalId.of("l", 2), {"name": "a"}),
    ]
    with bench.journal() as journal:
        session = Session(bench.odoo, journal, journal.begin("test.invoice", "{}").id)
        with pytest.raises(InputError, match="same fields"):
            session.create(plan.key, "account.move", {"ref": "x"}, lines={"invoice_line_ids": lines})
        twice = [lines[0], lines[0]]
        with pytest.raises(InputError, match="same key"):
            session.create(plan.key, "account.move", {"ref": "x"}, lines={"invoice_line_ids": twice})


def test_nothing_is_sent_when_the_intent_cannot_be_stored(bench, plan):
    with bench.journal() as journal:
        run = journal.begin("test.invoice", "{}")
        pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
        journal._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own "disk full"
        session = Session(bench.odoo, journal, run.id)
        acted: list[int] = []
        with pytest.raises(NotSent, match="nothing was sent"):
            for number in count():
                session.ensure(
                    f"{'x' * 500} {number}",
                    done=lambda number=number: True if number in acted else None,
                    act=lambda number=number: acted.append(number),
                )
        assert number not in acted


def test_result_that_cannot_be_stored_is_an_unknown_outcome(bench, plan):
    def full(step: str) -> None:
        if step.startswith("intend"):
            journal._db.execute("DROP TABLE intent")

    with bench.journal(on_commit=full) as journal:
        session = Session(bench.odoo, journal, journal.begin("test.invoice", "{}").id)
        with pytest.raises(OutcomeUnknown, match="journal"):
            session.create(ExternalId.of("partner", plan.token), "res.partner", {"name": f"P {plan.token}"})
    assert find(bench.odoo, [ExternalId.of("partner", plan.token)])


@pytest.mark.parametrize("kind", [JsonRpc, XmlRpc])
def test_crash_at_every_step_leaves_one_invoice(sandbox, tmp_path, kind):
    """The process ends before or after every call and every commit; the next run finishes the same invoice."""
    killed = 0
    for step in count(1):
        bench = Bench(sandbox, tmp_path / f"{step}", kind)
        plan = InvoicePlan(uuid4().hex, (Decimal("12.10"), Decimal("0.05")), post=True)
        left = [step]

        def checkpoint(_what: object, left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise Killed

        bench.wire.before = bench.wire.after = checkpoint
        try:
            with bench.journal(on_commit=checkpoint) as journal:
                apply(plan, bench.odoo, journal, settle_after_s=SETTLE_S)
        except Killed:
            killed += 1
        else:
            break
        bench.wire.before = bench.wire.after = lambda _what: None
        bench.wait_until_quiet()
        bench.resume()
        bench.apply(plan)
        bench.assert_one_invoice(plan)
        with bench.journal() as journal:
            assert not journal.open_runs()
            assert not journal.unsettled()
    assert killed > 20


def test_a_conflict_that_looks_like_a_violated_constraint_is_tried_again(bench, plan):
    """Odoo 14 says so to the loser when nobody has won under this key either."""
    bench.wire.before = raising(InvalidRecord("refused by the database", server_class=IN_THE_DATABASE), times=2)
    bench.apply(plan)
    assert len(bench.slept) == 2
    bench.assert_one_invoice(plan)


def test_a_violated_constraint_is_told_after_a_few_tries(bench, plan):
    bench.wire.before = raising(InvalidRecord("refused by the database", server_class=IN_THE_DATABASE), times=99)
    with pytest.raises(InvalidRecord) as told:
        bench.apply(plan)
    assert sum(bench.slept) < 10
    assert told.value.advice.startswith("3 tries were refused alike and nothing was kept: run again where others write")
    bench.wire.before = lambda _call: None
    assert bench.count_invoices(plan) == 0


def test_another_process_between_look_and_send_leaves_one_document(bench, plan):
    """The other one's ``load`` is committed when ours arrives; on Odoo 14 a plain ``load`` would double the lines."""
    other = Bench(bench.sandbox, bench.folder / "other", JsonRpc)

    def overtake(call) -> None:
        if call.method == "load" and call.model == "account.move":
            bench.wire.before = lambda _call: None
            other.apply(plan)

    bench.wire.before = overtake
    report = bench.apply(plan)
    bench.assert_one_invoice(plan)
    assert report.created
