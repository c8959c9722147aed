"""Placing and confirming an order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Change, NeedsApproval, Verdict, action, lock, once
from comptoir.actions.rows import insert_each
from comptoir.catalog import queries as catalog
from comptoir.catalog.actions.stock import Aside, reserve_each, stocks_of
from comptoir.catalog.fields import Counted
from comptoir.catalog.models import AgreementLine, Product, Site
from comptoir.catalog.shelves import Shelf, shelves_of
from comptoir.catalog.taxes import Reason, Taxed, reason_for
from comptoir.catalog.units import in_own_units
from comptoir.customers.models import Address, Contact, Customer
from comptoir.events import record
from comptoir.events.actor import Actor
from comptoir.lib import clock
from comptoir.lib.calendar import is_business_day
from comptoir.lib.numbers import with_check
from comptoir.lib.prepared import Prepared
from comptoir.lib.roles import RANKS, Role
from comptoir.lib.text import key
from comptoir.orders import verbs
from comptoir.orders.actions.dates import shown
from comptoir.orders.actions.holds import hold
from comptoir.orders.actions.truth import UNCONFIRMED, may_confirm, undecided
from comptoir.orders.actions.versions import new_version, promise_first, ship_by
from comptoir.orders.guards import Checked, Guard, Wanted, check
from comptoir.orders.models import Line, Order, OrderHold, ScheduleLine
from comptoir.orders.queries import arrival, twin_of
from comptoir.people.models import Member

State = Order.State
ADDRESSES = Prepared(lambda customer: Address.objects.filter(customer_id=customer).order_by("pk"))
SITES = Prepared(lambda: Site.objects.order_by("pk")[:1])
HELD = Prepared(lambda order: OrderHold.objects.filter(order_id=order, lifted_at=None).order_by("pk")[:1])
PLACES = Prepared(lambda order: Order.objects.filter(pk=order).select_related("ship_to", "bill_to", "site"))
SCHEDULE = Prepared(lambda order: ScheduleLine.objects.filter(order_id=order).select_related("line__product"))


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it is entered; without a price the agreement's, the customer's own, class or list price holds.

    The quantity is in `unit`, the product's own when there is none; the price is always that of the product's own unit.
    """

    product: Product
    quantity: Counted
    requested_on: date
    unit_price: Decimal | None = None
    customer_part: str = ""
    unit: str = ""
    agreement_line: AgreementLine | None = None


