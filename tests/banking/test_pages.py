"""Pages of one statement become one; gaps are told, never guessed away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from oimkit.banking import join_pages, read_statements
from tests.banking.statement_files import codes, content, read


def test_pages_become_one_balanced_statement() -> None:
    joined, other = join_pages(read("mt940/two_pages.sta"))
    assert (joined.is_complete, joined.balanced, len(joined.entries)) == (True, True, 2)
    assert joined.opening is not None and joined.closing is not None
    assert (joined.opening.amount.text, joined.closing.amount.text, joined.page) == ("10.00", "14.00", None)
    assert codes(other) == ["statement-gap"]


def test_camt_pages_become_one() -> None:
    (joined,) = join_pages(read("camt053/pages_by_interim_balance.xml"))
    assert (joined.balanced, len(joined.entries)) == (True, 2)


def test_pages_of_two_accounts_sent_in_turns_find_their_own() -> None:
    one = read("mt940/two_pages.sta")[:2]
    two = read_statements(content("mt940/two_pages.sta").replace(b"DE02100500000054540402", b"DE02120300000000202051"))[
        :2
    ]
    joined = join_pages([one[0], two[0], one[1], two[1]])
    assert [(each.account, len(each.entries)) for each in joined] == [
        ("DE02100500000054540402", 2),
        ("DE02120300000000202051", 2),
    ]


def test_a_missing_first_page_is_reported() -> None:
    _, second, _ = read("mt940/two_pages.sta")
    (alone,) = join_pages([second])
    assert codes(alone) == ["page-missing"]


def test_a_missing_last_page_is_reported() -> None:
    first, _, _ = read("mt940/two_pages.sta")
    (alone,) = join_pages([first])
    assert (codes(alone), alone.is_complete) == (["page-missing"], False)


def test_a_page_that_opens_elsewhere_stays_apart() -> None:
    data = content("mt940/two_pages.sta").replace(b":60M:C250302EUR15,00", b":60M:C250302EUR16,00")
    first, second, _ = join_pages(read_statements(data, unbalanced="report"))
    assert (codes(first), codes(second)) == (["page-missing"], ["page-gap"])


def test_a_repeated_page_is_reported() -> None:
    first, second, _ = read("mt940/two_pages.sta")
    joined = join_pages([first, second, second])
    assert [codes(each) for each in joined] == [[], ["page-missing"]]


def test_whole_statements_pass_unchanged() -> None:
    statements = read("mt940/abn_slash.sta")
    assert join_pages(statements) == statements
    assert join_pages([]) == ()


def test_a_first_page_that_comes_twice_is_reported_and_its_first_print_stays_open() -> None:
    first, second, _ = read("mt940/two_pages.sta")
    lost, whole = join_pages([first, first, second])
    assert (codes(lost), codes(whole)) == (["page-missing"], ["page-repeated"])
    assert (lost.is_complete, whole.is_complete, len(whole.entries)) == (False, True, 2)


def test_what_stands_on_the_last_page_only_is_kept() -> None:
    first, second, _ = read("mt940/two_pages.sta")
    (whole,) = join_pages([first, replace(second, remarks=("Below",), period_end=date(2025, 3, 4))])
    assert (whole.remarks, whole.period_end) == ((*first.remarks, "Below"), date(2025, 3, 4))
    assert whole.balances == (*first.balances, *second.balances)
