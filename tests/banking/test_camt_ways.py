"""CAMT texts are cut between their entries; what comes out is what the parser's events give, refusals included."""

from __future__ import annotations

import random
import re
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from oimkit.banking import read_statements
from oimkit.banking.formats import camt_document
from oimkit.banking.limits import Limits
from tests.banking.statement_files import FILES, camt053, ntry
from tests.banking.two_ways import assert_ways_agree, assert_ways_agree_on_corpus


def events_only() -> AbstractContextManager[object]:
    """No text is cut."""
    return patch.object(camt_document.Cut, "of", lambda text: None)


assert_both_ways_agree = partial(assert_ways_agree, switches=(events_only,), damaged="report")


def is_cut(data: bytes) -> bool:
    """True when the entries of *data* are found by cutting."""
    by_events = camt_document.each_entry_by_events
    with patch.object(camt_document, "each_entry_by_events", wraps=by_events) as asked:
        read_statements(data, unbalanced="report")
    return not asked.called


RICH = (
    "<NtryDtls><Btch><PmtInfId>PI</PmtInfId></Btch><TxDtls><Refs><EndToEndId>E &amp; 1</EndToEndId></Refs>"
    '<Amt Ccy="EUR">60.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>one\n two</Ustrd>'
    '<Ustrd>&#x41;</Ustrd></RmtInf></TxDtls>\n<TxDtls><Amt Ccy="EUR">40.00</Amt>'
    "<RltdPties><Dbtr><Nm>Ängström</Nm></Dbtr></RltdPties></TxDtls></NtryDtls>"
)
ONE = (
    '<NtryDtls><TxDtls><Refs><MndtId>M</MndtId></Refs><AmtDtls><InstdAmt><Amt Ccy="USD">1.10</Amt><CcyXchg>'
    "<SrcCcy>USD</SrcCcy><TrgtCcy>EUR</TrgtCcy><XchgRate>1.1</XchgRate></CcyXchg></InstdAmt></AmtDtls></TxDtls></NtryDtls>"
)


def test_ordinary_files_are_cut() -> None:
    assert is_cut(camt053(ntry("100.00", RICH), ntry("1.00", ONE, sign="DBIT"), ntry("1.00")))


@pytest.mark.parametrize(
    "odd",
    [
        "<!-- a comment -->",
        "<![CDATA[text]]>",
        "<?instruction?>",
        "<AddtlNtryInf a='>'>text</AddtlNtryInf>",
    ],
)
def test_texts_that_a_cut_could_misread_go_to_the_parser(odd: str) -> None:
    data = camt053(ntry("1.00", f"<AddtlNtryInf>x{odd}</AddtlNtryInf>"), closing="101.00")
    assert not is_cut(data)
    assert_both_ways_agree(data)


def test_an_entry_in_a_comment_is_none() -> None:
    data = camt053(ntry("1.00"), closing="101.00").replace(b"<Stmt>", b"<!-- " + ntry("9.00").encode() + b" --><Stmt>")
    (statement,) = read_statements(data)
    assert [entry.amount.text for entry in statement.entries] == ["1.00"]


@pytest.mark.parametrize("path", sorted((FILES / "camt053").iterdir()), ids=lambda path: path.name)
def test_both_ways_agree_on_every_dialect(path: Path) -> None:
    assert_both_ways_agree(path.read_bytes())


@pytest.mark.corpus
def test_both_ways_agree_on_every_file_of_the_corpus(corpus: Path) -> None:
    assert_ways_agree_on_corpus(corpus, ("camt052", "camt053", "camt054"), assert_both_ways_agree)


def test_both_ways_agree_on_changed_texts() -> None:
    data = camt053(ntry("100.00", RICH), *(ntry("1.00", ONE, sign="DBIT") for _ in range(3)), ntry("3.00")).decode()
    chance = random.Random(4)
    pieces = (*'<>/&-! \n€"9', "Ntry", "TxDtls", "<Ntry>", "</Ntry>", "<!--", "-->")
    for _ in range(1_500):
        at = chance.randrange(len(data))
        kept = chance.choice([0, 1, 4])
        assert_both_ways_agree((data[:at] + chance.choice(pieces) + data[at + kept :]).encode())


def test_both_ways_agree_on_tags_that_are_left_out_or_doubled() -> None:
    data = camt053(ntry("100.00", RICH), ntry("1.00", ONE, sign="DBIT"), ntry("3.00")).decode()
    for match in re.finditer(r"<[^<>]*>", data):
        assert_both_ways_agree((data[: match.start()] + data[match.end() :]).encode())
        assert_both_ways_agree((data[: match.end()] + data[match.start() :]).encode())


@pytest.mark.parametrize("limits", [Limits(depth=3), Limits(line_chars=20), Limits(entries=2), Limits(statements=1)])
def test_both_ways_keep_the_limits(limits: Limits) -> None:
    assert_both_ways_agree(camt053(ntry("100.00", RICH), ntry("1.00", ONE, sign="DBIT")), limits=limits)


def test_more_shapes_than_are_remembered_are_read_all_the_same() -> None:
    entries = [ntry("1.00", "<AddtlNtryInf>a</AddtlNtryInf>" * (number % 40)) for number in range(400)]
    data = camt053(*entries, closing="500.00")
    assert_both_ways_agree(data)
    assert len(read_statements(data)[0].entries) == 400
