"""A profile proposed for a CSV file reads that file, asks what nothing proves, and decides nothing by chance."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oimkit.banking import Statement, read_statements
from oimkit.banking.csv_profiles import load_profile
from oimkit.banking.csv_profiles.proposal import Proposal, propose_profile
from oimkit.errors import StatementError
from tests.banking.statement_files import FILES

GOLDEN = sorted((FILES / "golden" / "csv").glob("*.csv"))


def answered(proposal: Proposal, *, sign: str = "signed", **instead: str) -> str:
    """The proposal's text with the first answer to every question, or the one that is named."""
    text = re.sub(r'^# ((?:order|decimal|currency) = "[^"]*").*', r"\1", proposal.text, flags=re.MULTILINE)
    for key, value in instead.items():
        text = re.sub(rf"^{key} = .*", f'{key} = "{value}"', text, flags=re.MULTILINE)
    return text.replace('sign = "open"', f'sign = "{sign}"')


def read_by(data: bytes, text: str) -> tuple[Statement, ...]:
    return read_statements(data, profile=load_profile(text), unbalanced="report")


def shown(statement: Statement) -> list[tuple[str, str]]:
    return [(str(entry.booking_date), str(entry.amount.amount)) for entry in statement.entries]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_proposal_for_a_file_that_is_known_reads_it_as_it_is_read_without(path: Path) -> None:
    data = path.read_bytes()
    proposal = propose_profile(data)
    plain = read_statements(data, unbalanced="report")
    if not path.stem.startswith("words_"):
        assert proposal.known is not None
        assert [each.entries for each in read_by(data, proposal.text)] == [each.entries for each in plain]
    assert [shown(each) for each in read_by(data, answered(proposal))] == [shown(each) for each in plain]
    assert list(proposal.entries) == [entry for each in plain for entry in each.entries][:10]


def test_what_the_file_proves_stands_in_the_profile() -> None:
    data = b"Date;Text;Debit;Credit;Currency\n05/01/2025;Rent;700,00;;EUR\n13/01/2025;INV;;121,00;EUR\n"
    proposal = propose_profile(data)
    assert (proposal.known, proposal.questions) == (None, ())
    profile = proposal.profile
    assert (profile.dates.order, profile.amounts.decimal) == ("dmy", ",")
    later = b"Date;Text;Debit;Credit;Currency\n05/02/2025;Rent;1.700;;EUR\n"
    (statement,) = read_by(later, proposal.text)
    assert shown(statement) == [("2025-02-05", "-1700")]


def test_an_order_that_the_days_do_not_need_is_not_made_up() -> None:
    proposal = propose_profile(b"Date;Text;Debit;Credit;Currency\n2025-01-05;Rent;700,00;;EUR\n")
    assert proposal.profile.dates.order is None and proposal.questions == ()


AMBIGUOUS = b"Date,Text,Amount\n05/01/2025,Shop,12.00\n06/01/2025,Cafe,3.00\n"


def test_what_nothing_proves_is_asked_and_the_answers_are_taken() -> None:
    proposal = propose_profile(AMBIGUOUS)
    assert [question.split("?")[0] for question in proposal.questions] == [
        "Does the day or the month come first",
        "Is money out printed with a minus (signed), or without one, as on cards (inverted)",
        "Which currency is the account in",
    ]
    with pytest.raises(StatementError):
        read_by(AMBIGUOUS, proposal.text)
    (signed,) = read_by(AMBIGUOUS, answered(proposal))
    (card,) = read_by(AMBIGUOUS, answered(proposal, sign="inverted", order="mdy", currency="USD"))
    assert shown(signed) == [("2025-01-05", "12.00"), ("2025-01-06", "3.00")]
    assert shown(card) == [("2025-05-01", "-12.00"), ("2025-06-01", "-3.00")]
    assert (signed.currency.code, card.currency.code) == ("EUR", "USD")


def test_a_question_does_not_answer_itself() -> None:
    profile = propose_profile(AMBIGUOUS).profile
    assert (profile.dates.order, profile.amounts.currency, profile.amounts.sign.value) == (None, None, "open")


def test_the_running_balance_answers_for_a_card() -> None:
    data = b"Date,Text,Amount,Balance\n2025-01-05,Shop,12.00,88.00\n2025-01-06,Cafe,3.00,85.00\n"
    proposal = propose_profile(data)
    assert proposal.profile.amounts.sign.value == "inverted"
    assert [entry.amount.text for entry in proposal.entries] == ["-12", "-3"]


def test_books_of_a_company_get_their_columns_exchanged() -> None:
    data = (
        b"Date,Text,Debit,Credit,Balance\n2025-01-05,A,20.00,,120.00\n2025-01-06,B,,13.50,106.50\n"
        b"2025-01-07,C,33.50,,140.00\n"
    )
    plain = read_statements(data, unbalanced="report")
    proposal = propose_profile(data)
    assert [shown(each) for each in read_by(data, answered(proposal))] == [shown(each) for each in plain]
    assert "Debits are money in by the running balance" in proposal.questions[0]


