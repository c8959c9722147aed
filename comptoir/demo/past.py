"""What an order of the past leaves behind: promises, changes, versions, events."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from comptoir.catalog.models import Site
from comptoir.demo.ledger import Ledger
from comptoir.demo.trade import FOUR, HOME, Deal, Market, cents
from comptoir.orders import verbs
from comptoir.orders.actions.versions import language_of
from comptoir.orders.models import ChangeStep, Line, Order, OrderChange, OrderHold, OrderVersion, Reason, ScheduleLine
from comptoir.people import system
from comptoir.people.models import Member
from comptoir.promises import verbs as promised
from comptoir.promises.actions import Due
from comptoir.promises.models import Promise

State = Promise.State


def write(market: Market, deals: list[Deal], ledger: Ledger) -> None:
    """Everything that follows from orders that are written already."""
    desk = system()
    _write_changes(market, deals)
    _write_versions(deals)
    _write_promises(market, deals, ledger, desk)
    for deal in deals:
        _tell_order(deal, ledger)
    _hold_some(market, deals, ledger)


def rep_of(order: Order) -> Member:
    """Whoever looks after the customer."""
    assert order.customer.owner is not None
    return order.customer.owner


def last_change(deal: Deal) -> datetime:
    """When the order became what it says now."""
    return deal.cancelled_at or deal.moved_at or deal.confirmed_at or deal.order.placed_at


# Changes and versions


def _write_changes(market: Market, deals: list[Deal]) -> None:
    dates = list(Reason.objects.filter(kind="date"))
    cancelled = Reason.objects.get(code="customer_cancelled")
    changes: list[OrderChange] = []
    steps: list[ChangeStep] = []
    for deal in deals:
        if deal.moved is None and deal.cancelled_at is None:
            continue
        reason = cancelled if deal.cancelled_at else market.random.choice(dates)
        change = OrderChange(
            order=deal.order, version_from=1, version_to=2, initiator=OrderChange.Initiator.CUSTOMER, reason=reason,
            by=rep_of(deal.order), at=last_change(deal),
        )  # fmt: skip
        changes.append(change)
        steps += _steps(deal, change)
    OrderChange.objects.bulk_create(changes)
    ChangeStep.objects.bulk_create(steps)


def _steps(deal: Deal, change: OrderChange) -> Iterable[ChangeStep]:
    if deal.moved:
        row, before = deal.moved
        assert row.promised_on is not None
        yield ChangeStep(
            change=change, type="date", schedule_line=row, before=before.isoformat(), after=row.promised_on.isoformat()
        )
        return
    for row in deal.rows:
        yield ChangeStep(
            change=change, type="cancel", schedule_line=row, before=str(deal.asked[id(row)]), after=str(row.quantity)
        )


def _write_versions(deals: list[Deal]) -> None:
    made: list[OrderVersion] = []
    for deal in deals:
        order = deal.order
        if order.version == 0:
            continue
        last_at = last_change(deal)
        if order.version == 2:
            made.append(
                OrderVersion(
                    order=order, version=1, snapshot=frozen(deal, 1), confirmed_at=deal.confirmed_at or order.placed_at
                )
            )
        made.append(
            OrderVersion(order=order, version=order.version, snapshot=frozen(deal, order.version), confirmed_at=last_at)
        )
    OrderVersion.objects.bulk_create(made, batch_size=1_000)


def frozen(deal: Deal, version: int) -> dict[str, Any]:
    """The snapshot of a version, exactly as `orders.versions.snapshot` would have frozen it, without asking the database."""
    order, is_first = deal.order, version < deal.order.version
    lines = [_frozen_line(deal, line, is_first) for line in deal.lines]
    bases: dict[Decimal, Decimal] = {}
    for line, told in zip(deal.lines, lines, strict=True):
        bases[line.tax_rate] = bases.get(line.tax_rate, Decimal(0)) + Decimal(told["net"])
    rates = [(rate, base, cents(base * rate / 100)) for rate, base in sorted(bases.items())]
    net = cents(sum(bases.values(), Decimal(0)))
    tax = sum((tax for _rate, _base, tax in rates), Decimal(0))
    return {
        "seller": seller(order.site), "number": order.number, "version": version, "po_number": order.po_number,
        "po_date": order.po_date.isoformat() if order.po_date else None, "currency": order.currency,
        "customer": order.customer.name, "customer_number": order.customer.number, "tax_id": order.customer.tax_id,
        "contact": order.contact.name if order.contact else "", "language": language_of(order),
        "ship_to": order.ship_to.lines, "bill_to": order.bill_to.lines, "incoterm": order.incoterm,
        "terms": order.terms, "lines": lines, "net": str(net), "tax": str(tax), "gross": str(net + tax),
        "rates": [[str(rate), str(base), str(tax)] for rate, base, tax in rates], "tax_reason": order.tax_reason,
    }  # fmt: skip


def seller(site: Site) -> dict[str, Any]:
    """Our own side of a confirmation."""
    return {
        "name": site.company or site.name, "address": site.address.splitlines(), "tax_id": site.tax_id,
        "city": site.city,
    }  # fmt: skip


def _frozen_line(deal: Deal, line: Line, is_first: bool) -> dict[str, Any]:
    quantity = line.quantity if is_first else line.open_quantity
    net = cents(quantity * line.unit_price).quantize(FOUR)
    schedule = []
    for row in deal.rows_of(line):
        amount = deal.asked.get(id(row), row.quantity) if is_first else row.quantity
        day = row.first_promised_on if is_first else row.promised_on
        if amount:
            schedule.append(
                {
                    "quantity": str(amount), "requested_on": row.requested_on.isoformat(),
                    "promised_on": day.isoformat() if day else None,
                }
            )  # fmt: skip
    return {
        "position": line.position, "part": line.product.number, "customer_part": line.customer_part,
        "description": line.description, "quantity": str(quantity), "unit": line.unit,
        "unit_price": str(line.unit_price), "per": line.per, "net": str(net), "tax_rate": str(line.tax_rate),
        "schedule": schedule,
    } | _ordered(line, quantity)  # fmt: skip


def _ordered(line: Line, quantity: Decimal) -> dict[str, str]:
    if not line.is_said_otherwise or quantity != line.quantity:
        return {}
    return {"ordered_quantity": str(line.ordered_quantity), "ordered_unit": line.ordered_unit}


# Promises


def _write_promises(market: Market, deals: list[Deal], ledger: Ledger, desk: Member) -> None:
    now: list[tuple[Deal, ScheduleLine, Promise]] = []
    before: list[tuple[Deal, ScheduleLine, Promise]] = []
    for deal in deals:
        if deal.confirmed_at is None:
            continue
        for row in deal.rows:
            moved = deal.moved is not None and deal.moved[0] is row
            made_at = deal.moved_at if moved else deal.confirmed_at
            assert row.promised_on is not None
            assert row.first_promised_on is not None
            standing = _promise(deal, row, row.promised_on, made_at or deal.confirmed_at)
            now.append((deal, row, standing))
            if moved:
                first = _promise(deal, row, row.first_promised_on, deal.confirmed_at)
                first.state, first.closed_at, first.revised_to = State.REVISED, deal.moved_at, standing
                standing.original_due_at = first.due_at
                before.append((deal, row, first))
            _finish(market, deal, row, standing)
    Promise.objects.bulk_create([p for _d, _r, p in now], batch_size=2_000)
    Promise.objects.bulk_create([p for _d, _r, p in before], batch_size=2_000)
    _tell_promises(now, before, ledger, desk)


def _promise(deal: Deal, row: ScheduleLine, day: date, made_at: datetime) -> Promise:
    order, until = deal.order, Due.by_day(day, row.zone)
    quantity = deal.asked.get(id(row), row.quantity)
    text = f"Delivery of {row.line} ({quantity.normalize():f} {row.line.unit})"
    return Promise(
        kind=Promise.Kind.DELIVER, text=text, customer=order.customer, contact=order.contact,
        subject_noun="scheduleline", subject_id=row.pk, made_by=rep_of(order), owner=rep_of(order), made_at=made_at,
        due_at=until.at, due_on=day, zone=until.zone, original_due_at=until.at,
    )  # fmt: skip


def _finish(market: Market, deal: Deal, row: ScheduleLine, standing: Promise) -> None:
    if row.delivered_on is not None:
        closed_at = min(_at(row.delivered_on, 11), market.now)
        standing.state = State.KEPT_LATE if closed_at > standing.due_at else State.KEPT
        standing.closed_at, standing.evidence_noun, standing.evidence_id = closed_at, "scheduleline", row.pk
    elif deal.cancelled_at is not None:
        standing.state, standing.closed_at = State.WITHDRAWN, deal.cancelled_at
        standing.reason = "Cancelled by the customer"
    elif standing.due_at <= market.now:
        standing.state = State.BROKEN
    elif row.expected_on is not None and row.promised_on is not None and row.expected_on > row.promised_on:
        standing.state = State.AT_RISK


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), HOME)


# Events


def _tell_promises(
    now: list[tuple[Deal, ScheduleLine, Promise]],
    before: list[tuple[Deal, ScheduleLine, Promise]],
    ledger: Ledger,
    desk: Member,
) -> None:
    first_of = {p.revised_to_id: p for _d, _r, p in before}
    for deal, row, promise in [*before, *now]:
        on, rep = [promise, row, deal.order, deal.order.customer], rep_of(deal.order)
        earlier = first_of.get(promise.pk)
        if earlier is None:
            ledger.write(promised.MADE, rep, on, promise.made_at, text=promise.text, due=promise.due)
        else:
            ledger.write(
                promised.REVISED, rep, on, promise.made_at, text=promise.text, before=earlier.due, after=promise.due
            )
        if promise.state in (State.KEPT, State.KEPT_LATE) and promise.closed_at:
            verb = promised.KEPT_LATE if promise.state == State.KEPT_LATE else promised.KEPT
            ledger.write(verb, desk, on, promise.closed_at, text=promise.text)
        elif promise.state == State.BROKEN:
            ledger.write(promised.BROKEN, desk, [*on, rep], promise.due_at, text=promise.text, due=promise.due)
        elif promise.state == State.WITHDRAWN and promise.closed_at:
            ledger.write(promised.WITHDRAWN, rep, on, promise.closed_at, text=promise.text)


def _tell_order(deal: Deal, ledger: Ledger) -> None:
    order, rep = deal.order, rep_of(deal.order)
    on = [order, order.customer]
    ledger.write(verbs.PLACED, rep, on, order.placed_at, number=order.number, po=order.po_number)
    if deal.confirmed_at:
        ledger.write(verbs.CONFIRMED, rep, on, deal.confirmed_at, version=1)
    if deal.moved and deal.moved_at:
        row, before = deal.moved
        ledger.write(
            verbs.DATE_MOVED, rep, [order, row, order.customer], deal.moved_at, line=str(row.line), before=before,
            after=row.promised_on,
        )  # fmt: skip
        ledger.write(verbs.CONFIRMED, rep, on, deal.moved_at, version=2)
    if deal.cancelled_at:
        for row in deal.rows:
            ledger.write(
                verbs.CANCELLED, rep, [order, row, order.customer], deal.cancelled_at, line=str(row.line),
                quantity=deal.asked[id(row)],
            )  # fmt: skip
        ledger.write(verbs.CONFIRMED, rep, on, deal.cancelled_at, version=2)
    _tell_deliveries(deal, ledger)


def _tell_deliveries(deal: Deal, ledger: Ledger) -> None:
    order, rep = deal.order, rep_of(deal.order)
    last: date | None = None
    for row in deal.rows:
        if row.delivered_on is None or row.shipped_on is None:
            continue
        on: list[Any] = [order, row, order.customer]
        told: dict[str, Any] = {"line": str(row.line), "quantity": row.quantity}
        ledger.write(verbs.SHIPPED, rep, on, max(_at(row.shipped_on, 10), deal.confirmed_at or order.placed_at), **told)
        ledger.write(verbs.DELIVERED, rep, on, _at(row.delivered_on, 11), **told)
        last = max(last or row.delivered_on, row.delivered_on)
    if order.state == Order.State.CLOSED and last is not None:
        ledger.write(
            verbs.CLOSED,
            rep,
            [order],
            _at(last, 17) + timedelta(days=1),
        )


def _hold_some(market: Market, deals: list[Deal], ledger: Ledger) -> None:
    """One ready order in three waits for a credit or an export check."""
    ready = [d.order for d in deals if d.order.state == Order.State.READY][::3]
    holds = [
        OrderHold(
            order=order, kind=market.random.choice(("credit", "credit", "export", "price")),
            since=order.placed_at + timedelta(minutes=4),
        )
        for order in ready
    ]  # fmt: skip
    for hold in OrderHold.objects.bulk_create(holds):
        on = [hold.order, hold.order.customer]
        ledger.write(verbs.HELD, rep_of(hold.order), on, hold.since, kind=hold.Kind(hold.kind).label)
