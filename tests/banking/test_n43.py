"""Norma 43: marks, marks left out, totals, concepts; every record read, reported or refused."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban

from oimkit.banking import Entry, Statement, detect, read_statements
from oimkit.banking.formats.n43 import read_n43
from oimkit.banking.formats.national_accounts import spanish_iban
from oimkit.banking.formats.numeric_currencies import currency_numbered
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

ACCOUNT = "210004180200051332"


@dataclass(frozen=True)
class Move:
    """One movement as the test writes it: cents with their sign, and texts of 38 columns in pairs."""

    cents: int
    day: str = "250310"
    value: str = "250311"
    common: str = "04"
    own: str = "016"
    mark: str = ""
    document: str = "0" * 10
    first: str = "0" * 12
    second: str = "0" * 16
    texts: tuple[str, ...] = ()
    origin: str = ""

    @property
    def records(self) -> list[str]:
        mark = self.mark or ("1" if self.cents < 0 else "2")
        head = f"22    0418{self.day}{self.value}{self.common}{self.own}{mark}{abs(self.cents):014}"
        texts = [f"23{number:02}{text}" for number, text in enumerate(self.texts, 1)]
        return [head + self.document + self.first + self.second, *texts, *([self.origin] if self.origin else [])]


def account(*moves: Move, opening: int = 10000, **changed: str) -> list[str]:
    """The records of one account; ``mark``, ``currency``, ``end_mark``, ``end_currency``, ``number`` may be changed."""
    debits = [-move.cents for move in moves if move.cents < 0 or move.mark == "1"]
    credits_ = [move.cents for move in moves if move.cents > 0 or (move.cents == 0 and move.mark in ("", "2"))]
    closing = opening + sum(move.cents for move in moves)
    number, currency = changed.get("number", ACCOUNT), changed.get("currency", "978")
    sums = f"{len(debits):05}{sum(debits):014}{len(credits_):05}{sum(credits_):014}"
    return [
        f"11{number}250301250331{changed.get('mark') or _mark(opening)}{abs(opening):014}{currency}3EMPRESA EJEMPLO SL",
        *(record for move in moves for record in move.records),
        f"33{number}{changed.get('sums', sums)}{changed.get('end_mark') or _mark(closing)}"
        f"{changed.get('closing', f'{abs(closing):014}')}{changed.get('end_currency', currency)}",
    ]


def _mark(cents: int) -> str:
    return "1" if cents < 0 else "2"


def file(*accounts: list[str], count: int | None = None) -> bytes:
    records = [record for each in accounts for record in each]
    end = f"88{'9' * 18}{len(records) if count is None else count:06}"
    return "\r\n".join(record.ljust(80) for record in [*records, end]).encode("cp1252") + b"\r\n"


def only(data: bytes, **options: object) -> Statement:
    (statement,) = read_n43(data, **options)  # type: ignore[arg-type]
    return statement


def entry(move: Move) -> Entry:
    (found,) = only(file(account(move))).entries
    return found


# -- movements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cents", "amount"), [(-4599, "-45.99"), (4599, "45.99"), (99999999999999, "999999999999.99")])
def test_the_mark_gives_the_sign(cents: int, amount: str) -> None:
    assert entry(Move(cents)).amount.text == amount


def test_a_movement_of_zero_without_a_mark_is_kept() -> None:
    found = entry(Move(0, mark="0"))
    assert found.amount.text == "0.00"


@pytest.mark.parametrize("mark", ["0", "3", " ", "D"])
def test_an_amount_without_a_mark_is_refused(mark: str) -> None:
    with pytest.raises(StatementError, match="neither debit"):
        only(file(account(Move(100, mark=mark))))


@pytest.mark.parametrize("digits", ["0000000000 123", "00000000012,34", "0000000000-100", "٠٠٠٠٠٠٠٠٠٠٠٠٠١"])
def test_an_amount_that_is_not_digits_is_refused(digits: str) -> None:
    data = file(account(Move(100))).decode("cp1252").replace("2" + f"{100:014}", "2" + digits, 1)
    with pytest.raises(StatementError, match="not 14 digits"):
        only(data.encode())


def test_dates_codes_and_references_go_to_their_fields() -> None:
    found = entry(Move(1, document="0000012345", first="RECIBO 00042", second="0" * 15 + "7"))
    assert (found.booking_date, found.value_date) == (date(2025, 3, 10), date(2025, 3, 11))
    assert (found.bank_code, found.codes) == ("04", (("n43", "04"), ("n43-own", "016")))
    named = dict(found.references)
    assert named["oficina"] == "0418" and named["documento"] == "0000012345"
    assert (named["referencia 1"], named["referencia 2"]) == ("RECIBO 00042", "0000000000000007")
    assert found.reference is None and found.account == "ES9121000418450200051332"


def test_a_movement_keeps_its_records_as_printed() -> None:
    found = entry(Move(1, texts=("UNO", "DOS")))
    assert found.raw is not None and found.raw.count("\n") == 2 and found.line == 2
    assert found.raw.startswith("22    0418") and found.raw.splitlines()[2].rstrip() == "2302DOS"


@pytest.mark.parametrize(("day", "value", "expected"), [("250310", "000000", 10), ("000000", "250312", 12)])
def test_one_of_two_dates_is_enough(day: str, value: str, expected: int) -> None:
    found = entry(Move(1, day=day, value=value))
    assert found.value_date == date(2025, 3, expected)


def test_a_movement_without_dates_gets_the_last_day_and_a_finding() -> None:
    statement = only(file(account(Move(0, day="000000", value="000000", mark="0"))))
    assert statement.entries[0].value_date == date(2025, 3, 31)
    assert codes(statement) == ["date-missing"]


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(StatementError, match="no day"):
        only(file(account(Move(1, day="250230"))))


def test_a_movement_outside_the_period_is_reported() -> None:
    assert codes(only(file(account(Move(1, day="250401"))))) == ["period-differs"]


def test_the_amount_of_origin_stands_beside_the_amount() -> None:
    found = entry(Move(-92500, origin="2401840" + f"{100000:014}"))
    assert found.instructed is not None and str(found.instructed) == "1000.00 USD"


def test_an_amount_of_origin_that_cannot_be_read_is_reported_only() -> None:
    statement = only(file(account(Move(-92500, origin="2401840" + "ABC"))))
    assert codes(statement) == ["field-not-read"] and statement.entries[0].instructed is None


# -- concepts -----------------------------------------------------------------------------------------------------


def test_a_word_cut_between_two_columns_is_whole() -> None:
    assert entry(Move(1, texts=("X" * 36 + "INVOI" + "CE",))).remittance == ("X" * 36 + "INVOICE",)


def test_eight_bit_letters_are_read() -> None:
    assert entry(Move(1, texts=("COMISIÓN AÑO",))).remittance == ("COMISIÓN AÑO",)


DEBIT = (
    "CORE" + "ENERGIA DE MUESTRA SA",
    "ES12ZZZA00000001".ljust(35) + "MANDATO 1",
    "ELEC    " + "F" * 68,
    "EIN",
    "RECIBO-1".ljust(35) + "EMPRESA EJEMPLO SL",
)


def test_a_sepa_direct_debit_is_known_by_scheme_and_creditor() -> None:
    found = entry(Move(-100, common="03", texts=DEBIT))
    assert found.counterparty is not None and found.counterparty.name == "ENERGIA DE MUESTRA SA"
    assert (found.creditor_id, found.mandate_id, found.end_to_end_id) == ("ES12ZZZA00000001", "MANDATO 1", "RECIBO-1")
    assert (found.purpose, found.remittance) == ("ELEC", ("F" * 68 + "EIN",))


@pytest.mark.parametrize("change", [{0: "COREX"}, {1: "12".ljust(35) + "M"}])
def test_texts_that_are_no_direct_debit_stay_texts(change: dict[int, str]) -> None:
    texts = tuple(change.get(index, text) for index, text in enumerate(DEBIT))
    found = entry(Move(-100, texts=texts)) if 1 in change else entry(Move(-100, texts=texts[:4]))
    assert found.creditor_id is None and found.counterparty is None
    assert len(found.remittance) >= 4


def test_a_sepa_transfer_is_read_only_where_it_comes_in() -> None:
    texts = ("PAGADORA SL".ljust(66) + "B12345674", "E2E-1".ljust(35) + "MATRIZ SA", "SUPP    FACTURA 7", "", "NOTA")
    came, went = entry(Move(500, texts=texts)), entry(Move(-500, texts=texts))
    assert came.counterparty is not None and came.counterparty.identification == "B12345674"
    assert (came.end_to_end_id, came.purpose, came.remittance) == ("E2E-1", "SUPP", ("FACTURA 7", "NOTA"))
    assert came.ultimate is not None and came.ultimate.name == "MATRIZ SA"
    assert went.counterparty is None and len(went.remittance) == 4


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("TRANSFERENC. DE JUANA EJEMPLO", "JUANA EJEMPLO"),
        ("TRANSFERENC. A" + " " * 31 + "PROVEEDOR SA", "PROVEEDOR SA"),
        ("ORDENANTE DE LA TRANSFERENCIA: A. B. SL", "A. B. SL"),
        ("NOMBRE DEL ORDENANTE CLUB", "CLUB"),
        ("TRANSFERENCIA DE FONDOS", None),
        ("TRANSFERENC. DE 12/03", None),
        ("IMPUESTOS", None),
    ],
)
def test_a_name_is_read_where_the_bank_announces_it(text: str, name: str | None) -> None:
    party = entry(Move(1, texts=(text,))).counterparty
    assert (party.name if party is not None else None) == name


# -- accounts, balances and totals ----------------------------------------------------------------------------------


def test_an_account_says_whose_it_is_and_for_which_days() -> None:
    statement = only(file(account(Move(-2500), opening=-100)))
    assert (statement.account, statement.reference) == ("ES9121000418450200051332", ACCOUNT)
    assert statement.owner is not None
    assert (statement.owner.name, statement.owner.bank_code) == ("EMPRESA EJEMPLO SL", "2100")
    assert (statement.period_start, statement.period_end) == (date(2025, 3, 1), date(2025, 3, 31))
    assert [(balance.code, balance.amount.text) for balance in statement.balances] == [
        ("OPBD", "-1.00"),
        ("CLBD", "-26.00"),
    ]
    assert statement.balanced is True and codes(statement) == []


def test_check_digits_of_the_account_are_those_of_the_standard() -> None:
    written = spanish_iban("0012", "0345", "0000067890")
    assert written == "ES0700120345030000067890" and iban.is_valid(written)
    assert spanish_iban("2100", "0813", "0123456789") == "ES7921000813610123456789"


@pytest.mark.parametrize("number", ["0" * 18, "21000418" + "0" * 10])
def test_an_account_of_zeros_is_none(number: str) -> None:
    statement = only(file(account(Move(1), number=number)))
    assert statement.account is None and statement.reference == number


@pytest.mark.parametrize(("closing", "opening"), [(150, 100), (-50, -100)])
def test_a_closing_balance_without_a_mark_has_the_sign_that_closes(closing: int, opening: int) -> None:
    statement = only(file(account(Move(50), opening=opening, end_mark="0")))
    assert statement.closing is not None and statement.closing.amount.amount == Decimal(closing) / 100
    assert codes(statement) == ["sign-missing"] and statement.balanced is True


def test_an_opening_balance_without_a_mark_has_the_sign_that_closes() -> None:
    statement = only(file(account(Move(50), opening=-100, mark="0")))
    assert statement.opening is not None and statement.opening.amount.text == "-1.00"


@pytest.mark.parametrize("marks", [{"end_mark": "0", "closing": f"{999:014}"}, {"end_mark": "0", "mark": "0"}])
def test_balances_without_marks_that_nothing_decides_are_not_read(marks: dict[str, str]) -> None:
    moves = () if "mark" in marks else (Move(50),)
    data = file(account(*moves, **marks))  # type: ignore[arg-type]
    statement = only(data)
    assert "balance-not-read" in codes(statement) and statement.closing is None
    with pytest.raises(StatementError, match="not complete"):
        read_statements(data)


@pytest.mark.parametrize("mark", ["3", "D"])
def test_a_balance_with_another_mark_is_refused(mark: str) -> None:
    with pytest.raises(StatementError, match="neither debit"):
        only(file(account(end_mark=mark)))


def test_totals_that_differ_are_reported() -> None:
    statement = only(file(account(Move(50), sums="00000" + "0" * 14 + "00002" + f"{50:014}")))
    assert codes(statement) == ["totals-differ"] and statement.balanced is True


def test_the_count_of_the_file_is_compared() -> None:
    assert codes(only(file(account(Move(50)), count=99))) == ["totals-differ"]


def test_a_header_of_the_file_is_not_counted() -> None:
    data = ("00" + "2100" + "250331").ljust(80).encode() + b"\r\n" + file(account(Move(50)))
    assert codes(only(data)) == [] and detect(data) == "n43"


def test_a_closing_record_of_another_account_is_reported() -> None:
    records = account(Move(50))
    records[-1] = records[-1].replace(ACCOUNT, "2100" + ACCOUNT[:14])
    assert codes(only(file(records))) == ["account-differs"]


@pytest.mark.parametrize(("number", "code"), [("840", "USD"), ("978", "EUR"), ("GBP", "GBP"), ("000", "XXX")])
def test_currencies_are_numbers(number: str, code: str) -> None:
    assert only(file(account(Move(50), currency=number))).currency.code == code


def test_the_closing_record_names_the_currency_where_the_header_does_not() -> None:
    assert only(file(account(Move(50), currency="   ", end_currency="756"))).currency.code == "CHF"


def test_a_closing_balance_in_another_currency_never_closes() -> None:
    statement = only(file(account(Move(50), end_currency="840")))
    assert statement.balanced is False and codes(statement) == ["balance-currency"]


@pytest.mark.parametrize("number", ["123", "ABC", "9.8"])
def test_a_currency_that_is_none_is_refused(number: str) -> None:
    assert currency_numbered(number) is None
    with pytest.raises(StatementError, match="currency"):
        only(file(account(Move(50), currency=number)))


def test_several_accounts_are_several_statements_also_without_movements() -> None:
    first, second = read_n43(file(account(Move(50)), account(number="00810001" + "0001234567", currency="840")))
    assert (len(first.entries), len(second.entries), second.currency.code) == (1, 0, "USD")
    assert second.balanced is True


def test_columns_of_no_break_blanks_hold_no_number() -> None:
    data = file(account(Move(100, own="\u00a0" * 3, document="\u00a0" * 10)))
    (found,) = only(data.decode("cp1252").encode("utf-8")).entries
    assert found.codes == (("n43", "04"),)
    assert found.references == (("oficina", "0418"),)


def test_a_file_without_line_breaks_is_cut_each_80_characters() -> None:
    data = file(account(Move(50, texts=("UNO",)))).replace(b"\r\n", b"")
    assert only(data) == only(file(account(Move(50, texts=("UNO",)))))


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_any_line_end_and_cut_blanks_do(end: bytes) -> None:
    data = end.join(line.rstrip() for line in file(account(Move(50))).split(b"\r\n"))
    assert only(data).balanced is True


# -- what is refused or reported ------------------------------------------------------------------------------------


def test_a_file_cut_off_is_refused_in_both_ways_of_reading() -> None:
    lines = file(account(Move(50), Move(60), Move(70))).split(b"\r\n")
    assert_refused(read_n43, b"\r\n".join(lines[:3]), "cut off")


def test_a_file_without_its_last_record_is_refused_or_reported() -> None:
    data = b"\r\n".join(file(account(Move(50))).split(b"\r\n")[:3])
    with pytest.raises(StatementError, match="88"):
        only(data)
    assert codes(only(data, damaged="report")) == ["record-not-read"]


def test_damaged_records_are_reported_and_the_others_read() -> None:
    lines = file(account(Move(50), Move(60, texts=("LOST",)), Move(70))).split(b"\r\n")
    lines[2] = lines[2].replace(b"0418250310", b"04182503X0")
    statement = only(b"\r\n".join(lines), damaged="report")
    assert [each.amount.text for each in statement.entries] == ["0.50", "0.70"]
    assert codes(statement) == ["record-not-read", "totals-differ"]
    assert statement.findings[0].line == 3


@pytest.mark.parametrize("record", ["99 UNKNOWN", "22    0418" + "0" * 60, "23", "33" + ACCOUNT])
def test_a_record_that_belongs_nowhere_is_refused_or_reported(record: str) -> None:
    data = (record + "\r\n").encode() + file(account(Move(50)))
    with pytest.raises(StatementError):
        only(data)
    statement = only(data, damaged="report")
    assert codes(statement)[0] == "record-not-read" and len(statement.entries) == 1


def test_a_second_account_before_the_end_of_the_first_is_reported() -> None:
    records = account(Move(50))
    first, second = read_n43(file(records[:-1], records), damaged="report")
    assert "balance-missing" in codes(first) and first.closing is None and second.balanced is True


def test_nothing_else_is_an_account() -> None:
    with pytest.raises(StatementError, match="no account"):
        only(b"hello", damaged="report")


def test_limits_hold() -> None:
    data = file(account(Move(1), Move(2)), account())
    assert_limits_hold(read_n43, data, 70)


def test_reasons_repeat_nothing_of_the_file() -> None:
    data = file(account(Move(50, day="250230", texts=("SECRETO",))))
    with pytest.raises(StatementError) as refused:
        only(data)
    assert "SECRETO" not in str(refused.value) and "250230" not in str(refused.value) and refused.value.line == 2


# -- laws -----------------------------------------------------------------------------------------------------------

TEXT = st.text("ABCDEFÑÓ 0123456789/.-", max_size=76).map(str.strip)
MOVES = st.builds(
    Move,
    cents=st.integers(-(10**11), 10**11).filter(bool),
    day=st.dates(date(2025, 3, 1), date(2025, 3, 31)).map(lambda day: day.strftime("%y%m%d")),
    first=st.text("ABC0123456789", min_size=12, max_size=12),
    texts=st.lists(TEXT, max_size=4).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, max_size=8), st.integers(-(10**12), 10**12))
def test_what_is_written_is_read(moves: list[Move], opening: int) -> None:
    statement = only(file(account(*moves, opening=opening)))
    assert [int(each.amount.amount * 100) for each in statement.entries] == [move.cents for move in moves]
    assert [each.booking_date.strftime("%y%m%d") for each in statement.entries if each.booking_date] == [
        move.day for move in moves
    ]
    assert [each.remittance for each in statement.entries] == [
        tuple(" ".join(text.split()) for text in move.texts if text) for move in moves
    ]
    assert statement.balanced is True and set(codes(statement)) <= {"encoding-guessed"}


def test_one_changed_character_never_gives_another_total_unseen() -> None:
    data = file(account(Move(-4599, texts=("UNO",)), Move(100000), Move(-1, day="250331"), opening=5000))
    digits = [at for at in range(len(data)) if data[at : at + 1].isdigit()]
    places = random.Random(43).sample(digits, 250)
    changes = product(places, (b"0", b"1", b"2", b"7", b" ", b"X"))
    assert_change_moves_no_money_unseen(read_n43, data, changes)


def test_any_bytes_are_statements_or_a_refusal() -> None:
    seed = file(account(Move(-4599, texts=DEBIT, common="03"), Move(7)), account())
    words = (b"22", b"\n", b"\xff", b"1", b"33", b"88", b"")
    assert_read_or_refused(read_n43, "n43", spliced(seed, words, 80, 1200))


def test_twice_the_file_takes_about_twice_the_time() -> None:
    def written(entries: int) -> bytes:
        return file(account(*[Move(7, texts=("UNO",))] * entries))

    assert_time_grows_with_the_file(read_n43, written, 1500)
