"""``oimkit models``: typed models of the server, what has changed on it since, what breaks on another version."""

from __future__ import annotations

import keyword
from pathlib import Path

import click

from oimkit.cli.call import Call, common_options, connection_options, with_call
from oimkit.cli.connection import open_connection
from oimkit.cli.exits import Exit
from oimkit.cli.files import read_text
from oimkit.cli.output import Output
from oimkit.errors import InputError, InvalidCall
from oimkit.odoo.codegen import DEFAULT_MODELS, RECORD, Survey, compare, file_names, package_files, read_record, survey
from oimkit.odoo.field_map import Break, BreakKind, found_on
from oimkit.odoo.field_map import breaks as ways_of
from oimkit.odoo.version_map import Kind

__all__ = ["command"]


@click.group("models")
@common_options
def command() -> None:
    """Typed models from the server, what has changed since, what breaks on another version."""


@command.command("generate")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder that holds the package."
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="MODEL",
    help="A model, such as res.partner; may be given again [default: the models that oimkit works with].",
)
@click.option("--package", default="odoo_models", show_default=True, metavar="NAME", help="Name of the package.")
@click.option("--check", "checks", is_flag=True, help="Write nothing; say what has changed since the models were.")
@connection_options
@common_options
@with_call
def generate(call: Call, output: Output, out: Path, models: tuple[str, ...], package: str, checks: bool) -> Exit:
    """Write a package of typed models from what the server tells this user of its fields.

    With --check the package stays as it is, and the exit status is 1 when a model or field has gone, is new, or has
    another type, relation, selection, or is required or read-only where it was not.
    """
    if not package.isidentifier() or not package.isascii() or keyword.iskeyword(package):
        raise InputError("the package's name is no Python name", advice="take letters, digits and underscores")
    folder = out / package
    if checks:
        return _check(call, output, folder, models)
    written = _written_before(folder)
    found = survey(open_connection(call), models or DEFAULT_MODELS)
    _refuse_missing(found, models)
    _write(folder, package_files(found), file_names(written) if written is not None else frozenset())
    if call.json:
        output.record({"type": "package", "models": len(found.models), "fields": _count(found)})
        for name in found.missing:
            output.record({"type": "missing", "model": name})
    else:
        output.line(f"{len(found.models)} models with {_count(found)} fields are in package {package}")
        if found.missing:
            output.line(f"not on this server, or not for this user: {', '.join(found.missing)}")
    return Exit.DONE


@command.command("breaks")
@click.option("--on", "there", type=int, required=True, metavar="VERSION", help="Main version to go to, such as 19.")
@click.option(
    "--from", "here", type=int, metavar="VERSION", help="Main version to come from [default: ask the server]."
)
@click.option("--used", "used_only", is_flag=True, help="Only names that oimkit itself relies on.")
@connection_options
@common_options
@with_call
def breaks(call: Call, output: Output, there: int, here: int | None, used_only: bool) -> Exit:
    """What is called otherwise, is gone or has another type on another version of Odoo.

    Without --from the server is asked what it has, too: a name that is not as its version lets expect is told. The
    exit status is 1 when a name that is there now is not there, or not the same, on the version to go to.
    """
    odoo = open_connection(call) if here is None else None
    major = odoo.version.major if odoo is not None else here or 0
    ways = [one for one in ways_of(major, there) if one.entry.used or not used_only]
    all_found = found_on(odoo.schema, major) if odoo is not None else ()
    found = [one for one in all_found if one.entry.used or not used_only]
    there_now = {(one.entry.model, one.entry.name): one.name for one in found}
    others = [one for one in found if not one.is_as_expected]
    if call.json:
        for one in ways:
            output.record({"type": "break", **_row(one, there_now.get((one.entry.model, one.entry.name)))})
        for other in others:
            output.record(
                {
                    "type": "unexpected",
                    "model": other.entry.model,
                    "name": other.entry.name,
                    "on_server": other.name,
                    "expected": other.expected,
                }
            )
    else:
        output.heading(f"From Odoo {odoo.version if odoo else here} to {there}")
        for one in ways:
            output.line(_told(one))
        if not ways:
            output.line("nothing that oimkit knows of breaks")
        if others:
            output.heading("Not as this version lets expect")
        for other in others:
            output.line(
                f"{other.entry.model}, {other.entry.name}: this server has {other.name or 'no such field'}, "
                f"expected was {other.expected or 'none'}"
            )
    return Exit.FINDINGS if any(one.kind is not BreakKind.NEW for one in ways) else Exit.DONE


