"""1C client-bank exchange: documents find their account, their direction and their day; totals and balances hold."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oimkit.banking import Entry, EntryStatus, Party, Statement, detect, read_statements
from oimkit.banking.formats.onec import read_1c
from oimkit.errors import StatementError
from tests.banking.damage import heaped
from tests.banking.reader_laws import (
    assert_limits_hold,
    assert_read_or_refused,
    assert_time_grows_with_the_file,
)
from tests.banking.statement_files import codes

OWN, SECOND, OTHER = "40702810435100027397", "40702810900000012345", "40702810300030002521"
EURO = "40702978435100027397"


def section(
    account: str = OWN,
    opening: str = "100.00",
    closing: str = "100.00",
    *more: str,
    start: str = "01.03.2025",
    end: str = "31.03.2025",
) -> list[str]:
    days = [f"ДатаНачала={start}", f"ДатаКонца={end}"]
    balances = [f"НачальныйОстаток={opening}", f"КонечныйОстаток={closing}"]
    return ["СекцияРасчСчет", *days, f"РасчСчет={account}", *balances, *more, "КонецРасчСчет"]


def document(
    amount: str = "10.00", payer: str = OWN, payee: str = OTHER, *more: str, kind: str = "Платежное поручение"
) -> list[str]:
    """A document of 3 March; *more* are its further lines, the days of booking among them."""
    head = [f"СекцияДокумент={kind}", "Номер=16", "Дата=03.03.2025", f"Сумма={amount}"]
    return [*head, f"ПлательщикСчет={payer}", f"ПолучательСчет={payee}", *more, "КонецДокумента"]


OUT, IN = "ДатаСписано=04.03.2025", "ДатаПоступило=05.03.2025"


def paid(amount: str = "10.00", *more: str) -> list[str]:
    return document(amount, OWN, OTHER, OUT, *more)


def received(amount: str = "10.00", *more: str) -> list[str]:
    return document(amount, OTHER, OWN, IN, *more)


def onec(*parts: list[str], encoding: str = "cp1251", end: str = "КонецФайла", head: tuple[str, ...] = ()) -> bytes:
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "Отправитель=Банк", *head]
    lines += [line for part in parts for line in part]
    return "\r\n".join([*lines, *([end] if end else []), ""]).encode(encoding)


def only(data: bytes, damaged: str = "refuse") -> Statement:
    (statement,) = read_1c(data, damaged=damaged)  # type: ignore[arg-type]
    return statement


def entry(*lines: str, closing: str = "90.00") -> Entry:
    (found,) = only(onec(section(closing=closing), paid("10.00", *lines))).entries
    return found


def amounts(statement: Statement) -> list[str]:
    return [each.amount.text for each in statement.entries]


# -- statements ---------------------------------------------------------------------------------------------------


def test_an_account_section_is_a_statement_with_its_balances_and_period() -> None:
    statement = only(onec(section(OWN, "100.00", "95.50"), paid("10.00"), received("5.50")))
    assert (statement.format, statement.account, statement.currency.code) == ("1c", OWN, "RUB")
    assert (statement.opening, statement.closing) == statement.balances
    assert [(each.code, each.amount.text, each.date) for each in statement.balances] == [
        ("OPBD", "100.00", date(2025, 3, 1)),
        ("CLBD", "95.50", date(2025, 3, 31)),
    ]
    assert (statement.period_start, statement.period_end) == (date(2025, 3, 1), date(2025, 3, 31))
    assert (statement.balanced, amounts(statement), statement.findings) == (True, ["-10.00", "5.50"], ())
    assert statement.line == 5


def test_the_accounts_number_names_the_currency() -> None:
    numbers = {OWN: "RUB", EURO: "EUR", "40702840435100027397": "USD", "40702643435100027397": "RUB"}
    for account, currency in numbers.items():
        assert only(onec(section(account))).currency.code == currency


@pytest.mark.parametrize("account", ["40702001435100027397", "KZ87722C000022014099", "123"])
def test_an_account_that_names_no_currency_is_reported(account: str) -> None:
    statement = only(onec(section(account)))
    assert (statement.currency.code, codes(statement)) == ("XXX", ["currency-missing"])


def test_a_section_may_name_its_currency() -> None:
    assert only(onec(section("KZ87722C000022014099", "1.00", "1.00", "Валюта=KZT"))).currency.code == "KZT"
    assert only(onec(section("KZ87722C000022014099", "1.00", "1.00", "Валюта=398"))).currency.code == "KZT"


def test_balances_that_are_not_printed_are_not_made_up() -> None:
    statement = only(onec(["СекцияРасчСчет", f"РасчСчет={OWN}", "КонецРасчСчет"], paid()))
    assert (statement.opening, statement.closing, statement.balanced) == (None, None, None)
    assert amounts(statement) == ["-10.00"]


def test_one_balance_alone_is_reported() -> None:
    statement = only(onec(["СекцияРасчСчет", f"РасчСчет={OWN}", "НачальныйОстаток=1.00", "КонецРасчСчет"]))
    assert "balances-incomplete" in codes(statement)


def test_an_overdrawn_account_has_negative_balances() -> None:
    statement = only(onec(section(OWN, "-5.00", "-15.00"), paid()))
    assert statement.balanced is True


def test_a_statement_that_does_not_close_is_refused_by_default() -> None:
    data = onec(section(OWN, "100.00", "91.00"), paid())
    with pytest.raises(StatementError, match="does not close"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert statement.balanced is False


def test_a_balance_that_is_no_amount_is_refused_or_reported() -> None:
    data = onec(section(OWN, "100-00", "90.00"), paid())
    with pytest.raises(StatementError, match="balance cannot be read"):
        read_statements(data)
    (statement,) = read_statements(data, unbalanced="report")
    assert statement.opening is None


@pytest.mark.parametrize("total", ["ВсегоПоступило=1.00", "ВсегоСписано=9.99"])
def test_totals_that_differ_are_reported(total: str) -> None:
    statement = only(onec(section(OWN, "100.00", "90.00", total), paid()))
    assert codes(statement) == ["totals-differ"]


def test_totals_that_agree_are_no_finding() -> None:
    totals = ("ВсегоПоступило=5.50", "ВсегоСписано=10")
    assert only(onec(section(OWN, "100.00", "95.50", *totals), paid(), received("5.50"))).findings == ()


def test_a_document_outside_of_the_period_is_reported() -> None:
    statement = only(onec(section(closing="90.00", start="05.03.2025"), paid()))
    assert codes(statement) == ["period-differs"]


def test_each_day_of_an_account_may_have_a_section_of_its_own() -> None:
    first = section(OWN, "100.00", "90.00", start="04.03.2025", end="04.03.2025")
    second = section(OWN, "90.00", "95.00", start="05.03.2025", end="05.03.2025")
    statements = read_1c(onec(first, second, paid(), received("5.00")))
    assert [amounts(statement) for statement in statements] == [["-10.00"], ["5.00"]]
    assert all(statement.balanced for statement in statements)


@pytest.mark.parametrize("days", [("05.03.2025", "06.03.2025"), ("05.03.2025", "04.03.2025")])
def test_a_document_of_no_section_or_of_two_is_refused(days: tuple[str, str]) -> None:
    first = section(OWN, "100.00", "90.00", start="01.02.2025", end=days[0])
    second = section(OWN, "90.00", "95.00", start=days[1], end="31.03.2025")
    late = document("10.00", OWN, OTHER, "ДатаСписано=" + ("07.04.2025" if days[1] == "06.03.2025" else "04.03.2025"))
    with pytest.raises(StatementError, match="several sections"):
        read_1c(onec(first, second, late))


def test_a_section_without_an_account_takes_the_headers() -> None:
    bare = ["СекцияРасчСчет", "НачальныйОстаток=1", "КонечныйОстаток=1", "КонецРасчСчет"]
    assert only(onec(bare, head=(f"РасчСчет={OWN}",))).account == OWN
    with pytest.raises(StatementError, match="names no account"):
        read_1c(onec(bare, head=(f"РасчСчет={OWN}", f"РасчСчет={SECOND}")))


def test_booked_documents_of_an_account_without_a_section_are_a_statement_without_balances() -> None:
    first, second = read_1c(onec(section(), document("7.00", SECOND, OTHER, OUT), head=(f"РасчСчет={SECOND}",)))
    assert (first.account, first.entries, second.account, amounts(second)) == (OWN, (), SECOND, ["-7.00"])
    assert second.balanced is None


def test_the_holder_of_the_account_is_read_from_his_own_side() -> None:
    statement = only(
        onec(
            section(closing="90.00"),
            paid(
                "10.00", "Плательщик=ИНН 7718123456 ООО Пример", "ПлательщикИНН=7718123456", "ПлательщикБИК=044525187"
            ),
        )
    )
    assert statement.owner == Party("ООО Пример", OWN, "044525187", identification="7718123456")


# -- direction ----------------------------------------------------------------------------------------------------


def test_a_movement_between_two_accounts_of_the_file_is_an_entry_of_both() -> None:
    between = document("10.00", OWN, SECOND, OUT, "ДатаПоступило=04.03.2025")
    first, second = read_1c(onec(section(closing="90.00"), section(SECOND, "0", "10.00"), between))
    assert (amounts(first), amounts(second)) == (["-10.00"], ["10.00"])
    assert first.entries[0].counterparty == Party(None, SECOND)
    assert second.entries[0].counterparty == Party(None, OWN)


def test_a_movement_that_is_printed_once_for_each_side_is_not_counted_twice() -> None:
    prints = document("10.00", OWN, SECOND, OUT), document("10.00", OWN, SECOND, IN)
    first, second = read_1c(onec(section(closing="90.00"), section(SECOND, "0", "10.00"), *prints))
    assert (amounts(first), amounts(second)) == (["-10.00"], ["10.00"])


def test_a_side_without_its_booking_day_is_read_only_where_the_balances_show_it() -> None:
    between = document("10.00", OWN, SECOND, OUT)
    _, second = read_1c(onec(section(closing="90.00"), section(SECOND, "0", "10.00"), between))
    assert amounts(second) == ["10.00"]
    with pytest.raises(StatementError, match="booking day of the other side"):
        read_1c(onec(section(closing="90.00"), section(SECOND, "0", "0"), between))
    _, second = read_1c(onec(section(closing="90.00"), section(SECOND, "0", "0"), between), damaged="report")
    assert "direction-doubtful" in codes(second)


def test_a_payment_booked_only_on_the_day_of_receipt_needs_balances_to_be_read() -> None:
    odd = document("10.00", OWN, OTHER, IN)
    assert amounts(only(onec(section(closing="90.00"), odd))) == ["-10.00"]
    with pytest.raises(StatementError, match="booking day of the other side"):
        read_1c(onec(["СекцияРасчСчет", f"РасчСчет={OWN}", "КонецРасчСчет"], odd))


def test_one_amount_between_two_currencies_is_refused() -> None:
    with pytest.raises(StatementError, match="two currencies"):
        read_1c(onec(section(), section(EURO), document("10.00", OWN, EURO, OUT, IN)))


def test_the_account_may_stand_under_another_key_with_blanks() -> None:
    lines = document("10.00", "", "", OUT, f"ПлательщикРасчСчет={OWN[:5]} {OWN[5:]}", f"ПолучательРасчСчет={OTHER}")
    statement = only(onec(section(closing="90.00"), lines))
    assert amounts(statement) == ["-10.00"]
    assert statement.entries[0].counterparty == Party(None, OTHER)


def test_a_side_without_an_account_is_the_files_only_one_when_the_day_says_so() -> None:
    assert amounts(only(onec(section(closing="90.00"), document("10.00", "", OTHER, OUT)))) == ["-10.00"]
    assert amounts(only(onec(section(closing="110.00"), document("10.00", OTHER, "", IN)))) == ["10.00"]


@pytest.mark.parametrize(
    "lines",
    [
        document("10.00", OTHER, SECOND, OUT),
        document("10.00", "", OTHER),
        document("10.00", "", OTHER, OUT, IN),
        document("10.00", OTHER, "", OUT),
    ],
)
def test_a_document_of_no_own_account_is_refused_or_reported(lines: list[str]) -> None:
    data = onec(section(), lines, paid("1.00"))
    with pytest.raises(StatementError, match="none of the file's own accounts"):
        read_1c(data)
    statement = only(data, "report")
    assert (amounts(statement), codes(statement)) == (["-1.00"], ["record-not-read"])


def test_a_document_from_an_account_to_itself_needs_its_booking_day() -> None:
    assert amounts(only(onec(section(closing="90.00"), document("10.00", OWN, OWN, OUT)))) == ["-10.00"]
    with pytest.raises(StatementError, match="pays and is paid by one account"):
        read_1c(onec(section(), document("10.00", OWN, OWN, OUT, IN)))


# -- booking ------------------------------------------------------------------------------------------------------


def test_the_day_of_booking_is_that_of_the_accounts_side() -> None:
    out, came = only(
        onec(section(), document("1.00", OWN, OTHER, OUT, IN), document("1.00", OTHER, OWN, OUT, IN))
    ).entries
    assert (out.booking_date, out.value_date) == (date(2025, 3, 4), date(2025, 3, 4))
    assert came.booking_date == date(2025, 3, 5)


def test_documents_without_a_booking_day_are_booked_when_the_balances_show_it() -> None:
    statement = only(onec(section(closing="85.00"), paid("10.00"), document("5.00")))
    assert [each.status for each in statement.entries] == [EntryStatus.BOOKED, EntryStatus.BOOKED]
    assert statement.entries[1].booking_date is None
    assert statement.entries[1].value_date == date(2025, 3, 3)
    assert codes(statement) == ["date-missing"]


def test_documents_without_a_booking_day_are_pending_when_the_balances_close_without_them() -> None:
    statement = only(onec(section(closing="90.00"), paid("10.00"), document("5.00")))
    assert [each.status for each in statement.entries] == [EntryStatus.BOOKED, EntryStatus.PENDING]
    assert statement.balanced is True


def test_payment_orders_for_the_bank_are_no_statement() -> None:
    with pytest.raises(StatementError, match="payment orders") as refused:
        read_1c(onec(document(), head=(f"РасчСчет={OWN}",)))
    assert refused.value.advice


def test_accounts_without_movements_are_empty_statements() -> None:
    assert [each.account for each in read_1c(onec(head=(f"РасчСчет={OWN}", f"РасчСчет={SECOND}")))] == [OWN, SECOND]
    with pytest.raises(StatementError, match="names no account"):
        read_1c(onec())


# -- fields -------------------------------------------------------------------------------------------------------


def test_every_field_of_a_payment_goes_to_its_place() -> None:
    found = entry(
        'Получатель=ИНН 5070014849\\507001001 ООО "Добрые Соседи"',
        'Получатель1=ООО "Добрые  Соседи"',
        "ПолучательИНН=5070014849\t",
        "ПолучательКПП=507001001",
        "ПолучательБИК=044525187",
        "ВидОплаты=01",
        "Очередность=5",
        "Код=18810177160123456789",
        "КодНазПлатежа=1",
        "НазначениеПлатежа=Оплата по счету 220 от 02.04.07г. за товар",
    )
    assert found.counterparty == Party('ООО "Добрые Соседи"', OTHER, "044525187", identification="5070014849")
    assert found.remittance == ("Оплата по счету 220 от 02.04.07г. за товар",)
    assert found.structured_reference == "18810177160123456789"
    assert (found.bank_code, found.purpose) == ("Платежное поручение", "1")
    assert found.codes == (("1c", "Платежное поручение"), ("ВидОплаты", "01"))
    named = (("Номер", "16"), ("Дата", "03.03.2025"), ("Очередность", "5"), ("КПП", "507001001"))
    assert found.references == named
    assert found.raw is not None and found.raw.startswith("СекцияДокумент=") and found.raw.endswith("КонецДокумента")


@pytest.mark.parametrize(
    "printed",
    [
        "ИНН 5070014849 ООО Пример",
        "ИНН 5070014849\\507001001 ООО Пример",
        "ИНН: 5070014849 КПП 507001001 ООО Пример",
        "ИНН: 5070014849, КПП 507001001 ООО Пример",
    ],
)
def test_the_tax_number_in_front_of_a_name_is_no_part_of_it(printed: str) -> None:
    found = entry(f"Получатель={printed}")
    assert found.counterparty is not None and found.counterparty.name == "ООО Пример"


def test_tax_fields_are_references_and_zeros_are_none() -> None:
    found = entry(
        "СтатусСоставителя=01", "ПоказательКБК=18210606021031000110", "ОКАТО=46241840000", "ПоказательОснования=ТП"
    )
    assert dict(found.references)["ПоказательКБК"] == "18210606021031000110"
    assert "ПоказательПериода" not in dict(entry("ПоказательПериода=0", "Код=0").references)
    assert entry("Код=0", "ПолучательИНН=0").structured_reference is None


def test_a_text_over_several_lines_is_kept_line_by_line() -> None:
    assert entry("НазначениеПлатежа=Оплата", "по договору 7").remittance == ("Оплата", "по договору 7")
    assert entry("НазначениеПлатежа1=Оплата", "НазначениеПлатежа2=по договору").remittance == ("Оплата", "по договору")
    assert entry("НазначениеПлатежа=Всё", "НазначениеПлатежа1=Вс", "НазначениеПлатежа2=ё").remittance == ("Всё",)


def test_a_payers_line_breaks_cannot_change_the_amount() -> None:
    with pytest.raises(StatementError, match="stands twice"):
        entry("НазначениеПлатежа=Привет", "Сумма=1000.00")
    with pytest.raises(StatementError):
        entry("НазначениеПлатежа=Привет", "КонецДокумента", "Сумма=1000.00")


KASPI = """1CClientBankExchange
ВерсияФормата=2.00
Кодировка=Windows
ДатаНачала=01.06.2025
ДатаКонца=30.06.2025
РасчСчет=KZ79722S000001674774
СЕКЦИЯРАСЧСЧЕТ
РасчСчет=KZ79722S000001674774
НачальныйОстаток=5000.00
ВсегоПоступило=7745.7
ВсегоСписано=4000
КонечныйОстаток=8745.70
КОНЕЦРАСЧСЧЕТ
СЕКЦИЯДОКУМЕНТ=Выписка
НомерДокумента=47437099
ДатаДокумента=29.06.2025
ВидДокумента=ПлатежноеПоручение
ПолучательНаименование=Пример Я.
ПолучательБИН_ИИН=910308400020
ПолучательИИК=KZ22722C000024901213
ПлательщикНаименование=ТОО Пример
ПлательщикИИК=KZ79722S000001674774
СуммаРасход=4000.00
ДатаОперации=30.06.2025
НазначениеПлатежа=Перевод
КодНазначенияПлатежа=119
КонецДокумента
СЕКЦИЯДОКУМЕНТ=Выписка
НомерДокумента=95022
ВидДокумента=ПлатежноеПоручение
СуммаПриход=7745.7
ПолучательИИК=KZ79722S000001674774
ПлательщикНаименование=АО Пример
ПлательщикБанкБИК=TSESKZKA
ПлательщикИИК=KZ81722S000001159377
ДатаОперации=30.06.2025
КонецДокумента
КонецФайла
"""


def test_the_keys_of_kazakh_banks_are_read() -> None:
    statement = only(KASPI.encode("cp1251"))
    out, came = statement.entries
    assert (amounts(statement), statement.balanced) == (["-4000", "7745.7"], True)
    assert out.counterparty == Party("Пример Я.", "KZ22722C000024901213", identification="910308400020")
    assert came.counterparty == Party("АО Пример", "KZ81722S000001159377", "TSESKZKA")
    assert (out.purpose, out.bank_code, out.booking_date) == ("119", "ПлатежноеПоручение", date(2025, 6, 30))


def test_an_amount_against_the_accounts_direction_is_refused() -> None:
    with pytest.raises(StatementError, match="one way"):
        read_1c(KASPI.replace("СуммаРасход", "СуммаПриход").encode("cp1251"))


# -- amounts and days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "amount"), [("10", "-10"), ("10.5", "-10.5"), ("10,50", "-10.50"), ("1,234.50", "-1234.50")]
)
def test_amounts_of_one_reading(printed: str, amount: str) -> None:
    statement = only(onec(section(OWN, "0", amount), paid(printed)))
    assert statement.entries[0].amount.amount == Decimal(amount)


@pytest.mark.parametrize("printed", ["", "1,234", "10-50", "-10.00", "1 000.00", "NaN", "1e3", "10.00 RUB", "٣"])
def test_an_amount_that_cannot_be_read_in_one_way_is_refused(printed: str) -> None:
    with pytest.raises(StatementError) as refused:
        read_1c(onec(section(), paid(printed), encoding="utf-8"))
    assert (refused.value.format, refused.value.line) == ("1c", 15 if printed else 12)


@pytest.mark.parametrize("day", ["31.02.2025", "2025-03-04", "04.03.25", "4 марта 2025", "04.13.2025"])
def test_a_day_in_another_form_is_refused(day: str) -> None:
    with pytest.raises(StatementError, match=r"DD\.MM\.YYYY") as refused:
        read_1c(onec(section(), document("10.00", OWN, OTHER, f"ДатаСписано={day}")))
    assert refused.value.tag == "ДатаСписано"


def test_a_time_behind_the_day_is_left_out() -> None:
    found = only(
        onec(section(closing="90.00"), document("10.00", OWN, OTHER, "ДатаСписано=04.03.2025 10:11:12"))
    ).entries[0]
    assert found.booking_date == date(2025, 3, 4)


# -- encodings and damage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8", "utf-8-sig", "koi8_r", "utf-16"])
def test_the_keys_prove_the_encoding_whatever_the_header_says(encoding: str) -> None:
    data = onec(section(closing="90.00"), paid("10.00", "Получатель=ООО Пример"), encoding=encoding)
    if encoding != "utf-16":
        assert detect(data) == "1c"
    statement = only(data)
    assert statement.entries[0].counterparty == Party("ООО Пример", OTHER)
    assert statement.findings == ()


def test_bytes_that_are_no_characters_are_reported() -> None:
    data = onec(section(closing="90.00"), paid("10.00", "Получатель=ООО Пример")).replace(
        "ООО".encode("cp1251"), b"\x98"
    )
    assert "encoding-broken" in codes(only(data))


def test_an_end_too_many_changes_nothing() -> None:
    data = onec(section(closing="89.00"), [*paid(), "КонецДокумента", "Документ=Платежное поручение"], paid("1.00"))
    assert amounts(only(data)) == ["-10.00", "-1.00"]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9, 0.98])
@pytest.mark.parametrize("damaged", ["refuse", "report"])
def test_a_file_cut_off_is_refused(share: float, damaged: str) -> None:
    data = onec(section(closing="79.00"), paid(), paid(), paid("1.00"))
    with pytest.raises(StatementError):
        read_1c(data[: int(len(data) * share)], damaged=damaged)  # type: ignore[arg-type]


def test_a_missing_last_line_is_reported_where_the_balances_show_that_nothing_else_is() -> None:
    assert codes(only(onec(section(closing="90.00"), paid(), end=""))) == ["end-missing"]
    with pytest.raises(StatementError, match="cut off"):
        read_1c(onec(section(closing="80.00"), paid(), end=""))


def test_what_follows_the_end_is_refused() -> None:
    with pytest.raises(StatementError, match="follows the end"):
        read_1c(onec(section(), end="КонецФайла\r\nСумма=1.00"))
    with pytest.raises(StatementError, match="follows the end"):
        read_1c(onec(section()) + onec(section()))


@pytest.mark.parametrize(
    "parts",
    [
        [section()[:-1], paid()],
        [section(), paid()[:-1], paid()],
        [section()[:-1], ["КонецДокумента"]],
        [section(), paid()[:-1]],
    ],
)
def test_a_section_that_does_not_end_is_refused(parts: list[list[str]]) -> None:
    with pytest.raises(StatementError, match="end"):
        read_1c(onec(*parts), damaged="report")


def test_a_damaged_document_is_reported_and_the_others_are_given() -> None:
    data = onec(section(closing="90.00"), section(SECOND), paid("x"), paid())
    with pytest.raises(StatementError):
        read_1c(data)
    first, second = read_1c(data, damaged="report")
    assert (amounts(first), codes(first), codes(second)) == (["-10.00"], ["record-not-read"], [])


def test_a_document_of_two_accounts_that_cannot_be_read_leaves_nothing_behind() -> None:
    between = document("10.00", OWN, SECOND, OUT, "ДатаПоступило=04.03.2025", "Плательщик=А", "Плательщик=Б")
    first, second = read_1c(onec(section(), section(SECOND), between), damaged="report")
    assert (first.entries, second.entries) == ((), ())
    assert codes(first) == codes(second) == ["record-not-read"]


def test_other_files_long_lines_and_too_many_entries_are_refused() -> None:
    with pytest.raises(StatementError, match="does not begin"):
        read_1c(b"Hello")
    long = paid("1.00", f"НазначениеПлатежа={'x' * 60}")
    assert_limits_hold(read_1c, onec(section(closing="89.00"), section(SECOND), long, paid()), 50)


@pytest.mark.parametrize("newline", [b"\n", b"\r", b"\r\n"])
def test_line_ends_change_nothing(newline: bytes) -> None:
    statement = only(onec(section(closing="90.00"), paid()).replace(b"\r\n", newline))
    assert (amounts(statement), statement.entries[0].line) == (["-10.00"], 12)


# -- laws ---------------------------------------------------------------------------------------------------------

WORDS = st.text("абвГДЕ XYZ.,№-019", max_size=20).map(lambda text: " ".join(text.split()))
MOVEMENTS = st.lists(
    st.tuples(st.integers(1, 10_000_000), st.booleans(), st.dates(date(2025, 3, 1), date(2025, 3, 31)), WORDS, WORDS),
    max_size=8,
)


@given(MOVEMENTS, st.integers(-1_000_000, 1_000_000), st.sampled_from(["cp1251", "cp866", "utf-8"]))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_back(
    movements: list[tuple[int, bool, date, str, str]], opening: int, encoding: str
) -> None:
    closing = opening + sum(-cents if outgoing else cents for cents, outgoing, *_ in movements)
    written = []
    for cents, outgoing, day, name, text in movements:
        sides = (
            (OWN, OTHER, f"ДатаСписано={day:%d.%m.%Y}") if outgoing else (OTHER, OWN, f"ДатаПоступило={day:%d.%m.%Y}")
        )
        side = "Получатель" if outgoing else "Плательщик"
        written.append(document(f"{Decimal(cents) / 100:.2f}", *sides, f"{side}1={name}", f"НазначениеПлатежа={text}"))
    head = section(OWN, f"{Decimal(opening) / 100:.2f}", f"{Decimal(closing) / 100:.2f}")
    statement = only(onec(head, *written, encoding=encoding))
    assert (statement.balanced, statement.findings) == (True, ())
    for found, (cents, outgoing, day, name, text) in zip(statement.entries, movements, strict=True):
        assert (found.amount.amount * 100, found.booking_date) == (-cents if outgoing else cents, day)
        assert found.counterparty == Party(name or None, OTHER)
        assert found.remittance == ((text,) if text else ())


VALID = onec(
    section(OWN, "100.00", "75.50", "ВсегоПоступило=5.50", "ВсегоСписано=30.00"), paid("30.00"), received("5.50")
)


@pytest.mark.parametrize("place", [at for at, byte in enumerate(VALID) if chr(byte) in "0123456789.-"][::2])
def test_a_changed_character_never_gives_another_total_without_a_word(place: int) -> None:
    for other in b"0123456789.,- ":
        data = VALID[:place] + bytes([other]) + VALID[place + 1 :]
        try:
            statements = read_1c(data)
        except StatementError:
            continue
        if [amounts(statement) for statement in statements] != [["-30.00", "5.50"]]:
            assert not all(statement.balanced for statement in statements)


PIECES = (
    *("СекцияРасчСчет\n", "КонецРасчСчет\n", f"РасчСчет={OWN}\n", "НачальныйОстаток=1\n", "КонечныйОстаток=x\n"),
    *("СекцияДокумент=Платежное поручение\n", "КонецДокумента\n", f"ПлательщикСчет={OWN}\n", "КонецФайла\n"),
    *("ДатаСписано=04.03.2025\n", "Дата=31.02.2025\n", f"ПолучательСчет={SECOND}\n", "НазначениеПлатежа=Текст\n"),
    *("Сумма=1\n", "СуммаПриход=1,00\n", "ДатаНачала=01.03.2025\n", "Валюта=978\n"),
    *("1CClientBankExchange\n", "=\n", "\n", " \r", "\x00"),
)


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8"])
def test_random_bytes_are_read_or_refused(encoding: str) -> None:
    whole = ("\n".join([*lines, ""]) for lines in (section(), paid(), received()))
    heads = (b"", b"1CClientBankExchange\n", onec(section(), end="", encoding=encoding))
    pieces = [piece.encode(encoding) for piece in (*PIECES, *whole)]
    assert_read_or_refused(read_1c, "1c", heaped(pieces, 1500, heads=heads))


@pytest.mark.parametrize(("sections", "lines"), [(True, False), (False, True)])
def test_twice_the_file_takes_about_twice_the_time(sections: bool, lines: bool) -> None:
    """Also with a section for every day, and with a payment's text of many lines."""

    def written(entries: int) -> bytes:
        days = [f"{date(2001, 1, 1) + timedelta(at):%d.%m.%Y}" for at in range(entries if sections else 1)]
        heads = [section(OWN, "0", "0", start=day, end=day if sections else "31.12.2099") for day in days]
        text = ["строка"] * entries * 5 if lines else []
        documents = [document("1.00", OWN, OTHER, f"ДатаСписано={days[at % len(days)]}") for at in range(entries)]
        return onec(
            *heads, *documents, document("1.00", OWN, OTHER, f"ДатаСписано={days[0]}", "НазначениеПлатежа=", *text)
        )

    assert_time_grows_with_the_file(read_1c, written, 600)
