"""Everything that knows Odoo's names: one client for every version, and plans carried out once."""

from __future__ import annotations

from oimkit.odoo.apply import Report, apply, register, resume
from oimkit.odoo.client import Odoo
from oimkit.odoo.codec import Record, Ref, Value, Wire
from oimkit.odoo.connecting import connect
from oimkit.odoo.export import Exported, export
from oimkit.odoo.grouping import Group, Span
from oimkit.odoo.journal import Journal
from oimkit.odoo.keys import ExternalId, Found, find
from oimkit.odoo.limiter import Limiter
from oimkit.odoo.loading import Loaded, LoadMessage
from oimkit.odoo.once import Session
from oimkit.odoo.production import Question
from oimkit.odoo.related import Related
from oimkit.odoo.saved import dump, restore
from oimkit.odoo.schema import Schema
from oimkit.odoo.secret import Secret
from oimkit.odoo.settings import Settings
from oimkit.odoo.version import ServerVersion
from oimkit.odoo.writing import create_once, upsert, write_many

__all__ = [
    "Exported",
    "ExternalId",
    "Found",
    "Group",
    "Journal",
    "Limiter",
    "LoadMessage",
    "Loaded",
    "Odoo",
    "Question",
    "Record",
    "Ref",
    "Related",
    "Report",
    "Schema",
    "Secret",
    "ServerVersion",
    "Session",
    "Settings",
    "Span",
    "Value",
    "Wire",
    "apply",
    "connect",
    "create_once",
    "dump",
    "export",
    "find",
    "register",
    "restore",
    "resume",
    "upsert",
    "write_many",
]
