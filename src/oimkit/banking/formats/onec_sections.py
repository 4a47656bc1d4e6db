"""A 1C exchange file cut into its header, account sections and documents; which encoding it is in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from oimkit.banking.amounts import read_amount
from oimkit.banking.decode import decode
from oimkit.banking.formats._common import clean, refused
from oimkit.banking.formats.text_lines import refuse_long_lines, with_line_feeds
from oimkit.banking.limits import Limits
from oimkit.banking.statement import Finding
from oimkit.errors import AmountError, StatementError

__all__ = ["File", "Section", "cut", "decoded_1c", "documents_printed"]

_FORMAT = "1c"

_ENCODINGS = ("cp1251", "cp866", "koi8_r", "iso8859_5", "mac_cyrillic")
"""Windows and DOS are the two that the format names; the others are met in banks' own programs."""

_WORDS = ("Секция", "СЕКЦИЯ", "Кодировка", "КОДИРОВКА", "ВерсияФормата")
"""Words that stand in every file: the encoding in which one of them is there is the encoding of the file."""


def decoded_1c(data: bytes) -> tuple[str, tuple[Finding, ...]]:
    """The text, every line ended by a line feed, in the encoding that the file's own keys prove; and what was found.

    The keys are Cyrillic, so that a known key read in one encoding is a proof, where the name of the encoding in the
    line Кодировка is only a claim (a real file says ``Wirdows``).
    """
    try:
        return _with_even_ends(data.decode("utf-8-sig")), ()
    except UnicodeDecodeError:
        pass
    for encoding in _ENCODINGS:
        if any(word.encode(encoding) in data for word in _WORDS):
            return _decoded(data, encoding)
    decoded = decode(data)
    return _with_even_ends(decoded.text), decoded.findings


def _decoded(data: bytes, encoding: str) -> tuple[str, tuple[Finding, ...]]:
    """The text in a proven encoding; bytes that stand for no character there are replaced and reported."""
    try:
        return _with_even_ends(data.decode(encoding)), ()
    except UnicodeDecodeError:
        reason = f"some bytes are not valid {encoding} and were replaced"
        return _with_even_ends(data.decode(encoding, "replace")), (Finding("encoding-broken", reason),)


def _with_even_ends(text: str) -> str:
    return with_line_feeds(text).rstrip("\x00\x1a")


class Section:
    """The header, an account section or a document: its text as printed, and what its keys say.

    line      1-based line of the file it begins on
    kind      what stands after the ``=`` of the line that opens it (a document's kind), or None
    raw       its lines as printed
    values    its keys, known ones in their usual letters, with their values, white space cleaned; a key without a
              value is absent, and of a key that stands twice the first value holds
    repeated  keys that stand twice with different values, where only one can be right
    texts     the lines of the payment's text, which may run over several lines or stand twice
    unread    how many of its lines are neither a key with a value nor the rest of a text
    """

    __slots__ = ("kind", "line", "raw", "repeated", "texts", "unread", "values")

    def __init__(self, raw: str, line: int) -> None:
        self.raw, self.line = raw, line
        self.repeated: set[str] = set()
        self.texts: list[str] = []
        self.unread = 0
        pairs = _PAIR.findall(raw)
        self.values: dict[str, str] = dict(pairs)
        odd = self.values.keys() - _KNOWN
        if len(self.values) == len(pairs) == raw.count("\n") and (not odd or all(_key_of(key) == key for key in odd)):
            self.texts = [self.values[_TEXT]] if _TEXT in self.values else []
            self.values = {key: text for key, value in pairs if (text := _cleaned(value))}
        else:
            self.values = {}
            self._read_lines()
        self.kind = self.values.pop(_DOCUMENT, None)

    def _read_lines(self) -> None:
        """Line by line, where not every line but the last is another key with its value."""
        last = ""
        for text in self.raw.split("\n"):
            name, equals, value = text.partition("=")
            key = _key_of(name) if equals and len(name) <= _KEY_CHARS else None
            if key is None:
                self._no_key(text, last)
                continue
            last, said = key, _cleaned(value)
            if said and self.values.setdefault(key, said) != said and key != _TEXT:
                self.repeated.add(key)
            if key == _TEXT:
                self.texts.append(value)

    def _no_key(self, text: str, last: str) -> None:
        """A line without a key begins or ends the section, or goes on with the payment's text, or is not read."""
        plain = text.strip()
        if not plain or plain.lower() in _CONTROLS:
            return
        if last == _TEXT:
            self.texts.append(text)
        else:
            self.unread += 1

    def value(self, *keys: str) -> str | None:
        """The value of the first of *keys* that has one.

        Raises:
            StatementError: the key stands twice with different values.
        """
        for key in keys:
            if key in self.values:
                if self.repeated and key in self.repeated:
                    raise self.refused("a key that stands once stands twice, with different values", key)
                return self.values[key]
        return None

    def amount(self, *keys: str) -> Decimal | None:
        """The amount under the first of *keys* that has one; a point is the decimal mark, a comma where it can only be.

        Raises:
            StatementError: it cannot be read in exactly one way.
        """
        text = self.value(*keys)
        if text is None:
            return None
        try:
            return read_amount(text, decimal=None if "," in text else ".")
        except AmountError as error:
            raise self.refused(error.reason, *keys) from None

    def day(self, *keys: str) -> date | None:
        """The day under the first of *keys* that has one: DD.MM.YYYY, a time of day behind it left out.

        Raises:
            StatementError: no day of the calendar, or in another form.
        """
        text = self.value(*keys)
        if text is None:
            return None
        day = _day_of(text)
        if day is None:
            raise self.refused("a date is no day of the calendar in the form DD.MM.YYYY", *keys)
        return day

    def refused(self, reason: str, *keys: str) -> StatementError:
        """The refusal of this section, at the line of the first of *keys* that stands in it."""
        there = next((key for key in keys if key in self.values), None)
        return refused(_FORMAT, reason, self._line_of(there), there)

    def _line_of(self, key: str | None) -> int:
        names = (text.partition("=")[0] for text in self.raw.split("\n"))
        return self.line + next((at for at, name in enumerate(names) if key is not None and _key_of(name) == key), 0)


