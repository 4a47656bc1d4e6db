"""Keys of entries, and the plan of an import: what is new, what is refused, what a person should look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking.importing import ImportPlan, all_keys, plan_import
from oimkit.banking.journals import JournalState, same_account
from oimkit.banking.keys import detail_keys, entry_keys
from oimkit.banking.statement import Balance, Entry, EntryStatus, Party, Statement
from oimkit.errors import StatementError
from oimkit.money import Currency, Money, total

ACCOUNT = "NL57OIMK0417164300"
EUR = Currency("EUR")
DAY = date(2026, 11, 2)
JOURNAL = JournalState(id=7, code="BNK1", currency=EUR, account=ACCOUNT)


def entry(amount: str, *text: str, day: int = 0, **more: object) -> Entry:
    values: dict[str, object] = {
        "amount": Money(amount, "EUR"),
        "value_date": DAY + timedelta(days=day),
        "remittance": text,
    }
    return Entry(**{**values, **more})  # type: ignore[arg-type]


def statement(opening: str | None, *entries: Entry, closing: str | None = None, **more: object) -> Statement:
    begin = None if opening is None else Money(opening, "EUR")
    moved = total((each.amount for each in entries if each.is_booked), "EUR")
    end = begin + moved if closing is None and begin is not None else closing and Money(closing, "EUR")
    values: dict[str, object] = {
        "format": "mt940",
        "account": ACCOUNT,
        "currency": EUR,
        "entries": entries,
        "opening": None if begin is None else Balance(begin, entries[0].value_date if entries else DAY),
        "closing": None if not end else Balance(end),
    }
    return Statement(**{**values, **more})  # type: ignore[arg-type]


def plan(*statements: Statement, journal: JournalState = JOURNAL, known: frozenset[str] = frozenset()) -> ImportPlan:
    return plan_import(statements, journal, known=known)


def keys(made: ImportPlan) -> frozenset[str]:
    return frozenset(each.key for each in made.entries)


def codes(made: ImportPlan) -> list[str]:
    return [finding.code for finding in made.findings]


def test_two_equal_payments_are_two_keys() -> None:
    twice = statement("0.00", entry("10.00", "tea"), entry("10.00", "tea"))
    assert len(set(entry_keys(twice))) == 2


def test_reading_again_gives_the_same_keys_whatever_the_order() -> None:
    entries = [entry("10.00", "tea"), entry("10.00", "coffee"), entry("10.00", "tea", reference="B1"), entry("10.00")]
    forward, backward = entry_keys(statement("0.00", *entries)), entry_keys(statement("0.00", *reversed(entries)))
    assert forward == tuple(reversed(backward))
    assert len(set(forward)) == 4


def test_line_breaks_and_punctuation_of_a_text_do_not_change_a_key() -> None:
    one, two = entry("10.00", "pay-", "ment 7"), entry("10.00", "Payment 7")
    assert entry_keys(statement("0.00", one)) == entry_keys(statement("0.00", two))


def test_text_of_a_referenced_entry_does_not_count_but_its_day_and_amount_do() -> None:
    def key(each: Entry) -> str:
        return entry_keys(statement("0.00", each))[0]

    first = entry("10.00", "tea", reference="B1")
    assert key(first) == key(replace(first, remittance=("TEA SHOP",)))
    assert key(first) != key(replace(first, value_date=date(2026, 11, 3)))
    assert key(first) != key(replace(first, amount=Money("10.01", "EUR")))
    assert key(first) != entry_keys(statement("0.00", first, account="NL30OIMK0417164301"))[0]


def test_key_is_an_external_id_name_and_tells_nothing() -> None:
    (key,) = entry_keys(statement("0.00", entry("10.00", "secret", counterparty=Party(name="Ann", account=ACCOUNT))))
    assert key.replace("_", "").isalnum()
    assert key == key.lower()
    assert "secret" not in key
    assert "0417164300" not in key


@given(
    st.lists(
        st.tuples(st.sampled_from(["1.00", "2.00"]), st.sampled_from(["", "a", "b"]), st.integers(0, 1)), max_size=8
    )
)
def test_keys_are_distinct_and_count_equal_entries(rows: list[tuple[str, str, int]]) -> None:
    entries = [entry(amount, *([text] if text else []), day=day) for amount, text, day in rows]
    made = entry_keys(statement("0.00", *entries))
    assert len(set(made)) == len(entries)
    again = entry_keys(statement("0.00", *sorted(entries, key=repr)))
    assert set(again) == set(made)


@given(
    st.lists(st.tuples(st.sampled_from(["1.00", "-2.00"]), st.sampled_from(["", "a"]), st.integers(0, 3)), max_size=8),
    st.integers(0, 8),
)
@settings(deadline=None)
def test_planning_twice_gives_the_same_and_after_an_import_nothing(rows: list[tuple[str, str, int]], cut: int) -> None:
    entries = sorted((entry(a, *([t] if t else []), day=d) for a, t, d in rows), key=lambda each: each.value_date)
    first = statement("100.00", *entries[:cut], number="1")
    assert first.closing is not None
    second = statement(first.closing.amount.text, *entries[cut:], number="2")
    made = plan(first, second)
    assert made == plan(first, second)
    assert len(keys(made)) == len(entries)
    assert all(
        part.opening is not None
        and part.closing is not None
        and part.opening + total((line.amount for line in part.entries), "EUR") == part.closing
        for part in made.statements
    )
    after = plan(first, second, known=keys(made))
    assert after.is_empty
    assert after.known == len(entries)
    assert keys(made) <= all_keys((first, second))


def test_equal_payments_in_two_statements_that_follow_are_both_taken() -> None:
    morning, evening = statement("0.00", entry("10.00", "tea")), statement("10.00", entry("10.00", "tea"))
    assert len(plan(morning, evening).entries) == 2


def test_second_statement_that_may_be_a_part_of_the_first_is_reported() -> None:
    """Without numbers, a statement that moves nothing and one that opens there cannot be told from an overlap."""
    whole, part = statement("5.00", entry("1.00"), entry("-1.00")), statement("5.00", entry("1.00"), entry("2.00"))
    made = plan(whole, part)
    assert [line.amount.text for line in made.entries] == ["1.00", "-1.00", "2.00"]
    assert "known-but-balances-say-new" in codes(made)


def test_same_statement_given_twice_is_taken_once() -> None:
    once = statement("0.00", entry("10.00", "tea"), entry("5.00", "milk"))
    assert len(plan(once, once).entries) == 2


def test_copies_of_a_day_that_ends_where_it_began_are_taken_once() -> None:
    morning = statement("10.00", entry("5.00"), number="1")
    evening = statement("15.00", entry("-5.00"), number="2")
    made = plan(morning, evening, morning, evening)
    assert (len(made.entries), made.known) == (2, 2)


def test_overlapping_statements_give_each_entry_once() -> None:
    first = statement("0.00", entry("10.00", "a"), entry("20.00", "b", day=1))
    second = statement("10.00", entry("20.00", "b", day=1), entry("30.00", "c", day=2))
    made = plan(first, second)
    assert [line.amount.text for line in made.entries] == ["10.00", "20.00", "30.00"]
    assert codes(made) == ["overlap"]
    assert made.statements[1].opening == Money("30.00", "EUR")


def test_entries_of_zero_are_left_out() -> None:
    assert [line.amount.text for line in plan(statement("0.00", entry("0.00", "note"), entry("1.00"))).entries] == [
        "1.00"
    ]


def test_pending_entries_are_counted_and_never_imported() -> None:
    made = plan(statement("0.00", entry("10.00"), entry("99.00", status=EntryStatus.PENDING)))
    assert [line.amount.text for line in made.entries] == ["10.00"]
    assert made.pending == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            statement("0.00", entry("10.00"), account="NL30OIMK0417164301"),
            "ending in 4301, journal BNK1 is of the one ending in 4300",
        ),
        (Statement(format="ofx2", account=ACCOUNT, currency=Currency("USD"), entries=()), "in USD"),
        (statement("0.00", entry("10.00"), closing="11.00"), "does not balance"),
    ],
)
def test_foreign_or_unbalanced_statement_is_refused_without_its_account(wrong: Statement, said: str) -> None:
    with pytest.raises(StatementError, match=said) as refusal:
        plan(wrong)
    assert "0417164" not in str(refusal.value)
    assert refusal.value.advice


def test_unbalanced_statement_is_taken_when_told_and_reported() -> None:
    off = statement("0.00", entry("10.00"), closing="11.00")
    made = plan_import([off], JOURNAL, known=(), accept_unbalanced=True)
    assert codes(made) == ["unbalanced"]
    assert len(made.entries) == 1


def test_statement_without_balances_is_taken_with_one_finding() -> None:
    made = plan(statement(None, entry("10.00")))
    assert codes(made) == ["no-balances"]
    assert made.statements[0].opening is None


def test_page_that_was_not_joined_is_reported() -> None:
    assert codes(plan(statement("0.00", entry("10.00"), continued=True))) == ["page-not-joined"]


def test_statement_that_names_no_currency_takes_the_journals() -> None:
    bare = Statement(
        format="qif",
        account=None,
        currency=Currency("XXX"),
        entries=(Entry(amount=Money("10.00", "XXX"), value_date=DAY),),
    )
    made = plan(bare)
    assert made.entries[0].amount == Money("10.00", "EUR")
    assert set(codes(made)) == {"no-balances", "account-not-checked", "currency-not-named"}


def test_gap_to_the_journals_balance_is_reported() -> None:
    stands = replace(JOURNAL, balance=Money("100.00", "EUR"), balance_date=DAY)
    assert codes(plan(statement("90.00", entry("10.00")), journal=stands)) == ["balance-gap"]
    assert codes(plan(statement("100.00", entry("10.00")), journal=stands)) == []


def test_new_entries_before_the_journals_last_day_are_reported() -> None:
    stands = replace(JOURNAL, balance=Money("100.00", "EUR"), balance_date=DAY + timedelta(days=5))
    assert "older-than-journal" in codes(plan(statement("100.00", entry("10.00")), journal=stands))


def test_known_entries_of_a_statement_that_opens_where_the_journal_stands_are_reported() -> None:
    first = statement("0.00", entry("10.00", "tea"))
    stands = replace(JOURNAL, balance=Money("10.00", "EUR"), balance_date=DAY)
    made = plan(statement("10.00", entry("10.00", "tea")), journal=stands, known=keys(plan(first)))
    assert codes(made) == ["known-but-balances-say-new"]


def test_opening_without_history_is_reported_once() -> None:
    made = plan(statement("100.00", entry("10.00")), statement("110.00", entry("1.00", day=1)))
    assert codes(made) == ["opens-without-history"]


def test_details_are_taken_one_by_one_where_they_sum_exactly() -> None:
    details = (entry("4.00", "a"), entry("6.00", "b"))
    batch = statement("0.00", entry("10.00", "batch", details=details))
    short = statement("0.00", entry("10.00", "batch", details=details[:1]))
    by_detail = plan_import([batch], JOURNAL, known=(), per="detail")
    assert [line.label for line in by_detail.entries] == ["a", "b"]
    assert [line.label for line in plan_import([short], JOURNAL, known=(), per="detail").entries] == ["batch"]
    assert plan_import([batch], JOURNAL, known=keys(by_detail)).is_empty
    assert plan_import([batch], JOURNAL, known=keys(plan(batch)), per="detail").is_empty


def test_equal_details_are_two_keys() -> None:
    batch = entry("8.00", details=(entry("4.00", "a"), entry("4.00", "a")))
    assert len(set(detail_keys("entry_x", batch))) == 2


def test_long_statement_becomes_parts_chained_by_their_balances() -> None:
    made = plan(statement("5.00", *(entry("1.00", str(number)) for number in range(1100))))
    assert [len(part.entries) for part in made.statements] == [500, 500, 100]
    assert [part.opening and part.opening.text for part in made.statements] == ["5.00", "505.00", "1005.00"]


def test_label_is_never_empty_and_holds_reference_and_text() -> None:
    made = plan(statement("0.00", entry("1.00"), entry("2.00", "line one", "line two", structured_reference="RF18")))
    assert [line.label for line in made.entries] == ["/", "RF18 line one line two"]


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("NL57 OIMK 0417 1643 00", True),
        ("NL57OIMK0417164300EUR", True),
        ("0417164300", True),
        ("417164300", True),
        ("164301", False),
        ("4300", False),
        ("NL30OIMK0417164301", False),
    ],
)
def test_account_is_recognised_in_the_forms_that_banks_print(printed: str, same: bool) -> None:
    assert same_account(printed, ACCOUNT) is same
    assert same_account(ACCOUNT, printed) is same


def test_control_characters_do_not_reach_the_server() -> None:
    party = Party(name="A\x01nn", account=ACCOUNT)
    (line,) = plan(
        statement("0.00", entry("1.00", "one\x00two\n three", counterparty=party, reference="R\x021"))
    ).entries
    assert (line.label, line.partner_name, line.reference) == ("one two three", "A nn", "R 1")


def test_plan_and_journal_show_no_account_in_their_repr() -> None:
    made = plan(statement("0.00", entry("1.00", "CANARY", counterparty=Party(name="CANARY", account=ACCOUNT))))
    assert "CANARY" not in repr(made) + repr(JOURNAL)
    assert "0417164300" not in repr(made) + repr(JOURNAL)


@pytest.mark.parametrize(("booked", "found"), [(31, []), (32, ["booked-after-closing"])])
def test_booking_far_after_the_closing_balance_is_a_finding(booked: int, found: list[str]) -> None:
    late = entry("10.00", "tea", booking_date=DAY + timedelta(days=booked))
    closed = replace(statement("0.00", late), closing=Balance(Money("10.00", "EUR"), DAY))
    assert codes(plan(closed)) == found
