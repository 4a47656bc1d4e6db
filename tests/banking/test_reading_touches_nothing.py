"""Reading opens no file and no connection, stays within its memory, and keeps what it read to itself."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from oimkit.banking import FORMATS, LIMITS, read_statements
from oimkit.errors import StatementError
from tests.banking.statement_files import FILES

PEAK = """
import resource
from pathlib import Path

def peak_kb():  # ru_maxrss begins with the memory of the process that started this one
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
"""

WATCHED = """
import json, sys, time
from oimkit.banking import FORMATS, read_statements
from oimkit.banking.decode import _CANDIDATES, _DECLARED
from oimkit.banking.formats.onec_sections import _ENCODINGS
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError

def outcome(one, name=None, **ways):
    try:
        return ["read", len(read_statements(one, format=name, **ways))]
    except StatementError as error:
        return ["refused", error.reason]

data = [Path(name).read_bytes() for name in sys.argv[2:]]
usual = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("golden/*/*.*")) if path.suffix != ".json"]
for one in usual:  # profiles and what is imported late are loaded now, once
    outcome(one, unbalanced="report")
    outcome(one, "csv", unbalanced="report", damaged="report")
outcome(b"nothing that is known")  # asks for formats that other packages add, once
for codec in (*_CANDIDATES, *_DECLARED.values(), *_ENCODINGS, "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
    "".encode(codec)  # Python loads those of its codecs that it needs, the others not even when a file names them
before = peak_kb()
events = []
watched = ("open", "socket.", "subprocess.", "os.", "shutil.", "tempfile.", "glob.", "import", "exec", "compile")
watched += ("ctypes.", "mmap.", "urllib.", "ftplib.", "http.", "smtplib.", "sqlite3.", "webbrowser.", "pickle.", "pty.")
sys.addaudithook(lambda event, args: events.append([event, str(args)[:200]]) if event.startswith(watched) else None)
slowest, outcomes = 0.0, []
for one in data:
    begun = time.process_time()
    outcomes.append(outcome(one))
    slowest = max(slowest, time.process_time() - begun)
    outcome(one, unbalanced="report", damaged="report")
heard = list(events)
after = peak_kb()
events.clear()
for one in data:
    for name in FORMATS:
        outcome(one[:20_000], name, unbalanced="report", damaged="report", limits=Limits(bytes=100_000))
print(json.dumps({"events": heard + events, "grown_kb": after - before, "slowest_s": slowest, "outcomes": outcomes}))
"""
"""Each file is read as what it is found to be, and its beginning as every format there is."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the audit hook heard and what came out; the memory is that of the whole process, at its peak."""

    events: list[list[str]]
    grown_kb: int
    slowest_s: float
    outcomes: list[list[object]]


def watched(*paths: Path) -> Watched:
    done = subprocess.run(
        [sys.executable, "-c", PEAK + WATCHED, str(FILES), *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return Watched(**json.loads(done.stdout))


def test_no_statement_opens_a_file_or_a_connection() -> None:
    paths = [path for path in sorted(FILES.glob("**/*.*")) if path.suffix != ".json" and path.parent.name != "replies"]
    result = watched(*paths)
    assert result.events == []
    assert {path.parent.name for path in paths} >= set(FORMATS)
    assert sum(outcome == "read" for outcome, _ in result.outcomes) > 0.9 * len(paths)


# -- hostile documents --------------------------------------------------------------------------------------------

CAMT = "<Document><BkToCstmrStmt><Stmt>{}</Stmt></BkToCstmrStmt></Document>"
OFX = "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR</CURDEF>{}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
INCLUDE = "http://www.w3.org/2001/XInclude"
BOMB = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = {
    "empty": "<!DOCTYPE d>",
    "outside": '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">',
    "public": '<!DOCTYPE d PUBLIC "-//A//B" "http://127.0.0.1:9/x.dtd">',
    "file": '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    "parameter": '<!DOCTYPE d [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">%a;]>',
    "bomb": f"<!DOCTYPE d [{BOMB}]>",
    "large": f'<!DOCTYPE d [<!ENTITY a "{"x" * 100_000}">]>',
    "attribute": '<!DOCTYPE d [<!ATTLIST Amt Ccy CDATA "EUR">]>',
}
USES = {"bomb": "&a9;", "file": "&a;", "large": "&a;" * 20_000}


def _with_doctype(kind: str, body: str, declaration: str) -> str:
    return declaration + DOCTYPES[kind] + body.format(f"<Id>{USES.get(kind, '')}</Id>")


_XML = '<?xml version="1.0" encoding="{}"?>\n'
_OFX2 = _XML.format("UTF-8") + '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE"?>\n'

_ODD_CODECS = ("idna", "punycode", "hex", "zlib", "rot13", "undefined", "unicode_escape", "os", "x" * 200)

DECLARED: dict[str, bytes] = {
    **{f"camt {kind}": _with_doctype(kind, CAMT, _XML.format("UTF-8")).encode() for kind in DOCTYPES},
    **{f"camt utf-16 {kind}": _with_doctype(kind, CAMT, _XML.format("UTF-16")).encode("utf-16") for kind in DOCTYPES},
    "camt utf-7": _XML.format("UTF-7").encode() + (DOCTYPES["file"] + CAMT.format("&a;")).encode("utf-7"),
    **{f"ofx {kind}": _with_doctype(kind, OFX, _OFX2).encode() for kind in DOCTYPES},
    **{f"ofx utf-16 {kind}": _with_doctype(kind, OFX, _OFX2).encode("utf-16") for kind in DOCTYPES},
}
"""Documents with a document type, which no statement needs."""

DOCUMENTS: dict[str, bytes] = DECLARED | {
    "camt declared late": (CAMT.format("") + DOCTYPES["file"]).encode(),
    **{f"camt {codec[:20]}": _XML.format(codec).encode() + CAMT.format("<a>").encode() for codec in _ODD_CODECS},
    **{f"ofx {codec[:20]}": f"OFXHEADER:100\nCHARSET:{codec}\n<OFX>\xe9".encode("latin-1") for codec in _ODD_CODECS},
    "camt undeclared entity": CAMT.format("<Id>&a;</Id>").encode(),
    "camt include": CAMT.format(f'<i:include xmlns:i="{INCLUDE}" href="/etc/hostname"/><a>').encode(),
    "camt stylesheet": ('<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>' + CAMT.format("<a>")).encode(),
    "camt depth": b"<Document><BkToCstmrStmt>" + b"<a>" * 1_000_000,
    "camt depth closed": b"<Document><BkToCstmrStmt>" + b"<a>" * 200_000 + b"</a>" * 200_000,
    "ofx depth": b"<OFX><STMTRS>" + b"<A>" * 1_000_000,
    "ofx depth closed": b"<OFX><STMTRS>" + b"<PAYEE>" * 200_000 + b"</PAYEE>" * 200_000 + b"</STMTRS></OFX>",
    "camt huge name": b"<Document><BkToCstmrStmt><" + b"a" * 4_000_000,
    "camt huge text": b"<Document><BkToCstmrStmt><Stmt><Id>" + b"a" * 4_000_000,
    "camt huge attribute": b'<Document><BkToCstmrStmt><Stmt a="' + b"a" * 4_000_000,
    "ofx huge value": b"<OFX><STMTRS><CURDEF>" + b"E" * 4_000_000 + b"</STMTRS></OFX>",
}


def _zip_bomb(members: int, each: int) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"../../{number}", b" " * each)
    return written.getvalue()


def _archives() -> dict[str, bytes]:
    return {
        "gzip bomb": gzip.compress(b"\x00" * 100_000_000),
        "gzip bomb in members": gzip.compress(b"x" * 10_000_000) * 10,
        "gzip in gzip": gzip.compress(gzip.compress(b":20:A\n")),
        "zip bomb": _zip_bomb(1, 100_000_000),
        "zip bomb in members": _zip_bomb(10, 10_000_000),
        "zip of many": _zip_bomb(1001, 10),
    }


def _refused(files: dict[str, bytes], folder: Path) -> Watched:
    """What came of *files*, none of which is read, opens anything or takes long."""
    paths = []
    for name, data in files.items():
        paths.append(folder / name.replace(" ", "_"))
        paths[-1].write_bytes(data)
    result = watched(*paths)
    assert result.events == []
    assert [name for name, (how, _) in zip(files, result.outcomes, strict=True) if how != "refused"] == []
    assert result.slowest_s < 5.0
    return result


def test_hostile_documents_are_refused_soon_and_touch_nothing(tmp_path: Path) -> None:
    assert _refused(DOCUMENTS, tmp_path).grown_kb < 64 * 1024


def test_hostile_archives_are_refused_soon_and_touch_nothing(tmp_path: Path) -> None:
    assert _refused(_archives(), tmp_path).grown_kb < 2 * LIMITS.bytes / 1024


@pytest.mark.parametrize("name", DECLARED)
def test_no_document_type_is_read(name: str) -> None:
    with pytest.raises(StatementError, match="declares a document type") as refused:
        read_statements(DECLARED[name], format="ofx2" if name.startswith("ofx") else "camt053")
    assert "127.0.0.1" not in str(refused.value)


WEIGHED = """
import sys
from oimkit.banking import read_statements
from bench.readers import FILES
data = FILES[sys.argv[1]](int(sys.argv[2]))
before = peak_kb()
read_statements(data)
print(len(data), (peak_kb() - before) * 1024)
"""


@pytest.mark.parametrize("name", ["mt940", "ofx1", "camt053"])
def test_memory_stays_in_proportion_to_the_file(name: str) -> None:
    root = FILES.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", PEAK + WEIGHED, name, "20000"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=root,
    )
    size, grown = map(int, done.stdout.split())
    assert grown < 15 * size + 40 * 2**20
