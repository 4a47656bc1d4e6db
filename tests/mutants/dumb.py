"""Amounts taken from a file in the dumbest way that its format allows, to compare a reader with.

Each function gives the signed amounts of the movements in file order, or their value days, and knows nothing else of
its format: no balances, no texts, no dialects. It reads the invented files of the tests and their mutants, not the
world's.
"""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeAlias

__all__ = ["CSV_FILES", "DAYS", "DUMB", "UNORDERED", "Days", "Dumb", "dumb_for"]

Dumb: TypeAlias = Callable[[bytes], list[Decimal]]

_OVERPUNCHED = {sign: (index % 10, index >= 10) for index, sign in enumerate("{ABCDEFGHI}JKLMNOPQR")}
_OVERPUNCHED |= {"\xe9": (0, False), "\xe8": (0, True)}
"""The last digit of an amount tells its sign; French programs of 7 bits print letters with accents for the braces."""


def _mt(data: bytes) -> list[Decimal]:
    found = re.findall(r"^:61:[0-9]{6}(?:[0-9]{4}| {4})?(R?)([CD])[A-Z]?([0-9]+[,.]?[0-9]*)", _text(data), re.MULTILINE)
    return [_signed(number.replace(",", "."), (mark == "D") != (reverse == "R")) for reverse, mark, number in found]


def _camt(data: bytes) -> list[Decimal]:
    amounts = []
    for entry in _booked_elements(data):
        parts = {_local(part): part for part in entry}
        amounts.append(_signed(str(parts["Amt"].text), str(parts["CdtDbtInd"].text).strip() == "DBIT"))
    return amounts


def _booked_elements(data: bytes) -> list[ET.Element]:
    text = re.sub(r"\A<\?xml.*?\?>", "", _text(data), count=1, flags=re.DOTALL)
    text = re.sub(r"(</?)[\w.-]+:", r"\1", re.sub(r"\s[\w:.-]*:[\w.-]+=(\"[^\"]*\"|'[^']*')", "", text))
    return [entry for entry in ET.fromstring(text).iter() if _local(entry) == "Ntry" and _is_booked(entry)]


def _is_booked(entry: ET.Element) -> bool:
    status = next(("".join(part.itertext()).strip() for part in entry if _local(part) == "Sts"), "BOOK")
    return status not in ("PDNG", "INFO", "FUTR")


def _ofx(data: bytes) -> list[Decimal]:
    blocks = re.findall(r"<STMTTRN>(.*?)(?=<STMTTRN>|</BANKTRANLIST>|</STMTRS>|\Z)", _text(data), re.DOTALL)
    found = (re.search(r"<TRNAMT>\s*([+-]?[0-9.,]+)", block) for block in blocks)
    printed = [match[1] for match in found if match is not None]
    return [_number(text, _decimal_mark([text])) for text in printed]  # each is read on its own


def _coda(data: bytes) -> list[Decimal]:
    lines = [line for line in _lines(data, 128) if line.startswith("21") and line[6:10] == "0000"]
    return [_signed(f"{line[32:44]}.{line[44:47]}", line[31] == "1") for line in lines]


def _cfonb120(data: bytes) -> list[Decimal]:
    amounts = []
    for line in _lines(data, 120):
        if line.startswith("04"):
            digit, negative = _OVERPUNCHED[line[103]]
            number = Decimal(line[90:103] + str(digit)).scaleb(-int(line[19]))
            amounts.append(-number if negative else number)
    return amounts


def _n43(data: bytes) -> list[Decimal]:
    lines = [line for line in _lines(data, 80) if line.startswith("22")]
    return [_signed(f"{line[28:40]}.{line[40:42]}", line[27] == "1") for line in lines]


def _tito(data: bytes) -> list[Decimal]:
    text = _text(data).rstrip()
    lines = text.splitlines() if "\n" in text else re.findall(r"T10188.{182}", text)
    amounts = []
    for line in lines:
        if line.startswith("T10") and line[48] != "9" and line[187:188] in ("", " ", "0"):
            amounts.append(_signed(f"{line[88:104]}.{line[104:106]}", line[87] == "-"))
    return amounts


