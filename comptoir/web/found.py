"""What was found, as lines that a palette, a page or a picker shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.cases.models import Case, Message
from comptoir.catalog.models import Agreement, Product
from comptoir.customers.identities import shown_phone
from comptoir.customers.models import Contact, Customer, Identity
from comptoir.lib.money import Money
from comptoir.orders.models import Order, Quote
from comptoir.search.queries import Found
from comptoir.web.templatetags.desk import channel_icon, money, quantity

LABELS: dict[str, str | Promise] = {
    "case": gettext_lazy("Cases"),
    "order": gettext_lazy("Orders"),
    "quote": gettext_lazy("Quotes"),
    "agreement": gettext_lazy("Agreements"),
    "customer": gettext_lazy("Customers"),
    "contact": gettext_lazy("People"),
    "product": gettext_lazy("Products"),
    "message": gettext_lazy("Messages"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One choice: what it is called, what tells it apart, and what choosing it does."""

    noun: str
    pk: int
    icon: str
    title: str
    number: str = ""
    about: tuple[str, ...] = ()
    state: str = ""
    state_label: str = ""
    when: datetime | None = None
    url: str = ""
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading."""

    label: str | Promise
    noun: str = ""
    lines: list[Line] = field(default_factory=list)
    more: bool = False


def sections_of(found: Found) -> list[Section]:
    """The groups that were found, best first."""
    return [
        Section(LABELS[group.noun], group.noun, [line_of(hit.row, hit.excerpt) for hit in group.hits], group.more)
        for group in found.groups
    ]


def line_of(row: Any, excerpt: str = "") -> Line:
    """The line of a row of any noun that can be found."""
    line = LINES[type(row)](row)
    return line if not excerpt else Line(**{n: getattr(line, n) for n in line.__slots__} | {"title": excerpt})


def _case(case: Case) -> Line:
    label = str(case.get_state_display())
    if case.merged_into is not None:
        label = _("Merged into {case}").format(case=case.merged_into)
    who = tuple(str(one) for one in (case.contact, case.customer) if one) or (_("Unknown sender"),)
    return Line(
        "case", case.pk, channel_icon(case.channel), case.subject, case.number, who, case.state, label,
        case.last_message_at, reverse("case", args=[case.number]), customer=case.customer,
    )  # fmt: skip


def _message(message: Message) -> Line:
    case = message.case
    who = message.sender_name or message.sender_address
    icon = "lock" if message.direction == "internal" else channel_icon(message.conversation.channel)
    url = f"{reverse('case', args=[case.number])}?all=1#m{message.pk}"
    return Line(
        "message", message.pk, icon, message.subject, case.number, (who, case.subject), "", "", message.occurred_at, url
    )  # fmt: skip


def _order(order: Order) -> Line:
    named = order.po_number.upper().startswith("PO")
    po = (order.po_number if named else _("PO {number}").format(number=order.po_number),) if order.po_number else ()
    return Line(
        "order", order.pk, "package", str(order.customer), order.number, po, order.state, str(order.get_state_display()),
        order.placed_at, order.get_absolute_url(), customer=order.customer,
    )  # fmt: skip


def _quote(quote: Quote) -> Line:
    return Line(
        "quote", quote.pk, "file-pen", str(quote.customer), quote.number, (quote.reference,) if quote.reference else (),
        quote.state, str(quote.get_state_display()), quote.created_at, quote.get_absolute_url(), customer=quote.customer,
    )  # fmt: skip


def _agreement(agreement: Agreement) -> Line:
    return Line(
        "agreement", agreement.pk, "handshake", str(agreement.customer), agreement.number,
        (str(agreement.get_kind_display()),), agreement.state, str(agreement.get_state_display()), None,
        agreement.get_absolute_url(), customer=agreement.customer,
    )  # fmt: skip


def _customer(customer: Customer) -> Line:
    icon = "user" if customer.kind == Customer.Kind.PERSON else "building-2"
    prospect = str(customer.get_stage_display()) if customer.stage == Customer.Stage.PROSPECT else ""
    about = tuple(text for text in (customer.country_name, prospect) if text)
    url = f"/customers/{customer.number}/"
    return Line("customer", customer.pk, icon, customer.name, customer.number, about, url=url, customer=customer)


def _contact(contact: Contact) -> Line:
    known = [i for i in contact.identities.all() if i.kind in ("email", "phone")]
    ways = [_way(i, contact.customer.country) for i in sorted(known, key=lambda i: i.kind != "phone")]
    left = () if contact.is_active else (_("no longer there"),)
    about = tuple(text for text in (contact.customer.name, *left, *ways[:3], contact.position) if text)
    url = f"/customers/{contact.customer.number}/"
    return Line("contact", contact.pk, "user", contact.name, "", about, url=url, customer=contact.customer)


def _way(identity: Identity, country: str) -> str:
    return identity.value if identity.kind == "email" else shown_phone(identity.value, country)


def _product(product: Product) -> Line:
    """What it costs and what there is of it."""
    prices = [p for p in product.prices.all() if not p.customer_id and not p.customer_class and p.minimum_quantity <= 1]
    stock = [
        _("{site}: {quantity} {unit}").format(site=s.site.name, quantity=quantity(s.on_hand), unit=product.unit)
        for s in product.stock.all()
    ]
    costs = [
        money(Money(p.unit_price, p.currency).quantized()) + (f" / {p.per}" if p.per > 1 else "") for p in prices[:1]
    ]
    state = product.state if product.state != Product.State.ACTIVE else ""
    return Line(
        "product", product.pk, "box", product.name, product.number, (*costs, *stock), state,
        str(product.get_state_display()) if state else "", url=product.get_absolute_url(),
    )  # fmt: skip


LINES: dict[Any, Callable[[Any], Line]] = {
    Case: _case,
    Message: _message,
    Order: _order,
    Quote: _quote,
    Agreement: _agreement,
    Customer: _customer,
    Contact: _contact,
    Product: _product,
}
