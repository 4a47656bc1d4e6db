"""OFX 1 and 2: closed or unclosed tags, dates as printed, nothing invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from oimkit.banking import Entry, Party, Statement, read_statements
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Exchange
from oimkit.errors import StatementError
from oimkit.money import Currency
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
    address = ("1 Rue de l'Exemple", "Paris")
    assert entry.counterparty == Party("Café déjà vu", "FR1420041010050500013M02606", "30004", address)
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


# -- everything that the elements say ------------------------------------------------------------------------------


def one(body: str, **options: str) -> Entry:
    """The only entry of a statement with this STMTTRN."""
    (entry,) = _statement(ofx(body, **options)).entries
    return entry


def _statement(data: bytes) -> Statement:
    (statement,) = read_statements(data, unbalanced="report")
    return statement


@pytest.mark.parametrize("body", [ONE, f"{ONE}<PAYEE><NAME>A</PAYEE>", f"{ONE}<MEMO>a &amp; b"])
def test_an_entry_keeps_its_text(body: str) -> None:
    assert one(body).raw == f"<STMTTRN>{body}</STMTTRN>"


def test_an_entry_that_was_never_closed_keeps_its_text_up_to_the_next() -> None:
    data = ofx(ONE, f"{ONE}<MEMO>last").replace(b"</STMTTRN>", b"")
    assert [entry.raw for entry in _statement(data).entries] == [f"<STMTTRN>{ONE}", f"<STMTTRN>{ONE}<MEMO>last"]


def test_codes_and_references_are_kept_under_their_names() -> None:
    entry = one(f"{ONE}<SIC>5411<SRVRTID>S1<CHECKNUM>1042<REFNUM>R1<PAYEEID>P1<NAME>SHOP")
    assert entry.codes == (("ofx", "DEBIT"), ("sic", "5411"))
    assert entry.references == (("ChqNb", "1042"), ("REFNUM", "R1"), ("SRVRTID", "S1"), ("PAYEEID", "P1"))


@pytest.mark.parametrize("number", ["", " ", "0", "000000"])
def test_a_cheque_number_of_noughts_is_none(number: str) -> None:
    assert one(f"{ONE}<CHECKNUM>{number}<REFNUM>{number}").references == ()


def test_a_payee_has_an_address() -> None:
    payee = "<PAYEE><NAME>SHOP<ADDR1>1 Road<ADDR2> <CITY>Town<STATE>ST<POSTALCODE>123<COUNTRY>USA<PHONE>1</PAYEE>"
    assert one(ONE + payee).counterparty == Party("SHOP", address=("1 Road", "Town", "ST", "123", "USA"))


def test_the_rate_of_a_converted_amount_is_kept_and_the_amount_is_the_banks() -> None:
    entry = one(f"{ONE}<ORIGCURRENCY><CURRATE>1.25<CURSYM>GBP</ORIGCURRENCY>")
    assert entry.exchange == Exchange(Decimal("1.25"), Currency("GBP"), Currency("EUR"))
    assert (entry.amount.text, entry.instructed) == ("-1.00", None)


def test_a_foreign_amount_is_kept_as_instructed_beside_the_finding() -> None:
    entry = one(f"{ONE}<CURRENCY><CURRATE>0.9<CURSYM>USD</CURRENCY>")
    assert entry.instructed is not None and str(entry.instructed) == "1.00 USD"
    assert entry.exchange == Exchange(Decimal("0.9"), Currency("USD"), Currency("EUR"))


@pytest.mark.parametrize("rate", ["", "0", "-1", "x", "1.2.3"])
def test_a_rate_that_is_none_is_absent(rate: str) -> None:
    assert one(f"{ONE}<ORIGCURRENCY><CURRATE>{rate}<CURSYM>GBP</ORIGCURRENCY>").exchange is None


def test_an_entry_that_replaces_another_is_reported() -> None:
    statement = _statement(ofx(ONE, f"{ONE}<FITID>B<CORRECTFITID>A<CORRECTACTION>REPLACE".replace("<FITID>A", "")))
    assert [finding.code for finding in statement.findings] == ["entry-corrects"]
    assert statement.entries[1].references == (("CORRECTFITID", "A"),)


def test_the_bank_and_every_balance_are_given() -> None:
    ledger = (
        "<LEDGERBAL><BALAMT>1.00<DTASOF>20250331</LEDGERBAL><AVAILBAL><BALAMT>0.50<DTASOF>20250401</AVAILBAL>"
        "<BALLIST><BAL><NAME>Credit<DESC>d<BALTYPE>DOLLAR<VALUE>9.00<DTASOF>20250331"
        "<CURRENCY><CURRATE>1<CURSYM>USD</CURRENCY></BAL><BAL><NAME>APR<BALTYPE>PERCENT<VALUE>9.9</BAL></BALLIST>"
    )
    statement = _statement(ofx(ONE, ledger=ledger).replace(b"<BANKACCTFROM>", b"<BANKACCTFROM><BANKID>77"))
    assert [(balance.code, str(balance.amount)) for balance in statement.balances] == [
        ("CLBD", "1.00 EUR"),
        ("CLAV", "0.50 EUR"),
        ("Credit", "9.00 USD"),
    ]
    assert statement.closing == statement.balances[0]
    assert statement.owner == Party(account="7", bank_code="77")


def test_the_period_and_what_the_bank_tells_are_given() -> None:
    data = ofx(ONE).replace(b"<BANKTRANLIST>", b"<MKTGINFO>Ask us<BANKTRANLIST><DTSTART>20250301<DTEND>20250331235959")
    statement = _statement(data)
    assert (statement.period_start, statement.period_end) == (date(2025, 3, 1), date(2025, 3, 31))
    assert statement.remarks == ("Ask us",)


@pytest.mark.parametrize("available", ["", "1,234", "none"])
def test_an_available_balance_stops_nothing(available: str) -> None:
    ledger = f"<LEDGERBAL><BALAMT>1.00</LEDGERBAL><AVAILBAL><BALAMT>{available}</AVAILBAL>"
    (statement,) = read_statements(ofx(ONE, ledger=ledger))
    assert [balance.code for balance in statement.balances] == ["CLBD"]
    assert [finding.code for finding in statement.findings] == (["field-not-read"] if available else [])


def test_the_cash_of_an_investment_account_is_a_balance_and_no_closing() -> None:
    data = content("ofx1/investment_account.ofx").replace(
        b"</INVTRANLIST>", b"</INVTRANLIST><INVBAL><AVAILCASH>12.50<MARGINBALANCE>0</INVBAL>"
    )
    statement = _statement(data)
    assert [(balance.code, balance.amount.text) for balance in statement.balances] == [
        ("AVAILCASH", "12.50"),
        ("MARGINBALANCE", "0.00"),
    ]
    assert (statement.closing, statement.owner) == (None, Party(account="9", bank_code="B"))


# -- damaged files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        ("<DTPOSTED>20250304<TRNAMT>1,234<FITID>B", "TRNAMT"),
        ("<DTPOSTED>20251304<TRNAMT>1.00<FITID>B", "DTPOSTED"),
        (f"{ONE}<TRNAMT>-2.00", "TRNAMT"),
    ],
)
def test_an_entry_that_cannot_be_read_is_left_out_and_located_on_request(body: str, tag: str) -> None:
    data = ofx(ONE, body, ONE.replace("<FITID>A", "<FITID>C"))
    with pytest.raises(StatementError):
        read_statements(data, unbalanced="report")
    (statement,) = read_statements(data, unbalanced="report", damaged="report")
    assert [entry.reference for entry in statement.entries] == ["A", "C"]
    (finding,) = statement.findings
    assert (finding.code, finding.line, finding.tag) == ("record-not-read", 7, tag)


def test_an_entry_outside_any_statement_is_refused_or_reported() -> None:
    data = ofx(ONE).replace(b"</OFX>", b"<STMTTRN><DTPOSTED>20250304<TRNAMT>1.00</STMTTRN></OFX>")
    with pytest.raises(StatementError, match="outside any statement"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report", damaged="report")
    assert (len(statement.entries), [finding.code for finding in statement.findings]) == (1, ["record-not-read"])


def test_a_damaged_file_is_held_to_its_limits_all_the_same() -> None:
    with pytest.raises(StatementError, match="more than 1 entries"):
        read_statements(ofx(ONE, ONE), unbalanced="report", damaged="report", limits=Limits(entries=1))


def test_a_balance_may_begin_with_the_sign_of_its_currency() -> None:
    data = ofx(ONE, ledger="<LEDGERBAL><BALAMT>R$ 5.326,43<DTASOF>30/06/2025</LEDGERBAL>")
    (statement,) = read_statements(data.replace(b"<CURDEF>EUR", b"<CURDEF>BRL"))
    assert statement.closing is not None
    assert (statement.closing.amount.text, statement.closing.date) == ("5326.43", None)
    (other,) = read_statements(data, unbalanced="report")
    assert (other.closing, [finding.code for finding in other.findings]) == (None, ["balance-not-read"])


def test_a_pending_entry_has_the_day_on_which_it_was_made() -> None:
    pending = "<BANKTRANLISTP><STMTTRNP><TRNTYPE>POS<DTTRAN>20250305<TRNAMT>-3.00<NAME>SHOP</STMTTRNP></BANKTRANLISTP>"
    (statement,) = read_statements(ofx(ONE).replace(b"</BANKTRANLIST>", f"</BANKTRANLIST>{pending}".encode()))
    entry = statement.entries[1]
    assert (entry.is_booked, entry.booking_date, entry.value_date) == (False, None, date(2025, 3, 5))


@pytest.mark.parametrize(("kind", "amount"), [("DEBIT", "1.00"), ("CREDIT", "-1.00")])
def test_a_sign_against_the_type_is_kept_and_reported(kind: str, amount: str) -> None:
    (statement,) = read_statements(ofx(ONE.replace("DEBIT", kind).replace("-1.00", amount)))
    assert statement.entries[0].amount.text == amount
    assert [(finding.code, finding.line) for finding in statement.findings] == [("sign-against-type", 6)]