def next_number() -> str:
    """The next order number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('order_number')")
        return f"SO-{with_check(cursor.fetchone()[0])}"


def may_place(member: Actor, customer: Customer, inputs: Mapping[str, Any]) -> Verdict:
    """Any member; a price below the limit of their role, a number used before or too small an order ask for a higher one."""
    if not inputs["lines"] or not (inputs["ship_to"] or _addresses(customer)):
        return ALLOWED
    guards = list(_checked(customer, inputs["ship_to"], inputs["lines"]).guards)
    if inputs["all_the_same"] and (twin := twin_of(customer, inputs["po_number"])):
        told = _("{po} was entered before, as {order}.").format(po=inputs["po_number"], order=twin)
        guards.append(Guard("twin", told, needs=Role.SENIOR))
    above = [guard for guard in guards if guard.needs and RANKS[guard.needs] > member.rank]
    if not above or (not inputs["all_the_same"] and any(guard.is_overridden_by_reason for guard in above)):
        return ALLOWED
    role = max((Role(guard.needs) for guard in above), key=lambda role: RANKS[role])
    return NeedsApproval(" ".join(guard.sentence for guard in above), role=role)


@action(
    "orders.place",
    subject=Customer,
    authority=may_place,
    title=gettext_lazy("New order"),
    labels={
        "all_the_same": gettext_lazy("Why it is placed all the same"),
        "po_number": gettext_lazy("Customer PO"),
        "po_date": gettext_lazy("PO date"),
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
    po_date: date | None = None,
    ship_to: Address | None = None,
    contact: Contact | None = None,
    site: Site | None = None,
    all_the_same: str = "",
) -> Order:
    """Enter an order: what stands against it holds it, with the reason.

    A purchase order number used before, and a value below the minimum, are refused unless somebody says why.
    """
    if not all_the_same:
        _refuse_twin(customer, po_number)
    agreed = _checked(customer, ship_to, lines).prices if lines and (ship_to or _addresses(customer)) else ()
    order = create(
        customer, lines, po_number, po_date=po_date, ship_to=ship_to, contact=contact, site=site, agreed=agreed
    )  # fmt: skip
    record(verbs.PLACED, by=by, on=[order, customer], number=order.number, po=po_number or "–")
    if all_the_same:
        record(verbs.PLACED_ALL_THE_SAME, by=by, on=[order, customer], why=all_the_same)
    _guard(order, _checked(customer, ship_to, lines).guards, by, is_said=bool(all_the_same))
    return order


def create(
    customer: Customer,
    lines: list[NewLine],
    po_number: str,
    *,
    po_date: date | None = None,
    ship_to: Address | None = None,
    contact: Contact | None = None,
    site: Site | None = None,
    agreed: Sequence[catalog.Quoted | None] = (),
) -> Order:
    """The rows of an order; `agreed` has a price for each line where they stand already."""
    if not lines:
        raise ActionError(_("An order needs at least one line."))
    _refuse_foreign(customer, ship_to, contact)
    places = _addresses(customer)
    if not places:
        raise ActionError(_("{customer} has no address to ship to: add one first.").format(customer=customer))
    to, at = ship_to or _with_role(places, "ship_to"), site or SITES()[0]
    order = Order(
        number=next_number(), customer=customer, contact=contact, po_number=po_number, po_key=key(po_number),
        po_date=po_date,
        state=State.READY, currency=customer.currency, incoterm=customer.incoterm, terms=customer.terms,
        ship_to=to, bill_to=_with_role(places, "bill_to"), site=at, tax_reason=reason_for(customer, to.country, at),
    )  # fmt: skip
    insert_each([order])
    _add_lines(order, lines, agreed)
    return order


def _guard(order: Order, guards: Sequence[Guard], by: Member, *, is_said: bool) -> None:
    """Refuse what needs a reason and has none; hold the order for everything that holds it."""
    for guard in guards:
        if guard.is_overridden_by_reason and not is_said:
            raise ActionError(_("{why} Say why it is placed all the same.").format(why=guard.sentence))
    hold_for(order, guards, by)


def hold_for(order: Order, guards: Sequence[Guard], by: Member) -> None:
    """Put the order on hold for everything that holds it, once a kind, with the reasons."""
    reasons: dict[str, list[str]] = {}
    for guard in guards:
        if not guard.hold:
            continue
        reasons.setdefault(guard.hold, []).append(guard.sentence)
    for kind, told in reasons.items():
        hold(order, by=by, kind=OrderHold.Kind(kind), note=" ".join(told)[:300])


def _checked(customer: Customer, ship_to: Address | None, lines: list[NewLine]) -> Checked:
    """The value of what is to be placed and what stands against it: one answer for authority and act."""
    place = ship_to or _with_role(_addresses(customer), "ship_to")

    def look() -> tuple[list[NewLine], Checked]:
        wanted = [
            Wanted(one.product, quantity, one.unit_price, one.agreement_line)
            for one, quantity in zip(lines, own_quantities(lines), strict=True)
        ]
        return lines, check(customer, place.country, wanted)  # the lines are kept: no others get their id meanwhile

    return once(("placing", customer.pk, place.pk, id(lines)), look)[1]


def own_quantities(lines: Sequence[NewLine]) -> list[Decimal]:
    """Each line's quantity in its product's own unit; ActionError where there is no such unit."""
    try:
        return in_own_units([(one.product, one.quantity, one.unit) for one in lines])
    except ValueError as error:
        raise ActionError(str(error)) from error


def _refuse_twin(customer: Customer, po_number: str) -> None:
    if twin := twin_of(customer, po_number):
        raise ActionError(_("{po} was entered before, as {order}.").format(po=po_number, order=twin))


def _refuse_foreign(customer: Customer, *rows: Address | Contact | None) -> None:
    for row in rows:
        if row is not None and row.customer_id != customer.pk:
            raise ActionError(_("{row} does not belong to {customer}.").format(row=row, customer=customer))


def _addresses(customer: Customer) -> list[Address]:
    return once(("addresses", customer.pk), lambda: ADDRESSES(customer.pk))


def _with_role(places: Sequence[Address], role: str) -> Address:
    """The first address with a role, else the first of all."""
    return next((place for place in places if role in place.roles), places[0])


def _add_lines(order: Order, entered: list[NewLine], agreed: Sequence[catalog.Quoted | None] = ()) -> None:
    """The lines with their prices and taxes, each with one schedule line for what the customer wishes (five queries)."""
    today = clock.today()
    for one in entered:
        refuse_line(one, order.customer)
    quantities = own_quantities(entered)
    wanted = [(one.product, quantity) for one, quantity in zip(entered, quantities, strict=True)]
    prices = agreed or catalog.prices_for(order.customer, wanted, today)
    tax = tax_of(order)
    lines = []
    for index, (one, quantity, quoted) in enumerate(zip(entered, quantities, prices, strict=True), 1):
        line = line_of(order, index * 10, one, quantity, quoted)
        line.tax_category, line.tax_rate = tax.of(one.product.tax_category)
        lines.append(line)
    insert_each(lines)
    insert_each(
        [
            ScheduleLine(order=order, line=line, quantity=line.quantity, requested_on=one.requested_on)
            for line, one in zip(lines, entered, strict=True)
        ]
    )


def refuse_line(entered: NewLine, customer: Customer) -> None:
    if entered.quantity <= 0:
        raise ActionError(_("The quantity of {product} has to be above zero.").format(product=entered.product))
    if entered.product.state == Product.State.ENDED:
        raise ActionError(_("{product} is no longer sold.").format(product=entered.product))
    agreed = entered.agreement_line
    if agreed is None:
        return
    agreement = agreed.agreement
    is_about = agreed.product_id == entered.product.pk and agreement.customer_id == customer.pk
    if not is_about or agreement.currency != customer.currency:
        raise ActionError(_("{agreed} is not about {product} for {customer}.").format(
            agreed=agreed, product=entered.product, customer=customer))  # fmt: skip
    if not agreement.holds_on(clock.today()):
        raise ActionError(_("{agreement} does not hold today.").format(agreement=agreement))


def tax_of(order: Order) -> Taxed:
    """How the order's lines are taxed, by the reason it was entered with (one query)."""
    why = order.tax_reason or reason_for(order.customer, order.ship_to.country, order.site)
    return Taxed(Reason(why), catalog.tax_rates(order.site.country, clock.today()))


