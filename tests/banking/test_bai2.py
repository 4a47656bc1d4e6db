"""BAI2 and BTRS: signs by type code, minor units, continuations, control totals; nothing read twice or left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import Entry, EntryStatus, Statement, detect, read_statements
from oimkit.banking.formats.bai2 import read_bai2
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


@dataclass(frozen=True)
class Move:
    """One transaction as the test writes it: minor units, sign by code, then everything behind the amount."""

    units: int
    code: str = ""
    rest: str = "Z,,,TEXT/"
    below: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        code = self.code or ("195" if self.units >= 0 else "495")
        return [f"16,{code},{abs(self.units)},{self.rest}", *[f"88,{line}" for line in self.below]]


def account(*moves: Move, opening: int = 10000, currency: str = "", more: str = "", **changed: str) -> list[str]:
    """The records of one account with both ledger balances; ``total`` and ``count`` of its trailer may be changed."""
    closing = opening + sum(move.units for move in moves)
    head = f"03,0975312468,{currency},010,{opening},,,015,{closing},,{',' + more if more else ''}/"
    lines = [head, *[line for move in moves for line in move.lines]]
    total = opening + closing + sum(abs(move.units) for move in moves)
    return [*lines, f"49,{changed.get('total', total)},{changed.get('count', len(lines) + 1)}/"]


def file(*accounts: list[str], group: str = "1,250306,2359,USD,2", version: str = "2", sep: str = "\n") -> bytes:
    """One group of the given accounts in a file, with control totals that hold for those of the accounts."""
    lines = [line for each in accounts for line in each]
    trailers = [line for line in lines if line.startswith("49,")]
    total = sum(int(line.split(",")[1]) for line in trailers)
    records = sum(line[:2] in ("03", "16", "88", "49") for line in lines)
    out = [
        f"01,122099999,123456789,250307,0200,1,80,,{version}/",
        f"02,031001234,122099999,{group}/",
        *lines,
        f"98,{total},{len(accounts)},{records + 2}/",
        f"99,{total},1,{records + 4}/",
    ]
    return sep.join(out).encode("latin-1") + sep.encode()


def only(data: bytes, **options: object) -> Statement:
    (statement,) = read_bai2(data, **options)  # type: ignore[arg-type]
    return statement


def entry(move: Move) -> Entry:
    (found,) = only(file(account(move))).entries
    return found


# -- signs and amounts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["100", "108", "142", "195", "399", "721", "728", "920", "959"])
def test_credits_by_their_type_code(code: str) -> None:
    assert entry(Move(1234, code)).amount.text == "12.34"


@pytest.mark.parametrize("code", ["400", "409", "451", "475", "699", "760", "960", "999"])
def test_debits_by_their_type_code(code: str) -> None:
    assert entry(Move(-1234, code)).amount.text == "-12.34"


@pytest.mark.parametrize("code", ["010", "072", "703", "730", "800", "905", "14", "1420", "ABC", ""])
def test_a_type_code_without_a_side_is_refused(code: str) -> None:
    data = file(account(Move(1234, "142"))).replace(b"16,142,", f"16,{code},".encode())
    with pytest.raises(StatementError, match="type code"):
        only(data)


@pytest.mark.parametrize("amount", ["-100", "1.00", "1,00", "1E2", "NaN", "٣", "0x10", "1 0"])
def test_an_amount_that_is_not_minor_units_is_refused(amount: str) -> None:
    data = file(account(Move(100))).decode("latin-1").replace("16,195,100,", f"16,195,{amount},")
    with pytest.raises(StatementError):
        only(data.encode())


def test_a_plus_and_zeros_before_an_amount_change_nothing() -> None:
    data = file(account(Move(100))).replace(b"16,195,100,", b"16,195,+00000000100,")
    assert only(data) == only(file(account(Move(100))))


def test_a_transaction_without_amount_is_reported_and_makes_the_statement_incomplete() -> None:
    data = file(account(Move(100), Move(0))).replace(b"16,195,0,", b"16,195,,")
    assert codes(only(data)) == ["entry-not-read"] and len(only(data).entries) == 1
    with pytest.raises(StatementError, match="not complete"):
        read_statements(data)


@pytest.mark.parametrize(
    ("currency", "group", "text", "code"),
    [
        ("", "1,250306,2359,,2", "12.34", "USD"),
        ("", "1,250306,2359,CAD,2", "12.34", "CAD"),
        ("JPY", "1,250306,2359,CAD,2", "1234", "JPY"),
        ("BHD", "1,250306,2359,,2", "1.234", "BHD"),
    ],
)
def test_minor_units_are_those_of_the_account_then_the_group_then_dollars(
    currency: str, group: str, text: str, code: str
) -> None:
    statement = only(file(account(Move(1234), currency=currency), group=group))
    assert (statement.entries[0].amount.text, statement.currency.code) == (text, code)
    assert statement.balanced is True


@pytest.mark.parametrize("currency", ["XXX", "XAU", "US", "U$D"])
def test_a_currency_without_minor_unit_is_refused(currency: str) -> None:
    with pytest.raises(StatementError, match="currency"):
        only(file(account(Move(1), currency=currency)))


def test_btrs_demands_the_currency_of_the_account() -> None:
    group = "1,250306,2359,,2"
    assert only(file(account(Move(1), currency="GBP"), group=group, version="3")).currency.code == "GBP"
    with pytest.raises(StatementError, match="BTRS"):
        only(file(account(Move(1)), group=group, version="3"))


def test_another_version_is_reported() -> None:
    assert codes(only(file(account(Move(1)), version="1"))) == ["version-unknown"]


# -- funds types, references and texts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "below", "value"),
    [
        ("Z,BANK,OWN,TEXT, WITH COMMA/", (), 6),
        (",BANK,OWN,TEXT, WITH COMMA", (), 6),
        ("0,BANK,OWN,TEXT, WITH COMMA/", (), 6),
        ("V,250310,,BANK,OWN,TEXT, WITH COMMA/", (), 10),
        ("V,,,BANK,OWN,TEXT, WITH COMMA/", (), 6),
        ("S,40,30,30,BANK,OWN,TEXT, WITH COMMA/", (), 6),
        ("S,100,,,BANK,OWN,TEXT, WITH COMMA/", (), 6),
        ("D,2,0,60,1,40,BANK,OWN,TEXT, WITH COMMA/", (), 6),
        ("D,2,0,60,1/", ("40,BANK/", "OWN,TEXT, WITH COMMA/"), 6),
        ("S,40,30,30/", ("BANK,OWN,TEXT, WITH COMMA",), 6),
        ("Z,BANK,OWN/", ("TEXT, WITH COMMA/",), 6),
    ],
)
def test_what_a_funds_type_brings_along_does_not_shift_the_text(rest: str, below: tuple[str, ...], value: int) -> None:
    statement = only(file(account(Move(100, rest=rest, below=below))))
    (found,) = statement.entries
    assert (found.reference, found.references) == ("BANK", (("customer reference", "OWN"),))
    assert found.remittance == ("TEXT, WITH COMMA",)
    assert (found.booking_date, found.value_date) == (date(2025, 3, 6), date(2025, 3, value))
    assert codes(statement) == []


@pytest.mark.parametrize("rest", ["X,BANK,OWN,T/", "D,X,,,/", "D,9999,1,1,,,/", "V,250230,,,,T/", "S,A,1,1,,,/"])
def test_a_funds_type_that_cannot_be_read_is_refused(rest: str) -> None:
    with pytest.raises(StatementError):
        entry(Move(100, rest=rest))


def test_parts_that_differ_from_the_amount_are_reported() -> None:
    statement = only(file(account(Move(100, rest="S,40,30,20,,,T/"))))
    assert codes(statement) == ["availability-differs"]


def test_continuations_are_lines_of_the_text() -> None:
    found = entry(Move(100, rest="Z,,,FIRST/", below=("SECOND, AND", "", "THIRD/")))
    assert found.remittance == ("FIRST", "SECOND, AND", "THIRD")
    assert found.raw is not None and found.raw.count("\n") == 3 and found.raw.startswith("16,195,100")
    assert (found.line, found.bank_code, found.codes) == (4, "195", (("bai2", "195"),))


def test_a_line_without_a_code_is_text_and_reported() -> None:
    lines = account(Move(100, rest="Z,,,FIRST"))
    data = file([lines[0], lines[1], "SECOND /", lines[2]])
    statement = only(data)
    assert statement.entries[0].remittance == ("FIRST", "SECOND") and codes(statement) == ["text-without-code"]


def test_a_slash_within_a_text_is_text() -> None:
    assert entry(Move(1, rest="Z,A/B/C,,08/18/23 A/C 7/")).remittance == ("08/18/23 A/C 7",)


@pytest.mark.parametrize(("code", "name"), [("475", "ChqNb"), ("495", "customer reference")])
def test_the_customer_reference_of_a_cheque_is_its_number(code: str, name: str) -> None:
    assert entry(Move(-1, code, "Z,B,1042,T/")).references == ((name, "1042"),)


def test_a_transaction_that_moves_no_money_is_a_remark() -> None:
    lines = account(Move(100))
    note = "16,890,,,,,REPORTS WILL BE LATE, SEE BELOW/"
    lines = [*lines[:2], note, lines[2].replace(",3/", ",4/")]
    statement = only(file(lines))
    assert statement.remarks == ("REPORTS WILL BE LATE, SEE BELOW",)
    assert len(statement.entries) == 1 and codes(statement) == []
    with pytest.raises(StatementError, match="moves no money"):
        only(file([line.replace("890,,", "890,5,") for line in lines]))


LABELS = ("EREF: E-1", "REMI: INVOICE 7", "DBNM: PAYER", "DACT: 11", "DABA: 021000021", "CRNM: PAYEE", "CBIC: PAYEUS33")


@pytest.mark.parametrize(("units", "name", "bank"), [(100, "PAYER", "021000021"), (-100, "PAYEE", "PAYEUS33")])
def test_labelled_lines_name_the_other_side(units: int, name: str, bank: str) -> None:
    found = entry(Move(units, rest=",,,BANK'S OWN WORDS", below=LABELS))
    assert found.counterparty is not None
    assert (found.counterparty.name, found.counterparty.bank_code) == (name, bank)
    assert (found.end_to_end_id, found.remittance) == ("E-1", ("INVOICE 7", "BANK'S OWN WORDS"))


@pytest.mark.parametrize(
    ("move", "name"),
    [
        (Move(1, "142", "0,,,ORIG CO NAME:ACME INC   ORIG ID:1 IND NAME:US/"), "ACME INC"),
        (Move(1, "166", "0,,,ORIG CO NAME:OUR OWN NAME ORIG ID:1 IND NAME:US/"), None),
        (Move(-1, "451", "0,,,ACME INC   DES:PAY ID:1 INDN:US CO ID:2 PPD/"), "ACME INC"),
        (Move(1, "195", "0,,,WIRE TYPE:WIRE IN ORIG:ACME INC ID:77 SND BK:BANK PMT DET:INV 9/"), "ACME INC"),
        (Move(-1, "495", "0,,,WT 1 /FTR/BNF=ACME INC SRF# 1 ORG=US/"), "ACME INC"),
        (Move(1, "195", "0,,,VIA: BANK B/O: ACME INC REF: X OBI=HELLO/"), "ACME INC"),
        (Move(1, "195", "0,,,ACME INC/"), None),
    ],
)
def test_labels_of_banks_name_the_other_side(move: Move, name: str | None) -> None:
    party = entry(move).counterparty
    assert (party.name if party is not None else None) == name


# -- accounts, groups, files ----------------------------------------------------------------------------------------


def test_an_account_has_its_balances_and_its_day() -> None:
    statement = only(file(account(Move(-2500), opening=1000, more="040,900,,,072,50,,,100,0,0,,400,2500,1,")))
    assert [(each.code, each.amount.text) for each in statement.balances] == [
        ("OPBD", "10.00"),
        ("CLBD", "-15.00"),
        ("OPAV", "9.00"),
        ("072", "0.50"),
    ]
    assert (statement.account, statement.reference, statement.balanced) == ("0975312468", "1", True)
    assert statement.owner is not None and statement.owner.bank_code == "122099999"
    assert (statement.period_start, statement.period_end) == (date(2025, 3, 6), date(2025, 3, 6))


def test_an_account_without_balances_has_none() -> None:
    statement = only(file(["03,0975312468,,,,,/", "16,195,100,Z,,,T/", "49,100,3/"]))
    assert (statement.opening, statement.closing, statement.balanced) == (None, None, None)
    assert statement.balances == () and codes(statement) == []


def test_a_header_goes_on_over_lines_at_any_field() -> None:
    whole = file(account(Move(100), more="040,900,,,072,50,,"))
    for cut in (b"040,900", b"900,,,072", b",,072,50", b"072,50", b"50,,"):
        head, rest = whole.split(b"," + cut, 1)
        statement = only(head + b"/\n88," + cut + rest)
        assert [each.code for each in statement.balances] == ["OPBD", "CLBD", "OPAV", "072"], cut


def test_a_comma_too_much_at_a_line_end_shifts_nothing() -> None:
    data = file(account(Move(100), more="/\n88,040,900,,", total="21100", count="4"))
    assert [each.code for each in only(data).balances] == ["OPBD", "CLBD", "OPAV"]


@pytest.mark.parametrize(
    "more", [",900,,,", "04,900,,,", "040,9.00,,,", "040,900,X,,", "100,1," + "9" * 5000 + ",", "010,77,,,"]
)
def test_a_balance_that_cannot_be_read_is_refused_or_reported(more: str) -> None:
    data = file(account(Move(100), more=more))
    with pytest.raises(StatementError):
        only(data)
    statement = only(data, damaged="report")
    assert codes(statement)[0] == "record-not-read" and len(statement.entries) == 1


@pytest.mark.parametrize("changed", [{"total": "1"}, {"count": "9"}])
def test_totals_of_an_account_are_compared(changed: dict[str, str]) -> None:
    statement = only(file(account(Move(100), Move(-50), **changed)))  # type: ignore[arg-type]
    assert codes(statement)[0] == "totals-differ" and statement.balanced is True


@pytest.mark.parametrize(("tail", "tag"), [(b"98,20200,1,5/", "98"), (b"99,20200,1,7/", "99")])
def test_totals_of_group_and_file_are_compared(tail: bytes, tag: str) -> None:
    data = file(account(Move(100)))
    assert tail in data
    statement = only(data.replace(tail, tail[:3] + b"7" + tail[4:]))
    assert [(finding.code, finding.tag) for finding in statement.findings] == [
        ("totals-differ", each) for each in (("98", "99") if tag == "98" else ("99",))
    ]


@pytest.mark.parametrize(
    ("more", "found"),
    [("100,300,2,", []), ("100,900,5,", []), ("100,300,1,", ["totals-differ"]), ("100,200,3,", ["totals-differ"])],
)
def test_the_sum_of_all_credits_is_compared(more: str, found: list[str]) -> None:
    units = int(more.split(",")[1])
    lines = account(Move(100), Move(200), more=more, total=str(10000 + 10300 + 300 + units))
    assert codes(only(file(lines))) == found


@pytest.mark.parametrize("status", ["2", "4"])
def test_groups_that_take_back_or_try_out_move_nothing(status: str) -> None:
    statement = only(file(["03,7,,,,,/", "16,195,100,Z,,,T/", "49,100,3/"], group=f"{status},250306,,,"))
    assert [each.status for each in statement.entries] == [EntryStatus.INFORMATION]
    assert codes(statement) == ["group-not-booked"]


@pytest.mark.parametrize(
    ("group", "found"),
    [
        ("3,250306,,,2", ["group-corrects"]),
        ("7,250306,,,2", ["status-unknown"]),
        ("0,250306,,,2", ["status-unknown"]),
        (",250306,,,", []),
        ("1,250306,,,3", ["report-interim"]),
        ("1,250306,,,1", ["report-interim"]),
    ],
)
def test_what_a_group_says_of_itself_is_reported(group: str, found: list[str]) -> None:
    assert codes(only(file(account(Move(1)), group=group))) == found


def test_a_group_without_day_needs_value_days() -> None:
    assert only(file(account(Move(1, rest="V,250310,,,,T/")), group="1,,,,")).entries[0].value_date == date(2025, 3, 10)
    with pytest.raises(StatementError, match="no date"):
        only(file(account(Move(1)), group="1,,,,"))


def test_several_groups_and_files_are_read_in_order() -> None:
    one = file(account(Move(1)), account(Move(2)))
    assert [len(each.entries) for each in read_bai2(one + file(account()))] == [1, 1, 0]


# -- layouts ------------------------------------------------------------------------------------------------------


def test_records_on_one_line_are_told_apart_by_the_count() -> None:
    lines = account(Move(100), Move(200, below=("MORE/",)), Move(-50))
    data = file([lines[0], "  ".join(lines[1:])])
    same = file(lines)
    assert [each.amount for each in only(_counted(data)).entries] == [each.amount for each in only(same).entries]


def test_words_that_look_like_a_record_are_refused_where_the_count_does_not_tell() -> None:
    forged = Move(100, rest="Z,,,PAYMENT 7/ 16,142,99900,Z,,,FORGED/")
    with pytest.raises(StatementError, match="one line"):
        only(file(account(forged)))


def test_words_that_cannot_be_a_record_are_text() -> None:
    found = entry(Move(100, rest="Z,,,REF 7/ 16,500.00 USD AND 2/ 99,5/"))
    assert found.remittance == ("REF 7/ 16,500.00 USD AND 2/ 99,5",)


def test_blocked_records_without_line_breaks_are_cut_by_the_length_in_the_header() -> None:
    data = file(account(Move(100, rest="Z,,,NO SLASH AT THE END"), Move(-5, below=("MORE",))))
    blocked = b"".join(line.ljust(80) for line in data.splitlines())
    assert only(blocked) == only(data)


def test_a_damaged_block_is_reported_and_the_others_read() -> None:
    data = file(account(Move(100), Move(-5)))
    blocked = b"".join(line.ljust(80) for line in data.splitlines()).replace(b"16,195,100,", b"16,X95,100,")
    statement = only(blocked, damaged="report")
    assert [each.amount.text for each in statement.entries] == ["-0.05"]
    assert codes(statement) == ["record-not-read", "totals-differ"]


def test_records_without_line_breaks_and_blocks_are_cut_at_slashes() -> None:
    data = file(account(Move(100), Move(-5, below=("MORE/",)))).replace(b",1,80,,2/", b",1,,,2/")
    assert only(data.replace(b"\n", b"")) == only(data)


@pytest.mark.parametrize("sep", ["\r\n", "\r", " \n"])
def test_any_line_end_and_blanks_before_it_do(sep: str) -> None:
    assert only(file(account(Move(100)), sep=sep)) == only(file(account(Move(100))))


def test_a_byte_order_mark_and_blanks_around_fields_do_no_harm() -> None:
    data = file(account(Move(100))).replace(b"03,0975312468,", b"03, 0975312468 , ").replace(b"010,", b" 010 , ")
    assert only(b"\xef\xbb\xbf" + data) == only(file(account(Move(100))))
    assert detect(b"\xef\xbb\xbf" + data) == "bai2"


def _counted(data: bytes) -> bytes:
    """The trailers of group and file with the records that stand on one line counted as well."""
    lines = data.decode().splitlines()
    return "\n".join([*lines[:-2], "98,20800,1,8/", "99,20800,1,10/"]).encode()


# -- what is refused or reported ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [2, 3, 4, 5, 6])
def test_a_file_cut_off_is_refused_in_both_ways_of_reading(kept: int) -> None:
    data = b"\n".join(file(account(Move(100), Move(200))).split(b"\n")[:kept])
    assert_refused(read_bai2, data, "cut off|ends without")


def test_a_trailer_cut_within_its_last_number_is_refused() -> None:
    accounts = [account(Move(100)) for _ in range(5)]
    with pytest.raises(StatementError, match="cut off"):
        read_bai2(file(*accounts).rstrip(b"/\n")[:-1])


@pytest.mark.parametrize("line", ["77,WHAT/", "16,142,5,Z,,,T/", "49,0,2/", "HELLO", "88,X/"])
def test_a_record_that_belongs_nowhere_is_refused_or_reported(line: str) -> None:
    lines = file(account(Move(100))).decode().splitlines()
    data = "\n".join([*lines[:2], line, *lines[2:]]).encode()
    if line.startswith("88"):
        data = f"{line}\n".encode() + file(account(Move(100)))
    with pytest.raises(StatementError):
        only(data)
    statement = only(data, damaged="report")
    assert "record-not-read" in codes(statement) and len(statement.entries) == 1


def test_damaged_transactions_are_reported_and_the_others_read() -> None:
    data = file(account(Move(100), Move(200), Move(300))).replace(b"16,195,200,", b"16,195,2O0,")
    statement = only(data, damaged="report")
    assert [each.amount.text for each in statement.entries] == ["1.00", "3.00"]
    assert codes(statement) == ["record-not-read", "totals-differ"] and statement.findings[0].line == 5


def test_an_account_without_trailer_is_reported() -> None:
    lines = account(Move(100))
    data = file(lines[:-1], account(Move(200)))
    with pytest.raises(StatementError, match="49"):
        read_bai2(data)
    first, second = read_bai2(data, damaged="report")
    assert "record-not-read" in codes(first) and len(second.entries) == 1


def test_nothing_else_is_a_report() -> None:
    with pytest.raises(StatementError):
        read_bai2(b"hello", damaged="report")
    with pytest.raises(StatementError, match="no account"):
        read_bai2(file())


def test_limits_hold() -> None:
    data = file(account(Move(1), Move(2)), account())
    assert_limits_hold(read_bai2, data, 20)


def test_reasons_repeat_nothing_of_the_file() -> None:
    with pytest.raises(StatementError) as refused:
        entry(Move(1, rest="X,SECRET,,SECRET/"))
    assert "SECRET" not in str(refused.value) and refused.value.line == 4


# -- laws -----------------------------------------------------------------------------------------------------------

WORDS = st.text("ABC abc/,.:-#0123456789", max_size=40).map(lambda text: " ".join(text.split()).strip("/, "))
MOVES = st.builds(
    lambda units, text, more: Move(units, rest=f"Z,,,{text}/", below=tuple(f"{each}/" for each in more)),
    units=st.integers(-(10**12), 10**12).filter(bool),
    text=WORDS,
    more=st.lists(WORDS, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MOVES, max_size=8), st.integers(-(10**12), 10**12), st.sampled_from(("", "JPY", "KWD")))
def test_what_is_written_is_read(moves: list[Move], opening: int, currency: str) -> None:
    statement = only(file(account(*moves, opening=opening, currency=currency)))
    assert [each.amount.minor_units for each in statement.entries] == [move.units for move in moves]
    assert [each.remittance for each in statement.entries] == [
        tuple(text for text in (move.rest[4:-1], *[line[:-1] for line in move.below]) if text) for move in moves
    ]
    assert statement.balanced is True and codes(statement) == []


def test_one_changed_character_never_gives_another_total_unseen() -> None:
    data = file(account(Move(-4599, below=("MORE/",)), Move(100000), Move(-1), more="040,77,,"))
    changes = product(range(len(data)), (b"0", b"1", b"4", b"7", b" ", b"-", b",", b"/", b"\n"))
    assert_change_moves_no_money_unseen(read_bai2, data, changes)


def test_any_bytes_are_statements_or_a_refusal() -> None:
    seed = file(account(Move(-4599, below=LABELS), Move(7, rest="D,2,0,3,1,4,,,T/")), account())
    words = (b"16,", b"\n", b"\xff", b"1", b",", b"/", b"88,", b"", b"D,99", b"/ 16,142,5,Z")
    assert_read_or_refused(read_bai2, "bai2", spliced(seed, words, 40, 1200))


def test_twice_the_file_takes_about_twice_the_time() -> None:
    def written(entries: int) -> bytes:
        return file(account(*[Move(7, below=("ORG=A BNF=B OBI=C/",))] * entries))

    assert_time_grows_with_the_file(read_bai2, written, 1000)
