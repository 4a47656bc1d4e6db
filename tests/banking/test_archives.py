"""Archives: the statement files inside are read, and whatever else they hold is refused within bounds."""

from __future__ import annotations

import gzip
import io
import random
import struct
import time
import tracemalloc
import zipfile
import zlib
from functools import partial
from pathlib import Path

import pytest

from oimkit.banking import read_statements
from oimkit.banking.archives import is_archive, unpacked
from oimkit.banking.limits import LIMITS, Limits
from oimkit.errors import StatementError
from tests.banking.statement_files import camt053, mt940, ntry

FIRST = mt940(":61:250304C1,00NTRF//A", ":61:250304D1,00NTRF//B")
SECOND = camt053(ntry("5.00"), closing="105.00")


gzipped = partial(gzip.compress, mtime=0)
"""No archive says when it was made: tests are named by their bytes, and every process has to find the same names."""


def zipped(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", packing) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, packing)
    return written.getvalue()


BOTH = zipped(("a/march.sta", FIRST), ("a/april.xml", SECOND))


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(StatementError) as refused:
        read_statements(data, limits=limits)
    assert refused.value.advice
    return refused.value.reason


# -- what is read -------------------------------------------------------------------------------------------------


def test_every_file_of_a_zip_is_read_in_its_order_and_numbered() -> None:
    first, second = read_statements(BOTH)
    assert [(each.format, each.member) for each in (first, second)] == [("mt940", 1), ("camt053", 2)]


def test_a_zip_without_compression_is_read() -> None:
    assert len(read_statements(zipped(("a", FIRST), packing=zipfile.ZIP_STORED))) == 1


def test_a_gzip_is_read_as_one_file_however_many_members_it_has() -> None:
    whole = gzipped(FIRST)
    parts = gzipped(FIRST[:20]) + gzipped(FIRST[20:])
    assert read_statements(whole) == read_statements(parts) == read_statements(parts + b"\x00" * 512)
    assert [each.member for each in read_statements(whole)] == [1]


def test_a_file_of_several_statements_keeps_them_together() -> None:
    statements = read_statements(zipped(("a", FIRST * 2), ("b", SECOND)))
    assert [each.member for each in statements] == [1, 1, 2]


def test_an_archive_without_compression_gain_is_read_whole() -> None:
    noise = random.Random(1).randbytes(3_000_000)
    assert unpacked(gzipped(noise), LIMITS) == (noise,)
    assert unpacked(zipped(("a", noise)), LIMITS) == (noise,)


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/._march.sta",
        "a/__MACOSX/march.sta",
        ".DS_Store",
        "a/.hidden",
        "Thumbs.db",
        "desktop.ini",
        "folder/",
        "folder\\",
    ],
)
def test_what_systems_put_beside_the_files_is_left_out(name: str) -> None:
    (statement,) = read_statements(zipped((name, b""), ("march.sta", FIRST)))
    assert statement.member == 1


@pytest.mark.parametrize("name", ["march.xml", "../here/march.xml", "{here}/march.xml"])
def test_names_are_never_opened(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of that name is neither read in place of what is packed, nor written."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "march.xml").write_bytes(SECOND)
    (statement,) = read_statements(zipped((name.format(here=here), FIRST)))
    assert statement.format == "mt940"
    assert [path.read_bytes() for path in tmp_path.rglob("*.*")] == [SECOND]


def test_what_is_wrong_in_a_file_is_told_with_its_number() -> None:
    reason = refusal(zipped(("a", FIRST), ("b", FIRST.replace(b"C250331EUR100,00", b"C250331EUR100,01"))))
    assert reason.startswith("file 2 of the archive: statement 1") and "does not close" in reason


# -- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (zipped(("a", FIRST)), "zip"),
        (gzipped(FIRST), "zip"),
        (zipped(("a", FIRST)), "gzip"),
        (gzipped(FIRST), "gzip"),
        (b"march.sta".ljust(257, b"\x00") + b"ustar\x0000" + bytes(1000), "gzip"),
        (zipped(), "zip"),
    ],
)
def test_an_archive_in_an_archive_is_refused(inside: bytes, outside: str) -> None:
    data = gzipped(inside) if outside == "gzip" else zipped(("a", FIRST), ("b", inside))
    assert refusal(data) == "an archive stands inside the archive"


def test_an_encrypted_zip_is_refused_with_that_reason() -> None:
    data = bytearray(zipped(("a", FIRST)))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    assert refusal(bytes(data)) == "the archive is encrypted"


@pytest.mark.parametrize("name", ["[Content_Types].xml", "mimetype"])
def test_an_office_document_is_refused_with_that_reason(name: str) -> None:
    assert "Office document" in refusal(zipped((name, b"x"), ("xl/workbook.xml", b"<x/>")))


@pytest.mark.parametrize("data", [zipped(), zipped(("folder/", b"")), zipped(("__MACOSX/a", b"x"))])
def test_an_archive_without_a_file_is_refused(data: bytes) -> None:
    assert refusal(data) == "the archive holds no file"


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_unfold_without_a_bound_are_refused(packing: int) -> None:
    """256 KiB of bzip2 can stand for gigabytes, and zipfile unfolds them at once."""
    assert "packed in a way that is not read" in refusal(zipped(("a", FIRST), packing=packing))


