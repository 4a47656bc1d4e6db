"""TITO, the Finnish machine-readable statement: nesting, signs, letters; every record read, reported or refused."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import Entry, EntryStatus, Statement, detect, read_statements
from oimkit.banking.formats.national_accounts import finnish_iban
from oimkit.banking.formats.tito import read_tito
from oimkit.errors import StatementError
from tests.banking.damage import spliced
from tests.banking.reader_laws import (
    assert_change_moves_no_money_unseen,
    assert_limits_hold,
    assert_read_or_refused,
    assert_refused,
    assert_time_grows_with_the_file,
)
from tests.banking.statement_files import codes

BBAN = "12345600000785"


def amount(cents: int) -> str:
    return f"{'-' if cents < 0 else '+'}{abs(cents):018}"


@dataclass(frozen=True)
class Move:
    """One row as the test writes it, with what stands below it."""

    cents: int
    day: str = "250303"
    value: str = "250303"
    mark: str = ""
    kind: str = "PANO"
    name: str = ""
    account: str = ""
    viite: str = ""
    level: str = " "
    sign: str = ""
    record: str = "T10"
    below: tuple[str, ...] = ()

    @property
    def records(self) -> list[str]:
        mark = self.mark or ("2" if self.cents < 0 else "1")
        printed = (self.sign or amount(self.cents)[0]) + amount(self.cents)[1:]
        days = self.day + self.value + self.day
        head = (
            f"{self.record}188000001{'ARK' + self.day:18}{days}{mark}710{self.kind:35}{printed}"
            f" A{self.name:35}A{self.account:14} {self.viite:0>20}{'':8}{self.level}"
        )
        return [head, *self.below]


def text(kind: str, data: str) -> str:
    return f"T11{8 + len(data):03}{kind}{data}"


def sepa(*fields: str) -> str:
    widths = (35, 35, 35, 70, 70, 35, 35)
    padded = (*fields, *[""] * (len(widths) - len(fields)))
    return text("11", "".join(f"{value:{width}}" for value, width in zip(padded, widths, strict=True)))


def balance(cents: int, day: str = "250303", available: int = 0) -> str:
    return f"T40050{day}{amount(cents)}{amount(available)}"


def total(period: str, day: str, deposits: tuple[int, int], withdrawals: tuple[int, int]) -> str:
    (plus, paid_in), (minus, paid_out) = deposits, withdrawals
    return f"T50067{period}{day}{plus:08}{amount(paid_in)}{minus:08}{amount(paid_out)}"


def header(
    opening: int = 10000, bban: str = BBAN, iban: str = "FI2112345600000785 NDEAFIHH", currency: str = "EUR"
) -> str:
    return (
        f"T00322100{bban}0072503012503042503052200{'ASIAKAS':17}250228{amount(opening)}000000{currency}{'TILI':30}"
        f"{'':0>18}{'ESIMERKKI OY':35}{'PANKKI OYJ':40}{'':40}{'':30}{iban:30}"
    )


def block(*moves: Move, opening: int = 10000, **changed: str) -> list[str]:
    """The records of one statement with one balance at its end."""
    booked = [move for move in moves if move.level in " 0" and move.record == "T10" and move.mark != "9"]
    closing = opening + sum(move.cents for move in booked)
    records = [record for move in moves for record in move.records]
    return [header(opening, **changed), *records, balance(closing, "250304", closing)]


def file(*records: str) -> bytes:
    return "\r\n".join(records).encode("latin-1") + b"\r\n"


def only(data: bytes, **options: object) -> Statement:
    (statement,) = read_tito(data, **options)  # type: ignore[arg-type]
    return statement


def entry(move: Move) -> Entry:
    (found,) = only(file(*block(move))).entries
    return found


# -- movements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cents", "printed"), [(12345, "123.45"), (-1, "-0.01"), (10**17, "1000000000000000.00")])
def test_the_sign_stands_before_the_amount(cents: int, printed: str) -> None:
    assert entry(Move(cents)).amount.text == printed


@pytest.mark.parametrize(("cents", "mark"), [(100, "2"), (-100, "1")])
def test_a_deposit_below_zero_and_a_withdrawal_above_it_are_refused(cents: int, mark: str) -> None:
    with pytest.raises(StatementError, match="sign"):
        entry(Move(cents, mark=mark))


@pytest.mark.parametrize("sign", [" ", "0", "C", "9"])
def test_an_amount_without_sign_is_refused(sign: str) -> None:
    with pytest.raises(StatementError, match="no sign"):
        entry(Move(100, sign=sign))


def test_nothing_needs_no_sign() -> None:
    assert entry(Move(0, sign=" ")).amount.text == "0.00"


def test_fields_of_a_row_go_to_their_places() -> None:
    found = entry(Move(100, value="250302", name="Maksaja Oy", account="57200320018243", viite="1232"))
    assert (found.booking_date, found.value_date) == (date(2025, 3, 3), date(2025, 3, 2))
    assert (found.reference, found.structured_reference) == ("ARK250303", "1232")
    assert (found.bank_code, found.codes, found.remittance) == ("710", (("tito", "710"),), ("PANO",))
    assert found.counterparty is not None
    assert (found.counterparty.name, found.counterparty.account) == ("Maksaja Oy", "FI0857200320018243")
    assert found.line == 2 and found.raw is not None and len(found.raw) == 188


def test_an_own_account_is_no_counterparty() -> None:
    assert entry(Move(100, account=BBAN)).counterparty is None


def test_a_row_without_value_day_has_its_booking_day() -> None:
    assert entry(Move(100, value="000000")).value_date == date(2025, 3, 3)


def test_a_row_without_any_day_is_refused() -> None:
    with pytest.raises(StatementError, match="no date"):
        entry(Move(100, day="000000", value="000000"))


def test_a_correction_is_a_reversal_as_signed() -> None:
    found = entry(Move(-100, mark="3", below=(text("04", f"{'ARK777':18}"),)))
    assert found.reversal and found.amount.text == "-1.00"
    assert ("korjattava arkistointitunnus", "ARK777") in found.references


@pytest.mark.parametrize("move", [Move(500, record="T80"), Move(-500, mark="9")])
def test_what_is_notified_or_rejected_moves_nothing(move: Move) -> None:
    statement = only(file(*block(Move(100), move)))
    assert [each.status for each in statement.entries] == [EntryStatus.BOOKED, EntryStatus.INFORMATION]
    assert statement.balanced is True


def test_another_length_of_a_row_is_refused() -> None:
    data = file(*block(Move(100))).replace(b"T10188", b"T10187")
    with pytest.raises(StatementError):
        only(data)


# -- nesting ------------------------------------------------------------------------------------------------------


def test_nested_rows_are_details_and_are_not_summed() -> None:
    rows = (Move(300), Move(100, level="1"), Move(200, level="1"), Move(150, level="2"), Move(-5, level="0"))
    statement = only(file(*block(*rows)))
    first, last = statement.entries
    assert [detail.amount.text for detail in first.details] == ["1.00", "2.00"]
    assert [detail.amount.text for detail in first.details[1].details] == ["1.50"]
    assert last.details == () and statement.balanced is True


def test_a_row_nested_in_none_is_refused() -> None:
    with pytest.raises(StatementError, match="nested in none"):
        only(file(*block(Move(100, level="1"))))


def test_a_damaged_row_takes_its_details_along() -> None:
    rows = (Move(50), Move(300, value="259999"), Move(100, level="1"), Move(200, level="2"), Move(70))
    statement = only(file(*block(*rows)), damaged="report")
    assert [each.amount.text for each in statement.entries] == ["0.50", "0.70"]
    assert statement.entries[0].details == () and codes(statement) == ["record-not-read"]


@pytest.mark.parametrize("line", ["T10188", "T10999" + "X" * 300])
def test_a_row_that_is_none_takes_its_details_along(line: str) -> None:
    records = block(Move(50), Move(100, level="1"))
    data = file(records[0], records[1], line, records[2], records[3])
    with pytest.raises(StatementError):
        only(data)
    statement = only(data, damaged="report")
    assert [each.details for each in statement.entries] == [()]
    assert set(codes(statement)) == {"record-not-read"}


# -- additional information -----------------------------------------------------------------------------------------


def test_messages_are_lines_of_35() -> None:
    found = entry(Move(100, below=(text("00", f"{'LASKU 7':35}{'KIITOS':35}"), text("07", f"{'PANKIN TIETO':35}"))))
    assert found.remittance == ("LASKU 7", "KIITOS", "PANKIN TIETO")


def test_an_rf_reference_comes_before_the_short_one() -> None:
    found = entry(Move(100, viite="1232", below=(sepa("RF18539007547034", "DE02120300000000202051", "BYLADEM1001"),)))
    assert found.structured_reference == "RF18539007547034" and ("viite", "1232") in found.references
    assert found.counterparty is not None
    assert (found.counterparty.account, found.counterparty.bank_code) == ("DE02120300000000202051", "BYLADEM1001")


@pytest.mark.parametrize(("cents", "ultimate"), [(100, "Maksaja Oy"), (-100, "Saaja Oy")])
def test_who_stands_behind_the_other_side_depends_on_the_direction(cents: int, ultimate: str) -> None:
    found = entry(Move(cents, below=(sepa("E2E-1", "", "", "Saaja Oy", "Maksaja Oy", "ID-1", "ARCH-1"),)))
    assert found.ultimate is not None and found.ultimate.name == ultimate
    assert (found.end_to_end_id, found.structured_reference) == ("E2E-1", None)
    assert ("arkistointitunnus", "ARCH-1") in found.references and ("tunniste", "ID-1") in found.references


def test_invoice_card_and_own_data_are_references() -> None:
    below = (
        text("02", f"{'ASIAKAS7':10} {'L-9':15} 250220"),
        text("03", f"{'4920****1234':19} {'ARK9':14}"),
        text("06", f"{'OMA 1':35}{'':35}"),
        text("08", f"{'161':3} {'TAVARAT':31}"),
        text("09", f"{'Nimen tarkenne':35}"),
    )
    found = entry(Move(-100, below=below))
    assert [name for name, _ in found.references] == [
        "asiakasnumero",
        "laskun numero",
        "laskun pvm",
        "kortin numero",
        "kaupan arkistoviite",
        "toimeksiantajan tieto 1",
    ]
    assert (found.purpose, found.remittance) == ("161", ("TAVARAT",))
    assert found.ultimate is not None and found.ultimate.name == "Nimen tarkenne"


def test_a_rate_is_read_where_both_amounts_prove_its_decimals() -> None:
    below = (text("05", f"{amount(110000)} USD {'00011000000':11}KURSSI"),)
    found = entry(Move(100000, below=below))
    assert found.instructed is not None and str(found.instructed) == "1100.00 USD"
    assert found.exchange is not None and found.exchange.rate == Decimal("1.1")
    assert found.exchange.source is not None and found.exchange.source.code == "EUR"


@pytest.mark.parametrize(
    ("cents", "digits"), [(100000, "00000000000"), (100000, "00031000000"), (110000, "00010000000")]
)
def test_a_rate_that_nothing_proves_is_left_out(cents: int, digits: str) -> None:
    found = entry(Move(cents, below=(text("05", f"{amount(110000)} USD {digits}KURSSI"),)))
    assert found.exchange is None and found.instructed is not None


def test_an_amount_in_yen_is_left_out_for_its_decimals_are_not_known() -> None:
    assert entry(Move(1, below=(text("05", f"{amount(110000)} JPY {'':11}"),))).instructed is None


def test_unknown_information_is_reported() -> None:
    assert codes(only(file(*block(Move(1, below=(text("77", "X"),)))))) == ["record-unknown"]


# -- letters ------------------------------------------------------------------------------------------------------


def test_brackets_are_finnish_letters_in_a_file_of_seven_bits() -> None:
    assert entry(Move(1, kind="]KE [ITI \\LJY")).remittance == ("ÅKE ÄITI ÖLJY",)


def test_brackets_stay_where_the_file_has_eight_bits() -> None:
    assert entry(Move(1, kind="ÄITI [1]")).remittance == ("ÄITI [1]",)


# -- statements ---------------------------------------------------------------------------------------------------


def test_a_statement_says_whose_it_is() -> None:
    statement = only(file(*block(Move(-2500), opening=-100), "T70089OKO" + "TIEDOTE".ljust(80)))
    assert (statement.account, statement.number) == ("FI2112345600000785", "007")
    assert statement.owner is not None
    assert (statement.owner.name, statement.owner.bank_code) == ("ESIMERKKI OY", "NDEAFIHH")
    assert (statement.period_start, statement.period_end) == (date(2025, 3, 1), date(2025, 3, 4))
    assert statement.opening is not None and statement.opening.date == date(2025, 2, 28)
    assert [balance.code for balance in statement.balances] == ["OPBD", "CLBD", "CLAV"]
    assert statement.remarks == ("TIEDOTE",) and statement.balanced is True


def test_an_account_without_printed_iban_gets_the_one_its_number_makes() -> None:
    statement = only(file(*block(iban="")))
    assert statement.account == "FI2112345600000785" and statement.owner is not None
    assert statement.owner.bank_code == "PANKKI OYJ"
    assert finnish_iban("12345600000786") is None


@pytest.mark.parametrize(("printed", "code"), [("EUR", "EUR"), ("SEK", "SEK"), ("   ", "XXX")])
def test_the_currency_is_the_accounts(printed: str, code: str) -> None:
    assert only(file(*block(Move(1), currency=printed))).currency.code == code


@pytest.mark.parametrize("printed", ["E1R", "XUR", "EU"])
def test_a_currency_that_is_none_is_refused(printed: str) -> None:
    data = file(*block(Move(1), currency=f"{printed:3}"))
    with pytest.raises(StatementError, match="currency"):
        only(data)
    assert codes(only(data, damaged="report")) == ["record-not-read"]


def test_a_balance_between_days_is_compared() -> None:
    rows = [record for move in (Move(100), Move(200)) for record in move.records]
    good = file(header(), rows[0], balance(10100), rows[1], balance(10300, "250304"))
    bad = file(header(), rows[0], balance(10000), rows[1], balance(10300, "250304"))
    assert codes(only(good)) == [] and codes(only(bad)) == ["balance-differs"]
    assert [each.code for each in only(good).balances] == ["OPBD", "ITBD", "CLBD", "CLAV"]


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        (total("1", "250303", (1, 100), (1, -30)), []),
        (total("2", "250304", (1, 100), (1, -30)), []),
        (total("1", "250303", (5, 100), (1, -30)), []),  # a summed row counted as often as it says
        (total("1", "250303", (1, 101), (1, -30)), ["totals-differ"]),
        (total("2", "250304", (2, 100), (1, -30)), ["totals-differ"]),
        (total("4", "250304", (9, 999), (9, -999)), []),
        ("T50067X" + "Y" * 60, []),
        ("T500671250303" + "Y" * 54, ["field-not-read"]),
    ],
)
def test_totals_of_the_bank_are_compared(printed: str, found: list[str]) -> None:
    rows = block(Move(100, below=(text("01", "00000005"),)), Move(-30))
    assert codes(only(file(*rows, printed))) == found


def test_several_statements_are_read_also_without_movements() -> None:
    first, second = read_tito(file(*block(Move(1)), *block(bban="57200320018243", iban="")))
    assert (len(first.entries), len(second.entries)) == (1, 0)
    assert second.account == "FI0857200320018243" and second.balanced is True


def test_a_chain_without_line_breaks_is_cut_by_lengths() -> None:
    records = block(Move(100, below=(text("00", f"{'LASKU':35}"),)), Move(50, level="1"))
    assert only("".join(records).encode()) == only(file(*records))


def test_a_chain_is_read_whatever_stands_in_the_row_numbers() -> None:
    data = "".join(block(Move(100))).encode()
    assert only(data.replace(b"T10188000001", b"T10188 00X01")).balanced is True


def test_blanks_lost_at_the_ends_do_no_harm() -> None:
    records = block(Move(100, name="X"))
    assert only(file(*[record.rstrip() for record in records])) == only(file(*records))


def test_it_is_recognised() -> None:
    assert detect(file(*block(Move(1)))) == "tito"
    assert read_statements(file(*block(Move(1))))[0].format == "tito"


# -- what is refused or reported ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [2, 3])
def test_a_file_cut_off_is_refused_in_both_ways_of_reading(kept: int) -> None:
    records = block(Move(1), Move(2))
    assert_refused(read_tito, file(*records[:kept]), "cut off")


def test_an_earlier_statement_without_balance_is_incomplete() -> None:
    data = file(*block(Move(1))[:-1], *block(Move(2)))
    first, second = read_tito(data)
    assert codes(first) == ["balance-missing"] and first.closing is None and second.balanced is True
    with pytest.raises(StatementError, match="not complete"):
        read_statements(data)


def test_a_statement_that_stops_before_its_last_day_is_reported() -> None:
    data = file(header(), *Move(1).records, balance(10001))
    assert codes(only(data)) == ["period-differs"]


@pytest.mark.parametrize("line", ["X", "T99010ABCD", "T11043" + "00" + " " * 35, "T1018", "T40012250301"])
def test_a_record_that_cannot_be_read_is_refused_or_reported(line: str) -> None:
    records = block(Move(1))
    data = file(records[0], line, *records[1:])
    with pytest.raises(StatementError):
        only(data)
    statement = only(data, damaged="report")
    assert "record-not-read" in codes(statement) and len(statement.entries) == 1


def test_a_record_longer_than_it_says_is_refused() -> None:
    with pytest.raises(StatementError, match="longer than it says"):
        only(file(header(), *[record + "X" for record in Move(1).records], balance(10001)))


def test_nothing_else_is_a_statement() -> None:
    with pytest.raises(StatementError, match="no statement"):
        read_tito(b"hello", damaged="report")


def test_limits_hold() -> None:
    data = file(*block(Move(1), Move(2)), *block())
    assert_limits_hold(read_tito, data, 50)


def test_reasons_repeat_nothing_of_the_file() -> None:
    with pytest.raises(StatementError) as refused:
        entry(Move(1, day="250230", name="SALAINEN"))
    assert "SALAINEN" not in str(refused.value) and "250230" not in str(refused.value) and refused.value.line == 2


# -- laws -----------------------------------------------------------------------------------------------------------

MOVES = st.builds(
    Move,
    cents=st.integers(-(10**12), 10**12).filter(bool),
    day=st.sampled_from(("250301", "250303", "250304")),
    name=st.text("ABCÄÖ .&-", min_size=1, max_size=35).map(str.strip),
    viite=st.integers(0, 10**19).map(str),
    level=st.sampled_from((" ", "0", "1", "2")),
)


@settings(max_examples=60, deadline=None)
@given(MOVES, st.lists(MOVES, max_size=8), st.integers(-(10**12), 10**12))
def test_what_is_written_is_read(first: Move, rest: list[Move], opening: int) -> None:
    moves = [Move(first.cents, name=first.name), *rest]
    statement = only(file(*block(*moves, opening=opening)))
    rows = [row for each in statement.entries for row in _rows(each)]
    assert [int(row.amount.amount * 100) for row in rows] == [move.cents for move in moves]
    assert [row.structured_reference for row in rows] == [move.viite.lstrip("0") or None for move in moves]
    assert [row.counterparty.name if row.counterparty else None for row in rows] == [
        " ".join(move.name.split()) or None for move in moves
    ]
    assert statement.balanced is True and set(codes(statement)) <= {"encoding-guessed"}


def _rows(entry: Entry) -> list[Entry]:
    return [entry, *[row for detail in entry.details for row in _rows(detail)]]


def test_one_changed_character_never_gives_another_total_unseen() -> None:
    data = file(*block(Move(-4599), Move(100000, below=(text("00", f"{'UNO':35}"),)), Move(500, level="1"), Move(-1)))
    places = random.Random(10).sample(range(len(data)), 500)
    changes = product(places, (b"0", b"1", b"2", b"7", b" ", b"-", b"+"))
    assert_change_moves_no_money_unseen(read_tito, data, changes)


def test_any_bytes_are_statements_or_a_refusal() -> None:
    seed = file(*block(Move(-4599), Move(7), Move(3, level="1"), Move(2, level="2", below=(sepa("A"),))), *block())
    words = (b"T10188", b"\n", b"\xff", b"1", b"T11", b"T40050", b"", b"-", b"9")
    assert_read_or_refused(read_tito, "tito", spliced(seed, words, 190, 1200))


def test_twice_the_file_takes_about_twice_the_time() -> None:
    rows = (Move(7), Move(3, level="1"), Move(2, level="2"))

    def written(entries: int) -> bytes:
        return file(*block(*rows * entries), *[total("1", "250303", (1, 1), (1, 1))] * entries)

    assert_time_grows_with_the_file(read_tito, written, 400)
