from __future__ import annotations

import pytest

from oimkit.errors import BadReply
from oimkit.odoo import ServerVersion


@pytest.mark.parametrize(
    ("text", "major", "minor", "online", "edition"),
    [
        ("17.0", 17, 0, False, None),
        ("16.0+e", 16, 0, False, "enterprise"),
        ("18.0-20250101", 18, 0, False, None),
        ("18.0+e-20250101", 18, 0, False, "enterprise"),
        ("saas~17.4+e", 17, 4, True, "enterprise"),
        ("saas~18.2", 18, 2, True, None),
        ("saas-11.3", 11, 3, True, None),
        ("10.saas~14+e", 10, 14, True, "enterprise"),
        ("saas~18.2a1+e", 18, 2, True, "enterprise"),
        ("19.0rc1", 19, 0, False, None),
        ("14.0-20210105", 14, 0, False, None),
    ],
)
def test_every_known_form_is_read(text, major, minor, online, edition):
    version = ServerVersion.parse(text)
    assert (version.major, version.minor, version.online, version.edition) == (major, minor, online, edition)
    assert str(version) == text


@pytest.mark.parametrize(
    ("info", "text", "major", "minor", "edition"),
    [
        ([17, 0, 0, "final", 0, ""], "17.0", 17, 0, None),
        ([17, 0, 0, "final", 0, "e"], "17.0+e", 17, 0, "enterprise"),
        (["saas~17", 4, 0, "final", 0, "e"], "saas~17.4+e", 17, 4, "enterprise"),
        (["saas~17", 4, 0, "final", 0, "e"], "", 17, 4, "enterprise"),
        ([10, "saas~14", 0, "final", 0, "e"], "", 10, 14, "enterprise"),
        (["16", "0"], "", 16, 0, None),
    ],
)
def test_info_lists_of_numbers_and_texts_are_read(info, text, major, minor, edition):
    version = ServerVersion.from_info(info, text)
    assert (version.major, version.minor, version.edition) == (major, minor, edition)


def test_an_online_build_stands_between_two_releases():
    texts = ["14.0", "16.0+e", "17.0", "saas~17.4+e", "18.0-20250101", "19.0", "20.0"]
    mixed = [ServerVersion.parse(text) for text in (*texts[3:], *texts[:3])]
    assert [str(version) for version in sorted(mixed)] == texts


@pytest.mark.parametrize("text", ["", "hello", "saas", "17", "v.x", "99999.0", "<html>"])
def test_another_text_is_a_bad_reply(text):
    with pytest.raises(BadReply):
        ServerVersion.parse(text)
