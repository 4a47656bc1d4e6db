"""How the two Odoos get onto this machine: from Debian's own packages, through the machine's own mirror."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from tests.live.cache import Cache, LiveError, remove, run, say
from tests.live.postgres import binaries

APT_TIMEOUT_S = 900
INSTALL_TIMEOUT_S = 2400
MODULES = "crm,sale_timesheet,sale_crm,sale_expense,hr_expense,account,project,stock,auth_totp"
REQUIREMENTS = """
    asn1crypto Babel cbor2 chardet cryptography decorator python-dateutil docutils geoip2 gevent greenlet idna Jinja2
    libsass lxml lxml-html-clean MarkupSafe num2words ofxparse openpyxl passlib Pillow polib psutil psycopg2-binary
    pyopenssl PyPDF2 pypdf pyserial python-stdnum pytz pyusb qrcode reportlab requests rjsmin urllib3 vobject
    Werkzeug==3.0.1 xlrd XlsxWriter xlwt zeep freezegun python-magic
"""


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where this machine gets Debian's packages from, and the key that signs them."""

    url: str
    keyring: Path


@dataclass(frozen=True, slots=True)
class Installation(ABC):
    """One version of Odoo, installed below the cache folder.

    `command` runs that Odoo; `inner` tells how a file of ours is called from its point of view.
    """

    cache: Cache

    @property
    @abstractmethod
    def major(self) -> int: ...

    @property
    @abstractmethod
    def modules(self) -> str: ...

    @property
    @abstractmethod
    def without_demo(self) -> str: ...

    @property
    @abstractmethod
    def port_option(self) -> str:
        """The name of the setting for the second port, which nobody uses here."""

    @property
    @abstractmethod
    def config(self) -> Path: ...

    @property
    @abstractmethod
    def data(self) -> Path: ...

    @abstractmethod
    def inner(self, path: Path) -> str: ...

    @abstractmethod
    def install(self, mirror: Mirror) -> None: ...

    @abstractmethod
    def command(self, *words: str) -> tuple[str, ...]: ...

    @property
    def env(self) -> dict[str, str]:
        return {}

    @property
    def log(self) -> Path:
        return self.cache.logs / f"install-{self.major}.log"

    @property
    def fingerprint(self) -> str:
        """Of what is put into the template database: the modules and the script that prepares it."""
        script = (Path(__file__).parent / "prepare.py").read_bytes()
        return hashlib.sha256(script + self.modules.encode()).hexdigest()[:16]

    def configure(self, *, postgres_port: int, http_port: int, second_port: int, dbfilter: str) -> None:
        """Write the server's configuration: one process, no cron, small pools, no limit that would end it."""
        settings: dict[str, object] = {
            "data_dir": self.inner(self.data),
            "db_host": "127.0.0.1",
            "db_port": postgres_port,
            "db_user": f"odoo{self.major}",
            "db_password": "trusted",
            "db_maxconn": 16,
            "http_interface": "127.0.0.1",
            "http_port": http_port,
            self.port_option: second_port,
            "workers": 0,
            "max_cron_threads": 0,
            "limit_memory_soft": 8 * 2**30,
            "limit_memory_hard": 10 * 2**30,
            "limit_time_cpu": 3600,
            "limit_time_real": 3600,
            "list_db": True,
            "dbfilter": dbfilter,
        }
        self.data.mkdir(parents=True, exist_ok=True)
        self.config.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{name} = {value}" for name, value in settings.items()]
        self.config.write_text("\n".join(["[options]", *lines, ""]), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Unpacked(Installation):
    """Odoo 19: its package is unpacked, not installed, and run by a Python environment of its own."""

    @property
    def major(self) -> int:
        return 19

    @property
    def modules(self) -> str:
        return MODULES

    @property
    def without_demo(self) -> str:
        return "True"

    @property
    def port_option(self) -> str:
        return "gevent_port"

    @property
    def config(self) -> Path:
        return self.cache.root / "conf" / "19.conf"

    @property
    def data(self) -> Path:
        return self.cache.root / "data19"

    @property
    def packages(self) -> Path:
        return self.cache.root / "odoo19" / "usr" / "lib" / "python3" / "dist-packages"

    @property
    def env(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self.packages), "TZ": "UTC", "PYTHONWARNINGS": "ignore"}

    def inner(self, path: Path) -> str:
        return str(path)

    def command(self, *words: str) -> tuple[str, ...]:
        return (str(self.cache.root / "venv19" / "bin" / "python"), "-m", "odoo", *words)

    def install(self, mirror: Mirror) -> None:
        root = self.cache.root
        unpacked, environment = root / "odoo19", root / "venv19"
        self.cache.once("odoo19", "1", lambda: self.unpack(mirror, unpacked), product=unpacked)
        wanted = " ".join(REQUIREMENTS.split())
        self.cache.once("venv19", wanted, lambda: self.make_environment(environment, wanted), product=environment)

    def unpack(self, mirror: Mirror, target: Path) -> None:
        """Fetch the package with lists and cache of its own, so that the machine's lists stay as they are."""
        apt = self.cache.root / "apt19"
        remove(apt)
        for folder in ("lists/partial", "cache/archives/partial"):
            (apt / folder).mkdir(parents=True)
        source = f"deb [signed-by={mirror.keyring}] {mirror.url} sid main\n"
        (apt / "sources.list").write_text(source, encoding="utf-8")
        settings = {
            "Dir::Etc::sourcelist": apt / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State::Lists": apt / "lists",
            "Dir::Cache": apt / "cache",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root",
        }
        apt_get = ["apt-get", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]
        run([*apt_get, "update"], self.log, timeout_s=APT_TIMEOUT_S)
        run([*apt_get, "download", "odoo-19"], self.log, timeout_s=APT_TIMEOUT_S, cwd=apt)
        (package,) = apt.glob("odoo-19_*.deb")
        run(["dpkg", "-x", package, target], self.log, timeout_s=300)
        remove(apt)

    def make_environment(self, target: Path, wanted: str) -> None:
        python = shutil.which("python3.11") or sys.executable
        run([python, "-m", "venv", target], self.log, timeout_s=300)
        pip = (target / "bin" / "python", "-m", "pip", "install", "--quiet")
        run([*pip, *wanted.split()], self.log, timeout_s=INSTALL_TIMEOUT_S)


