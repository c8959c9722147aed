"""The look at the tables that other tests trust."""

import pytest
from django.db import transaction

from comptoir.people.models import Department
from tests.content import content

pytestmark = pytest.mark.django_db


def test_what_is_written_is_seen_and_what_is_undone_is_as_before() -> None:
    Department.objects.create(name="Planning")
    before = content()
    assert content(before) == before
    with transaction.atomic():
        Department.objects.update(name="Purchasing")
        assert {t for t, sign in content(before).items() if sign != before[t]} == {"people_department"}
        transaction.set_rollback(True)
    assert content(before) == before
    Department.objects.all().delete()
    assert content(before) != before
