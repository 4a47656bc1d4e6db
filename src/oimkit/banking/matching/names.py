"""Names of persons and firms compared, however a bank prints them: cut, without accents, words added or left out."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz, process

__all__ = ["LIKE", "SAME", "Name", "NameIndex", "alike", "likeness", "read_name"]

SAME = 95
"""From this likeness (0 to 100) on two names are one: the same words but for legal forms, order, accents or a cut."""

LIKE = 86
"""From this likeness on two names may well be one: a typing error, a word more or less, an initial."""

_LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aps",
        "as",
        "asa",
        "bv",
        "bvba",
        "cv",
        "doo",
        "eg",
        "ek",
        "ev",
        "eu",
        "eurl",
        "eirl",
        "gbr",
        "ges",
        "gesmbh",
        "gmbh",
        "haftungsbeschrankt",
        "hf",
        "inc",
        "kft",
        "kg",
        "kgaa",
        "ks",
        "ky",
        "lda",
        "llc",
        "llp",
        "ltd",
        "limited",
        "mbh",
        "nv",
        "ohg",
        "oy",
        "oyj",
        "ou",
        "plc",
        "sa",
        "sagl",
        "sarl",
        "sas",
        "sasu",
        "sc",
        "scs",
        "sl",
        "sll",
        "slu",
        "snc",
        "spa",
        "spzoo",
        "sprl",
        "spol",
        "sro",
        "srl",
        "srls",
        "tmi",
        "ug",
        "vof",
        "vzw",
        "asbl",
        "stiftung",
    ]
)
"""Legal forms of firms as they are written without points, accents and case."""

_JOINED = re.compile(r"(?<=\b\w)\.(?=\w\b)|'")
_WORDS = re.compile(r"[^\W_]+")
_FOLDED = str.maketrans({"ß": "ss", "ø": "o", "æ": "a", "œ": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th"})
_UMLAUTS = re.compile(r"(?<=[aou])e")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as compared.

    words        its words in order, without accents, case and legal forms; all of them where nothing else is left
    plain        the words in alphabetical order as one text
    run          the words in their order as one text
    parts        the words, each once
    has_initial  whether one of them is a single letter
    forms        its legal forms
    """

    words: tuple[str, ...]
    plain: str
    run: str
    parts: frozenset[str]
    has_initial: bool
    forms: frozenset[str] = field(default=frozenset(), compare=False)


@lru_cache(maxsize=65536)
def read_name(text: str) -> Name:
    """The name in *text*.

    >>> read_name("Müller & Söhne GmbH") == read_name("MUELLER SOEHNE")
    True
    """
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    words = [_UMLAUTS.sub("", word) for word in _WORDS.findall(_JOINED.sub("", bare).replace(". ", " "))]
    core = [word for word in words if word not in _LEGAL_FORMS] or words
    parts = frozenset(core)
    has_initial = 1 in map(len, core)
    return Name(tuple(core), " ".join(sorted(core)), "".join(core), parts, has_initial, frozenset(words) - parts)


def alike(printed: str | None, known: str | None) -> int:
    """The likeness of two names where they may be one, else 0; an absent name is like none."""
    if printed is None or known is None:
        return 0
    return likeness(read_name(printed), read_name(known))


def likeness(printed: Name, known: Name) -> int:
    """How alike a *printed* name and a *known* one are, LIKE to 100, else 0; two legal forms tell two firms apart."""
    alike = _likeness(printed, known)
    if alike >= SAME and printed.forms and known.forms and not printed.forms & known.forms:
        return SAME - 3
    return alike


