"""The invented statement files of tests/files, each in a real bank's dialect, and short ways to read them."""

from __future__ import annotations

from pathlib import Path

from oimkit.banking import Entry, Statement, read_statements

FILES = Path(__file__).resolve().parent.parent / "files"


def content(name: str) -> bytes:
    return (FILES / name).read_bytes()


def read(name: str) -> tuple[Statement, ...]:
    """The statements of a file, balanced and complete."""
    return read_statements(content(name))


def entries(name: str) -> list[Entry]:
    return [entry for statement in read(name) for entry in statement.entries]


def amounts(data: bytes, **options: str) -> list[str]:
    statements = read_statements(data, **options)  # type: ignore[arg-type]
    return [entry.amount.text for statement in statements for entry in statement.entries]


def codes(statement: Statement) -> list[str]:
    return [finding.code for finding in statement.findings]


def mt940(*entry_lines: str, opening: str = "C250301EUR100,00", closing: str = "C250331EUR100,00") -> bytes:
    """One MT940 statement with the lines between its balances as given."""
    lines = [
        ":20:REF",
        ":25:DE02120300000000202051",
        ":28C:1/1",
        f":60F:{opening}",
        *entry_lines,
        f":62F:{closing}",
        "-",
        "",
    ]
    return "\n".join(lines).encode()


def ofx(*entry_bodies: str, ledger: str = "<LEDGERBAL><BALAMT>1.00<DTASOF>20250331</LEDGERBAL>") -> bytes:
    """One OFX 1 statement with one STMTTRN for each body."""
    body = "".join(f"<STMTTRN>{each}</STMTTRN>\n" for each in entry_bodies)
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR"
        f"<BANKACCTFROM><ACCTID>7</BANKACCTFROM><BANKTRANLIST>{body}</BANKTRANLIST>{ledger}"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    ).encode()


def camt053(*parts: str, opening: str = "100.00", closing: str = "100.00") -> bytes:
    """One CAMT.053 statement in EUR with the given elements after its two balances."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id>"
        f"<Ccy>EUR</Ccy></Acct>{balance('OPBD', opening)}{balance('CLBD', closing)}{''.join(parts)}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def balance(code: str, amount: str, currency: str = "EUR") -> str:
    sign, digits = ("DBIT", amount[1:]) if amount.startswith("-") else ("CRDT", amount)
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{digits}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2025-03-31</Dt></Dt></Bal>"
    )


def ntry(amount: str, *parts: str, sign: str = "CRDT", currency: str = "EUR") -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>2025-03-04</Dt></BookgDt>{''.join(parts)}</Ntry>"
    )
