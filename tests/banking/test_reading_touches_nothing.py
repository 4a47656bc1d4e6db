"""Reading opens no file and no connection, stays within its memory, and keeps what it read to itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.banking.statement_files import FILES

WATCHED = """
import json, resource, sys
from pathlib import Path
from oimkit.banking import read_statements
from oimkit.errors import StatementError
data = [Path(name).read_bytes() for name in sys.argv[1:]]
for one in data:  # what is imported late is imported now
    try:
        read_statements(one, unbalanced="report")
    except StatementError:
        pass
events = []
watched = ("open", "socket.", "subprocess.", "os.system", "os.exec", "import", "exec", "compile")
sys.addaudithook(lambda event, args: events.append(event) if event.startswith(watched) else None)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for one in data:
    try:
        read_statements(one)
    except StatementError:
        pass
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"events": events, "grown_kb": after - before}))
"""

STATEMENT = "<Document><BkToCstmrStmt>{}</BkToCstmrStmt></Document>"

HOSTILE = {
    "external.xml": '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">' + STATEMENT.format(""),
    "entity.xml": '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + STATEMENT.format("&a;"),
    "include.xml": STATEMENT.format('<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>'),
    "bomb.xml": "<!DOCTYPE d ["
    + '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
    + STATEMENT.format("&a9;"),
    "entity.ofx": '<!DOCTYPE OFX [<!ENTITY a SYSTEM "file:///etc/hostname">]><OFX><STMTRS>&a;</STMTRS></OFX>',
}


def watched(*paths: Path) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *map(str, paths)], capture_output=True, text=True, timeout=120, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_no_statement_opens_a_file_or_a_connection() -> None:
    assert watched(*sorted(FILES.glob("*/*.*")))["events"] == []


def test_no_hostile_document_opens_a_file_or_a_connection(tmp_path: Path) -> None:
    paths = []
    for name, text in HOSTILE.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    result = watched(*paths)
    assert result["events"] == []
    assert int(str(result["grown_kb"])) < 16 * 1024


WEIGHED = """
import resource, sys
from oimkit.banking import read_statements
from bench.readers import FILES
data = FILES[sys.argv[1]](int(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_statements(data)
print(len(data), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


@pytest.mark.parametrize("name", ["mt940", "ofx1", "camt053"])
def test_memory_stays_in_proportion_to_the_file(name: str) -> None:
    root = FILES.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", WEIGHED, name, "20000"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=root,
    )
    size, grown = map(int, done.stdout.split())
    assert grown < 15 * size + 40 * 2**20
