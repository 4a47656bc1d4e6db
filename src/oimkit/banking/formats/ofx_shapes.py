"""The aggregates of OFX that the reader knows, and an entry as printed: which value of it belongs where."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "ACCOUNTS",
    "AGGREGATES",
    "BALANCES",
    "ENTRIES",
    "LISTS",
    "PARTS",
    "STATEMENTS",
    "TRADES",
    "RawEntry",
]

STATEMENTS = frozenset({"STMTRS", "CCSTMTRS", "INVSTMTRS"})
ENTRIES = frozenset({"STMTTRN", "STMTTRNP"})
PARTS = frozenset({"PAYEE", "BANKACCTTO", "CCACCTTO", "CURRENCY", "ORIGCURRENCY"})
"""Aggregates inside an entry whose elements have names of the entry's own."""

ACCOUNTS = frozenset({"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"})
BALANCES = frozenset({"LEDGERBAL", "AVAILBAL", "BAL", "INVBAL"})
LISTS = frozenset({"BANKTRANLIST", "BANKTRANLISTP", "INVTRANLIST"})
_OTHER = frozenset({"BALLIST", "STATUS", "FI", "SONRS", "INVPOSLIST", "SECLIST", "IMAGEDATA", "ACCTINFO"})
AGGREGATES = STATEMENTS | ENTRIES | PARTS | ACCOUNTS | BALANCES | LISTS | _OTHER

TRADES = frozenset(
    {
        *("BUYDEBT", "BUYMF", "BUYOPT", "BUYOTHER", "BUYSTOCK"),
        *("SELLDEBT", "SELLMF", "SELLOPT", "SELLOTHER", "SELLSTOCK"),
        *("CLOSUREOPT", "INCOME", "INVEXPENSE", "JRNLFUND", "JRNLSEC", "MARGININTEREST", "REINVEST", "RETOFCAP"),
        *("SPLIT", "TRANSFER"),
    }
)
"""Movements of an investment account that are no bank transactions; counted and reported, not read."""

_DECISIVE = frozenset({"TRNAMT", "DTPOSTED"})
"""What an entry may not say twice in two ways."""


@dataclass(slots=True)
class RawEntry:
    """The elements of one entry as printed: name -> first text, those of a part as PART.NAME; MEMO lines are gathered.

    begin, end  where it stands in the text
    printed     its text, once the text it stands in goes
    """

    line: int
    begin: int
    pending: bool
    end: int = 0
    values: dict[str, str] = field(default_factory=dict)
    memos: list[str] = field(default_factory=list)
    repeated: str | None = None
    printed: str | None = None

    def take(self, inside: str, name: str, value: str) -> None:
        """One element of the entry, or of the part of it that *inside* names."""
        if inside in PARTS:
            self.values.setdefault(f"{inside}.{name}", value)
        elif name == "MEMO":
            self.memos.append(value)
        elif name not in self.values:
            self.values[name] = value
        elif self.values[name].strip() != value.strip() and name in _DECISIVE:
            self.repeated = self.repeated or name
