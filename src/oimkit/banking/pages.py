"""Pages of one statement made one statement again, and what is missing between statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from oimkit.banking.statement import Finding, Statement

__all__ = ["join_pages"]


def join_pages(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Whole statements: pages that belong together made one, the rest as they are, in the order of their first page.

    A page (``is_complete`` False, as MT940 sends with 60M and 62M) goes on in the next one of the same format, account,
    currency and statement number whose opening balance is its closing balance. Nothing is guessed: where the next page
    does not fit or is missing, the pages stay apart and carry a finding:

    - ``page-missing``: the page goes on, or began, on a page that is not there;
    - ``page-gap``: the next page of the same statement opens with another balance;
    - ``page-repeated``: the same page number comes twice.

    Between whole statements of one account in the order given, a closing balance that is not the next opening
    balance is reported on the later one as ``statement-gap``.
    """
    open_pages: dict[tuple[object, ...], int] = {}
    joined: list[list[Statement]] = []
    notes: list[list[Finding]] = []
    for statement in statements:
        key = (statement.format, statement.account, statement.currency, statement.number)
        place = open_pages.get(key)
        if place is not None and not _begins(statement):
            obstacle = _obstacle(joined[place][-1], statement)
            if obstacle is None:
                joined[place].append(statement)
                if _ends(statement):
                    del open_pages[key]
                continue
            notes[place].append(_missing("goes on on a page", joined[place][-1]))
            joined.append([statement])
            notes.append([obstacle])
            del open_pages[key]
        else:
            joined.append([statement])
            notes.append([] if _begins(statement) else [_missing("began on an earlier page", statement)])
        if _ends(statement):
            open_pages.pop(key, None)
        else:
            open_pages[key] = len(joined) - 1
    for place in open_pages.values():
        notes[place].append(_missing("goes on on a page", joined[place][-1]))
    whole = [_one(pages, found) for pages, found in zip(joined, notes, strict=True)]
    return tuple(_with_gaps(whole))


def _begins(statement: Statement) -> bool:
    """True for a first page: a whole statement, or one whose opening is final (60F)."""
    return not statement.continues


def _ends(statement: Statement) -> bool:
    return not statement.continued


def _obstacle(before: Statement, after: Statement) -> Finding | None:
    """Why *after* is not the page that follows *before*, or None when it is."""
    if before.page is not None and after.page is not None:
        if after.page == before.page:
            return Finding("page-repeated", "a page of this number was read before", after.line)
        if after.page != before.page + 1:
            return Finding("page-missing", "a page of this statement is missing before this one", after.line)
    if before.closing is None or after.opening is None or before.closing.amount != after.opening.amount:
        return Finding("page-gap", "the page opens with another balance than the page before closed with", after.line)
    return None


def _missing(how: str, statement: Statement) -> Finding:
    return Finding("page-missing", f"the statement {how} that is not in the file", statement.line)


def _one(pages: Sequence[Statement], found: Sequence[Finding]) -> Statement:
    """The pages as one statement: first opening, last closing, all entries and findings."""
    first, last = pages[0], pages[-1]
    if len(pages) == 1 and not found:
        return first
    return replace(
        first,
        entries=tuple(entry for page in pages for entry in page.entries),
        closing=last.closing,
        page=first.page if len(pages) == 1 else None,
        continued=last.continued,
        findings=(*(finding for page in pages for finding in page.findings), *found),
    )


def _with_gaps(statements: Iterable[Statement]) -> Iterable[Statement]:
    """The statements, each that does not open where the account's previous one closed marked."""
    closed: dict[tuple[object, ...], Statement] = {}
    for statement in statements:
        key = (statement.account, statement.currency)
        before = closed.get(key)
        closed[key] = statement
        if before is not None and _is_gap(before, statement):
            gap = Finding(
                "statement-gap", "the account's previous statement closed with another balance", statement.line
            )
            yield replace(statement, findings=(*statement.findings, gap))
        else:
            yield statement


def _is_gap(before: Statement, after: Statement) -> bool:
    """True when two whole statements with balances do not meet; pages are judged when they are joined."""
    if before.closing is None or after.opening is None or not (before.is_complete and after.is_complete):
        return False
    return before.closing.amount != after.opening.amount
