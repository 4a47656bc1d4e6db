"""Statements written as CAMT.053 read back as they were; what the format cannot carry is listed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import (
    Balance,
    Entry,
    EntryStatus,
    Exchange,
    Loss,
    Party,
    Statement,
    read_statements,
    write_statements,
)
from oimkit.errors import InputError
from oimkit.money import Currency, Money
from tests.conftest import corpus_folder

CREATED = datetime(2025, 4, 1, 8, 30)
EUR = Currency("EUR")

FULL = Entry(
    amount=Money("-12.50", "EUR"),
    value_date=date(2025, 3, 4),
    booking_date=date(2025, 3, 3),
    reference="B-1",
    end_to_end_id="E-1",
    mandate_id="M-1",
    batch_id="PI-1",
    creditor_id="BE69ZZZ050D000000008",
    counterparty=Party("Müller & <Sons>", "BE68539007547034", "KREDBEBB", ("Way 1", "BE"), "BE69ZZZ050D000000008"),
    ultimate=Party("Holding"),
    structured_reference="RF18539007547034",
    remittance=("Invoice 5", 'of "March"'),
    purpose="ELEC",
    bank_code="PMNT-RDDT-ESDD",
    codes=(("iso20022", "PMNT-RDDT-ESDD"), ("swift", "NDDT"), ("gvc", "105")),
    references=(("InstrId", "IN"), ("ChqNb", "77"), ("kref", "K")),
    return_reason="AC04",
    instructed=Money("13.70", "USD"),
    charges=Money("0.30", "EUR"),
    exchange=Exchange(Decimal("1.0960"), Currency("USD"), EUR),
)


def statement(*entries: Entry, **more: object) -> Statement:
    opening, closing = Balance(Money("100.00", "EUR"), date(2025, 3, 1), "OPBD"), None
    total = sum((entry.amount.amount for entry in entries if entry.is_booked), Decimal("100.00"))
    closing = Balance(Money(total, "EUR"), date(2025, 3, 31), "CLBD")
    given: dict[str, object] = {
        "format": "mt940",
        "account": "DE02120300000000202051",
        "currency": EUR,
        "entries": entries,
        "opening": opening,
        "closing": closing,
        "balances": (opening, closing),
        "reference": "S-1",
    }
    return Statement(**(given | more))  # type: ignore[arg-type]


def losses(*statements: Statement) -> tuple[Loss, ...]:
    return write_statements(statements, "camt053", message_id="M-1", created=CREATED).losses


def test_every_field_of_an_entry_is_carried() -> None:
    assert losses(statement(FULL)) == ()


def test_every_field_of_a_statement_is_carried() -> None:
    whole = statement(
        FULL,
        number="45",
        page=2,
        owner=Party("Our Ltd", "DE02120300000000202051", "BYLADEM1001", ("Road 2",)),
        period_start=date(2025, 3, 1),
        period_end=date(2025, 3, 31),
        remarks=("Limits have changed",),
    )
    assert losses(whole, statement()) == ()


def test_a_batch_keeps_its_details() -> None:
    detail = replace(FULL, batch_id="PI-2", codes=FULL.codes[:2])
    batch = Entry(
        amount=Money("-25.00", "EUR"), value_date=date(2025, 3, 4), booking_date=date(2025, 3, 3),
        details=(detail, replace(detail, end_to_end_id="E-2")), batch_id="PI-1", remittance=("Batch",),
    )  # fmt: skip
    assert losses(statement(batch)) == ()


@pytest.mark.parametrize("status", EntryStatus)
def test_the_status_is_carried(status: EntryStatus) -> None:
    assert losses(statement(replace(FULL, status=status))) == ()


@pytest.mark.parametrize("amount", ["-12.50", "12.50"])
def test_the_other_side_of_a_reversal_is_carried(amount: str) -> None:
    plain = replace(FULL, creditor_id=None, amount=Money(amount, "EUR"), reversal=True)
    assert losses(statement(plain)) == ()


def test_pages_stay_pages() -> None:
    interim = Balance(Money("87.50", "EUR"), date(2025, 3, 4), "ITBD")
    page = statement(FULL, closing=interim, balances=(statement().opening, interim), continued=True)
    assert losses(page) == ()


def test_what_is_not_carried_is_listed_by_its_place() -> None:
    long = replace(FULL, remittance=("x" * 141,))
    detail = Entry(amount=FULL.amount, value_date=FULL.value_date, booking_date=FULL.booking_date)
    batch = replace(FULL, details=(detail, detail))
    found = losses(statement(long), statement(FULL, batch, number="2025/45"))
    assert Loss(1, "remittance", 1) in found
    assert Loss(2, "number") in found
    assert Loss(2, "counterparty", 2) in found


def test_an_mt940_gives_an_entry_without_a_text_none() -> None:
    bare = Entry(amount=Money("-1.00", "EUR"), value_date=FULL.value_date, booking_date=FULL.booking_date)
    written = write_statements([statement(bare)], "mt940", message_id="M", created=CREATED)
    (again,) = read_statements(written.data)
    assert again.entries[0].remittance == ()


def test_the_written_file_balances_and_is_recognised() -> None:
    written = write_statements([statement(FULL)], "camt053", message_id="M", created=CREATED)
    (again,) = read_statements(written.data)
    assert (again.format, again.balanced) == ("camt053", True)
    assert b"<CreDtTm>2025-04-01T08:30:00</CreDtTm>" in written.data


@pytest.mark.parametrize("arguments", [{"format": "ofx1"}, {"message_id": ""}, {"message_id": "x" * 36}])
def test_wrong_arguments_are_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(InputError):
        write_statements([statement()], **({"format": "camt053", "message_id": "M"} | arguments), created=CREATED)


texts = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=60)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
amounts = st.decimals(Decimal("-9999999.99"), Decimal("9999999.99"), places=2, allow_nan=False).filter(bool)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    party = draw(st.none() | st.builds(Party, name=texts))
    return Entry(
        amount=Money(draw(amounts), "EUR"),
        value_date=draw(days),
        booking_date=draw(st.none() | days),
        status=draw(st.sampled_from(EntryStatus)),
        reference=draw(st.none() | texts),
        counterparty=party,
        remittance=tuple(draw(st.lists(texts, max_size=3))),
        reversal=draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(entries(), max_size=6))
def test_whatever_is_written_reads_back(found: list[Entry]) -> None:
    written = write_statements([statement(*found)], "camt053", message_id="M", created=CREATED)
    (again,) = read_statements(written.data, unbalanced="report")
    assert [entry.amount for entry in again.entries] == [entry.amount for entry in found]
    assert {loss.field for loss in written.losses} <= {"reference", "end_to_end_id", "remittance"}


def test_an_id_that_the_file_must_have_is_no_loss() -> None:
    bare = Statement(format="csv", account=None, currency=EUR, entries=())
    written = write_statements([bare], "camt053", message_id="M", created=CREATED)
    assert read_statements(written.data, unbalanced="report")[0].reference == "M-1"
    assert written.losses == ()


@pytest.mark.corpus
def test_every_readable_file_of_the_corpus_is_written_and_reads_back() -> None:
    """Money, dates, accounts and states read back of every file, else write_statements raises."""
    folder = corpus_folder()
    assert folder is not None
    written = 0
    for path in sorted(folder.glob("*/**/*.*")):
        try:
            statements = read_statements(path.read_bytes(), unbalanced="report")
        except InputError:
            continue
        write_statements(statements, "camt053", message_id="M", created=CREATED)
        written += 1
    assert written > 200
