"""Laws of the readers: what is written is read, what is changed is refused or changes, any bytes end in a value."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import Statement, read_amount, read_statements
from oimkit.errors import AmountError, StatementError
from tests.banking.statement_files import camt053, content, mt940, ntry

EXAMPLES = settings(max_examples=300, deadline=None)

units = st.integers(min_value=0, max_value=10**17)
amounts = st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False, allow_infinity=False)


def written(value: Decimal, separator: str, grouped: bool) -> str:
    """*value* with that decimal separator, and the other one between thousands when *grouped*."""
    text = f"{value:,}" if grouped else f"{value:f}"
    other = "," if separator == "." else "."
    return text.replace(",", "\0").replace(".", separator).replace("\0", other)


@given(st.integers(-(10**18), 10**18), st.sampled_from([0, 1, 2, 4, 5]), st.sampled_from(".,"), st.booleans())
@EXAMPLES
def test_what_is_written_is_read(value: int, places: int, separator: str, grouped: bool) -> None:
    exact = Decimal(value).scaleb(-places)
    text = written(exact, separator, grouped)
    if grouped and places == 0 and abs(value) >= 1000:
        return  # thousands without decimals: the next law
    assert read_amount(text) == exact
    assert read_amount(text, decimal=separator) == exact  # type: ignore[arg-type]


@given(st.integers(1000, 999_999), st.sampled_from(".,"))
@EXAMPLES
def test_thousands_without_decimals_are_never_guessed(value: int, separator: str) -> None:
    text = f"{value:,}".replace(",", separator)
    try:
        read_amount(text)
    except AmountError:
        return
    raise AssertionError("an ambiguous amount was read")


@given(st.text(max_size=45))
@EXAMPLES
def test_any_text_is_an_amount_in_ascii_digits_or_refused(text: str) -> None:
    try:
        value = read_amount(text)
    except AmountError:
        return
    assert value.is_finite()
    digits = "".join(character for character in text if character in "0123456789")
    assert f"{value.copy_abs():f}".replace(".", "").strip("0") == digits.strip("0")


@given(st.lists(st.tuples(amounts, st.booleans()), max_size=12), st.booleans())
@EXAMPLES
def test_a_balanced_statement_is_read_to_the_cent_in_both_formats(
    moves: list[tuple[Decimal, bool]], overdrawn: bool
) -> None:
    opening = Decimal("-250.00") if overdrawn else Decimal("250.00")
    closing = opening + sum((amount if credit else -amount for amount, credit in moves), Decimal(0))
    expected = [amount if credit else -amount for amount, credit in moves]
    swift = mt940(
        *(f":61:250304{'C' if credit else 'D'}{comma(amount)}NTRFNONREF" for amount, credit in moves),
        opening=f"{mark(opening)}250301EUR{comma(abs(opening))}",
        closing=f"{mark(closing)}250331EUR{comma(abs(closing))}",
    )
    iso = camt053(
        *(ntry(f"{amount:f}", sign="CRDT" if credit else "DBIT") for amount, credit in moves),
        opening=f"{opening:f}",
        closing=f"{closing:f}" if closing else "0.00",
    )
    for data in (swift, iso):
        (statement,) = read_statements(data)
        assert [entry.amount.amount for entry in statement.entries] == expected
        assert statement.balanced is True


def comma(amount: Decimal) -> str:
    return f"{amount:f}".replace(".", ",")


def mark(amount: Decimal) -> str:
    return "D" if amount < 0 else "C"


VALID = [
    content("mt940/german_numbered.sta"),
    content("mt940/rabobank_dotted.swi"),
    content("camt053/batch_returned_pending.xml"),
]


def sums(statements: tuple[Statement, ...]) -> list[tuple[object, ...]]:
    return [
        (
            statement.currency,
            statement.opening,
            statement.closing,
            tuple((entry.amount, entry.status) for entry in statement.entries),
        )
        for statement in statements
    ]


PLAIN = {data: sums(read_statements(data)) for data in VALID}


@given(st.sampled_from(VALID), st.integers(0, 10**6), st.sampled_from(b"0123456789CDR,.+- NSX\n"))
@settings(max_examples=3000, deadline=None)
def test_one_changed_character_never_yields_another_total_that_closes(data: bytes, place: int, character: int) -> None:
    """Refused, or every amount and balance as it was, or both a balance and an entry differ."""
    at = place % len(data)
    changed = data[:at] + bytes([character]) + data[at + 1 :]
    try:
        statements = read_statements(changed)
    except StatementError:
        return
    for statement in statements:
        assert statement.balanced is not False
    after = sums(statements)
    if after != PLAIN[data]:
        assert [row[1:3] for row in after] != [row[1:3] for row in PLAIN[data]] or _same_booked(after, PLAIN[data])


def _same_booked(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> bool:
    """True when the booked amounts are the same: only what is pending, which no balance proves, was changed."""

    def booked(rows: list[tuple[object, ...]]) -> list[object]:
        return [amount for row in rows for amount, status in row[3] if status == "booked"]  # type: ignore[attr-defined]

    return booked(one) == booked(other)


@given(st.binary(max_size=400), st.sampled_from(["mt940", "ofx1", "ofx2", "camt053", None]))
@EXAMPLES
def test_any_bytes_end_in_statements_or_a_refusal(data: bytes, name: str | None) -> None:
    try:
        statements = read_statements(data, format=name, unbalanced="report")
    except StatementError as error:
        assert error.reason
        return
    assert statements


@given(st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_reading_depends_on_nothing_but_the_bytes(seed: int) -> None:
    data = bytearray(random.Random(seed).choice(VALID))
    data[seed % len(data)] ^= 1

    def outcome() -> str:
        try:
            return repr(sums(read_statements(bytes(data), unbalanced="report")))
        except StatementError as error:
            return str(error)

    assert outcome() == outcome()
