"""Files attached to records (``ir.attachment``): attached once, listed, opened as a checked stream.

A file is attached under a key made of its record, its name and its content, so that a second run, a second process or
a lost answer adds nothing. What is read is compared with the server's own checksum before anybody sees it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from oimkit.errors import BadReply, DivergedRecord, InputError, MissingRecord
from oimkit.odoo.codec import Record, RecordRef
from oimkit.odoo.codec.writing import MOST_BINARY_BYTES
from oimkit.odoo.documents.keyed import find_keyed, load_keyed
from oimkit.odoo.documents.target import demand_record
from oimkit.odoo.documents.websession import WebSession
from oimkit.odoo.keys import ExternalId

if TYPE_CHECKING:
    from oimkit.odoo.client import Odoo

__all__ = [
    "LIMIT_BYTES",
    "Attachment",
    "attach",
    "attachments",
    "open_attachment",
    "read_attachment",
    "save_attachment",
]

LIMIT_BYTES = 32 * 1024 * 1024
"""Bytes of an attachment that is read, unless the caller says otherwise."""

_IN_MEMORY = 1024 * 1024
_PIECE = 256 * 1024
_FIELDS = ("name", "mimetype", "file_size", "checksum", "type", "url", "res_model", "res_id", "create_date")
_MIMETYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the server keeps, or an address that stands for one.

    size      bytes, as the server counts them
    sha1      the server's checksum of the content, None for an empty file and for an address
    url       the address, where there is no content
    record    what it is attached to, or None
    """

    id: int
    name: str
    mimetype: str | None
    size: int
    sha1: str | None
    url: str | None
    record: RecordRef | None
    created_at: datetime

    def __repr__(self) -> str:  # a file's name may be a person's
        return f"<attachment {self.id}, {self.mimetype}, {self.size} bytes>"


def attach(
    odoo: Odoo, model: str, record: int, name: str, content: bytes, *, mimetype: str | None = None
) -> Attachment:
    """The attachment of *content* under *name* at a record: the one that is there, else a new one.

    Called again with the same record, name and content it adds nothing. The bytes are kept as they are; the server is
    told not to scale pictures down, which 19 does otherwise.

    Args:
        name: the file's name, as people see it.
        mimetype: as ``application/pdf``; None lets the server tell it from the content.

    Raises:
        InputError: no name, more bytes than one request carries.
        MissingRecord: there is no such record, or this user may not see it.
        OutcomeUnknown: no usable answer; attach the same again, it finds what was made.
        DivergedRecord: the server keeps other bytes than were sent.
    """
    if type(record) is not int:
        raise InputError("a file is attached to one record, which is named by its id", advice="give id, not [id]")
    if not isinstance(content, (bytes, bytearray)):
        raise InputError(
            "the content of a file is bytes", advice="read the file first (.read_bytes()), or encode the text"
        )
    if not name.strip() or "/" in name or "\\" in name:
        raise InputError("an attachment has a name, without slashes")
    if len(content) > MOST_BINARY_BYTES:
        raise InputError(
            f"the file has {len(content)} bytes, and one request carries {MOST_BINARY_BYTES}",
            advice="keep it elsewhere and write its address into the record",
        )
    if mimetype is not None and not _MIMETYPE.fullmatch(mimetype):
        raise InputError("a mimetype is written as application/pdf")
    key = _key(model, record, name, content)
    made = find_keyed(odoo, key, "ir.attachment")
    if made is None:
        made = _create(odoo, key, model, record, name, content, mimetype)
    attachment = _read(odoo, made)
    if attachment.size != len(content) or (content and attachment.sha1 != _sha1(content)):
        raise DivergedRecord(
            f"ir.attachment {made}: the server keeps other bytes under {key} than were given",
            advice="somebody replaced its content: look at it, and attach under another name",
        )
    return attachment


def _key(model: str, record: int, name: str, content: bytes) -> ExternalId:
    return ExternalId.of("attachment", model, record, name, hashlib.sha256(content).hexdigest())


def _create(
    odoo: Odoo, key: ExternalId, model: str, record: int, name: str, content: bytes, mimetype: str | None
) -> int:
    demand_record(odoo, model, record)
    cells = {
        "name": name,
        "datas": base64.b64encode(content).decode("ascii"),
        "res_model": model,
        "res_id": str(record),
        **({"mimetype": mimetype} if mimetype else {}),
    }
    keeping = odoo.with_context(image_no_postprocess=True)
    return load_keyed(keeping, key, "ir.attachment", cells)


def attachments(odoo: Odoo, model: str, record: int) -> tuple[Attachment, ...]:
    """The files attached to a record, the oldest first; those that a field of the record holds are not among them."""
    rows = odoo.search_read("ir.attachment", [["res_model", "=", model], ["res_id", "=", record]], _FIELDS, order="id")
    return tuple(_attachment(row) for row in rows)


