"""MT942: interim reports without balances, checked by the bank's own totals, alone or beside statements."""

from __future__ import annotations

from datetime import date

import pytest

from oimkit.banking import EntryStatus, detect, read_statements
from oimkit.errors import StatementError
from tests.banking.statement_files import mt940


def mt942(*lines: str, floor: str = "EUR0,", account: str = "DE02120300000000202051") -> bytes:
    """One MT942 report with the given lines behind its head."""
    head = [":20:REPORT", f":25:{account}", ":28C:1/1", f":34F:{floor}", ":13D:2503041200+0100"]
    return "\n".join([*head, *lines, "-", ""]).encode()


ENTRIES = (":61:2503040304C5,00NTRFNONREF//B1", ":86:Invoice 7", ":61:2503040304D2,00NCHGNONREF//B2", ":86:Fees")


def test_a_report_has_entries_and_no_balance() -> None:
    data = mt942(*ENTRIES, ":90D:1EUR2,00", ":90C:1EUR5,00")
    assert detect(data) == "mt942"
    (report,) = read_statements(data)
    assert (report.format, report.opening, report.closing, report.balanced) == ("mt942", None, None, None)
    assert [(entry.amount.text, entry.status) for entry in report.entries] == [
        ("5.00", EntryStatus.BOOKED),
        ("-2.00", EntryStatus.BOOKED),
    ]
    assert (report.balances, report.findings, report.period_end) == ((), (), date(2025, 3, 4))


@pytest.mark.parametrize(
    ("floor", "currency"), [("EUR0,", "EUR"), ("PLN0", "PLN"), ("USDD0,00", "USD"), ("CHF C0,00", "CHF")]
)
def test_the_currency_is_that_of_the_floor_limit(floor: str, currency: str) -> None:
    (report,) = read_statements(mt942(*ENTRIES, floor=floor))
    assert report.currency.code == currency
    assert {entry.amount.currency.code for entry in report.entries} == {currency}


def test_a_floor_limit_above_nothing_is_reported() -> None:
    (report,) = read_statements(mt942(*ENTRIES, floor="EURD100,00"))
    assert [(finding.code, finding.line) for finding in report.findings] == [("floor-limit", 4)]


def test_without_a_floor_limit_the_totals_name_the_currency() -> None:
    data = mt942(*ENTRIES, ":90D:1SEK2,00").replace(b":34F:EUR0,\n", b"")
    (report,) = read_statements(data, format="mt942")
    assert report.currency.code == "SEK"


@pytest.mark.parametrize(
    ("totals", "found"),
    [
        ((":90D:1EUR2,00", ":90C:1EUR5,00"), []),
        ((":90D:1EUR2,00", ":90C:1EUR5,01"), ["90C"]),
        ((":90D:2EUR2,00", ":90C:1EUR5,00"), ["90D"]),
        ((":90D:0EUR0,", ":90C:0EUR0,"), ["90D", "90C"]),
        ((":90D:1USD2,00",), ["90D"]),
        ((), []),
    ],
)
def test_number_and_sum_of_either_side_are_checked(totals: tuple[str, ...], found: list[str]) -> None:
    (report,) = read_statements(mt942(*ENTRIES, *totals))
    assert [finding.tag for finding in report.findings if finding.code == "totals-differ"] == found
    assert len(report.entries) == 2


def test_a_reversed_credit_counts_among_the_debits() -> None:
    (report,) = read_statements(mt942(":61:250304RC5,00NTRFNONREF", ":90D:1EUR5,00", ":90C:0EUR0,"))
    assert (report.entries[0].amount.text, report.findings) == ("-5.00", ())


def test_an_entry_over_nothing_may_be_counted_on_either_side() -> None:
    (report,) = read_statements(mt942(":61:250304C0,00NTRFNONREF", ":90D:1EUR0,", ":90C:0EUR0,"))
    assert report.findings == ()


