"""What customers sent as orders this morning: mails whose PDF the worker reads, and sheets entered already that differ."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django.db.models import QuerySet
from PIL import Image

from comptoir.cases.actions import papers
from comptoir.cases.actions.handling import assign
from comptoir.cases.actions.incoming import receive as take_in
from comptoir.cases.incoming import Incoming, IncomingFile
from comptoir.cases.models import Case, Inbox
from comptoir.catalog.models import Product
from comptoir.catalog.queries import prices_for
from comptoir.customers.models import Contact, Customer, Identity
from comptoir.demo import CONTENT, content
from comptoir.events.models import EventSubject
from comptoir.files.actions import store
from comptoir.lib import clock, typeset
from comptoir.lib.calendar import add_business_days
from comptoir.lib.documents.sheets import from_csv
from comptoir.orders import reading
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.documents import keep_reading, receive
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.models import InboundDocument
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class Wish:
    """A line as the customer writes it, and what was typed of it."""

    product: Product
    quantity: Decimal
    price: Decimal
    typed: Decimal


def build(now: datetime) -> None:
    """By the real actions, at moments of this morning; each of another customer where there are as many."""
    taken: set[int] = set()
    for row in content("inbound")["mails"]:
        if (buyer := _buyer(row, taken)) is not None:
            with clock.at(now - timedelta(minutes=row["minutes_ago"])):
                _arrive(row, buyer)
    for row in content("inbound")["sheets"]:
        if (buyer := _buyer(row, taken)) is not None:
            _enter(row, buyer, now - timedelta(minutes=row["minutes_ago"]))


def _buyer(row: dict[str, Any], taken: set[int]) -> Contact | None:
    """Somebody who writes mails in the language, of a customer of the rep's where there is one."""
    reached = Identity.objects.filter(kind="email", bounced_at=None, contact__is_active=True)
    people: QuerySet[Contact] = Contact.objects.filter(
        pk__in=reached.values("contact"), language=row["language"], customer__stage=Customer.Stage.CUSTOMER,
        customer__currency="EUR", customer__addresses__isnull=False,
    )  # fmt: skip
    people = people.select_related("customer").order_by("-customer_id", "pk")
    others = people.exclude(customer__in=taken)
    found = others.filter(customer__owner__name=row["by"]).first() or others.first() or people.first()
    if found is not None:
        taken.add(found.customer_id)
    return found


def _wishes(row: dict[str, Any], customer: Customer) -> list[Wish]:
    products = {one.number: one for one in Product.objects.filter(number__in=[line[0] for line in row["lines"]])}
    wanted = [(products[line[0]], Decimal(line[1])) for line in row["lines"]]
    told = []
    quoted = prices_for(customer, wanted, clock.today())
    for line, (product, quantity), ours in zip(row["lines"], wanted, quoted, strict=True):
        price = ours.unit_price / ours.per if ours else Decimal(100)
        typed = Decimal(line[3]) if len(line) > 3 else quantity
        told.append(Wish(product, quantity, round(price * Decimal(str(line[2])), 2), typed))
    return told


def _facts(row: dict[str, Any], customer: Customer, day: date) -> Iterator[tuple[str, str]]:
    """What stands above the lines, by the customer's words."""
    words, address = content("inbound")["words"][row["language"]], customer.addresses.order_by("pk")[0]
    yield words["po"], row["po"]
    yield words["po_date"], _day(clock.today(), row["language"])
    yield words["ship_to"], ", ".join(part for part in (address.street, address.postcode, address.city) if part)
    yield words["requested_on"], _day(day, row["language"])
    if terms := row.get("terms", customer.terms):
        yield words["terms"], terms


def _day(day: date, language: str) -> str:
    return str(format_date(day, "long" if language == "en" else "dd/MM/yyyy", locale=_locale(language)))


def _number(value: Decimal, language: str, pattern: str = "#,##0.00") -> str:
    return str(format_decimal(value, pattern, locale=_locale(language)))


def _locale(language: str) -> str:
    return "en_GB" if language == "en" else language


def _cells(wishes: list[Wish], language: str) -> list[list[str]]:
    unit = content("inbound")["words"][language]["unit"]
    return [
        [
            str(number * 10), one.product.number, one.product.name, f"{one.quantity:f}", unit,
            _number(one.price, language), _number(one.price * one.quantity, language),
        ]
        for number, one in enumerate(wishes, 1)
    ]  # fmt: skip


# Mails


