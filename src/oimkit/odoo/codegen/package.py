"""The source of a package of typed models: one module a model, and the record that it can be checked by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from oimkit.odoo.codegen.annotations import Annotation, annotation_of
from oimkit.odoo.codegen.naming import attribute_names, class_names, module_names
from oimkit.odoo.codegen.record import record_text
from oimkit.odoo.codegen.survey import FieldFacts, ModelFacts, Survey
from oimkit.odoo.codegen.texts import docstring, literal, one_line

__all__ = ["RECORD", "file_names", "package_files"]

RECORD = "oimkit-models.json"
"""The file of a package that says what it was written from."""

_WIDTH = 110
_MOST_LABELS = 24
"""Values of a selection whose labels are told in the docstring."""


def package_files(survey: Survey) -> dict[str, str]:
    """The files of the package, by name; the same survey gives the same text."""
    names = [model.name for model in survey.models]
    classes, modules = class_names(names), module_names(names)
    files = {
        f"{modules[model.name]}.py": "\n".join([_header(survey), *_module(model, classes[model.name]), ""])
        for model in survey.models
    }
    files["__init__.py"] = "\n".join([_header(survey), *_init(classes, modules), ""])
    files["py.typed"] = ""
    files[RECORD] = record_text(survey)
    return files


def file_names(survey: Survey) -> frozenset[str]:
    """The names of the files that ``package_files`` gives for *survey*."""
    modules = module_names(model.name for model in survey.models)
    return frozenset({*(f"{module}.py" for module in modules.values()), "__init__.py", "py.typed", RECORD})


def _header(survey: Survey) -> str:
    return (
        f"# Written by oimkit models generate from Odoo {one_line(survey.version)}, server {one_line(survey.server)}; "
        "do not edit."
    )


def _init(classes: Mapping[str, str], modules: Mapping[str, str]) -> Iterator[str]:
    yield '"""Typed models of an Odoo."""'
    yield ""
    yield from (f"from .{modules[name]} import {classes[name]}" for name in sorted(modules, key=modules.__getitem__))
    yield ""
    yield "__all__ = ["
    yield from (f'    "{name}",' for name in sorted(classes.values()))
    yield "]"


def _module(model: ModelFacts, name: str) -> Iterator[str]:
    attributes = attribute_names(field.name for field in model.fields)
    fields = sorted((field for field in model.fields if field.name != "id"), key=lambda one: attributes[one.name])
    annotations = [annotation_of(field) for field in fields]
    yield f'"""Records of {one_line(model.name)}."""'
    yield ""
    yield from _imports(annotations)
    yield ""
    yield ""
    yield f"class {name}(Model):"
    yield f'    """A record of {one_line(model.name)}."""'
    yield ""
    yield f"    odoo_model = {literal(model.name)}"
    for field, annotation in zip(fields, annotations, strict=True):
        attribute = attributes[field.name]
        default = "unread()" if attribute == field.name else f"unread({literal(field.name)})"
        yield ""
        yield from _assignment(attribute, annotation, default)
        yield from docstring(_sentences(field), "    ")


def _imports(annotations: Iterable[Annotation]) -> Iterator[str]:
    used = frozenset[str]().union(*(annotation.uses for annotation in annotations))
    if "Date" in used:
        yield "from datetime import date as Date"
    if "Decimal" in used:
        yield "from decimal import Decimal"
    if used & {"Any", "Literal"}:
        yield f"from typing import {', '.join(sorted(used & {'Any', 'Literal'}))}"
    if used & {"Date", "Decimal", "Any", "Literal"}:
        yield ""
    ours = sorted(used - {"Date", "Decimal", "Any", "Literal"} | {"Model"})
    yield f"from oimkit.odoo.typed import {', '.join([*ours, 'unread'])}"


def _assignment(attribute: str, annotation: Annotation, default: str) -> Iterator[str]:
    """``name: type = unread()``; the values of a long selection one a line."""
    inline = f"Literal[{', '.join(annotation.values)}]" if annotation.values else ""
    line = f"    {attribute}: {' | '.join([*([inline] if inline else []), *annotation.parts])} = {default}"
    if not inline or len(line) <= _WIDTH:
        yield line
        return
    yield f"    {attribute}: Literal["
    yield from (f"        {value}," for value in annotation.values)
    yield f"    {' | '.join([']', *annotation.parts])} = {default}"


def _sentences(field: FieldFacts) -> list[str]:
    """Label, help and what the type does not say."""
    relation = f" ({one_line(field.relation, 80)})" if field.relation else ""
    notes = [
        note
        for note, applies in (
            ("Required.", field.required),
            ("Read-only.", field.readonly),
            ("Not stored.", not field.stored),
            ("Custom field.", field.custom),
            ("HTML.", field.type == "html"),
        )
        if applies
    ]
    return [
        _ended(f"{one_line(field.label, 200) or one_line(field.name)}{relation}"),
        _ended(one_line(field.help)),
        _values(field),
        *notes,
    ]


def _ended(text: str) -> str:
    return text if not text or text[-1] in ".!?:" else f"{text}."


def _values(field: FieldFacts) -> str:
    """What each value of a selection is called."""
    if field.selection is None or not 0 < len(field.selection) <= _MOST_LABELS:
        return ""
    called = zip(field.selection, field.labels, strict=True)
    return _ended(
        "Values: " + ", ".join(f"{one_line(str(value), 60)} = {one_line(label, 80)}" for value, label in called)
    )
