"""Statement files out of the ZIP or gzip archive a bank ships them in, within limits."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

__all__ = ["GZIP", "is_archive", "refuse_nested", "unpacked"]

GZIP = b"\x1f\x8b"
"""What a gzip archive begins with."""

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ZIP_MEMBER = b"PK\x01\x02"
"""What begins a member's record in the directory of a ZIP archive."""

_TAR = b"ustar"
_TAR_AT = 257

_PIECE = 256 * 1024
_PADDING = re.compile(rb"\x00*")

_UNFOLDED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Ways of packing that zipfile unfolds piece by piece; bzip2 and LZMA unfold without a bound."""

_BESIDE_PER_FILE = 4
"""So many records of folders and system files are allowed for each file before the directory is read at all."""

_OFFICE = frozenset({"[content_types].xml", "mimetype"})
"""Members that only Office documents have."""

_AGAIN = "download the archive again, or unpack it and give the statement files inside"


def is_archive(data: bytes) -> bool:
    """True when *data* begins as a ZIP or gzip archive does."""
    return data.startswith((GZIP, _ZIP, _EMPTY_ZIP))


def unpacked(data: bytes, limits: Limits) -> tuple[bytes, ...]:
    """The files in an archive, in its order; folders and what operating systems add to them are left out.

    Nothing is written to disk, and names in the archive are looked at for what to leave out, never opened.

    Raises:
        StatementError: damaged, encrypted, packed otherwise than by deflate, an Office document, no file in it or
            another archive, more than ``limits.members`` files, more than ``limits.bytes`` bytes unfolded in all.
    """
    found = (_gunzipped(data, limits),) if data.startswith(GZIP) else tuple(_unzipped(data, limits))
    for content in found:
        refuse_nested(content)
    return found


def refuse_nested(content: bytes) -> None:
    """StatementError when *content*, a file of an archive or its beginning, is an archive itself."""
    if is_archive(content) or content.startswith(_TAR, _TAR_AT):
        raise StatementError("an archive stands inside the archive", advice="unpack it and give what is inside")


def _gunzipped(data: bytes, limits: Limits) -> bytes:
    """All members of a gzip file, one after the other, as gzip itself unfolds them."""
    found, at = io.BytesIO(), 0
    for _ in range(limits.members):
        at = _gunzip_member(data, at, found, limits)
        at = _padding_end(data, at)
        if not data.startswith(GZIP, at):
            break
    else:
        raise _too_many(limits)
    if at < len(data):
        raise StatementError("something follows the gzip archive", advice=_AGAIN)
    return found.getvalue()


def _gunzip_member(data: bytes, start: int, found: io.BytesIO, limits: Limits) -> int:
    """Unfold the member that begins at *start* into *found*, piece by piece; where it ends."""
    unfold, at = zlib.decompressobj(wbits=31), start
    try:
        while not unfold.eof:
            packed = unfold.unconsumed_tail
            if not packed:
                packed = data[at : at + _PIECE]
                at += len(packed)
            unfolded = unfold.decompress(packed, _PIECE)
            found.write(unfolded)
            if found.tell() > limits.bytes:
                raise _too_large(limits)
            if not packed and not unfolded and not unfold.eof:
                raise StatementError("the gzip archive is cut off", advice=_AGAIN)
    except zlib.error:
        raise StatementError("the gzip archive is damaged", advice=_AGAIN) from None
    return at - len(unfold.unused_data)


def _padding_end(data: bytes, at: int) -> int:
    """Where the zeros end that fill up a block, as tapes had it."""
    padding = _PADDING.match(data, at)
    return at if padding is None else padding.end()


def _unzipped(data: bytes, limits: Limits) -> Iterator[bytes]:
    # zipfile makes an object of every record before any can be counted
    if data.count(_ZIP_MEMBER) > limits.members * (1 + _BESIDE_PER_FILE):
        raise _too_many(limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_other_count(data, len(archive.infolist()))
            members = [info for info in archive.infolist() if not _beside(info)]
            _refuse_unreadable(members, limits)
            left = limits.bytes
            for info in members:
                content = _member(archive, info, left, limits)
                left -= len(content)
                yield content
    except StatementError:  # a ValueError too
        raise
    except _DAMAGED:
        raise StatementError("the ZIP archive is damaged or packed in a way that is not read", advice=_AGAIN) from None


def _refuse_other_count(data: bytes, found: int) -> None:
    """Raise when the end of the directory counts other files than the directory holds: zipfile does not look at it."""
    end = data.rfind(_EMPTY_ZIP)
    if end < 0 or len(data) < end + 12:
        raise zipfile.BadZipFile
    (counted,) = struct.unpack_from("<H", data, end + 10)
    if counted not in (found, 0xFFFF):
        raise zipfile.BadZipFile


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What zipfile raises on bytes that are no archive as it should be."""


def _beside(info: zipfile.ZipInfo) -> bool:
    """True for folders and for what operating systems put beside the files."""
    parts = info.filename.replace("\\", "/").split("/")
    return not parts[-1] or "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1].lower() in _SYSTEM_FILES


_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})


def _refuse_unreadable(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(info.filename.lower() in _OFFICE for info in members):
        raise StatementError(
            "the file is an Office document, not a bank statement file",
            advice="save it as CSV, or ask the bank for CAMT.053 or MT940",
        )
    if not members:
        raise StatementError("the archive holds no file", advice="download the archive again")
    if len(members) > limits.members:
        raise _too_many(limits)
    if any(info.flag_bits & 1 for info in members):
        raise StatementError("the archive is encrypted", advice="unpack it and give the statement files inside")
    if any(info.compress_type not in _UNFOLDED for info in members):
        raise StatementError("the ZIP archive is packed in a way that is not read", advice=_AGAIN)
    if sum(info.file_size for info in members) > limits.bytes:
        raise _too_large(limits)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int, limits: Limits) -> bytes:
    """The content of one file, read in pieces: what the archive says of its size is not believed."""
    found = io.BytesIO()
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE):
            found.write(piece)
            if found.tell() > left:
                raise _too_large(limits)
    return found.getvalue()


def _too_many(limits: Limits) -> StatementError:
    return StatementError(
        f"the archive holds more than {limits.members} files",
        advice="unpack it and give the statement files inside, or read it with higher limits",
    )


def _too_large(limits: Limits) -> StatementError:
    return StatementError(
        f"the archive unfolds to more than {limits.bytes} bytes",
        advice="unpack it and give the statement files inside, or read it with higher limits",
    )
