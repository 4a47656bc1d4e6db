"""Texts come out right whatever the header claims, and the encoding that was used is known."""

from __future__ import annotations

import pytest

from oimkit.banking.decode import decode

TEXT = ":86:Grüße an Müller & Söhne, São José, 5 €"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_recognised_without_a_header(encoding: str) -> None:
    decoded = decode(TEXT.encode(encoding))
    assert decoded.text == TEXT
    assert decoded.findings == ()


def test_utf8_wins_over_a_header_that_says_otherwise() -> None:
    assert decode(TEXT.encode(), declared="1252").text == TEXT


@pytest.mark.parametrize(
    ("name", "codec"), [("1252", "cp1252"), ("windows-1252", "cp1252"), ("ISO-8859-15", "iso-8859-15")]
)
def test_a_known_header_is_followed(name: str, codec: str) -> None:
    decoded = decode(TEXT.encode(codec), declared=name)
    assert (decoded.text, decoded.findings) == (TEXT, ())


@pytest.mark.parametrize("codec", ["cp1252", "cp850"])
@pytest.mark.parametrize("declared", [None, "NONE", "utf-7", "x-unheard-of"])
def test_without_a_header_the_likelier_words_decide_and_it_is_said(codec: str, declared: str | None) -> None:
    text = "Überweisung für Müller, Größe, Böhm"
    decoded = decode(text.encode(codec), declared=declared)
    assert (decoded.text, decoded.encoding) == (text, codec)
    assert [finding.code for finding in decoded.findings] == ["encoding-guessed"]


def test_the_representation_shows_no_text() -> None:
    assert "Müller" not in repr(decode(TEXT.encode()))


@pytest.mark.parametrize("text", ["INTÉRÊTS", "PRÊT", "AOÛT", "MAÏS"])
def test_french_capitals_are_no_polish_or_hungarian_ones(text: str) -> None:
    assert decode(text.encode("cp1252")).text == text
