"""No page asks the database more than twelve times, however much it shows. A page joins when its address is there."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from comptoir.cases.actions import answering, handling
from comptoir.cases.actions.asks import promise_answer
from comptoir.cases.actions.incoming import receive
from comptoir.catalog.actions import add_agreement_file, set_unit
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, place
from comptoir.people import Role
from tests import build, world
from tests.conftest import Lasting

MOST = 12
OVER = {
    "case": 30,
    "product-use": 14,
}  # what is known to be above it, so that it grows no further; take a line away once it holds

PAGES: dict[str, Callable[[world.World], tuple[str, dict[str, str]]]] = {
    "queue": lambda desk: ("queue", {}),
    "case": lambda desk: ("case", {"number": desk.case.number}),
    "day": lambda desk: ("day", {}),
    "approvals": lambda desk: ("approvals", {}),
    "order": lambda desk: ("order", {"number": desk.order.number}),
    "orders": lambda desk: ("orders", {}),
    "customer": lambda desk: ("customer", {"number": desk.customer.number}),
    "customers": lambda desk: ("customers", {}),
    "products": lambda desk: ("products", {}),
    "product": lambda desk: ("product", {"number": desk.order.lines.first().product.number}),
    "product-use": lambda desk: ("product-use", {"pk": desk.order.lines.first().product_id}),
    "agreements": lambda desk: ("agreements", {}),
    "agreement": lambda desk: ("agreement", {"number": desk.customer.agreements.get().number}),
    "find": lambda desk: ("find", {}),
    "settings": lambda desk: ("settings-section", {"name": "teams"}),
}


def asked_of(desk: world.World, page: str) -> dict[str, str]:
    """What the address asks for, where a page shows more when asked."""
    of_customer = {"customer": desk.customer.number}
    return {"find": {"q": "martin"}, "product": of_customer, "product-use": of_customer}.get(page, {"view": "all"})


@pytest.fixture(scope="module")
def desk(lasting: Lasting) -> Iterator[world.World]:
    """A case with twenty messages, requests, promises, links and drafts."""
    with lasting():
        made = world.make()
        rep, case = made.rep, made.case
        handling.assign(case, by=rep, to=rep)
        for number in range(6):
            receive(build.mail(f"Et la position {number} ?", in_reply_to=case.messages.first().message_id))
            answering.reply(case, by=rep, text="Bonjour", cc="second@martin.example")
            answering.note(case, by=rep, text="Called")  # type: ignore[arg-type]
            world.pull_in_above_the_limit(made)
        promise_answer(case.asks.first(), by=rep, due_at=clock.now() + timedelta(hours=3))
        for word in ("late", "freight"):
            handling.tag(case, by=rep, tag=word)
        for _ in range(10):
            receive(build.mail(build.WISH))
        assert case.messages.count() >= 19
        _agree(made)
        yield made


def _agree(desk: world.World) -> None:
    """A blanket order with call-offs and a signed paper, on the product that the order is of."""
    product, senior = desk.order.lines.first().product, build.member(Role.SENIOR)
    set_unit(product, by=senior, unit="box", factor=Decimal(12))
    agreement = build.agreement(desk.customer, product, "9", in_all=500)
    for name in ("a", "b"):
        add_agreement_file(
            agreement, by=senior, data=b"%PDF-" + name.encode(), content_type="application/pdf", name=f"{name}.pdf"
        )
    for _ in range(3):
        place(desk.customer, by=desk.rep, lines=[NewLine(product, Decimal(2), build.workday(9), unit="box")])


@pytest.mark.django_db
@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_asks_at_most_twelve_times(desk: world.World, client: Client, page: str) -> None:
    name, inputs = PAGES[page](desk)
    try:
        address = reverse(name, kwargs=inputs)
    except NoReverseMatch:
        pytest.skip("this page is not there yet")
    client.force_login(desk.boss if page == "settings" else desk.rep)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(address, asked_of(desk, page))
    assert answer.status_code == 200
    ours = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]  # those are the test's own
    assert len(ours) <= OVER.get(page, MOST), "\n".join(sql[:160] for sql in ours)
