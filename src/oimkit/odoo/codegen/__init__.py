"""Typed models written from a live server, and what has changed on it since."""

from __future__ import annotations

from oimkit.odoo.codegen.drift import Change, ChangeKind, compare
from oimkit.odoo.codegen.package import RECORD, file_names, package_files
from oimkit.odoo.codegen.record import read_record, record_text
from oimkit.odoo.codegen.survey import DEFAULT_MODELS, FieldFacts, ModelFacts, Survey, survey

__all__ = [
    "DEFAULT_MODELS",
    "RECORD",
    "Change",
    "ChangeKind",
    "FieldFacts",
    "ModelFacts",
    "Survey",
    "compare",
    "file_names",
    "package_files",
    "read_record",
    "record_text",
    "survey",
]
