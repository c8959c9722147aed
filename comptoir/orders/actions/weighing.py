"""What a change brings up against an order that did not stand against it before: the same guards as at entry."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from comptoir.actions import ALLOWED, NeedsApproval, Use, Verdict
from comptoir.catalog.models import Product
from comptoir.customers.models import Address
from comptoir.events.actor import Actor
from comptoir.lib.money import Money
from comptoir.lib.roles import RANKS, Role
from comptoir.orders.guards import Guard, Wanted, check
from comptoir.orders.merging import Type
from comptoir.orders.models import ChangeStep, Line, Order


def weigh(order: Order, steps: Sequence[ChangeStep]) -> list[Guard]:
    """What the steps bring up anew: roles they need, holds the order would get."""
    lines = list(order.lines.select_related("product", "agreement_line__agreement", "order"))
    before = check(order.customer, order.ship_to.country, [_wanted(line, line.open_quantity) for line in lines], order)
    after = check(order.customer, _country(order, steps), list(_lines_after(lines, steps)), order)
    known = set(before.guards)
    fresh = [guard for guard in after.guards if guard not in known]
    return [guard for guard in fresh if guard.kind != "credit" or after.net > before.net]


def _wanted(line: Line, quantity: Decimal, price: Decimal | None = None) -> Wanted:
    """A line for the guards; only a price somebody typed is asked about."""
    typed = line.unit_price / line.per if line.price_source == "manual" else None
    return Wanted(line.product, quantity, typed if price is None else price, line.agreement_line)


def _country(order: Order, steps: Iterable[ChangeStep]) -> str:
    moved = next((step.after for step in steps if step.type == Type.SHIP_TO), None)
    return Address.objects.get(pk=moved).country if moved else order.ship_to.country


def _lines_after(lines: Iterable[Line], steps: Sequence[ChangeStep]) -> Iterable[Wanted]:
    for line in lines:
        mine = [step for step in steps if line.pk in (step.line_id, step.schedule_line and step.schedule_line.line_id)]
        quantity = line.open_quantity + sum((_more(step) for step in mine), Decimal(0))
        price = next((Decimal(step.after[0]) / step.after[1] for step in mine if step.type == Type.PRICE), None)
        if quantity > 0:
            yield _wanted(line, quantity, price)
    added = [step.after for step in steps if step.type == Type.ADD]
    products = Product.objects.in_bulk([after["product"] for after in added])
    for after in added:
        price = Decimal(after["unit_price"]) if after["unit_price"] else None
        yield Wanted(products[after["product"]], Decimal(after["quantity"]), price)


def _more(step: ChangeStep) -> Decimal:
    """By how much a step changes its line's quantity."""
    if step.type in (Type.QUANTITY, Type.CANCEL, Type.REMOVE):
        return Decimal(step.after) - Decimal(step.before)
    return Decimal(0)


def verdict(member: Actor, order: Order, steps: Sequence[ChangeStep], cost: Money | None) -> Verdict:
    """Any member, within what the guards let their role do; extra freight has to fit into their limit."""
    above = [guard for guard in weigh(order, steps) if guard.needs and RANKS[guard.needs] > member.rank]
    if above:
        role = max((Role(guard.needs) for guard in above), key=lambda role: RANKS[role])
        return NeedsApproval(" ".join(guard.sentence for guard in above), role=role)
    return Use(cost, order.customer) if cost else ALLOWED
