"""CODA: every record of Belgian statements into the same fields, every amount exact, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oimkit.banking import Entry, Party, Statement, detect, read_statements
from oimkit.banking.formats.coda import read_coda
from oimkit.banking.limits import Limits
from oimkit.errors import StatementError
from tests.banking.coda_records import (
    ACCOUNT,
    file_of,
    header,
    information,
    laid,
    movement,
    new,
    old,
    second,
    third,
    trailer,
)
from tests.banking.damage import overwritten, random_changes
from tests.banking.reader_laws import (
    assert_change_moves_no_money,
    assert_limits_hold,
    assert_read_or_refused,
    assert_refused,
    assert_time_grows_with_the_file,
)
from tests.banking.statement_files import FILES, codes

SEEDS = sorted((FILES / "golden" / "coda").glob("*.cod"))


def one(*body: str, **options: Any) -> Entry:
    """The only entry of a file of *body*."""
    (entry,) = only(*body, **options).entries
    return entry


def only(*body: str, **options: Any) -> Statement:
    (statement,) = read_statements(file_of(*body, **options), unbalanced="report")
    return statement


def joined(*lines: str) -> bytes:
    return "\r\n".join([*lines, ""]).encode()


# -- amounts, signs, dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "read"), [("12.34", "12.34"), ("-0.005", "-0.005"), ("999999999999.999",) * 2])
def test_amounts_have_three_decimals_and_a_sign(amount: str, read: str) -> None:
    assert one(movement(amount)).amount.text == read


@pytest.mark.parametrize("place", [31, 32, 40, 46])
@pytest.mark.parametrize("sign", " -A.²")
def test_an_amount_that_is_not_all_digits_is_refused(place: int, sign: str) -> None:
    line = movement("12.34")
    with pytest.raises(StatementError, match=r"15 digits|neither credit nor debit") as refused:
        read_coda(file_of(line[:place] + sign + line[place + 1 :]))
    assert (refused.value.format, refused.value.line, refused.value.tag) == ("coda", 3, "2.1")


def test_value_date_and_entry_date_are_as_printed() -> None:
    entry = one(movement("1", value="311224", booked="020125"))
    assert (entry.value_date, entry.booking_date) == (date(2024, 12, 31), date(2025, 1, 2))


def test_an_unknown_value_date_is_the_entry_date() -> None:
    entry = one(movement("1", value="000000", booked="020125"))
    assert (entry.value_date, entry.booking_date) == (date(2025, 1, 2), date(2025, 1, 2))


def test_a_movement_without_dates_gets_that_of_its_statement_and_says_so() -> None:
    statement = only(movement("1", value="000000", booked="      "))
    assert (statement.entries[0].value_date, codes(statement)) == (date(2025, 3, 5), ["date-missing"])


def test_a_date_that_is_no_day_is_left_out_when_the_other_is_known() -> None:
    statement = only(movement("1", value="300225", booked="020125"))
    assert (statement.entries[0].value_date, codes(statement)) == (date(2025, 1, 2), ["date-not-in-calendar"])
    with pytest.raises(StatementError, match="no date that is a day"):
        read_coda(file_of(movement("1", value="300225", booked="320125")))


def test_a_balance_keeps_its_amount_when_its_date_is_no_day() -> None:
    (statement,) = read_coda(joined(header(), old(), new(day="423132"), trailer(2)))
    assert statement.closing is not None
    assert (statement.closing.amount.text, statement.closing.date) == ("100.00", None)
    assert codes(statement) == ["date-not-in-calendar"]


def test_an_overdrawn_balance_is_negative() -> None:
    statement = only(movement("-3.00"), opening="1.00")
    assert statement.closing is not None and statement.closing.amount.text == "-2.00"
    assert statement.balanced is True


# -- movements -----------------------------------------------------------------------------------------------------


def test_the_communication_is_one_text_that_columns_cut() -> None:
    entry = one(
        movement("1", text="a" * 53, follows="1"),
        second(text="b" * 53, follows="1"),
        third(name="EXAMPLE", text="c  d"),
    )
    assert entry.remittance == ("a" * 53 + "b" * 53 + "c d",)


def test_the_counterparty_has_account_bank_name_and_address() -> None:
    entry = one(
        movement("1", follows="1"),
        second(bic="GEBABEBB", follows="1"),
        third(account=f"{'BE43068999999501':<34}EUR", name="SHORT NA", informed="1"),
        information("001SHORT NAME IN FULL", structured=True, follows="1"),
        information(laid((1, "Street 1"), (36, "1000 Brussels"), (71, "0403170701"), width=105), part=2),
    )
    assert entry.counterparty == Party(
        "SHORT NAME IN FULL", "BE43068999999501", "GEBABEBB", ("Street 1", "1000 Brussels"), "0403170701"
    )


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("BE43068999999501", "BE43068999999501"),
        ("BE43 0689 9999 9501", "BE43068999999501"),
        ("068999999501 EUR", "BE43068999999501"),
        ("068999999502 EUR", "068999999502"),
        ("NL91ABNA0417164300", "NL91ABNA0417164300"),
        ("000123456789-X", "000123456789-X"),
        ("000000000000", None),
        ("BE34359648312345 EUREXAMPLE", "BE34359648312345"),
    ],
)
def test_the_other_account_is_an_iban_where_it_has_one(printed: str, read: str | None) -> None:
    entry = one(movement("1", follows="1"), third(account=printed, name="EXAMPLE"))
    assert entry.counterparty is not None and entry.counterparty.account == read


def test_the_customers_reference_is_the_end_to_end_id_and_a_files_id_for_its_total() -> None:
    single = one(movement("1", follows="1"), second(customer="E2E-1"))
    whole = one(movement("1", code="10150000", follows="1"), second(customer="FILE-1"))
    assert (single.end_to_end_id, single.batch_id) == ("E2E-1", None)
    assert (whole.end_to_end_id, whole.batch_id) == (None, "FILE-1")
    for nothing in ("NOTPROVIDED", "NOT PROVIDED", "000000"):
        assert one(movement("1", follows="1"), second(customer=nothing)).end_to_end_id is None


def test_codes_of_return_and_purpose_are_read() -> None:
    entry = one(movement("-1", follows="1"), second(codes="2AC04SUPPGDDS"))
    assert (entry.return_reason, entry.purpose, entry.reversal) == ("AC04", "GDDS", False)
    assert entry.references == (("CtgyPurp", "SUPP"),)
    assert one(movement("-1", follows="1"), second(codes="4    SUPP")).reversal is True
    assert one(movement("-1", follows="1"), second(codes="     SUPP")).purpose == "SUPP"


def test_the_transaction_code_and_the_banks_reference_are_kept() -> None:
    entry = one(movement("1", code="00150000", reference="REF  1"))
    assert (entry.bank_code, entry.codes, entry.reference) == ("00150000", (("coda", "00150000"),), "REF 1")


def test_ultimate_parties_stand_on_the_side_they_belong_to() -> None:
    told = [
        information("008ULTIMATE CREDITOR", structured=True, follows="1", more="1"),
        information("ID-C", part=2, more="1"),
        information("009ULTIMATE DEBTOR", structured=True),
    ]
    credit, debit = one(movement("1", informed="1"), *told), one(movement("-1", informed="1"), *told)
    assert (credit.ultimate, credit.references) == (Party("ULTIMATE DEBTOR"), (("UltmtCdtr", "ULTIMATE CREDITOR"),))
    assert debit.ultimate == Party("ULTIMATE CREDITOR", identification="ID-C")


def test_free_information_that_follows_each_other_is_one_text() -> None:
    entry = one(
        movement("1", text="Own text", informed="1"),
        information("x" * 73, more="1"),
        information("y", detail=2, more="1"),
        information("002Bank says", detail=3, structured=True, more="1"),
        information("z", detail=4),
    )
    assert entry.remittance == ("Own text", "x" * 73 + "y", "Bank says", "z")


def test_raw_holds_all_records_of_the_movement_as_printed() -> None:
    lines = [movement("1", follows="1"), second(follows="1"), third(informed="1"), information("x")]
    assert one(*lines).raw == "\n".join(lines)


# -- structured communications -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("structure", "reference", "text"),
    [
        ("101090933755493", "090933755493", ()),
        ("102090933755493 thanks", "090933755493", ("thanks",)),
        ("10109093375549", None, ("09093375549",)),
        ("100RF712348231", "RF712348231", ()),
        ("100RF712348231 INVOICE 7", "RF712348231", ("INVOICE 7",)),
        ("100NOT A REFERENCE", None, ("NOT A REFERENCE",)),
    ],
)
def test_references_that_the_payee_asked_for(structure: str, reference: str | None, text: tuple[str, ...]) -> None:
    entry = one(movement("1", structure=structure))
    assert (entry.structured_reference, entry.remittance) == (reference, text)


def test_the_original_amount_and_its_rate_are_read_in_the_direction_in_which_they_agree() -> None:
    to_euro = one(movement("1", structure="105" + "000000000092050" + "000000000100000" + "000092050000" + "USD"))
    of_euro = one(movement("1", structure="105" + "000000000092050" + "000000000100000" + "000108636610" + "USD"))
    for entry in (to_euro, of_euro):
        assert entry.instructed is not None and str(entry.instructed) == "100.00 USD"
    assert to_euro.exchange is not None and of_euro.exchange is not None
    assert (to_euro.exchange.source, to_euro.exchange.rate) == (to_euro.instructed.currency, Decimal("0.9205"))  # type: ignore[union-attr]
    assert (of_euro.exchange.target, of_euro.exchange.rate) == (of_euro.instructed.currency, Decimal("1.0863661"))  # type: ignore[union-attr]


def test_a_sepa_direct_debit_gives_mandate_creditor_and_text() -> None:
    whole = "050325110" + "BE12ZZZ0403170701".ljust(35) + "MANDATE-1".ljust(35) + "Contribution".ljust(62) + "2MS03"
    entry = one(
        movement("-1", structure="127" + whole[:50], follows="1"),
        second(text=whole[50:103], follows="1"),
        third(name="CREDITOR", text=whole[103:]),
    )
    assert (entry.mandate_id, entry.creditor_id, entry.return_reason) == ("MANDATE-1", "BE12ZZZ0403170701", "MS03")
    assert entry.remittance == ("Contribution",)


@pytest.mark.parametrize("kind", ["104", "106", "108", "111", "121", "122", "123", "124", "125", "126", "199", "   "])
def test_figures_of_other_communications_are_kept_under_their_number(kind: str) -> None:
    entry = one(movement("1", structure=f"{kind}000000000001680"))
    assert entry.references == ((kind.strip() or "structured", "000000000001680"),)
    assert entry.remittance == ()


# -- globalisation -------------------------------------------------------------------------------------------------


def tree(entry: Entry) -> Any:
    return (entry.amount.text, [tree(detail) for detail in entry.details]) if entry.details else entry.amount.text


def test_details_are_parts_of_their_entry_and_never_booked_themselves() -> None:
    statement = only(
        movement("30.00", code="10150000", level="1"),
        movement("10.00", detail=1, code="50150000"),
        movement("20.00", detail=2, code="50150000", level="1"),
        movement("5.00", 2),
    )
    assert [tree(entry) for entry in statement.entries] == [("30.00", ["10.00", "20.00"]), "5.00"]
    assert (statement.balanced, codes(statement)) == (True, [])


def test_levels_nest_by_the_code_that_opens_and_closes_them() -> None:
    entry = one(
        movement("10.00", code="20150000", level="1"),
        movement("6.00", detail=1, code="60150000", level="2"),
        movement("1.00", detail=2, code="60150000"),
        movement("5.00", detail=3, code="60150000", level="2"),
        movement("4.00", detail=4, code="60150000", level="1"),
    )
    assert tree(entry) == ("10.00", [("6.00", ["1.00", "5.00"]), "4.00"])


def test_details_of_type_nine_belong_to_the_type_seven_above_without_any_levels() -> None:
    entry = one(
        movement("10.00", code="20150000", level="1"),
        movement("6.00", detail=1, code="70150000", level="2"),
        movement("7.00", detail=2, code="90150100"),
        movement("-1.00", detail=3, code="90150013"),
        movement("4.00", detail=4, code="70150000", level="2"),
        movement("4.00", detail=5, code="90150100"),
    )
    assert tree(entry) == ("10.00", [("6.00", ["7.00", "-1.00"]), ("4.00", ["4.00"])])
    assert entry.details[0].charges is not None and entry.details[0].charges.text == "1.00"


def test_details_that_do_not_add_up_are_reported() -> None:
    statement = only(movement("3.00", level="1"), movement("1.00", detail=1))
    assert codes(statement) == ["details-differ"]


def test_a_detail_without_its_movement_is_refused_or_reported() -> None:
    data = file_of(movement("1.00"), movement("2.00", 2, 1))
    with pytest.raises(StatementError, match="below no movement"):
        read_coda(data)
    (statement,) = read_coda(data, damaged="report")
    assert (len(statement.entries), codes(statement)) == (1, ["record-not-read"])


# -- statements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("structure", "zone", "account", "currency"),
    [
        ("0", "539007547034 EUR0BE", "BE68539007547034", "EUR"),
        ("0", "539007547035 EUR0BE", "539007547035", "EUR"),
        ("1", f"{'123-456 X':<34}USD", "123-456 X", "USD"),
        ("2", f"{ACCOUNT:<34}EUR", ACCOUNT, "EUR"),
        ("3", f"{'LU280019400644750000':<34}CHF", "LU280019400644750000", "CHF"),
    ],
)
def test_every_structure_of_the_account_is_read(structure: str, zone: str, account: str, currency: str) -> None:
    data = joined(header(), old(structure=structure, account=zone), new(account=zone), trailer(2))
    (statement,) = read_statements(data)
    assert (statement.account, statement.currency.code, codes(statement)) == (account, currency, [])


def test_version_one_has_the_currency_at_once_behind_the_number_and_the_address_in_2_3() -> None:
    zone = "539007547034BEF"
    data = joined(
        header(version="1"),
        old(structure="0", account=zone),
        movement("1.00", follows="1"),
        laid(
            (1, "2300010000"),
            (11, "068999999501"),
            (48, "NAME"),
            (74, "STREET 1"),
            (100, "1000 BRUSSELS"),
            (126, "0 0"),
        ),
        new("101.00", account=zone),
        trailer(4, credit="1.00"),
    )
    (statement,) = read_statements(data)
    assert (statement.account, statement.currency.code) == (ACCOUNT, "BEF")
    assert statement.entries[0].counterparty == Party("NAME", "BE43068999999501", address=("STREET 1", "1000 BRUSSELS"))
    assert statement.entries[0].remittance == ()


def test_a_statement_knows_its_number_holder_bank_and_file() -> None:
    statement = only()
    assert (statement.number, statement.reference) == ("063", "FILE000001")
    assert statement.owner == Party("EXAMPLE NV", bank_code="KREDBEBB", identification="00403170701")
    assert [balance.code for balance in statement.balances] == ["OPBD", "CLBD"]
    assert (statement.balanced, statement.entries, statement.line) == (True, (), 2)


def test_the_addressee_is_the_holder_where_the_balance_names_none() -> None:
    nameless = old()[:64] + " " * 26 + old()[90:]
    (statement,) = read_statements(joined(header(), nameless, new(), trailer(2)))
    assert statement.owner is not None and statement.owner.name == "EXAMPLE NV"


def test_free_communications_are_remarks() -> None:
    notes = [laid((1, "4"), (3, "00010001"), (33, "Rates change"), (128, "1")), laid((1, "4"), (33, "in May."))]
    data = joined(header(), old(), new(informed="1"), *notes, trailer(4))
    (statement,) = read_statements(data)
    assert (statement.remarks, codes(statement)) == (("Rates change", "in May."), [])


def test_several_files_and_several_statements_in_one_file_are_given_in_order() -> None:
    first = [
        header(),
        old("1.00"),
        new("1.00"),
        old("5.00"),
        movement("2.00"),
        new("7.00"),
        trailer(5, "0", "2", more="1"),
    ]
    other = [header(), old("9.00"), new("9.00"), trailer(2)]
    statements = read_statements(joined(*first, *other))
    assert [statement.opening.amount.text for statement in statements if statement.opening] == ["1.00", "5.00", "9.00"]
    assert [codes(statement) for statement in statements] == [[], [], []]


def test_a_file_without_line_breaks_is_cut_each_128_characters() -> None:
    data = file_of(movement("1.00"), movement("-2.00", 2))
    assert [entry.amount.text for entry in read_coda(data.replace(b"\r\n", b""))[0].entries] == ["1.00", "-2.00"]


@pytest.mark.parametrize("end", [b"\r\n", b"\x1a", b"\r\n\x1a", b"\n\x00\x00"])
def test_a_file_without_line_breaks_may_end_as_dos_ended_files(end: bytes) -> None:
    data = file_of(movement("1.00")).replace(b"\r\n", b"")
    assert read_coda(data + end) == read_coda(data)


def test_control_totals_are_compared() -> None:
    lines = [header(), old(), movement("2.00"), new("102.00")]
    assert codes(read_coda(joined(*lines, trailer(3, "0", "2.00")))[0]) == []
    assert codes(read_coda(joined(*lines, trailer(3, "0", "2.01")))[0]) == ["totals-differ"]
    assert codes(read_coda(joined(*lines, trailer(3, "1.00", "2.00")))[0]) == ["totals-differ"]
    assert codes(read_coda(joined(*lines, trailer(4, "0", "2.00")))[0]) == ["totals-differ"]
    assert codes(read_coda(joined(*lines, trailer(3, "0", "2.00", more="1")))[0]) == ["file-missing"]


def test_records_that_are_announced_and_do_not_come_are_reported() -> None:
    assert codes(only(movement("1", follows="1"), movement("2", 2))) == ["record-missing"]
    assert codes(only(movement("1", informed="1"))) == ["record-missing"]
    assert codes(only(movement("1"), movement("2", 3))) == ["sequence-gap"]


def test_marks_of_the_header_are_findings() -> None:
    lines = [old(), new(), trailer(2)]
    assert codes(read_coda(joined(header(duplicate="D"), *lines))[0]) == ["duplicate"]
    assert codes(read_coda(joined(header(separate="00001"), *lines))[0]) == ["separate-application"]


def test_a_new_balance_of_another_account_is_reported() -> None:
    data = joined(header(), old(), new(account=f"{'BE43068999999501':<34}EUR"), trailer(2))
    assert codes(read_coda(data)[0]) == ["account-differs"]


# -- damage --------------------------------------------------------------------------------------------------------


def test_a_statement_without_its_new_balance_is_not_complete() -> None:
    data = joined(header(), old(), movement("1.00"), old("5.00"), new("5.00"), trailer(4, "0", "1.00"))
    with pytest.raises(StatementError, match="not complete"):
        read_statements(data)
    first, other = read_statements(data, unbalanced="report")
    assert (codes(first), first.closing, first.balanced, other.balanced) == (["balance-missing"], None, None, True)


@pytest.mark.parametrize("kept", [1, 2, 3, 4])
def test_a_file_that_is_cut_off_is_refused_in_every_mode(kept: int) -> None:
    lines = [header(), old(), movement("1.00"), new("101.00"), trailer(3, "0", "1.00")]
    for end in (joined(*lines[:kept]), joined(*lines[:kept])[:-40]):
        assert_refused(read_coda, end, "cut off")


def test_a_damaged_movement_is_left_out_with_its_line_and_the_rest_is_read() -> None:
    bad = movement("2.00", 2)[:35] + "x" + movement("2.00", 2)[36:]
    data = file_of(movement("1.00"), bad, information("tells", 2), movement("3.00", 3))
    with pytest.raises(StatementError, match="15 digits"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report", damaged="report")
    assert [entry.amount.text for entry in statement.entries] == ["1.00", "3.00"]
    assert [(finding.code, finding.line) for finding in statement.findings] == [("record-not-read", 4)]


def test_details_of_a_damaged_movement_are_left_out_and_counted_with_it() -> None:
    bad = movement("3.00", level="1").replace("000000000003000", "00000000000x000")
    data = file_of(bad, movement("1.00", detail=1), movement("2.00", detail=2, level="1"), movement("3.00", 2))
    (statement,) = read_coda(data, damaged="report")
    assert [entry.amount.text for entry in statement.entries] == ["3.00"]
    assert [finding.line for finding in statement.findings if finding.code == "record-not-read"] == [3, 4, 5]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (second(), "continues no movement"),
        (third(2), "continues no movement"),
        (information("x", 2), "continues no movement"),
        (information("x", part=2), "continues no information"),
        (laid((1, "24"), (3, "00010000")), "of no kind"),
        (laid((1, "5")), "of no kind"),
        (movement("1")[:127], "128 characters"),
    ],
)
def test_a_record_that_has_no_place_is_refused_or_reported(line: str, words: str) -> None:
    data = (
        file_of(movement("1.00"), information("first"), line) if line[:2] == "22" else file_of(movement("1.00"), line)
    )
    with pytest.raises(StatementError, match=words):
        read_coda(data)
    (statement,) = read_coda(data, damaged="report")
    assert (len(statement.entries), "record-not-read" in codes(statement)) == (1, True)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("hello",),
        (old(), new(), trailer(2)),
        (header(), trailer(0)),
        (header(), movement("1"), trailer(1)),
        (header(), old(), new(), movement("1"), trailer(3)),
        (header(), old(), new(), new(), trailer(3)),
        (header(), header(), old(), new(), trailer(2)),
        (header(), old(), new(), trailer(2), old()),
        (header(version="3"), old(), new(), trailer(2)),
        (header(), old()[:42] + "2" + old()[43:], new(), trailer(2)),
        (header(), old(), new()[:50] + " " + new()[51:], trailer(2)),
        (header(), old(), new(), trailer(2)[:30]),
        (header(), old(account=f"{ACCOUNT:<34}E1R"), new(), trailer(2)),
        (header(), old(structure="4"), new(), trailer(2)),
    ],
)
def test_what_is_no_whole_coda_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(StatementError) as refused:
        read_coda(joined(*lines))
    assert refused.value.format == "coda" and refused.value.advice


def test_limits_hold_in_every_mode() -> None:
    data = file_of(movement("1"), movement("1", 2), movement("1", 2, 1))
    assert read_coda(data, limits=Limits(entries=3))
    assert_refused(read_coda, data, "more than 2 entries", limits=Limits(entries=2))
    assert_limits_hold(read_coda, data + data, 100)


# -- encodings, recognition ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_with_accents_are_read_in_any_encoding(encoding: str) -> None:
    text = file_of(movement("1", follows="1"), third(name="Société Générale à Liège")).decode()
    (statement,) = read_statements(text.encode(encoding))
    assert statement.entries[0].counterparty == Party("Société Générale à Liège")


def test_a_text_that_was_encoded_twice_is_put_back_into_its_columns() -> None:
    text = file_of(movement("1", text="Facture réglée à l'été", follows="1"), third(name="Café Zoë")).decode()
    (statement,) = read_statements(text.encode().decode("latin-1").encode())
    assert statement.entries[0].remittance == ("Facture réglée à l'été",)
    assert statement.entries[0].counterparty == Party("Café Zoë")
    assert statement.entries[0].booking_date == date(2025, 3, 5)
    assert codes(statement) == ["encoding-twice"]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_invented_files_are_recognised_without_their_name(path: Any) -> None:
    assert detect(path.read_bytes()) == "coda"
    assert detect(b"\r\n" + path.read_bytes()) == "coda"


# -- laws ----------------------------------------------------------------------------------------------------------

TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyzéèàçü0123456789/-.+*", max_size=35).map(
    lambda text: " ".join(text.split())
)
AMOUNT = st.integers(1, 10**15 - 1).map(lambda units: Decimal(units).scaleb(-3))
DAY = st.dates(date(1980, 1, 1), date(2079, 12, 31))


@st.composite
def movements(draw: st.DrawFn) -> dict[str, Any]:
    details = draw(st.lists(AMOUNT, max_size=3))
    return {
        "amount": draw(AMOUNT) * draw(st.sampled_from([1, -1])),
        "details": details,
        "value": draw(DAY),
        "booked": draw(DAY),
        "text": draw(TEXT),
        "name": draw(TEXT),
        "customer": draw(TEXT.map(lambda text: text[:30].strip())),
        "reference": draw(st.text("ABCDEF0123456789", max_size=21)),
    }


def lines_of(number: int, each: dict[str, Any]) -> Iterator[str]:
    yield movement(
        each["amount"],
        number,
        text=each["text"],
        value=f"{each['value']:%d%m%y}",
        booked=f"{each['booked']:%d%m%y}",
        reference=each["reference"],
        code="00150000",
        level="1" if each["details"] else "0",
        follows="1",
    )
    yield second(number, customer=each["customer"], follows="1")
    yield third(number, name=each["name"])
    for index, amount in enumerate(each["details"], 1):
        last = index == len(each["details"])
        yield movement(amount, number, index, code="50150000", level="1" if last else "0")


def known(text: str) -> str | None:
    return text if text.strip("0 ") and text.upper() not in ("NOREF", "NONREF") else None


@settings(max_examples=60, deadline=None)
@given(st.lists(movements(), max_size=6), st.integers(-(10**14), 10**14))
def test_what_is_written_is_read(written: list[dict[str, Any]], opening: int) -> None:
    lines = [line for number, each in enumerate(written, 1) for line in lines_of(number, each)]
    start = Decimal(opening).scaleb(-3)
    end = start + sum((each["amount"] for each in written), Decimal(0))
    assume(abs(end) < 10**12)  # what fifteen digits can print
    (statement,) = read_statements(file_of(*lines, opening=str(start)))
    assert statement.opening is not None and statement.opening.amount.amount == start
    assert statement.closing is not None and statement.closing.amount.amount == end
    assert len(statement.entries) == len(written)
    for entry, each in zip(statement.entries, written, strict=True):
        assert entry.amount.amount == each["amount"]
        assert [detail.amount.amount for detail in entry.details] == each["details"]
        assert (entry.value_date, entry.booking_date) == (each["value"], each["booked"])
        assert "".join(entry.remittance) == each["text"]
        assert (entry.counterparty.name if entry.counterparty else "") == each["name"]
        assert entry.end_to_end_id == known(each["customer"])
        assert entry.reference == known(each["reference"])


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_changed_character_never_gives_another_total(path: Any) -> None:
    data = path.read_bytes()
    whole = partial(read_statements, format="coda")
    assert_change_moves_no_money(whole, data, random_changes(data, b"0123456789 A\nE21", 250))


def test_any_bytes_are_read_or_refused() -> None:
    seeds = [path.read_bytes() for path in SEEDS]
    assert_read_or_refused(read_coda, "coda", overwritten(seeds, 1500))


def test_time_grows_with_the_file_and_no_faster() -> None:
    def written(entries: int) -> bytes:
        return file_of(*[movement("1.00", number, text="Text") for number in range(1, entries + 1)])

    assert_time_grows_with_the_file(read_coda, written, 2000)