def _likeness(printed: Name, known: Name) -> int:
    if not printed.words or not known.words:
        return 0
    if printed.plain == known.plain:
        return 100
    a, b = printed.run, known.run
    if a == b:
        return 99
    if a[:_CUT] == b[:_CUT] and len(a) >= _CUT and (a.startswith(b) or b.startswith(a)):
        return 96
    mine, theirs = printed.parts, known.parts
    if theirs < mine and _is_telling(theirs):
        return 95 if len(theirs) > 1 else 88
    if mine < theirs and _is_telling(mine) and len(mine) > 1:
        return 92
    if (printed.has_initial or known.has_initial) and (
        _by_initials(printed.words, known.words) or _by_initials(known.words, printed.words)
    ):
        return 90
    plain = fuzz.ratio(printed.plain, known.plain, score_cutoff=LIKE)
    if min(len(a), len(b)) >= _TELLING:
        plain = max(plain, fuzz.ratio(a, b, score_cutoff=LIKE))
    return min(int(plain), 94)


_TELLING = 7
"""Letters that a name needs before a part of it tells anything."""

_CUT = 14
"""Letters from which the beginning of a name stands for all of it."""


def _is_telling(words: Iterable[str]) -> bool:
    return sum(map(len, words)) >= _TELLING


def _by_initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """True for ``j de vries`` and ``jan de vries``."""
    if len(short) != len(long) or len(short) < 2:
        return False
    has_initial = False
    for mine, theirs in zip(short, long, strict=True):
        if mine == theirs:
            continue
        if len(mine) > 1 or not theirs.startswith(mine):
            return False
        has_initial = True
    return has_initial


class NameIndex:
    """The names of many partners, found by the words that few of them share."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = {partner: read_name(name) for partner, name in names.items()}
        self.by_plain: dict[str, list[str]] = defaultdict(list)
        self.by_word: dict[str, list[str]] = defaultdict(list)
        self.by_begin: dict[str, list[str]] = defaultdict(list)
        for partner in sorted(self.names):
            name = self.names[partner]
            self.by_plain[name.plain].append(partner)
            self.by_begin[name.run[:_BEGIN]].append(partner)
            for word in set(name.words):
                self.by_word[word].append(partner)
        self.found: dict[str, tuple[tuple[int, str], ...]] = {}

    def alike(self, text: str) -> tuple[tuple[int, str], ...]:
        """(likeness, partner) of the partners whose name is like *text*, the most alike first."""
        known = self.found.get(text)
        if known is None:
            known = self.found[text] = self._alike(read_name(text))
        return known

    def _alike(self, name: Name) -> tuple[tuple[int, str], ...]:
        candidates = set(self.by_plain.get(name.plain, ()))
        candidates.update(self.by_begin.get(name.run[:_BEGIN], ()))
        for word in sorted(set(name.words), key=lambda word: (len(self.by_word.get(word, ())), word)):
            sharing = self.by_word.get(word, ())
            if len(candidates) + len(sharing) > _MOST_CANDIDATES:
                break
            candidates.update(sharing)
        found = [(likeness(name, self.names[partner]), partner) for partner in self._may_be_like(name, candidates)]
        return tuple(sorted((each for each in found if each[0]), key=lambda each: (-each[0], each[1])))

    def _may_be_like(self, name: Name, candidates: Iterable[str]) -> Iterator[str]:
        """Those of *candidates* that likeness may find alike; most are not, and are told all at once."""
        known = {partner: self.names[partner] for partner in candidates}
        near = _near(name.plain, {partner: each.plain for partner, each in known.items()})
        near |= _near(name.run, {partner: each.run for partner, each in known.items()})
        begin = name.run[:_CUT]
        for partner, each in known.items():
            if (
                partner in near
                or each.parts <= name.parts
                or name.parts <= each.parts
                or each.run.startswith(begin)
                or name.run.startswith(each.run[:_CUT])
                or each.has_initial
                or name.has_initial
            ):
                yield partner


def _near(text: str, others: Mapping[str, str]) -> set[str]:
    """The keys of those *others* that differ little from *text*."""
    return {key for _, _, key in process.extract(text, others, scorer=fuzz.ratio, score_cutoff=LIKE, limit=None)}


_BEGIN = 5
_MOST_CANDIDATES = 150