def _arrive(row: dict[str, Any], buyer: Contact) -> None:
    """An order by mail, which the worker reads once the desk is open."""
    _mailed(row, buyer, _page(row, buyer.customer), "application/pdf")


def _mailed(row: dict[str, Any], buyer: Contact, data: bytes, kind: str) -> InboundDocument:
    """A mail with a file becomes a case, and the file a document that may be an order."""
    inbox = Inbox.objects.filter(language=row["language"], is_active=True).order_by("pk")[0]
    told = {"po": row["po"], "contact": buyer.name}
    file = IncomingFile(store(data, kind), row["file"].format(**told).replace("/", "-"), kind)
    message = take_in(
        Incoming(
            inbox=inbox, sender_name=buyer.name, sender_address=_address(buyer), occurred_at=clock.now(),
            subject=row["subject"].format(**told), text=row["text"].strip().format(**told),
            message_id=f"<{row['po'].replace('/', '-')}@order.example>", attachments=(file,),
        )
    )  # fmt: skip
    heard = EventSubject.objects.filter(noun="case", object_id=message.case_id)
    papers.follow(list(heard.values_list("event_id", flat=True)))
    return InboundDocument.objects.get(case_id=message.case_id)


def _address(buyer: Contact) -> str:
    return str(Identity.objects.filter(contact=buyer, kind="email").order_by("pk")[0].value)


def _page(row: dict[str, Any], customer: Customer) -> bytes:
    """The order as the customer's program prints it, or as their copier sees that."""
    language, words = row["language"], content("inbound")["words"][row["language"]]
    wishes = _wishes(row, customer)
    net = _number(sum((one.price * one.quantity for one in wishes), Decimal(0)), language)
    day = add_business_days(clock.today(), row["days"], customer.country)
    data = {
        "title": words["title"], "language": language, "from": customer.name,
        "address": list(customer.addresses.order_by("pk")[0].lines[1:]), "foot": customer.tax_id or customer.name,
        "facts": [[label, value] for label, value in _facts(row, customer, day)], "heads": words["heads"],
        "rows": _cells(wishes, language), "total": f"{words['total']} {net} {customer.currency}",
    }  # fmt: skip
    template = CONTENT / "order.typ"
    return _scanned(typeset.picture(template, data)) if row.get("is_scan") else typeset.pdf(template, data)


def _scanned(drawn: bytes) -> bytes:
    """A page that went through a copier, a little askew: a picture, and no word in it."""
    page = Image.open(io.BytesIO(drawn)).convert("L").rotate(0.7, fillcolor=246, resample=Image.Resampling.BILINEAR)
    out = io.BytesIO()
    page.point(lambda light: min(246, 40 + light * 9 // 10)).save(out, "PDF", resolution=90, quality=60)
    return out.getvalue()


# Sheets


def _enter(row: dict[str, Any], buyer: Contact, at: datetime) -> None:
    """A sheet that a rep entered, not without slips: what differs waits, and who sent it by mail is asked."""
    customer, by = buyer.customer, Member.objects.get(name=row["by"])
    with clock.at(at):
        day = add_business_days(clock.today(), row["days"], customer.country)
        wishes = _wishes(row, customer)
        data = _sheet(row, customer, wishes, day)
        if row.get("is_mailed"):
            document = _mailed(row, buyer, data, "text/csv")
            assign(Case.objects.get(pk=document.case_id or 0), by=by, to=by)
        else:
            document = receive(data, row["file"].format(po=row["po"]), by=by, customer=customer)
        words = from_csv(data)
        found, template = reading.said(words, document)
        keep_reading(document, words.as_json(), found.as_json(), template)
    with clock.at(at + timedelta(minutes=4)):
        lines = [NewLine(one.product, one.typed, day) for one in wishes]
        order = enter_document(
            document, by=by, customer=customer, lines=lines, po_number=row["po"], po_date=clock.today(), contact=buyer
        )
    if row.get("is_mailed"):
        with clock.at(at + timedelta(minutes=9)):
            papers.ask_differences(order, by=by)


def _sheet(row: dict[str, Any], customer: Customer, wishes: list[Wish], day: date) -> bytes:
    told = io.StringIO()
    table = csv.writer(told, delimiter=";" if row["language"] == "fr" else ",")
    table.writerows([*_facts(row, customer, day), [], content("inbound")["words"][row["language"]]["heads"]])
    table.writerows(_cells(wishes, row["language"]))
    return told.getvalue().encode()