def read_attachment(
    odoo: Odoo, attachment: Attachment | int, *, limit_bytes: int = LIMIT_BYTES, web: WebSession | None = None
) -> bytes:
    """The whole content of an attachment; as ``open_attachment``."""
    with open_attachment(odoo, attachment, limit_bytes=limit_bytes, web=web) as stream:
        return stream.read()


def open_attachment(
    odoo: Odoo, attachment: Attachment | int, *, limit_bytes: int = LIMIT_BYTES, web: WebSession | None = None
) -> IO[bytes]:
    """The content of an attachment as a file to read from, at its beginning; close it after use.

    It is complete and compared with the server's checksum before it is given; above 1 MiB it stands on the disk.

    Args:
        limit_bytes: a larger one is refused before it is fetched.
        web: fetch over this session, piece by piece, in memory that does not grow with the size. Without it the
            content comes in one reply, which is in memory with it for a moment.

    Raises: as ``save_attachment``.
    """
    stream = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  the caller closes it
    try:
        _save(odoo, attachment, stream.write, limit_bytes, web)
    except BaseException:
        stream.close()
        raise
    stream.seek(0)
    return stream


def save_attachment(
    odoo: Odoo,
    attachment: Attachment | int,
    target: BinaryIO | Path | str,
    *,
    limit_bytes: int = LIMIT_BYTES,
    web: WebSession | None = None,
) -> Attachment:
    """Write the content of an attachment to *target*, an open file or a path, and return what it is.

    When it raises, an open *target* may hold a part; a path is written only once the content is whole.

    Raises:
        InputError: it is larger than *limit_bytes*, or it is an address and has no content.
        MissingRecord: there is no such attachment, or this user may not see it.
        BadReply: what came is not what the server keeps, by size and checksum.
    """
    if isinstance(target, (str, Path)):
        known = attachment if isinstance(attachment, Attachment) else _read(odoo, attachment)
        with open_attachment(odoo, known, limit_bytes=limit_bytes, web=web) as whole, Path(target).open("wb") as file:
            shutil.copyfileobj(whole, file)
        return known
    return _save(odoo, attachment, target.write, limit_bytes, web)


def _save(
    odoo: Odoo,
    attachment: Attachment | int,
    write: Callable[[bytes], object],
    limit_bytes: int,
    web: WebSession | None,
) -> Attachment:
    known = attachment if isinstance(attachment, Attachment) else _read(odoo, attachment)
    if known.url is not None and known.sha1 is None and known.size == 0:
        raise InputError(
            f"ir.attachment {known.id} is an address, it has no content here", advice="fetch its url by other means"
        )
    if known.size > limit_bytes:
        raise InputError(
            f"ir.attachment {known.id} has {known.size} bytes, the limit is {limit_bytes}",
            advice="give a larger limit_bytes",
        )
    count = _Counted(write)
    if web is not None:
        _fetch_web(web, known, count)
    else:
        _fetch_datas(odoo, known, count)
    if count.size != known.size or (known.size and count.hash.hexdigest() != known.sha1):
        raise BadReply(
            f"ir.attachment {known.id}: {count.size} bytes came that are not the {known.size} the server keeps",
            advice="it was replaced meanwhile, or the address serves another database: try again",
        )
    return known


class _Counted:
    """What came so far: its size and its checksum."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.size = 0
        self.hash = hashlib.sha1(usedforsecurity=False)

    def __call__(self, piece: bytes) -> None:
        self.size += len(piece)
        self.hash.update(piece)
        self._write(piece)


def _fetch_web(web: WebSession, known: Attachment, write: _Counted) -> None:
    reply = web.download(f"/web/content/{known.id}?download=true", write, limit_bytes=known.size + 1)
    if reply.status != 200:
        raise MissingRecord(
            f"ir.attachment {known.id} is not served to this web session (status {reply.status})",
            advice="read it without a web session",
        )


def _fetch_datas(odoo: Odoo, known: Attachment, write: _Counted) -> None:
    rows = odoo.call("ir.attachment", "read", ids=[known.id], fields=["datas"], context={"bin_size": False})
    text = rows[0].get("datas") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
    if text is False or text == "":
        return
    if not isinstance(text, str):
        raise MissingRecord(f"ir.attachment {known.id} is not there any more")
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadReply(f"ir.attachment {known.id}: the content is not base64") from None
    for start in range(0, len(content), _PIECE):
        write(content[start : start + _PIECE])


def _read(odoo: Odoo, identity: int) -> Attachment:
    return _attachment(odoo.read("ir.attachment", [identity], _FIELDS)[0])


def _attachment(row: Record) -> Attachment:
    is_address = row["type"] == "url"
    pointer = row["res_id"]
    return Attachment(
        id=row["id"],
        name=row["name"] or "",
        mimetype=row["mimetype"],
        size=row["file_size"] or 0,
        sha1=row["checksum"],
        url=row["url"] if is_address else None,
        record=pointer if pointer is not None and pointer.model is not None else None,
        created_at=row["create_date"],
    )


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
