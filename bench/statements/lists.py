"""QIF, CSV and 1C: lists of movements without columns, or with those of a header."""

from __future__ import annotations

import csv
import io

from bench.statements.movements import OPENING, Movement, movements, point

__all__ = ["csv_file", "onec_file", "qif_file"]


def qif_file(entries: int) -> bytes:
    """One account with days before months, which the days beyond the twelfth prove."""
    lines = ["!Type:Bank"]
    for movement in movements(entries):
        sign = "" if movement.is_credit else "-"
        lines += [f"D{movement.day:%d/%m/%Y}", f"T{sign}{abs(movement.cents) // 100:,}.{abs(movement.cents) % 100:02}"]
        lines += [f"N{movement.number}", f"P{movement.name or 'BANK'}", f"M{movement.text}", "LIncome:Sales", "^"]
    return "\n".join([*lines, ""]).encode()


def csv_file(entries: int) -> bytes:
    """The layout of ING in the Netherlands, whose balance column proves the reading; newest first, as it writes."""
    rows, balance = list[list[str]](), OPENING
    for movement in movements(entries):
        balance += movement.cents
        rows.append(_csv_row(movement, balance))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(_CSV_HEADER)
    writer.writerows(reversed(rows))
    return out.getvalue().encode("cp1252")


_CSV_HEADER = (
    "Datum", "Naam / Omschrijving", "Rekening", "Tegenrekening", "Code", "Af Bij", "Bedrag (EUR)", "Mutatiesoort",
    "Mededelingen", "Saldo na mutatie", "Tag",
)  # fmt: skip


def _csv_row(movement: Movement, balance: int) -> list[str]:
    name, account = movement.name or "Kosten", movement.account or ""
    labels = [("Naam:", movement.name), ("Omschrijving:", movement.text), ("IBAN:", movement.account)]
    labels.append(("Kenmerk:", movement.end_to_end_id))
    said = " ".join([f"{label} {value}" for label, value in labels if value])
    return [
        f"{movement.day:%Y%m%d}", name, "NL57OIMK0417164300", account, "GT", "Bij" if movement.is_credit else "Af",
        point(movement.cents, ","), "Online bankieren", said, f"{'-' if balance < 0 else ''}{point(balance, ',')}", "",
    ]  # fmt: skip


_OWN, _OTHER = "40702810435100027397", "40702810300030002521"


def onec_file(entries: int) -> bytes:
    """One account section with totals that hold, and a payment order for every movement."""
    found = list(movements(entries))
    received = sum(each.cents for each in found if each.is_credit)
    paid = -sum(each.cents for each in found if not each.is_credit)
    closing = OPENING + received - paid
    head = [
        "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "Отправитель=Банк", "Получатель=",
        "ДатаНачала=01.01.2025", "ДатаКонца=31.12.2025", f"РасчСчет={_OWN}", "СекцияРасчСчет", "ДатаНачала=01.01.2025",
        "ДатаКонца=31.12.2025", f"РасчСчет={_OWN}", f"НачальныйОстаток={point(OPENING)}",
        f"ВсегоПоступило={point(received)}", f"ВсегоСписано={point(paid)}",
        f"КонечныйОстаток={'-' if closing < 0 else ''}{point(closing)}", "КонецРасчСчет",
    ]  # fmt: skip
    documents = [line for movement in found for line in _onec_document(movement)]
    return "\r\n".join([*head, *documents, "КонецФайла", ""]).encode("cp1251")


def _onec_document(movement: Movement) -> list[str]:
    day, name = f"{movement.day:%d.%m.%Y}", movement.name or "Банк"
    payer, payee = (_OTHER, _OWN) if movement.is_credit else (_OWN, _OTHER)
    payer_name, payee_name = (name, 'ООО "Пример"') if movement.is_credit else ('ООО "Пример"', name)
    return [
        "СекцияДокумент=Платежное поручение", f"Номер={movement.number}", f"Дата={day}",
        f"Сумма={point(movement.cents)}",
        f"ПлательщикСчет={payer}", f"Плательщик={payer_name}", "ПлательщикИНН=7718123456", "ПлательщикБИК=044525225",
        f"ПолучательСчет={payee}", f"Получатель={payee_name}", "ПолучательИНН=7707083893", "ПолучательБИК=044525187",
        f"{'ДатаПоступило' if movement.is_credit else 'ДатаСписано'}={day}", "ВидОплаты=01", "Очередность=5",
        f"НазначениеПлатежа={movement.text}", "КонецДокумента",
    ]  # fmt: skip
