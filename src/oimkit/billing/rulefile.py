"""The rule file: TOML text -> RuleSet, with everything refused that is not exactly understood."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from oimkit.billing.exact import read_seconds
from oimkit.billing.periods import Validity
from oimkit.billing.printing import Unit
from oimkit.billing.rounding import Half, Mode, Scope, TimeRounding
from oimkit.billing.rules import (
    PRECEDENCE,
    CustomerCode,
    Dimension,
    GroupKey,
    Lines,
    MinimumFee,
    MixedRates,
    NotBilled,
    OdooHints,
    Per,
    Rate,
    RateCard,
    RuleSet,
    Who,
)
from oimkit.billing.texts import ReferenceTemplate, Template
from oimkit.billing.worked import Snap
from oimkit.errors import InputError, RuleError
from oimkit.money import Currency, Money, Rounding

__all__ = ["read_rules"]

_LONGEST = 1_000_000
"""A rule file of more characters is something else."""

_MOST_COMBINATIONS = 10_000
"""Records a card may combine: ten lists of customers and projects are a rule, a million pairs are a mistake."""

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,10})?", re.ASCII)

_Made = TypeVar("_Made")

_HALVES = {"up": Rounding.HALF_UP, "even": Rounding.HALF_EVEN, "down": Rounding.HALF_DOWN}


def read_rules(text: str) -> RuleSet:
    """The rule set that *text* declares; RuleError with the path to the rule otherwise."""
    if len(text) > _LONGEST:
        raise RuleError(f"a rule file is at most {_LONGEST} characters long")
    try:
        file = _File.model_validate(_parse(text))
    except ValidationError as error:
        _refuse(error)
    return _rule_set(file)


def _parse(text: str) -> dict[str, Any]:
    """TOML with numbers kept as decimals: 95.10 is 95.10, never the nearest double."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (line [0-9]+, column [0-9]+|end of document)\)", str(error))
        raise RuleError(
            "the rule file is not TOML", where=place[1] if place else "", advice="mend the line, see docs/billing.md"
        ) from None
    except (RecursionError, ValueError):
        raise RuleError("the rule file is not TOML: nested too deep or a number out of range") from None


# -- the shapes of the file; the names of the fields are the keys of the file ------------------------------------


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise ValueError("a number or a text of digits with a point is expected")  # noqa: TRY004  pydantic's protocol
    text = str(value)
    if not _NUMBER.fullmatch(text):
        raise ValueError("a plain number is expected, such as 95 or 95.50, not below zero")
    return Decimal(text)