def test_more_files_than_allowed_are_refused() -> None:
    assert refusal(zipped(("a", FIRST), ("b", FIRST), ("c", FIRST)), Limits(members=2)) == (
        "the archive holds more than 2 files"
    )
    assert refusal(gzipped(FIRST) * 3, Limits(members=2)) == "the archive holds more than 2 files"


@pytest.mark.parametrize("data", [zipped(("a", bytes(2_000))), gzipped(bytes(2_000))])
def test_more_bytes_than_allowed_are_refused(data: bytes) -> None:
    assert refusal(data, Limits(bytes=1_000)) == "the archive unfolds to more than 1000 bytes"


def test_the_files_of_an_archive_share_the_bound() -> None:
    three = zipped(*((name, bytes(400)) for name in "abc"))
    assert "more than 1000 bytes" in refusal(three, Limits(bytes=1_000))


def test_a_size_that_the_archive_understates_is_not_believed() -> None:
    data = bytearray(zipped(("a", bytes(2_000))))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", data, data.index(signature) + at, 10)
    assert refusal(bytes(data), Limits(bytes=1_000))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("whole", [BOTH, gzipped(FIRST)])
def test_an_archive_cut_off_is_refused(whole: bytes, share: float) -> None:
    assert "archive is" in refusal(whole[: int(len(whole) * share)])


def test_a_gzip_with_another_checksum_or_with_something_behind_it_is_refused() -> None:
    data = gzipped(FIRST)
    assert refusal(data[:-8] + bytes(4) + data[-4:]) == "the gzip archive is damaged"
    assert refusal(data + b"more") == "something follows the gzip archive"


# -- bombs --------------------------------------------------------------------------------------------------------

BOMB_LIMITS = Limits(bytes=4 * 1024 * 1024)


def zeros(compressor: zlib._Compress, millions: int) -> bytes:
    piece = bytes(1_000_000)
    return b"".join(compressor.compress(piece) for _ in range(millions)) + compressor.flush()


def bomb_gzip() -> bytes:
    return zeros(zlib.compressobj(9, wbits=31), 200)


def bomb_zip() -> bytes:
    """200 MB of zeros under a directory that says 10 bytes."""
    packed = zeros(zlib.compressobj(9, wbits=-15), 200)
    common = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, 0, len(packed), 10, 1, 0)
    local = b"PK\x03\x04" + common + b"a" + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + b"a"
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)


@pytest.mark.parametrize("make", [bomb_gzip, bomb_zip])
def test_a_bomb_is_refused_within_the_memory_of_its_bound(make) -> None:  # type: ignore[no-untyped-def]
    data = make()
    tracemalloc.start()
    try:
        refusal(data, BOMB_LIMITS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * BOMB_LIMITS.bytes


def test_a_directory_of_very_many_records_is_refused_before_it_is_read() -> None:
    record = b"PK\x01\x02" + bytes(42)
    data = b"PK\x03\x04" + record * 50_000
    data += b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 50_000, 50_000, len(record) * 50_000, 4, 0)
    tracemalloc.start()
    try:
        assert refusal(data) == "the archive holds more than 1000 files"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_many_empty_members_cost_no_more_than_their_bytes() -> None:
    def seconds(members: int) -> float:
        data = gzipped(b"") * members
        begun = time.process_time()
        refusal(data)
        return time.process_time() - begun

    assert min(seconds(80_000) for _ in range(3)) < 3.5 * min(seconds(40_000) for _ in range(3)) + 0.01


# -- damaged bytes ------------------------------------------------------------------------------------------------


def test_a_far_offset_in_the_directory_is_damage() -> None:
    """zipfile hands an offset of 64 bits to seek, which overflows."""
    name = b"a"
    far = struct.pack("<HHQ", 1, 8, 2**64 - 1)
    central = b"PK\x01\x02" + struct.pack(
        "<HHHHHHLLLHHHHHLL", 45, 45, 0, 0, 0, 33, 0, 1, 1, 1, len(far), 0, 0, 0, 0, 2**32 - 1
    )
    central += name + far
    data = b"PK\x03\x04" + bytes(30) + central
    data += b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), 34, 0)
    assert "damaged" in refusal(data)


@pytest.mark.parametrize(
    "whole",
    [BOTH, zipped(("märz.sta", FIRST), packing=zipfile.ZIP_STORED), gzipped(FIRST) * 2],
    ids=["deflated", "stored", "gzip"],
)
def test_damaged_archives_are_read_or_refused(whole: bytes) -> None:
    """Nothing but StatementError leaves the reading of archives, and what is read is what was packed."""
    chance = random.Random(20260101)
    packed = {FIRST, SECOND, FIRST * 2}
    read = 0
    for _ in range(1_500):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(1, 40)]
                case 2:
                    data[at:at] = whole[at : at + chance.randrange(200)]
                case _:
                    data[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", bytes(4), b"PK\x01\x02", b"PK\x05\x06"])
            if not data:
                break
        if not is_archive(bytes(data)):
            continue
        try:
            found = unpacked(bytes(data), LIMITS)
        except StatementError:
            continue
        assert packed.issuperset(found)
        read += 1
    assert read > 0
