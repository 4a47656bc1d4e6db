"""A person's own profile of a bank's CSV file, as the commands that read statements take it."""

from __future__ import annotations

import click

from oimkit.banking.csv_profiles.loader import load_profile
from oimkit.banking.csv_profiles.model import Profile
from oimkit.cli.files import read_text
from oimkit.errors import InputError

__all__ = ["csv_profile_option", "profile_in"]

_LIMIT_BYTES = 1024 * 1024

csv_profile_option = click.option(
    "--csv-profile", metavar="TOML", help="Read every FILE as CSV by the profile in this file, and by nothing else."
)


def profile_in(name: str | None, format_: str | None) -> Profile | None:
    """The profile in the file *name*, None without one.

    Raises:
        InputError: the file cannot be read or holds no profile, or another format than CSV is asked for beside it.
    """
    if name is None:
        return None
    if format_ not in (None, "csv"):
        raise InputError("--csv-profile reads CSV", advice="leave --format out")
    return load_profile(read_text(name, what="the CSV profile", limit_bytes=_LIMIT_BYTES))
