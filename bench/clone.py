"""The demo's customers and orders several times over: rows copied inside the database with shifted ids and other numbers."""

from collections.abc import Callable

from django.apps import apps
from django.db import connection, models

from comptoir.demo.ledger import copy
from comptoir.lib.numbers import with_check

STRIDE = 1_000_000
# In the order in which they refer to each other.
CLONED = (
    "customers.Customer", "customers.Contact", "customers.Address", "customers.Identity", "customers.Alert",
    "orders.Order", "orders.OrderHold", "orders.Line", "orders.ScheduleLine", "orders.OrderChange", "orders.ChangeStep",
    "orders.OrderVersion", "promises.Promise", "catalog.Reservation", "events.Event",
    "fulfilment.Shipment", "fulfilment.ShipmentLine",
)  # fmt: skip
NAMES = ("", " Nord", " Sud", " Est", " Ouest", " Centre", " II", " III", " IV", " V")
MOST = 200
# Columns that name a cloned row without a foreign key.
LOOSE = {
    ("promises.Promise", "subject_id"),
    ("promises.Promise", "evidence_id"),
    ("catalog.Reservation", "schedule_line_id"),
}


def multiply(times: int) -> None:
    """Make every customer and order, with all that hangs on them, `times` as many."""
    if not 1 <= times <= MOST:
        raise ValueError(f"Between 1 and {MOST} times, not {times}.")
    with connection.cursor() as cursor:
        last = {label: apps.get_model(label)._base_manager.aggregate(m=models.Max("pk"))["m"] or 0 for label in CLONED}
        _fill_shelves(cursor.execute, times)
        for turn in range(1, times):
            _number("customers_customer", "K", "customer_number", last["customers.Customer"])
            _number("orders_order", "SO", "order_number", last["orders.Order"])
            _number("fulfilment_shipment", "SH", "shipment_number", last["fulfilment.Shipment"])
            for label in CLONED:
                cursor.execute(_clone(label, turn, last[label]))
            cursor.execute(
                "INSERT INTO events_eventsubject (noun, object_id, occurred_at, event_id) "
                f"SELECT noun, object_id + {turn * STRIDE}, occurred_at, event_id + {turn * STRIDE} "
                f"FROM events_eventsubject WHERE event_id <= {last['events.Event']}"
            )
        for label in CLONED:
            restart(apps.get_model(label))


def restart(model: type[models.Model]) -> None:
    """Let the table's ids go on after the highest."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _fill_shelves(execute: Callable[[str], object], times: int) -> None:
    """As much more on the shelves as the copies will set aside."""
    execute(
        f"UPDATE catalog_stock s SET on_hand = on_hand + {times - 1} * r.total FROM "
        "(SELECT stock_id, sum(quantity) AS total FROM catalog_reservation GROUP BY stock_id) r WHERE r.stock_id = s.id"
    )


def _number(table: str, prefix: str, sequence: str, last: int) -> None:
    """A table of old and new numbers, for one turn."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, nextval('{sequence}') FROM {table} WHERE id <= {last}")
        rows = [(pk, f"{prefix}-{with_check(running)}") for pk, running in cursor.fetchall()]
        cursor.execute(f"DROP TABLE IF EXISTS number_{table}")
        cursor.execute(f"CREATE TEMP TABLE number_{table} (id bigint PRIMARY KEY, number text)")
    copy(f"number_{table}", ("id", "number"), rows)


def _clone(label: str, turn: int, last: int) -> str:
    model = apps.get_model(label)
    columns = [f.column for f in model._meta.concrete_fields if not f.generated]
    told = ", ".join(_expression(label, model, column, turn) for column in columns)
    names, table = ", ".join(f'"{c}"' for c in columns), model._meta.db_table
    return f"INSERT INTO {table} ({names}) SELECT {told} FROM {table} t WHERE t.id <= {last}"


def _expression(label: str, model: type[models.Model], column: str, turn: int) -> str:
    shift = turn * STRIDE
    field = next(f for f in model._meta.concrete_fields if f.column == column)
    special = {
        ("customers.Customer", "number"): "(SELECT n.number FROM number_customers_customer n WHERE n.id = t.id)",
        ("orders.Order", "number"): "(SELECT n.number FROM number_orders_order n WHERE n.id = t.id)",
        ("fulfilment.Shipment", "number"): "(SELECT n.number FROM number_fulfilment_shipment n WHERE n.id = t.id)",
        ("fulfilment.Shipment", "tracking_key"): f"t.tracking_key || '{turn}'",
        ("fulfilment.Shipment", "tracking"): f"t.tracking || '{turn}'",
        ("customers.Customer", "name"): f"left(t.name || '{_name(turn)}', 200)",
        ("customers.Customer", "sort_key"): f"left(t.sort_key || lower('{_name(turn)}'), 200)",
        ("orders.OrderVersion", "snapshot"): _renumbered(),
        ("customers.Identity", "value"): _other_value("value", turn),
        ("customers.Identity", "normal"): _other_value("normal", turn),
    }
    if (label, column) in special:
        return special[label, column]
    target = field.related_model._meta.label if isinstance(field, models.ForeignKey) and field.related_model else ""
    is_ours = target in CLONED or column == "id" or (label, column) in LOOSE
    return f't."{column}" + {shift}' if is_ours else f't."{column}"'


def _name(turn: int) -> str:
    return NAMES[turn] if turn < len(NAMES) else f" {turn}"


def _renumbered() -> str:
    """The frozen snapshot speaks of the order by its number."""
    return (
        "(SELECT replace(t.snapshot::text, o.number, n.number)::jsonb FROM orders_order o, number_orders_order n "
        "WHERE o.id = t.order_id AND n.id = t.order_id)"
    )


def _other_value(column: str, turn: int) -> str:
    """Another address at another host, other last digits of a number."""
    return (
        f"CASE WHEN t.kind = 'email' THEN replace(t.{column}, '@', '@h{turn}-') "
        f"ELSE left(t.{column}, -3) || to_char((right(t.{column}, 3)::int + {turn}) % 1000, 'FM000') END"
    )