def _seconds(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("a duration is a text such as '15 min'")  # noqa: TRY004  pydantic's protocol
    try:
        return read_seconds(value)
    except InputError as error:
        raise ValueError(error.reason) from None


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("a date without quotes and without time is expected, such as 2026-01-01")  # noqa: TRY004
    return value


def _who(value: object) -> tuple[Who, ...]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError("an empty list matches nothing; leave the key out")
    for item in values:
        if isinstance(item, bool) or not isinstance(item, (int, str)):
            raise ValueError("an id (whole number) or a name (text), or a list of them, is expected")  # noqa: TRY004
        if item == "" or (isinstance(item, int) and item <= 0):
            raise ValueError("an id is above zero and a name is not empty")
    return tuple(values)


def _one(value: object) -> Who:
    (single,) = _who([value])
    return single


def _combination(text: str) -> tuple[Dimension, ...]:
    parts = [] if text == "any" else text.split("+")
    known = list(Dimension)
    if any(part not in known for part in parts) or len(set(parts)) != len(parts):
        raise ValueError(f"a combination is made of {', '.join(known)} joined by +, or is 'any'")
    return tuple(sorted((Dimension(part) for part in parts), key=known.index))


def _words(kind: type[Any]) -> BeforeValidator:
    """Accept exactly the words of an enumeration."""

    def read(value: object) -> object:
        words = [member.value for member in kind]
        if value not in words:
            raise ValueError(f"one of {', '.join(words)} is expected")
        return kind(value)

    return BeforeValidator(read)


_Number = Annotated[Decimal, BeforeValidator(_number)]
_Seconds = Annotated[int, BeforeValidator(_seconds)]
_Day = Annotated[date, BeforeValidator(_day)]
_Whos = Annotated[tuple[Who, ...], BeforeValidator(_who)]
_Combination = Annotated[object, AfterValidator(lambda value: _combination(str(value)))]
_Text = Annotated[str, Field(strict=True, min_length=1)]
_Id = Annotated[int, Field(strict=True, gt=0)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class _Card(_Table):
    name: _Text | None = None
    rate: _Number | None = None
    billable: Annotated[bool, Field(strict=True)] = True
    per: Annotated[Per, _words(Per)] = Per.HOUR
    valid_from: _Day | None = None
    valid_until: _Day | None = None
    entry: _Whos | None = None
    customer: _Whos | None = None
    project: _Whos | None = None
    task: _Whos | None = None
    employee: _Whos | None = None


class _Rounding(_Table):
    scope: Annotated[Scope, _words(Scope)] = Scope.LINE
    mode: Annotated[Mode, _words(Mode)] = Mode.NEAREST
    half: Annotated[Half, _words(Half)] = Half.UP
    step: _Seconds = 1
    minimum: _Seconds = 0
    factor: _Number = Decimal(1)
    cumulative: Annotated[bool, Field(strict=True)] = False


class _Amounts(_Table):
    half: Annotated[Half, _words(Half)] = Half.UP


class _Lines(_Table):
    group: list[Annotated[GroupKey, _words(GroupKey)]] | None = None
    mixed_rates: Annotated[MixedRates, _words(MixedRates)] = MixedRates.SPLIT
    units: list[Annotated[Unit, _words(Unit)]] | None = None
    text: _Text | None = None
    other_text: _Text | None = None


class _Customer(_Table):
    customer: Annotated[Who, BeforeValidator(_one)]
    code: _Text


class _Invoices(_Table):
    payment_reference: _Text | None = None
    per: list[Annotated[GroupKey, _words(GroupKey)]] = Field(default_factory=lambda: [GroupKey.CUSTOMER])


class _NotBilled(_Table):
    customers: _Whos = ()
    projects: _Whos = ()


class _MinimumFee(_Table):
    monthly: _Number
    text: _Text | None = None


class _Time(_Table):
    snap: Annotated[Snap, _words(Snap)] = Snap.SECOND


class _Odoo(_Table):
    product: _Id | None = None
    account: _Id | None = None
    taxes: list[_Id] = Field(default_factory=list)
    journal: _Id | None = None


class _File(_Table):
    version: _Text
    currency: _Text
    rates: list[_Card] = Field(min_length=1)
    precedence: list[_Combination] | None = None
    rounding: _Rounding = Field(default_factory=_Rounding)
    amounts: _Amounts = Field(default_factory=_Amounts)
    lines: _Lines = Field(default_factory=_Lines)
    invoices: _Invoices = Field(default_factory=_Invoices)
    not_billed: _NotBilled = Field(default_factory=_NotBilled)
    minimum_fee: _MinimumFee | None = None
    time: _Time = Field(default_factory=_Time)
    odoo: _Odoo = Field(default_factory=_Odoo)
    customers: list[_Customer] = Field(default_factory=list)


# -- from the file's shapes to values ----------------------------------------------------------------------------


def _rule_set(file: _File) -> RuleSet:
    currency = _at("currency", lambda: Currency(file.currency))
    return RuleSet(
        version=file.version,
        currency=currency,
        rates=tuple(_card(card, index, currency) for index, card in enumerate(file.rates)),
        precedence=PRECEDENCE if file.precedence is None else _precedence(file.precedence),
        rounding=TimeRounding(
            scope=file.rounding.scope,
            mode=file.rounding.mode,
            half=file.rounding.half,
            step_seconds=file.rounding.step,
            minimum_seconds=file.rounding.minimum,
            factor=file.rounding.factor,
            cumulative=file.rounding.cumulative,
        ),
        amounts=_HALVES[file.amounts.half],
        lines=_lines(file.lines),
        invoices=tuple(file.invoices.per),
        not_billed=NotBilled(file.not_billed.customers, file.not_billed.projects),
        minimum_fee=None if file.minimum_fee is None else _minimum_fee(file.minimum_fee, currency),
        snap=file.time.snap,
        odoo=OdooHints(file.odoo.product, file.odoo.account, tuple(file.odoo.taxes), file.odoo.journal),
        customers=tuple(_code(customer, index) for index, customer in enumerate(file.customers)),
        payment_reference=_reference(file.invoices.payment_reference),
    )


def _card(card: _Card, index: int, currency: Currency) -> RateCard:
    where = f"rates[{index}]"
    if (card.rate is None) == card.billable:
        raise RuleError("a card has either a rate or 'billable = false'", where=where)
    matching = tuple(
        (dimension, values) for dimension in Dimension if (values := getattr(card, dimension.value)) is not None
    )
    combinations = 1
    for _, values in matching:
        combinations *= len(values)
    if combinations > _MOST_COMBINATIONS:
        raise RuleError(f"a card combines more than {_MOST_COMBINATIONS} records", where=where)
    amount = card.rate
    return _at(
        where,
        lambda: RateCard(
            name=card.name or where,
            rate=None if amount is None else Rate(Money(amount, currency), card.per),
            matching=matching,
            validity=Validity(card.valid_from, card.valid_until),
        ),
    )


def _precedence(combinations: list[object]) -> tuple[tuple[Dimension, ...], ...]:
    return tuple(combination for combination in combinations if isinstance(combination, tuple))


def _lines(lines: _Lines) -> Lines:
    """A text without an ``other_text`` is completed by the time, which the quantity then does not show."""
    standard = Lines()
    text = standard.text if lines.text is None else _template(lines.text, "lines.text")
    other = lines.other_text if lines.other_text is not None else f"{text.text} ({{time}} h)"
    return Lines(
        group=standard.group if lines.group is None else tuple(lines.group),
        mixed=lines.mixed_rates,
        units=standard.units if lines.units is None else tuple(lines.units),
        text=text,
        other_text=_template(other, "lines.other_text"),
    )


def _code(customer: _Customer, index: int) -> CustomerCode:
    return _at(f"customers[{index}].code", lambda: CustomerCode(customer.customer, customer.code))


def _reference(body: str | None) -> ReferenceTemplate | None:
    return None if body is None else _at("invoices.payment_reference", lambda: ReferenceTemplate(body))


def _minimum_fee(fee: _MinimumFee, currency: Currency) -> MinimumFee:
    monthly = Money(fee.monthly, currency)
    return MinimumFee(monthly) if fee.text is None else MinimumFee(monthly, _template(fee.text, "minimum_fee.text"))


def _template(text: str, where: str) -> Template:
    return _at(where, lambda: Template(text))


def _at(where: str, make: Callable[[], _Made]) -> _Made:
    """What *make* returns; a refusal carries the path to the rule."""
    try:
        return make()
    except InputError as error:
        raise RuleError(error.reason, where=where, advice=error.advice) from None


_SENTENCES = {
    "extra_forbidden": "this key is not known",
    "missing": "this key is missing",
    "bool_type": "true or false is expected",
    "string_type": "a text in quotes is expected",
    "string_too_short": "a text is not empty",
    "int_type": "a whole number is expected",
    "greater_than": "an id is above zero",
    "list_type": "a list is expected",
    "too_short": "at least one is needed",
    "model_type": "a table is expected",
    "dict_type": "a table is expected",
}


def _refuse(error: ValidationError) -> NoReturn:
    """The first thing that is wrong as a RuleError, with the number of further ones; values are not repeated."""
    problems = error.errors(include_input=False, include_url=False)
    first = problems[0]
    reason = _SENTENCES.get(first["type"], "")
    if not reason and first["type"] == "value_error":
        reason = str(first["ctx"]["error"])
    if len(problems) > 1:
        reason += f" (and {len(problems) - 1} more)"
    raise RuleError(reason or first["msg"], where=_path(first["loc"]), advice="see docs/billing.md") from None


def _path(location: tuple[int | str, ...]) -> str:
    """``("rates", 2, "rate")`` as ``rates[2].rate``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")
