"""CFONB 120: every record of French statements into the same fields, every amount exact, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban

from oimkit.banking import Entry, Party, Statement, detect, read_statements
from oimkit.banking.formats.cfonb120 import read_cfonb120
from oimkit.errors import StatementError
from tests.banking.coda_records import laid
from tests.banking.damage import overwritten, random_changes
from tests.banking.reader_laws import (
    assert_change_moves_no_money,
    assert_limits_hold,
    assert_read_or_refused,
    assert_time_grows_with_the_file,
)
from tests.banking.statement_files import FILES, codes

SEEDS = sorted((FILES / "golden" / "cfonb120").glob("*.txt"))
HOLDER = "30004    00123EUR2 00012345678"


def signed(amount: Decimal | str, decimals: int = 2) -> str:
    """Thirteen digits and the last one overpunched with the sign."""
    units = int(abs(Decimal(amount)).scaleb(decimals))
    last = "}JKLMNOPQR" if Decimal(amount) < 0 else "{ABCDEFGHI"
    return f"{units // 10:013}{last[units % 10]}"


def balance(kind: str, amount: Decimal | str, *, day: str = "030325", holder: str = HOLDER) -> str:
    return laid((1, kind + holder), (35, day), (91, signed(amount, int(holder[17]))), width=120)


def old(amount: Decimal | str = "100.00", **options: str) -> str:
    return balance("01", amount, **options)


def new(amount: Decimal | str = "100.00", **options: str) -> str:
    return balance("07", amount, **options)


def moved(
    amount: Decimal | str,
    *,
    label: str = "",
    code: str = "A1",
    internal: str = "0158",
    booked: str = "030325",
    value: str = "040325",
    rejected: str = "",
    number: str = "0000000",
    reference: str = "",
    holder: str = HOLDER,
) -> str:
    return laid(
        (1, "04" + holder), (8, internal), (33, code), (35, booked), (41, rejected), (43, value), (49, label),
        (82, number), (91, signed(amount, int(holder[17]))), (105, reference), width=120,
    )  # fmt: skip


def more(qualifier: str, text: str, *, holder: str = HOLDER) -> str:
    return laid((1, "05" + holder), (8, "0158"), (33, "A1030325"), (46, qualifier), (49, text), width=120)


def joined(*lines: str) -> bytes:
    return "\r\n".join([*lines, ""]).encode()


def file_of(*body: str, opening: str = "100.00", closing: str | None = None) -> bytes:
    """One statement of *body* between balances that fit."""
    total = sum((read_amount(line) for line in body if line.startswith("04")), Decimal(opening))
    return joined(old(opening), *body, new(total if closing is None else closing))


def read_amount(line: str) -> Decimal:
    place = "{ABCDEFGHI}JKLMNOPQR".find(line[103])
    digits = line[90:103] + str(place % 10)
    return Decimal(digits).scaleb(-2) * (-1 if place >= 10 else 1) if place >= 0 and digits.isdecimal() else Decimal(0)


def only(*body: str, **options: Any) -> Statement:
    (statement,) = read_statements(file_of(*body, **options), unbalanced="report")
    return statement


def one(*body: str) -> Entry:
    (entry,) = only(*body).entries
    return entry


NAMELESS = HOLDER[:14] + "    " + HOLDER[18:]


def test_balances_without_a_currency_have_that_of_their_movements() -> None:
    lines = (old("100.00").replace(HOLDER, NAMELESS), moved("-20.00"), new("80.00").replace(HOLDER, NAMELESS))
    (statement,) = read_statements(joined(*lines))
    assert (statement.currency.code, statement.balanced) == ("EUR", True)
    assert codes(statement) == ["currency-of-movements"] * 2


def test_balances_without_a_currency_and_without_movements_are_refused() -> None:
    with pytest.raises(StatementError, match="the number of decimals is no digit"):
        read_statements(joined(old().replace(HOLDER, NAMELESS), new().replace(HOLDER, NAMELESS)))


# -- amounts and dates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        *((f"000000000012{digit}{sign}", f"12.{digit}{at}") for at, sign in enumerate("{ABCDEFGHI") for digit in "09"),
        *((f"000000000012{digit}{sign}", f"-12.{digit}{at}") for at, sign in enumerate("}JKLMNOPQR") for digit in "09"),
        ("           12{", "1.20"),
        ("9999999999999R", "-999999999999.99"),
        ("0000000000120é", "12.00"),
        ("0000000000120è", "-12.00"),
    ],
)
def test_the_last_digit_carries_the_sign(printed: str, amount: str) -> None:
    line = moved("0")
    assert one(line[:90] + printed + line[104:]).amount.text == amount


@pytest.mark.parametrize(
    "printed",
    ["0000000000120 ", "00000000001200", "000000000012 J", "00 0000000120J", "             J", "000000000,120J",
     "000000000012０J", "0000000000120j", "0000000000120S", "0000000000120+", "-000000000120{"],
)  # fmt: skip
def test_an_amount_in_any_other_form_is_refused(printed: str) -> None:
    line = moved("0")
    with pytest.raises(StatementError, match="13 digits") as refused:
        read_cfonb120(file_of(line[:90] + printed + line[104:]))
    assert (refused.value.format, refused.value.line, refused.value.tag) == ("cfonb120", 2, "04, columns 91-104")


@pytest.mark.parametrize(("decimals", "amount"), [(0, "-1665871"), (2, "-16658.71"), (3, "-1665.871")])
def test_column_20_places_the_decimals(decimals: int, amount: str) -> None:
    holder = f"30004    00123XPF{decimals} 00012345678"
    data = joined(old("0", holder=holder), moved(amount, holder=holder), new(amount, holder=holder))
    (statement,) = read_statements(data)
    assert (statement.entries[0].amount.amount, statement.currency.code) == (Decimal(amount), "XPF")


def test_decimals_that_are_no_digit_are_refused() -> None:
    line = moved("1.00")
    with pytest.raises(StatementError, match="number of decimals"):
        read_cfonb120(file_of(line[:19] + " " + line[20:]))


def test_value_date_and_booking_date_are_as_printed() -> None:
    entry = one(moved("1", booked="311224", value="020125"))
    assert (entry.booking_date, entry.value_date) == (date(2024, 12, 31), date(2025, 1, 2))
    assert one(moved("1", booked="311224", value="      ")).value_date == date(2024, 12, 31)


def test_one_date_that_is_no_day_is_left_out_and_two_are_refused() -> None:
    statement = only(moved("1", value="310225"))
    assert (statement.entries[0].value_date, codes(statement)) == (date(2025, 3, 3), ["date-not-in-calendar"])
    with pytest.raises(StatementError, match="no date"):
        read_cfonb120(file_of(moved("1", booked="310225", value="990225")))


def test_a_balance_keeps_its_amount_when_its_date_is_no_day() -> None:
    (statement,) = read_statements(joined(old("1.00", day="  CART"), new("1.00")))
    assert statement.opening is not None and statement.opening.date is None
    assert (statement.balanced, codes(statement)) == (True, ["date-not-in-calendar"])


# -- statements ----------------------------------------------------------------------------------------------------


def test_the_account_is_the_iban_that_bank_branch_and_number_have() -> None:
    statement = only()
    assert statement.account == "FR7630004001230001234567843"
    assert iban.is_valid(statement.account)
    assert statement.owner == Party(bank_code="30004")
    assert [balance.code for balance in statement.balances] == ["OPBD", "CLBD"]


@pytest.mark.parametrize("number", ["0012A456789", "ABCDEFGHIJK", "LMNOPQRSTUV", "00000WXYZ01"])
def test_an_account_number_with_letters_has_a_valid_iban(number: str) -> None:
    holder = f"18706    00000EUR2 {number}"
    (statement,) = read_statements(joined(old("0", holder=holder), new("0", holder=holder)))
    assert statement.account is not None and iban.is_valid(statement.account)


def test_an_account_that_is_not_whole_is_given_as_printed() -> None:
    holder = "18706    00000EUR2 12 456     "
    (statement,) = read_statements(joined(old("0", holder=holder), new("0", holder=holder)))
    assert statement.account == "187060000012 456"


def test_several_accounts_and_days_are_given_in_order() -> None:
    other = "10278    06040USD2 00020304051"
    data = joined(
        old("1.00"), moved("1.00"), new("2.00"), "", old("2.00"), new("2.00"),
        old("-5.00", holder=other), moved("2.50", holder=other), new("-2.50", holder=other),
    )  # fmt: skip
    statements = read_statements(data)
    assert [len(statement.entries) for statement in statements] == [1, 0, 1]
    assert [statement.currency.code for statement in statements] == ["EUR", "EUR", "USD"]


def test_a_file_without_line_breaks_is_cut_each_120_characters() -> None:
    data = file_of(moved("1.00"), more("LIB", "Text"), moved("-2.00")).replace(b"\r\n", b"")
    (statement,) = read_statements(data)
    assert [entry.amount.text for entry in statement.entries] == ["1.00", "-2.00"]
    assert read_statements(data.rstrip()) == (statement,)


@pytest.mark.parametrize("end", [b"\r\n", b"\x1a", b"\r\n\x1a", b"\n\x00\x00"])
def test_a_file_without_line_breaks_may_end_as_dos_ended_files(end: bytes) -> None:
    data = file_of(moved("1.00")).replace(b"\r\n", b"")
    assert read_statements(data + end) == read_statements(data)


def test_blanks_at_the_end_of_lines_may_be_missing() -> None:
    lines = file_of(moved("1.00", label="Label"), more("LIB", "Text")).decode().splitlines()
    (statement,) = read_statements(joined(*(line.rstrip() for line in lines)))
    assert statement.entries[0].remittance == ("Label", "Text")


def test_movements_without_balances_are_a_statement_that_is_not_complete() -> None:
    data = joined(moved("-32.21"), more("LIB", "Text"), moved("1.00"))
    (statement,) = read_statements(data, unbalanced="report")
    assert (statement.opening, statement.closing, statement.balanced, len(statement.entries)) == (None, None, None, 2)
    assert codes(statement) == ["balance-missing", "balance-missing"]
    with pytest.raises(StatementError, match="not complete"):
        read_statements(data)


def test_balances_out_of_order_leave_statements_without_them() -> None:
    other = "18706    00000EUR2 00123456789"
    data = joined(
        moved("1.00"), old("5.00"), moved("2.00"), old("9.00", holder=other), new("9.00", holder=other), new("7.00")
    )
    statements = read_statements(data, unbalanced="report")
    assert [(s.opening is not None, s.closing is not None, len(s.entries)) for s in statements] == [
        (False, False, 1), (True, False, 1), (True, True, 0), (False, True, 0),
    ]  # fmt: skip


def test_a_balance_of_another_account_does_not_close_the_statement() -> None:
    other = "30004    00123EUR2 00099999999"
    first, second = read_statements(joined(old("5.00"), new("5.00", holder=other)), unbalanced="report")
    assert (first.closing, second.opening) == (None, None)


def test_another_branch_of_the_same_account_number_is_reported() -> None:
    statement = only(moved("1.00", holder="30014    00123EUR2 00012345678"))
    assert (codes(statement), statement.balanced) == (["account-differs"], True)


@pytest.mark.parametrize("holder", ["30004    00123EUR2 00099999999", "30004    00123USD2 00012345678"])
def test_a_movement_of_another_account_or_currency_is_refused_or_reported(holder: str) -> None:
    data = file_of(moved("1.00"), moved("2.00", holder=holder), more("LIB", "of the other"), closing="101.00")
    with pytest.raises(StatementError, match="another"):
        read_statements(data)
    (statement,) = read_cfonb120(data, damaged="report")
    assert [(entry.amount.text, entry.remittance) for entry in statement.entries] == [("1.00", ())]
    assert codes(statement) == ["record-not-read"]


def test_a_closing_balance_in_another_currency_never_balances() -> None:
    data = joined(old("1.00"), new("1.00", holder="30004    00123USD2 00012345678"))
    with pytest.raises(StatementError, match="does not close"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert (statement.balanced, codes(statement)) == (False, ["balance-currency"])


# -- what records 05 tell ------------------------------------------------------------------------------------------


def test_texts_of_bank_and_payer_are_lines() -> None:
    entry = one(
        moved("1", label="VIR SEPA"), more("LIB", "first"), more("LIB", "second"), more("", "unqualified"),
        more("LCC", "a" * 70), more("LC2", "b"),
    )  # fmt: skip
    assert entry.remittance == ("VIR SEPA", "first", "second", "unqualified", "a" * 70 + "b")


def test_the_payer_is_the_other_side_of_a_credit_and_the_payee_of_a_debit() -> None:
    both = (more("NPY", "PAYER"), more("NBE", "PAYEE"), more("NPO", "FOR PAYER"), more("NBU", "FOR PAYEE"))
    credit, debit = one(moved("1"), *both), one(moved("-1"), *both)
    assert (credit.counterparty, credit.ultimate) == (Party("PAYER"), Party("FOR PAYER"))
    assert (debit.counterparty, debit.ultimate) == (Party("PAYEE"), Party("FOR PAYEE"))
    assert credit.references == (("NBE", "PAYEE"), ("UltmtCdtr", "FOR PAYEE"))


def test_the_only_name_is_the_other_side_whatever_its_qualifier() -> None:
    assert one(moved("-1"), more("NPY", "SUPPLIER")).counterparty == Party("SUPPLIER")
    assert one(moved("1"), more("NBE", "CUSTOMER")).counterparty == Party("CUSTOMER")


def test_a_payment_that_comes_back_turns_the_sides_round() -> None:
    both = (more("NPY", "OWN"), more("NBE", "PAYEE"))
    returned = one(moved("1"), *both, more("RET", "AC0401COMPTE CLOS"))
    assert (returned.counterparty, returned.return_reason) == (Party("PAYEE"), "AC04")
    rejected = one(moved("1", rejected="20"), *both)
    assert (rejected.counterparty, rejected.return_reason) == (Party("PAYEE"), "20")


def test_account_and_bank_of_the_payee_are_those_of_the_other_side_of_a_debit() -> None:
    told = (more("NBE", "PAYEE"), more("CBE", "FR76 3000 6000 0112 3456 7890 189"), more("BDB", "AGRIFRPPXXX"))
    assert one(moved("-1"), *told).counterparty == Party("PAYEE", "FR7630006000011234567890189", "AGRIFRPPXXX")
    assert one(moved("1"), *told).counterparty == Party("PAYEE")


def test_references_of_the_payer_are_read() -> None:
    entry = one(moved("-1"), more("RCN", "E2E-1".ljust(35) + "SALA"), more("LCS", "RF712348231"))
    assert (entry.end_to_end_id, entry.purpose, entry.structured_reference) == ("E2E-1", "SALA", "RF712348231")
    assert one(moved("-1"), more("RCN", "NOTPROVIDED")).end_to_end_id is None


def test_a_direct_debit_has_mandate_and_creditor() -> None:
    entry = one(
        moved("-1"), more("NBE", "SUPPLIER"), more("IBE", "FR12ZZZ123456"), more("RUM", "RUM-1".ljust(35) + "RCUR")
    )
    assert (entry.mandate_id, entry.creditor_id) == ("RUM-1", "FR12ZZZ123456")
    assert (entry.counterparty, entry.references) == (Party("SUPPLIER"), (("SeqTp", "RCUR"),))


def test_numbers_of_persons_belong_to_their_side() -> None:
    assert one(moved("1"), more("NPY", "P"), more("IPY", "123456789")).counterparty == Party(
        "P", identification="123456789"
    )
    assert one(moved("-1"), more("NBE", "B"), more("IBE", "987")).counterparty == Party("B", identification="987")


def test_original_amount_rate_and_fees_are_read() -> None:
    entry = one(moved("1845.12"), more("MMO", "USD200000000200000400000010839"), more("FEE", "EUR200000000000740"))
    assert entry.instructed is not None and str(entry.instructed) == "2000.00 USD"
    assert entry.charges is not None and str(entry.charges) == "7.40 EUR"
    assert entry.exchange is not None and entry.exchange.rate == Decimal("1.0839")
    assert (str(entry.exchange.source), str(entry.exchange.target)) == ("EUR", "USD")
    without = one(moved("1"), more("MMO", "JPY000000000008358"))
    assert (str(without.instructed), without.exchange) == ("8358 JPY", None)


def test_what_cannot_be_read_there_or_is_not_known_is_kept_as_a_reference() -> None:
    entry = one(moved("1"), more("MMO", "US"), more("FEE", "EURX"), more("ZZZ", "own  zone"), more("2'C", "x"))
    assert entry.references == (("MMO", "US"), ("FEE", "EURX"), ("ZZZ", "own zone"), ("2'C", "x"))
    assert (entry.instructed, entry.charges) == (None, None)


def test_the_banks_reference_is_that_of_the_record_then_that_of_a_detail_then_the_number() -> None:
    assert one(moved("1", reference="ZONE", number="0000007"), more("REF", "R")).reference == "ZONE"
    assert one(moved("1", number="0000007"), more("REF", "R")).reference == "R"
    assert one(moved("1", number="0000007")).reference == "0000007"
    assert one(moved("1")).reference is None
    entry = one(moved("1", reference="ZONE", number="0000007"), more("REF", "R"))
    assert entry.references == (("NtryRef", "0000007"), ("REF", "R"))
    assert one(moved("-1", code="01", number="7654321")).references == (("ChqNb", "7654321"),)


def test_the_interbank_code_and_the_banks_own_are_kept() -> None:
    entry = one(moved("1", code="B1", internal="9162"))
    assert (entry.bank_code, entry.codes) == ("B1", (("cfonb", "B1"), ("cfonb-internal", "9162")))


def test_raw_holds_the_record_and_what_tells_more_about_it() -> None:
    lines = (moved("1", label="L"), more("LIB", "x"), more("LIB", "y"))
    assert one(*lines).raw == "\n".join(lines)


# -- damage --------------------------------------------------------------------------------------------------------


def test_a_detail_without_a_movement_is_refused_or_reported() -> None:
    data = joined(old("1.00"), more("LIB", "x"), moved("1.00"), new("2.00"))
    with pytest.raises(StatementError, match="none stands above"):
        read_cfonb120(data)
    (statement,) = read_cfonb120(data, damaged="report")
    assert [(finding.code, finding.line) for finding in statement.findings] == [("record-not-read", 2)]
    assert statement.balanced is True


def test_a_damaged_movement_is_left_out_with_its_line_and_the_rest_is_read() -> None:
    bad = moved("2.00")[:95] + "x" + moved("2.00")[96:]
    data = file_of(moved("1.00"), bad, more("LIB", "of the bad one"), moved("3.00"))
    with pytest.raises(StatementError):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report", damaged="report")
    assert [(entry.amount.text, entry.remittance) for entry in statement.entries] == [("1.00", ()), ("3.00", ())]
    assert [(finding.code, finding.line) for finding in statement.findings] == [("record-not-read", 3)]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("hello",),
        (old(), "09" + "x" * 118, new()),
        (old()[:100], new()),
        (old(), moved("1")[:103]),
        (old(), moved("1", label="\u00e9" * 30) + "x"),
        (laid((1, "0130004    00123E1R2 00012345678"), (35, "030325"), (91, signed("1")), width=120),),
        (old() + new()[:70],),
    ],
)
def test_what_is_no_whole_record_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(StatementError) as refused:
        read_cfonb120(joined(*lines))
    assert refused.value.format == "cfonb120" and refused.value.advice


def test_limits_hold_in_every_mode() -> None:
    data = file_of(moved("1"), moved("1"))
    assert_limits_hold(read_cfonb120, data + data, 100)


# -- encodings, recognition ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_labels_with_accents_are_read_in_any_encoding(encoding: str) -> None:
    text = file_of(moved("1", label="PRÉLÈVEMENT RÉGIE DE L'ÉTÉ"), more("NPY", "Société Élan")).decode()
    (statement,) = read_statements(text.encode(encoding))
    assert statement.entries[0].remittance == ("PRÉLÈVEMENT RÉGIE DE L'ÉTÉ",)
    assert statement.entries[0].counterparty == Party("Société Élan")


def test_a_text_that_was_encoded_twice_is_put_back_into_its_columns() -> None:
    text = file_of(moved("-1.05", label="PRÉLÈVEMENT")).decode()
    (statement,) = read_statements(text.encode().decode("latin-1").encode())
    assert (statement.entries[0].amount.text, statement.entries[0].remittance) == ("-1.05", ("PRÉLÈVEMENT",))
    assert codes(statement) == ["encoding-twice"]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_invented_files_are_recognised_without_their_name(path: Any) -> None:
    assert detect(path.read_bytes()) == "cfonb120"


@pytest.mark.parametrize("first", [old(), old()[:104], moved("1", label="ÉTÉ"), new()])
def test_each_record_with_an_amount_may_begin_a_file(first: str) -> None:
    assert detect(joined(first, moved("1"))) == "cfonb120"


# -- laws ----------------------------------------------------------------------------------------------------------

TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyzéèàçü0123456789/-.+*", max_size=30).map(
    lambda text: " ".join(text.split())
)
AMOUNT = st.integers(-(10**11), 10**11).map(lambda units: Decimal(units).scaleb(-2))
DAY = st.dates(date(1980, 1, 1), date(2079, 12, 31))
MOVEMENT = st.fixed_dictionaries(
    {"amount": AMOUNT, "booked": DAY, "value": DAY, "label": TEXT, "name": TEXT, "note": TEXT}
)


def lines_of(each: dict[str, Any]) -> Iterator[str]:
    booked, value = f"{each['booked']:%d%m%y}", f"{each['value']:%d%m%y}"
    yield moved(each["amount"], label=each["label"], booked=booked, value=value)
    yield more("NPY", each["name"])
    yield more("LCC", each["note"])


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVEMENT, max_size=6), AMOUNT)
def test_what_is_written_is_read(written: list[dict[str, Any]], opening: Decimal) -> None:
    lines = [line for each in written for line in lines_of(each)]
    end = sum((each["amount"] for each in written), opening)
    (statement,) = read_statements(joined(old(opening), *lines, new(end)))
    assert statement.opening is not None and statement.opening.amount.amount == opening
    assert statement.closing is not None and statement.closing.amount.amount == end
    for entry, each in zip(statement.entries, written, strict=True):
        assert entry.amount.amount == each["amount"]
        assert (entry.booking_date, entry.value_date) == (each["booked"], each["value"])
        assert list(entry.remittance) == [text for text in (each["label"], each["note"]) if text]
        assert (entry.counterparty.name if entry.counterparty else "") == each["name"]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_changed_character_never_gives_another_total(path: Any) -> None:
    data = path.read_bytes()
    whole = partial(read_statements, format="cfonb120")
    assert_change_moves_no_money(whole, data, random_changes(data, b"0123456789 A\n{}JR", 300))


def test_any_bytes_are_read_or_refused() -> None:
    seeds = [path.read_bytes() for path in SEEDS]
    assert_read_or_refused(read_cfonb120, "cfonb120", overwritten(seeds, 1500))


def test_time_grows_with_the_file_and_no_faster() -> None:
    def written(entries: int) -> bytes:
        return file_of(*[line for _ in range(entries) for line in (moved("1.00"), more("LIB", "Text"))])

    assert_time_grows_with_the_file(read_cfonb120, written, 2000)
