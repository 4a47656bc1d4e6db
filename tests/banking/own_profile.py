"""A profile of one's own for a CSV file, which decides what the file leaves open."""

from __future__ import annotations

from oimkit.banking.csv_profiles import Profile, load_profile

__all__ = ["own_profile"]


def own_profile(
    name: str = "my-bank",
    columns: tuple[str, str, str] = ("Date", "Text", "Amount"),
    *,
    order: str = "mdy",
    decimal: str = ",",
    currency: str = "EUR",
    sign: str = "inverted",
    valid: str = "",
) -> Profile:
    """The *columns* hold day, text and amount; *valid* is a line of the profile, valid_from or valid_to."""
    day, text, amount = columns
    return load_profile(
        f"""
        name = "{name}"
        bank = "My bank"
        source = "own"
        {valid}
        [header]
        required = ["{day}", "{text}", "{amount}"]
        [dates]
        order = "{order}"
        [amounts]
        decimal = "{decimal}"
        currency = "{currency}"
        sign = "{sign}"
        [columns]
        booking_date = "{day}"
        remittance = "{text}"
        amount = "{amount}"
        """
    )
