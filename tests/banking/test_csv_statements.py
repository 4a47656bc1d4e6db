"""CSV files: which reading is taken, what is proved by running balances, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from oimkit.banking import Statement, read_statements
from oimkit.banking.csv_profiles import Profile
from oimkit.banking.formats import csv_statements
from oimkit.banking.formats.csv_statements import read_csv
from oimkit.errors import StatementError
from tests.banking.own_profile import own_profile
from tests.banking.reader_laws import assert_limits_hold
from tests.banking.statement_files import codes


def read(text: str, profile: Profile | None = None, **more: object) -> tuple[Statement, ...]:
    return read_csv(text.encode(), profile=profile, **more)  # type: ignore[arg-type]


def one(text: str, profile: Profile | None = None, **more: object) -> Statement:
    (statement,) = read(text, profile, **more)
    return statement


def amounts(statement: Statement) -> list[str]:
    return [str(entry.amount.amount) for entry in statement.entries]


def ends(statement: Statement) -> tuple[str | None, str | None, bool | None]:
    opening, closing = statement.opening, statement.closing
    return (
        str(opening.amount.amount) if opening else None,
        str(closing.amount.amount) if closing else None,
        statement.balanced,
    )


def refusal(text: str, profile: Profile | None = None) -> StatementError:
    with pytest.raises(StatementError) as refused:
        read(text, profile)
    assert refused.value.format == "csv"
    assert refused.value.advice
    return refused.value


# -- the running balance ------------------------------------------------------------------------------------------

OLD_TO_NEW = (
    "Date;Text;Amount;Balance;Currency\n2025-01-02;A;-10.00;90.00;EUR\n2025-01-03;B;25.00;115.00;EUR\n"
    "2025-01-05;C;-15.00;100.00;EUR\n"
)


def test_opening_and_closing_come_from_the_running_balance() -> None:
    statement = one(OLD_TO_NEW)
    assert ends(statement) == ("100.00", "100.00", True)
    assert (statement.opening.date, statement.closing.date) == (date(2025, 1, 2), date(2025, 1, 5))  # type: ignore[union-attr]


def test_rows_from_new_to_old_keep_their_order_and_turn_the_balances() -> None:
    head, *rows = OLD_TO_NEW.splitlines()
    statement = one("\n".join([head, *rows[::-1]]) + "\n")
    assert amounts(statement) == ["-15.00", "25.00", "-10.00"]
    assert ends(statement) == ("100.00", "100.00", True)
    assert statement.opening.date == date(2025, 1, 2)  # type: ignore[union-attr]


def test_days_from_new_to_old_with_rows_of_a_day_from_old_to_new() -> None:
    statement = one(
        "Date;Text;Amount;Balance\n2025-01-05;A;1.00;14.00\n2025-01-05;B;-4.00;10.00\n"
        "2025-01-02;C;3.00;8.00\n2025-01-02;D;5.00;13.00\n"
    )
    assert ends(statement) == ("5.00", "10.00", True)


def test_a_balance_once_a_day_follows_from_all_entries_between() -> None:
    statement = one(
        "Date;Text;Debit;Credit;Balance\n2025-01-02;A;10.00;;\n2025-01-02;B;;4.00;94.00\n"
        "2025-01-03;C;1.00;;\n2025-01-03;D;2.00;;91.00\n"
    )
    assert ends(statement) == ("100.00", "91.00", True)


def test_a_balance_missing_at_the_end_is_not_invented() -> None:
    text = "Date;Text;Debit;Credit;Balance\n2025-01-02;A;10.00;;90\n2025-01-03;B;;4.00;94\n2025-01-04;C;1.00;;\n"
    assert ends(one(text)) == ("100.00", None, None)


def test_one_row_has_its_balances_and_proves_nothing() -> None:
    assert ends(one("Date;Text;Debit;Credit;Balance\n2025-01-02;A;10.00;;90.00\n")) == ("100.00", "90.00", True)


def test_rows_that_do_not_follow_are_a_finding_and_do_not_balance() -> None:
    with_accounts = OLD_TO_NEW.replace(";Currency", ";Currency;IBAN").replace(";EUR", ";EUR;DE02120300000000202051")
    statement = one(with_accounts.replace("115.00", "116.00"))
    assert "balance-chain" in codes(statement)
    gap = OLD_TO_NEW.replace("2025-01-03;B;25.00;115.00;EUR\n", "").replace(";Currency", ";Currency;BIC")
    missing = one(gap)
    assert (missing.balanced, "balance-chain" in codes(missing)) == (False, True)
    with pytest.raises(StatementError, match="does not close"):
        read_statements(gap.encode())


def test_the_balance_proves_that_a_card_prints_money_out_without_a_minus() -> None:
    statement = one("Date,Description,Amount,Balance\n2025-01-02,Shop,10.00,-10.00\n2025-01-03,Paid,-10.00,0.00\n")
    assert amounts(statement) == ["-10.00", "10.00"]
    assert "proved-by-balance" in codes(statement)


def test_the_balance_proves_the_books_of_a_company_where_debit_is_money_in() -> None:
    statement = one("Date,Text,Debit,Credit,Balance\n2025-01-02,A,10,,110\n2025-01-03,B,,30,80\n2025-01-04,C,5,,85\n")
    assert amounts(statement) == ["10", "-30", "5"]


def test_one_step_of_the_balance_proves_nothing_against_the_words() -> None:
    statement = one("Date,Text,Withdrawal,Deposit,Balance\n2025-03-31,B,,1.00,2.00\n2025-02-28,A,2.00,,3.00\n")
    assert (amounts(statement), statement.balanced) == (["1.00", "-2.00"], False)
    assert "balance-chain" in codes(statement)


def test_equal_amounts_are_read_by_the_order_of_their_days() -> None:
    statement = one("Date,Text,Amount,Balance\n2025-01-02,A,10,110\n2025-01-03,B,10,120\n2025-01-04,C,10,130\n")
    assert (amounts(statement), ends(statement)) == (["10", "10", "10"], ("100", "130", True))


def test_pending_rows_without_a_balance_do_not_count() -> None:
    statement = one(
        "Date,Text,Debit,Credit,Balance,Status\n2025-01-02,A,10,,90,Booked\n2025-01-03,B,,5,95,Booked\n"
        "2025-01-04,C,7,,,Pending\n"
    )
    assert (ends(statement), statement.entries[-1].status.value) == (("100", "95", True), "pending")


def test_pending_rows_count_where_their_balances_say_so() -> None:
    statement = one(
        "Date,Text,Debit,Credit,Balance,Status\n2025-01-02,A,10,,90,Booked\n2025-01-03,B,,5,95,Pending\n"
        "2025-01-04,C,7,,88,Booked\n"
    )
    assert (ends(statement), {entry.status.value for entry in statement.entries}) == (("100", "88", True), {"booked"})


def test_the_balance_of_another_currency_does_not_make_a_pending_row_count() -> None:
    euros, dollars = read(
        "Date,Text,Debit,Credit,Balance,Currency,Status\n2025-01-02,A,10,,90,EUR,Booked\n"
        "2025-01-03,B,,5,95,EUR,Booked\n2025-01-04,C,7,,3,USD,Pending\n"
    )
    assert (ends(euros), [entry.status.value for entry in dollars.entries]) == (("100", "95", True), ["pending"])


# -- days ---------------------------------------------------------------------------------------------------------


def columns(*days: str, balances: bool = False) -> str:
    rows = [f"{day};T{number};;{number + 1}.00" for number, day in enumerate(days)]
    if not balances:
        return "Date;Text;Debit;Credit\n" + "\n".join(rows) + "\n"
    total = Decimal(100)
    for number, row in enumerate(rows):
        total += number + 1
        rows[number] = f"{row};{total}.00"
    return "Date;Text;Debit;Credit;Balance\n" + "\n".join(rows) + "\n"


def test_a_day_beyond_twelve_tells_the_order_for_all() -> None:
    assert [entry.booking_date for entry in one(columns("03/04/2025", "13/04/2025")).entries] == [
        date(2025, 4, 3), date(2025, 4, 13)
    ]  # fmt: skip
    assert one(columns("03/04/2025", "04/13/2025")).entries[0].booking_date == date(2025, 3, 4)


def test_days_that_can_be_read_both_ways_are_refused() -> None:
    error = refusal(columns("03/04/2025", "04/04/2025"))
    assert (error.line, "two orders of day and month" in error.reason) == (2, True)
    assert "statement profile" in error.advice


def test_a_day_that_is_the_same_both_ways_is_read() -> None:
    assert one(columns("04/04/2025")).entries[0].booking_date == date(2025, 4, 4)


def test_days_in_two_orders_are_refused() -> None:
    error = refusal(columns("13/04/2025", "04/13/2025"))
    assert (error.line, "not exactly one day" in error.reason) == (3, True)


def test_balances_prove_the_order_of_three_days() -> None:
    statement = one(columns("05/01/2025", "03/02/2025", "04/03/2025", balances=True))
    assert statement.entries[0].booking_date == date(2025, 1, 5)
    assert "proved-by-balance" in codes(statement)


def test_points_between_the_parts_never_put_the_month_first() -> None:
    assert [entry.booking_date for entry in one(columns("03.04.2025", "04.04.2025")).entries] == [
        date(2025, 4, 3), date(2025, 4, 4)
    ]  # fmt: skip
    assert refusal(columns("03.04.2025", "04.13.2025")).line == 3


def test_days_are_not_taken_for_years_of_two_digits() -> None:
    statement = one(columns("02.03.25", "17.03.25", "28.03.25"))
    assert [entry.booking_date for entry in statement.entries] == [
        date(2025, 3, 2), date(2025, 3, 17), date(2025, 3, 28)
    ]  # fmt: skip
    assert one(columns("25-03-02", "25-03-17", "25-03-28")).entries[0].booking_date == date(2025, 3, 2)


def test_years_of_two_digits_that_may_be_days_are_refused() -> None:
    assert "two orders" in refusal(columns("24.05.25", "25.05.25", "26.05.25")).reason


def test_two_days_are_too_few_to_prove_an_order() -> None:
    assert "two orders" in refusal(columns("05/01/2025", "03/02/2025", balances=True)).reason


def test_a_date_that_is_no_day_is_refused_with_its_line() -> None:
    error = refusal(columns("2025-01-02", "2025-02-30"))
    assert (error.line, error.reason) == (3, "a date is not exactly one day of the calendar")


# -- numbers ------------------------------------------------------------------------------------------------------


def credits_of(*numbers: str) -> str:
    rows = [f"2025-01-0{place};T;;{text}\n" for place, text in enumerate(numbers, 1)]
    return "Date;Text;Debit;Credit\n" + "".join(rows)


def test_one_amount_tells_the_decimal_mark_for_all() -> None:
    assert amounts(one(credits_of("1,234", "5,50"))) == ["1.234", "5.50"]
    assert amounts(one(credits_of("1,234", "5.50"))) == ["1234", "5.50"]


def test_an_amount_that_can_be_read_both_ways_is_refused() -> None:
    assert "decimal comma and with a decimal point" in refusal(credits_of("1,234")).reason


def test_whole_amounts_need_no_decimal_mark() -> None:
    assert amounts(one(credits_of("1234", "7"))) == ["1234", "7"]


def test_points_and_commas_as_decimal_marks_in_one_file_are_refused() -> None:
    error = refusal(credits_of("5,50", "5.50"))
    assert (error.line, "not exactly one number" in error.reason) == (3, True)


def test_balances_prove_the_decimal_mark() -> None:
    rows = "2025-01-02;A;;1,000;1,500\n2025-01-03;B;;2;1,502\n"
    assert amounts(one("Date;Text;Debit;Credit;Balance\n" + rows)) == ["1000", "2"]
    assert "proved-by-balance" in codes(one("Date;Text;Debit;Credit;Balance\n" + rows))


def test_balances_that_hold_both_ways_prove_nothing() -> None:
    rows = "2025-01-02;A;;1,000;1,500\n2025-01-03;B;;2,000;3,500\n"
    assert "decimal comma and with a decimal point" in refusal("Date;Text;Debit;Credit;Balance\n" + rows).reason


@pytest.mark.parametrize("text", ["12..34", "NaN", "1e3", "ten", "1 2,5", "\u0663", "9" * 50])
def test_what_is_no_amount_is_refused_with_its_line(text: str) -> None:
    error = refusal(credits_of("5.00", text))
    assert (error.line, error.reason) == (3, "the credit is not exactly one number")


# -- signs --------------------------------------------------------------------------------------------------------


def test_signed_amounts_of_a_payment_account_are_read_as_printed() -> None:
    rows = "2025-01-02;A;-5.00;DE02120300000000202051\n2025-01-03;B;9.00;\n"
    statement = one("Date;Text;Amount;Counterparty IBAN\n" + rows)
    assert amounts(statement) == ["-5.00", "9.00"]


def test_signed_amounts_that_may_be_of_a_card_are_refused() -> None:
    assert "sign of the amounts" in refusal("Date,Description,Amount\n2025-01-02,A,-5.00\n2025-01-03,B,9.00\n").reason


def test_amounts_without_any_sign_are_refused() -> None:
    assert "sign of the amounts" in refusal("Date;Text;Amount;Counterparty IBAN\n2025-01-02;A;5.00;\n").reason


def test_debits_printed_with_a_minus() -> None:
    text = "Date;Text;Debit;Credit\n2025-01-02;A;-5.00;\n2025-01-03;B;-6.00;\n2025-01-04;C;;7.00\n"
    assert amounts(one(text)) == ["-5.00", "-6.00", "7.00"]


def test_a_single_debit_with_a_minus_may_be_a_reversal_and_is_refused() -> None:
    assert "sign" in refusal("Date;Text;Debit;Credit\n2025-01-02;A;-5.00;\n2025-01-03;B;;6.00\n").reason


def test_debits_with_and_without_a_minus_are_refused_until_balances_prove_them() -> None:
    rows = ("2025-01-02;A;6.00;;", "2025-01-03;B;-5.00;;", "2025-01-04;C;;1.00;")
    assert "sign" in refusal("Date;Text;Debit;Credit;X\n" + "\n".join(rows) + "\n").reason
    balanced = [f"{row}{balance}" for row, balance in zip(rows, ("94.00", "99.00", "100.00"), strict=True)]
    assert amounts(one("Date;Text;Debit;Credit;Balance\n" + "\n".join(balanced) + "\n")) == ["-6.00", "5.00", "1.00"]


def test_a_row_with_debit_and_credit_is_refused() -> None:
    error = refusal("Date;Text;Debit;Credit\n2025-01-02;A;5.00;6.00\n")
    assert (error.line, "do not go together" in error.reason) == (2, True)


@pytest.mark.parametrize("words", [("Debit", "Credit"), ("D", "C"), ("S", "H"), ("Af", "Bij"), ("DBIT", "CRDT")])
def test_words_of_a_direction(words: tuple[str, str]) -> None:
    text = f"Date;Text;Amount;D/C\n2025-01-02;A;5.00;{words[0]}\n2025-01-03;B;6.00;{words[1]}\n"
    assert amounts(one(text)) == ["-5.00", "6.00"]


def test_a_word_of_a_direction_that_is_not_known_is_refused() -> None:
    assert "words of the direction" in refusal("Date;Text;Amount;D/C\n2025-01-02;A;5.00;X\n").reason


def test_signs_that_contradict_the_direction_are_refused() -> None:
    assert "sign" in refusal("Date;Text;Amount;D/C\n2025-01-02;A;5.00;D\n2025-01-03;B;-6.00;C\n").reason


def test_a_type_column_may_hold_the_direction() -> None:
    rows = "2025-01-02;A;5.00;debit\n2025-01-03;B;6.00;credit\n"
    assert amounts(one("Date;Text;Amount;Type\n" + rows)) == ["-5.00", "6.00"]


# -- columns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Date;Text;Amount;Amount", "two columns could hold the amount"),
        ("Date;Text;Amount;Debit;Credit", "beside those of debits and credits"),
        ("Date;Text;Amount;Currency;Amount Currency", "of another amount"),
        ("Date;Text;Debit (EUR);Credit (USD)", "two currencies"),
        ("Day of week;Text;Amount", "names a day and an amount"),
    ],
)
def test_a_header_that_can_mean_two_things_is_refused(header: str, reason: str) -> None:
    error = refusal(f"{header}\n2025-01-02;A;1.00;2.00;3.00\n2025-01-03;A;1.00;2.00;3.00\n")
    assert reason in error.reason
    assert "oimkit statement profile FILE" in error.advice


def test_a_currency_column_makes_a_statement_for_each_currency() -> None:
    text = "Date;Text;Debit;Credit;Currency\n2025-01-02;A;5.00;;EUR\n2025-01-03;B;;6.00;USD\n2025-01-04;C;;7.00;EUR\n"
    found = [(statement.currency.code, amounts(statement)) for statement in read(text)]
    assert found == [("EUR", ["-5.00", "7.00"]), ("USD", ["6.00"])]


def test_a_currency_may_stand_in_the_header_or_beside_the_amount() -> None:
    assert one("Date;Text;Debit (EUR);Credit (EUR)\n2025-01-02;A;5.00;\n").currency.code == "EUR"
    assert one("Date;Text;Debit;Credit\n2025-01-02;A;£5.00;\n").currency.code == "GBP"


def test_a_currency_beside_the_amount_that_contradicts_its_column_is_refused() -> None:
    assert "another currency" in refusal("Date;Text;Debit;Credit;Currency\n2025-01-02;A;£5.00;;EUR\n").reason


def test_no_currency_is_xxx_and_a_finding() -> None:
    statement = one(credits_of("5.00"))
    assert (statement.currency.code, "currency-missing" in codes(statement)) == ("XXX", True)


def with_accounts(*accounts: str) -> str:
    return "Date;Text;Debit;Credit;Account\n" + "".join(f"2025-01-02;A;5.00;;{account}\n" for account in accounts)


def test_an_account_that_is_the_same_in_every_row_is_the_own_one() -> None:
    assert one(with_accounts("NL57OIMK0417164300", "NL57OIMK0417164300")).account == "NL57OIMK0417164300"


def test_an_account_that_is_missing_in_some_rows_is_of_the_other_side() -> None:
    statement = one(with_accounts("NL57OIMK0417164300", ""))
    assert statement.account is None
    assert statement.entries[0].counterparty.account == "NL57OIMK0417164300"  # type: ignore[union-attr]


def test_accounts_that_differ_in_every_row_are_refused() -> None:
    assert "of the own ones or of the other side" in refusal(with_accounts("111111", "222222")).reason


def test_the_account_of_a_single_row_is_kept_as_a_reference() -> None:
    assert one(with_accounts("NL57OIMK0417164300")).entries[0].references == (("Account", "NL57OIMK0417164300"),)


def test_charges_that_may_be_within_the_amount_are_refused() -> None:
    assert "charges" in refusal("Date;Text;Debit;Credit;Fee\n2025-01-02;A;5.00;;0.50\n").reason
    assert amounts(one("Date;Text;Debit;Credit;Fee\n2025-01-02;A;5.00;;0.00\n")) == ["-5.00"]


def test_payer_and_payee_are_not_mistaken_for_the_other_side() -> None:
    entry = one("Date;Text;Debit;Credit;Payer;Payee\n2025-01-02;A;5.00;;Me;Shop\n").entries[0]
    assert (entry.counterparty, entry.references) == (None, (("Payer", "Me"), ("Payee", "Shop")))


def test_the_entry_carries_line_raw_text_and_codes() -> None:
    entry = one('Date;Text;Debit;Credit;Type\n\n2025-01-02;"two\nlines";5.00;;Fee\n').entries[0]
    assert (entry.line, entry.raw) == (3, '2025-01-02;"two\nlines";5.00;;Fee')
    assert (entry.remittance, entry.bank_code, entry.codes) == (("two lines",), "Fee", (("csv", "Fee"),))


@pytest.mark.parametrize("mark", ["+++", "***"])
def test_a_belgian_reference_in_the_text_is_structured(mark: str) -> None:
    entry = one(f"Date;Text;Debit;Credit\n2025-01-02;{mark}090/9337/55493{mark};;5.00\n").entries[0]
    assert (entry.structured_reference, entry.remittance) == (f"{mark}090/9337/55493{mark}", ())


# -- rows ---------------------------------------------------------------------------------------------------------


def test_rows_above_the_header_and_a_last_line_are_remarks() -> None:
    statement = one("Export;of today\n\nDate;Text;Debit;Credit\n2025-01-02;A;5.00;\n\n*** end ***\n")
    assert statement.remarks == ("Export of today", "*** end ***")


def test_a_row_of_one_cell_between_entries_is_refused() -> None:
    error = refusal("Date;Text;Debit;Credit\n2025-01-02;A;5.00;\nSubtotal\n2025-01-03;A;5.00;\n")
    assert (error.line, "single cell" in error.reason) == (3, True)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (";no day;5.00;", "no day"),
        ("2025-01-02;no amount;;", "no amount"),
        ("2025-01-02;A;5.00;;surplus", "more cells than the header"),
        ("2025-01-02;A;x;", "not exactly one number"),
        ('2025-01-02;"A"B;5.00;', "quotes do not stand around whole cells"),
    ],
)
def test_a_row_that_cannot_be_read_refuses_the_file_or_is_reported(row: str, reason: str) -> None:
    text = f"Date;Text;Debit;Credit\n2025-01-01;A;1.00;\n{row}\n2025-01-03;C;;3.00\n"
    error = refusal(text)
    assert (error.line, reason in error.reason) == (3, True)
    statement = one(text, damaged="report")
    assert amounts(statement) == ["-1.00", "3.00"]
    (finding,) = [finding for finding in statement.findings if finding.code == "record-not-read"]
    assert (finding.line, reason in finding.reason) == (3, True)


def test_valuta_is_a_currency_or_a_day_as_its_cells_say() -> None:
    rows = "2025-01-02;2025-01-03;{};A;5.00;\n2025-01-04;2025-01-05;{};B;;9.00\n"
    swedish = one("Datum;Valutadag;Valuta;Text;Ut;In\n" + rows.format("SEK", "SEK"))
    assert (swedish.currency.code, swedish.entries[0].value_date) == ("SEK", date(2025, 1, 3))
    german = one("Datum;Valuta;Text;Soll;Haben\n2025-01-02;2025-01-03;A;5,00;\n")
    assert (german.currency.code, german.entries[0].value_date) == ("XXX", date(2025, 1, 3))


def test_a_file_whose_only_day_is_a_currency_is_refused_with_its_reason() -> None:
    with pytest.raises(StatementError, match="no column is of a day"):
        read_statements(b"Valuta;Text;Belopp\nSEK;A;5,00\nSEK;B;6,00\n", format="csv")


def test_a_row_of_a_balance_is_no_movement() -> None:
    rows = "2025-01-01;Saldo Anterior;;100,00\n2025-01-02;A;5,00;\n2025-01-02;B;;9,00\n2025-01-31;Saldo final;;104,00\n"
    statement = one("Date;Text;Debit;Credit\n" + rows)
    assert (amounts(statement), "rows-left-out" in codes(statement)) == (["-5.00", "9.00"], True)
    rows = "2025-01-01;Opening balance;;;100.00\n2025-01-02;A;5.00;;95.00\n2025-01-03;B;;9.00;104.00\n"
    assert ends(one("Date;Text;Debit;Credit;Balance\n" + rows)) == ("100.00", "104.00", True)


def test_a_repeated_header_and_rows_of_delimiters_are_nothing() -> None:
    statement = one("Date;Text;Debit;Credit\n2025-01-01;A;1.00;\n;;;\nDate;Text;Debit;Credit\n2025-01-02;B;1.00;\n")
    assert amounts(statement) == ["-1.00", "-1.00"]


@pytest.mark.parametrize("cut", ["2025-01-03;C", "2025-01-0", "2025-01-03;C;", "20"])
def test_a_file_cut_off_in_its_last_row_is_refused(cut: str) -> None:
    error = refusal(f"Date;Text;Debit;Credit\n2025-01-01;A;1.00;\n{cut}")
    assert (error.line, "cut off in its last row" in error.reason) == (3, True)


def test_a_file_cut_off_in_its_last_number_is_refused() -> None:
    whole = "Date;Text;Debit;Credit\n2025-01-01;A;;1.00\n2025-01-02;B;;12.50"
    assert amounts(one(whole)) == ["1.00", "12.50"]
    for length in (1, 2, 3):
        assert "cut off in its last number" in refusal(whole[:-length]).reason


def test_a_header_alone_is_a_statement_without_entries() -> None:
    statement = one("Date;Text;Debit;Credit\n")
    assert (statement.entries, statement.opening) == ((), None)


def test_limits_bound_entries_statements_and_rows() -> None:
    rows = f"2025-01-02;A;1;;EUR\n2025-01-02;{'T' * 60};1;;EUR\n2025-01-02;A;1;;USD\n"
    assert_limits_hold(read_csv, f"Date;Text;Debit;Credit;Currency\n{rows}".encode(), 60)


def test_reasons_repeat_nothing_of_the_file() -> None:
    for text in (
        "secret;x\n",
        "Date;Text;Debit;Credit\n2025-01-01;secret;secret;\n",
        "Date;Debit;Credit;Status\n2025-01-01;1;;secret\n",
    ):
        assert "secret" not in str(refusal(text))


def test_an_8_bit_file_is_reported_unless_the_profile_names_its_encoding() -> None:
    data = "Date;Text;Amount\n03/04/2025;Café;1,23\n".encode("cp1252")
    silent = own_profile()
    naming = replace(silent, file=replace(silent.file, encoding="cp1252"))
    for profile, found in ((silent, ["encoding-guessed"]), (naming, [])):
        (statement,) = read_csv(data, profile=profile)
        assert (statement.entries[0].remittance, codes(statement)) == (("Café",), found)


# -- profiles -----------------------------------------------------------------------------------------------------


def test_a_profile_of_ones_own_decides_what_is_open() -> None:
    statement = one("Date;Text;Amount\n03/04/2025;A;1,234\n", own_profile())
    assert (amounts(statement), statement.entries[0].booking_date) == (["-1.234"], date(2025, 3, 4))
    assert (statement.currency.code, statement.findings) == ("EUR", ())


def test_a_profile_of_ones_own_that_lacks_a_column_is_refused() -> None:
    assert "does not fit" in refusal("Date;Text;Sum\n03/04/2025;A;1,23\n", own_profile()).reason


def test_unknown_columns_beside_a_profile_of_ones_own_are_reported() -> None:
    statement = one("Date;Text;Amount;More\n03/04/2025;A;1,23;x\n", own_profile())
    assert codes(statement) == ["columns-unknown"]


def test_two_profiles_that_read_the_file_differently_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = (own_profile(), own_profile("other-bank", order="dmy"))
    monkeypatch.setattr(csv_statements, "builtin_profiles", lambda: profiles)
    assert "(my-bank, other-bank)" in refusal("Date;Text;Amount\n03/04/2025;A;1,23\n").reason
    assert amounts(one("Date;Text;Amount\n04/04/2025;A;1,23\n")) == ["-1.23"]


def test_the_days_decide_between_two_layouts_of_one_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    old = own_profile(valid="valid_to = 2024-12-31", sign="signed")
    profiles = (old, own_profile("my-bank-2025", valid="valid_from = 2025-01-01"))
    monkeypatch.setattr(csv_statements, "builtin_profiles", lambda: profiles)
    assert amounts(one("Date;Text;Amount\n03/04/2023;A;1,23\n")) == ["1.23"]
    assert amounts(one("Date;Text;Amount\n03/04/2026;A;1,23\n")) == ["-1.23"]


def test_a_profile_is_not_taken_where_an_unknown_column_speaks_of_money() -> None:
    header = "Buchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung"
    row = "13.01.2025;13.01.2025;Lastschrift;A;5,00;EUR"
    assert amounts(one(f"{header}\n{row}\n")) == ["5.00"]
    assert amounts(one(f"{header};Notizen\n{row};x\n")) == ["5.00"]
    assert amounts(one(f"{header};Soll/Haben\n{row};S\n")) == ["-5.00"]


def test_a_letter_that_was_lost_in_a_header_is_any_letter() -> None:
    statement = one("DATA LAN\ufffdAMENTO;HIST\ufffdRICO;VALOR;SALDO\n02/01/2025;PIX;-5,00;95,00\n")
    assert (statement.currency.code, amounts(statement)) == ("BRL", ["-5.00"])


CHARGED = "Date;Text;Amount;Fee;Balance;Currency\n2025-01-02;A;-10.00;{};89.00;EUR\n2025-01-03;B;-20.00;{};69.00;EUR\n"


def test_charges_beside_the_first_balance_alone_may_come_on_top_and_are_refused() -> None:
    assert refusal(CHARGED.format("1.00", "0.00")).line == 2


def test_a_balance_proves_that_charges_are_within_the_amounts() -> None:
    assert amounts(one(CHARGED.format("1.00", "0.50"))) == ["-10.00", "-20.00"]
    assert amounts(one(CHARGED.format("0.00", ""))) == ["-10.00", "-20.00"]
