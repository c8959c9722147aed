"""What must hold of orders, promises, reservations, versions, limits and the journal after every act, written from the rules alone."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Count, Sum

from comptoir.actions.models import Limit, LimitCounter, LimitUse
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Reservation, Stock, Supply
from comptoir.events.models import Event, EventSubject
from comptoir.fulfilment import queries as fulfilment
from comptoir.orders import queries as orders
from comptoir.orders.actions.versions import snapshot
from comptoir.orders.models import ChangeStep, Order, OrderChange, OrderVersion, Quote, ScheduleLine
from comptoir.promises import queries as promises
from comptoir.promises.models import STANDING, Promise
from tests.content import Content, content

ZERO = Decimal(0)
WATCHED = ("actions", "catalog", "customers", "events", "fulfilment", "orders", "promises")
WAITS = ("promised", "allocated", "picked")


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
        self.told = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def check(self, name: str) -> None:
        """Raise AssertionError naming what no longer holds after an act."""
        for finding in (*orders.invariants(), *catalog.invariants(), *promises.invariants(), *fulfilment.invariants()):
            assert not finding.count, f"{name}: {finding.name}: {finding.sample}"
        rows = list(ScheduleLine.objects.select_related("order", "line").order_by("pk"))
        self._quantities(rows)
        self._dates(rows)
        self._promises(rows)
        self._reservations(rows)
        self._stock()
        self._versions()
        self._changes()
        self._quotes()
        self._limits()
        self._journal(name, rows)

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
        assert not held, f"set aside for nobody: {list(held)}"

    def _stock(self) -> None:
        """Whose goods are not there on the day they leave, those who need them first being served first, is at risk; nobody else is."""
        lacking: dict[int, Decimal] = {}
        for stock in Stock.objects.all():
            left = stock.on_hand
            for held in Reservation.objects.filter(stock=stock).order_by("needed_on", "pk"):
                left -= held.quantity
                come = sum(s.quantity for s in Supply.objects.filter(stock=stock) if s.due_on <= held.needed_on)
                if left + come < 0:
                    lacking[held.schedule_line_id] = min(-left - come, held.quantity)
            assert stock.is_short == any(h.schedule_line_id in lacking for h in stock.reservations.all())
        risky = {p.subject_id: p for p in Promise.objects.filter(at_risk_at__isnull=False, state__in=STANDING)}
        assert {pk: Decimal(p.cause["lacks"]) for pk, p in risky.items()} == lacking, f"{risky} at risk, {lacking} lack"
        for promise in risky.values():
            assert promise.state in ("at_risk", "broken"), f"{promise}: lacks goods and is {promise.state}"

    def _versions(self) -> None:
        last: dict[int, OrderVersion] = {}
        seen: dict[int, list[int]] = defaultdict(list)
        for version in OrderVersion.objects.order_by("order_id", "version"):
            known = self.versions.setdefault((version.order_id, version.version), version.snapshot)
            assert known == version.snapshot, f"{version}: a confirmed version was rewritten"
            seen[version.order_id].append(version.version)
            last[version.order_id] = version
        applied = dict(OrderChange.objects.exclude(version_to=None).values_list("order").annotate(n=Count("pk")))
        for order in Order.objects.all():
            assert seen[order.pk] == list(range(1, order.version + 1)), (
                f"{order}: versions {seen[order.pk]}, not 1 to {order.version}"
            )
            assert applied.get(order.pk, 0) == max(order.version - 1, 0), (
                f"{order}: changes and versions differ in number"
            )
            if order.pk in last:
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
        self.told = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
