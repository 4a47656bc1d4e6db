"""CAMT.052 and .054, and what all three messages tell beyond amounts: owners, codes, references, rates, addresses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from oimkit.banking import Entry, EntryStatus, Exchange, Party, Statement, read_statements
from oimkit.errors import StatementError
from oimkit.money import Currency, Money
from tests.banking.statement_files import balance, camt053, ntry


def message(kind: str, body: str) -> bytes:
    root, holder = {
        "camt052": ("BkToCstmrAcctRpt", "Rpt"),
        "camt053": ("BkToCstmrStmt", "Stmt"),
        "camt054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[kind]
    return f"<Document><{root}><{holder}><Id>I</Id>{body}</{holder}></{root}></Document>".encode()


def only(data: bytes) -> tuple[Statement, Entry]:
    (statement,) = read_statements(data, unbalanced="report")
    (entry,) = statement.entries
    return statement, entry


@pytest.mark.parametrize("kind", ["camt052", "camt054"])
def test_reports_and_notifications_need_no_balances(kind: str) -> None:
    statement, entry = only(message(kind, ntry("5.00")))
    assert (statement.format, statement.balanced, statement.findings) == (kind, None, ())
    assert entry.amount.text == "5.00"


def test_a_report_with_both_balances_is_checked() -> None:
    body = balance("OPBD", "1.00") + balance("CLBD", "9.00") + ntry("5.00")
    with pytest.raises(StatementError, match="does not close"):
        read_statements(message("camt052", body))


@pytest.mark.parametrize("root", ["BkToCstmrAcctRptV01", "p:BkToCstmrStmtV01"])
def test_the_first_version_is_refused_by_name(root: str) -> None:
    data = f"<Document xmlns='camt.053.001.01' xmlns:p='x'><{root}><Stmt/></{root}></Document>".encode()
    with pytest.raises(StatementError, match="version 01"):
        read_statements(data)


def test_the_owner_the_bank_the_period_and_the_remarks_are_kept() -> None:
    account = (
        "<FrToDt><FrDtTm>2025-03-01T00:00:00+01:00</FrDtTm><ToDtTm>2025-03-31T23:59:59+01:00</ToDtTm></FrToDt>"
        "<Acct><Id><IBAN>DE02 1203 0000 0000 2020 51</IBAN></Id><Ownr><Nm>Our Ltd</Nm><PstlAdr><StrtNm>Way 1</StrtNm>"
        "<Ctry>DE</Ctry></PstlAdr></Ownr><Svcr><FinInstnId><BICFI>BYLADEM1001</BICFI></FinInstnId></Svcr></Acct>"
    )
    data = message(
        "camt053", account + balance("OPBD", "1.00") + balance("CLAV", "2.00") + "<AddtlStmtInf>Hi</AddtlStmtInf>"
    )
    (statement,) = read_statements(data)
    assert statement.owner == Party("Our Ltd", "DE02120300000000202051", "BYLADEM1001", ("Way 1", "DE"))
    assert (statement.period_start, statement.period_end) == (date(2025, 3, 1), date(2025, 3, 31))
    assert statement.remarks == ("Hi",)
    assert [(each.code, each.amount.text) for each in statement.balances] == [("OPBD", "1.00"), ("CLAV", "2.00")]


RICH = (
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RDDT</Cd><SubFmlyCd>ESDD</SubFmlyCd></Fmly></Domn>"
    "<Prtry><Cd>NDDT+105</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
    "<NtryDtls><TxDtls><Refs><MsgId>MSG</MsgId><AcctSvcrRef>B-9</AcctSvcrRef><InstrId>IN</InstrId>"
    "<EndToEndId>E-1</EndToEndId><UETR>uu</UETR><MndtId>M-1</MndtId><ChqNb>77</ChqNb></Refs>"
    '<AmtDtls><InstdAmt><Amt Ccy="USD">1.10</Amt></InstdAmt><TxAmt><Amt Ccy="EUR">1.00</Amt><CcyXchg>'
    "<SrcCcy>USD</SrcCcy><TrgtCcy>EUR</TrgtCcy><XchgRate>0.90909</XchgRate></CcyXchg></TxAmt></AmtDtls>"
    "<RltdPties><Dbtr><Nm>Me</Nm></Dbtr><Cdtr><Nm>Power Co</Nm><PstlAdr><AdrLine>Street 1</AdrLine>"
    "<AdrLine>1000 Town</AdrLine><Ctry>BE</Ctry></PstlAdr><Id><PrvtId><Othr><Id>BE69ZZZ050D000000008</Id>"
    "<SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></Cdtr><CdtrAcct><Id><IBAN>BE68 5390 0754 7034</IBAN>"
    "</Id></CdtrAcct><UltmtCdtr><Nm>Holding</Nm></UltmtCdtr></RltdPties><RltdAgts><CdtrAgt><FinInstnId><BICFI>KREDBEBB"
    "</BICFI></FinInstnId></CdtrAgt></RltdAgts><Purp><Cd>ELEC</Cd></Purp><RmtInf><Ustrd>Bill 5</Ustrd></RmtInf>"
    "</TxDtls></NtryDtls>"
)


def test_every_part_of_a_transaction_is_kept() -> None:
    _, entry = only(message("camt054", ntry("1.00", RICH, sign="DBIT")))
    assert entry.counterparty == Party(
        "Power Co", "BE68539007547034", "KREDBEBB", ("Street 1", "1000 Town", "BE"), "BE69ZZZ050D000000008"
    )
    assert entry.ultimate == Party("Holding")
    assert (entry.creditor_id, entry.mandate_id, entry.purpose) == ("BE69ZZZ050D000000008", "M-1", "ELEC")
    assert entry.codes == (("iso20022", "PMNT-RDDT-ESDD"), ("DK", "NDDT+105"))
    assert entry.references == (("MsgId", "MSG"), ("InstrId", "IN"), ("UETR", "uu"), ("ChqNb", "77"))
    assert entry.exchange == Exchange(Decimal("0.90909"), Currency("USD"), Currency("EUR"))
    assert entry.instructed == Money("1.10", "USD")
    assert entry.raw is not None and entry.raw.startswith("<Ntry>") and entry.raw.endswith("</Ntry>")


def test_what_a_batch_holds_beyond_its_transactions_is_its_residual() -> None:
    details = "".join(f'<TxDtls><Amt Ccy="EUR">{amount}</Amt></TxDtls>' for amount in ("6.00", "5.00"))
    _, entry = only(message("camt054", ntry("10.00", f"<NtryDtls>{details}</NtryDtls>")))
    assert entry.residual == Money("-1.00", "EUR")


REVERSAL = "<RvslInd>true</RvslInd>"


@pytest.mark.parametrize(
    ("closing", "amount", "codes"), [("110.00", "10.00", []), ("90.00", "-10.00", ["sign-by-balance"])]
)
def test_the_balances_decide_the_sign_of_a_reversal(closing: str, amount: str, codes: list[str]) -> None:
    (statement,) = read_statements(camt053(ntry("10.00", REVERSAL), closing=closing))
    assert statement.entries[0].amount.text == amount
    assert [finding.code for finding in statement.findings] == codes


def test_a_reversal_that_fits_neither_way_stays_as_printed_and_is_refused() -> None:
    with pytest.raises(StatementError, match="does not close"):
        read_statements(camt053(ntry("10.00", REVERSAL), closing="500.00"))


@pytest.mark.parametrize(("code", "status"), [("PDNG", EntryStatus.PENDING), ("INFO", EntryStatus.INFORMATION)])
@pytest.mark.parametrize("form", ["<Sts>{}</Sts>", "<Sts><Cd>{}</Cd></Sts>"])
def test_entries_that_are_not_booked_are_told_apart(code: str, status: EntryStatus, form: str) -> None:
    data = message(
        "camt054", ntry("1.00").replace("<Sts>BOOK</Sts>", "").replace("</Ntry>", form.format(code) + "</Ntry>")
    )
    assert only(data)[1].status is status


def test_a_damaged_entry_is_located_and_the_others_are_given() -> None:
    data = camt053(ntry("1.00"), ntry("x"), ntry("2.00"), closing="103.00")
    with pytest.raises(StatementError, match="amount of an entry cannot be read"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report", damaged="report")
    assert [entry.amount.text for entry in statement.entries] == ["1.00", "2.00"]
    (finding,) = [each for each in statement.findings if each.code == "record-not-read"]
    assert finding.line is not None and finding.tag == "Amt"


def test_a_damaged_balance_is_reported_and_none_is_invented() -> None:
    data = camt053(ntry("1.00"), closing="1o1.00")
    (statement,) = read_statements(data, unbalanced="report", damaged="report")
    assert (statement.closing, statement.balanced) == (None, None)
    assert "balance-not-read" in [finding.code for finding in statement.findings]


@pytest.mark.parametrize("text", ["<b/>1.00", "1<b>0</b>.00", "1.<b/>00"])
def test_an_amount_with_elements_in_it_is_none(text: str) -> None:
    data = camt053(ntry("9.00").replace("9.00", text))
    (statement,) = read_statements(data, unbalanced="report")
    assert statement.entries == ()
    assert "entry-not-read" in [finding.code for finding in statement.findings]


def test_the_only_transaction_in_another_currency_is_what_was_instructed() -> None:
    foreign = '<NtryDtls><TxDtls><Amt Ccy="USD">5.50</Amt></TxDtls></NtryDtls>'
    assert only(message("camt054", ntry("5.00", foreign)))[1].instructed == Money("5.50", "USD")
    assert only(message("camt054", ntry("5.00", foreign.replace("USD", "EUR"))))[1].instructed is None


@pytest.mark.parametrize(("mark", "codes"), [("DUPL", ["duplicate"]), ("CODU", ["duplicate"]), ("COPY", [])])
def test_a_statement_that_was_sent_before_is_told(mark: str, codes: list[str]) -> None:
    statement, _ = only(message("camt054", f"<CpyDplctInd>{mark}</CpyDplctInd>" + ntry("5.00")))
    assert [finding.code for finding in statement.findings] == codes
