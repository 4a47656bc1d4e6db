"""Domains in prefix notation: joined ones find what both find, whatever operators they hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.errors import InputError
from oimkit.odoo.domains import both, normalised

LEAVES = st.tuples(st.sampled_from("abc"), st.just("="), st.booleans()).map(list)
ONE = st.recursive(
    LEAVES.map(lambda leaf: [leaf]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("&|"), inner, inner).map(lambda parts: [parts[0], *parts[1], *parts[2]]),
        inner.map(lambda part: ["!", *part]),
    ),
    max_leaves=6,
)
DOMAINS = st.lists(ONE, max_size=3).map(lambda parts: [term for part in parts for term in part])
RECORDS = [{"a": a, "b": b, "c": c} for a in (False, True) for b in (False, True) for c in (False, True)]


def fits(domain: list[Any], record: dict[str, bool]) -> bool:
    """What the server does: read from the end, missing "&" at the front are implied."""
    stack: list[bool] = []
    for part in reversed(domain):
        if part == "!":
            stack.append(not stack.pop())
        elif part in ("&", "|"):
            left, right = stack.pop(), stack.pop()
            stack.append((left and right) if part == "&" else (left or right))
        else:
            stack.append(record[part[0]] == part[2])
    return all(stack)


@given(DOMAINS)
def test_a_normalised_domain_means_the_same_and_needs_nothing_implied(domain: list[Any]) -> None:
    plain = normalised(domain)
    assert [fits(plain, record) for record in RECORDS] == [fits(domain, record) for record in RECORDS]
    assert sum(part in ("&", "|") for part in plain) == max(sum(isinstance(part, list) for part in plain) - 1, 0)


@given(DOMAINS, DOMAINS)
def test_joined_domains_find_what_both_find(one: list[Any], other: list[Any]) -> None:
    joined = both(one, other)
    assert [fits(joined, record) for record in RECORDS] == [fits(one, r) and fits(other, r) for r in RECORDS]


@pytest.mark.parametrize(
    "domain",
    [
        ["|", ["a", "=", 1]],
        ["&"],
        ["!"],
        [["a", "=", 1], "|"],
        ["|", "|", ["a", "=", 1], ["b", "=", 1]],
        ["or", ["a", "=", 1], ["b", "=", 1]],
        [["a", "="]],
        [["a", "=", 1, 2]],
        ["a", "=", 1],
        [1],
        "[('a', '=', 1)]",
        {"a": 1},
        ("a", "=", 1),
    ],
)
def test_what_is_no_domain_is_refused_and_never_completed(domain: Any) -> None:
    for join in (normalised, lambda given: both(given, [["id", ">", 1]]), lambda given: both([["id", ">", 1]], given)):
        with pytest.raises(InputError):
            join(domain)
