"""Records of CODA laid out by column, for tests that write statements: each function gives one line."""

from __future__ import annotations

from decimal import Decimal

__all__ = [
    "ACCOUNT",
    "file_of",
    "header",
    "information",
    "laid",
    "movement",
    "new",
    "old",
    "second",
    "third",
    "trailer",
]

ACCOUNT = "BE68539007547034"


def laid(*parts: tuple[int, str], width: int = 128) -> str:
    """The *parts*, each from its column on (counted from 1), in a line of blanks."""
    line = [" "] * width
    for column, text in parts:
        assert column - 1 + len(text) <= width
        line[column - 1 : column - 1 + len(text)] = text
    return "".join(line)


def thousandths(amount: Decimal | str) -> str:
    return f"{int(abs(Decimal(amount)) * 1000):015}"


def _sign(amount: Decimal | str) -> str:
    return "1" if Decimal(amount) < 0 else "0"


def header(*, version: str = "2", duplicate: str = " ", separate: str = "00000") -> str:
    return laid(
        (1, "00000050325"), (12, "00005"), (17, duplicate), (25, "FILE000001"), (35, "EXAMPLE NV"), (61, "KREDBEBB"),
        (72, "00403170701"), (84, separate), (128, version),
    )  # fmt: skip


def old(amount: str = "100.00", *, structure: str = "2", account: str = "", day: str = "040325") -> str:
    zone = account or f"{ACCOUNT:<34}EUR"
    return laid(
        (1, "1"), (2, structure), (3, "063"), (6, zone), (43, _sign(amount)), (44, thousandths(amount)), (59, day),
        (65, "EXAMPLE NV"), (126, "063"),
    )  # fmt: skip


def movement(
    amount: Decimal | str,
    number: int = 1,
    detail: int = 0,
    *,
    text: str = "",
    structure: str = "",
    code: str = "00150000",
    level: str = "0",
    value: str = "050325",
    booked: str = "050325",
    reference: str = "BANKREF",
    follows: str = "0",
    informed: str = "0",
) -> str:
    """Record 2.1: a free *text*, or with *structure* its three digits and what follows."""
    return laid(
        (1, "21"), (3, f"{number:04}{detail:04}"), (11, reference), (32, _sign(amount)), (33, thousandths(amount)),
        (48, value), (54, code), (62, "1" if structure else "0"), (63, structure or text), (116, booked), (122, "063"),
        (125, level), (126, follows), (128, informed),
    )  # fmt: skip


def second(
    number: int = 1, detail: int = 0, *, text: str = "", customer: str = "", bic: str = "", codes: str = "",
    follows: str = "0", informed: str = "0",
) -> str:  # fmt: skip
    """Record 2.2; *codes* stand from column 113: kind of return, its reason, category purpose, purpose."""
    return laid(
        (1, "22"), (3, f"{number:04}{detail:04}"), (11, text), (64, customer), (99, bic), (113, codes), (126, follows),
        (128, informed),
    )  # fmt: skip


def third(
    number: int = 1, detail: int = 0, *, account: str = "", name: str = "", text: str = "", informed: str = "0"
) -> str:
    return laid(
        (1, "23"), (3, f"{number:04}{detail:04}"), (11, account), (48, name), (83, text), (126, "0"), (128, informed)
    )


def information(
    text: str, number: int = 1, detail: int = 1, *, part: int = 1, structured: bool = False, follows: str = "0",
    more: str = "0",
) -> str:  # fmt: skip
    """Record 3.1, 3.2 or 3.3."""
    start = 41 if part == 1 else 11
    kind = ((32, "00150000"), (40, "1" if structured else "0")) if part == 1 else ()
    return laid((1, f"3{part}"), (3, f"{number:04}{detail:04}"), *kind, (start, text), (126, follows), (128, more))


def new(amount: Decimal | str = "100.00", *, account: str = "", day: str = "050325", informed: str = "0") -> str:
    zone = account or f"{ACCOUNT:<34}EUR"
    return laid((1, "8063"), (5, zone), (42, _sign(amount)), (43, thousandths(amount)), (58, day), (128, informed))


def trailer(records: int, debit: Decimal | str = "0", credit: Decimal | str = "0", *, more: str = "2") -> str:
    return laid((1, "9"), (17, f"{records:06}"), (23, thousandths(debit)), (38, thousandths(credit)), (128, more))


def file_of(*body: str, opening: str = "100.00", closing: str | None = None, version: str = "2") -> bytes:
    """One statement of *body* with header, balances and trailer that fit its booked movements."""
    amounts = [
        Decimal(line[32:47]).scaleb(-3) * (-1 if line[31] == "1" else 1)
        for line in body
        if line.startswith("21")
        and line[6:10] == "0000"
        and line[31] in "01"
        and line[32:47].isascii()
        and line[32:47].isdigit()
    ]
    credit = sum((each for each in amounts if each > 0), Decimal(0))
    debit = -sum((each for each in amounts if each < 0), Decimal(0))
    end = Decimal(opening) + credit - debit if closing is None else Decimal(closing)
    lines = [header(version=version), old(opening), *body, new(end), trailer(len(body) + 2, debit, credit), ""]
    return "\r\n".join(lines).encode()
