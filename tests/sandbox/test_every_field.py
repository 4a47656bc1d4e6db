"""Every field of every record of a new database can be read, in every version, and none that is required is empty."""

from __future__ import annotations

import pytest

from oimkit.sandbox import Sandbox
from oimkit.sandbox.profile import VERSIONS
from tests.sandbox.conftest import raw_of

# Links that a real server always has, to models that the profiles do not hold.
_ABSENT = {
    "account.tax.tax_group_id",
    "crm.team.alias_id",
    "hr.employee.resource_id",
    "hr.employee.version_id",
    "project.project.alias_id",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_field_of_a_new_database_can_be_read(version: int) -> None:
    with Sandbox(version) as sandbox:
        raw = raw_of(sandbox)
        models = sandbox.database_object.profile.models
        empty = set()
        for model, fields in models.items():
            ids = raw.call(model, "search", [], context={"active_test": False})
            rows = raw.call(model, "read", ids[:20], list(fields))
            assert len(rows) == len(ids[:20])
            for name, field in fields.items():
                if (
                    field.required
                    and field.type in ("selection", "many2one")
                    and any(row[name] is False for row in rows)
                ):
                    empty.add(f"{model}.{name}")
    assert empty - _ABSENT == set()
