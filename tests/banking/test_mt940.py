"""MT940: every bank's habit into the same fields, every amount exact, nothing lost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from oimkit.banking import Entry, EntryStatus, Party, iter_statements, read_statements
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Exchange
from oimkit.errors import StatementError
from oimkit.money import Currency
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
    assert credit.counterparty == Party("VOORBEELD CV", "NL32INGB0000012345", "INGBNL2A", ("STAD",))
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
    (statement,) = read("mt940/ing_counterparty.sta")
    assert statement.remarks == ("/SUM/2/1/1/3,00/63,00/",)
    assert [entry.remittance for entry in statement.entries] == [(), ("NIET BETAALD",)]


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


# -- everything that the fields say --------------------------------------------------------------------------------


def one(*lines: str, **options: str) -> Entry:
    """The only entry of a statement with these lines."""
    (statement,) = read_statements(mt940(*lines, **options), unbalanced="report")
    (entry,) = statement.entries
    return entry


def test_an_entry_keeps_its_text_with_all_of_its_fields() -> None:
    lines = (":61:250304C5,00NTRFNONREF//B1", "second line", ":86:Invoice 7", "of march", ":86:repeated", ":NS:01more")
    assert one(*lines).raw == "\n".join(lines)


def test_blank_lines_behind_an_entry_are_not_its_text() -> None:
    assert one(":61:250304C5,00NTRFNONREF", ":86:Invoice 7", "", "").raw == ":61:250304C5,00NTRFNONREF\n:86:Invoice 7"


def test_a_text_cut_so_that_it_looks_like_a_field_is_in_the_raw_text_as_printed() -> None:
    lines = (":61:250304C5,00NTRFNONREF", ":86:at 13", ":20:11 o'clock")
    assert one(*lines).raw == "\n".join(lines)


def test_the_number_of_a_cheque_is_no_id_of_a_payment() -> None:
    entry = one(":61:250304D5,00NCHK0001234//B1")
    assert (entry.references, entry.end_to_end_id, entry.reference) == ((("ChqNb", "0001234"),), None, "B1")


def test_the_owners_reference_stands_beside_another_id() -> None:
    entry = one(":61:250304D5,00NTRFOWN-1//B1", ":86:166?20EREF+E-1")
    assert (entry.end_to_end_id, entry.references) == ("E-1", (("AcctOwnrTxId", "OWN-1"),))
    assert one(":61:250304D5,00NTRFE-1//B1", ":86:166?20EREF+E-1").references == ()


def test_every_code_is_kept_with_its_scheme() -> None:
    entry = one(":61:250304D5,00NTRFNONREF", ":86:166?00GUTSCHRIFT?109251?20Invoice?34997")
    assert entry.codes == (("swift", "NTRF"), ("gvc", "166"), ("primanota", "9251"), ("text-key", "997"))
    assert one(":61:250304D5,00NTRFNONREF", "/TRCD/00100/").codes == (("swift", "NTRF"), ("trcd", "00100"))
    assert one(":61:250304D5,00NONREF").codes == ()


@pytest.mark.parametrize(
    ("mark", "text", "ultimate"),
    [
        ("C", "166?20ABWA+PAYER?21ABWE+PAYEE", "PAYER"),
        ("D", "116?20ABWA+PAYER?21ABWE+PAYEE", "PAYEE"),
        ("RC", "899?20ABWA+PAYER?21ABWE+PAYEE", "PAYER"),
        ("RD", "899?20ABWA+PAYER?21ABWE+PAYEE", "PAYEE"),
        ("D", "105?20MREF+M1?21ABWA+CREDITOR", "CREDITOR"),
        ("D", "116?20ABWA+PAYER", None),
        ("C", "/ORDP//NAME/A/ULTD//NAME/PAYER/ULTC//NAME/PAYEE", "PAYER"),
        ("D", "/BENM//NAME/A/ULTD/PAYER/7/ULTB/PAYEE/8/", "PAYEE"),
        ("D", "/RTRN/AC04/ORDP//NAME/A/ULTD//NAME/PAYER", "PAYER"),
    ],
)
def test_the_ultimate_party_is_that_of_the_other_side(mark: str, text: str, ultimate: str | None) -> None:
    entry = one(f":61:250304{mark}5,00NTRFNONREF", f":86:{text}")
    assert (entry.ultimate.name if entry.ultimate is not None else None) == ultimate


def test_purpose_and_creditor_are_read() -> None:
    entry = one(":61:250304D5,00NDDTNONREF", ":86:105?20CRED+DE98ZZZ0999?21PURP+RINP?22SVWZ+Rent")
    assert (entry.creditor_id, entry.purpose, entry.remittance) == ("DE98ZZZ0999", "RINP", ("Rent",))
    assert one(":61:250304D5,00NTRFNONREF", ":86:117?20PURP+RINP Standing order").purpose == "RINP"
    entry = one(":61:250304D5,00NDDTNONREF", ":86:/CSID/NL00 ZZZ1/PURP//CD/SALA/REMI/March")
    assert (entry.creditor_id, entry.purpose) == ("NL00ZZZ1", "SALA")


@pytest.mark.parametrize(
    ("amount", "original", "rate", "source", "target"),
    [
        ("92,50", "USD100,00", "1,0811", "EUR", "USD"),
        ("92,50", "USD100,00", "0,925", "USD", "EUR"),
        ("92,50", "USD100,00", "7,5", None, None),
    ],
)
def test_a_rate_goes_the_way_that_the_amounts_tell(
    amount: str, original: str, rate: str, source: str | None, target: str | None
) -> None:
    entry = one(f":61:250304D{amount}NTRFNONREF", f"/OCMT/{original}/EXCH/{rate}/")
    named = [Currency(code) if code is not None else None for code in (source, target)]
    assert entry.exchange == Exchange(Decimal(rate.replace(",", ".")), *named)
    assert entry.instructed is not None and str(entry.instructed) == "100.00 USD"


@pytest.mark.parametrize("rate", ["0", "x", "", "-1", "1.2.3"])
def test_a_rate_that_is_none_is_absent(rate: str) -> None:
    assert one(":61:250304D5,00NTRFNONREF", f"/OCMT/USD5,00/EXCH/{rate}/").exchange is None


def test_the_banks_own_words_stand_in_for_a_text_that_the_payer_did_not_write() -> None:
    assert one(":61:250304D5,00NCHGNONREF", ":86:805?00ENTGELT?20EREF+1").remittance == ("ENTGELT",)
    assert one(":61:250304D5,00NCHGNONREF", "Fees", ":86:805?00ENTGELT").remittance == ("Fees",)
    assert one(":61:250304D5,00NCHGNONREF", ":86:/TRTP/KOSTEN/EREF/1").remittance == ("KOSTEN",)


def test_slovak_symbols_in_the_id_are_the_payees_reference() -> None:
    entry = one(":61:250304C5,00NTRFNONREF", ":86:115?20EREF+/VS2025/SS/KS0308?21SVWZ+Invoice")
    assert (entry.structured_reference, entry.references) == ("2025", (("VS", "2025"), ("KS", "0308")))


def test_symbols_in_a_text_count_on_czech_accounts_only() -> None:
    lines = (":61:250304C5,00NTRFNONREF", ":86:VS:2025 KS: 0308 SS:0")
    assert one(*lines, opening="C250301CZK1,", closing="C250331CZK6,").structured_reference == "2025"
    assert one(*lines).structured_reference is None


def test_numbered_lines_of_multicash_are_read() -> None:
    entry = one(
        *(":61:250304D5,00S   X", ":NS:01Invoice 7", "02of march", "15EXAMPLE INSURANCE LIMITED", "16 BUDAPEST"),
        *("1918:00", "3310918001", "340000004279070017"),
    )
    assert entry.counterparty == Party("EXAMPLE INSURANCE LIMITED BUDAPEST", "0000004279070017", "10918001")
    assert entry.remittance == ("Invoice 7", "of march")


def test_further_fields_complete_what_field_86_leaves_open() -> None:
    entry = one(":61:250304D5,00NTRFNONREF", ":86:166?20Invoice?32EXAMPLE", ":NS:01more", "15OTHER", "34777")
    assert entry.counterparty == Party("EXAMPLE", "777")
    assert entry.remittance == ("Invoice", "more")


def test_every_balance_is_given_with_its_type() -> None:
    data = mt940().replace(b"\n-\n", b"\n:64:C250331EUR99,\n:65:C250401EUR98,\n:65:D250402EUR1,\n-\n")
    (statement,) = read_statements(data)
    assert [(balance.code, balance.amount.text) for balance in statement.balances] == [
        ("OPBD", "100.00"),
        ("CLBD", "100.00"),
        ("CLAV", "99.00"),
        ("FWAV", "98.00"),
        ("FWAV", "-1.00"),
    ]
    first, second, _ = read("mt940/two_pages.sta")
    assert [[balance.code for balance in page.balances] for page in (first, second)] == [
        ["OPBD", "ITBD"],
        ["ITBD", "CLBD"],
    ]


@pytest.mark.parametrize(
    ("account", "number", "bank"),
    [
        (":25:DABADKKK/1234567890", "DABADKKK/1234567890", "DABADKKK"),
        (":25:BILLLULLXXX/LU280019400644750000", "LU280019400644750000", "BILLLULLXXX"),
        (":25:10020030/0001234567", "10020030/0001234567", "10020030"),
        (":25P:12345678\nEXAMGB2L", "12345678", "EXAMGB2L"),
        (":25:NL20INGB0001234567EUR", "NL20INGB0001234567", None),
    ],
)
def test_the_bank_is_named_as_far_as_the_account_tells(account: str, number: str, bank: str | None) -> None:
    data = mt940().replace(b":25:DE02120300000000202051", account.encode())
    (statement,) = read_statements(data)
    assert statement.account == number
    assert (statement.owner.bank_code if statement.owner is not None else None) == bank


@pytest.mark.parametrize(
    ("envelope", "bank"),
    [
        ("{1:F01KNABNL2HAXXX0000000000}{2:I940KNABNL2HXXXXN3020}{4:", "KNABNL2H"),
        ("{1:F01UBSWCHZHX80A0000000000}\n{2:I940X N}\n{4:", "UBSWCHZH80A"),
        ("{1:F01MYBKDEFFAXXX0000000000}{2:O9401200250304EXAMGB2LA0011234567890123456789N}{4:", "EXAMGB2L001"),
        ("{3:{108:X}}{4:", None),
    ],
)
def test_the_bank_is_named_as_far_as_the_envelope_tells(envelope: str, bank: str | None) -> None:
    (statement,) = read_statements(envelope.encode() + b"\n" + mt940().replace(b"\n-\n", b"\n-}\n"))
    assert (statement.owner.bank_code if statement.owner is not None else None) == bank


def test_texts_outside_the_entries_are_remarks() -> None:
    lines = (":86:For your information", ":61:250304C0,00NTRFNONREF", ":86:Invoice")
    data = mt940(*lines).replace(b"\n-\n", b"\n:86:Ask us\nabout loans\n-\n")
    (statement,) = read_statements(data)
    assert statement.remarks == ("For your information", "Ask us", "about loans")
    assert statement.entries[0].remittance == ("Invoice",)


@pytest.mark.parametrize(
    ("remark", "found"),
    [
        (":86:/SUM/1/1/2,00/5,00/", []),
        (":86:/SUM/1/1/2,00/5,01/", ["totals-differ"]),
        (":86:/SUM/2/1/2,00/5,00/", ["totals-differ"]),
        (":86:D000001C000001D2,00C5,00", []),
        (":86:D000001C000003D2,00C5,00", ["totals-differ"]),
        (":86:/SUM/of all/", []),
    ],
)
def test_totals_that_a_bank_prints_below_its_statement_are_checked(remark: str, found: list[str]) -> None:
    data = mt940(":61:250304C5,00NTRFNONREF", ":61:250304D2,00NTRFNONREF", closing="C250331EUR103,")
    (statement,) = read_statements(data.replace(b"\n-\n", f"\n{remark}\n-\n".encode()))
    assert [finding.code for finding in statement.findings] == found


# -- damaged files -------------------------------------------------------------------------------------------------

DAMAGED = mt940(
    ":61:250304C5,00NTRFNONREF", ":86:one", ":61:2503040304C1.234NTRF", ":86:two", ":61:250304D2,00NTRFNONREF"
)


def test_an_entry_that_cannot_be_read_is_left_out_and_located_on_request() -> None:
    with pytest.raises(StatementError, match="two ways"):
        read_statements(DAMAGED, unbalanced="report")
    (statement,) = read_statements(DAMAGED, unbalanced="report", damaged="report")
    assert [entry.amount.text for entry in statement.entries] == ["5.00", "-2.00"]
    (finding,) = statement.findings
    assert (finding.code, finding.line, finding.tag) == ("record-not-read", 7, "61")
    assert "1.234" not in finding.reason


def test_a_balance_that_can_be_read_in_two_ways_is_left_out_on_request() -> None:
    data = mt940(":61:250304C5,00NTRFNONREF", closing="C250331EUR1.105")
    with pytest.raises(StatementError, match="balance cannot be read"):
        read_statements(data, unbalanced="report")
    (statement,) = read_statements(data, unbalanced="report", damaged="report")
    assert (statement.closing, statement.balanced) == (None, None)
    assert [(finding.code, finding.tag) for finding in statement.findings] == [("balance-not-read", "62F")]
    assert [balance.code for balance in statement.balances] == ["OPBD"]


def test_a_damaged_file_is_held_to_its_limits_and_its_end_all_the_same() -> None:
    with pytest.raises(StatementError, match="more than 2 entries"):
        read_statements(DAMAGED, unbalanced="report", damaged="report", limits=Limits(entries=2))
    cut = DAMAGED[: DAMAGED.rindex(b":61:") + 13]
    with pytest.raises(StatementError, match="ends in the middle"):
        read_statements(cut, unbalanced="report", damaged="report")


def test_an_entry_behind_the_closing_balance_of_a_statement_whose_only_entry_is_damaged_is_read() -> None:
    data = mt940(":61:2503040304C1.234NTRF") + b":61:250304C5,00NTRFNONREF\n:86:one\n"
    (statement, *_) = read_statements(data, unbalanced="report", damaged="report")
    assert [entry.amount.text for entry in statement.entries] == ["5.00"]
    assert {finding.code for finding in statement.findings} >= {"record-not-read", "entry-after-closing"}


MARKED = (
    b"@@:20:STARTUMS@@:25:12030000/1234567890@@:28C:0@@:60F:C250304EUR10,00@@:61:2503040304C5,00NTRFNONREF@@"
    b":86:166?00GUTSCHRIFT?20Rechnung 17?32Muster GmbH@@:62F:C250304EUR15,00@@-"
)


def test_line_ends_may_be_written_as_two_signs_at() -> None:
    (statement,) = read_statements(MARKED)
    assert ([entry.amount.text for entry in statement.entries], statement.balanced) == (["5.00"], True)
    assert list(iter_statements(BytesIO(MARKED))) == [statement]


def test_two_signs_at_in_a_text_are_text() -> None:
    assert one(":61:2503040304C5,00NTRFNONREF", ":86:mail@@example").remittance == ("mail@@example",)


def test_a_hyphen_alone_on_its_line_cuts_no_text() -> None:
    entry = one(":61:2503040304C1,00NTRFNONREF", ":86:Invoice 5", "-", "of March", "")
    assert entry.remittance == ("Invoice 5", "-", "of March")
    assert entry.raw is not None and entry.raw.endswith(":86:Invoice 5\n-\nof March")


def test_what_stands_between_two_messages_is_no_text() -> None:
    statements = read_statements(FILE_OF_ONE + b"-\nABNANL2A\n940\nABNANL2A\n" + FILE_OF_ONE)
    assert [entry.remittance for each in statements for entry in each.entries] == [("Text",), ("Text",)]


FILE_OF_ONE = (
    b":20:A\n:25:1\n:28C:1\n:60F:C250303EUR1,00\n:61:2503040304C1,00NTRFNONREF\n:86:Text\n:62F:C250304EUR2,00\n"
)
