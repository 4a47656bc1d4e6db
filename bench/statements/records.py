"""The formats of fixed columns and records: CODA, CFONB 120, Norma 43, TITO, BAI2, in statements of 1,000 entries."""

from __future__ import annotations

from collections.abc import Sequence

from bench.statements.movements import Movement, blocks

__all__ = ["bai2_file", "cfonb120_file", "coda_file", "n43_file", "tito_file"]


def _laid(width: int, *parts: tuple[int, str]) -> str:
    """The *parts*, each from its column on (counted from 1), in a line of blanks."""
    line, at = [], 1
    for column, text in parts:
        line += [" " * (column - at), text]
        at = column + len(text)
    return "".join(line).ljust(width)


# -- CODA (Belgium) -----------------------------------------------------------------------------------------------

_BELGIAN = f"{'BE68539007547034':<34}EUR"


def coda_file(entries: int) -> bytes:
    """Version 2 with records 2.1, 2.2, 2.3 and 3.1 for every movement; counts and sums in the trailers hold."""
    lines: list[str] = []
    for number, opening, block, closing in blocks(entries):
        records = [line for place, movement in enumerate(block, 1) for line in _coda_movement(place, movement)]
        debit = -sum(each.cents for each in block if not each.is_credit)
        credit = sum(each.cents for each in block if each.is_credit)
        lines += [
            _laid(128, (1, f"00000{block[0].day:%d%m%y}"), (12, "00005"), (25, f"FILE{number:06}"),
                  (35, "VOORBEELD NV"), (61, "KREDBEBB"), (72, "00403170701"), (84, "00000"), (128, "2")),
            _laid(128, (1, "12063"), (6, _BELGIAN), (43, _coda_amount(opening)), (59, f"{block[0].day:%d%m%y}"),
                  (65, "VOORBEELD NV"), (126, "063")),
            *records,
            _laid(128, (1, "8063"), (5, _BELGIAN), (42, _coda_amount(closing)), (58, f"{block[-1].day:%d%m%y}"),
                  (128, "0")),
            _laid(128, (1, "9"), (17, f"{len(records) + 2:06}"), (23, f"{debit * 10:015}"), (38, f"{credit * 10:015}"),
                  (128, "2")),
        ]  # fmt: skip
    lines = [line[:-1] + "1" if line[0] == "9" and place < len(lines) else line for place, line in enumerate(lines, 1)]
    return "\r\n".join([*lines, ""]).encode("latin-1")


def _coda_amount(cents: int) -> str:
    return f"{'1' if cents < 0 else '0'}{abs(cents) * 10:015}"


def _coda_movement(place: int, movement: Movement) -> list[str]:
    day, number = f"{movement.day:%d%m%y}", f"{place:04}0000"
    text, named = movement.text, movement.name is not None
    first, second, third = text[:53].rstrip(), text[53:106], text[106:]
    below = bool(second or third or named)
    lines = [
        _laid(128, (1, "21"), (3, number), (11, f"REF{movement.number:012}"), (32, _coda_amount(movement.cents)),
              (48, day), (54, "00150000"), (62, "0"), (63, first), (116, day), (122, "063"), (125, "0"),
              (126, "1" if below else "0"), (128, "0"))
    ]  # fmt: skip
    if below:
        more = "1" if named or third else "0"
        lines.append(
            _laid(128, (1, "22"), (3, number), (11, second), (64, movement.end_to_end_id or ""),
                  (99, movement.bank or ""), (126, more), (128, "0"))
        )  # fmt: skip
    if named or third:
        account = f"{movement.account or '':<34}{'EUR' if named else ''}"
        lines.append(
            _laid(128, (1, "23"), (3, number), (11, account), (48, (movement.name or "")[:35]), (83, third), (126, "0"),
                  (128, "0"))
        )  # fmt: skip
    return lines


# -- CFONB 120 (France) -------------------------------------------------------------------------------------------

