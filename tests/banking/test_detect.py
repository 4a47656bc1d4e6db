"""Files are recognised by content; what is no statement gets a sentence of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from oimkit.banking import FORMATS, KNOWN_FORMATS, Statement, detect, read_statements
from oimkit.banking.detect import _LINES
from oimkit.errors import InputError, StatementError
from tests.banking.statement_files import FILES, camt053, content, mt940, ofx

INVENTED = sorted(
    path
    for name in FORMATS
    for path in (*(FILES / name).glob("*.*"), *(FILES / "golden" / name).glob("*.*"))
    if path.suffix != ".json"
)
SAME_READER = ({"mt940", "mt942"}, {"ofx1", "ofx2"})
"""Formats that one reader reads: under the other name it reads the same."""

MT942 = b":20:A\n:25:1\n:28C:1\n:34F:EUR0,\n:13D:2503041200+0100\n:61:250304C1,NMSC\n"
QIF = b"!Type:Bank\nD13/01/2025\nT-1.00\n"
RUSSIAN = "1CClientBankExchange\r\nНазначениеПлатежа=".encode("cp1251")


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def test_every_format_has_golden_files() -> None:
    assert {path.parent.name for path in INVENTED if path.parent.parent.name == "golden"} == set(FORMATS)
    assert set(KNOWN_FORMATS) == set(FORMATS)


@pytest.mark.parametrize("path", INVENTED, ids=named)
def test_every_invented_file_is_recognised(path: Path) -> None:
    assert detect(path.read_bytes()) == path.parent.name


@pytest.mark.parametrize("path", INVENTED, ids=named)
def test_the_beginning_of_a_file_is_that_of_its_format_alone(path: Path) -> None:
    head = path.read_bytes().decode("latin-1").removeprefix("ï»¿")
    taken = [name for name, pattern in _LINES if pattern.match(head)]
    assert taken == [name for name, _ in _LINES if name == path.parent.name]


@pytest.mark.parametrize("path", INVENTED, ids=named)
def test_no_other_reader_takes_the_file(path: Path) -> None:
    """A file that is given under a wrong name is refused; it is never read as something else."""
    data, own = path.read_bytes(), path.parent.name
    for name in sorted(set(FORMATS) - {own}):
        if {own, name} in SAME_READER:
            assert said(read_statements(data, format=name, unbalanced="report")) == said(
                read_statements(data, unbalanced="report")
            )
        else:
            with pytest.raises(StatementError):
                read_statements(data, format=name, unbalanced="report")


def said(statements: tuple[Statement, ...]) -> list[object]:
    return [(each.account, each.opening, each.closing, each.entries) for each in statements]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (MT942, "mt942"),
        (MT942.replace(b":34F:EUR0,\n", b""), "mt940"),
        (b"{1:F01X}{2:I942X}{4:\n:20:A\n:25:1\n:28C:1\n-}", "mt942"),
        (b"{1:F01X}{2:I940X}{4:\n:20:A\n:25:1\n:28C:1\n-}", "mt940"),
        (b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.052.001.02'><BkToCstmrAcctRpt/></Document>", "camt052"),
        (b"<a:Document xmlns:a='x'><a:BkToCstmrDbtCdtNtfctn/></a:Document>", "camt054"),
        (b"# exported\n^\n" + QIF, "qif"),
        (b"\xef\xbb\xbf\r\n" + QIF, "qif"),
        (b"01,122099999,123456789,040621,0200,1,55,,2/\n", "bai2"),
        (b"Date;Amount;Text\n2025-03-04;1,00;A\n2025-03-05;2,00;B\n", "csv"),
        (b"Date,Description,Amount\n", "csv"),
    ],
)
def test_short_files_are_recognised(data: bytes, name: str) -> None:
    assert detect(data) == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (QIF + b"P<OFX>\n^\n", "qif"),
        (QIF + b"M\n:61:2503040304C1,00\n^\n", "qif"),
        (RUSSIAN + b"\r\n:20:1\r\n<OFX>", "1c"),
        (mt940(":61:2503040304C0,00NTRF", ":86:<OFX> <?OFX !Type:Bank"), "mt940"),
        (ofx("<DTPOSTED>20250304<TRNAMT>1.00<FITID>A<MEMO>\n:20:1\n:61:2503040304C1,00"), "ofx1"),
        (camt053("<!-- <OFX> -->"), "camt053"),
    ],
    ids=["qif with ofx", "qif with mt940", "1c with both", "mt940 with ofx", "ofx with mt940", "camt with ofx"],
)
def test_a_text_of_the_payer_does_not_change_the_format(data: bytes, name: str) -> None:
    assert detect(data) == name


@pytest.mark.parametrize(
    "data",
    [
        b"!Kind:Bank\nD13/01/2025\n^\n",
        b"02,122099999,123456789,1,040621,0200,,2/\n",
        b"1CClientBank\r\n",
        b"T00422100" + b"0" * 300,
        b"0000010325123060" + b" " * 112 + b"\n",
        b"0230004" + b" " * 113 + b"\n",
        b"12004915000" + b"0" * 60 + b"\n",
        b"20:A\n25:1\n28C:1\n60F:C250301EUR100,00\n",
        b"The OFX file was not found\n",
        b"Shopping list\nbread, milk\n",
    ],
)
def test_what_only_resembles_a_format_is_refused(data: bytes) -> None:
    with pytest.raises(StatementError, match="no bank statement format that is known") as refused:
        detect(data)
    assert refused.value.advice


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x1f\x8b\x08....", "gzip"),
        (b"\xd0\xcf\x11\xe0....", "Excel"),
        (b"\x89PNG\r\n", "image"),
        (b"<!DOCTYPE html><html><body>Login</body></html>", "HTML"),
        (b"\n <html lang='de'>", "HTML"),
        (b"<?xml version='1.0'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.03'/>", "payment order"),
        (b":20:A\n:28D:1/1\n:50H:/NL1\nX\n:30:250305\n:21:B\n:32B:EUR100,00\n:59:/DE1\nY\n:71A:SHA\n", "payment order"),
        (b"{1:F01X}{2:I103X}{4:\n:20:A\n:23B:CRED\n:32A:250305EUR1,\n:59:/DE1\nY\n:71A:SHA\n-}", "payment order"),
        (b"<?xml version='1.0'?><catalogue/>", "XML but neither CAMT nor OFX"),
        (b"hello world", "no bank statement format"),
        (b"\x00\x01\x02\x03" * 20, "no bank statement format"),
    ],
)
def test_what_is_no_statement_is_refused_with_its_own_sentence(data: bytes, words: str) -> None:
    with pytest.raises(StatementError, match=words) as refused:
        read_statements(data)
    assert refused.value.advice


@pytest.mark.parametrize("data", [mt940(), ofx(), camt053()])
def test_a_byte_order_mark_or_utf16_changes_nothing(data: bytes) -> None:
    plain = [statement.account for statement in read_statements(data)]
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be"):
        assert [statement.account for statement in read_statements(data.decode().encode(encoding))] == plain


def test_a_format_by_name_skips_recognition() -> None:
    data = content("mt940/german_numbered.sta")
    assert read_statements(data, format="mt940") == read_statements(data)
    with pytest.raises(StatementError):
        read_statements(data, format="camt053")
    with pytest.raises(StatementError, match="no format has this name"):
        read_statements(data, format="xls")


def test_an_unknown_wish_about_balances_is_refused() -> None:
    with pytest.raises(InputError):
        read_statements(mt940(), unbalanced="ignore")  # type: ignore[arg-type]