def _told(one: Break) -> str:
    """One line for a person: ``crm.lead.lost_reason -> lost_reason_id: renamed (read on 14 and 19)``."""
    entry = one.entry
    behind = "()" if entry.kind is Kind.METHOD else ""
    before = "model " if entry.kind is Kind.MODEL else f"{entry.model}."
    name = f"{before}{one.was or one.will_be}{behind}"
    arrow = f" -> {one.will_be}{behind}" if one.was and one.will_be else ""
    used = ", oimkit knows both" if entry.used else ""
    return f"{name}{arrow}: {one.kind}{used}{f'; {entry.note}' if entry.note else ''} ({entry.evidence})"


def _row(one: Break, on_server: str | None) -> dict[str, object]:
    """One way's row; *on_server* is what the server that was asked calls the field."""
    entry = one.entry
    return {
        "model": entry.model,
        "name": entry.name,
        "kind": entry.kind.value,
        "change": one.kind.value,
        "now": one.was,
        "then": one.will_be,
        "on_server": on_server,
        "used": entry.used,
        "evidence": entry.evidence.value,
        "note": entry.note,
    }


def _check(call: Call, output: Output, folder: Path, models: tuple[str, ...]) -> Exit:
    """Tell what is not as it was when the package was written; a finding is a difference that programs notice."""
    before = read_record(read_text(str(folder / RECORD), what=f"the record {RECORD} of the package"))
    known = {model.name for model in before.models} | set(before.missing)
    strangers = sorted(set(models) - known)
    if strangers:
        raise InputError(f"the package has no model {strangers[0]}", advice="generate the package with it first")
    odoo = open_connection(call)
    now = survey(odoo, models or known)
    if now.server != before.server:
        output.say("this is another database than the one the models were written from")
    changes = compare(before, now, models or None)
    for change in changes:
        if call.json:
            output.record(
                {
                    "type": "change",
                    "model": change.model,
                    "field": change.field,
                    "change": change.kind.value,
                    "was": change.was,
                    "now": change.now,
                }
            )
        else:
            output.line(change.text)
    if not changes:
        output.say(f"nothing has changed in {len(now.models)} models")
    return Exit.FINDINGS if changes else Exit.DONE


def _refuse_missing(found: Survey, asked: tuple[str, ...]) -> None:
    """A model that was asked for by name must be there; of the usual ones a server has what is installed."""
    missing = sorted(set(asked) & set(found.missing))
    if missing:
        raise InvalidCall(
            f"the server has no model {missing[0]}, or not for this user",
            advice="check its name, the installed modules and the user's rights",
        )


def _count(found: Survey) -> int:
    return sum(len(model.fields) for model in found.models)


def _written_before(folder: Path) -> Survey | None:
    """What is in *folder* already; InputError when that was not written by this command."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    if not (folder / RECORD).is_file():
        raise InputError(
            f"{folder.name} holds files that are no generated models", advice="name another folder or package"
        )
    return read_record(read_text(str(folder / RECORD), what=f"the record {RECORD} of the package"))


def _write(folder: Path, files: dict[str, str], before: frozenset[str]) -> None:
    """Put *files* in place, the record last, and take away modules of models that are generated no more."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in sorted(files.items(), key=lambda file: file[0] == RECORD):
            if not _holds(folder / name, text):
                _put(folder / name, text)
        for name in before - files.keys():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"the package cannot be written: {error.strerror or type(error).__name__}", advice="name another folder"
        ) from None


def _put(path: Path, text: str) -> None:
    """Write *text* whole or not at all, with the rights that new files of this person have."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(text.encode())
    new.replace(path)


def _holds(path: Path, text: str) -> bool:
    """Whether the file has this text already: its time then stays, and build tools see no change."""
    return path.is_file() and path.read_bytes() == text.encode()
