"""Pages of one statement made one statement again, and what is missing between statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from oimkit.banking.statement import Finding, Statement

__all__ = ["UNBALANCED_PARTS", "is_next_part", "join_pages"]

UNBALANCED_PARTS = "parts-unbalanced"
"""The finding on the last part of a statement that does not close; the whole says so itself."""


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

    Parts of one statement, as iter_statements gives long ones, become that statement first. The findings of each
    statement are given in the order of their lines.
    """
    open_pages: dict[tuple[object, ...], int] = {}
    joined: list[list[Statement]] = []
    notes: list[list[Finding]] = []
    for statement in _without_parts(statements):
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
            if place is not None:  # a first page where a further one was to come
                notes[place].append(_missing("goes on on a page", joined[place][-1]))
            is_repeated = place is not None and statement == joined[place][0]
            joined.append([statement])
            notes.append([_repeated(statement)] if is_repeated else [])
            if not _begins(statement):
                notes[-1].append(_missing("began on an earlier page", statement))
        if _ends(statement):
            open_pages.pop(key, None)
        else:
            open_pages[key] = len(joined) - 1
    for place in open_pages.values():
        notes[place].append(_missing("goes on on a page", joined[place][-1]))
    whole = [_one(pages, found) for pages, found in zip(joined, notes, strict=True)]
    return tuple(_in_order(statement) for statement in _with_gaps(whole))


def is_next_part(before: Statement, after: Statement) -> bool:
    """True when *after* is the part of the same statement that follows *before*."""
    if not (before.continued and before.closing is None and after.continues):
        return False
    return _printed_at(before) == _printed_at(after)


def _printed_at(statement: Statement) -> tuple[object, ...]:
    known = (statement.format, statement.account, statement.currency, statement.number, statement.page)
    return (*known, statement.reference, statement.line, statement.member)


def _without_parts(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements, parts that follow one another made what they are parts of."""
    parts: list[Statement] = []
    for statement in statements:
        if parts and not is_next_part(parts[-1], statement):
            yield _whole(parts)
            parts = []
        parts.append(statement)
    if parts:
        yield _whole(parts)


def _whole(parts: Sequence[Statement]) -> Statement:
    """The statement that *parts* are parts of; the last one knows what stands below the entries too."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return first
    return replace(
        last,
        entries=tuple([entry for part in parts for entry in part.entries]),
        opening=next((part.opening for part in parts if part.opening is not None), None),
        continues=first.continues,
        findings=tuple([each for part in parts for each in part.findings if each.code != UNBALANCED_PARTS]),
        balances=tuple([balance for part in parts for balance in part.balances]),
        remarks=tuple([remark for part in parts for remark in part.remarks]),
    )


def _in_order(statement: Statement) -> Statement:
    """*statement* with its findings in the order of their lines, those without one first."""
    ordered = tuple(sorted(statement.findings, key=_place))
    return statement if ordered == statement.findings else replace(statement, findings=ordered)


def _place(finding: Finding) -> tuple[int, str, str, str]:
    return finding.line or 0, finding.code, finding.tag or "", finding.reason


def _begins(statement: Statement) -> bool:
    """True for a first page: a whole statement, or one whose opening is final (60F)."""
    return not statement.continues


def _ends(statement: Statement) -> bool:
    return not statement.continued


def _obstacle(before: Statement, after: Statement) -> Finding | None:
    """Why *after* is not the page that follows *before*, or None when it is."""
    if before.page is not None and after.page is not None:
        if after.page == before.page:
            return _repeated(after)
        if after.page != before.page + 1:
            return Finding("page-missing", "a page of this statement is missing before this one", after.line)
    if before.closing is None or after.opening is None or before.closing.amount != after.opening.amount:
        return Finding("page-gap", "the page opens with another balance than the page before closed with", after.line)
    return None


def _repeated(statement: Statement) -> Finding:
    return Finding("page-repeated", "a page of this number was read before", statement.line)


def _missing(how: str, statement: Statement) -> Finding:
    return Finding("page-missing", f"the statement {how} that is not in the file", statement.line)


def _one(pages: Sequence[Statement], found: Sequence[Finding]) -> Statement:
    """The pages as one statement: first opening, last closing, all entries, balances, remarks and findings."""
    first, last = pages[0], pages[-1]
    if len(pages) == 1 and not found:
        return first
    return replace(
        first,
        entries=tuple(entry for page in pages for entry in page.entries),
        closing=last.closing,
        page=first.page if len(pages) == 1 else None,
        continued=last.continued,
        owner=next((page.owner for page in pages if page.owner is not None), None),
        balances=tuple(balance for page in pages for balance in page.balances),
        period_start=next((page.period_start for page in pages if page.period_start is not None), None),
        period_end=next((page.period_end for page in reversed(pages) if page.period_end is not None), None),
        remarks=tuple(remark for page in pages for remark in page.remarks),
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
