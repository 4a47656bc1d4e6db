"""Names as banks print them: what is one name, what may be one, what is another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oimkit.banking.matching.names import LIKE, SAME, NameIndex, likeness, read_name


def alike(printed: str, known: str) -> int:
    return likeness(read_name(printed), read_name(known))


@pytest.mark.parametrize(
    ("printed", "known"),
    [
        ("MUELLER SOEHNE", "Müller & Söhne GmbH"),
        ("Muller Sohne G.m.b.H.", "Müller & Söhne GmbH"),
        ("DE VRIES JAN", "Jan de Vries"),
        ("Timmerwerken Smits Leiden V.O.F. Emmen", "Timmerwerken Smits Leiden VOF"),
        ("Metsäpalvelu Koski", "Metsäpalvelu Koskinen Turku Ky"),
        ("L'Atelier du Bois SARL", "Latelier du Bois"),
        ("ŁÓDŹ TRANSPORT SP ZOO", "Łódź Transport"),
    ],
)
def test_one_name_however_it_is_printed(printed: str, known: str) -> None:
    assert alike(printed, known) >= SAME


@pytest.mark.parametrize(
    ("printed", "known"),
    [
        ("Automatisreing Dijkstra Leiden", "Automatisering Dijkstra Leiden N.V."),
        ("J. de Vries", "Jan de Vries"),
        ("Schmidt Fördertechnik GmbH", "Schmidt Fördertechnik e.K."),
        ("Ann Technics", "Ann Technics International"),
    ],
)
def test_name_that_may_be_one_is_not_taken_for_sure(printed: str, known: str) -> None:
    assert LIKE <= alike(printed, known) < SAME


@pytest.mark.parametrize(
    ("printed", "known"),
    [
        ("Jan de Vries", "Piet de Vries"),
        ("Postma Timmerwerken", "Postma Loodgieters"),
        ("BV", "NV"),
        ("", "Example"),
        ("Ann", "Ann Trading Company"),
        ("&", "-"),
    ],
)
def test_other_names_are_others(printed: str, known: str) -> None:
    assert alike(printed, known) < LIKE


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_texts_can_be_compared(one: str, other: str) -> None:
    assert 0 <= alike(one, other) <= 100
    assert alike(one, one) == (100 if read_name(one).words else 0)


def test_index_finds_the_partners_that_a_comparison_with_all_would_find() -> None:
    names = {
        "1": "Müller Bau GmbH",
        "2": "Müller Bau AG",
        "3": "Bau und Boden Müller",
        "4": "Anna Schmidt",
        "5": "Schmidt Anna Maria",
        "6": "Hanseatische Maschinenbau OHG",
    }
    index = NameIndex(names)
    for printed in ("MUELLER BAU", "Anna Schmidt", "Hanseatische Maschinenb", "Nobody", ""):
        known = {partner: alike(printed, name) for partner, name in names.items()}
        expected = sorted((-each, partner) for partner, each in known.items() if each >= LIKE)
        assert [(-each, partner) for each, partner in index.alike(printed)] == expected
