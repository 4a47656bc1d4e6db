"""The demo's page in headless Chromium: it shows what happened, fetches nothing and looks like something."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from oimkit.cli.app import command

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one run of the demo on the embedded Odoo."""
    folder = tmp_path_factory.mktemp("demo")
    result = CliRunner().invoke(command, ["--quiet", "demo", "--out", str(folder)])
    assert result.exit_code == 0, result.output
    return folder / "index.html"


def chromium(page: Path, tmp_path: Path, *options: str) -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found is not None, "no Chromium: install it, `make browser` does where it may"
    done = subprocess.run(
        [found, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *options, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_the_page_tells_what_happened_and_what_waits(page: Path, tmp_path: Path) -> None:
    seen = re.sub(r"<[^>]+>", " ", chromium(page, tmp_path, "--dump-dom").split("<body>")[1])
    for text in ("won: is a customer now", "kept with its history", "RF42HLB202610", "3,210.00 EUR", "2 of 3"):
        assert text in seen
    waits = seen.split("What waits for a person")[1]
    assert "1,150.00 EUR" in waits
    assert "paid in part" in waits


def test_the_page_fetches_nothing(page: Path) -> None:
    text = page.read_text("utf-8")
    assert not re.search(r"(?:src|href)\s*=", text)
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_is_drawn_at_the_width_of_a_phone_and_of_a_desk(page: Path, tmp_path: Path, width: int) -> None:
    picture = tmp_path / "page.png"
    chromium(page, tmp_path, f"--window-size={width},1600", f"--screenshot={picture}")
    shades = pixel_rows(picture.read_bytes())
    assert len(set(shades)) > 200, "most rows of the picture are alike: nothing was drawn"


def pixel_rows(png: bytes) -> list[bytes]:
    """The filtered rows of a PNG picture; equal rows mean an empty page."""
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    raw = zlib.decompress(data)
    row = 1 + width * {0: 1, 2: 3, 6: 4}[colour]
    return [raw[start : start + row] for start in range(0, height * row, row)]