@dataclass(frozen=True, slots=True)
class Chrooted(Installation):
    """Odoo 14: its package needs Python 3.9, so it lives in a Debian 11 of its own."""

    @property
    def major(self) -> int:
        return 14

    @property
    def modules(self) -> str:
        return MODULES + ",l10n_generic_coa"

    @property
    def without_demo(self) -> str:
        return "all"

    @property
    def port_option(self) -> str:
        return "longpolling_port"

    @property
    def chroot(self) -> Path:
        return self.cache.root / "chroot14"

    @property
    def config(self) -> Path:
        return self.chroot / "etc" / "oimkit-live.conf"

    @property
    def data(self) -> Path:
        return self.chroot / "var" / "lib" / "oimkit-live"

    def inner(self, path: Path) -> str:
        return "/" + str(path.relative_to(self.chroot))

    def command(self, *words: str) -> tuple[str, ...]:
        return self.inside("odoo", *words)

    def inside(self, *words: str) -> tuple[str, ...]:
        """*words* as a command in the chroot, with a /proc that vanishes with the command."""
        root, proc = shlex.quote(str(self.chroot)), shlex.quote(str(self.chroot / "proc"))
        enter = f"mount -t proc proc {proc} && exec chroot {root}"
        return ("unshare", "--mount", "--propagation", "private", "sh", "-c", f'{enter} "$@"', "sh", *words)

    def install(self, mirror: Mirror) -> None:
        self.cache.once("chroot14", "1", lambda: self.bootstrap(mirror), product=self.chroot)
        self.cache.once("odoo14", "1", self.add_odoo)

    def bootstrap(self, mirror: Mirror) -> None:
        make = ("debootstrap", "--variant=minbase", f"--keyring={mirror.keyring}", "bullseye", self.chroot, mirror.url)
        apart = ("unshare", "--mount", "--propagation", "private")
        run([*apart, *make], self.log, timeout_s=INSTALL_TIMEOUT_S)
        no_services = self.chroot / "usr" / "sbin" / "policy-rc.d"
        no_services.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        no_services.chmod(0o755)

    def add_odoo(self) -> None:
        shutil.copy("/etc/resolv.conf", self.chroot / "etc" / "resolv.conf")
        quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
        run(self.inside(*quiet, "apt-get", "update"), self.log, timeout_s=APT_TIMEOUT_S)
        run(self.inside(*quiet, "dpkg", "--configure", "-a"), self.log, timeout_s=INSTALL_TIMEOUT_S)
        install = ("apt-get", "install", "-y", "--no-install-recommends", "odoo-14")
        run(self.inside(*quiet, *install), self.log, timeout_s=INSTALL_TIMEOUT_S)
        run(self.inside("apt-get", "clean"), self.log, timeout_s=APT_TIMEOUT_S)


def install_tools(cache: Cache) -> None:
    """What the machine itself needs: PostgreSQL's server programs and debootstrap."""
    missing = [] if binaries() else ["postgresql-15"]
    missing += [] if shutil.which("debootstrap") else ["debootstrap"]
    log, quiet = cache.logs / "install-tools.log", {"DEBIAN_FRONTEND": "noninteractive"}
    if not missing and mirror_url():
        return
    say("apt-get update" + (f", then install {' and '.join(missing)}" if missing else ""))
    run(["apt-get", "update"], log, timeout_s=APT_TIMEOUT_S)
    if missing:
        command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
        run(command, log, timeout_s=INSTALL_TIMEOUT_S, env=quiet)


def machine_mirror() -> Mirror:
    """The Debian mirror of the machine's own package sources, with the key named there or else Debian's own."""
    url = mirror_url()
    if url is None:
        raise LiveError("the machine's package sources name no Debian mirror (component main); add one and try again")
    keyring = signing_key(url) or Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not keyring.is_file():
        raise LiveError(f"the key {keyring} is missing: apt-get install debian-archive-keyring")
    return Mirror(url, keyring)


def mirror_url() -> str | None:
    """The first address that apt itself lists for Debian's component main (not the security updates')."""
    form = "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    for row in listed.stdout.splitlines():
        origin, label, component, url = row.split("|", 3)
        if (origin, label, component) == ("Debian", "Debian", "main"):
            return url.rstrip("/")
    return None


def signing_key(url: str, *, sources: Path = Path("/etc/apt")) -> Path | None:
    """The key file that the sources name for *url*, in either form of a sources file."""
    for path in [sources / "sources.list", *sorted((sources / "sources.list.d").glob("*"))]:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        parts = text.split("\n\n") if path.suffix == ".sources" else text.splitlines()
        for part in parts:
            key = re.search(r"signed-by\s*[:=]\s*(/[^\s\]]+)", part, re.IGNORECASE)
            if key and re.search(re.escape(url) + r"/?(\s|$)", part):
                return Path(key.group(1))
    return None


def check_rights() -> None:
    if os.geteuid() != 0:
        raise LiveError("installing real servers needs root (debootstrap, chroot, mount); run it as root")
