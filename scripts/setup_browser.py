"""See that headless Chromium is there: install Debian's package where this may, else say loudly that it is absent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")


def main() -> int:
    if find() is None and may_install():
        install()
    found = find()
    if found is None:
        loud("NO CHROMIUM: the pages are not tested in a browser; install chromium (apt-get install chromium)")
        return 1
    sys.stderr.write(f"browser: {found}\n")
    return 0


def find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> None:
    sys.stderr.write("browser: installing Debian's chromium\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = ["apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    for command in ([*quiet, "update"], [*quiet, "install", "-y", "--no-install-recommends", *PACKAGES]):
        answer = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        if answer.returncode:
            sys.stderr.write(answer.stderr[-2000:])


def loud(text: str) -> None:
    line = "!" * 100
    sys.stderr.write(f"{line}\n!! {text}\n{line}\n")


if __name__ == "__main__":
    raise SystemExit(main())
