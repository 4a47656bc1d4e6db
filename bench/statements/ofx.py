"""OFX 1 in SGML with tags that are never closed, and OFX 2 in XML, indented as banks do."""

from __future__ import annotations

from bench.statements.movements import OPENING, Movement, movements, point

__all__ = ["ofx1_file", "ofx2_file"]

_KINDS = {"transfer": "XFER", "debit": "DIRECTDEBIT", "card": "POS", "fee": "FEE"}


def ofx1_file(entries: int) -> bytes:
    """One bank statement; the ledger balance is that after all entries."""
    head = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX>\n<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20251231<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>\n<BANKMSGSRSV1><STMTTRNRS><TRNUID>1"
        "<STATUS><CODE>0<SEVERITY>INFO</STATUS>\n<STMTRS><CURDEF>EUR\n<BANKACCTFROM><BANKID>100<ACCTID>1234567890"
        "<ACCTTYPE>CHECKING</BANKACCTFROM>\n<BANKTRANLIST><DTSTART>20250101<DTEND>20251231\n"
    )
    body, closing = _transactions(entries, "", "<{0}>{1}\n")
    tail = (
        f"</BANKTRANLIST>\n<LEDGERBAL><BALAMT>{_signed(closing)}<DTASOF>20251231</LEDGERBAL>\n"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n"
    )
    return (head + body + tail).encode("cp1252")


def ofx2_file(entries: int) -> bytes:
    head = (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" '
        'OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n<OFX>\n<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0</CODE><SEVERITY>INFO'
        "</SEVERITY></STATUS><DTSERVER>20251231</DTSERVER><LANGUAGE>ENG</LANGUAGE></SONRS></SIGNONMSGSRSV1>\n"
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1</TRNUID><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>\n<STMTRS>"
        "<CURDEF>EUR</CURDEF>\n<BANKACCTFROM><BANKID>100</BANKID><ACCTID>1234567890</ACCTID><ACCTTYPE>CHECKING"
        "</ACCTTYPE></BANKACCTFROM>\n<BANKTRANLIST><DTSTART>20250101</DTSTART><DTEND>20251231</DTEND>\n"
    )
    body, closing = _transactions(entries, "  ", "    <{0}>{1}</{0}>\n")
    tail = (
        f"</BANKTRANLIST>\n<LEDGERBAL><BALAMT>{_signed(closing)}</BALAMT><DTASOF>20251231</DTASOF></LEDGERBAL>\n"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n"
    )
    return (head + body + tail).encode()


def _transactions(entries: int, indent: str, element: str) -> tuple[str, int]:
    """A STMTTRN for each movement, its elements written as *element* wants tag and value; and the cents after all."""
    closing, body = OPENING, list[str]()
    for movement in movements(entries):
        closing += movement.cents
        lines = "".join(element.format(*pair) for pair in _elements(movement))
        body.append(f"{indent}<STMTTRN>\n{lines}{indent}</STMTTRN>\n")
    return "".join(body), closing


def _signed(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{point(cents)}"


def _elements(movement: Movement) -> list[tuple[str, str]]:
    """The elements of a STMTTRN with & written as an entity."""
    kind = "CREDIT" if movement.is_credit else _KINDS[movement.kind]
    name = movement.name[:32] if movement.name is not None else "BANK"
    elements = [
        ("TRNTYPE", kind),
        ("DTPOSTED", f"{movement.day:%Y%m%d}120000[-3:BRT]"),
        ("TRNAMT", _signed(movement.cents)),
        ("FITID", f"{movement.number:016}"),
    ]
    if movement.kind == "card":
        elements.append(("REFNUM", f"R{movement.number:08}"))
    return [*elements, ("NAME", name.replace("&", "&amp;")), ("MEMO", movement.text)]
