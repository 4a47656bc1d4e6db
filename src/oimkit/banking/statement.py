"""What a bank statement says: statements, their entries, balances and parties (ISO 20022 words)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from oimkit.banking.exact import summed
from oimkit.errors import CurrencyMismatch, InputError
from oimkit.money import Currency, Money

__all__ = ["Balance", "Entry", "EntryStatus", "Exchange", "Finding", "Party", "Statement"]


class EntryStatus(StrEnum):
    """Whether the bank has booked an entry (ISO 20022 Ntry/Sts: BOOK, PDNG, INFO)."""

    BOOKED = "booked"
    PENDING = "pending"
    INFORMATION = "info"


@dataclass(frozen=True, slots=True, repr=False)
class Party:
    """A side of a movement, or the holder of an account, as the bank gives it; every part may be absent, not all.

    account         account number as printed, IBAN without blanks
    bank_code       BIC, or the clearing code the bank prints
    address         lines of the postal address as printed
    identification  number of the person or organisation where the bank gives one (ISO 20022 Id, tax number)
    """

    name: str | None = None
    account: str | None = None
    bank_code: str | None = None
    address: tuple[str, ...] = ()
    identification: str | None = None

    def __post_init__(self) -> None:
        _refuse_empty(self.name, self.account, self.bank_code, self.identification, *self.address)
        if not self._known():
            raise InputError("a party has a name, an account, a bank code, an address or a number; else it is None")

    def _known(self) -> list[str]:
        parts = ("name", "account", "bank_code", "address", "identification")
        return [part for part in parts if getattr(self, part) not in (None, ())]

    def __repr__(self) -> str:
        return f"Party({', '.join(self._known())} known)"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at: a stable code, a reason, and where it was met.

    line is the 1-based line (or record) of the file, tag the tag or element; both may be None.
    The reason never repeats account numbers, names or payment texts.
    """

    code: str
    reason: str
    line: int | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's balance at the start or the end of *date*: credit > 0, overdrawn < 0.

    code  ISO 20022 balance type (OPBD opening booked, CLBD closing booked, ITBD interim, CLAV closing available, FWAV
          forward available, ...) or the bank's own; None where the format has no types
    """

    amount: Money
    date: date | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A conversion as the bank prints it: one unit of *source* is *rate* units of *target*, or the bank's inverse."""

    rate: Decimal
    source: Currency | None = None
    target: Currency | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Entry:
    """One movement on an account (ISO 20022 Ntry, MT940 field 61, OFX STMTTRN), or one detail of a batch.

    amount                signed, in the account's currency: credit > 0, debit < 0; a detail may carry its own currency
    value_date            when the money counts; the booking date where the bank gives only that one
    booking_date          when the bank booked it, if it says so
    status                booked, pending or info; only booked entries count in balances
    reference             the bank's own id of the entry (AcctSvcrRef, FITID, :61: reference after //), or None
    end_to_end_id         the payer's id (EndToEndId, EREF); NOTPROVIDED is None
    mandate_id            SEPA direct debit mandate
    batch_id              payment information id of a batch booking
    creditor_id           SEPA creditor identifier
    counterparty          the other side: payer of a credit, payee of a debit
    ultimate              on whose behalf the other side pays or is paid, where the bank says so
    structured_reference  structured creditor reference as printed, without its check judged
    remittance            unstructured remittance information, one text a line
    purpose               ISO 20022 purpose code (SALA, ...) or the bank's own
    bank_code             bank transaction code: ISO domain-family-subfamily, SWIFT type or the bank's own
    codes                 every transaction code printed, as (scheme, code): iso20022, swift, gvc, primanota, text-key,
                          trcd, 86, ofx, sic, bai2, coda, n43, n43-own, cfonb, cfonb-internal, tito, qif, qif-cleared,
                          1c, csv, or the issuer that a proprietary code names
    references            every other reference printed, as (name, value), in the words of ISO 20022: AcctSvcrRef,
                          InstrId, TxId, ClrSysRef, ChqNb, MsgId, UETR, or the format's own tag
    return_reason         ISO return or reject reason code (AC04, MD06, ...)
    reversal              True when the bank marks the entry as the reversal of an earlier one
    instructed            amount before conversion, unsigned, where the bank reports it
    charges               what the bank took off, where it reports it
    exchange              the conversion behind amount, where the bank reports it
    details               the transactions of a batch; their sum may differ from amount, see residual
    line                  1-based line or record of the file, for messages
    id, book, account     the caller's own id, ledger and own account; readers set account only
    raw                   the record's own text, all fields as printed, for audit; None for a detail whose text stands
                          in its entry's alone; two entries that differ in it or in their line only are equal
    """

    amount: Money
    value_date: date
    booking_date: date | None = None
    status: EntryStatus = EntryStatus.BOOKED
    reference: str | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    batch_id: str | None = None
    creditor_id: str | None = None
    counterparty: Party | None = None
    ultimate: Party | None = None
    structured_reference: str | None = None
    remittance: tuple[str, ...] = ()
    purpose: str | None = None
    bank_code: str | None = None
    codes: tuple[tuple[str, str], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    return_reason: str | None = None
    reversal: bool = False
    instructed: Money | None = None
    charges: Money | None = None
    exchange: Exchange | None = None
    details: tuple[Entry, ...] = ()
    line: int | None = field(default=None, compare=False)
    id: str | None = None
    book: str | None = None
    account: str | None = None
    raw: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _refuse_empty(
            self.reference,
            self.end_to_end_id,
            self.mandate_id,
            self.batch_id,
            self.creditor_id,
            self.structured_reference,
            self.purpose,
            self.bank_code,
            self.return_reason,
            *self.remittance,
            *(text for pair in (*self.codes, *self.references) for text in pair),
        )

    @property
    def is_booked(self) -> bool:
        """True when the entry counts in the account's balance."""
        return self.status is EntryStatus.BOOKED

    @property
    def residual(self) -> Money | None:
        """What amount holds beyond its details (charges, as a rule); None without details or in several currencies."""
        if not self.details or any(detail.amount.currency != self.amount.currency for detail in self.details):
            return None
        return self.amount - _sum(self.details, self.amount.currency)

    def __repr__(self) -> str:
        where = "" if self.line is None else f", line {self.line}"
        return f"Entry({self.amount.text} {self.amount.currency} on {self.value_date.isoformat()}{where})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Statement:
    """One statement or page as the bank sent it.

    format       the format it was read from (mt940, ofx1, ofx2, camt053, ...)
    account      the account's number as printed, IBAN without blanks, or None where the file has none
    owner        the account's holder and the bank that keeps it, as far as the bank prints them; its account is
                 ``account``
    currency     the account's currency; XXX where the file names none
    opening      booked balance before the first entry, or None: never invented
    closing      booked balance after the last entry, or None; a balance that the bank printed in another currency
                 than the account's is kept as printed, and the statement is then never balanced
    balances     every balance printed, in file order, opening and closing included
    entries      in file order, pending ones included; all in the account's currency
    number       statement or sequence number as printed, page in ``page`` where the format has pages
    continues    True for a page whose opening is the interim balance of an earlier page (MT940 60M, CAMT ITBD)
    continued    True for a page whose closing is an interim balance and whose rest is on a later page (62M, ITBD)
    period_start, period_end  first and last day that the statement stands for, where the bank says so
    remarks      what the bank tells about the statement as a whole, one text a line
    member       number of the file in the archive it came in, from 1, or None
    findings     what a person should look at
    """

    format: str
    account: str | None
    currency: Currency
    entries: tuple[Entry, ...]
    opening: Balance | None = None
    closing: Balance | None = None
    reference: str | None = None
    number: str | None = None
    page: int | None = None
    continues: bool = False
    continued: bool = False
    findings: tuple[Finding, ...] = ()
    line: int | None = field(default=None, compare=False)
    owner: Party | None = None
    balances: tuple[Balance, ...] = ()
    period_start: date | None = None
    period_end: date | None = None
    remarks: tuple[str, ...] = ()
    member: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _refuse_empty(self.account, self.reference, self.number, *self.remarks)
        for entry in self.entries:
            currency = entry.amount.currency
            if currency is not self.currency and currency != self.currency:
                raise CurrencyMismatch(f"an amount in {currency} stands on an account in {self.currency}")

    @property
    def is_complete(self) -> bool:
        """False for one page of several: join_pages makes the whole."""
        return not (self.continues or self.continued)

    @property
    def booked(self) -> tuple[Entry, ...]:
        """The entries that count in the balances."""
        booked = EntryStatus.BOOKED
        return tuple([entry for entry in self.entries if entry.status is booked])

    @property
    def difference(self) -> Money | None:
        """opening + booked entries - closing; None where a balance is absent or in another currency."""
        if self.opening is None or self.closing is None or not self._balances_in_currency:
            return None
        return self.opening.amount + _sum(self.booked, self.currency) - self.closing.amount

    @property
    def balanced(self) -> bool | None:
        """True when opening + booked entries == closing, None where the format gave no two balances."""
        if self.opening is None or self.closing is None:
            return None
        return self.difference == Money.zero(self.currency)

    @property
    def _balances_in_currency(self) -> bool:
        balances = (self.opening, self.closing)
        return all(balance is None or balance.amount.currency == self.currency for balance in balances)

    def __repr__(self) -> str:
        return f"Statement({self.format}, {len(self.entries)} entries, {self.currency}, balanced={self.balanced})"


def _sum(entries: Iterable[Entry], currency: Currency) -> Money:
    """The sum of entries that a statement holds, and so in its *currency*: total need not ask each for it again."""
    return Money(summed([entry.amount.amount for entry in entries]), currency)


def _refuse_empty(*texts: str | None) -> None:
    if any(text == "" for text in texts):
        raise InputError("an absent text is None, never empty")
