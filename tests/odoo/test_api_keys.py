"""A key is replaced so that at every moment one that is known works; refusals are clear sentences."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import oimkit
from oimkit.errors import (
    BadReply,
    ConfigurationError,
    InputError,
    InvalidRecord,
    NotSent,
    OimkitError,
    OutcomeUnknown,
)
from oimkit.odoo import Odoo, Secret
from oimkit.odoo.api_keys import ApiKey, Rotated, Stage, expiring, list_keys, revoke, rotate
from tests.odoo.key_server import NOW, KeyServer

OUR_CODE = str(Path(oimkit.__file__).parent)


def turn(server: KeyServer, old: str, keep: Callable[[Secret], None], **more: Any) -> Rotated:
    more.setdefault("password", lambda: Secret(server.password))
    more.setdefault("reconnect", server.connect)
    return rotate(server.connect(old), Secret(old), name="new", now=NOW, keep=keep, **more)


def keyed(**options: Any) -> tuple[KeyServer, str]:
    server = KeyServer(**options)
    return server, server.add("old")


WAYS = [{"by_key": True}, {"by_key": False}, {"by_key": False, "stored_password": True}]


@pytest.mark.parametrize("way", WAYS)
def test_new_key_works_and_the_old_one_is_dead(way):
    server, old = keyed(**way)
    kept: list[Secret] = []
    done = turn(server, old, kept.append)
    assert (done.revoked, done.finding, done.new.name) == (True, "", "new")
    assert done.new.expires == NOW + timedelta(days=90)
    assert [row["name"] for row in server.keys.values()] == ["new"]
    assert server.works(kept[0])
    assert not server.works(old)
    assert all(not wizard.get("password") for wizard in server.wizards.values())


def test_server_that_does_it_by_key_never_wants_the_password():
    server, old = keyed()
    turn(server, old, lambda secret: None, password=None)
    assert "res.users.identitycheck.run_check" not in server.asked


def test_password_is_wanted_and_nobody_can_be_asked():
    server, old = keyed(by_key=False)
    with pytest.raises(ConfigurationError, match=r"wants the account's password .*on a terminal"):
        turn(server, old, lambda secret: None, password=None)
    assert next(iter(server.keys.values()))["name"] == "old"


@pytest.mark.parametrize("way", WAYS[1:])
def test_wrong_password_is_told_and_does_not_stay_in_the_server(way):
    server, old = keyed(**way)
    with pytest.raises(OimkitError, match="did not take the account's password"):
        turn(server, old, lambda secret: None, password=lambda: Secret("canary-wrong-password"))
    assert all(not wizard.get("password") for wizard in server.wizards.values())
    assert server.works(old)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Programmatic API keys are not enabled", r"only Settings administrators .*base.enable_programmatic_api_keys"),
        ("You cannot exceed 90.0 days.", r"does not let this user have a key that lives so long.*--days"),
        ("The API key must have an expiration date", r"wants a date of expiry"),
        ("You cannot set an expiration date in the past.", r"is past already"),
        ("This method can only be accessed over HTTP", r"transport json2"),
        ("Only internal users can create API keys", r"only internal users"),
    ],
)
@pytest.mark.parametrize("by_key", [True, False])
def test_refusal_of_the_server_becomes_a_clear_sentence(text, sentence, by_key):
    server, old = keyed(by_key=by_key)
    server.refusal = text
    with pytest.raises(InvalidRecord, match=sentence):
        turn(server, old, lambda secret: None)
    assert len(server.keys) == 1


def test_tenth_key_is_told():
    server, old = keyed(limit=1)
    with pytest.raises(InvalidRecord, match=r"as many API keys as the server allows programs to make; revoke those"):
        turn(server, old, lambda secret: None)


def test_key_that_cannot_be_kept_is_revoked_again():
    for way in WAYS:
        server, old = keyed(**way)

        def full(secret: Secret) -> None:
            raise ConfigurationError("the keyring is closed", advice="open it")

        with pytest.raises(ConfigurationError, match="the keyring is closed; open it; the old key works, the new one"):
            turn(server, old, full)
        assert [row["name"] for row in server.keys.values()] == ["old"]


def test_key_that_does_not_work_is_revoked_again():
    server, old = keyed()

    def reconnect(secret: Secret) -> Odoo:
        raise NotSent("no connection")

    with pytest.raises(NotSent, match="the old key works, the new one was revoked again"):
        turn(server, old, lambda secret: None, reconnect=reconnect)
    assert [row["name"] for row in server.keys.values()] == ["old"]


def test_key_of_another_user_is_not_kept():
    server, old = keyed()
    kept: list[Secret] = []

    def reconnect(secret: Secret) -> Odoo:
        odoo = server.connect(secret)
        object.__setattr__(odoo._transport, "uid", 3)
        return odoo

    with pytest.raises(BadReply, match="belongs to another user"):
        turn(server, old, kept.append, reconnect=reconnect)
    assert kept == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.UNDONE])
def test_crash_at_any_stage_leaves_a_key_that_is_known_and_works(way, stage):
    server, old = keyed(**way)
    known = [Secret(old)]

    class Crash(BaseException):
        pass

    def crash(reached: Stage, key: int | None) -> None:
        if reached is stage:
            raise Crash

    with pytest.raises(Crash):
        turn(server, old, known.append, on_stage=crash)
    assert server.works(known[-1]) or stage is Stage.MADE
    assert server.works(known[0]) is (stage is not Stage.DONE)
    if stage is Stage.KEPT:
        assert all(server.works(secret) for secret in known) and len(known) == 2


def test_stages_are_told_in_order_with_the_new_keys_id():
    server, old = keyed()
    told: list[tuple[Stage, int | None]] = []
    turn(server, old, lambda secret: None, on_stage=lambda stage, key: told.append((stage, key)))
    (new,) = server.keys
    assert told == [(Stage.BEGUN, None), (Stage.MADE, new), (Stage.KEPT, new), (Stage.DONE, new)]


def test_rotation_that_left_nothing_says_so():
    told: list[Stage] = []
    server, old = keyed(by_key=False)
    with pytest.raises(ConfigurationError):
        turn(server, old, lambda secret: None, password=None, on_stage=lambda stage, key: told.append(stage))
    assert told == [Stage.BEGUN, Stage.UNDONE]
    told.clear()
    server, old = keyed()

    def full(secret: Secret) -> None:
        raise ConfigurationError("the keyring is closed")

    with pytest.raises(ConfigurationError):
        turn(server, old, full, on_stage=lambda stage, key: told.append(stage))
    assert told == [Stage.BEGUN, Stage.MADE, Stage.UNDONE]
    told.clear()
    server.lose = "generate"
    with pytest.raises(OutcomeUnknown):
        turn(server, old, lambda secret: None, on_stage=lambda stage, key: told.append(stage))
    assert told == [Stage.BEGUN]


@pytest.mark.parametrize(("way", "method"), [(WAYS[0], "generate"), (WAYS[1], "run_check")])
def test_lost_answer_names_the_key_that_nobody_has(way, method):
    server, old = keyed(**way)
    server.lose = method
    with pytest.raises(OutcomeUnknown, match=r"the key \d+ was made and nobody has it; the old key works"):
        turn(server, old, lambda secret: None)
    assert server.works(old)


def test_old_key_that_could_not_be_revoked_is_a_finding():
    server, old = keyed()
    kept: list[Secret] = []

    def keep(secret: Secret) -> None:
        kept.append(secret)
        server.lose = "revoke"

    done = turn(server, old, keep)
    assert not done.revoked
    assert "the new key works and is kept; the old one 1 was not revoked (the connection broke)" in done.finding
    assert server.works(kept[0])


def test_which_of_several_keys_is_the_old_one_is_not_guessed():
    server, old = keyed(by_key=False)
    other = server.add("other")
    done = turn(server, old, lambda secret: None)
    assert (done.revoked, "which of the keys 1, 2 the old one is" in done.finding) == (False, True)
    assert server.works(old) and server.works(other)
    server, old = keyed(by_key=False)
    other = server.add("other")
    assert turn(server, old, lambda secret: None, old_id=1).revoked
    assert server.works(other) and not server.works(old)


def test_wrong_id_of_the_old_key_is_noticed():
    server, old = keyed(by_key=False)
    server.add("other")
    done = turn(server, old, lambda secret: None, old_id=2)
    assert not done.revoked
    assert "the old one works too, so another key was revoked" in done.finding


def test_password_as_secret_gets_a_first_key():
    server = KeyServer(by_key=False)
    kept: list[Secret] = []
    done = turn(server, server.password, kept.append)
    assert (done.revoked, "there is no old key to revoke" in done.finding) == (False, True)
    assert server.works(kept[0])


@pytest.mark.parametrize("way", WAYS)
def test_key_is_revoked_by_id(way):
    server, old = keyed(**way)
    server.add("other")
    revoke(server.connect(old), 2, lambda: Secret(server.password))
    assert list(server.keys) == [1]
    with pytest.raises(InputError, match="no API key 99"):
        revoke(server.connect(old), 99)


def test_keys_that_end_soon_are_told_the_first_to_end_first():
    def key(number: int, days: int | None) -> ApiKey:
        return ApiKey(number, "", None, None, None if days is None else NOW + timedelta(days=days))

    keys = (key(1, None), key(2, 14), key(3, 15), key(4, -1), key(5, 3))
    assert [found.id for found in expiring(keys, NOW)] == [4, 5, 2]
    assert [found.id for found in expiring(keys, NOW, within_days=0)] == [4]


def test_list_shows_what_the_server_tells():
    server = KeyServer()
    old = server.add("old", scope=None, expires="2026-12-01 00:00:00")
    (key,) = list_keys(server.connect(old))
    assert (key.id, key.name, key.scope) == (1, "old", None)
    assert key.expires == datetime(2026, 12, 1, tzinfo=UTC)
    assert "old" not in repr(key)


@pytest.mark.parametrize("way", WAYS)
def test_no_frame_of_an_error_shows_a_key_or_the_password(way):
    server, old = keyed(**way)
    server.password = "canary-password-1"
    made: list[str] = []

    def keep(secret: Secret) -> None:
        made.append(secret.reveal())
        raise ConfigurationError("cannot be kept")

    def failing(**more: Any) -> str:
        try:
            turn(server, old, keep, password=lambda: Secret("canary-password-1"), **more)
        except OimkitError as error:
            ours = [
                frame
                for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack
                if frame.filename.startswith(OUR_CODE)
            ]
            assert ours, "no frame of oimkit was looked at"
            return "".join(str(frame.locals) for frame in ours)
        raise AssertionError("no error")

    shown = failing()
    server.refusal = "Programmatic API keys are not enabled"
    shown += failing()
    for secret in (old, "canary-password-1", *made):
        assert secret not in shown