def test_totals_that_cannot_be_read_are_reported() -> None:
    (report,) = read_statements(mt942(*ENTRIES, ":90D:none"))
    assert [(finding.code, finding.tag) for finding in report.findings] == [("field-not-read", "90D")]


def test_expected_entries_are_pending() -> None:
    (report,) = read_statements(mt942(":61:250304EC5,00NTRFNONREF", ":61:250304ED2,00NTRFNONREF"))
    assert [(entry.amount.text, entry.status) for entry in report.entries] == [
        ("5.00", EntryStatus.PENDING),
        ("-2.00", EntryStatus.PENDING),
    ]


def test_a_text_behind_the_totals_belongs_to_the_report() -> None:
    (report,) = read_statements(mt942(*ENTRIES, ":90D:1EUR2,00", ":90C:1EUR5,00", ":86:Report of noon"))
    assert report.remarks == ("Report of noon",)
    assert [entry.remittance for entry in report.entries] == [("Invoice 7",), ("Fees",)]


REPORT = mt942(*ENTRIES, ":90D:1EUR2,00", ":90C:1EUR5,00")
STATEMENT = mt940(":61:250304C5,00NTRFNONREF", closing="C250331EUR105,")


@pytest.mark.parametrize(
    ("data", "formats"),
    [
        (REPORT + STATEMENT + REPORT, ["mt942", "mt940", "mt942"]),
        (STATEMENT + REPORT, ["mt940", "mt942"]),
        (REPORT.replace(b"-\n", b"") + STATEMENT, ["mt942", "mt940"]),
    ],
)
@pytest.mark.parametrize("name", ["mt940", "mt942"])
def test_reports_and_statements_may_share_a_file(data: bytes, formats: list[str], name: str) -> None:
    found = read_statements(data, format=name)
    assert [each.format for each in found] == formats
    assert all(each.balanced is (True if each.format == "mt940" else None) for each in found)
    assert all(each.findings == () for each in found)


def test_a_report_without_entries_is_one() -> None:
    data = mt942(":90D:0EUR0,", ":90C:0EUR0,")
    first, second = read_statements(data + data)
    assert (first.entries, second.entries, first.findings) == ((), (), ())


def test_the_envelope_tells_a_report_that_has_neither_limit_nor_totals() -> None:
    data = b"{1:F01EXAMGB2LAXXX0000000000}{2:I942EXAMGB2LXXXXN}{4:\n:20:A\n:25:1\n:28C:1\n:61:250304C1,NMSCX\n-}\n"
    (report,) = read_statements(data)
    assert (report.format, report.balanced) == ("mt942", None)


def test_a_message_that_never_ends_is_cut_off() -> None:
    data = b"{1:F01EXAMGB2LAXXX0000000000}{2:I942EXAMGB2LXXXXN}{4:\n" + mt942(*ENTRIES).removesuffix(b"-\n")
    with pytest.raises(StatementError, match="cut off") as refused:
        read_statements(data)
    assert refused.value.format == "mt942"


def test_an_entry_that_cannot_be_read_is_refused_or_left_out() -> None:
    data = mt942(*ENTRIES, ":61:250304C1.234NTRF", ":90D:1EUR2,00", ":90C:1EUR5,00")
    with pytest.raises(StatementError, match="two ways") as refused:
        read_statements(data)
    assert (refused.value.format, refused.value.line) == ("mt942", 10)
    (report,) = read_statements(data, unbalanced="report", damaged="report")
    assert [finding.code for finding in report.findings] == ["record-not-read"]
    assert len(report.entries) == 2


def test_ordinary_entries_of_a_report_are_read_in_bulk_to_the_same_values() -> None:
    text = (":61:2503040304CR1,00NTRFNONREF//B1", ":86:166?00GUTSCHRIFT?20SVWZ+Invoice 1?32EXAMPLE")
    (report,) = read_statements(mt942(*text * 300, ":90C:300EUR300,00"))
    assert len(report.entries) == 300
    assert len(set(report.entries)) == 1
    assert report.entries[-1].line == 6 + 2 * 299
    assert report.findings == ()
