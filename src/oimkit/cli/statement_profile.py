"""``oimkit statement profile``: a CSV profile proposed for a file, for a person to look through and keep."""

from __future__ import annotations

import click

from oimkit.banking.csv_profiles.proposal import Proposal, propose_profile
from oimkit.banking.limits import LIMITS
from oimkit.banking.rows import entry_row
from oimkit.cli.call import Call, common_options, with_call
from oimkit.cli.exits import Exit, status_of
from oimkit.cli.files import read_bytes
from oimkit.cli.output import Output
from oimkit.cli.refusals import refuse_file
from oimkit.errors import InputError

__all__ = ["profile"]


@click.command("profile")
@click.argument("file", metavar="FILE")
@common_options
@with_call
def profile(call: Call, output: Output, file: str) -> Exit:
    """Propose a profile for a bank's CSV file: TOML on standard output, what it reads and what is open beside it.

    A profile says which column holds what, and how days and amounts are spelt. Where the file can be read in two ways,
    the profile asks (status 1). FILE may be - for standard input.
    """
    try:
        proposal = propose_profile(read_bytes(file, limit_bytes=LIMITS.bytes))
    except InputError as error:
        refuse_file(call, output, file, error)
        return status_of(error)
    if call.json:
        output.record(
            {
                "file": file,
                "profile": proposal.text,
                "known": proposal.known,
                "questions": list(proposal.questions),
                "entries": [entry_row(entry) for entry in proposal.entries],
            }
        )
    else:
        output.raw(proposal.text)
        _tell(output, proposal)
    return Exit.FINDINGS if proposal.questions else Exit.DONE


def _tell(output: Output, proposal: Proposal) -> None:
    """Say on standard error what the profile reads and what is open."""
    if proposal.known is not None:
        output.say(f"oimkit reads this file already, by its own profile {proposal.known}")
    for entry in proposal.entries:
        party = entry.counterparty.name if entry.counterparty is not None else None
        text = " ".join(entry.remittance)[:60]
        day = entry.booking_date or entry.value_date
        output.say(f"  {day.isoformat()}  {entry.amount.text:>14} {entry.amount.currency}  {party or ''}  {text}")
    for question in proposal.questions:
        output.say(f"open: {question}")
    if proposal.known is None:
        output.say("keep it in a file, look it through, and read with: oimkit statement read FILE --csv-profile TOML")
