"""Every module that knows how to carry out a kind of plan; imported by whoever resumes runs of any kind.

Importing them registers their kinds (``oimkit.odoo.apply.register``).
"""

from __future__ import annotations

from oimkit.odoo import banking, billing, crm, documents, records, undoing, upserting

__all__ = ["banking", "billing", "crm", "documents", "records", "undoing", "upserting"]
