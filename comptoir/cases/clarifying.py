"""What a customer is asked about an order that differs from their document, in the language they read."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from comptoir.lib.text import fold
from comptoir.orders.models import Difference, Order

WORDS: dict[str, dict[str, str]] = {
    "en": {"hello": "Hello,", "why": "Thank you for your order {po}. Before we confirm it, please tell us how to read these points:",
           "row": "– {what}: your document says {theirs}, we have {ours}", "bye": "Once you have answered we confirm at once.",
           "line": "line {n}", "part": "part", "quantity": "quantity", "unit": "unit", "unit_price": "price", "requested_on": "delivery date",
           "ship_to": "delivery address", "terms": "payment terms", "currency": "currency", "nothing": "nothing"},
    "fr": {"hello": "Bonjour,", "why": "Merci pour votre commande {po}. Avant de la confirmer, pourriez-vous préciser les points suivants :",
           "row": "– {what} : votre document indique {theirs}, nous avons {ours}", "bye": "Dès votre réponse, nous confirmons la commande.",
           "line": "ligne {n}", "part": "article", "quantity": "quantité", "unit": "unité", "unit_price": "prix", "requested_on": "date de livraison",
           "ship_to": "adresse de livraison", "terms": "conditions de paiement", "currency": "devise", "nothing": "rien"},
    "da": {"hello": "Hej,", "why": "Tak for jeres ordre {po}. Inden vi bekræfter den, beder vi jer afklare følgende:",
           "row": "– {what}: jeres dokument siger {theirs}, vi har {ours}", "bye": "Så snart I har svaret, bekræfter vi ordren.",
           "line": "linje {n}", "part": "vare", "quantity": "antal", "unit": "enhed", "unit_price": "pris", "requested_on": "leveringsdato",
           "ship_to": "leveringsadresse", "terms": "betalingsbetingelser", "currency": "valuta", "nothing": "intet"},
    "sk": {"hello": "Dobrý deň,", "why": "ďakujeme za Vašu objednávku {po}. Skôr ako ju potvrdíme, prosíme o vyjasnenie týchto bodov:",
           "row": "– {what}: vo Vašom dokumente je {theirs}, my máme {ours}", "bye": "Hneď po Vašej odpovedi objednávku potvrdíme.",
           "line": "riadok {n}", "part": "tovar", "quantity": "množstvo", "unit": "jednotka", "unit_price": "cena", "requested_on": "termín dodania",
           "ship_to": "dodacia adresa", "terms": "platobné podmienky", "currency": "mena", "nothing": "nič"},
    "bg": {"hello": "Здравейте,", "why": "Благодарим за Вашата поръчка {po}. Преди да я потвърдим, моля, уточнете следното:",
           "row": "– {what}: във Вашия документ е {theirs}, при нас е {ours}", "bye": "Щом отговорите, веднага ще потвърдим поръчката.",
           "line": "ред {n}", "part": "артикул", "quantity": "количество", "unit": "мярка", "unit_price": "цена", "requested_on": "дата на доставка",
           "ship_to": "адрес за доставка", "terms": "условия на плащане", "currency": "валута", "nothing": "нищо"},
}  # fmt: skip


def hello(language: str) -> str:
    """How a message begins; English where the language is none of ours."""
    return WORDS.get(language, WORDS["en"])["hello"]


def question(order: Order, rows: Iterable[Difference], language: str) -> str:
    """What lists the differences in a message; English where the language is none of ours."""
    words = WORDS.get(language, WORDS["en"])
    told = [
        words["row"].format(
            what=_what(row, words),
            theirs=_shown(row, row.theirs, _theirs_in(row) or order.currency, language) or words["nothing"],
            ours=_shown(row, row.ours, order.currency, language) or words["nothing"],
        )
        for row in rows
    ]
    po = order.po_number or order.number
    return "\n".join([words["why"].format(po=po), "", *told, "", words["bye"]])


def _theirs_in(row: Difference) -> str:
    """The currency that the document names; nothing where it names none."""
    return row.verification.document.read.said("currency") if row.field == Difference.Field.PRICE else ""


def _shown(row: Difference, text: str, currency: str, language: str) -> str:
    """A price, a number or a day as the customer writes it."""
    locale = language if language in WORDS else "en"
    try:
        if row.field == Difference.Field.PRICE:
            return str(format_currency(Decimal(text), currency, locale=locale, decimal_quantization=False))
        if row.field == Difference.Field.QUANTITY:
            return str(format_decimal(Decimal(text), locale=locale))
        if row.field == Difference.Field.DATE:
            return str(format_date(date.fromisoformat(text), "d MMMM y", locale=locale))
    except (ValueError, InvalidOperation):
        pass
    return text


def _what(row: Difference, words: dict[str, str]) -> str:
    """The line and the field; a line with its part's number."""
    field = words.get(row.field, "")
    if not row.position:
        return field
    part = row.line.product.number if row.line else ""
    return ", ".join(
        text for text in (words["line"].format(n=row.position) + (f" ({part})" if part else ""), field) if fold(text)
    )
