"""QIF: dates and amounts read in the one way that the file proves, or refused; nothing invented, nothing lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import Entry, Party, Statement, detect, read_statements
from oimkit.banking.formats.qif import read_qif
from oimkit.banking.limits import Limits
from oimkit.errors import InputError, StatementError
from tests.banking.damage import heaped
from tests.banking.reader_laws import (
    assert_limits_hold,
    assert_read_or_refused,
    assert_refused,
    assert_time_grows_with_the_file,
)
from tests.banking.statement_files import codes


def qif(*records: str, header: str = "!Type:Bank") -> bytes:
    """One block with the given records, their fields divided by blanks that are two wide."""
    return "\n".join([header, *(line for record in records for line in (*record.split("  "), "^")), ""]).encode()


def only(data: bytes, **options: str) -> Statement:
    (statement,) = read_qif(data, **options)  # type: ignore[arg-type]
    return statement


def entry(record: str, header: str = "!Type:Bank") -> Entry:
    (found,) = only(qif(record, header=header)).entries
    return found


def amounts(statement: Statement) -> list[str]:
    return [str(each.amount.amount) for each in statement.entries]


# -- fields -------------------------------------------------------------------------------------------------------


def test_every_letter_of_a_movement_goes_to_its_field() -> None:
    found = entry("D13/01/2025  T-12.50  CX  N1042  PExample Ltd  MInvoice 7  A1 High Street  AExampleton  LFood:Lunch")
    assert (str(found.amount.amount), found.booking_date, found.value_date) == (
        "-12.50",
        date(2025, 1, 13),
        date(2025, 1, 13),
    )
    assert found.counterparty == Party("Example Ltd", address=("1 High Street", "Exampleton"))
    assert (found.remittance, found.purpose) == (("Invoice 7",), "Food:Lunch")
    assert (found.references, found.codes, found.bank_code) == ((("N", "1042"),), (("qif-cleared", "X"),), None)
    assert found.line == 2 and found.raw is not None and found.raw.startswith("D13/01/2025\n")
    assert found.raw.endswith("\n^")


def test_a_word_under_n_is_a_code_and_a_number_is_a_reference() -> None:
    assert entry("D13/01/2025  T-1.00  NATM").codes == (("qif", "ATM"),)
    assert entry("D13/01/2025  T-1.00  N20250113").references == (("N", "20250113"),)


def test_a_transfer_names_the_other_account() -> None:
    found = entry("D13/01/2025  T-1.00  PMyself  L[Savings]/Home")
    assert (found.counterparty, found.purpose) == (Party("Myself", "Savings"), None)


def test_an_iban_in_brackets_has_no_blanks() -> None:
    assert entry("D13/01/2025  T-1.00  L[NL91 ABNA 0417 1643 00]").counterparty == Party(None, "NL91ABNA0417164300")


def test_parts_are_details_and_are_not_summed_again() -> None:
    found = entry("D13/01/2025  T-10.00  L--Split--  SFood  ELunch  $-7.00  S[Savings]  $-3.00")
    assert (str(found.amount.amount), found.purpose) == ("-10.00", None)
    first, second = found.details
    assert (str(first.amount.amount), first.purpose, first.remittance, first.line) == ("-7.00", "Food", ("Lunch",), 5)
    assert (str(second.amount.amount), second.counterparty) == ("-3.00", Party(None, "Savings"))
    assert found.residual is not None and found.residual.amount == 0


def test_a_part_may_bear_its_own_date() -> None:
    first, second = entry("D13/01/2025  T-2.00  SA  D14/01/2025  $-1.00  SB  $-1.00").details
    assert (first.value_date, second.value_date) == (date(2025, 1, 14), date(2025, 1, 13))


def test_parts_without_a_category_are_told_apart_by_their_amounts() -> None:
    assert [str(part.amount.amount) for part in entry("D13/01/2025  T3.00  EA  $1.00  EB  $2.00").details] == [
        "1.00",
        "2.00",
    ]


def test_parts_that_do_not_add_up_are_reported() -> None:
    assert "details-differ" in codes(only(qif("D13/01/2025  T-10.00  SA  $-7.00  SB  $-2.00")))


def test_a_part_of_percent_alone_is_reported() -> None:
    statement = only(qif("D13/01/2025  T-10.00  SA  %50  SB  $-5.00"))
    assert "detail-not-read" in codes(statement)
    assert len(statement.entries[0].details) == 1


def test_u_stands_for_t_and_a_different_one_is_refused() -> None:
    assert str(entry("D13/01/2025  U1,234.56").amount.amount) == "1234.56"
    assert str(entry("D13/01/2025  U1,234.56  T1234.56").amount.amount) == "1234.56"
    with pytest.raises(StatementError, match="two different amounts"):
        read_qif(qif("D13/01/2025  U1,234.56  T234.56"))


@pytest.mark.parametrize("twice", ["D13/01/2025  D14/01/2025  T1.00", "D13/01/2025  T1.00  T2.00"])
def test_two_dates_or_amounts_are_refused(twice: str) -> None:
    with pytest.raises(StatementError, match="two different dates or amounts"):
        read_qif(qif(twice))


def test_a_second_name_is_kept_as_text_and_reported() -> None:
    statement = only(qif("D13/01/2025  T1.00  PExample  PBranch 7  MText"))
    assert statement.entries[0].counterparty == Party("Example")
    assert statement.entries[0].remittance == ("Branch 7", "Text")
    assert "field-repeated" in codes(statement)


def test_german_value_date_and_currency_are_read() -> None:
    statement = only(qif("D13.01.2025  V15.01.2025  FEUR  T1,00"))
    assert statement.currency.code == "EUR"
    assert statement.entries[0].value_date == date(2025, 1, 15)
    assert "currency-missing" not in codes(statement)


def test_movements_in_two_currencies_are_refused() -> None:
    data = qif("D13.01.2025  FEUR  T1,00", "D13.01.2025  FUSD  T1,00")
    with pytest.raises(StatementError, match="same currency"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert statement.currency.code == "XXX"


def test_lines_of_no_letter_are_counted_and_kept_in_the_raw_text() -> None:
    statement = only(qif("D13/01/2025  T1.00  z what is this  ?"))
    assert "line-not-read" in codes(statement)
    assert "z what" in (statement.entries[0].raw or "")


# -- accounts and blocks ------------------------------------------------------------------------------------------

TWO_ACCOUNTS = b"""!Option:AutoSwitch
!Account
NChecking
DEveryday
TBank
^
NCard
TCCard
^
!Clear:AutoSwitch
!Option:AutoSwitch
!Account
NChecking
DEveryday
TBank
$1,000.00
/1/31'25
^
!Type:Bank
D1/13'25
T-10.00
^
!Account
NCard
TCCard
^
!Type:CCard
D1/14'25
T-5.00
^
"""


def test_each_block_is_the_statement_of_the_account_before_it() -> None:
    bank, card = read_qif(TWO_ACCOUNTS)
    assert [(each.account, amounts(each)) for each in (bank, card)] == [("Checking", ["-10.00"]), ("Card", ["-5.00"])]
    assert bank.remarks == ("Everyday",)
    assert bank.line == 19


def test_the_balance_of_the_account_list_is_neither_opening_nor_closing() -> None:
    bank, _ = read_qif(TWO_ACCOUNTS)
    (balance,) = bank.balances
    assert (str(balance.amount.amount), balance.date, balance.code) == ("1000.00", date(2025, 1, 31), None)
    assert (bank.opening, bank.closing, bank.balanced) == (None, None, None)


def test_a_list_of_accounts_names_none_for_the_block_after_it() -> None:
    statement = only(b"!Account\nNOne\n^\nNTwo\n^\n!Type:Bank\nD13/01/2025\nT1.00\n^\n")
    assert statement.account is None
    assert "account-missing" in codes(statement)


def test_the_first_record_may_be_the_opening_balance_and_names_the_account() -> None:
    statement = only(qif("D13/01/2025  T100.00  POpening Balance  L[Giro]", "D14/01/2025  T-1.00"))
    assert (statement.account, amounts(statement)) == ("Giro", ["100.00", "-1.00"])
    assert "opening-as-entry" in codes(statement)
    assert statement.opening is None


@pytest.mark.parametrize("kind", ["Bank", "Cash", "CCard", "Oth A", "Oth L", "bank ", "OTH  A"])
def test_every_kind_of_account_is_read(kind: str) -> None:
    assert amounts(only(qif("D13/01/2025  T-1.00", header=f"!Type:{kind}"))) == ["-1.00"]


@pytest.mark.parametrize("name", ["Cat", "Class", "Memorized", "Security", "Prices", "Tag"])
def test_lists_are_passed_over(name: str) -> None:
    data = f"!Type:{name}\nNFood\nT99.00\nD1/1/25\n^\n".encode() + qif("D13/01/2025  T-1.00")
    assert amounts(only(data)) == ["-1.00"]


def test_accounts_without_movements_are_statements_without_entries() -> None:
    first, second = read_qif(b"!Account\nNOne\n^\nNTwo\n^\n")
    assert [(each.account, each.entries) for each in (first, second)] == [("One", ()), ("Two", ())]
    assert codes(first) == ["no-movements", "currency-missing"]


def test_a_file_of_lists_alone_is_one_empty_statement() -> None:
    statement = only(b"!Type:Cat\nNFood\n^\n")
    assert (statement.entries, codes(statement)[0]) == ((), "no-movements")


@pytest.mark.parametrize("data", [b"", b"!Option:AutoSwitch\n", b"^\n", b"# nothing\n"])
def test_a_file_of_nothing_is_refused(data: bytes) -> None:
    with pytest.raises(StatementError, match="no account and no movement"):
        read_qif(data)


def test_a_block_under_an_unknown_header_is_refused_or_reported() -> None:
    data = qif("D13/01/2025  T-1.00") + b"!Type:Invoice\nD13/01/2025\nT-9.00\n^\n"
    with pytest.raises(StatementError, match="header that is not known") as refused:
        read_qif(data)
    assert refused.value.line == 6
    (statement,) = read_qif(data, damaged="report")
    assert (amounts(statement), codes(statement)[0]) == (["-1.00"], "record-not-read")


def test_a_record_before_the_first_header_is_refused_and_a_note_is_not() -> None:
    assert amounts(only(b"# note\n^\n\n" + qif("D13/01/2025  T-1.00"))) == ["-1.00"]
    with pytest.raises(StatementError, match="before the first header"):
        read_qif(b"D13/01/2025\nT-1.00\n^\n" + qif("D13/01/2025  T-1.00"))


def test_notes_and_empty_records_on_top_do_not_hide_the_format() -> None:
    assert detect(b"### note\r\n\r\n^\r\n!Account\r\nNA\r\n^\r\n") == "qif"


# -- dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("13/01/2025", date(2025, 1, 13)),
        ("1/13/2025", date(2025, 1, 13)),
        ("1/13'25", date(2025, 1, 13)),
        ("1/13' 5", date(2005, 1, 13)),
        ("12/31'2004", date(2004, 12, 31)),
        (" 6/ 6/94", date(1994, 6, 6)),
        ("1/ 1'00", date(2000, 1, 1)),
        ("13.1.25", date(2025, 1, 13)),
        ("28.02'2009", date(2009, 2, 28)),
        ("13-01-2025", date(2025, 1, 13)),
        ("2025-01-02", date(2025, 1, 2)),
        ("2025/1/2", date(2025, 1, 2)),
        ("2025.01.02.", date(2025, 1, 2)),
        ("20250102", date(2025, 1, 2)),
        ("2 Jan 2025", date(2025, 1, 2)),
        ("02-Sept-25", date(2025, 9, 2)),
        ("January 2, 2025", date(2025, 1, 2)),
        ("2025-01-02T23:59:59Z", date(2025, 1, 2)),
        ("13/01/2025 12:00:00 AM", date(2025, 1, 13)),
        ("99-12-31", date(1999, 12, 31)),
    ],
)
def test_dates_of_one_reading(printed: str, day: date) -> None:
    assert entry(f"D{printed}  T1.00").booking_date == day


@pytest.mark.parametrize(
    "printed",
    [
        "31/02/2025",
        "32/01/2025",
        "13/13/2025",
        "00/01/2025",
        "1/13'95",
        "1/2/3",
        "1-2/2025",
        "1/13/0025",
        "٠1/01/2025",
        "13 Januar 2025",
        "2025-13-01",
        "250113",
        "yesterday",
        "",
    ],
)
def test_what_is_no_date_is_refused(printed: str) -> None:
    with pytest.raises(StatementError, match="date") as refused:
        read_qif(qif(f"D{printed}  T1.00"))
    assert refused.value.tag == "D"


@pytest.mark.parametrize("printed", ["01/02/2025", "1/2'25", "1.2.2025", "03-04-25"])
def test_a_date_of_two_readings_is_refused_unless_the_caller_knows(printed: str) -> None:
    data = qif(f"D{printed}  T1.00")
    with pytest.raises(StatementError, match="day or with the month first") as refused:
        read_qif(data)
    assert refused.value.advice
    european, american = (only(data, date_order=order).entries[0].value_date for order in ("DMY", "MDY"))
    assert (european.day, european.month) == (american.month, american.day)


def test_one_date_proves_the_order_of_all() -> None:
    statement = only(qif("D01/02/2025  T1.00", "D02/13/2025  T1.00"))
    assert [each.value_date for each in statement.entries] == [date(2025, 1, 2), date(2025, 2, 13)]
    (finding,) = (finding for finding in statement.findings if finding.code == "date-order")
    assert (finding.line, "month first" in finding.reason) == (5, True)


def test_a_date_of_another_block_proves_the_order_as_well() -> None:
    first, _ = read_qif(qif("D01/02/2025  T1.00") + qif("D13/02/2025  T1.00"))
    assert first.entries[0].value_date == date(2025, 2, 1)


def test_the_header_of_the_file_names_the_order_even_with_points() -> None:
    statement = only(b"!Option:MDY\n" + qif("D01.02.2025  T1.00"))
    assert statement.entries[0].value_date == date(2025, 1, 2)
    assert "date-order" in codes(statement)


@pytest.mark.parametrize("head", [b"", b"!Option:MDY\n"])
def test_dates_that_prove_two_orders_are_refused(head: bytes) -> None:
    records = ["D13/02/2025  T1.00"] + (["D02/13/2025  T1.00"] if not head else [])
    with pytest.raises(StatementError, match="two different orders"):
        read_qif(head + qif(*records), damaged="report")


def test_a_row_in_time_proves_no_order() -> None:
    """Programs sort by the text of the date, or not at all."""
    with pytest.raises(StatementError, match="day or with the month first"):
        read_qif(qif("D10/03/2025  T1.00", "D11/03/2025  T1.00", "D02/04/2025  T1.00"))


def test_years_of_two_digits_that_may_stand_first_are_refused() -> None:
    data = qif("D24-03-15  T1.00", "D24-03-16  T1.00", "D24-03-17  T1.00")
    with pytest.raises(StatementError, match="year of two digits"):
        read_qif(data)
    assert only(data, date_order="YMD").entries[0].value_date == date(2024, 3, 15)
    assert only(qif("D15-03-24  T1.00", "D16-03-24  T1.00")).entries[0].value_date == date(2024, 3, 15)


def test_a_movement_without_a_date_is_refused() -> None:
    with pytest.raises(StatementError, match="no date"):
        read_qif(qif("T1.00"))


# -- amounts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("-1,234.56", "-1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1 234", "1234"),
        ("1,234,567", "1234567"),
        ("+12", "12"),
        ("-.5", "-0.5"),
        ("184.8", "184.8"),
        ("0,001", "0.001"),
    ],
)
def test_amounts_of_one_reading(printed: str, amount: str) -> None:
    assert entry(f"D13/01/2025  T{printed}").amount.amount == Decimal(amount)


@pytest.mark.parametrize(
    "printed", ["1,234", "-1.234", "$5.00", "5.00-", "1 2345", "1'23.00", "NaN", "1e3", "٣", "--1"]
)
def test_an_amount_that_cannot_be_read_in_one_way_is_refused(printed: str) -> None:
    with pytest.raises(StatementError) as refused:
        read_qif(qif(f"D13/01/2025  T{printed}"))
    assert (refused.value.tag, refused.value.line) == ("T", 2)
    assert printed not in str(refused.value)


def test_three_digits_are_thousands_where_the_other_amounts_show_the_mark() -> None:
    statement = only(qif("D13/01/2025  T1,234", "D13/01/2025  T0.50"))
    assert amounts(statement) == ["1234", "0.50"]
    assert "decimal-mark" in codes(statement)
    assert amounts(only(qif("D13/01/2025  T1.234", "D13/01/2025  T0,50")))[0] == "1234"
    assert amounts(only(qif("D13/01/2025  T1.234", "D13/01/2025  T0.50")))[0] == "1.234"


def test_amounts_that_show_two_marks_are_refused() -> None:
    """A digit in place of the mark of 1,234.56 gives an amount with a comma: not to be read among points."""
    data = qif("D13/01/2025  T1,234956", "D13/01/2025  T0.50", "D13/01/2025  T7.00")
    with pytest.raises(StatementError, match="two different decimal marks") as refused:
        read_qif(data, damaged="report")
    assert refused.value.line == 3


def test_the_caller_may_know_the_decimal_mark() -> None:
    assert amounts(only(qif("D13/01/2025  T1,234"), decimal=".")) == ["1234"]
    assert amounts(only(qif("D13/01/2025  T1,234"), decimal=",")) == ["1.234"]
    with pytest.raises(StatementError, match="another decimal mark"):
        read_qif(qif("D13/01/2025  T1,23"), decimal=".")


@pytest.mark.parametrize("options", [{"date_order": "dmy"}, {"decimal": "'"}])
def test_an_argument_of_no_such_value_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(InputError, match="date_order is"):
        only(qif("D13/01/2025  T1.00"), **options)


def test_an_entry_without_an_amount_is_refused_or_reported() -> None:
    data = qif("D13/01/2025  PNobody", "D13/01/2025  T", "D13/01/2025  T1.00")
    with pytest.raises(StatementError, match="no amount"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert amounts(statement) == ["1.00"]
    assert codes(statement).count("entry-not-read") == 2


# -- investments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "amount"),
    [("Cash", "-5.00"), ("XIn", "5.00"), ("XOut", "-5.00"), ("Div", "5.00"), ("MiscExp", "-5.00")],
)
def test_plain_movements_of_cash_are_entries(action: str, amount: str) -> None:
    printed = amount if action == "Cash" else "5.00"  # any other action says which way the money goes
    found = entry(f"D1/13/2025  N{action}  YEXAMPLE FUND  T{printed}", "!Type:Invst")
    assert str(found.amount.amount) == amount
    assert (found.bank_code, found.remittance) == (action, ("EXAMPLE FUND",))


@pytest.mark.parametrize(
    "fields", ["NBuy  T5.00", "NReinvDiv  T5.00", "NDivX  T5.00", "NXOut  T-5.00", "T5.00", "NKauf  T5.00"]
)
def test_trades_and_doubtful_movements_are_counted_and_reported(fields: str) -> None:
    statement = only(qif(f"D1/13/2025  YEXAMPLE FUND  Q10  {fields}", "D1/13/2025  NBuy  $5.00", header="!Type:Invst"))
    assert statement.entries == ()
    (finding,) = (finding for finding in statement.findings if finding.code == "movements-not-read")
    assert finding.reason.startswith("2 movements")


# -- damage -------------------------------------------------------------------------------------------------------


def test_a_damaged_record_is_reported_and_the_others_are_given() -> None:
    data = qif("D13/01/2025  T1.00", "D13/01/2025  T1.00.00", "D31/02/2025  T1.00", "D14/01/2025  T2.00")
    with pytest.raises(StatementError):
        read_qif(data)
    (statement,) = read_qif(data, damaged="report")
    assert amounts(statement) == ["1.00", "2.00"]
    assert [finding.line for finding in statement.findings if finding.code == "record-not-read"] == [5, 8]


@pytest.mark.parametrize("tail", ["D13/01/2025\nT-1", "D13/01/2025\nT-1.00\n", "D13/01/2025\nT-1.00\n!Type:Bank\n"])
def test_a_last_record_without_its_end_is_refused(tail: str) -> None:
    assert_refused(read_qif, qif("D13/01/2025  T1.00") + tail.encode(), "does not end")


def test_a_long_line_and_too_many_entries_are_refused() -> None:
    movements = qif(f"D13/01/2025  T1.00  M{'x' * 60}", "D13/01/2025  T1.00")
    assert_limits_hold(read_qif, movements + movements, 50)
    parts = qif("D13/01/2025  T2.00  SA  $1.00  SB  $1.00")
    assert_refused(read_qif, parts, "more than 2 entries", limits=Limits(entries=2))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_line_ends_and_encodings_change_nothing(newline: str, encoding: str) -> None:
    text = qif("D13/01/2025  T1.00  PMüller & Söhne", "", "D14/01/2025  T2.00").decode().replace("\n", newline)
    first, second = only(text.encode(encoding)).entries
    assert first.counterparty == Party("Müller & Söhne")
    assert second.line == 8


def test_the_finding_of_a_guessed_encoding_stands_with_the_first_statement() -> None:
    first, second = read_qif(qif("D13/01/2025  T1.00  PMüller").decode().encode("cp1252") * 2)
    assert ("encoding-guessed" in codes(first), "encoding-guessed" in codes(second)) == (True, False)


# -- laws ---------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2001, 1, 1), date(2069, 12, 31))
CENTS = st.integers(-10_000_000, 10_000_000)
TEXTS = st.text("abcXYZ äé&.,:-019", max_size=20).map(lambda text: " ".join(text.split()))
MOVEMENTS = st.lists(st.tuples(DAYS, CENTS, TEXTS, TEXTS, st.lists(CENTS, max_size=3)), max_size=8)


def spelled_day(day: date, order: str, separator: str, apostrophe: bool) -> str:
    first, second = (day.day, day.month) if order == "DMY" else (day.month, day.day)
    return f"{first}{separator}{second:02}{chr(39) if apostrophe else separator}{day.year}"


def spelled_amount(cents: int, mark: str, groups: bool) -> str:
    text = f"{Decimal(cents) / 100:,.2f}" if groups else f"{Decimal(cents) / 100:.2f}"
    return text if mark == "." else text.replace(",", "#").replace(".", ",").replace("#", ".")


def written(
    movements: list[tuple[date, int, str, str, list[int]]], spelling: tuple[str, str, bool, str, bool]
) -> bytes:
    order, separator, apostrophe, mark, groups = spelling
    lines = ["!Type:Bank"]
    for day, cents, name, memo, parts in movements:
        lines += [f"D{spelled_day(day, order, separator, apostrophe)}", f"T{spelled_amount(cents, mark, groups)}"]
        lines += [f"P{name}", f"M{memo}"]
        lines += [line for part in parts for line in ("SA", f"${spelled_amount(part, mark, groups)}")]
        lines.append("^")
    return "\n".join([*lines, ""]).encode()


SPELLINGS = st.tuples(
    st.sampled_from(["DMY", "MDY"]), st.sampled_from("/.-"), st.booleans(), st.sampled_from(".,"), st.booleans()
)


@given(MOVEMENTS, SPELLINGS)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back(
    movements: list[tuple[date, int, str, str, list[int]]], spelling: tuple[str, str, bool, str, bool]
) -> None:
    movements = [*movements, (date(2025, 1, 31), 1, "", "", [])]  # this day proves the order
    statement = only(written(movements, spelling))
    assert len(statement.entries) == len(movements)
    for found, (day, cents, name, memo, parts) in zip(statement.entries, movements, strict=True):
        assert (found.amount.amount * 100, found.booking_date) == (cents, day)
        assert found.counterparty == (Party(name) if name else None)
        assert found.remittance == ((memo,) if memo else ())
        assert [part.amount.amount * 100 for part in found.details] == parts


VALID = qif(
    "D13/01/2025  T-12.50  PExample", "D28/02/2025  T1,234.56  SA  $1,000.00  SB  $234.56", "D05/03/2025  T7.00"
)


@pytest.mark.parametrize("place", [at for at, byte in enumerate(VALID) if chr(byte) in "0123456789-.,/"])
def test_a_changed_character_is_refused_or_read_as_changed(place: int) -> None:
    """A point is the decimal mark of this file, and a comma, blank or apostrophe nothing but a mark of thousands."""
    for other in "0123456789-.,/' ":
        text = VALID.decode()
        data = (text[:place] + other + text[place + 1 :]).encode()
        try:
            (statement,) = read_qif(data)
        except StatementError:
            continue
        said = [
            line[1:].translate(str.maketrans("", "", ",' ")) for line in data.decode().split("\n") if line[0:1] == "T"
        ]
        assert [each.amount.amount for each in statement.entries] == [Decimal(amount) for amount in said]


PIECES = (
    *(
        b"!Type:Bank\n",
        b"!Account\n",
        b"!Type:Invst\n",
        b"!Option:MDY\n",
        b"D13/01/2025\n",
        b"D01/02'25\n",
        b"T-1.00\n",
    ),
    *(b"T1,234\n", b"$1,234\n", b"SA\n", b"L[A]\n", b"NXOut\n", b"^\n", b"\n", b"!", b"%5", b"\xff", b"\x00", b"\r"),
)


def test_random_bytes_are_read_or_refused() -> None:
    assert_read_or_refused(read_qif, "qif", heaped(PIECES, 3000))


def test_twice_the_file_takes_about_twice_the_time() -> None:
    def written(entries: int) -> bytes:
        start_day = date(2020, 1, 1)
        records = [f"D{(start_day + timedelta(at % 900)):%d/%m/%Y}  T-{at}.00  PExample {at}" for at in range(entries)]
        return qif(*records)

    assert_time_grows_with_the_file(read_qif, written, 4000)


def test_two_marks_end_a_record_as_one_does() -> None:
    data = b"!Account\nNMine\nTBank\n^^\n!Type:Bank\nD3/25/2024\nT-5.00\n^^\nD3/26/2024\nT7.00\n^^\n"
    assert [found.amount.text for found in only(data).entries] == ["-5", "7"]
    with pytest.raises(StatementError, match="follows the mark"):
        read_qif(b"!Type:Bank\nD3/25/2024\nT-5.00\n^x\n")
