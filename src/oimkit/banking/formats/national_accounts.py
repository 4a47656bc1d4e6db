"""National account numbers made IBANs, where the number alone determines the IBAN (ISO 13616)."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["belgian_iban", "finnish_iban", "french_iban", "spanish_iban"]

_CCC_WEIGHTS = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)

_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def spanish_iban(bank: str, branch: str, account: str) -> str | None:
    """The IBAN of a Spanish account by bank (4 digits), branch (4) and account number (10); None for other characters.

    An account of zeros is none. Both check digits of the CCC are 11 - weighted sum mod 11, with 10 written 1 and 11
    written 0.

    Source: Norma 43, annex on the Código Cuenta Cliente.

    >>> spanish_iban("2100", "0418", "0200051332")
    'ES9121000418450200051332'
    """
    number = bank + branch + account
    if (len(bank), len(branch), len(account)) != (4, 4, 10) or not _DIGITS.fullmatch(number) or not account.strip("0"):
        return None
    return _iban("ES", f"{bank}{branch}{_ccc_digit('00' + bank + branch)}{_ccc_digit(account)}{account}")


def _ccc_digit(ten_digits: str) -> int:
    weighted = sum(weight * int(digit) for weight, digit in zip(_CCC_WEIGHTS, ten_digits, strict=True))
    digit = 11 - weighted % 11
    return {10: 1, 11: 0}.get(digit, digit)


@lru_cache(maxsize=4096)
def finnish_iban(number: str) -> str | None:
    """The IBAN of a Finnish account by its 14 digits in the banks' electronic form; None when its check digit is wrong.

    Source: Finance Finland, IBAN in Finland; the last digit is Luhn's.

    >>> finnish_iban("12345600000785")
    'FI2112345600000785'
    """
    if len(number) != 14 or not _DIGITS.fullmatch(number) or not number.strip("0") or not _is_luhn(number):
        return None
    return _iban("FI", number)


@lru_cache(maxsize=4096)
def belgian_iban(number: str) -> str | None:
    """The IBAN of twelve Belgian digits; None unless the last two are the first ten modulo 97, 97 for 0.

    >>> belgian_iban("539007547034")
    'BE68539007547034'
    """
    if len(number) != 12 or not _DIGITS.fullmatch(number) or not number.strip("0"):
        return None
    return _iban("BE", number) if (int(number[:10]) % 97 or 97) == int(number[10:]) else None


_FRENCH = re.compile(r"[0-9]{10}[0-9A-Z]{11}", re.ASCII)
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


def french_iban(bank: str, branch: str, account: str) -> str | None:
    """The IBAN of a French account by bank (5 digits), branch (5) and account number (11 digits and letters), or None.

    Its last two characters are the key of the RIB: the whole, letters read as digits, is 0 modulo 97.

    >>> french_iban("20041", "01005", "0500013M026")
    'FR1420041010050500013M02606'
    """
    number = bank + branch + account
    if not _FRENCH.fullmatch(number) or not account.strip("0"):
        return None
    return _iban("FR", f"{number}{97 - int(number.translate(_LETTERS) + '00') % 97:02}")


def _is_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(part - 9 if part > 9 else part for part in doubled) % 10 == 0


def _iban(country: str, number: str) -> str:
    """Country, check digits by mod 97-10, and *number*, digits and capital letters."""
    digits = "".join([str(int(sign, 36)) for sign in f"{number}{country}00"])  # A counts as 10
    return f"{country}{98 - int(digits) % 97:02}{number}"
