"""Search domains in prefix notation: checked, and joined so that each keeps its meaning.

A domain is a list of terms ``(field, operator, value)`` and of the operators ``"&"``, ``"|"`` and ``"!"``, which
stand before their operands; between terms that no operator joins the server reads ``"&"``. A domain that lacks an
operand (``["|", term]``) is refused by the server when it stands alone, yet would silently swallow the next term when
something is appended to it: so it is refused here before anything is joined to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from oimkit.errors import InputError
from oimkit.odoo.codec import Wire

__all__ = ["both", "normalised", "refuse_bare_term"]

_OPERANDS = {"&": 2, "|": 2, "!": 1}


def normalised(domain: Sequence[Wire]) -> list[Wire]:
    """*domain* with every ``"&"`` written out, terms as lists; the empty domain stays empty.

    Raises InputError for what is no domain: an operand that is missing, a term of another shape.

    >>> normalised(["|", ("a", "=", 1), ("b", "=", 2), ("c", "=", 3)])
    ['&', '|', ['a', '=', 1], ['b', '=', 2], ['c', '=', 3]]
    """
    _refuse_no_list(domain)
    terms: list[Wire] = []
    complete, open_operands = 0, 0
    for place, part in enumerate(domain):
        if open_operands == 0:
            complete, open_operands = complete + 1, 1
        if isinstance(part, str):
            if part not in _OPERANDS:
                raise _bare(place)
            open_operands += _OPERANDS[part] - 1
            terms.append(part)
            continue
        if not isinstance(part, (list, tuple)) or len(part) != 3:
            raise InputError(f"the domain's part {place} is no term of field, operator and value")
        open_operands -= 1
        terms.append(list(part))
    if open_operands:
        raise InputError(
            f"the domain ends where {open_operands} more operands are wanted", advice="count the terms after & | and !"
        )
    return ["&"] * (complete - 1) + terms


def refuse_bare_term(domain: Sequence[Wire]) -> None:
    """InputError for what is no list, and for texts in it that are no operators: a term without its own brackets."""
    _refuse_no_list(domain)
    for place, part in enumerate(domain):
        if isinstance(part, str) and part not in _OPERANDS:
            raise _bare(place)


def _refuse_no_list(domain: Sequence[Wire]) -> None:
    if isinstance(domain, (str, bytes)) or not isinstance(domain, Sequence):
        raise InputError("a domain is a list of terms", advice=_TERM)


def _bare(place: int) -> InputError:
    return InputError(f"the domain's part {place} is a text that is none of & | !", advice=_TERM)


_TERM = 'each term stands in brackets of its own: write [("field", "=", value)]'


def both(one: Sequence[Wire], other: Sequence[Wire]) -> list[Wire]:
    """The domain of the records that fit *one* and *other*; both are checked as ``normalised`` does.

    >>> both(["|", ("a", "=", 1), ("b", "=", 2)], [("id", ">", 7)])
    ['&', '|', ['a', '=', 1], ['b', '=', 2], ['id', '>', 7]]
    """
    first, second = normalised(one), normalised(other)
    return ["&", *first, *second] if first and second else first or second
