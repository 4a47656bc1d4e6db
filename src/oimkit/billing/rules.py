"""The rule set: what is billed to whom at which rate, how it is rounded, grouped and printed. Pure data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum

from oimkit.billing.exact import digest
from oimkit.billing.periods import Validity
from oimkit.billing.printing import Unit
from oimkit.billing.rounding import TimeRounding
from oimkit.billing.texts import ReferenceTemplate, Template
from oimkit.billing.worked import Snap
from oimkit.errors import RuleError
from oimkit.money import Currency, Money, Rounding

__all__ = [
    "PRECEDENCE",
    "CustomerCode",
    "Dimension",
    "GroupKey",
    "Lines",
    "MinimumFee",
    "MixedRates",
    "NotBilled",
    "OdooHints",
    "Per",
    "Rate",
    "RateCard",
    "RuleSet",
    "Who",
]

Who = int | str
"""A record by its id, or by its name exactly as it is written where the time is kept."""


class Dimension(StrEnum):
    """What a rate card can ask for; the order is the order within a combination."""

    ENTRY = "entry"
    CUSTOMER = "customer"
    PROJECT = "project"
    TASK = "task"
    EMPLOYEE = "employee"


class Per(StrEnum):
    """What a rate pays for: an hour of billed time, or one entry whatever its length."""

    HOUR = "hour"
    ENTRY = "entry"


class GroupKey(StrEnum):
    """What entries must have in common to share a line (or, of the first four, an invoice)."""

    CUSTOMER = "customer"
    PROJECT = "project"
    MONTH = "month"
    EMPLOYEE = "employee"
    TASK = "task"
    DAY = "day"
    WEEK = "week"
    ENTRY = "entry"
    DESCRIPTION = "description"


_INVOICE_KEYS = (GroupKey.CUSTOMER, GroupKey.PROJECT, GroupKey.MONTH, GroupKey.EMPLOYEE)


class MixedRates(StrEnum):
    """Entries of one group at different rates: a line for each rate, or one line that prints 1 x amount."""

    SPLIT = "split"
    AMOUNT = "amount"


def _dimensions(*names: str) -> tuple[tuple[Dimension, ...], ...]:
    return tuple(tuple(Dimension(part) for part in name.split("+") if part) for name in names)


PRECEDENCE = _dimensions(
    "entry",
    "task+employee",
    "task",
    "project+employee",
    "customer+project+employee",
    "customer+project",
    "project",
    "customer+employee",
    "customer",
    "employee",
    "",
)
"""The order when a rule set declares none: the entry itself, then the nearer work, then with the employee
before without, then the customer, the employee, and last a card that asks for nothing."""


@dataclass(frozen=True, slots=True)
class Rate:
    """An agreed price: *amount* for an hour or for an entry; zero is a price, below zero is none."""

    amount: Money
    per: Per = Per.HOUR

    def __post_init__(self) -> None:
        if self.amount.amount < 0:
            raise RuleError("a rate is not below zero", advice="correct time with negative hours instead")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RateCard:
    """A rate (None: matching time is not billed) for the time that has all its dimensions, while it is valid.

    name      what explanations call it, unique in the rule set
    matching  for each dimension the card asks for, the records of which any one will do
    """

    name: str
    rate: Rate | None
    matching: tuple[tuple[Dimension, tuple[Who, ...]], ...] = ()
    validity: Validity = field(default=Validity())

    def __post_init__(self) -> None:
        asked = self.dimensions
        if list(asked) != sorted(set(asked), key=list(Dimension).index):
            raise RuleError("a card names each dimension once and in the order of Dimension")
        if any(not values or len(set(values)) != len(values) for _, values in self.matching):
            raise RuleError("a card's dimension lists one or more records, none of them twice")

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions that the card asks for."""
        return tuple(dimension for dimension, _ in self.matching)

    def combinations(self) -> Iterator[tuple[Who, ...]]:
        """Every combination of records that the card matches, in the order of its dimensions."""
        return itertools.product(*(values for _, values in self.matching))

    def __repr__(self) -> str:
        asked = "+".join(self.dimensions) or "any"
        return f"RateCard({asked}, rate={self.rate!r}, validity={self.validity!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """How entries become lines and what a line says.

    group  what entries of one line have in common; entries of different rates never share a line
           unless *mixed* says so
    units  units to print in, tried in this order before 1 x amount
    text   of a line in hours; *other_text* of a line in minutes, by the entry or as 1 x amount
    """

    group: tuple[GroupKey, ...] = (GroupKey.PROJECT, GroupKey.TASK)
    mixed: MixedRates = MixedRates.SPLIT
    units: tuple[Unit, ...] = (Unit.HOUR, Unit.ENTRY)
    text: Template = field(default=Template("{project}: {task}"))
    other_text: Template = field(default=Template("{project}: {task} ({time} h)"))

    def __post_init__(self) -> None:
        if len(set(self.group)) != len(self.group):
            raise RuleError("a group key is listed twice", where="lines.group")
        if len(set(self.units)) != len(self.units) or Unit.AMOUNT in self.units:
            raise RuleError("units are hour, minute and entry, each at most once", where="lines.units")


@dataclass(frozen=True, slots=True, repr=False)
class NotBilled:
    """Customers and projects whose time is never billed, whatever the rate cards say."""

    customers: tuple[Who, ...] = ()
    projects: tuple[Who, ...] = ()

    def __repr__(self) -> str:
        return f"NotBilled(customers={len(self.customers)}, projects={len(self.projects)})"


@dataclass(frozen=True, slots=True)
class MinimumFee:
    """The least that a customer pays for a calendar month; part of a month in proportion to its days."""

    monthly: Money
    text: Template = field(default=Template("Minimum fee {first_day} to {last_day}"))

    def __post_init__(self) -> None:
        if self.monthly.amount <= 0:
            raise RuleError("a minimum fee is above zero", where="minimum_fee.monthly")


@dataclass(frozen=True, slots=True, repr=False)
class CustomerCode:
    """A short code of a customer, unique among them: letters and digits."""

    customer: Who
    code: str

    def __post_init__(self) -> None:
        if not (self.code.isascii() and self.code.isalnum() and 1 <= len(self.code) <= 12):
            raise RuleError("a customer's code is 1 to 12 letters and digits")

    def __repr__(self) -> str:
        return "CustomerCode(...)"


@dataclass(frozen=True, slots=True)
class OdooHints:
    """Database ids for the drafts: product, income account, taxes, sales journal. None: the server's default."""

    product: int | None = None
    account: int | None = None
    taxes: tuple[int, ...] = ()
    journal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RuleSet:
    """Everything that decides an invoice, as one immutable value.

    version     the rule set's own label, such as "2026-01"
    rates       the cards; two that ask for the same dimensions and can match the same time on the same day are
                refused here where that can be seen, and by ``plan_invoices`` where a name and an id meet
    precedence  combinations of dimensions, the one that wins first; a card whose combination is not listed
                is refused
    invoices    what entries of one invoice have in common; always the customer
    customers   short codes of customers, for payment references
    payment_reference  body of the ISO 11649 reference of every draft; None leaves it to the server
    amounts     how an exact amount becomes payable (HALF_UP as Odoo does it, or HALF_EVEN, HALF_DOWN)
    """

    version: str
    currency: Currency
    rates: tuple[RateCard, ...]
    precedence: tuple[tuple[Dimension, ...], ...] = PRECEDENCE
    rounding: TimeRounding = field(default=TimeRounding())
    amounts: Rounding = Rounding.HALF_UP
    lines: Lines = field(default=Lines())
    invoices: tuple[GroupKey, ...] = (GroupKey.CUSTOMER,)
    not_billed: NotBilled = NotBilled()
    minimum_fee: MinimumFee | None = None
    snap: Snap = Snap.SECOND
    odoo: OdooHints = OdooHints()
    customers: tuple[CustomerCode, ...] = ()
    payment_reference: ReferenceTemplate | None = None

    def __post_init__(self) -> None:
        self._check_frame()
        self._check_precedence()
        self._check_codes()
        self._check_ties()

    @classmethod
    def from_toml(cls, text: str) -> RuleSet:
        """The rule set of a rule file; docs/billing.md describes the file.

        Raises RuleError: not TOML, an unknown key, a value of the wrong kind, a rule that contradicts
        another; ``where`` is the path to the rule, such as ``rates[2].valid_from``.
        """
        from oimkit.billing.rulefile import read_rules

        return read_rules(text)

    @property
    def hash(self) -> str:
        """32 hex digits that change with any change of content, and with nothing else."""
        return digest(*_content(self))[:32]

    def __repr__(self) -> str:
        return f"RuleSet(version={self.version!r}, rates={len(self.rates)}, hash={self.hash!r})"

    def _check_frame(self) -> None:
        if not self.version.strip():
            raise RuleError("a rule set has a version", where="version")
        if self.invoices[:1] != (GroupKey.CUSTOMER,) or len(set(self.invoices)) != len(self.invoices):
            raise RuleError("an invoice is for one customer: list customer first", where="invoices.per")
        if not set(self.invoices) <= set(_INVOICE_KEYS):
            raise RuleError("invoices are split by customer, project, month and employee only", where="invoices.per")
        if self.amounts not in (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN):
            raise RuleError("amounts go to the nearest payable amount", where="amounts.half")
        if self.minimum_fee is not None and self.minimum_fee.monthly.currency != self.currency:
            raise RuleError(f"the minimum fee is not in {self.currency}", where="minimum_fee.monthly")
        for index, card in enumerate(self.rates):
            if card.rate is not None and card.rate.amount.currency != self.currency:
                raise RuleError(f"the rate is not in {self.currency}", where=f"rates[{index}].rate")

    def _check_precedence(self) -> None:
        if len(set(self.precedence)) != len(self.precedence):
            raise RuleError("a combination is listed twice", where="precedence")
        names: dict[str, int] = {}
        for index, card in enumerate(self.rates):
            if card.dimensions not in self.precedence:
                raise RuleError(
                    f"no precedence is declared for {'+'.join(card.dimensions) or 'a card that asks for nothing'}",
                    where=f"rates[{index}]",
                    advice="add the combination to the precedence list, or change the card",
                )
            if card.name in names:
                raise RuleError(f"the name is already that of rates[{names[card.name]}]", where=f"rates[{index}].name")
            names[card.name] = index

    def _check_codes(self) -> None:
        for part in ("customer", "code"):
            known: set[Who] = set()
            for index, entry in enumerate(self.customers):
                value = getattr(entry, part)
                if value in known:
                    raise RuleError(f"this {part} is listed before", where=f"customers[{index}].{part}")
                known.add(value)

    def _check_ties(self) -> None:
        """Refuse two cards of the same dimensions that match the same records on the same day."""
        seen: dict[tuple[object, ...], list[int]] = {}
        for index, card in enumerate(self.rates):
            for key in card.combinations():
                others = seen.setdefault((card.dimensions, *key), [])
                for other in others:
                    if self.rates[other].validity.overlaps(card.validity):
                        raise RuleError(
                            f"a tie: rates[{other}] asks for the same and is valid on the same days",
                            where=f"rates[{index}]",
                            advice="end the one before the other begins, or make one of them more specific",
                        )
                others.append(index)


def _content(value: object) -> Iterator[object]:
    """The parts of a rule set in a fixed order, numbers without trailing zeros, structure marked."""
    if isinstance(value, Decimal):
        yield f"{value.normalize():f}" if value else "0"
    elif isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name}"
    elif is_dataclass(value):
        yield type(value).__name__
        for part in fields(value):
            yield part.name
            yield from _content(getattr(value, part.name))
    elif isinstance(value, tuple):
        yield len(value)
        for item in value:
            yield from _content(item)
    elif value is None or isinstance(value, (str, int, bool, date)):
        yield value
    else:
        raise RuleError(f"a rule set holds no {type(value).__name__}")