_FRENCH = "30004    00123EUR2 00012345678"


def cfonb120_file(entries: int) -> bytes:
    """A record 04 with three or four records 05 for every movement."""
    lines: list[str] = []
    for _, opening, block, closing in blocks(entries):
        lines.append(_laid(120, (1, f"01{_FRENCH}"), (35, f"{block[0].day:%d%m%y}"), (91, _overpunched(opening))))
        lines += [line for movement in block for line in _cfonb_movement(movement)]
        lines.append(_laid(120, (1, f"07{_FRENCH}"), (35, f"{block[-1].day:%d%m%y}"), (91, _overpunched(closing))))
    return "\r\n".join([*lines, ""]).encode("latin-1")


def _overpunched(cents: int) -> str:
    digits = f"{abs(cents):014}"
    return digits[:-1] + ("}JKLMNOPQR" if cents < 0 else "{ABCDEFGHI")[int(digits[-1])]


def _cfonb_movement(movement: Movement) -> list[str]:
    head, code = f"{_FRENCH[:5]}0158{_FRENCH[9:]}", "A1" if movement.is_credit else "B1"
    day = f"{movement.day:%d%m%y}"
    first = _laid(
        120, (1, f"04{head}"), (33, code), (35, day), (43, day), (49, movement.text[:31]),
        (82, f"{movement.number:07}"), (91, _overpunched(movement.cents)), (105, f"{movement.number:016}"),
    )  # fmt: skip
    more = [("LCC", movement.text[:70]), ("LC2", movement.text[70:140])]
    if movement.name is not None:
        more.append(("NPY" if movement.is_credit else "NBE", movement.name))
        if not movement.is_credit:
            more.append(("CBE", movement.account or ""))
    if movement.end_to_end_id is not None:
        more.append(("RCN", movement.end_to_end_id))
    return [
        first,
        *[_laid(120, (1, f"05{head}"), (33, code), (35, day), (46, mark), (49, text)) for mark, text in more if text],
    ]


# -- Norma 43 (Spain) ---------------------------------------------------------------------------------------------

_SPANISH = "210004180200051332"


def n43_file(entries: int) -> bytes:
    """Two or three records 23 for every movement; counts and sums of the records 33 hold."""
    lines: list[str] = []
    for _, opening, block, closing in blocks(entries):
        debits = [-each.cents for each in block if not each.is_credit]
        credits_ = [each.cents for each in block if each.is_credit]
        sums = f"{len(debits):05}{sum(debits):014}{len(credits_):05}{sum(credits_):014}"
        days = f"{block[0].day:%y%m%d}{block[-1].day:%y%m%d}"
        lines.append(f"11{_SPANISH}{days}{_spanish(opening)}9783EMPRESA EJEMPLO SL")
        lines += [line for movement in block for line in _n43_movement(movement)]
        lines.append(f"33{_SPANISH}{sums}{_spanish(closing)}978")
    lines.append(f"88{'9' * 18}{len(lines):06}")
    return "\r\n".join([*[line.ljust(80) for line in lines], ""]).encode("cp1252")


def _spanish(cents: int) -> str:
    return f"{'1' if cents < 0 else '2'}{abs(cents):014}"


def _n43_movement(movement: Movement) -> list[str]:
    day = f"{movement.day:%y%m%d}"
    codes = "03020" if movement.kind == "debit" else "04016"
    head = f"22    0418{day}{day}{codes}{_spanish(movement.cents)}{movement.number:010}{'0' * 12}{movement.number:016}"
    said = "TRANSFERENC. DE" if movement.is_credit else "TRANSFERENC. A"
    texts = [f"{said:38}{movement.name[:38]}"] if movement.name is not None else ["COMISION"]
    texts += [movement.text[at : at + 76] for at in range(0, len(movement.text), 76)]
    return [head, *[f"23{place:02}{text}" for place, text in enumerate(texts, 1)]]


