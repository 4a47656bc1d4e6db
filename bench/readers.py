"""The statement readers against mt-940, ofxparse and pycamt, on the same generated files in the same run.

    python bench/readers.py [--entries 10000] [--out out/bench/readers.json]

Prints, for each format, the CPU seconds of oimkit and of the library for the same file, their ratio against the target,
and what doubling the file does to oimkit's time. mt-940 is judged with all its options, since its defaults give other
amounts and lose references; its defaults are shown beside it. Writes the figures as JSON. Fails when a library is
quicker or the time grows faster than the file. A library is stopped after --patience seconds.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import multiprocessing
import platform
import random
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import oimkit
from oimkit.banking.reading import read_statements

TARGETS = {"mt940": 8.0, "ofx1": 8.0, "camt053": 1.0}
DOUBLING = 2.5
ROUNDS = 6

Times: TypeAlias = tuple[float, float]
"""CPU seconds of oimkit and of a library."""


def mt940_file(entries: int) -> bytes:
    """Statements of 1,000 entries each, German structured texts of the usual length, balances that close."""
    chance = random.Random(1)
    lines: list[str] = []
    balance, written = Decimal("1000.00"), 0
    while written < entries:
        count = min(1000, entries - written)
        lines += [
            ":20:STARTUMS",
            ":25:10050000/1234567890",
            f":28C:{written // 1000 + 1:05}/001",
            _balance("60F", balance),
        ]
        for number in range(written, written + count):
            amount = Decimal(chance.randrange(1, 500_000)) / 100
            sign = chance.choice("CD")
            balance += amount if sign == "C" else -amount
            lines += [
                f":61:2503{number % 28 + 1:02}03{number % 28 + 1:02}{sign}{_comma(amount)}NTRFNONREF//B{number:012}",
                f":86:166?00GUTSCHRIFT?109251?20EREF+INV-{number:08}-A?21SVWZ+Invoice {number:08}?22 of m",
                f"arch 2025?30MUSTDEFFXXX?31DE02100500000{number:09}?32EXAMPLE CUSTOMER {number % 500:03}?33GMBH",
            ]
        lines += [_balance("62F", balance), "-"]
        written += count
    return "\r\n".join([*lines, ""]).encode()


def _balance(tag: str, amount: Decimal) -> str:
    return f":{tag}:{'C' if amount >= 0 else 'D'}250301EUR{_comma(abs(amount))}"


def _comma(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def ofx1_file(entries: int) -> bytes:
    """One bank statement in SGML with unclosed tags."""
    chance = random.Random(2)
    head = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX>\n<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20250331<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>\n<BANKMSGSRSV1><STMTTRNRS><TRNUID>1"
        "<STATUS><CODE>0<SEVERITY>INFO</STATUS>\n<STMTRS><CURDEF>EUR\n<BANKACCTFROM><BANKID>100<ACCTID>1234567890"
        "<ACCTTYPE>CHECKING</BANKACCTFROM>\n<BANKTRANLIST><DTSTART>20250301<DTEND>20250331\n"
    )
    body = [
        f"<STMTTRN>\n<TRNTYPE>{'CREDIT' if amount > 0 else 'DEBIT'}\n"
        f"<DTPOSTED>202503{number % 28 + 1:02}120000[-3:BRT]\n"
        f"<TRNAMT>{amount / 100:.2f}\n<FITID>{number:016}\n<NAME>EXAMPLE CUSTOMER {number % 500:03}\n"
        f"<MEMO>Invoice {number:08} of march\n</STMTTRN>\n"
        for number, amount in enumerate(Decimal(chance.randrange(-500_000, 500_000) or 1) for _ in range(entries))
    ]
    tail = (
        "</BANKTRANLIST>\n<LEDGERBAL><BALAMT>1000.00<DTASOF>20250331</LEDGERBAL>\n"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n"
    )
    return (head + "".join(body) + tail).encode()


def camt053_file(entries: int) -> bytes:
    """One statement of version 08 with a transaction in every entry."""
    chance = random.Random(3)
    opening = closing = Decimal("1000.00")
    body: list[str] = []
    for number in range(entries):
        amount = Decimal(chance.randrange(1, 500_000)) / 100
        credit = chance.random() < 0.5
        closing += amount if credit else -amount
        side, mark = ("Dbtr", "CRDT") if credit else ("Cdtr", "DBIT")
        day = f"2025-03-{number % 28 + 1:02}"
        body.append(
            f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="EUR">{amount:.2f}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
            f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
            f"<AcctSvcrRef>B{number:012}</AcctSvcrRef>"
            f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>INV-{number:08}</EndToEndId></Refs>"
            f'<Amt Ccy="EUR">{amount:.2f}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
            f"<RltdPties><{side}><Pty><Nm>Example customer {number % 500:03}</Nm></Pty></{side}><{side}Acct><Id>"
            f"<IBAN>DE02100500000{number:09}</IBAN></Id></{side}Acct></RltdPties>"
            f"<RmtInf><Ustrd>Invoice {number:08} of march</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2025-03-31T20:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id><Acct><Id>"
        "<IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        + _camt_balance("OPBD", opening)
        + _camt_balance("CLBD", closing)
        + "".join(body)
        + "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def _camt_balance(code: str, amount: Decimal) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(amount):.2f}</Amt>'
        f"<CdtDbtInd>{'CRDT' if amount >= 0 else 'DBIT'}</CdtDbtInd><Dt><Dt>2025-03-31</Dt></Dt></Bal>\n"
    )


def ours(data: bytes) -> int:
    """How many entries oimkit reads, with every check on."""
    return sum(len(statement.entries) for statement in read_statements(data))


def with_mt940(data: bytes) -> int:
    import mt940

    return _mt940_entries(data, mt940.models.Options.all())


def with_mt940_defaults(data: bytes) -> int:
    import mt940

    return _mt940_entries(data, mt940.models.Options())


def _mt940_entries(data: bytes, options: Any) -> int:
    import mt940

    transactions = mt940.models.Transactions(options=options)
    transactions.parse(data.decode())
    return len(transactions)


def with_ofxparse(data: bytes) -> int:
    import ofxparse

    parsed = ofxparse.OfxParser.parse(io.BytesIO(data))
    return sum(len(account.statement.transactions) for account in parsed.accounts)


def with_pycamt(data: bytes) -> int:
    from pycamt.parser import Camt053Parser

    return len(Camt053Parser(data).get_transactions())


PEERS: dict[str, tuple[tuple[str, Callable[[bytes], int]], ...]] = {
    "mt940": (("mt-940 with all options", with_mt940), ("mt-940 with its defaults", with_mt940_defaults)),
    "ofx1": (("ofxparse", with_ofxparse),),
    "camt053": (("pycamt", with_pycamt),),
}
"""The libraries; the first of a format is the one that oimkit is judged against."""

FILES = {"mt940": mt940_file, "ofx1": ofx1_file, "camt053": camt053_file}


def cpu_s(read: Callable[[bytes], int], data: bytes, entries: int, repeats: int) -> float:
    """The least CPU time of *repeats* readings, each of which must find all *entries*."""
    best = float("inf")
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        found = read(data)
        best = min(best, time.process_time() - start)
        if found != entries:
            raise SystemExit(f"{read.__name__} found {found} of {entries} entries")
    return best


def _in_child(
    read: Callable[[bytes], int], data: bytes, entries: int, quick_s: float, result: multiprocessing.Queue[Times]
) -> None:
    peer = cpu_s(read, data, entries, 1)
    own = cpu_s(ours, data, entries, 1)
    if peer < quick_s:
        turns, own = max(1, round(peer / own)), float("inf")
        for _ in range(ROUNDS):
            own = min(own, sum(cpu_s(ours, data, entries, 1) for _ in range(turns)) / turns)
            peer = min(peer, cpu_s(read, data, entries, 1))
    result.put((own, peer))


def side_by_side(read: Callable[[bytes], int], data: bytes, entries: int, patience_s: float) -> Times | None:
    """CPU seconds of oimkit and of the library, or None when the library does not end within *patience_s*.

    Both take turns in one process of their own, so that they meet the same machine, and turns of the same length: the
    time of oimkit is the mean of its turn. The least of several turns counts, or the only one where that takes long.
    """
    result: multiprocessing.Queue[Times] = multiprocessing.Queue()
    child = multiprocessing.Process(target=_in_child, args=(read, data, entries, patience_s / 20, result))
    child.start()
    child.join(patience_s)
    if child.is_alive():
        child.terminate()
        child.join()
        return None
    return result.get(timeout=5)


def against(label: str, read: Callable[[bytes], int], data: bytes, entries: int, patience_s: float) -> dict[str, Any]:
    """oimkit against one library on one file."""
    times = side_by_side(read, data, entries, patience_s)
    own, peer = times or (cpu_s(ours, data, entries, ROUNDS), patience_s)
    return {
        "peer": label,
        "oimkit_s": round(own, 4),
        "peer_s": round(peer, 4),
        "peer_ended": times is not None,
        "ratio": round(peer / own, 1),
    }


def doubling(name: str, entries: int) -> float:
    """How many times as long twice the file takes."""
    data, twice = FILES[name](entries), FILES[name](2 * entries)
    once = both = float("inf")
    for _ in range(ROUNDS):
        once = min(once, cpu_s(ours, data, entries, 1))
        both = min(both, cpu_s(ours, twice, 2 * entries, 1))
    return both / once


def measure(name: str, entries: int, patience_s: float) -> dict[str, Any]:
    data = FILES[name](entries)
    judged, *others = [against(label, read, data, entries, patience_s) for label, read in PEERS[name]]
    return {
        "format": name,
        "entries": entries,
        "bytes": len(data),
        **judged,
        "others": others,
        "target": TARGETS[name],
        "doubling": round(doubling(name, entries), 2),
        "doubling_limit": DOUBLING,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="statement readers against their libraries")
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=Path("out/bench/readers.json"))
    parser.add_argument("--patience", type=float, default=300.0, help="seconds a library gets for one file")
    args = parser.parse_args()
    rows = [measure(name, args.entries, args.patience) for name in FILES]
    for row in rows:
        print(_line(row))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"oimkit": oimkit.__version__, "python": platform.python_version(), "readers": rows}
    args.out.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if all(_sound(row) for row in rows) else 1


def _line(row: dict[str, Any]) -> str:
    others = "".join(f"; {_against(other)}" for other in row["others"])
    return (
        f"{row['format']:8} {row['entries']} entries: {_against(row)} "
        f"(target {row['target']}, {_verdict(row)}){others}; twice the file takes {row['doubling']} times as long"
    )


def _against(row: dict[str, Any]) -> str:
    more = "" if row["peer_ended"] else " or more"
    return f"oimkit {row['oimkit_s']} s, {row['peer']} {row['peer_s']} s{more}, {row['ratio']} times as fast{more}"


def _verdict(row: dict[str, Any]) -> str:
    return "met" if row["ratio"] >= row["target"] else "not met"


def _sound(row: dict[str, Any]) -> bool:
    """False when the library is quicker or the time grows faster than the file: what must never be."""
    return bool(row["ratio"] >= 1 and row["doubling"] < DOUBLING)


if __name__ == "__main__":
    sys.exit(main())
