"""What a package of models was written from, as a JSON file that is kept beside it: one field a line."""

from __future__ import annotations

import json
from typing import Any

from oimkit.errors import InputError
from oimkit.odoo.codegen.survey import FieldFacts, ModelFacts, Survey

__all__ = ["read_record", "record_text"]

_FORM = "oimkit models 1"


def record_text(survey: Survey) -> str:
    """*survey* without labels and helps: what a change of is a change for the programs that use the models."""
    head = {"form": _FORM, "version": survey.version, "server": survey.server, "missing": list(survey.missing)}
    models = ",\n".join(f"  {_text(model.name)}: {{\n{_fields(model)}\n  }}" for model in survey.models)
    lines = [f" {_text(key)}: {_text(value)}," for key, value in head.items()]
    return "\n".join(["{", *lines, ' "models": {', models, " }", "}", ""])


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True)


def _fields(model: ModelFacts) -> str:
    return ",\n".join(f"   {_text(field.name)}: {_text(_facts(field))}" for field in model.fields)


def _facts(field: FieldFacts) -> dict[str, Any]:
    """What differs from an optional, stored field that may be changed."""
    facts: dict[str, Any] = {"type": field.type}
    if field.relation is not None:
        facts["relation"] = field.relation
    if field.selection is not None:
        facts["selection"] = list(field.selection)
    facts |= {
        name: value
        for name, value in (
            ("required", field.required),
            ("readonly", field.readonly),
            ("computed", not field.stored),
            ("custom", field.custom),
        )
        if value
    }
    return facts


def read_record(text: str) -> Survey:
    """The survey that *text*, made by ``record_text``, tells of; InputError when it is another text."""
    try:
        record = json.loads(text)
        form = record["form"]
        survey = _read_survey(record) if form == _FORM else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError("the record of generated models cannot be read", advice="generate the models again") from None
    if survey is None:
        raise InputError(
            "the record of generated models has a form that this oimkit does not know",
            advice="generate the models again",
        )
    return survey


def _read_survey(record: dict[str, Any]) -> Survey:
    return Survey(
        version=str(record["version"]),
        server=str(record["server"]),
        models=tuple(ModelFacts(name, _read_fields(fields)) for name, fields in sorted(record["models"].items())),
        missing=tuple(str(name) for name in record["missing"]),
    )


def _read_fields(fields: dict[str, dict[str, Any]]) -> tuple[FieldFacts, ...]:
    return tuple(
        FieldFacts(
            name=name,
            type=str(facts["type"]),
            relation=facts.get("relation"),
            required=facts.get("required", False) is True,
            readonly=facts.get("readonly", False) is True,
            stored=facts.get("computed", False) is not True,
            custom=facts.get("custom", False) is True,
            selection=tuple(facts["selection"]) if "selection" in facts else None,
        )
        for name, facts in sorted(fields.items())
    )