_NO_CENTS = {"JPY": 0, "BHD": 3}


def _bai2(data: bytes) -> list[Decimal]:
    lines = _lines(data, 80)
    amounts: list[Decimal] = []
    booked, usual, currency = True, "USD", "USD"
    for line in (part for whole in lines for part in re.split(r"(?<=/)[ ]+(?=16,)", whole)):
        fields = [field.strip() for field in line.split(",")]
        if fields[0] == "02":
            booked, usual = fields[3] == "1", fields[6].rstrip("/") or "USD"
        elif fields[0] == "03":
            currency = fields[2] or usual
        elif fields[0] == "16" and booked and fields[1] != "890":
            number = Decimal(fields[2].rstrip("/") or "0").scaleb(-_NO_CENTS.get(currency, 2))
            code = int(fields[1])
            amounts.append(-number if 400 <= code <= 699 or code == 760 or code >= 960 else number)
    return amounts


def _qif(data: bytes) -> list[Decimal]:
    texts, printed, money = [], [], False
    for record in re.split(r"^\^", _text(data), flags=re.MULTILINE):
        lines = [line.strip() for line in record.splitlines()]
        for line in lines:
            if "!" in line[:4]:
                money = re.search(r"!type:(bank|ccard|cash|oth [al])", line, re.IGNORECASE) is not None
        texts += [line[1:] for line in lines if line[:1] in ("T", "U", "$") and money and re.search("[0-9]", line)]
        printed += [line[1:] for line in lines if line.startswith("T") and money][:1]
    return [_number(text, _decimal_mark(texts)) for text in printed]


def _decimal_mark(texts: Sequence[str]) -> str:
    """The one mark that all of *texts* allow; a point where none of them tells."""
    allowed = {".", ","}
    for text in texts:
        marks = [sign for sign in text if sign in ".,"]
        if len(set(marks)) == 2:
            allowed &= {marks[-1]}
        elif len(marks) > 1:
            allowed -= {marks[0]}
        elif marks and not re.fullmatch(r"[+-]?[1-9][0-9']{0,2}[.,][0-9]{3}", text):
            allowed &= set(marks)
    if not allowed:
        raise ValueError("two decimal marks in one file")
    return "." if "." in allowed else ","


def _1c(data: bytes) -> list[Decimal]:
    text = _cyrillic(data)
    documents = re.compile(r"^(?i:СекцияДокумент)=(.*?)^(?i:КонецДокумента)$", re.DOTALL | re.MULTILINE)
    own = {line[9:].strip() for line in documents.sub("", text).splitlines() if line.startswith("РасчСчет=")}
    amounts = []
    for document in documents.findall(text):
        values: dict[str, str] = {}
        for key, _, value in (line.partition("=") for line in document.splitlines()):
            values.setdefault(key, value.strip())
        if not any(values.get(key) for key in ("ДатаСписано", "ДатаПоступило", "ДатаОперации")):
            continue
        for side, key, negative in (("Плательщик", "СуммаРасход", True), ("Получатель", "СуммаПриход", False)):
            accounts = {values.get(f"{side}{word}") for word in ("Счет", "ИИК", "РасчСчет")}
            printed = values.get("Сумма") or values.get(key)
            if accounts & own and printed:
                amounts.append(_signed(printed.replace(",", "."), negative))
    return sorted(amounts)


