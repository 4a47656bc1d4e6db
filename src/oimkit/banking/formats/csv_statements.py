"""CSV files of banks: bytes -> Statements, by a profile of the bank's layout or by the words of the header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from oimkit.banking.csv_profiles.detection import Layout, laid_out, matching_layouts, misfit
from oimkit.banking.csv_profiles.header_words import guess_layout
from oimkit.banking.csv_profiles.loader import builtin_profiles
from oimkit.banking.csv_profiles.model import Profile
from oimkit.banking.decode import decode
from oimkit.banking.formats._common import Budget, Damaged, refused
from oimkit.banking.formats.csv_accounts import Made, statements_of
from oimkit.banking.formats.csv_balances import Chain, Verdict
from oimkit.banking.formats.csv_deciding import PROFILE_ADVICE, Decided, Rule, Unfit, decide, rules_of
from oimkit.banking.formats.csv_drafts import Draft
from oimkit.banking.formats.csv_entries import EntryMaker
from oimkit.banking.formats.csv_gathering import Gathered, gather
from oimkit.banking.formats.csv_rows import Row, Rows, Sheet
from oimkit.banking.formats.csv_sorting import Sorter
from oimkit.banking.formats.csv_spelling import Spelling, spelling_of
from oimkit.banking.limits import LIMITS, Limits
from oimkit.banking.statement import Finding, Statement
from oimkit.errors import StatementError

__all__ = ["read_csv"]

_FORMAT = "csv"
_OWN_PROFILE_ADVICE = "say it in the profile: order, decimal, sign or another of its keys, see docs/formats/csv.md"


def read_csv(
    data: bytes, *, limits: Limits = LIMITS, damaged: Damaged = "refuse", profile: Profile | None = None
) -> tuple[Statement, ...]:
    """The statements of a CSV file: one for each account and currency, its rows in file order.

    Args:
        data: the file as received.
        limits: bounds on the length of a row, on entries and statements.
        damaged: whether a row that cannot be read refuses the file or is reported.
        profile: the bank's layout; None takes the profile of oimkit's own that knows the header, and without one the
            words of the header, where each means one thing.

    Raises:
        StatementError: no layout fits, two layouts read the file differently, or a number, a day or a sign can be read
            in two ways and neither the layout nor a running balance says which.

    Source: no standard; the layouts are in ``oimkit/banking/csv_profiles/profiles``, the rules in docs/formats/csv.md.
    """
    try:
        return _statements(data, limits, damaged, profile)
    except StatementError as error:
        if profile is not None and error.advice == PROFILE_ADVICE:
            error.advice = _OWN_PROFILE_ADVICE
        raise


def _statements(data: bytes, limits: Limits, damaged: Damaged, profile: Profile | None) -> tuple[Statement, ...]:
    decoded = decode(data)
    sheet = Sheet(decoded.text, limits)
    layouts = _layouts(sheet, profile)
    findings = decoded.findings
    encodings = {layout.profile.file.encoding for layout in layouts} - {None}
    if findings and len(encodings) == 1:
        again = decode(data, declared=encodings.pop())
        sheet, findings = Sheet(again.text, limits), again.findings
        layouts = _layouts(sheet, profile)
    evidence = False
    if not layouts:
        guess = guess_layout(sheet)
        if guess.layout is None:
            raise StatementError(
                f"no profile knows the columns of the file, and its header cannot be read by words: {guess.reason}",
                format=_FORMAT,
                advice=PROFILE_ADVICE,
            )
        layouts, evidence = (guess.layout,), guess.evidence
    budgets = [Budget(_FORMAT, limits, damaged) for _ in layouts]
    readings = [
        _read(layout, sheet, evidence, findings, budget) for layout, budget in zip(layouts, budgets, strict=True)
    ]
    return _agreed(readings, layouts)


def _layouts(sheet: Sheet, profile: Profile | None) -> tuple[Layout, ...]:
    """The person's own profile laid over the file, or every one of oimkit's own that fits."""
    if profile is None:
        return matching_layouts(sheet, builtin_profiles())
    layout = laid_out(sheet, profile)
    if layout is None:
        raise StatementError(
            f"the profile does not fit: {misfit(sheet, profile)}",
            format=_FORMAT,
            advice="compare the names of the columns with the profile's header, see docs/formats/csv.md",
        )
    return (layout,)


def _agreed(readings: Sequence[tuple[Statement, ...]], layouts: Sequence[Layout]) -> tuple[Statement, ...]:
    """The first reading, when all say the same; profiles that were not in use at the time of the rows have no say."""
    if len(readings) > 1:
        in_time = [
            reading for reading, layout in zip(readings, layouts, strict=True) if _in_time(reading, layout.profile)
        ]
        readings = in_time or readings
    first = _compared(readings[0])
    if any(_compared(other) != first for other in readings[1:]):
        names = ", ".join(layout.profile.name for layout in layouts)
        raise StatementError(
            f"the columns fit several profiles that read the file differently ({names})",
            format=_FORMAT,
            advice=PROFILE_ADVICE,
        )
    return readings[0]


def _in_time(reading: Sequence[Statement], profile: Profile) -> bool:
    days = [entry.booking_date or entry.value_date for statement in reading for entry in statement.entries]
    if not days:
        return True
    early = profile.valid_from is not None and max(days) < profile.valid_from
    late = profile.valid_to is not None and min(days) > profile.valid_to
    return not (early or late)


def _compared(reading: Sequence[Statement]) -> tuple[Statement, ...]:
    return tuple(replace(statement, findings=(), remarks=()) for statement in reading)


# -- one layout ---------------------------------------------------------------------------------------------------


def _read(
    layout: Layout, sheet: Sheet, evidence: bool, findings: Sequence[Finding], budget: Budget
) -> tuple[Statement, ...]:
    """The statements as *layout* reads them."""
    cut = sheet.rows(layout.cutting)
    sorter = Sorter(layout)
    spelling = spelling_of(layout, sorter, cut.below(layout.header_at))
    gathered = gather(layout, sorter, cut, spelling, budget)
    rules = rules_of(layout, gathered.drafts, evidence)
    _refuse_unfit(gathered, rules, budget)
    decided = decide(layout, gathered.drafts, spelling, rules)
    _refuse_charges(layout, gathered.drafts, decided)
    _refuse_shortened(layout, cut, gathered.drafts)
    made = _made(layout, sorter, gathered, decided, spelling, budget)
    _conserve(sheet, cut, gathered, made)
    common = [*findings, *gathered.findings, *_about(layout, decided)]
    return tuple(statements_of(layout, gathered, decided, spelling, made, common, budget))


def _about(layout: Layout, decided: Decided) -> list[Finding]:
    """What a person should know of the way in which the file was read."""
    found = []
    if layout.profile.guessed:
        found.append(Finding("read-by-header-words", "no profile knows the file; its columns were read by their names"))
    if layout.unknown and not layout.profile.guessed:
        found.append(Finding("columns-unknown", f"{layout.unknown} columns are not known to the profile"))
    if decided.proved:
        found.append(Finding("proved-by-balance", f"the running balance decided {', '.join(decided.proved)}"))
    return found


def _refuse_unfit(gathered: Gathered, rules: Sequence[Rule], budget: Budget) -> None:
    """Take out the rows whose numbers go with no rule, each as a finding; raises where damage refuses the file."""
    kept: list[Draft] = []
    for draft in gathered.drafts:
        if any(_fits(rule, draft) for rule in rules):
            kept.append(draft)
            continue
        line = draft.line
        reason = "the numbers of a row do not go together: two of them, none, or a minus that the layout does not have"
        gathered.findings.append(budget.spare(refused(_FORMAT, reason, line)))
    gathered.drafts = kept


def _fits(rule: Rule, draft: Draft) -> bool:
    try:
        rule.apply(draft, draft.side)
    except Unfit:
        return False
    return True


def _refuse_charges(layout: Layout, drafts: Sequence[Draft], decided: Decided) -> None:
    """Charges are within the amounts where a balance follows from the one before by a row that has some.

    The first balance in time follows from none: its row proves nothing, whatever the charges beside it. A chain that
    breaks is reported as such.
    """
    if not layout.charges or any(chain.verdict is Verdict.BROKEN for chain, _ in decided.chains.values()):
        return
    charged = {place for place, draft in enumerate(drafts) if _has_charge(layout, draft)}
    proving = (place for chain, own in decided.chains.values() for place in _proving(chain, own, drafts))
    if charged and charged.isdisjoint(proving):
        reason = "charges may be within the amounts, or beside them: no running balance proves it"
        raise StatementError(reason, format=_FORMAT, line=drafts[min(charged)].line, advice=PROFILE_ADVICE)


def _proving(chain: Chain, own: Sequence[int], drafts: Sequence[Draft]) -> Iterable[int]:
    """The rows of a proved chain, their numbers in the file, whose balance follows from the one before."""
    first = own[chain.first] if own else -1
    if chain.verdict is not Verdict.PROVED or drafts[first].balance is None:
        return []
    return [place for place in own if place != first and drafts[place].balance is not None]


def _has_charge(layout: Layout, draft: Draft) -> bool:
    cells = layout.cutting.cells(Row(draft.line, draft.text))
    return any(cells[place].strip("0., -") for place in layout.charges if place < len(cells))


def _refuse_shortened(layout: Layout, rows: Rows, drafts: Sequence[Draft]) -> None:
    """A last cell that is a number may have lost digits when the file broke off: it then has fewer decimals."""
    last = layout.width - 1
    numbers = [place for name in ("amount", "debit", "credit", "balance") for place in layout.places.get(name, ())]
    if rows.ended or last not in numbers or len(drafts) < 2 or drafts[-1].line != rows.lines[-1]:
        return
    texts = [layout.cutting.cells(Row(draft.line, draft.text))[-1].strip() for draft in drafts[-20:]]
    decimals = {_decimals(text) for text in texts[:-1] if text}
    if len(decimals) == 1 and texts[-1] and _decimals(texts[-1]) < decimals.pop():
        raise refused(_FORMAT, "the file is cut off in its last number", rows.lines[-1])


def _decimals(text: str) -> int:
    """How many digits stand behind the last separator."""
    return len(text) - 1 - max(text.rfind("."), text.rfind(",")) if "." in text or "," in text else 0


def _made(
    layout: Layout, sorter: Sorter, gathered: Gathered, decided: Decided, spelling: Spelling, budget: Budget
) -> Made:
    """The entries in the order of their drafts, None for one that is reported; the drafts are used up."""
    maker = EntryMaker(layout, sorter, spelling.marks[decided.mark], decided.order, counted=decided.counted)
    drafts = gathered.drafts
    drafts.reverse()
    made = Made([], [], [])
    for amount in decided.amounts:
        draft = drafts.pop()
        made.keys.append(draft.key)
        made.lines.append(draft.line)
        try:
            made.entries.append(maker.entry(draft, amount))
        except StatementError as error:
            gathered.findings.append(budget.spare(error))
            made.entries.append(None)
    gathered.findings.extend(maker.findings())
    return made


def _conserve(sheet: Sheet, rows: Rows, gathered: Gathered, made: Made) -> None:
    """Each line that is not blank is in a row, every row was sorted, every entry's row became an entry or a finding."""
    printed = _filled_lines(sheet.text)
    within = sum(_filled_lines(text) if "\n" in text else 1 for text in rows.texts)
    declared = 1 if sheet.declares_delimiter else 0
    left = gathered.entries - sum(entry is not None for entry in made.entries)
    reported = sum(finding.code == "record-not-read" for finding in gathered.findings)
    if printed != within + declared or gathered.sorted != len(rows) or left > reported:
        raise StatementError(
            f"{gathered.entries} entries are printed but {gathered.entries - left} were understood",
            format=_FORMAT,
            advice="report this file's layout as a defect",
        )


def _filled_lines(text: str) -> int:
    """How many lines hold more than white space, counted without cutting the text into rows."""
    count, start = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        count += sum(1 for part in line.split("\r") if part.strip()) if "\r" in line else bool(line.strip())
        start = end + 1
    return count
