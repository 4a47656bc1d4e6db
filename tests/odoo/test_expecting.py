"""A record that was changed since it was read is not written to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from oimkit.errors import DivergedRecord, InputError, MissingRecord
from oimkit.odoo import Odoo


@pytest.fixture
def read(odoo: Odoo) -> list[dict]:
    ids = [odoo.create_once(f"oimkit.e_{number}_{id(odoo)}", "res.partner", {"name": "x"}) for number in range(2)]
    return odoo.read("res.partner", ids, ["name", "write_date"])


def test_unchanged_records_are_written(odoo, read):
    expect = {row["id"]: row["write_date"] for row in read}
    odoo.write("res.partner", list(expect), {"city": "Ghent"}, expect=expect)
    assert {row["city"] for row in odoo.read("res.partner", list(expect), ["city"])} == {"Ghent"}


def test_a_changed_record_is_refused_and_none_is_written(odoo, read):
    expect = {row["id"]: row["write_date"] for row in read}
    changed = read[1]["id"]
    expect[changed] -= timedelta(seconds=5)  # as if it had been read before its last change
    with pytest.raises(DivergedRecord, match=f"the first is {changed}; nothing was written"):
        odoo.write("res.partner", list(expect), {"city": "Bruges"}, expect=expect)
    assert {row["city"] for row in odoo.read("res.partner", list(expect), ["city"])} != {"Bruges"}


def test_every_record_needs_its_moment(odoo, read):
    with pytest.raises(InputError, match="no moment"):
        odoo.write(
            "res.partner", [row["id"] for row in read], {"city": "x"}, expect={read[0]["id"]: read[0]["write_date"]}
        )


def test_a_deleted_record_is_missing(odoo, read):
    expect = {row["id"]: row["write_date"] for row in read}
    odoo.call("res.partner", "unlink", ids=[read[0]["id"]])
    with pytest.raises(MissingRecord):
        odoo.write("res.partner", list(expect), {"city": "x"}, expect=expect)
