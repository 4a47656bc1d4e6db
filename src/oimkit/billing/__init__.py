"""Worked time and rules in, invoice drafts with their explanations out."""

from oimkit.billing.clock import ClockTime, clock_time
from oimkit.billing.explaining import explain
from oimkit.billing.periods import Period, Validity
from oimkit.billing.plan import (
    Bucket,
    Explanation,
    FeeBasis,
    InvoiceDraft,
    InvoiceKind,
    InvoiceLine,
    InvoicePlan,
    LeftOut,
    Portion,
    Rated,
    Reason,
    Share,
    Step,
)
from oimkit.billing.planning import plan_invoices
from oimkit.billing.ports import InvoiceBook, InvoiceRef
from oimkit.billing.printing import Printed, Printing, TaxMethod, Unit
from oimkit.billing.rating import RateBook, RateChoice, Rejected, WhyNot
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
)
from oimkit.billing.texts import ReferenceTemplate, Template
from oimkit.billing.verification import Difference, check_plan, verify
from oimkit.billing.worked import BilledFee, BilledTime, Names, Snap, WorkedTime, seconds_of_hours

__all__ = [
    "PRECEDENCE",
    "BilledFee",
    "BilledTime",
    "Bucket",
    "ClockTime",
    "CustomerCode",
    "Difference",
    "Dimension",
    "Explanation",
    "FeeBasis",
    "GroupKey",
    "Half",
    "InvoiceBook",
    "InvoiceDraft",
    "InvoiceKind",
    "InvoiceLine",
    "InvoicePlan",
    "InvoiceRef",
    "LeftOut",
    "Lines",
    "MinimumFee",
    "MixedRates",
    "Mode",
    "Names",
    "NotBilled",
    "OdooHints",
    "Per",
    "Period",
    "Portion",
    "Printed",
    "Printing",
    "Rate",
    "RateBook",
    "RateCard",
    "RateChoice",
    "Rated",
    "Reason",
    "ReferenceTemplate",
    "Rejected",
    "RuleSet",
    "Scope",
    "Share",
    "Snap",
    "Step",
    "TaxMethod",
    "Template",
    "TimeRounding",
    "Unit",
    "Validity",
    "WhyNot",
    "WorkedTime",
    "check_plan",
    "clock_time",
    "explain",
    "plan_invoices",
    "seconds_of_hours",
    "verify",
]
