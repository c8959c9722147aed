"""Tables of shipments: looked at, applied as one act, undone as one."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action, lock
from comptoir.catalog import book
from comptoir.catalog.actions.stock import lock_stocks
from comptoir.events import record
from comptoir.fulfilment import tables, verbs
from comptoir.fulfilment.actions.delivering import deliver, expect, undo_delivery
from comptoir.fulfilment.actions.shipping import Shipped, orders_of, parcel, ship, withdraw
from comptoir.fulfilment.models import Shipment, ShipmentLine, ShipmentTable
from comptoir.lib import clock
from comptoir.people import any_member
from comptoir.people.models import Member

State = ShipmentTable.State
KEPT = timedelta(days=7)


def keep_table(data: bytes, name: str, *, by: Member) -> ShipmentTable:
    """Keep a table to be looked at; nothing changes. What nobody applied is forgotten after a week."""
    text = book.read(data, "")
    tables.plan(text)
    ShipmentTable.objects.filter(state=State.LOOKED_AT, made_at__lt=clock.now() - KEPT).delete()
    return ShipmentTable.objects.create(name=name.replace("\0", "")[:150] or "shipments.csv", text=text, by=by)


@action(
    "fulfilment.apply_table",
    subject=ShipmentTable,
    authority=any_member,
    title=gettext_lazy("Apply the table"),
    labels={"shown": gettext_lazy("What was looked at")},
    is_public=False,
)
def apply_table(table: ShipmentTable, *, by: Member, shown: str) -> ShipmentTable:
    """Do what was looked at; refused when it would do something else by now. Refused rows are left out."""
    if table.state != State.LOOKED_AT:
        raise ActionError(_("This table was applied already."))
    _lock_all(tables.plan(table.text).to_do)
    plan = tables.plan(table.text)
    if plan.digest != shown:
        raise ActionError(_("The orders have changed since you looked: look at the table once more."))
    if not plan.to_do:
        raise ActionError(_("This table changes nothing."))
    for row in plan.to_do:
        table.done.append(_do(row, by))
    table.state, table.applied_at = State.APPLIED, clock.now()
    table.save(update_fields=["state", "applied_at", "done"])
    record(verbs.TABLE_APPLIED, by=by, on=[table], name=table.name, n=len(table.done))
    return table


def _lock_all(rows: list[tables.Row]) -> None:
    """Everything the rows touch, in one order: orders, the shipments that travel already, stock."""
    lock(*{row.order.pk: row.order for row in rows if row.order}.values())
    lock(*{row.known.pk: row.known for row in rows if row.known}.values())
    lock_stocks((part.line.product, part.site) for row in rows for part, _quantity in row.rows if row.order)


def _do(row: tables.Row, by: Member) -> list[object]:
    """One row; what undoing it needs to know."""
    if row.fate == "arrives" and row.known and row.delivered_on:
        if (
            parcel(row.carrier, row.tracking)
            and not Shipment.objects.filter(pk=row.known.pk, delivered_on=None).exists()
        ):
            return ["nothing", row.known.pk]
        deliver(row.known, by=by, on=row.delivered_on)
        return ["arrived", row.known.pk]
    if row.fate == "expected" and row.known and row.expected_on:
        expect(row.known, by=by, to=row.expected_on)
        return ["nothing", row.known.pk]
    assert row.order is not None
    made = ship(
        row.order, by=by, lines=[Shipped(part, quantity) for part, quantity in row.rows], carrier=row.carrier,
        tracking=row.tracking, handed_over_on=row.handed_over_on, expected_on=row.expected_on,
        source=Shipment.Source.TABLE,
    )  # fmt: skip
    if row.delivered_on:
        deliver(made, by=by, on=row.delivered_on)
    return ["left", made.pk]


@action("fulfilment.undo_table", subject=ShipmentTable, authority=any_member, title=gettext_lazy("Undo the table"))
def undo_table(table: ShipmentTable, *, by: Member) -> ShipmentTable:
    """Take back what the table entered, the last first; expected days stay as the latest news."""
    if table.state != State.APPLIED:
        raise ActionError(_("This table is not applied."))
    named = list(dict.fromkeys((kind, pk) for kind, pk in reversed(table.done) if kind != "nothing"))
    found = Shipment.objects.in_bulk([pk for _kind, pk in named])
    lock(*{order.pk: order for one in found.values() for order in orders_of(one)}.values())
    lock(*found.values())
    inside = ShipmentLine.objects.filter(shipment__in=found)
    inside = inside.select_related(
        "schedule_line__line__product", "schedule_line__order__site", "schedule_line__supplied_from"
    )
    lock_stocks((one.schedule_line.line.product, one.schedule_line.site) for one in inside)
    for kind, pk in named:
        shipment = Shipment.objects.get(pk=pk)
        if shipment.delivered_on:
            undo_delivery(shipment, by=by)
        if kind == "left" and not shipment.withdrawn_at:
            withdraw(shipment, by=by, reason=_("Table {name} undone").format(name=table.name))
    table.state = State.UNDONE
    table.save(update_fields=["state"])
    record(verbs.TABLE_UNDONE, by=by, on=[table], name=table.name)
    return table
