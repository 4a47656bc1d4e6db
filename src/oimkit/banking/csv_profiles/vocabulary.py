"""The words of columns in many languages, and what they mean."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from oimkit.banking.formats.csv_values import read_currency
from oimkit.money import Currency

__all__ = ["bare", "listed", "roles", "speaks_of_money"]

_MONEY = frozenset({"amount", "debit", "credit", "direction", "balance", "currency", "other_amount", "fee", "status"})


@cache
def _words() -> Mapping[str, object]:
    text = files("oimkit.banking.csv_profiles").joinpath("header_words.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def roles() -> Mapping[str, str]:
    """Word -> what its column holds."""
    return {word: role for role, words in _words().items() if isinstance(words, list) for word in words}


_IN_CURRENCY = re.compile(r"(.+?)(?: in|,)? ?[(\[]?([a-z]{3}|€|£|\$|euros?)[)\]]?")
_COMMON = re.compile("eur|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|ron|bgn|isk|cad|aud|nzd|sgd|hkd|jpy|inr|brl|zar|try|mxn")
_ACCENTS = {"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "’": "'"}


def bare(name: str) -> tuple[str, Currency | None]:
    """The word without accents, marks at its ends and a currency behind it; and that currency."""
    plain = name if name.isascii() else _without_accents(name)
    plain = plain.strip("#*: \"'")
    if plain in roles():
        return plain, None
    match = _IN_CURRENCY.fullmatch(plain)
    if match is None or (not _COMMON.fullmatch(match[2]) and match[2] not in ("€", "£", "$", "euro", "euros")):
        return plain, None
    code = "EUR" if match[2].startswith("euro") else match[2].upper()
    return match[1].strip(), read_currency(code)


def _without_accents(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(_ACCENTS.get(sign, sign) for sign in decomposed if not unicodedata.combining(sign))


def listed(table: str, key: str) -> frozenset[str]:
    """The words of cells, such as those of a direction (``directions``, ``credit``)."""
    words = _words()[table]
    assert isinstance(words, dict)
    return frozenset(words[key])


def speaks_of_money(name: str) -> bool:
    """True for a column that has a say in what an amount is: its sign, its currency, whether it is booked."""
    return roles().get(bare(name)[0]) in _MONEY