def _cleaned(value: str) -> str:
    """*value* with white space cleaned; what is printable has none but blanks, and is clean already as a rule."""
    if value and value.isprintable() and "  " not in value and value[0] != " " != value[-1]:
        return value
    return clean(value) or ""


@lru_cache(maxsize=4096)
def _day_of(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return None if match is None else date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.((?:19|20)[0-9]{2})(?: [0-9:.]{1,15})?", re.ASCII)


_PAIR = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)
_KEY = re.compile(r"\s*(\w+)\s*")
_KEY_CHARS = 64


@lru_cache(maxsize=1024)
def _key_of(name: str) -> str | None:
    """The key that stands before an ``=``, in its usual letters when it is known; None when it is no single word."""
    match = _KEY.fullmatch(name)
    return None if match is None else _USUAL.get(match[1].lower(), match[1])


_TEXT = "НазначениеПлатежа"
"""The payment's text: the only value that may run over several lines, or be given twice."""

_DOCUMENT = "СекцияДокумент"

_OF_SIDE = (
    *("", "1", "Наименование", "Счет", "ИИК", "РасчСчет", "БИК", "БанкБИК"),
    *("ИНН", "БИН_ИИН", "БИНИИН", "БИН", "ИИН", "КПП"),
)

_KNOWN = frozenset(
    (
        "Сумма СуммаПриход СуммаРасход НачальныйОстаток КонечныйОстаток ВсегоПоступило ВсегоСписано Дата ДатаСписано "
        "ДатаПоступило ДатаНачала ДатаКонца ДатаОперации ДатаДокумента РасчСчет ИИК Валюта КодВалюты Номер "
        "НомерДокумента ВидДокумента ВидОплаты Код ИдентификаторПлатежа КодНазПлатежа КодНазначенияПлатежа "
        "СтатусСоставителя ПоказательКБК ОКАТО ОКТМО ПоказательОснования ПоказательПериода ПоказательНомера "
        "ПоказательДаты ПоказательТипа Очередность НазначениеПлатежа НазначениеПлатежа1 НазначениеПлатежа2 "
        f"НазначениеПлатежа3 НазначениеПлатежа4 НазначениеПлатежа5 НазначениеПлатежа6 {_DOCUMENT}"
    ).split()
) | {side + key for side in ("Плательщик", "Получатель") for key in _OF_SIDE}
_USUAL = {name.lower(): name for name in _KNOWN}
"""The keys that are read, in their usual letters: some banks print them in capitals."""

_CONTROLS = frozenset({"1cclientbankexchange", "секциярасчсчет", "конецрасчсчет", "конецдокумента", "конецфайла"})


@dataclass(slots=True, repr=False)
class File:
    """The parts of an exchange file; what they say is read when they are asked for.

    header     the keys outside of sections
    own        the accounts that the header names (РасчСчет may stand more than once)
    accounts   the account sections
    documents  the documents, each its text and the line it begins on: far more than all else, read one by one
    ended      True when the line КонецФайла is there
    """

    header: Section
    own: list[str]
    accounts: list[Section] = field(default_factory=list)
    documents: list[tuple[str, int]] = field(default_factory=list)
    ended: bool = False


