"""Reads that are compiled once, and rows written by one statement: the same as the ORM's, in every column."""

import asyncio
import gc
import inspect
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from comptoir.actions.rows import insert_each, write_each
from comptoir.cases.actions.opening import open_new
from comptoir.cases.models import Case
from comptoir.cli.worker import GATHER_SECONDS, gathering
from comptoir.customers.models import Contact
from comptoir.events import journal
from comptoir.lib.prepared import Prepared, first_of, those_of
from comptoir.orders.models import Line, Order, ScheduleLine
from comptoir.people import Role, system
from comptoir.promises.models import Promise
from tests import build

pytestmark = pytest.mark.django_db

ODD = 'Café «1/2" – ½»\\n\n\t Ångström Валерия %s 😀 {"a": [1]}'


def columns(row):
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def ordered() -> Order:
    return build.order(build.customer())


def the_same(one, other):
    assert [columns(row) for row in one] == [columns(row) for row in other]


def every_read() -> list[Prepared]:
    return [one for one in gc.get_objects() if type(one) is Prepared]


def test_every_prepared_read_of_the_desk_is_a_query_postgresql_takes():
    reads = every_read()
    assert len(reads) > 10
    for read in reads:
        places = len(inspect.signature(read.build).parameters)
        read._compile(places)
        used = {value.place for value in read.values if hasattr(value, "place")}
        assert used == set(range(places)), read.sql
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {read.sql}", [None if hasattr(v, "place") else v for v in read.values])


def test_what_a_member_may_not_see_is_not_found_by_the_compiled_read_either():
    """The same read, asked for somebody who sees every case, somebody who does not, and somebody who was sent away."""
    with journal():
        case = open_new(by=system(), subject="Salaries", team=build.team("Board"), channel="phone")
    supervisor, agent, gone = build.member(Role.ADMINISTRATOR), build.member(), build.member(Role.ADMINISTRATOR)
    gone.is_active = False
    for _again in range(2):
        assert those_of(Case.objects.visible_to(supervisor), "pk__any", [case.pk, -1]) == [case]
        for who in (agent, gone):
            assert first_of(Case.objects.visible_to(who), "pk", case.pk) is None
            assert those_of(Case.objects.visible_to(who), "pk__any", [case.pk]) == []


def test_a_prepared_read_gives_what_the_orm_gives():
    orders = [ordered(), ordered()]
    read = Prepared(
        lambda ids, quantity: (
            ScheduleLine.objects.filter(order__any=ids, quantity__gte=quantity)
            .select_related("line__product", "order__contact")
            .annotate(said=Concat(F("line__product__number"), Value(" · 100 %")))
            .order_by("pk")
        )
    )
    for ids in ([orders[0].pk], [row.pk for row in orders]):
        found, rows = read(ids, Decimal(1)), ScheduleLine.objects.filter(order__in=ids).order_by("pk")
        plain = list(rows.select_related("line__product", "order__contact"))
        the_same(found, plain)
        the_same([row.line.product for row in found], [row.line.product for row in plain])
        assert [row.order.contact for row in found] == [row.order.contact for row in plain]
        assert all(row.said == f"{row.line.product.number} · 100 %" for row in found)
        assert not any(row._state.adding for row in found)
    assert read([], Decimal(1)) == []
    assert read([row.pk for row in orders], Decimal(10**6)) == []


def test_what_is_read_is_read_anew_each_time(django_assert_num_queries):
    order = ordered()
    read = Prepared(lambda pk: Order.objects.filter(pk=pk))
    assert read.first(order.pk) == order
    Order.objects.filter(pk=order.pk).update(po_number="4711")
    with django_assert_num_queries(1):
        assert read.first(order.pk).po_number == "4711"
    assert read.first(0) is None


def test_rows_are_inserted_as_they_are():
    order = ordered()
    line = order.lines.get()
    rows = [Line(**{k: v for k, v in columns(line).items() if k != "id"}) for _ in range(3)]
    for at, row in enumerate(rows):
        row.position, row.description, row.quantity = 100 + at, ODD, Decimal("0.001") * at + 5
    assert insert_each(rows) == rows
    stored = list(Line.objects.filter(order=order, position__gte=100).order_by("pk"))
    the_same(rows, stored)
    assert [row.description for row in stored] == [ODD] * 3


def test_promises_and_versions_keep_moments_days_and_snapshots():
    order = ordered()
    promise = Promise.objects.first()
    twin = Promise(**{k: v for k, v in columns(promise).items() if k != "id"} | {"subject_id": 0})
    version = order.versions.get()
    version.pk, version.version, version.snapshot = None, 9, {"lines": [{"text": ODD, "n": None}], "more": {}}
    insert_each([twin])
    insert_each([version])
    the_same([twin], [Promise.objects.get(pk=twin.pk)])
    the_same([version], [order.versions.get(version=9)])


def test_a_row_the_database_refuses_is_refused():
    order = ordered()
    twin = Order(**{k: v for k, v in columns(order).items() if k != "id"})
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_each([twin])


def test_each_row_is_written_its_own_values():
    people = [build.contact(build.customer(name)) for name in ("Martin", "Petit")]
    for at, one in enumerate(people):
        one.name, one.language, one.position = f"{ODD}{at}", "sk", "not written"
    write_each(people, "name", "language")
    assert [Contact.objects.get(pk=one.pk).name for one in people] == [one.name for one in people]
    assert not Contact.objects.filter(position="not written").exists()


def test_a_day_is_written_and_emptied():
    row = build.schedule_line(ordered())
    row.expected_on = date(2030, 2, 28)
    write_each([row], "expected_on")
    assert ScheduleLine.objects.get(pk=row.pk).expected_on == date(2030, 2, 28)
    row.expected_on = None
    write_each([row], "expected_on")
    assert ScheduleLine.objects.get(pk=row.pk).expected_on is None


def test_a_burst_of_jobs_is_told_once_and_everything_else_at_once():
    async def play() -> list[str]:
        told: list[str] = []

        async def tell(*, channel: str, payload: str) -> None:
            told.append(payload)

        hear = gathering(tell)
        for number in range(5):
            await hear(channel="any", payload=f'{{"type": "job_inserted", "job_id": {number}}}')
        await hear(channel="any", payload='{"type": "abort_job_requested", "job_id": 1}')
        assert len(told) == 1
        await asyncio.sleep(GATHER_SECONDS * 2)
        assert len(told) == 2
        await hear(channel="any", payload='{"type": "job_inserted", "job_id": 6}')
        await asyncio.sleep(GATHER_SECONDS * 2)
        return told

    assert len(asyncio.run(play())) == 3, "a later job is told as well"
