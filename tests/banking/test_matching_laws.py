"""Laws of matching that hold for any entries and items."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking.matching import Decision, ItemType, MatchResult, OpenItem, Terms, match
from oimkit.banking.matching.differences import doubt_of, explain
from oimkit.banking.statement import Entry, Party
from oimkit.money import Money, total

ACCOUNTS = ["NL57OIMK0417164300", "NL30OIMK0417164301", "BE68539007547034"]
NUMBERS = [f"INV/2026/{number:05d}" for number in range(1, 7)]
REFERENCES = ["+++090/9337/55493+++", "RF18539007547034", "1234561"]
AMOUNTS = [Money(text, "EUR") for text in ("10.00", "20.00", "30.00", "-10.00", "60.00")]
FIRST_DAY = date(2026, 11, 2)


@st.composite
def open_items(draw: st.DrawFn) -> list[OpenItem]:
    items = []
    for number in range(draw(st.integers(0, 7))):
        amount = draw(st.sampled_from(AMOUNTS))
        partner = draw(st.integers(0, 2))
        items.append(
            OpenItem(
                id=f"I{number}",
                type=ItemType.CUSTOMER_INVOICE,
                amount=amount,
                residual=amount,
                partner_id=f"P{partner}",
                document_number=draw(st.sampled_from(NUMBERS)),
                payment_reference=draw(st.sampled_from([*REFERENCES, None])),
                partner_accounts=(ACCOUNTS[partner],) if draw(st.booleans()) else (),
                batch_id=draw(st.sampled_from(["B", None])),
                end_to_end_id=draw(st.sampled_from(["E1", "E2", None, None])),
                book=draw(st.sampled_from(["a", "a", "b"])),
            )
        )
    return items


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    made = []
    for number in range(draw(st.integers(0, 7))):
        account = draw(st.sampled_from([*ACCOUNTS, None]))
        made.append(
            Entry(
                id=f"E{number}",
                amount=draw(st.sampled_from(AMOUNTS)),
                value_date=FIRST_DAY + timedelta(days=draw(st.integers(0, 2))),
                remittance=tuple(draw(st.lists(st.sampled_from([*NUMBERS, *REFERENCES]), max_size=3))),
                structured_reference=draw(st.sampled_from([*REFERENCES, None, None])),
                counterparty=Party(account=account) if account is not None else None,
                batch_id=draw(st.sampled_from(["B", None, None])),
                end_to_end_id=draw(st.sampled_from(["E1", "E2", None, None])),
                reference=draw(st.sampled_from(["R1", None, None])),
                book=draw(st.sampled_from(["a", "a", "b"])),
            )
        )
    return made


def by_entry(result: MatchResult) -> dict[str | None, object]:
    return {
        proposal.entry_id: (
            proposal.decision,
            proposal.allocations,
            proposal.adjustments,
            proposal.unallocated,
            proposal.suggestions,
            proposal.reasons,
            proposal.outcome,
            result.proposals[proposal.linked].entry_id if proposal.linked is not None else None,
        )
        for proposal in result.proposals
    }


@given(entries(), open_items())
@settings(max_examples=150, deadline=None)
def test_nothing_is_used_twice_and_every_cent_is_named(made: list[Entry], items: list[OpenItem]) -> None:
    result = match(made, items)
    known = {item.id: item for item in items}
    for item_id, amount in result.allocated().items():
        assert abs(amount) <= abs(known[item_id].residual)
    for proposal, entry in zip(result.proposals, made, strict=True):
        assert len(set(proposal.item_ids)) == len(proposal.item_ids)
        for part in proposal.allocations:
            assert (part.amount.amount > 0) == (known[part.item_id].residual.amount > 0)
            assert known[part.item_id].book == entry.book
        if proposal.decision is Decision.AUTO:
            named = [part.paid for part in proposal.allocations] + [part.amount for part in proposal.adjustments]
            named += [proposal.unallocated] if proposal.unallocated is not None else []
            assert total(named, "EUR") == entry.amount


@given(entries(), open_items(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_of_the_arguments_does_not_matter(made: list[Entry], items: list[OpenItem], chance: object) -> None:
    before = by_entry(match(made, items))
    chance.shuffle(made)  # type: ignore[attr-defined]
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert by_entry(match(made, items)) == before


@given(entries(), open_items())
@settings(max_examples=30, deadline=None)
def test_executor_changes_nothing(made: list[Entry], items: list[OpenItem]) -> None:
    with ThreadPoolExecutor(2) as executor:
        assert match(made, items, executor=executor) == match(made, items)


@given(open_items(), st.sampled_from(ACCOUNTS), st.sampled_from(AMOUNTS))
@settings(max_examples=300, deadline=None)
def test_a_tie_is_reported_and_never_chosen(items: list[OpenItem], account: str, amount: Money) -> None:
    """An entry that says only who and how much is settled only where one item, or one smallest group, fits."""
    entry = Entry(id="E", amount=amount, value_date=FIRST_DAY, counterparty=Party(account=account), book="a")
    (proposal,) = match([entry], items).proposals
    owners = {item.partner_id for item in items if item.book == "a" and account in item.partner_accounts}
    owned = [item for item in items if item.book == "a" and item.partner_id in owners]
    fitting = [item for item in owned if item.residual == amount]
    if len(owners) != 1 or len(fitting) > 1:
        assert proposal.decision is not Decision.AUTO
    elif fitting:
        assert proposal.item_ids == (fitting[0].id,)
    elif proposal.decision is Decision.AUTO:
        size = len(proposal.item_ids)
        groups = [group for group in combinations(owned, size) if total((i.residual for i in group), "EUR") == amount]
        assert [tuple(sorted(item.id for item in group)) for group in groups] == [tuple(sorted(proposal.item_ids))]


@given(entries(), open_items())
@settings(max_examples=100, deadline=None)
def test_every_proposal_says_why(made: list[Entry], items: list[OpenItem]) -> None:
    for proposal in match(made, items).proposals:
        assert proposal.reasons
        assert all(reason.code for reason in proposal.reasons)


@given(entries(), open_items(), st.sampled_from(["a", "b"]))
@settings(max_examples=100, deadline=None)
def test_an_unrelated_item_changes_nothing(made: list[Entry], items: list[OpenItem], book: str) -> None:
    unrelated = OpenItem(
        id="unrelated",
        type=ItemType.CUSTOMER_INVOICE,
        amount=Money("987654.32", "EUR"),
        residual=Money("987654.32", "EUR"),
        partner_id="somebody else",
        partner_name="Quux Unrelated Holdings",
        partner_accounts=("FI2112345600000785",),
        book=book,
    )
    assert by_entry(match(made, [*items, unrelated])) == by_entry(match(made, items))


@given(entries(), open_items())
@settings(max_examples=150, deadline=None)
def test_a_decision_stands_on_its_own_entry(made: list[Entry], items: list[OpenItem]) -> None:
    """What is settled among others is settled alone, too, and in the same way: others can only speak against it."""
    for proposal, entry in zip(match(made, items).proposals, made, strict=True):
        if proposal.decision is not Decision.AUTO or any(each.code == "account_learned" for each in proposal.reasons):
            continue
        (alone,) = match([entry], items).proposals
        assert alone.allocations == proposal.allocations
        assert alone.adjustments == proposal.adjustments
        assert alone.unallocated == proposal.unallocated
        assert alone.reasons == proposal.reasons


CENTS = st.integers(-200_00, 200_00).filter(bool)


@given(
    CENTS,
    CENTS,
    st.sampled_from([None, "1.00", "2.00"]),
    st.sampled_from([{}, {"charges": Money("1.00", "EUR")}, {"bank_code": "PMNT-RCDT-XBCT"}]),
    st.sampled_from(["EUR", "EUR", "USD"]),
    st.sampled_from([Terms(), Terms(tolerances=(Money("0.05", "EUR"),))]),
)
@settings(max_examples=500, deadline=None)
def test_doubt_is_told_as_the_explanation_has_it(
    paid: int, due: int, discount: str | None, more: dict[str, object], currency: str, terms: Terms
) -> None:
    residual = Money(Decimal(due).scaleb(-2), currency)
    item = OpenItem(
        id="I",
        type=ItemType.CUSTOMER_INVOICE,
        amount=residual,
        residual=residual,
        partner_id="P",
        discount=Money(discount, currency) if discount is not None else None,
        company_amount=Money("90.00", "EUR"),
    )
    entry = Entry(amount=Money(Decimal(paid).scaleb(-2), "EUR"), value_date=FIRST_DAY, **more)  # type: ignore[arg-type]
    found = explain(entry, (item,), terms)
    assert doubt_of(entry, item, terms) == (found.doubt if found is not None else None)