def price_of(entered: NewLine, quoted: catalog.Quoted | None, currency: str) -> catalog.Quoted:
    """The price typed in, else that of the agreement named, else the one the catalogue quotes."""
    agreed = entered.agreement_line
    if entered.unit_price is not None:
        return catalog.Quoted(entered.unit_price, 1, "manual", agreement_line=agreed.pk if agreed else None)
    if agreed is not None:
        return catalog.by_agreement(agreed)
    if quoted is None:
        told = _("{product} has no price in {currency}.")
        raise ActionError(told.format(product=entered.product, currency=currency))
    return quoted


def line_of(order: Order, position: int, entered: NewLine, quantity: Decimal, quoted: catalog.Quoted | None) -> Line:
    """A line at its price; by an agreement it is a call-off from it."""
    product, quoted = entered.product, price_of(entered, quoted, order.currency)
    line = Line(
        order=order, position=position, product=product, customer_part=entered.customer_part, description=product.name,
        quantity=quantity, unit=product.unit, unit_price=quoted.unit_price, per=quoted.per,
        price_source=quoted.source, agreement_line_id=quoted.agreement_line,
        ordered_quantity=entered.quantity, ordered_unit=entered.unit or product.unit,
    )  # fmt: skip
    line.net = line.net_of(quantity).amount
    return line


def confirm_changes(order: Order, inputs: Mapping[str, Any]) -> list[Change]:
    """What would be promised: each line's requested and first possible day."""
    _refuse_unconfirmable(order)
    return [Change(str(row), shown(row.requested_on), shown(day)) for row, day in _possible(_rows(order), order)[0]]


def _refuse_unconfirmable(order: Order) -> None:
    if order.state not in UNCONFIRMED:
        raise ActionError(_("{order} is {state} already.").format(order=order, state=State(order.state).label))
    if held := HELD.first(order.pk):
        raise ActionError(_("{order} is on hold: {hold}.").format(order=order, hold=held))


@action(
    "orders.confirm",
    subject=Order,
    authority=may_confirm,
    title=gettext_lazy("Confirm"),
    stale=("version", "state"),
    diff=confirm_changes,
    warn=undecided,
)
def confirm(order: Order, *, by: Member) -> Order:
    """Promise every schedule line for its requested day, or for the first day after it that stock and supply allow."""
    _refuse_unconfirmable(order)
    _read_places(order)
    rows = _rows(order)
    days, asides = _possible(rows, order, is_locking=True)
    reserve_each(asides)
    promise_first(days, order, by=by)
    order.state = State.CONFIRMED
    new_version(order, by=by, rows=rows)
    return order


def _read_places(order: Order) -> None:
    """Where the order goes, who pays, and from where, by one query instead of three."""
    found = PLACES(order.pk)[0]
    order.ship_to, order.bill_to, order.site = found.ship_to, found.bill_to, found.site


def _rows(order: Order) -> list[ScheduleLine]:
    """The order's schedule lines, each with its line and product, and all with this same order."""
    rows = SCHEDULE(order.pk)
    for row in rows:
        row.order = row.line.order = order
    return rows


def _possible(
    rows: list[ScheduleLine], order: Order, *, is_locking: bool = False
) -> tuple[list[tuple[ScheduleLine, date]], list[Aside]]:
    """The day each schedule line can be promised for, one after the other, and what is set aside for it then."""
    stocks, today = stocks_of([row.line.product for row in rows], order.site), clock.today()
    if is_locking:
        lock(*stocks.values())
    shelves = shelves_of(stocks.values(), today)
    days, asides = [], []
    for row in rows:
        stock = stocks[row.line.product_id]
        day = first_possible(row, shelves[stock.pk])
        leaves_on = max(ship_by(row, day), today)
        shelves[stock.pk].take(row.quantity, leaves_on)
        days.append((row, day))
        asides.append(Aside(stock, row.pk, row.quantity, leaves_on))
    return days, asides


def first_possible(row: ScheduleLine, shelf: Shelf) -> date:
    """The requested day when the goods can leave in time for it, else the first possible arrival.

    A day on which nobody takes goods in at the ship-to gives way to the working day before it.
    """
    leaves = shelf.first(row.quantity)
    if leaves is None:
        raise ActionError(_("No planned supply covers {line}: ask planning, or split the line.").format(line=row))
    wish = row.requested_on
    while not is_business_day(wish, row.order.ship_to.country):
        wish -= timedelta(days=1)
    return max(wish, arrival(leaves, row.order.ship_to, row.order.site))
