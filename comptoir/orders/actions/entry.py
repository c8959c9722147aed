"""Placing and confirming an order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions import reserve, stock_of
from comptoir.catalog.models import Product, Site
from comptoir.customers.models import Address, Contact, Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.numbers import with_check
from comptoir.lib.text import key
from comptoir.orders import verbs
from comptoir.orders.models import Line, Order, ScheduleLine
from comptoir.orders.versions import new_version, set_promised, ship_by
from comptoir.people import any_member
from comptoir.people.models import Member

State = Order.State


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it is entered; without a price the customer's own, class or list price holds."""

    product: Product
    quantity: Decimal
    requested_on: date
    unit_price: Decimal | None = None
    customer_part: str = ""


def next_number() -> str:
    """The next order number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('order_number')")
        return f"SO-{with_check(cursor.fetchone()[0])}"


@action(
    "orders.place",
    subject=Customer,
    authority=any_member,
    title=gettext_lazy("New order"),
    labels={
        "po_number": gettext_lazy("Customer PO"),
        "lines": gettext_lazy("Lines"),
        "ship_to": gettext_lazy("Ship-to"),
        "contact": gettext_lazy("Contact"),
    },
)
def place(
    customer: Customer,
    *,
    by: Member,
    lines: list[NewLine],
    po_number: str = "",
    ship_to: Address | None = None,
    contact: Contact | None = None,
    site: Site | None = None,
) -> Order:
    """Enter an order; a purchase order number the customer used before is refused."""
    addresses = list(customer.addresses.order_by("pk"))
    if not addresses:
        raise ActionError(_("{customer} has no address to ship to: add one first.").format(customer=customer))
    twin = Order.objects.filter(customer=customer, po_key=key(po_number)).exclude(state=State.CANCELLED).first()
    if po_number and twin:
        raise ActionError(_("{po} was entered before, as {order}.").format(po=po_number, order=twin))
    order = Order.objects.create(
        number=next_number(), customer=customer, contact=contact, po_number=po_number, po_key=key(po_number),
        state=State.READY, currency=customer.currency, incoterm=customer.incoterm, terms=customer.terms,
        ship_to=ship_to or addresses[0], bill_to=next((a for a in addresses if "bill_to" in a.roles), addresses[0]),
        site=site or Site.objects.order_by("pk")[0],
    )  # fmt: skip
    for index, entered in enumerate(lines, 1):
        _add_line(order, index * 10, entered)
    record(verbs.PLACED, by=by, on=[order, customer], number=order.number, po=po_number or "–")
    return order


def _add_line(order: Order, position: int, entered: NewLine) -> None:
    today = clock.today()
    product = entered.product
    quoted = catalog.price_for(order.customer, product, entered.quantity, today)
    if quoted is None and entered.unit_price is None:
        raise ActionError(_("{product} has no price in {currency}.").format(product=product, currency=order.currency))
    if entered.unit_price is not None or quoted is None:
        price, per, source = entered.unit_price or Decimal(0), 1, "manual"
    else:
        price, per, source = quoted.unit_price, quoted.per, quoted.source
    line = Line(
        order=order, position=position, product=product, customer_part=entered.customer_part, description=product.name,
        quantity=entered.quantity, unit=product.unit, unit_price=price, per=per, price_source=source,
        tax_category=product.tax_category, tax_rate=catalog.tax_rate(order.ship_to.country, product.tax_category, today),
    )  # fmt: skip
    line.net = line.net_of(entered.quantity).amount
    line.save()
    ScheduleLine.objects.create(order=order, line=line, quantity=entered.quantity, requested_on=entered.requested_on)


@action(
    "orders.confirm", subject=Order, authority=any_member, title=gettext_lazy("Confirm"), stale=("version", "state")
)
def confirm(order: Order, *, by: Member) -> Order:
    """Promise every schedule line for its requested day, or for the first day after it that stock and supply allow."""
    if order.state not in (State.DRAFT, State.READY):
        raise ActionError(_("{order} is {state} already.").format(order=order, state=State(order.state).label))
    if held := order.holds.filter(lifted_at=None).first():
        raise ActionError(_("{order} is on hold: {hold}.").format(order=order, hold=held))
    rows = order.schedule_lines.select_related("line__product", "order__ship_to", "order__customer", "order__site")
    stocks = {row.pk: stock_of(row.line.product, order.site) for row in rows}
    for row in sorted(rows, key=lambda row: stocks[row.pk].pk):
        day = first_possible(row, stocks[row.pk])
        leaves_on = ship_by(row, day)
        reserve(stocks[row.pk], row.pk, row.quantity, leaves_on, clock.today())
        row.state = ScheduleLine.State.PROMISED
        set_promised(row, day, by=by, reason="")
    order.state = State.CONFIRMED
    new_version(order, by=by)
    return order


def first_possible(row: ScheduleLine, stock: object) -> date:
    """The requested day when the goods can leave in time for it, else the first possible arrival."""
    from comptoir.lib.calendar import add_business_days, next_business_day

    today = clock.today()
    leaves = catalog.earliest(stock, row.quantity, today, row.pk)  # type: ignore[arg-type]
    if leaves is None:
        raise ActionError(_("No planned supply covers {line}: ask planning, or split the line.").format(line=row))
    place = row.order.ship_to
    leaves = next_business_day(max(leaves, today), row.order.site.country)
    arrives = next_business_day(add_business_days(leaves, place.transit_days, place.country), place.country)
    return max(row.requested_on, arrives)
