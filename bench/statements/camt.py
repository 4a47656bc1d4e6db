"""CAMT.052, .053 and .054 of version 08: one message with a transaction in every entry."""

from __future__ import annotations

from bench.statements.movements import OPENING, OWN_IBAN, Movement, movements, point

__all__ = ["camt052_file", "camt053_file", "camt054_file"]


def camt053_file(entries: int) -> bytes:
    return _message(entries, "camt.053.001.08", "BkToCstmrStmt", "Stmt", with_balances=True)


def camt052_file(entries: int) -> bytes:
    return _message(entries, "camt.052.001.08", "BkToCstmrAcctRpt", "Rpt", with_balances=True)


def camt054_file(entries: int) -> bytes:
    return _message(entries, "camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn", with_balances=False)


def _message(entries: int, version: str, root: str, container: str, *, with_balances: bool) -> bytes:
    closing, body = OPENING, list[str]()
    for movement in movements(entries):
        closing += movement.cents
        body.append(_entry(movement))
    balances = _balance("OPBD", OPENING, "2025-01-01") + _balance("CLBD", closing, "2025-12-31")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"><{root}>'
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>2025-12-31T20:00:00</CreDtTm></GrpHdr><{container}><Id>S1</Id><Acct><Id>"
        f"<IBAN>{OWN_IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balances if with_balances else ''}{''.join(body)}"
        f"</{container}></{root}></Document>"
    ).encode()


def _balance(code: str, cents: int, day: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{point(cents)}</Amt>'
        f"<CdtDbtInd>{'CRDT' if cents >= 0 else 'DBIT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


_CODES = {"debit": ("RDDT", "ESDD"), "card": ("CCRD", "POSD"), "fee": ("MDOP", "CHRG")}


def _entry(movement: Movement) -> str:
    mark = "CRDT" if movement.is_credit else "DBIT"
    family, sub_family = _CODES.get(movement.kind, ("RCDT" if movement.is_credit else "ICDT", "ESCT"))
    amount = f'<Amt Ccy="EUR">{point(movement.cents)}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
    code = (
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn>"
        f"<Prtry><Cd>NTRF+166+9251</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
    )
    return (
        f"<Ntry><NtryRef>{movement.number}</NtryRef>{amount}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{movement.day}</Dt>"
        f"</BookgDt><ValDt><Dt>{movement.day}</Dt></ValDt><AcctSvcrRef>B{movement.number:012}</AcctSvcrRef>{code}"
        f"<NtryDtls><TxDtls>{_references(movement)}{amount}{_parties(movement)}"
        f"<RmtInf><Ustrd>{movement.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )


def _references(movement: Movement) -> str:
    mandate = f"<MndtId>{movement.mandate_id}</MndtId>" if movement.mandate_id is not None else ""
    return f"<Refs><EndToEndId>{movement.end_to_end_id or 'NOTPROVIDED'}</EndToEndId>{mandate}</Refs>"


def _parties(movement: Movement) -> str:
    if movement.name is None:
        return ""
    side = "Dbtr" if movement.is_credit else "Cdtr"
    creditor = ""
    if movement.creditor_id is not None:
        scheme = "<SchmeNm><Prtry>SEPA</Prtry></SchmeNm>"
        creditor = f"<Id><PrvtId><Othr><Id>{movement.creditor_id}</Id>{scheme}</Othr></PrvtId></Id>"
    name = movement.name.replace("&", "&amp;")
    return (
        f"<RltdPties><{side}><Pty><Nm>{name}</Nm>{creditor}</Pty></{side}><{side}Acct><Id><IBAN>{movement.account}</IBAN>"
        f"</Id></{side}Acct></RltdPties><RltdAgts><{side}Agt><FinInstnId><BICFI>{movement.bank}</BICFI></FinInstnId>"
        f"</{side}Agt></RltdAgts>"
    )
