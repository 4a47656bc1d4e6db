"""MT940 and MT942 as German banks write them: statements of 1,000 entries, numbered subfields cut at 27 characters.

MT940 with the texts of other banks as well: Dutch slash codes, and plain lines.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.statements.movements import Movement, blocks, point

__all__ = ["mt940_codes_file", "mt940_file", "mt940_plain_file", "mt942_file"]

_SAID = {"transfer": ("166", "GUTSCHRIFT"), "debit": ("105", "BASISLASTSCHRIFT"), "card": ("106", "KARTENZAHLUNG")}
_LINE = 65


def mt940_file(entries: int) -> bytes:
    """Balances that close, and every statement opens with what the one before closed with."""
    return _mt940(entries, _subfields)


def mt940_codes_file(entries: int) -> bytes:
    """The same with the slash codes of Dutch banks as texts."""
    return _mt940(entries, _codes)


def mt940_plain_file(entries: int) -> bytes:
    """The same with texts that have no form: name and purpose."""
    return _mt940(entries, _plain)


def _mt940(entries: int, text_of: Callable[[Movement], str]) -> bytes:
    lines: list[str] = []
    for number, opening, block, closing in blocks(entries):
        first, last = block[0].day, block[-1].day
        lines += [":20:STARTUMS", ":25:10050000/1234567890", f":28C:{number:05}/001"]
        lines.append(f":60F:{_mark(opening)}{first:%y%m%d}EUR{point(opening, ',')}")
        lines += [line for movement in block for line in _entry(movement, text_of(movement))]
        lines += [f":62F:{_mark(closing)}{last:%y%m%d}EUR{point(closing, ',')}", "-"]
    return "\r\n".join([*lines, ""]).encode("latin-1")


def mt942_file(entries: int) -> bytes:
    """Counts and sums of each report that hold."""
    lines: list[str] = []
    for number, _, block, _ in blocks(entries):
        debits = [each.cents for each in block if not each.is_credit]
        credits_ = [each.cents for each in block if each.is_credit]
        lines += [
            ":20:VMK25030412",
            ":25:10050000/1234567890",
            f":28C:{number:05}/001",
            ":34F:EURD0,00",
            ":34F:EURC0,00",
        ]
        lines.append(":13D:2503041200+0100")
        lines += [line for movement in block for line in _entry(movement, _subfields(movement))]
        lines += [
            f":90D:{len(debits)}EUR{point(sum(debits), ',')}",
            f":90C:{len(credits_)}EUR{point(sum(credits_), ',')}",
        ]
        lines.append("-")
    return "\r\n".join([*lines, ""]).encode("latin-1")


def _mark(cents: int) -> str:
    return "C" if cents >= 0 else "D"


def _entry(movement: Movement, said: str) -> list[str]:
    day = f"{movement.day:%y%m%d}{movement.day:%m%d}"
    kind = "NDDT" if movement.kind == "debit" else "NTRF"
    amount = point(movement.cents, ",")
    head = f":61:{day}{_mark(movement.cents)}R{amount}{kind}NONREF//B{movement.number:012}"
    text = f":86:{said}"
    return [head, *[text[at : at + _LINE] for at in range(0, len(text), _LINE)]]


def _subfields(movement: Movement) -> str:
    """Keywords each in a subfield of their own, the purpose cut at 27 characters, then bank, account and name."""
    code, said = _SAID.get(movement.kind, ("808", "ENTGELT"))
    pieces = [
        f"{keyword}+{value}"
        for keyword, value in (
            ("EREF", movement.end_to_end_id),
            ("MREF", movement.mandate_id),
            ("CRED", movement.creditor_id),
        )
        if value is not None
    ]
    purpose = f"SVWZ+{movement.text}"
    pieces += [purpose[at : at + 27] for at in range(0, len(purpose), 27)]
    numbered = "".join([f"?{20 + place}{piece}" for place, piece in enumerate(pieces)])
    text = f"{code}?00{said}?109251{numbered}"
    if movement.name is None:
        return text
    name, more = movement.name[:27], movement.name[27:]
    return f"{text}?30{movement.bank}?31{movement.account}?32{name}{f'?33{more}' if more else ''}"


def _codes(movement: Movement) -> str:
    """Each code where there is something to say."""
    kind = "SEPA INCASSO" if movement.kind == "debit" else "SEPA OVERBOEKING"
    said = {
        "TRTP": kind,
        "CSID": movement.creditor_id,
        "NAME": movement.name,
        "MARF": movement.mandate_id,
        "REMI": movement.text,
        "IBAN": movement.account,
        "BIC": movement.bank,
        "EREF": movement.end_to_end_id,
    }
    return "".join([f"/{code}/{value}" for code, value in said.items() if value is not None])


def _plain(movement: Movement) -> str:
    return f"{movement.name} {movement.text}" if movement.name is not None else movement.text