def _cyrillic(data: bytes) -> str:
    for encoding in ("utf-8", "cp866", "cp1251"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search("ВерсияФормата", text, re.IGNORECASE):
            return text.replace("\r\n", "\n")
    raise ValueError("no encoding fits")


# -- value days, of formats in which they stand in one place -------------------------------------------------------

Days: TypeAlias = Callable[[bytes], list[date]]


def _mt_days(data: bytes) -> list[date]:
    found = re.findall(r"^:61:([0-9]{6})(?:[0-9]{4}| {4})?R?[CD][A-Z]?[0-9]", _text(data), re.MULTILINE)
    return [_day(text) for text in found]


def _camt_days(data: bytes) -> list[date]:
    found = []
    for entry in _booked_elements(data):
        parts = {_local(part): part for part in entry}
        day = parts["ValDt"] if "ValDt" in parts else parts["BookgDt"]
        found.append(date.fromisoformat("".join(day.itertext()).strip()[:10]))
    return found


def _columns(width: int, start: str, first: int, other: int, turned: bool) -> Days:
    """The days in six columns of the records that begin so; in other columns where these are blank or zeros."""

    def days(data: bytes) -> list[date]:
        lines = [line for line in _lines(data, width) if line.startswith(start)]
        if start == "21":
            lines = [line for line in lines if line[6:10] == "0000"]
        texts = [(line[first : first + 6], line[other : other + 6]) for line in lines]
        return [_day(text if text.strip(" 0") else spare, turned=turned) for text, spare in texts]

    return days


def _day(text: str, *, turned: bool = False) -> date:
    year, month, day = (int(part) for part in (re.findall("..", text)[::-1] if turned else re.findall("..", text)))
    return date(2000 + year if year < 80 else 1900 + year, month, day)


DAYS: dict[str, Days] = {
    "mt940": _mt_days,
    "mt942": _mt_days,
    "camt052": _camt_days,
    "camt053": _camt_days,
    "camt054": _camt_days,
    "coda": _columns(128, "21", 47, 115, turned=True),
    "cfonb120": _columns(120, "04", 42, 34, turned=True),
    "n43": _columns(80, "22", 16, 10, turned=False),
}

# -- CSV: every file has columns of its own ---------------------------------------------------------------------

Row: TypeAlias = list[str]
Amounts: TypeAlias = Callable[[list[Row]], list[Decimal]]
"""The signed amounts of the rows that are booked movements."""


def _column(at: int, mark: str) -> Amounts:
    return lambda rows: [_number(row[at], mark) for row in rows]


def _when(at: int, word: str, amounts: Amounts) -> Amounts:
    """The amounts of rows that say they are booked."""
    return lambda rows: amounts([row for row in rows if row[at] == word])


def _marked(at: int, debit: str, number: int, mark: str) -> Amounts:
    """A number, and a word that says debit; a minus says it as well."""

    def amount(row: Row) -> Decimal:
        value = _number(row[number], mark)
        return -abs(value) if row[at] == debit else value

    return lambda rows: [amount(row) for row in rows]


def _sides(debit: int, credit: int, mark: str) -> Amounts:
    """A column for each side; debits are printed with their sign or without."""

    def amount(row: Row) -> Decimal:
        return -abs(_number(row[debit], mark)) if row[debit].strip() else _number(row[credit], mark)

    return lambda rows: [amount(row) for row in rows]


def _natwest(rows: list[Row]) -> list[Decimal]:
    """Accounts print debits with a minus and cards without: the balance below tells which it is."""
    values, balances = ([_number(row[at], ".") for row in rows] for at in (3, 4))
    inverted = balances[1] - balances[0] == -values[1]
    return [-value if inverted else value for value in values]


def _paypal(rows: list[Row]) -> list[Decimal]:
    """What is pending counts where the balance of its currency, on an earlier day or the same, counts it."""
    amounts: list[Decimal] = []
    before: dict[str, tuple[Decimal, Row]] = {}
    for row in rows:
        net, balance, day = _number(row[9], "."), _number(row[15], "."), row[0].split("/")[::-1]
        last, last_day = before.get(row[6], (None, day))
        if row[5] == "Completed" or (last == balance - net and day >= last_day):
            amounts.append(net)
        before[row[6]] = balance, day
    return amounts


def _revolut(rows: list[Row]) -> list[Decimal]:
    return [_number(row[5], ".") - _number(row[6], ".") for row in rows if row[8] == "COMPLETED"]


_TABLES: dict[str, tuple[str, slice, Amounts]] = {
    "be_belfius": (";", slice(-2, None), _column(10, ",")),
    "be_kbc": (";", slice(-2, None), _column(8, ",")),
    "ch_postfinance": (";", slice(-4, -2), _sides(4, 3, ".")),
    "ch_ubs": (";", slice(-2, None), _sides(5, 6, ".")),
    "ch_zkb": (";", slice(-4, None, 3), _sides(6, 7, ".")),
    "de_deutsche_bank": (";", slice(-3, -1), _sides(15, 16, ",")),
    "de_dkb": (";", slice(-3, None), _when(2, "Gebucht", _column(8, ","))),
    "de_ing": (";", slice(-2, None), _column(8, ",")),
    "de_sparkasse_camt": (";", slice(-2, None), _when(16, "Umsatz gebucht", _column(14, ","))),
    "fi_nordea": (";", slice(-2, None), _column(1, ",")),
    "fi_s_pankki": (";", slice(-2, None), _column(2, ",")),
    "fr_caisse_epargne": (";", slice(-3, -1), _sides(3, 4, ",")),
    "fr_credit_agricole": (";", slice(-2, None), _sides(2, 3, ",")),
    "gb_lloyds": (",", slice(-2, None), _sides(5, 6, ".")),
    "gb_natwest": (",", slice(-2, None), _natwest),
    "nl_abn_tab": ("\t", slice(None), _column(6, ",")),
    "nl_asn": (",", slice(None), _column(10, ".")),
    "nl_ing_2019": (",", slice(-3, None), _marked(5, "Af", 6, ",")),
    "nl_ing_2022": (";", slice(-2, None), _marked(5, "Af", 6, ",")),
    "nl_knab": (";", slice(-2, None), _marked(3, "D", 4, ",")),
    "nl_rabobank": (",", slice(-3, None), _column(6, ",")),
    "nl_triodos": (",", slice(None), _marked(3, "Debet", 2, ",")),
    "paypal": (",", slice(-4, None), _paypal),
    "revolut": (",", slice(-5, None), _revolut),
    "wise": (",", slice(-2, None), _column(2, ".")),
    "words_polish": (";", slice(-2, None), _column(3, ",")),
    "words_portuguese_columns": (";", slice(-3, None), _sides(3, 4, ",")),
}
"""For each file its separator, which of its rows are movements, and how one of these says its amount."""


def _csv(name: str, data: bytes) -> list[Decimal]:
    separator, movements, amounts = _TABLES[name]
    rows = [row for row in csv.reader(io.StringIO(_text(data), newline=""), delimiter=separator) if row]
    return sorted(amounts(rows[movements]))


def _number(text: str, mark: str) -> Decimal:
    """A number printed with *mark* for decimals and whatever else between thousands."""
    other = "," if mark == "." else "."
    plain = re.sub(r"[ '\xa0\t]|\xc2", "", text).replace(other, "").replace(mark, ".")
    return -Decimal(plain[:-1]) if plain.endswith("-") else Decimal(plain)


def _text(data: bytes) -> str:
    """Amounts are ASCII, so any encoding that keeps it will do."""
    return data.decode("latin-1")


def _lines(data: bytes, width: int) -> list[str]:
    """The lines; records of *width* where lines are not broken."""
    text = _text(data)
    return text.splitlines() if "\n" in text else [text[at : at + width] for at in range(0, len(text), width)]


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _signed(number: str, negative: bool) -> Decimal:
    return -Decimal(number) if negative else Decimal(number)


DUMB: dict[str, Dumb] = {
    "mt940": _mt,
    "mt942": _mt,
    "camt052": _camt,
    "camt053": _camt,
    "camt054": _camt,
    "ofx1": _ofx,
    "ofx2": _ofx,
    "coda": _coda,
    "cfonb120": _cfonb120,
    "n43": _n43,
    "tito": _tito,
    "bai2": _bai2,
    "qif": _qif,
    "1c": _1c,
}
"""The formats but CSV, where each file is read by its own table."""

CSV_FILES = frozenset(_TABLES)

UNORDERED = frozenset({"csv", "1c"})
"""Formats whose amounts are compared sorted: what is read is put by account, currency or day."""


def dumb_for(format_name: str, file_name: str) -> Dumb:
    """The dumb reader of a file."""
    return partial(_csv, file_name) if format_name == "csv" else DUMB[format_name]
