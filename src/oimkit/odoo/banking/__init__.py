"""Bank journals, statement lines and open items of an Odoo: read, imported, settled, taken back."""

from oimkit.odoo.banking.books import OdooEntryBook, OdooOpenItemBook
from oimkit.odoo.banking.importing import carry_out_import
from oimkit.odoo.banking.items import read_open_items
from oimkit.odoo.banking.journals import known_keys, read_journal
from oimkit.odoo.banking.rights import require_rights
from oimkit.odoo.banking.settling import carry_out_settlement, read_unsettled, unfinished
from oimkit.odoo.banking.undoing import UndoPlan, has_own_undo, plan_undo, undo

__all__ = [
    "OdooEntryBook",
    "OdooOpenItemBook",
    "UndoPlan",
    "carry_out_import",
    "carry_out_settlement",
    "has_own_undo",
    "known_keys",
    "plan_undo",
    "read_journal",
    "read_open_items",
    "read_unsettled",
    "require_rights",
    "undo",
    "unfinished",
]
