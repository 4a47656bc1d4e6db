"""MT940: every bank's habit into the same fields, every amount exact, nothing lost."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.banking import EntryStatus, Party, read_statements
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from tests.banking.statement_files import amounts, content, entries, mt940, read


def test_german_numbered_subfields_fill_the_fields() -> None:
    credit, debit, *_ = entries("mt940/german_numbered.sta")
    assert credit.end_to_end_id == "INV/2025/0042"
    assert credit.counterparty == Party("MUELLER UND SOEHNE GMBH CO KG", "DE02100500000054540402", "MUSTDEFFXXX")
    assert credit.remittance == ("Rechnung INV/2025/0042 vom 1. Maerz",)
    assert (credit.bank_code, credit.reference) == ("NTRF+166", "2025063-1")
    assert (credit.value_date, credit.booking_date) == (date(2025, 3, 4), date(2025, 3, 4))
    assert (debit.mandate_id, debit.amount.text) == ("M-00017", "-45.50")


def test_reversal_of_a_credit_lowers_the_balance_and_of_a_debit_raises_it() -> None:
    *_, of_credit, of_debit = entries("mt940/german_numbered.sta")
    assert (of_credit.amount.text, of_credit.reversal) == ("-19.00", True)
    assert (of_debit.amount.text, of_debit.reversal) == ("5.00", True)


def test_charges_and_original_amount_below_the_entry_are_kept() -> None:
    entry = entries("mt940/german_numbered.sta")[-1]
    assert entry.instructed is not None and entry.instructed.text == "4.50"
    assert entry.charges is not None and entry.charges.text == "0.50"


def test_slash_codes_fill_the_fields_and_what_is_not_provided_is_absent() -> None:
    credit, debit = entries("mt940/abn_slash.sta")
    assert credit.counterparty == Party("VOORBEELD B.V.", "NL91ABNA0417164300", "ABNANL2A")
    assert (credit.remittance, credit.end_to_end_id) == (("FACTUUR 2025-0042",), None)
    assert (debit.mandate_id, debit.end_to_end_id) == ("MANDAAT-7", "E-99")
    assert debit.counterparty is not None and debit.counterparty.account == "NL02ABNA0123456789"


def test_ing_counterparty_structured_reference_and_return_reason_are_read() -> None:
    credit, returned = entries("mt940/ing_counterparty.sta")
    assert credit.counterparty == Party("VOORBEELD CV", "NL32INGB0000012345", "INGBNL2A")
    assert credit.structured_reference == "9001234567890123"
    assert (returned.return_reason, returned.remittance) == ("MS03", ("NIET BETAALD",))


def test_old_rabobank_amounts_with_a_point_keep_their_cents() -> None:
    paid, bought = entries("mt940/rabobank_dotted.swi")
    assert (paid.amount.text, bought.amount.text) == ("300.00", "-44.95")
    assert paid.remittance == ("Voorbeeld", "Spaarpot kantine")
    assert bought.counterparty == Party("VOORBEELD TELECOM BV", "0733959555")


def test_rabobank_account_in_the_second_line_is_the_other_account() -> None:
    debit, credit = entries("mt940/rabobank_structured.swi")
    assert debit.counterparty == Party("VOORBEELD WINKEL", "NL70ABNA0987654321")
    assert credit.counterparty == Party("Mevr V. Oorbeeld", "0663616476")


def test_a_reference_of_34_characters_is_the_other_account() -> None:
    (entry,) = entries("mt940/asn_long_reference.sta")
    assert entry.counterparty == Party("hr v oorbeeld", "NL47INGB9999999999")
    assert (entry.booking_date, entry.end_to_end_id) == (None, None)


def test_an_entry_without_type_code_swallows_nothing() -> None:
    first, second, third = entries("mt940/without_type_code.sta")
    assert [each.amount.text for each in (first, second, third)] == ["-20.00", "11.25", "500.00"]
    assert (first.bank_code, first.end_to_end_id) == (None, None)
    assert third.counterparty == Party("VOORBEELD ONLINE B.V.", "NL84INGB0234561789")


def test_a_time_of_day_cut_at_the_line_end_stays_text() -> None:
    (statement,) = read("mt940/time_cut_at_line_end.sta")
    assert statement.entries[0].remittance == ("Pauschalen 2024-03-01T13:20:11 Folgenr. 7",)
    assert statement.entries[1].remittance == ("Karte",)


def test_fields_that_nobody_needs_become_findings() -> None:
    (statement,) = read("mt940/time_cut_at_line_end.sta")
    assert {(finding.code, finding.tag) for finding in statement.findings} >= {
        ("field-not-read", "28C"),
        ("field-not-read", "65F"),
    }
    assert statement.number is None


def test_a_value_date_of_30_february_becomes_its_last_day_and_is_reported() -> None:
    (statement,) = read("mt940/time_cut_at_line_end.sta")
    assert statement.entries[0].value_date == date(2024, 2, 29)
    assert "date-not-in-calendar" in {finding.code for finding in statement.findings}


def test_texts_in_eight_bits_are_words_and_the_guess_is_reported() -> None:
    (statement,) = read("mt940/latin1_texts.sta")
    (entry,) = statement.entries
    assert (entry.remittance, entry.counterparty) == (("Grüße aus Köln",), Party("MÜLLER"))
    assert [finding.code for finding in statement.findings] == ["encoding-guessed"]


def test_the_text_after_the_closing_balance_belongs_to_the_statement() -> None:
    assert all("SUM" not in line for entry in entries("mt940/ing_counterparty.sta") for line in entry.remittance)


def test_pages_are_given_as_sent() -> None:
    first, second, whole = read("mt940/two_pages.sta")
    assert (first.continued, second.continues, whole.is_complete) == (True, True, True)
    assert (first.number, first.page, second.page) == ("00007", 1, 2)


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ("250304C1,00NTRF", "1.00"),
        ("2503040304CR1,NTRF", "1.00"),
        ("2503040304C1NTRFX", "1.00"),
        ("2503040304d1,5NTRF", "-1.50"),
        ("2503040304DR1.234,56NTRF", "-1234.56"),
        ("2503040304C0000001,00 NTRFNONREF", "1.00"),
        ("250304    CD12,10NMSCNONREF//", "12.10"),
        ("2503040304C123456789012345678,91NTRF", "123456789012345678.91"),
        ("2503040304RDR7,NTRF", "7.00"),
        ("2503040304C1S00S000122222", "1.00"),
    ],
)
def test_an_entry_line_is_read(line: str, amount: str) -> None:
    assert amounts(mt940(f":61:{line}"), unbalanced="report") == [amount]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "250304X1,00NTRF",
        "2503040304C,NTRF",
        "2503040304C1.234NTRF",
        "2503040304C1,2,3NTRF",
        "2503040304CNaNNTRF",
        "2513040304C1,00NTRF",
        "2502310304C1,00NTRF",
        "2503040304C-1,00NTRF",
        "2503040304C1_0,00NTRF",
        "2503040304C1'234,00NTRF",
        "2503040304C1 234,00NTRF",
        "2503040304C1O0,00NTRF",
        "2503040304C1,0O0NTRF",
        "2503040304C1S2345,00NTRF",
        "2503040304C1.5S23,00NTRF",
        "2503040304C٣,00NTRF",
    ],
)
def test_an_entry_that_cannot_be_read_in_one_way_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(StatementError) as refused:
        read_statements(mt940(f":61:{line}"), unbalanced="report")
    assert (refused.value.line, refused.value.tag, refused.value.format) == (5, "61", "mt940")
    assert len(line) < 4 or line not in str(refused.value)


def test_indented_lines_are_fields_too() -> None:
    data = mt940(":61:250304C5,00NTRF", ":86:Invoice 7", closing="C250331EUR105,00").replace(b"\n:", b"\n  :")
    (statement,) = read_statements(data)
    assert [entry.remittance for entry in statement.entries] == [("Invoice 7",)]


def test_the_second_line_of_an_entry_is_its_text_where_there_is_no_other() -> None:
    (statement,) = read_statements(mt940(":61:250304C0,NTRFNONREF", "Card transaction", "/OCMT/USD1.1/"))
    assert statement.entries[0].remittance == ("Card transaction",)


def test_expected_entries_do_not_count_in_the_balance() -> None:
    (statement,) = read_statements(mt940(":61:250304EC5,00NTRF"))
    assert (statement.entries[0].status, statement.balanced) == (EntryStatus.PENDING, True)


def test_the_booking_date_takes_the_year_that_is_nearest() -> None:
    (statement,) = read_statements(mt940(":61:2412310102C0,NTRF", ":61:2501021231C0,NTRF"))
    assert [entry.booking_date for entry in statement.entries] == [date(2025, 1, 2), date(2024, 12, 31)]


def test_a_statement_that_does_not_close_is_refused_with_its_difference() -> None:
    data = mt940(":61:250304C5,00NTRF")
    with pytest.raises(StatementError, match=r"statement 1 \(from line 1\) does not close.* by 5\.00 EUR"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert statement.balanced is False


def test_a_forged_entry_line_in_a_text_breaks_the_balance() -> None:
    data = mt940(":61:250304C5,00NTRF", ":86:Invoice", ":61:250304D999,00NTRF", closing="C250331EUR105,00")
    with pytest.raises(StatementError, match="does not close"):
        read_statements(data)


def test_a_statement_start_in_a_text_does_not_cut_the_statement() -> None:
    data = mt940(":61:250304C5,00NTRF", ":86:Invoice", ":20:forged", ":61:250304D5,00NTRF")
    (statement,) = read_statements(data)
    assert len(statement.entries) == 2


def test_a_file_without_its_end_is_refused_and_reported_on_request() -> None:
    data = content("mt940/german_numbered.sta")
    cut = data[: data.index(b":62F:")]
    with pytest.raises(StatementError, match="no closing balance: the file may be cut off"):
        read_statements(cut)
    (statement,) = read_statements(cut, unbalanced="report")
    assert (statement.balanced, len(statement.entries)) == (None, 4)


def test_a_file_that_ends_within_an_amount_is_refused_even_when_reporting() -> None:
    data = content("mt940/german_numbered.sta")
    cut = data[: data.index(b":61:2503050305RC19,00") + len(b":61:2503050305RC1")]
    with pytest.raises(StatementError, match="ends in the middle of an entry"):
        read_statements(cut, unbalanced="report")


def test_a_balance_that_cannot_be_read_is_reported_or_refused() -> None:
    data = mt940(opening="C250301EURO0,00")
    with pytest.raises(StatementError, match="not complete"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert (statement.opening, statement.balanced) == (None, None)


def test_two_opening_balances_in_one_statement_are_refused() -> None:
    with pytest.raises(StatementError, match="second opening balance"):
        read_statements(mt940(":60F:C250301EUR1,00"))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(bytes=100), "larger than 100 bytes"),
        (Limits(line_chars=30), "longer than 30 characters"),
        (Limits(entries=1), "more than 1 entries"),
    ],
)
def test_a_file_beyond_a_limit_is_refused_with_the_limit(limits: Limits, words: str) -> None:
    with pytest.raises(StatementError, match=words):
        read_statements(content("mt940/german_numbered.sta"), limits=limits)


def test_more_statements_than_the_limit_are_refused() -> None:
    with pytest.raises(StatementError, match="more than 2 statements"):
        read_statements(content("mt940/two_pages.sta"), limits=Limits(statements=2))