_HEAD = re.compile(r"\s*1CClientBankExchange[^\S\n]*(?:\n|\Z)", re.IGNORECASE)

_BOUNDARY = re.compile(r"^[^\S\n]*(?:Секция|СЕКЦИЯ|секция|Конец|КОНЕЦ|конец)[^\n]*$", re.MULTILINE)
"""Lines that can begin or end a section; which do, their words tell."""


def cut(text: str, limits: Limits) -> File:
    """The header, the account sections and the documents of an exchange file whose lines end with line feeds.

    Raises:
        StatementError: not such a file, a section that does not end, an amount outside of the sections, something
            behind the end of the file, a line longer than ``limits.line_chars``.
    """
    if _HEAD.match(text) is None:
        raise refused(_FORMAT, "the file does not begin with 1CClientBankExchange", 1)
    cutter = _Cutter(text, limits)
    for boundary in _BOUNDARY.finditer(text):
        word = boundary[0].strip().lower()
        if word in _CONTROLS or word.startswith("секциядокумент"):
            cutter.boundary(word, boundary.start(), boundary.end())
    return cutter.done()


class _Cutter:
    """Where the cutting stands: what has been cut, and the section that is open."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text, self.limits = text, limits
        self.outside: list[str] = []  # texts of the header, and of what stands between sections
        self.accounts: list[Section] = []
        self.documents: list[tuple[str, int]] = []
        self.open = ""  # the word that ends the section that is open
        self.start, self.line = 0, 1  # of what is not cut yet
        self.ended = False

    def boundary(self, word: str, start: int, end: int) -> None:
        """A line that begins or ends a section stands from *start* to *end*."""
        if self.ended:
            raise refused(_FORMAT, "something follows the end of the file", self._line_at(start), "КонецФайла")
        if word.startswith("конец"):
            self._end(word, start, end)
        elif self.open:
            raise refused(_FORMAT, "a section does not end before the next begins", self._line_at(start))
        else:
            self._outside(start)
            self.open = "конецрасчсчет" if word == "секциярасчсчет" else "конецдокумента"

    def _end(self, word: str, start: int, end: int) -> None:
        """End the open section; an end too many is met in real files, and changes nothing."""
        if not self.open:
            self._outside(start)
            self.start = end  # the line itself says nothing
            self.ended = word == "конецфайла"
        elif word == self.open:
            raw, line = self._taken(end)
            if word == "конецдокумента":
                self.documents.append((raw, line))
            else:
                self.accounts.append(Section(raw, line))
            self.open = ""
        else:
            raise refused(_FORMAT, "a section does not end before the next begins or ends", self._line_at(start))

    def done(self) -> File:
        if self.open:
            raise refused(_FORMAT, "the file is cut off: its last section does not end", self.line)
        if self.ended and self.text[self.start :].strip():
            raise refused(_FORMAT, "something follows the end of the file", self._line_at(len(self.text)), "КонецФайла")
        self._outside(len(self.text))
        header = Section("\n".join(self.outside), 1)
        if "Сумма" in header.values:
            raise refused(_FORMAT, "an amount stands outside of every document", None, "Сумма")
        own = [value for line in header.raw.split("\n") if (value := _own(line)) is not None]
        return File(header, own, self.accounts, self.documents, self.ended)

    def _outside(self, end: int) -> None:
        raw, _ = self._taken(end)
        if raw:
            self.outside.append(raw)

    def _taken(self, end: int) -> tuple[str, int]:
        """What stands up to *end* and is not cut yet, and its first line; no line of it is longer than allowed."""
        raw, line = self.text[self.start : end], self.line
        refuse_long_lines(raw, line, format=_FORMAT, limits=self.limits)
        self.start, self.line = end, line + raw.count("\n")
        plain = raw.lstrip()
        return plain.rstrip(), line + raw.count("\n", 0, len(raw) - len(plain))

    def _line_at(self, place: int) -> int:
        return self.line + self.text.count("\n", self.start, place)


def _own(line: str) -> str | None:
    """The account that a line of the header names."""
    name, _, value = line.partition("=")
    return value.strip() or None if len(name) <= _KEY_CHARS and _key_of(name) == "РасчСчет" else None


_PRINTED_DOCUMENT = re.compile(r"^[^\S\n]*[Сс][Ее][Кк][Цц][Ии][Яя][Дд][Оо][Кк][Уу][Мм][Ее][Нн][Тт]", re.MULTILINE)


def documents_printed(text: str) -> int:
    """How many documents begin in the text, counted without regard to what they say."""
    return sum(1 for _ in _PRINTED_DOCUMENT.finditer(text))
