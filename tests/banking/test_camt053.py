"""CAMT.053 of every version: batches as trees, signs by their mark, pages by their balances."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.banking import EntryStatus, Party, read_statements
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from tests.banking.statement_files import balance, camt053, content, entries, ntry, read


def test_a_batch_stays_one_entry_with_its_transactions_as_details() -> None:
    batch = entries("camt053/batch_returned_pending.xml")[0]
    assert (batch.amount.text, batch.batch_id) == ("56.00", "PI-7")
    assert [detail.amount.text for detail in batch.details] == ["36.00", "20.00"]
    first, second = batch.details
    assert first.counterparty == Party("Example One Ltd", "DE02100500000054540402", "MUSTDEFFXXX")
    assert (first.structured_reference, first.end_to_end_id) == ("RF18539007547034", "E-1")
    assert (second.remittance, second.end_to_end_id) == (("Invoice 8", "and 9"), None)


def test_a_time_with_offset_never_moves_the_day() -> None:
    batch = entries("camt053/batch_returned_pending.xml")[0]
    assert (batch.booking_date, batch.value_date) == (date(2025, 3, 4), date(2025, 3, 5))


def test_the_only_transaction_fills_the_entry() -> None:
    entry = entries("camt053/batch_returned_pending.xml")[1]
    assert (entry.amount.text, entry.return_reason, entry.mandate_id) == ("-3.00", "AC04", "MD-1")
    assert entry.instructed is not None and str(entry.instructed) == "3.20 USD"
    assert entry.charges is not None and str(entry.charges) == "0.50 EUR"
    assert entry.counterparty == Party("Example Shop", "12-34567-8")
    assert entry.details == ()


def test_a_pending_entry_does_not_count_in_the_balance() -> None:
    (statement,) = read("camt053/batch_returned_pending.xml")
    assert statement.entries[2].status is EntryStatus.PENDING
    assert statement.balanced is True


def test_prefixes_foreign_namespaces_and_missing_signs_are_read() -> None:
    (statement,) = read("camt053/prefixed_without_signs_or_dates.xml")
    assert statement.opening is not None and statement.opening.amount.text == "10.50"
    assert statement.entries[0].value_date == date(2025, 3, 4)
    assert [finding.code for finding in statement.findings] == ["date-missing"]


def test_interim_balances_open_and_close_pages() -> None:
    first, second = read("camt053/pages_by_interim_balance.xml")
    assert (first.continued, second.continues) == (True, True)
    assert first.opening is not None and first.opening.amount.text == "-10.00"


def test_the_other_side_of_a_reversal_is_that_of_the_movement_it_takes_back() -> None:
    entry = entries("camt053/pages_by_interim_balance.xml")[0]
    assert (entry.amount.text, entry.reversal, entry.counterparty) == ("5.00", True, Party("Example Supplier"))


def test_the_entry_amount_is_booked_whatever_its_details_say() -> None:
    detail = '<NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="USD">522.39</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls>'
    (statement,) = read_statements(camt053(ntry("579.21", detail), closing="679.21"))
    assert statement.entries[0].amount.text == "579.21"


@pytest.mark.parametrize("amount", ["12..34", "-1.00", "+1.00", "1,00", "NaN", "1E400", "1_0", "٣"])
def test_an_amount_that_cannot_be_read_in_one_way_is_refused(amount: str) -> None:
    with pytest.raises(StatementError) as refused:
        read_statements(camt053(ntry(amount)), unbalanced="report")
    assert refused.value.tag == "Amt"
    assert amount not in str(refused.value)


def test_an_entry_without_amount_is_refused_or_reported() -> None:
    data = camt053(ntry(""))
    with pytest.raises(StatementError, match="no amount"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert [finding.code for finding in statement.findings] == ["entry-not-read"]


@pytest.mark.parametrize("mark", ["", "<CdtDbtInd>DEBIT</CdtDbtInd>"])
def test_an_entry_without_a_sign_is_refused(mark: str) -> None:
    data = camt053(ntry("1.00").replace("<CdtDbtInd>CRDT</CdtDbtInd>", mark))
    with pytest.raises(StatementError, match="neither credit nor debit"):
        read_statements(data, unbalanced="report")


def test_entries_in_two_currencies_are_refused() -> None:
    with pytest.raises(StatementError, match="more than one currency"):
        read_statements(camt053(ntry("1.00"), ntry("1.00", currency="USD")), unbalanced="report")


def test_a_balance_in_another_currency_never_closes() -> None:
    data = camt053(opening="1.00", closing="1.00").replace(
        balance("CLBD", "1.00").encode(), balance("CLBD", "1.00", "SEK").encode()
    )
    with pytest.raises(StatementError, match="two currencies"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert statement.balanced is False


def test_totals_of_the_bank_that_differ_are_reported() -> None:
    summary = "<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>5</Sum></TtlCdtNtries></TxsSummry>"
    (statement,) = read_statements(camt053(summary, ntry("5.00"), closing="105.00"))
    assert [finding.code for finding in statement.findings] == ["totals-differ"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_file_cut_off_is_refused_with_its_line(share: float) -> None:
    data = content("camt053/batch_returned_pending.xml")
    with pytest.raises(StatementError, match="cut off") as refused:
        read_statements(data[: int(len(data) * share)], unbalanced="report")
    assert refused.value.line


def test_two_documents_in_one_file_are_refused() -> None:
    data = camt053()
    with pytest.raises(StatementError, match="not well-formed"):
        read_statements(data + data)


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    ],
)
def test_document_types_and_entities_are_refused(prolog: str) -> None:
    data = camt053().replace(b"?><Document", b"?>" + prolog.encode() + b"<Document")
    with pytest.raises(StatementError, match="document type or entities"):
        read_statements(data)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(StatementError, match="nested deeper"):
        read_statements(camt053("<X>" * 5000 + "</X>" * 5000))


def test_a_document_without_statement_is_refused() -> None:
    data = (
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt></BkToCstmrStmt></Document>'
    )
    with pytest.raises(StatementError, match="no account statement"):
        read_statements(data)


def test_details_count_in_the_limit_of_entries() -> None:
    with pytest.raises(StatementError, match="more than 3 entries"):
        read_statements(content("camt053/batch_returned_pending.xml"), limits=Limits(entries=3))
