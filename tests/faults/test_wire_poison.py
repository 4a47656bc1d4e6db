"""One text that a protocol cannot carry stops its own record, never the next; what is carried is carried exactly."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from oimkit.errors import BadReply, InputError
from oimkit.odoo import Journal, Odoo, connect
from oimkit.odoo.codec import dump_json, parse_json, refuse_unwireable
from oimkit.odoo.transport.xml_values import dump_call, parse_response
from oimkit.odoo.upserting import UpsertOutcome
from oimkit.odoo.writing import create_once, upsert, write_many
from oimkit.sandbox import Sandbox

WAYS = [(14, "jsonrpc"), (14, "xmlrpc"), (19, "jsonrpc"), (19, "xmlrpc"), (19, "json2")]
POISON = ("\x00", "bell\x07", "tab\x0b", "half \ud83d pair", "\udfff", "not one \ufffe", "\uffff", "\x1b[0m")
KINDS = (
    (0x20, 0x7E),
    (0x20, 0x7E),
    (0x00, 0x1F),
    (0x80, 0x2FF),
    (0x300, 0x2FFF),
    (0xD7F0, 0xE010),
    (0xFDC0, 0xFFFF),
    (0x1F300, 0x1FAFF),
)
MARKUP = ("\r\n", "\r", "\n", "\t", "]]>", "<![CDATA[", "&amp;", "&#13;", "<b>", '"', "\\u0007", "\\", "\u2028", "")
TEXTS = 100_000
REASON = "the field name holds a control character or a half of a character pair"


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[int, Sandbox]]:
    with Sandbox(version=14) as old, Sandbox(version=19) as new:
        yield {14: old, 19: new}


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_poison_in_one_record_lets_the_others_pass(sandboxes: dict[int, Sandbox], version: int, transport: str) -> None:
    odoo = client(sandboxes[version], transport)
    mark = f"poison over {transport}"
    for number, poison in enumerate(POISON):
        with pytest.raises(InputError, match=r"arguments.vals_list\[0\].name holds a control character") as caught:
            odoo.call("res.partner", "create", vals_list=[{"name": f"{mark}{poison}"}])
        assert poison.strip() not in str(caught.value)
        odoo.call("res.partner", "create", vals_list=[{"name": mark, "ref": str(number)}])
    rows = odoo.search_read("res.partner", [["name", "=", mark]], ["ref"], order="id")
    assert [row["ref"] for row in rows] == [str(number) for number in range(len(POISON))]


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_poison_in_some_of_many_records_refuses_these_and_the_others_are_written(
    sandboxes: dict[int, Sandbox], tmp_path: Path, version: int, transport: str
) -> None:
    odoo = client(sandboxes[version], transport)
    keys = [f"oimkit.many_{transport}_{number}" for number in range(2 * len(POISON))]
    texts = dict(zip(keys, [text for poison in POISON for text in (poison, "good")], strict=True))
    with Journal.open(tmp_path, odoo.server_key) as journal:
        for ref in ("new", "there"):
            records = {key: {"name": text, "ref": ref} for key, text in texts.items()}
            report = write_many(odoo, "res.partner", records, journal=journal)
            refused = report.of(UpsertOutcome.REFUSED)
            assert [one.key for one in refused] == keys[::2]
            assert {one.reason for one in refused} == {REASON}
            ids = [one.id for one in report.records if one.outcome is not UpsertOutcome.REFUSED]
            assert [(row["name"], row["ref"]) for row in odoo.read("res.partner", ids, ["name", "ref"])] == [
                ("good", ref)
            ] * len(POISON)
            assert odoo.count("res.partner", [["ref", "=", ref]]) == len(POISON)
            odoo.write("res.partner", ids, {"ref": None})


@pytest.mark.parametrize("poison", POISON)
def test_poison_in_one_record_is_refused_and_its_journal_takes_the_next(
    sandboxes: dict[int, Sandbox], tmp_path: Path, poison: str
) -> None:
    odoo = client(sandboxes[19], "jsonrpc")
    key = f"oimkit.alone_{POISON.index(poison)}"
    with Journal.open(tmp_path, odoo.server_key) as journal:
        for write in (upsert, create_once):
            with pytest.raises(InputError, match="holds a control character"):
                write(odoo, key, "res.partner", {"name": poison}, journal=journal)
        assert odoo.count("res.partner", [["name", "=", f"next {key}"]]) == 0
        upsert(odoo, key, "res.partner", {"name": f"next {key}"}, journal=journal)
    assert odoo.count("res.partner", [["name", "=", f"next {key}"]]) == 1


def client(sandbox: Sandbox, transport: str) -> Odoo:
    settings = {"database": sandbox.database, "user": sandbox.user, "secret": sandbox.api_key}
    return connect(sandbox.url, transport=transport, **settings)


def test_any_text_is_carried_exactly_by_both_codecs_or_refused_by_its_place() -> None:
    chance = random.Random(20261122)
    carried = refused = 0
    for _ in range(TEXTS):
        text = any_text(chance)
        try:
            refuse_unwireable({"name": text})
        except InputError as error:
            assert error.reason.startswith("arguments.name holds")
            refused += 1
            continue
        assert parse_json(dump_json(text)) == text
        assert parse_response(as_response(dump_call("m", [text]))) == text
        carried += 1
    assert carried + refused == TEXTS
    assert min(carried, refused) > TEXTS // 10


def any_text(chance: random.Random) -> str:
    """Up to twelve characters of any kind, and sometimes a piece of markup among them."""
    parts = [chr(chance.randint(*chance.choice(KINDS))) for _ in range(chance.randint(0, 5))]
    if chance.random() < 0.5:
        parts.insert(chance.randint(0, len(parts)), chance.choice(MARKUP))
    return "".join(parts)


def as_response(call: bytes) -> bytes:
    """The same value in a reply as in the call that it was written in."""
    start, end = call.index(b"<params>"), call.index(b"</methodCall>")
    return b"<?xml version='1.0'?><methodResponse>" + call[start:end] + b"</methodResponse>"


# --- texts that a server writes as they are, as 14 does


def from_server(text: str) -> bytes:
    """A reply with *text* in it, as Python's own XML-RPC server writes it: nothing but the three signs replaced."""
    inner = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n"
        f"<value><string>{inner}</string></value>\n<value><string>next</string></value>\n</data></array></value>\n"
        "</param>\n</params>\n</methodResponse>\n"
    ).encode()


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nb\rc\nd",
        "\r",
        "bell\x07",
        "".join(map(chr, [*range(1, 32)])),
        "not one \ufffe\uffff",
        "both \r and \x0b ]]> &#13;",
        "high \ufdd0",
        " \t ",
        "",
    ],
)
def test_text_is_read_as_it_stands_in_the_database(text: str) -> None:
    assert parse_response(from_server(text)) == [text, "next"]


def test_text_that_holds_both_a_control_character_and_its_stand_in_is_refused() -> None:
    with pytest.raises(BadReply, match="not XML"):
        parse_response(from_server("\x07 and \ufdd0"))


def test_control_characters_of_another_encoding_are_not_read() -> None:
    reply = from_server("\x07").replace(b"version='1.0'", b"version='1.0' encoding='iso-8859-1'")
    with pytest.raises(BadReply, match="not XML"):
        parse_response(reply)


def test_carriage_returns_in_a_section_of_raw_text_are_left_as_xml_has_them() -> None:
    reply = b"<methodResponse><params><param><value><![CDATA[a\r\nb]]></value></param></params></methodResponse>"
    assert parse_response(reply) == "a\nb"


def test_carriage_returns_between_elements_and_around_the_root_change_nothing() -> None:
    plain = from_server("x")
    assert parse_response(plain.replace(b"\n", b"\r\n")) == ["x", "next"]
