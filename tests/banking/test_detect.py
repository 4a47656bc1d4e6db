"""Files are recognised by content; what is no statement gets a sentence of its own."""

from __future__ import annotations

import pytest

from oimkit.banking import FORMATS, KNOWN_FORMATS, detect, read_statements
from oimkit.errors import InputError, StatementError
from tests.banking.statement_files import FILES, camt053, content, mt940, ofx

CODA = "0000010325123050" + " " * 112 + "\n1" + " " * 127 + "\n"
SAMPLES = {
    "mt942": b":20:A\n:25:1\n:28C:1\n:34F:EUR0,\n:13D:2503041200+0100\n:61:250304C1,NMSC\n",
    "camt052": b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.052.001.02'><BkToCstmrAcctRpt/></Document>",
    "camt054": b"<a:Document xmlns:a='x'><a:BkToCstmrDbtCdtNtfctn/></a:Document>",
    "coda": CODA.encode(),
    "cfonb120": ("01" + "30004" + " " * 113 + "\n").encode(),
    "n43": ("11" + "00491500" + "0" * 60 + "\n").encode(),
    "tito": b"T00322100" + b"0" * 300,
    "bai2": b"01,122099999,123456789,040621,0200,1,55,,2/\n",
    "qif": b"!Type:Bank\nD1/2/2025\nT-1.00\n^\n",
    "1c": "1CClientBankExchange\r\nВерсияФормата=1.02\r\n".encode("cp1251"),
    "csv": b"Date;Amount;Text\n2025-03-04;1,00;A\n2025-03-05;2,00;B\n",
}


READ = ("camt053", "mt940", "ofx1", "ofx2")
INVENTED = sorted(path for name in READ for path in (FILES / name).glob("*.*"))


@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.name)
def test_every_invented_file_is_recognised(path) -> None:  # type: ignore[no-untyped-def]
    assert detect(path.read_bytes()) == path.parent.name


@pytest.mark.parametrize("name", SAMPLES)
def test_a_format_that_is_not_read_yet_is_named(name: str) -> None:
    assert detect(SAMPLES[name]) == name
    assert name in KNOWN_FORMATS
    with pytest.raises(StatementError, match=f"recognised as {name}, which is not read yet") as refused:
        read_statements(SAMPLES[name])
    assert refused.value.advice


def test_every_format_that_is_read_is_known() -> None:
    assert set(FORMATS) <= set(KNOWN_FORMATS)


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
