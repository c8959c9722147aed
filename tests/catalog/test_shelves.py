"""What can be promised of many stock rows at once, and what the database refuses of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from comptoir.catalog.actions.stock import stock_of
from comptoir.catalog.models import Reservation
from comptoir.catalog.queries import levels, position
from comptoir.catalog.shelves import shelves_of
from comptoir.lib import clock
from tests import build

pytestmark = pytest.mark.django_db


def day(n):
    return clock.today() + timedelta(days=n)


def stock(on_hand=10):
    return stock_of(build.product(on_hand=on_hand), build.site())


def held(row, line, quantity, days):
    return Reservation(stock=row, schedule_line_id=line, quantity=Decimal(quantity), needed_on=day(days))


def test_many_stock_rows_are_asked_by_one_statement():
    rows = [stock(10), stock(20), stock(0)]
    build.supply(rows[2].product, 5, 4)
    Reservation.objects.bulk_create([held(rows[0], 1, 4, 3), held(rows[0], 2, 1, -2), held(rows[1], 3, 20, 9)])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shelves = shelves_of(rows, day(0))
    assert len(asked) == 1
    told = [[(level.on, level.available) for level in shelves[row.pk].levels()] for row in rows]
    assert told == [[(day(0), 5), (day(3), 5)], [(day(0), 0), (day(9), 0)], [(day(0), 0), (day(4), 5)]]


def test_a_lines_own_reservation_is_left_out():
    row = stock(10)
    Reservation.objects.bulk_create([held(row, 1, 4, 3), held(row, 2, 5, 3)])
    assert levels(row, day(0))[0].available == 1
    assert levels(row, day(0), without_line=2)[0].available == 6
    assert position(row, day(0), without_line=2).reserved == 4


def test_rows_that_together_are_too_many_are_refused():
    row, other = stock(10), stock(10)
    with pytest.raises(IntegrityError, match="is asked for"), transaction.atomic():
        Reservation.objects.bulk_create([held(other, 9, 1, 1), held(row, 1, 6, 1), held(row, 2, 5, 1)])
    assert not Reservation.objects.exists()


def test_more_of_a_reservation_is_refused_and_less_is_not():
    row = stock(10)
    Reservation.objects.bulk_create([held(row, 1, 6, 1), held(row, 2, 4, 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.filter(schedule_line_id=1).update(quantity=7)
    row.on_hand = Decimal(5)  # lost goods do not undo what was promised
    row.save()
    assert Reservation.objects.filter(schedule_line_id=1).update(quantity=3) == 1
    assert Reservation.objects.filter(schedule_line_id=1).update(needed_on=day(8)) == 1


def test_a_reservation_that_moves_to_another_stock_is_looked_at():
    row, empty = stock(10), stock(0)
    Reservation.objects.bulk_create([held(row, 1, 6, 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.update(stock=empty)
