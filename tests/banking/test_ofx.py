"""OFX 1 and 2: closed or unclosed tags, dates as printed, nothing invented."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.banking import Party, read_statements
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from tests.banking.statement_files import amounts, content, entries, ofx, read

ONE = "<TRNTYPE>DEBIT<DTPOSTED>20250304<TRNAMT>-1.00<FITID>A"


def test_an_offset_never_moves_a_date() -> None:
    first, second, _ = entries("ofx1/brazil_offsets_and_commas.ofx")
    assert (first.booking_date, second.booking_date) == (date(2025, 1, 31), date(2025, 2, 1))


def test_comma_decimals_are_read_where_they_have_one_reading() -> None:
    assert [entry.amount.text for entry in entries("ofx1/brazil_offsets_and_commas.ofx")] == [
        "-530.86",
        "1234.56",
        "10.00",
    ]


def test_utf8_under_a_1252_header_is_read_as_words() -> None:
    assert entries("ofx1/brazil_offsets_and_commas.ofx")[1].remittance == ("TRANSFERÊNCIA RECEBIDA",)


def test_a_repeated_id_keeps_both_entries_and_is_reported() -> None:
    (statement,) = read("ofx1/brazil_offsets_and_commas.ofx")
    assert [entry.reference for entry in statement.entries] == ["1", "2", "2"]
    assert [finding.code for finding in statement.findings] == ["reference-repeated"]


def test_the_ledger_balance_is_the_closing_and_no_opening_is_invented() -> None:
    (statement,) = read("ofx1/brazil_offsets_and_commas.ofx")
    assert statement.closing is not None and statement.closing.amount.text == "0.00"
    assert (statement.closing.date, statement.opening, statement.balanced) == (None, None, None)


def test_a_file_on_one_line_without_header_gives_every_account() -> None:
    bank, card = read("ofx1/one_line_two_accounts.qfx")
    assert [statement.account for statement in (bank, card)] == ["111", "4111000000001111"]
    assert [entry.counterparty for entry in bank.entries] == [Party("SHOP & SONS"), Party("JOE&CO")]
    assert bank.entries[0].remittance == ("5 < 6",)
    assert card.entries[0].value_date == date(2025, 3, 6)


def test_charset_none_is_settled_by_evidence() -> None:
    assert entries("ofx1/charset_none_latin1.ofx")[0].counterparty == Party("CAFÉ DE LA GARE")


def test_trades_of_an_investment_account_are_reported_not_booked() -> None:
    (statement,) = read("ofx1/investment_account.ofx")
    assert [entry.amount.text for entry in statement.entries] == ["1000.00"]
    assert [finding.code for finding in statement.findings] == ["movements-not-read"]


def test_payee_and_other_account_are_the_counterparty() -> None:
    (entry,) = entries("ofx2/payee_and_other_account.ofx")
    assert entry.counterparty == Party("Café déjà vu", "FR1420041010050500013M02606", "30004")
    assert entry.remittance == ("Facture <42> & acompte",)


@pytest.mark.parametrize("amount", ["$120", "1,234", "NaN", "1e3", "12.50-", "1'000.00", "null", "--1", "٣"])
def test_an_amount_that_cannot_be_read_in_one_way_is_refused(amount: str) -> None:
    data = ofx(f"<DTPOSTED>20250304<TRNAMT>{amount}<FITID>A")
    with pytest.raises(StatementError) as refused:
        read_statements(data, unbalanced="report")
    assert (refused.value.tag, refused.value.format) == ("TRNAMT", "ofx1")
    assert amount not in str(refused.value)


def test_three_decimals_after_a_point_are_decimals_as_the_standard_says() -> None:
    assert amounts(ofx("<DTPOSTED>20250304<TRNAMT>12.345<FITID>A")) == ["12.345"]


def test_three_decimals_after_a_point_are_refused_where_the_file_has_commas() -> None:
    with pytest.raises(StatementError, match="two ways"):
        read_statements(ofx("<DTPOSTED>20250304<TRNAMT>12.345<FITID>A", "<DTPOSTED>20250304<TRNAMT>1,50<FITID>B"))


def test_an_entry_without_an_amount_is_refused_or_reported() -> None:
    data = ofx("<DTPOSTED>20250304<TRNAMT><FITID>A", ONE)
    with pytest.raises(StatementError, match="no amount"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert len(statement.entries) == 1
    assert [finding.code for finding in statement.findings] == ["entry-not-read"]


@pytest.mark.parametrize("posted", ["", "20251399", "00000000", "yesterday"])
def test_an_entry_without_a_date_is_refused(posted: str) -> None:
    with pytest.raises(StatementError, match="no date"):
        read_statements(ofx(f"<DTPOSTED>{posted}<TRNAMT>1.00<FITID>A"))


def test_an_entry_that_was_never_closed_does_not_swallow_the_next() -> None:
    data = ofx(ONE, ONE.replace("<FITID>A", "<FITID>B")).replace(b"</STMTTRN>", b"")
    (statement,) = read_statements(data)
    assert [entry.reference for entry in statement.entries] == ["A", "B"]


def test_two_amounts_in_one_entry_are_refused() -> None:
    with pytest.raises(StatementError, match="two different values"):
        read_statements(ofx(f"{ONE}<TRNAMT>-2.00"))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_off_is_refused(share: float) -> None:
    data = content("ofx1/brazil_offsets_and_commas.ofx")
    with pytest.raises(StatementError, match="cut off"):
        read_statements(data[: int(len(data) * share)], unbalanced="report")


def test_a_download_that_the_bank_refused_says_so() -> None:
    data = b"<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>15500<SEVERITY>ERROR</STATUS></SONRS></SIGNONMSGSRSV1></OFX>"
    with pytest.raises(StatementError, match="bank refused the download with status 15500"):
        read_statements(data)


def test_amounts_hidden_in_a_comment_are_refused() -> None:
    with pytest.raises(StatementError, match="inside a comment"):
        read_statements(ofx(f"{ONE}<!-- <TRNAMT>-2.00</TRNAMT> -->"))


@pytest.mark.parametrize("declaration", ["<!DOCTYPE OFX [<!ENTITY a 'b'>]>", "<!ENTITY a SYSTEM 'file:///etc/passwd'>"])
def test_a_document_type_or_entity_is_refused(declaration: str) -> None:
    data = content("ofx2/payee_and_other_account.ofx").replace(b"<?OFX", declaration.encode() + b"<?OFX")
    with pytest.raises(StatementError, match="document type or entities"):
        read_statements(data)


def test_an_amount_marked_as_foreign_is_refused_or_reported() -> None:
    data = ofx(f"{ONE}<CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY>")
    with pytest.raises(StatementError, match="another currency"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert "amount-currency" in {finding.code for finding in statement.findings}


def test_a_value_beyond_the_limit_is_refused() -> None:
    with pytest.raises(StatementError, match="longer than 50 characters"):
        read_statements(ofx(f"{ONE}<MEMO>{'x' * 51}"), limits=Limits(line_chars=50))