def test_a_file_without_entries_asks_for_one_that_has_some() -> None:
    assert "has no entries" in propose_profile(b"Date;Details;Amount\n").questions[0]


# -- by the cells -------------------------------------------------------------------------------------------------

GREEK = (
    "Λογαριασμός;GR1601101250000000012300695\n\nΗμερομηνία;Αιτιολογία;Ποσό;Υπόλοιπο\n"
    "05/01/2025;ΕΝΟΙΚΙΟ;-700,00;300,00\n06/01/2025;ΤΙΜΟΛΟΓΙΟ;121,00;421,00\n20/01/2025;ΔΕΗ;-21,00;400,00\n"
).encode()


def test_a_header_in_unknown_words_gets_a_profile_by_its_cells() -> None:
    with pytest.raises(StatementError):
        read_statements(GREEK)
    proposal = propose_profile(GREEK)
    assert "look" in proposal.questions[0]
    (statement,) = read_by(GREEK, answered(proposal))
    assert shown(statement) == [("2025-01-05", "-700.00"), ("2025-01-06", "121.00"), ("2025-01-20", "-21.00")]
    assert (statement.opening.amount.text, statement.balanced) == ("1000.00", True)  # type: ignore[union-attr]
    assert statement.entries[0].remittance == ("ΕΝΟΙΚΙΟ",)


def test_a_file_without_a_header_gets_the_kinds_of_its_cells() -> None:
    data = (
        b"2025-01-05,RENT,-700.00,EUR,GR1601101250000000012300695,17\n"
        b"2025-01-06,PAY,121.00,EUR,GR1601101250000000012300695,18\n"
    )
    proposal = propose_profile(data)
    assert proposal.profile.cells == ("date", "text", "amount", "text", "text", "text")
    (statement,) = read_by(data, proposal.text)
    assert (statement.account, statement.currency.code) == ("GR1601101250000000012300695", "EUR")
    assert [entry.references for entry in statement.entries] == [(("column 6", "17"),), (("column 6", "18"),)]
    with pytest.raises(StatementError, match="does not fit"):
        read_by(data.replace(b"-700.00", b"x"), proposal.text)


def test_the_balance_tells_which_of_two_unknown_columns_is_money_out() -> None:
    rows = "2025/01/05\t家賃\t\t70.50\t29.50\n2025/01/06\t振込\t12.10\t\t41.60\n"
    data = f"日付\t内容\t甲\t乙\t残高\n{rows}".encode()
    proposal = propose_profile(data)
    (statement,) = read_by(data, answered(proposal, currency="USD"))
    assert shown(statement) == [("2025-01-05", "-70.50"), ("2025-01-06", "12.10")]
    without = f"日付\t内容\t甲\t乙\n{rows}".replace("\t29.50", "").replace("\t41.60", "").encode()
    assert any("the first was taken for money out" in question for question in propose_profile(without).questions)


def test_thousands_that_may_be_decimals_are_asked() -> None:
    data = "日付\t内容\t出金\t入金\n2025/01/05\t家賃\t70,000\t\n2025/01/06\t振込\t\t12,100\n".encode()
    proposal = propose_profile(data)
    assert proposal.profile.amounts.decimal is None
    assert any("decimal mark" in question for question in proposal.questions)
    (statement,) = read_by(data, answered(proposal, decimal=".", currency="JPY"))
    assert shown(statement) == [("2025-01-05", "-70000"), ("2025-01-06", "12100")]


def test_several_columns_of_numbers_are_asked() -> None:
    data = b"wann;was;zahl1;zahl2\n13.01.2025;A;-7,00;3,00\n14.01.2025;B;-8,50;4,25\n"
    assert any("several columns hold numbers" in question for question in propose_profile(data).questions)


@pytest.mark.parametrize("data", [b"aa;bb;cc\nx;y;z\n", b"a;b;c\n2025-01-05;x;y\n", b"1,00;2,00;3,00\n"])
def test_a_file_without_days_or_amounts_gets_no_profile(data: bytes) -> None:
    with pytest.raises(StatementError, match="a day and an amount") as refused:
        propose_profile(data)
    assert refused.value.advice


def test_an_encoding_that_was_guessed_stands_in_the_profile() -> None:
    data = "Date;Text;Debit;Credit;Currency\n13/01/2025;Caf\u00e9;7,00;;EUR\n".encode("cp1252")
    proposal = propose_profile(data)
    assert proposal.profile.file.encoding == "cp1252"
    (statement,) = read_by(data, proposal.text)
    assert (statement.entries[0].remittance, statement.findings) == (("Caf\u00e9",), ())
    assert propose_profile(data.decode("cp1252").encode()).profile.file.encoding is None


def test_a_file_of_another_format_gets_no_profile_and_is_named() -> None:
    with pytest.raises(StatementError, match="the file is mt940, not CSV"):
        propose_profile(b":20:A\n:25:NL1\n:28C:1\n:60F:C250101EUR1,00\n:62F:C250101EUR1,00\n-\n")
    with pytest.raises(StatementError, match="the file is empty"):
        propose_profile(b"")
    with pytest.raises(StatementError, match="the file is a PDF"):
        propose_profile(b"%PDF-1.7\n...")
