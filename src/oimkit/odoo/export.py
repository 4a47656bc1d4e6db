"""A model written to a file, record by record in the order of ids; an export that was killed goes on where it stood."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oimkit.errors import InputError
from oimkit.odoo.codec import Record, Wire, dump_json
from oimkit.odoo.domains import normalised
from oimkit.odoo.lines import Column, Form, columns_of, csv_header, csv_lines, jsonl_lines
from oimkit.odoo.reading import BATCH, Columns
from oimkit.odoo.unfinished import Unfinished

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = ["Exported", "export", "form_of"]


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished file.

    records  how many records it holds
    resumed  how many of them an earlier, interrupted call had written
    """

    path: Path
    records: int
    resumed: int = 0


def export(
    odoo: Odoo,
    model: str,
    domain: Sequence[Wire],
    fields: Sequence[str],
    out: Path,
    *,
    form: Form | None = None,
    resume: bool = False,
    names: bool = False,
    guard_formulas: bool = True,
    active_test: bool | None = None,
    batch: int = BATCH,
    written: Callable[[int], None] | None = None,
) -> Exported:
    """Write the records of *model* that fit *domain* to the file *out*, ``id`` and *fields*; lines.py has the forms.

    Until it is finished the file is ``OUT.part``, and ``OUT.state`` tells how much of it counts; then it is renamed.
    An interrupted export goes on with ``resume=True`` and the same question: no record is lost or written twice.
    Each record is as it was when its page was read, in either call; see ``oimkit.odoo.reading.pages`` for what
    is complete while others write.

    Args:
        form: ``jsonl`` or ``csv``; None takes the one that *out* is named after.
        resume: go on with what was begun; where nothing was begun, begin.
        names: also the names of the records that many2one fields point to, as ``<field>.name``.
        guard_formulas: put an apostrophe before texts that a spreadsheet would take for a formula (CSV only).
        active_test: False exports archived records too, see ``pages``.
        batch: records read, written and secured at once.
        written: called after each batch with the number of its records.

    Raises:
        InputError: *out* is there already; it was begun and *resume* is not given, or begun with another question;
            or an argument is none.
        JournalHeld: another process is writing *out*. ConfigurationError: its folder cannot be written.
        OdooError: as ``pages``; what was written stays and can be gone on with.
    """
    chosen = form or form_of(out)
    wanted = Columns.of(odoo.schema, model, fields).wanted
    columns = columns_of(wanted, names=names)
    question = normalised(domain)
    asked = {
        "server": odoo.server_key,
        "user": str(odoo.uid),
        "model": model,
        "domain": _digest(dump_json(question)),
        "fields": ",".join(f"{field.name}:{field.type}" for field in wanted),
        "form": chosen,
        "names": str(names),
        "guard_formulas": str(guard_formulas),
        "active_test": str(active_test),
        "context": _digest(json.dumps(dict(odoo.context), sort_keys=True, default=str).encode()),
    }
    with Unfinished.open(out, asked, resume=resume) as file:
        before = file.progress.records
        if not file.progress.done:
            if file.progress.size == 0 and chosen == "csv":
                file.add(csv_header(columns), last=None, records=0)
            for page in odoo.pages(
                model,
                question,
                fields,
                batch=batch,
                after=file.progress.last,
                load_names=names,
                active_test=active_test,
            ):
                piece = _piece(chosen, columns, page, guard_formulas=guard_formulas)
                file.add(piece, last=page[-1]["id"], records=len(page))
                if written is not None:
                    written(len(page))
        file.finish()
        return Exported(out, file.progress.records, before)


def form_of(out: Path) -> Form:
    """The form that the file *out* is named after; InputError where its name tells none."""
    match out.suffix.lower():
        case ".jsonl":
            return "jsonl"
        case ".csv":
            return "csv"
    raise InputError(
        f"the name {out.name} does not tell the form of the file", advice="name it .jsonl or .csv, or give the form"
    )


def _piece(form: Form, columns: Sequence[Column], page: Sequence[Record], *, guard_formulas: bool) -> bytes:
    if form == "jsonl":
        return jsonl_lines(columns, page)
    return csv_lines(columns, page, guard_formulas=guard_formulas)


def _digest(data: bytes) -> str:
    """What a question is compared by; the state file repeats none of its texts."""
    return hashlib.sha256(data).hexdigest()[:32]
