"""The data that the bench measures on are those of a desk that could be."""

import pytest
from django.db.models import F
from django.test import override_settings

from bench import load
from comptoir.actions.models import Approval
from comptoir.cases.models import Case, Message
from comptoir.cli.check import findings
from comptoir.customers.models import Customer, Identity
from comptoir.events.queries import story
from comptoir.lib.invariants import Finding
from comptoir.lib.numbers import valid
from comptoir.orders.models import Order, ScheduleLine
from comptoir.promises.models import Promise

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def filled(lasting, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    with lasting(), override_settings(FILES_ROOT=folder):
        load.fill(12, times=2, share=0.02, vacuum=False)
        yield folder


@pytest.fixture
def desk(filled, settings) -> None:
    settings.FILES_ROOT = filled


def test_a_filled_desk_passes_the_self_check_and_says_what_it_should(desk):
    load.refuse_unsound(findings())
    assert Case.objects.count() == 12
    assert Message.objects.count() > 12 * 10
    assert set(Case.objects.values_list("language", flat=True)) <= {"en", "fr", "da", "sk", "bg"}
    assert all(valid(number) for number in Order.objects.values_list("number", flat=True))
    assert all(valid(number) for number in Customer.objects.values_list("number", flat=True))
    case = Case.objects.exclude(state="closed").first()
    assert len(story(case)) > 2
    assert all(m.raw_file.read() for m in case.messages.filter(direction="in").select_related("raw_file"))


def test_what_was_cloned_hangs_together(desk):
    assert Order.objects.count() % 2 == 0
    for row in ScheduleLine.objects.exclude(promised_on=None).select_related("line__order", "order__ship_to"):
        assert row.line.order_id == row.order_id
        assert row.order.ship_to.customer_id == row.order.customer_id
    rows = ScheduleLine.objects.select_related("order").in_bulk()
    for promise in Promise.objects.filter(kind="deliver"):
        assert rows[promise.subject_id].order.customer_id == promise.customer_id
    assert not Identity.objects.exclude(contact=None).exclude(contact__customer=F("customer")).exists()
    assert not Approval.objects.exists()


def test_a_finding_stops_the_bench():
    with pytest.raises(RuntimeError, match="Silent: 2"):
        load.refuse_unsound([Finding("Sound", 0), Finding("Silent", 2, ["C-1", "C-2"])])
