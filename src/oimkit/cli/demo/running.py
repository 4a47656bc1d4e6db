"""The sub-command ``demo``: where the chain runs, and how its outcome is shown."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from oimkit.cli.call import Call, common_options, connection_options, journal_option, with_call, yes_option
from oimkit.cli.connection import at_terminal, open_connection, open_journal
from oimkit.cli.demo.chain import Demo, Outcome, run_chain
from oimkit.cli.demo.company import examples_folder, read_company
from oimkit.cli.demo.page import report_page, waiting
from oimkit.cli.exits import Exit
from oimkit.cli.files import write_text
from oimkit.cli.output import Output
from oimkit.cli.redaction import printable
from oimkit.errors import ConfigurationError
from oimkit.odoo import Journal, Odoo, connect
from oimkit.odoo.production import Standing
from oimkit.report import render_page
from oimkit.sandbox import Sandbox

__all__ = ["command"]

_SANDBOX_LIMIT_S = 2.0
"""Seconds that a call to the embedded Odoo may take; a real server is given its own limit."""

_SERVER_LIMIT_S = 120.0


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Folder for the page index.html.",
)
@click.option(
    "--odoo",
    "odoo_version",
    type=click.Choice(["14", "19"]),
    default="19",
    show_default=True,
    help="Version of the embedded Odoo.",
)
@journal_option
@yes_option
@connection_options
@common_options
@with_call
def command(call: Call, output: Output, out: Path, odoo_version: str) -> Exit:
    """From a lead to a settled bank entry, on the embedded Odoo.

    With --url (or a profile) it runs on that server's database, after asking: take a test database. It creates an
    invented company's customers, projects, hours, invoices and bank journals there, and posts the invoices.
    """
    company, hours = read_company(examples_folder())
    demo = Demo(company, hours, examples_folder())
    with ExitStack() as stack:
        if call.url is None and call.profile is None:
            odoo, journal = _embedded(stack, int(odoo_version))
            server, limit_s = f"the embedded Odoo {odoo_version}", _SANDBOX_LIMIT_S
        else:
            odoo, journal = _named(stack, call)
            server, limit_s = f"Odoo {odoo.version}, database {odoo.database}", _SERVER_LIMIT_S
        output.heading(f"{company.name} on {server}")
        outcome = run_chain(demo, odoo, journal, say=output.say, settle_after_s=limit_s)
    page = out / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    write_text(page, render_page(report_page(outcome, company=company.name, server=server)))
    _show(output, call, outcome, page)
    return Exit.DONE


def _embedded(stack: ExitStack, version: int) -> tuple[Odoo, Journal]:
    """A fresh embedded Odoo, and a journal that ends with it."""
    sandbox = stack.enter_context(Sandbox(version=version))
    odoo = connect(sandbox.url, database=sandbox.database, user=sandbox.user, secret=sandbox.secret)
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="oimkit-demo-")))
    return odoo, stack.enter_context(Journal.open(folder, odoo.server_key))


def _named(stack: ExitStack, call: Call) -> tuple[Odoo, Journal]:
    """The server that the call names, when the person agrees that the demo writes there."""
    odoo = open_connection(call)
    act = "an invented company in it, and its invoices posted"
    if odoo.guard.verdict(odoo).standing is Standing.OTHER:
        question = f"The demo writes {act}: database {odoo.database} at {odoo.url}. Go on?"
        if not call.yes and not (at_terminal() and click.confirm(printable(question), default=False, err=True)):
            raise ConfigurationError(
                "nobody has allowed the demo to write", advice="take a test database, and answer y or pass --yes"
            )
    odoo = odoo.permitted(act)
    return odoo, stack.enter_context(open_journal(call, odoo))


def _show(output: Output, call: Call, outcome: Outcome, page: Path) -> None:
    """What happened, in the terminal or as JSON lines."""
    waits = list(waiting(outcome))
    if call.json:
        for invoice in outcome.invoices:
            output.record(
                {
                    "invoice": invoice.number,
                    "reference": invoice.reference,
                    "total": invoice.total.text,
                    "residual": invoice.residual.text,
                    "currency": invoice.total.currency.code,
                    "payment_state": invoice.payment_state,
                }
            )
        for title, reason in waits:
            output.record({"waits": title, "reason": reason})
        output.record({"created": outcome.created, "page": str(page)})
        return
    output.table(
        ("lead", "company", "outcome", "stage"),
        [
            (lead.name, lead.partner_name, case.standing.outcome, case.standing.stage or "")
            for _, lead, case in outcome.cases
        ],
        title="Leads",
    )
    output.table(
        ("invoice", "customer", "reference", "total", "still open", "state"),
        [
            (
                invoice.number,
                invoice.customer,
                invoice.reference,
                invoice.total.text,
                invoice.residual.text,
                invoice.payment_state.replace("_", " "),
            )
            for invoice in outcome.invoices
        ],
        right=("total", "still open"),
        title="Invoices",
    )
    output.table(
        ("statement", "entries", "new", "settled", "wait", "balanced"),
        [
            (
                week.statement.format,
                str(len(week.statement.entries)),
                str(len(week.plan.entries)),
                str(len(week.settlement.settlements)),
                str(len(week.settlement.review)),
                {True: "yes", False: "no", None: "cannot be checked"}[week.statement.balanced],
            )
            for week in outcome.weeks
        ],
        right=("entries", "new", "settled", "wait"),
        title="Bank statements",
    )
    output.table(("entry", "because"), waits, title="What waits for a person")
    output.line(f"{outcome.created} records created; the same on a page: {page}")
