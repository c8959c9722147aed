"""A question sent twice at the same moment is asked once; without the customer's lock it would be asked twice."""

from typing import Any

import pytest

from comptoir.cases.actions import by_link
from comptoir.cases.models import Case, Message
from comptoir.customers.models import Link
from comptoir.orders.actions.order_links import share
from tests import build
from tests.actions.test_races import AtOnce, at_once

__all__ = ["at_once"]
pytestmark = pytest.mark.django_db(transaction=True)


def race(at_once: AtOnce, link: Link, number: int) -> list[Any]:
    """What the same question, sent twice, brought about."""
    Message.objects.all().delete()

    def ask() -> Case:
        return by_link.ask_by_link(
            Link.objects.select_related("customer", "contact").get(pk=link.pk),
            subject="Question", text=f"When? {number}", owner=link.by,
        )  # fmt: skip

    return at_once(ask, ask)


@pytest.fixture
def link() -> Link:
    build.inbox()
    customer, rep = build.customer(), build.member()
    return share(build.order(customer, contact=build.contact(customer)), by=rep)


def test_the_same_question_twice_at_once_is_asked_once(at_once: AtOnce, link: Link) -> None:
    for number in range(20):
        told = race(at_once, link, number)
        assert [one for one in told if isinstance(one, Exception)] == []
        assert Message.objects.count() == 1
    assert Case.objects.count() == 1


def test_the_control_without_the_lock_asks_it_twice(
    at_once: AtOnce, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_link, "lock", lambda *rows: None)
    for number in range(60):
        race(at_once, link, number)
        if Message.objects.count() == 2:
            return
    pytest.fail("the race was never lost")
