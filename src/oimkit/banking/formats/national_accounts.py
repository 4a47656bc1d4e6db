"""National account numbers made IBANs, where the number alone determines the IBAN (ISO 13616)."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["finnish_iban", "spanish_iban"]

_ISO_LETTER = 55
"""ISO 7064 counts A as 10: the code point of the letter less 55."""

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


def _is_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(part - 9 if part > 9 else part for part in doubled) % 10 == 0


def _iban(country: str, number: str) -> str:
    """Country, check digits by mod 97-10, and *number*, which is digits."""
    letters = "".join(str(ord(letter) - _ISO_LETTER) for letter in country)
    return f"{country}{98 - int(number + letters + '00') % 97:02}{number}"
