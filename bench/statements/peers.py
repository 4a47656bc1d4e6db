"""Other programs that read statements, each as a function from a file's path to the number of entries it finds.

They do less than oimkit: none checks a balance, most leave amounts, dates or parties as text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["PEERS", "Peer", "missing"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that oimkit is measured against.

    module     what to import, which no figure counts
    package    its name for pip
    at_least   how many times as fast as it oimkit has to be; None where it is shown only
    stops      its time grows with the square of the file: it is stopped once *at_least* is passed, and the ratio is
               then a lower bound
    """

    label: str
    module: str
    package: str
    read: Callable[[Path], int]
    at_least: float | None
    stops: bool = False


def _mt940(path: Path) -> int:
    """With all its options, since its defaults give other amounts and lose references."""
    import mt940

    transactions = mt940.models.Transactions(options=mt940.models.Options.all())
    transactions.parse(path.read_bytes().decode())
    return len(transactions)


def _mt940_defaults(path: Path) -> int:
    import mt940

    return len(mt940.parse(path.read_bytes().decode()))


def _ofxparse(path: Path) -> int:
    import ofxparse

    with path.open("rb") as file:
        parsed = ofxparse.OfxParser.parse(file)
    return sum(len(account.statement.transactions) for account in parsed.accounts)


def _ofxtools(path: Path) -> int:
    from ofxtools.Parser import OFXTree

    tree = OFXTree()
    tree.parse(str(path))
    return sum(len(statement.transactions) for statement in tree.convert().statements)


def _bankstatementparser_ofx(path: Path) -> int:
    from bankstatementparser.additional_parsers import OfxParser

    return len(OfxParser(str(path)).parse())


def _bankstatementparser_mt940(path: Path) -> int:
    from bankstatementparser.additional_parsers import Mt940Parser

    return len(Mt940Parser(str(path)).parse())


def _bankstatementparser_camt(path: Path) -> int:
    from bankstatementparser import CamtParser

    return len(CamtParser(str(path)).parse())


def _ofxstatement(path: Path) -> int:
    from ofxstatement.plugins.iso20022 import Iso20022Plugin
    from ofxstatement.ui import UI

    plugin = Iso20022Plugin(UI(), {"currency": "EUR", "iban": "DE02120300000000202051"})
    return len(plugin.get_parser(str(path)).parse().lines)


def _pycamt(path: Path) -> int:
    from pycamt.parser import Camt053Parser

    return len(Camt053Parser(path.read_bytes()).get_transactions())


_BSP = ("bankstatementparser", "bankstatementparser.additional_parsers", "bankstatementparser")

PEERS: dict[str, tuple[Peer, ...]] = {
    "ofx1": (
        Peer("ofxparse", "ofxparse", "ofxparse", _ofxparse, 50.0, stops=True),
        Peer("ofxtools", "ofxtools.Parser", "ofxtools", _ofxtools, 8.0),
    ),
    "ofx2": (
        Peer("ofxparse", "ofxparse", "ofxparse", _ofxparse, 20.0),
        Peer("ofxtools", "ofxtools.Parser", "ofxtools", _ofxtools, None),
        Peer(*_BSP, _bankstatementparser_ofx, 1.0),
    ),
    "mt940": (
        Peer("mt-940 with all options", "mt940", "mt-940", _mt940, 7.0),
        Peer("mt-940 with its defaults", "mt940", "mt-940", _mt940_defaults, 7.0),
        Peer(*_BSP, _bankstatementparser_mt940, 1.0),
    ),
    **dict.fromkeys(
        ("mt940-codes", "mt940-plain"),
        (
            Peer("mt-940 with all options", "mt940", "mt-940", _mt940, None),
            Peer(*_BSP, _bankstatementparser_mt940, None),
        ),
    ),
    "camt053": (
        Peer("ofxstatement-iso20022", "ofxstatement.plugins.iso20022", "ofxstatement-iso20022", _ofxstatement, 2.5),
        Peer(*_BSP, _bankstatementparser_camt, 4.0),
        Peer("pycamt", "pycamt.parser", "pycamt", _pycamt, 50.0, stops=True),
    ),
}
"""The programs that read a format, with what the project wants of the comparison."""


def missing(formats: list[str]) -> list[Peer]:
    """The peers of *formats* that are not installed, one for each package."""
    absent = {peer.package: peer for name in formats for peer in PEERS.get(name, ()) if not _is_installed(peer)}
    return list(absent.values())


def _is_installed(peer: Peer) -> bool:
    try:
        return find_spec(peer.module) is not None
    except ModuleNotFoundError:  # a package that it would be in
        return False
