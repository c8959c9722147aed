"""Documents follow events, and a reindex writes the same."""

import pytest

from comptoir.cases.actions.answering import reply, undo_send
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case, Message
from comptoir.customers.actions import add_identity, edit_customer, remove_identity
from comptoir.customers.models import Contact, Identity
from comptoir.events.models import Event
from comptoir.fanout import fanout
from comptoir.people import system
from comptoir.search import documents, queries
from comptoir.search.models import Document
from tests import build
from tests.search.facts import found, tell

pytestmark = pytest.mark.django_db
FIELDS = ("noun", "object_id", "case_id", "customer_id", "scope_team", "title", "at", "norm", "tsv", "digest")


@pytest.fixture
def case(db) -> Case:  # type: ignore[no-untyped-def]
    customer = build.customer("Hydraulique Martin")
    build.contact(customer)
    build.order(customer, po="PO-77341")
    return receive(build.mail(build.WISH)).case


def written() -> list[tuple[object, ...]]:
    return sorted(Document.objects.values_list(*FIELDS))


def broken() -> list[int]:
    return [finding.count for finding in queries.invariants()]


def test_the_fan_out_and_a_reindex_write_the_same(case):
    fanout(list(Event.objects.values_list("pk", flat=True)))
    by_events = [row for row in written() if row[0] != "product"]
    Document.objects.all().delete()
    assert documents.reindex() > 4
    assert [row for row in written() if row[0] != "product"] == by_events
    assert broken() == [0, 0]


def test_following_twice_changes_nothing(case):
    tell()
    before = written()
    tell()
    documents.reindex()
    assert [row for row in written() if row[0] != "product"] == before


def test_whoever_is_renamed_is_found_with_their_orders_and_cases(case):
    tell()
    edit_customer(case.customer, by=build.member(), name="Pneumatique Durand")
    documents.follow([Event.objects.latest("pk").pk])
    told = found(build.member(), "durand")
    assert {"customer", "contact", "order", "case"} <= told.keys()
    assert "order" not in found(build.member(), "hydraulique")
    documents.reindex()
    assert broken() == [0, 0]


def test_an_address_that_is_removed_is_no_longer_found(case):
    add_identity(case.customer, by=system(), kind=Identity.Kind.PHONE, value="+32 2 555 01 99")
    tell()
    assert found(build.member(), "025550199")["customer"]
    remove_identity(Identity.objects.get(value="+32 2 555 01 99"), by=build.member())
    tell()
    assert found(build.member(), "025550199") == {}


def test_rows_that_are_gone_are_forgotten(case):
    tell()
    documents.reindex()
    Message.objects.filter(case=case).delete()
    Contact.objects.all().delete()
    assert broken()[1] > 0
    documents.reindex()
    assert broken() == [0, 0]
    assert found(build.member(), "vendredi") == {}


def test_what_was_erased_from_a_message_is_no_longer_found(case):
    documents.reindex()
    Message.objects.filter(case=case).update(text="", subject="")
    assert broken()[0] == 1
    tell()
    assert found(build.member(), "vendredi") == {}
    assert broken() == [0, 0]


def test_a_reply_taken_back_is_not_found(case):
    message = reply(case, by=build.member(), text="Zauberwort")
    tell()
    assert found(build.member(), "zauberwort")
    undo_send(message, by=message.author)
    tell()
    assert found(build.member(), "zauberwort") == {}


def test_the_self_check_finds_what_is_missing_and_what_lags(case):
    documents.reindex()
    assert broken() == [0, 0]
    Document.objects.filter(noun="order").delete()
    Case.objects.filter(pk=case.pk).update(subject="Autre chose")
    assert broken()[0] == 2
    Case.objects.filter(pk=case.pk).update(team=build.team("Elsewhere"))
    assert broken()[1] == 1


def test_writing_many_documents_takes_few_queries(case, django_assert_max_num_queries):
    for _ in range(5):
        receive(build.mail(build.WISH))
    with django_assert_max_num_queries(40):
        tell()
