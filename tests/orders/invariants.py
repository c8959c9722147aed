"""What must hold of orders, promises, reservations, versions, limits and the journal after every act, written from the rules alone."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Count, Sum

from comptoir.actions.models import Limit, LimitCounter, LimitUse
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import AgreementLine, Price, Reservation, Stock, Supply
from comptoir.events.models import Event, EventSubject
from comptoir.fulfilment import queries as fulfilment
from comptoir.fulfilment.models import ShipmentLine
from comptoir.orders import queries as orders
from comptoir.orders.actions.versions import snapshot
from comptoir.orders.models import ChangeStep, Order, OrderChange, OrderVersion, Quote, ScheduleLine
from comptoir.promises import queries as promises
from comptoir.promises.models import STANDING, Promise
from tests.content import Content, content
from tests.orders.goods_kept import GoodsKept

ZERO = Decimal(0)
WATCHED = ("actions", "catalog", "customers", "events", "fulfilment", "orders", "promises")
WAITS = ("promised", "allocated", "picked")
ORDERS = frozenset({"orders_order", "orders_line", "orders_scheduleline"})
GOODS = frozenset({"catalog_stock", "catalog_supply", "catalog_reservation", "catalog_pledge"})
PROMISES = frozenset({"promises_promise"})
CHANGES = frozenset({"orders_orderchange", "orders_changestep", "orders_orderversion"})
SHIPMENTS = frozenset({"fulfilment_shipment", "fulfilment_shipmentline"})
QUOTES = frozenset({"orders_quote", "orders_order"})
SELF_CHECK = 4  # the desk's own check of itself, which asks much of the same, is made after every fourth act
LIMITS = frozenset({"actions_limit", "actions_limitcounter", "actions_limituse"})


def _tables() -> list[str]:
    models = [m for name in WATCHED for m in apps.get_app_config(name).get_models()]
    return sorted({m._meta.db_table for m in models})


def digest(since: Content | None = None) -> Content:
    """A sign for what each table holds; `since` an earlier one of this transaction."""
    return content(since, _tables())


class Memory:
    """What was seen before, and must not have changed since."""

    def __init__(self) -> None:
        self.first: dict[int, date] = {}
        self.wished: dict[int, date] = {}
        self.versions: dict[tuple[int, int], dict[str, Any]] = {}
        self.states: dict[tuple[str, int], str] = {}
        self.closed: dict[int, str] = {}
        self.applied: set[int] = set()
        self.stood: dict[tuple[str, int], Any] = {}
        self.confirmed: dict[int, tuple[Any, ...]] = {}
        self.told = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.acts = 0
        self.kept = GoodsKept()

    def check(self, name: str, written: Collection[str] | None = None) -> list[ScheduleLine]:
        """Raise AssertionError naming what no longer holds after an act; all schedule lines as they stand.

        `written` are the tables the act has changed: what is about others only holds as it did before.
        """
        rows = list(ScheduleLine.objects.select_related("order", "line").order_by("pk"))

        def concerns(*tables: frozenset[str]) -> bool:
            return written is None or any(not one.isdisjoint(written) for one in tables)

        self.acts += 1
        if self.acts % SELF_CHECK == 0:
            for one in (*orders.invariants(), *catalog.invariants(), *promises.invariants(), *fulfilment.invariants()):
                assert not one.count, f"{name}: {one.name}: {one.sample}"
        if concerns(ORDERS, GOODS, PROMISES, SHIPMENTS):
            self._promises(rows)
            self._reservations(rows)
            self._stock()
            self._shipments(rows)
        if concerns(ORDERS, GOODS, SHIPMENTS, CHANGES) or name == "pass_days":
            self.kept.check(name, rows)
        if concerns(ORDERS, CHANGES):
            self._quantities(rows)
            self._dates(rows)
            self._versions(rows)
            self._changes()
            self._steps(name, rows)
        if concerns(QUOTES):
            self._quotes()
        if concerns(LIMITS):
            self._limits()
        if concerns(ORDERS):
            self._journal(name, rows)
        self.told = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        return rows

    def _quantities(self, rows: list[ScheduleLine]) -> None:
        planned: dict[int, Decimal] = defaultdict(Decimal)
        for row in rows:
            planned[row.line_id] += row.quantity
            assert ZERO <= row.delivered_quantity <= row.shipped_quantity <= row.quantity, f"{row}: shipped ≤ ordered"
            assert (row.state == "cancelled") == (row.quantity == 0), (
                f"{row}: nothing is left exactly when it is cancelled"
            )
        for row in rows:
            line = row.line
            assert line.quantity >= line.cancelled_quantity >= ZERO, f"{line}: less than nothing"
            assert planned[line.pk] == line.quantity - line.cancelled_quantity, f"{line}: its schedule does not add up"
            net = (planned[line.pk] * line.unit_price / line.per).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            assert line.net == net, f"{line}: net {line.net} is not {net}"

    def _dates(self, rows: list[ScheduleLine]) -> None:
        for row in rows:
            if row.pk in self.first:
                assert row.first_promised_on == self.first[row.pk], f"{row}: what was first promised was rewritten"
            elif row.first_promised_on:
                self.first[row.pk] = row.first_promised_on
            assert self.wished.setdefault(row.pk, row.requested_on) == row.requested_on, (
                f"{row}: the wish was rewritten"
            )
            if row.state in WAITS:
                assert row.promised_on, f"{row}: promised for no day"
                assert row.ship_by_on, f"{row}: leaves on no day"
                assert row.ship_by_on <= row.promised_on, f"{row}: leaves after it arrives"

    def _promises(self, rows: list[ScheduleLine]) -> None:
        standing: dict[int, list[date | None]] = defaultdict(list)
        for one in Promise.objects.filter(subject_noun="scheduleline", kind="deliver", state__in=STANDING):
            standing[one.subject_id].append(one.due_on)
        for row in rows:
            expected = [row.promised_on] if row.state in (*WAITS, "shipped") else []
            assert standing.pop(row.pk, []) == expected, f"{row} ({row.state}): its promise is another"
        assert not standing, f"promises of what is not there: {standing}"

    def _reservations(self, rows: list[ScheduleLine]) -> None:
        held = {r.schedule_line_id: r for r in Reservation.objects.select_related("stock")}
        for row in rows:
            mine = held.pop(row.pk, None)
            wanted = row.quantity - row.shipped_quantity if row.state in WAITS else ZERO
            assert (mine.quantity if mine else ZERO) == wanted, (
                f"{row} ({row.state}): {wanted} has to be set aside, not {mine}"
            )
            if mine:
                assert mine.needed_on == row.ship_by_on, (
                    f"{row}: set aside for {mine.needed_on}, leaves by {row.ship_by_on}"
                )
                assert mine.stock.product_id == row.line.product_id, f"{row}: another product is set aside"
                site = row.supplied_from_id or row.order.site_id
                assert mine.stock.site_id == site, f"{row}: set aside where it does not leave from"
        assert not held, f"set aside for nobody: {list(held)}"

    def _shipments(self, rows: list[ScheduleLine]) -> None:
        """What has left of a line, and arrived, is what its shipments say that did leave, and arrive."""
        left: dict[int, Decimal] = defaultdict(Decimal)
        come: dict[int, Decimal] = defaultdict(Decimal)
        for one in ShipmentLine.objects.filter(shipment__withdrawn_at=None).select_related("shipment"):
            left[one.schedule_line_id] += one.quantity
            come[one.schedule_line_id] += one.quantity if one.shipment.delivered_on else ZERO
        for row in rows:
            assert (row.shipped_quantity, row.delivered_quantity) == (left[row.pk], come[row.pk]), (
                f"{row}: {row.shipped_quantity} left, {row.delivered_quantity} arrived; shipments: {left[row.pk]}, {come[row.pk]}"
            )

    def _stock(self) -> None:
        """Whose goods are not there on the day they leave, those who need them first being served first, is at risk; nobody else is."""
        lacking: dict[int, Decimal] = {}
        held: dict[int, list[Reservation]] = defaultdict(list)
        supplies: dict[int, list[Supply]] = defaultdict(list)
        for one in Reservation.objects.order_by("needed_on", "pk"):
            held[one.stock_id].append(one)
        for supply in Supply.objects.all():
            supplies[supply.stock_id].append(supply)
        for stock in Stock.objects.all():
            left = stock.on_hand
            for one in held[stock.pk]:
                left -= one.quantity
                come = sum(s.quantity for s in supplies[stock.pk] if s.due_on <= one.needed_on)
                if left + come < 0:
                    lacking[one.schedule_line_id] = min(-left - come, one.quantity)
            assert stock.is_short == any(one.schedule_line_id in lacking for one in held[stock.pk])
        risky = {p.subject_id: p for p in Promise.objects.filter(at_risk_at__isnull=False, state__in=STANDING)}
        assert {pk: Decimal(p.cause["lacks"]) for pk, p in risky.items()} == lacking, f"{risky} at risk, {lacking} lack"
        for promise in risky.values():
            assert promise.state in ("at_risk", "broken"), f"{promise}: lacks goods and is {promise.state}"

    def _versions(self, rows: list[ScheduleLine]) -> None:
        standing: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            standing[row.order_id] += [_values(row), _values(row.line)]
        last: dict[int, OrderVersion] = {}
        seen: dict[int, list[int]] = defaultdict(list)
        for version in OrderVersion.objects.order_by("order_id", "version"):
            known = self.versions.setdefault((version.order_id, version.version), version.snapshot)
            assert known == version.snapshot, f"{version}: a confirmed version was rewritten"
            seen[version.order_id].append(version.version)
            last[version.order_id] = version
        applied = dict(OrderChange.objects.exclude(version_to=None).values_list("order").annotate(n=Count("pk")))
        for order in Order.objects.select_related("customer", "site", "ship_to", "bill_to", "contact"):
            assert seen[order.pk] == list(range(1, order.version + 1)), (
                f"{order}: versions {seen[order.pk]}, not 1 to {order.version}"
            )
            assert applied.get(order.pk, 0) == max(order.version - 1, 0), (
                f"{order}: changes and versions differ in number"
            )
            stands = (_values(order), *standing[order.pk])
            if order.pk in last and self.confirmed.get(order.pk) != stands:
                self.confirmed[order.pk] = stands
                assert snapshot(order) == last[order.pk].snapshot, (
                    f"{order}: what was confirmed last is not what stands here"
                )

    def _changes(self) -> None:
        """A change has a version exactly when something of it was done; until then it has changed nothing."""
        outcomes: dict[int, set[str]] = defaultdict(set)
        for pk, outcome in ChangeStep.objects.values_list("change", "outcome"):
            outcomes[pk].add(outcome)
        for one in OrderChange.objects.all():
            found = outcomes[one.pk]
            assert found, f"{one}: says nothing"
            assert (one.version_to is not None) == (one.state == "applied" and "done" in found), f"{one}: {found}"
            assert (found == {""}) if one.state != "applied" else ("" not in found), f"{one}: {found}"
            if one.version_to is not None:
                assert one.version_to == one.version_from + 1, f"{one}: versions between"
            if one.pk in self.closed:
                assert one.state == self.closed[one.pk], f"{one}: was {self.closed[one.pk]} for good"
            if not one.is_open:
                self.closed[one.pk] = one.state

    def _steps(self, name: str, rows: list[ScheduleLine]) -> None:
        """What is promised to whom at which price is what it was, but for what the steps say that were done since."""
        applied = OrderChange.objects.exclude(version_to=None).exclude(pk__in=self.applied)
        done = list(
            ChangeStep.objects.filter(change__in=applied, outcome="done").select_related(
                "change", "schedule_line__line"
            )
        )
        self.applied |= set(applied.values_list("pk", flat=True))
        apart = self._rests(rows)
        expected, parts, added = dict(self.stood) | apart, [], set()
        for step in done:
            if _is_told(step, self.stood, apart):
                continue
            if step.type == "split":
                parts.append((step.schedule_line.line_id, Decimal(step.after[1]), step.after[2]))
            if step.type == "add":
                added.add(step.schedule_line_id)
                _added_as_told(step)
            for key, before, after in _says(step, rows):
                assert before is None or expected[key] == before, f"{name}: {step}: {expected[key]} stood there"
                expected[key] = after
        found = _standing(rows)
        new = [row for row in rows if ("quantity", row.pk) not in expected and row.pk not in added]
        made = [(row.line_id, row.quantity, _day(row)) for row in new if row.order.version > 1]
        assert sorted(made) == sorted(parts), f"{name}: the parts {made} are not {parts}"
        for key, value in expected.items():
            was_open = self.stood.get(key, value) is None
            assert was_open or found[key] == value, f"{name}: {key} is {found[key]}, not {value} as was agreed"
        self.stood = found

    def _rests(self, rows: list[ScheduleLine]) -> dict[tuple[str, int], Any]:
        """What stands of lines that have left in part and of their rests, which the journal says are apart since."""
        events = Event.objects.filter(pk__gt=self.told, verb="orders.parted").values("pk")
        named = EventSubject.objects.filter(event_id__in=events, noun="scheduleline").order_by("event_id", "object_id")
        pairs = list(named.values_list("object_id", flat=True))
        shipped, found = {row.pk: row.shipped_quantity for row in rows}, {}
        for row, rest in zip(pairs[::2], pairs[1::2], strict=True):
            left = self.stood["quantity", row] - shipped[row]
            found |= {
                ("quantity", row): shipped[row],
                ("quantity", rest): left,
                ("date", rest): self.stood["date", row],
            }
        return found

    def _quotes(self) -> None:
        ordered: dict[int, int] = {}
        for one in Quote.objects.all():
            assert (one.state == "accepted") == (one.order_id is not None), f"{one} ({one.state}): {one.order_id}"
            if one.order_id is not None:
                assert ordered.setdefault(one.order_id, one.pk) == one.pk, f"{one}: its order is another's too"
        assert Order.objects.filter(source="quote").count() == len(ordered), "an order of no quote"

    def _limits(self) -> None:
        given = LimitUse.objects.filter(given_back_at=None).values_list("limit", "member").annotate(total=Sum("amount"))
        amounts = dict(Limit.objects.values_list("pk", "amount"))
        counted = {
            (limit, member): used
            for limit, member, used in LimitCounter.objects.values_list("limit", "member").annotate(Sum("used"))
        }
        assert {key: used for key, used in counted.items() if used} == {(one[0], one[1]): one[2] for one in given}, (
            counted
        )
        for limit, member, total in given:
            months = LimitCounter.objects.filter(limit=limit, member=member).count()
            assert total <= amounts[limit] * months, f"limit {limit}: {total} of {amounts[limit]} given"
            assert counted[limit, member] == total, (
                f"limit {limit}: the counter says {counted[limit, member]}, the ledger {total}"
            )

    def _journal(self, name: str, rows: list[ScheduleLine]) -> None:
        """What has another state than before has an event since."""
        events = Event.objects.filter(pk__gt=self.told)
        about = set(EventSubject.objects.filter(event_id__in=events.values("pk")).values_list("noun", "object_id"))
        states = {("scheduleline", row.pk): row.state for row in rows}
        states |= {("order", order.pk): order.state for order in Order.objects.all()}
        parents = {("scheduleline", row.pk): ("order", row.order_id) for row in rows}
        for key, state in states.items():
            if self.states.get(key) not in (None, state):
                assert key in about or parents.get(key) in about, (
                    f"{name}: {key} became {state} and the journal says nothing"
                )
        self.states = states


def _values(row: Any) -> tuple[Any, ...]:
    return tuple(row.serializable_value(one.attname) for one in row._meta.concrete_fields)


def _day(row: ScheduleLine) -> str | None:
    return row.promised_on.isoformat() if row.promised_on else None


def _standing(rows: list[ScheduleLine]) -> dict[tuple[str, int], Any]:
    """What a customer was told, by what it is about."""
    found: dict[tuple[str, int], Any] = {}
    for row in rows:
        found |= {("quantity", row.pk): row.quantity, ("date", row.pk): _day(row)}
        found |= {
            ("price", row.line_id): (row.line.unit_price, row.line.per),
            ("place", row.order_id): row.order.ship_to_id,
        }
    return found


def _is_told(step: ChangeStep, stood: dict[tuple[str, int], Any], apart: dict[tuple[str, int], Any]) -> bool:
    """A step that says no more than that what has left of a schedule line and its rest are apart since."""
    key = "quantity", step.schedule_line_id
    return step.type == "split" and key in apart and Decimal(step.before) == stood.get(key) != apart[key]


def _added_as_told(step: ChangeStep) -> None:
    """A line that was added has the quantity, the wish and the day that were agreed, at the customer's price where none was."""
    row, after = step.schedule_line, step.after
    assert row.quantity == Decimal(after["quantity"]), f"{step}: {row.quantity}"
    assert row.requested_on.isoformat() == after["requested_on"], f"{step}: wished for {row.requested_on}"
    assert row.promised_on == row.first_promised_on, f"{step}: first promised for {row.first_promised_on}"
    assert _day(row) == after.get("promised_on", _day(row)), f"{step}: promised for {row.promised_on}"
    if after["unit_price"] is None:
        theirs = {"customer": row.order.customer_id, "product": row.line.product_id}
        agreed = AgreementLine.objects.filter(agreement__customer=theirs["customer"], product=theirs["product"]).first()
        own = agreed or Price.objects.filter(**theirs).first()
        price = own or Price.objects.get(customer=None, product=theirs["product"])
        assert (row.line.unit_price, row.line.per) == (price.unit_price, price.per), f"{step}: at {row.line.unit_price}"


def _says(step: ChangeStep, rows: list[ScheduleLine]) -> list[tuple[tuple[str, int], Any, Any]]:
    """What a step is about, what stood there before it, and what stands after it."""
    before, after = step.before, step.after
    if step.type == "ship_to":
        return [(("place", step.change.order_id), before, after)]
    if step.type == "price":
        return [(("price", step.line_id), *((Decimal(price), per) for price, per in (before, after)))]
    if step.type == "remove":
        return [(("quantity", row.pk), None, ZERO) for row in rows if row.line_id == step.line_id]
    if step.type == "date":
        return [(("date", step.schedule_line_id), before, after)]
    if step.type in ("quantity", "cancel", "split"):
        left = after[0] if step.type == "split" else after
        return [(("quantity", step.schedule_line_id), Decimal(before), Decimal(left))]
    return []
