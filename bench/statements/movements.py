"""Invented movements of one account, the same for every format that they are written in."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["OPENING", "OWN_BANK", "OWN_IBAN", "Movement", "blocks", "iban", "movements", "point"]

OPENING = 100_000
"""Cents on the account before the first movement."""

OWN_IBAN, OWN_BANK = "DE02120300000000202051", "BYLADEM1001"

_FIRST = (
    *("Anna", "Boris", "Carla", "Dieter", "Elena", "Frank", "Greta", "Hugo", "Ines", "Jonas", "Katrin", "Lukas"),
    *("Marta", "Nils", "Olga", "Paul", "Rita", "Stefan"),
)
_LAST = (
    *("Adler", "Brandt", "Conrad", "Dietz", "Engel", "Fischer", "Graf", "Huber", "Jansen", "Keller", "Lange"),
    *("Maier", "Neumann", "Otto", "Peters", "Roth"),
)
_FIRMS = ("Handels GmbH", "und Sohn KG", "Logistik AG", "Werkzeugbau GmbH & Co KG", "Versicherung a.G.", "Energie GmbH")
_TEXTS = (
    "Invoice {0} of {1}",
    "Rechnung {0} vom {1} Kundennummer {2} vielen Dank",
    "Abschlag {1} Vertrag {2} Kundennummer {0} Strom Lieferstelle Musterweg 12",
    "Order {0} customer {2} delivery {1} partial payment two of three as agreed with your sales office",
    "Miete {1} Wohnung {2}",
    "Settlement {0} {1} fees deducted see statement {2} for the single items of this payout",
)


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement as a bank knows it, before it is written in a format.

    cents   signed, never 0
    kind    transfer, debit (a direct debit that is paid), card or fee; a fee has no other side
    text    remittance as one line of 15 to 110 characters
    """

    number: int
    cents: int
    day: date
    kind: str
    name: str | None
    account: str | None
    bank: str | None
    end_to_end_id: str | None
    mandate_id: str | None
    creditor_id: str | None
    text: str

    @property
    def is_credit(self) -> bool:
        return self.cents > 0


def movements(entries: int) -> Iterator[Movement]:
    """*entries* movements of the year 2025 in order of their days, the same at every call."""
    chance = random.Random(20250301)
    for number in range(entries):
        day = date(2025, 1, 1) + timedelta(number * 360 // entries)
        kind = chance.choices(("transfer", "debit", "card", "fee"), (60, 25, 10, 5))[0]
        cents = chance.randrange(1, 500_000)
        if kind != "transfer" or chance.random() < 0.4:
            cents = -cents
        text = chance.choice(_TEXTS).format(f"{number:08}", f"{day:%m/%Y}", chance.randrange(10_000, 99_999))
        if kind == "fee":
            yield Movement(number, cents, day, kind, None, None, None, None, None, None, f"Fees {day:%m/%Y}")
            continue
        party = chance.randrange(5_000)
        firm = f" {_FIRMS[party % len(_FIRMS)]}" if party % 3 == 0 else ""
        yield Movement(
            number,
            cents,
            day,
            kind,
            f"{_FIRST[party % len(_FIRST)]} {_LAST[party % len(_LAST)]}{firm}",
            iban(party),
            "MUSTDEFFXXX",
            f"INV-{number:08}" if chance.random() < 0.8 else None,
            f"MANDATE-{party:05}" if kind == "debit" else None,
            f"DE98ZZZ{party:011}" if kind == "debit" else None,
            text,
        )


def iban(number: int) -> str:
    """A German IBAN with right check digits."""
    account = f"10050000{number:010}"
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


def blocks(entries: int, size: int = 1000) -> Iterator[tuple[int, int, Sequence[Movement], int]]:
    """The movements cut into statements of *size*: its number from 1, opening cents, movements, closing cents."""
    balance, block = OPENING, list[Movement]()
    number = 0
    for movement in movements(entries):
        block.append(movement)
        if len(block) == size or movement.number == entries - 1:
            number += 1
            closing = balance + sum(each.cents for each in block)
            yield number, balance, block, closing
            balance, block = closing, []


def point(cents: int, mark: str = ".") -> str:
    """Cents without their sign as units and two decimals."""
    return f"{abs(cents) // 100}{mark}{abs(cents) % 100:02}"