# -- TITO (Finland) -----------------------------------------------------------------------------------------------


def tito_file(entries: int) -> bytes:
    """A record T10 with a free text T11 and, for payments, the SEPA fields in a T11 of their own."""
    lines: list[str] = []
    for number, opening, block, closing in blocks(entries):
        first, last = f"{block[0].day:%y%m%d}", f"{block[-1].day:%y%m%d}"
        lines.append(
            f"T0032210012345600000785{number % 1000:03}{first}{last}{last}2200{'ASIAKAS':17}{first}{_finnish(opening)}"
            f"000000EUR{'TILI':30}{'':0>18}{'ESIMERKKI OY':35}{'PANKKI OYJ':40}{'':40}{'':30}"
            f"{'FI2112345600000785 NDEAFIHH':30}"
        )
        lines += [line for place, movement in enumerate(block, 1) for line in _tito_movement(place, movement)]
        lines.append(f"T40050{last}{_finnish(closing)}{_finnish(closing)}")
    return "\r\n".join([*lines, ""]).encode("latin-1")


def _finnish(cents: int) -> str:
    return f"{'-' if cents < 0 else '+'}{abs(cents):018}"


def _tito_movement(place: int, movement: Movement) -> list[str]:
    day, mark, kind = f"{movement.day:%y%m%d}", "1" if movement.is_credit else "2", "TILISIIRTO"
    archive = f"ARK{day}{movement.number:09}"
    head = (
        f"T10188{place:06}{archive:18}{day * 3}{mark}705{kind:35}{_finnish(movement.cents)}"
        f" A{(movement.name or '')[:35]:35}A{'':14} {'':0>20}{'':8} "
    )
    lines = [head, _tito_text("00", movement.text)]
    if movement.account is not None:
        sepa = (movement.end_to_end_id or "", "", "", "", movement.name or "", "", "")
        padded = "".join(f"{value:{width}}" for value, width in zip(sepa, (35, 35, 35, 70, 70, 35, 35), strict=True))
        lines.append(_tito_text("11", padded))
    return lines


def _tito_text(kind: str, data: str) -> str:
    return f"T11{8 + len(data):03}{kind}{data}"


# -- BAI2 ---------------------------------------------------------------------------------------------------------


def bai2_file(entries: int) -> bytes:
    """One group of accounts with 1,000 transactions each, every control total right."""
    accounts = [_bai2_account(number, opening, block, closing) for number, opening, block, closing in blocks(entries)]
    total = sum(control for _, control in accounts)
    lines = [line for records, _ in accounts for line in records]
    out = [
        "01,122099999,123456789,250307,0200,1,80,,2/",
        "02,031001234,122099999,1,250306,2359,EUR,2/",
        *lines,
        f"98,{total},{len(accounts)},{len(lines) + 2}/",
        f"99,{total},1,{len(lines) + 4}/",
    ]
    return "\r\n".join([*out, ""]).encode("latin-1")


def _bai2_account(number: int, opening: int, block: Sequence[Movement], closing: int) -> tuple[list[str], int]:
    lines = [f"03,{9753124680 + number},EUR,010,{opening},,,015,{closing},,/"]
    for movement in block:
        code = "142" if movement.is_credit else "455"
        lines.append(
            f"16,{code},{abs(movement.cents)},0,B{movement.number:012},{movement.end_to_end_id or ''},{movement.text}"
        )
        if movement.name is not None:
            lines.append(f"88,ORIG CO NAME:{movement.name[:35]} ORIG ID:{movement.creditor_id or '1234567890'}")
            lines.append(f"88,IND ID:{movement.end_to_end_id or 'NONE'} IND NAME:SAMPLE OWNER LLC/")
    control = opening + closing + sum(abs(each.cents) for each in block)
    return [*lines, f"49,{control},{len(lines) + 1}/"], control
