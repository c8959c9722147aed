"""Every address × everybody: who may not see a row gets nothing of it, and changes nothing. A new address names its policy here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from comptoir.cases.actions.handoffs import hand_off
from comptoir.lib.roles import Role
from comptoir.people.models import Department, Member
from tests import build, world
from tests.conftest import Lasting
from tests.content import Content, content

Found = Callable[[world.World], dict[str, Any]]
KINDS = ["rep", "stranger", "senior", "specialist", "supervisor", "manager", "administrator"]
SEES_ALL = {"supervisor", "manager", "administrator"}


@dataclass(frozen=True)
class Policy:
    """Who is answered: anybody, every member, or those who see the case the address is about."""

    who: str
    own: Found = lambda desk: {}
    foreign: Found | None = None
    keeps: frozenset[str] = frozenset()  # tables in which a GET may keep what it made, the same bytes for ever


def of_case(desk: world.World) -> dict[str, Any]:
    return {"number": desk.case.number}


def of_message(case: str, **more: int) -> Found:
    return lambda desk: {"pk": getattr(desk, case).messages.first().pk, **more}


def hand_off_of(case: str) -> Found:
    return lambda desk: {"pk": getattr(desk, case).hand_offs.first().pk}


CASE = Policy("case", of_case, lambda desk: {"number": desk.foreign.number})
MESSAGE = Policy("case", of_message("case"), of_message("foreign"))
MEMBERS = Policy("members")
POLICIES: dict[str, Policy] = {
    "account_login": Policy("anybody"),
    "account_logout": Policy("anybody"),
    "account_inactive": Policy("anybody"),
    "account_signup": Policy("anybody"),
    "portal-order": Policy("anybody", lambda desk: {"token": "wrong"}),
    "portal-confirmation": Policy("anybody", lambda desk: {"token": "wrong"}),
    "portal-quote": Policy("anybody", lambda desk: {"token": "wrong"}),
    "portal-quote-paper": Policy("anybody", lambda desk: {"token": "wrong"}),
    "join-form": Policy("anybody"),
    "join": Policy("anybody", lambda desk: {"token": "wrong"}),
    "setup": Policy("anybody"),
    "setup-code": Policy("anybody"),
    "setup-link": Policy("anybody", lambda desk: {"token": "wrong"}),
    "queue": MEMBERS,
    "day": MEMBERS,
    "find": MEMBERS,
    "approvals": MEMBERS,
    "at-risk": MEMBERS,
    "hand-offs": MEMBERS,
    "shipments": MEMBERS,
    "agreements": MEMBERS,
    "agreement": Policy("members", lambda desk: {"number": "AG-0"}),
    "agreement-paper": Policy("members", lambda desk: {"number": "AG-0"}),
    "agreement-file": Policy("members", lambda desk: {"pk": 1}),
    "agreement-file-add": Policy("members", lambda desk: {"number": "AG-0"}),
    "demand": MEMBERS,
    "demand-export": Policy("members", lambda desk: {"form": "csv"}),
    "demand-answers": MEMBERS,
    "shipment-upload": MEMBERS,
    "shipment-table": Policy("members", lambda desk: {"pk": 1}),
    "order-change": Policy("members", lambda desk: {"number": desk.order.number}),
    "order-change-keep": Policy("members", lambda desk: {"number": desk.order.number}),
    "order-offer-mail": Policy("members", lambda desk: {"number": desk.order.number, "pk": 1}),
    "order-ship": Policy("members", lambda desk: {"number": desk.order.number}),
    "find-pick": Policy("members", lambda desk: {"noun": "customer"}),
    "hand-off": Policy("case", hand_off_of("case"), hand_off_of("foreign")),
    "orders": MEMBERS,
    "orders-export": Policy("members", lambda desk: {"form": "csv"}),
    "orders-bulk": Policy("members", lambda desk: {"name": "hold"}),
    "orders-undo": MEMBERS,
    "view-save": Policy("members", lambda desk: {"name": "orders"}),
    "view-columns": Policy("members", lambda desk: {"name": "orders"}),
    "order-new": MEMBERS,
    "order-parts": MEMBERS,
    "order-offer": MEMBERS,
    "order-twin": MEMBERS,
    "order-keep": MEMBERS,
    "quotes": MEMBERS,
    "quote-new": MEMBERS,
    "quote": Policy("members", lambda desk: {"number": "QU-1"}),
    "quote-edit": Policy("members", lambda desk: {"number": "QU-1"}),
    "quote-mail": Policy("members", lambda desk: {"number": "QU-1"}),
    "quote-preview": Policy("members", lambda desk: {"number": "QU-1"}),
    "quote-paper": Policy("members", lambda desk: {"number": "QU-1", "version": 1}),
    "order-read": MEMBERS,
    "order-draft-discard": Policy("members", lambda desk: {"pk": 1}),
    "order-draft-restore": Policy("members", lambda desk: {"pk": 1}),
    "product-file": Policy("members", lambda desk: {"pk": 1}),
    "product-file-add": Policy("members", lambda desk: {"pk": desk.order.lines.first().product_id}),
    "product-use": Policy("members", lambda desk: {"pk": desk.order.lines.first().product_id}),
    "product-into-reply": Policy("members", lambda desk: {"pk": desk.order.lines.first().product_id}),
    "product-into-order": Policy("members", lambda desk: {"pk": desk.order.lines.first().product_id}),
    "customers": MEMBERS,
    "customers-export": MEMBERS,
    "styleguide": MEMBERS,
    "settings": MEMBERS,
    "settings-section": Policy("members", lambda desk: {"name": "teams"}),
    "account-save": MEMBERS,
    "account-password": MEMBERS,
    "account-looks": MEMBERS,
    "demo": MEMBERS,
    "demo_outbox": MEMBERS,
    "demo_file": Policy("members", lambda desk: {"pk": 1, "index": 0}),
    "invitation": Policy("members", lambda desk: {"act": "again", "pk": desk.rep.pk}),
    "invitation act": Policy("members", lambda desk: {"act": "invite"}),
    "token": Policy("members", lambda desk: {"pk": desk.rep.pk}),
    "mailbox": Policy("members", lambda desk: {"pk": build.inbox().pk}),
    "mailbox-test": Policy("members", lambda desk: {"pk": build.inbox().pk}),
    "order": Policy("members", lambda desk: {"number": desk.order.number}),
    "order-link": Policy("members", lambda desk: {"number": desk.order.number}),
    "order-version": Policy("members", lambda desk: {"number": desk.order.number, "version": 1}),
    "order-confirmation": Policy(
        "members",
        lambda desk: {"number": desk.order.number, "version": 1},
        keeps=frozenset({"files_file", "orders_orderversion"}),
    ),
    "what-if": Policy("members", lambda desk: {"pk": build.schedule_line(desk.order).pk}),
    "schedule-available": Policy("members", lambda desk: {"pk": build.schedule_line(desk.order).pk}),
    "line-available": Policy("members", lambda desk: {"pk": desk.order.lines.first().pk}),
    "documents": MEMBERS,
    "accuracy": MEMBERS,
    "document": Policy("members", lambda desk: {"pk": 1}),
    "document-file": Policy("members", lambda desk: {"pk": 1}),
    "document-page": Policy("members", lambda desk: {"pk": 1, "page": 1}),
    "layouts": Policy("members", lambda desk: {"number": desk.customer.number}),
    "order-truth": Policy("members", lambda desk: {"number": desk.order.number}),
    "products": MEMBERS,
    "products-export": Policy("members", lambda desk: {"form": "csv"}),
    "product-tables": MEMBERS,
    "product-table": Policy("members", lambda desk: {"pk": 1}),
    "product-table-apply": Policy("members", lambda desk: {"pk": 1}),
    "product": Policy("members", lambda desk: {"number": desk.order.lines.first().product.number}),
    "customer-open-orders": Policy("members", lambda desk: {"number": desk.customer.number, "form": "xlsx"}),
    "customer-reports": Policy("members", lambda desk: {"number": desk.customer.number}),
    "customer": Policy("members", lambda desk: {"number": desk.customer.number}),
    "act name": Policy("members", lambda desk: {"name": "cases.log_contact"}),
    "act": Policy(
        "case",
        lambda desk: {"name": "cases.note", "pk": desk.case.pk},
        lambda desk: {"name": "cases.note", "pk": desk.foreign.pk},
    ),
    "case": CASE,
    "case-reply": CASE,
    "case-note": CASE,
    "case-draft": CASE,
    "case-files": CASE,
    "case-order-link": CASE,
    "case-presence": CASE,
    "message-html": MESSAGE,
    "message-source": MESSAGE,
    "attachment": Policy("case", of_message("case", attachment_pk=1), of_message("foreign", attachment_pk=1)),
}


def _routes() -> Iterator[tuple[str, list[str]]]:
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern), f"{pattern}: addresses stand in one list a screen"
        yield pattern.name or str(pattern.pattern), sorted(pattern.pattern.converters)


def policy_of(name: str, asked: list[str]) -> Policy | None:
    """The policy of an address; one whose name has two forms is named with the shorter one's inputs."""
    return next((p for p in (POLICIES.get(f"{name} {' '.join(asked)}"), POLICIES.get(name)) if p is not None), None)


ROUTES = list(_routes())
IDS = [f"{name}({', '.join(asked)})" for name, asked in ROUTES]
each_route = pytest.mark.parametrize(("name", "asked"), ROUTES, ids=IDS)


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[world.World]:
    with lasting():
        made = world.make()
        made.extra = {kind: _member(kind, made) for kind in [*KINDS, "deactivated"]}
        planning = Department.objects.create(name="Planning")
        for case in (made.case, made.foreign):
            hand_off(case, by=made.boss, department=planning, question="When?")  # type: ignore[arg-type]
        yield made


@pytest.fixture(scope="module")
def at_rest(shared: world.World) -> Content:
    return content()


@pytest.fixture
def desk(shared: world.World, at_rest: Content, db: None) -> world.World:
    shared.extra["content"] = at_rest.again()
    return shared


def _member(kind: str, desk: world.World) -> Member:
    if kind == "stranger":
        return build.member(teams=(desk.theirs,))
    if kind == "deactivated":
        gone = build.member(Role.ADMINISTRATOR)
        Member.objects.filter(pk=gone.pk).update(is_active=False)
        return gone
    return build.member(Role(kind))


def signed_in(desk: world.World, kind: str, **more: bool) -> Client:
    client = Client(raise_request_exception=True, **more)  # type: ignore[arg-type]
    if kind != "anonymous":
        client.force_login(desk.extra[kind])
    return client


def address(name: str, found: Found, desk: world.World, asked: list[str]) -> str:
    kwargs = found(desk)
    return reverse(name, kwargs={key: kwargs[key] for key in asked})


def test_every_address_has_a_policy() -> None:
    assert [name for name, asked in ROUTES if policy_of(name, asked) is None] == []


@each_route
def test_without_a_member_only_the_way_in_answers(desk: world.World, name: str, asked: list[str]) -> None:
    policy = policy_of(name, asked)
    assert policy is not None
    clients = {kind: signed_in(desk, kind) for kind in ("anonymous", "deactivated")}
    before = content(desk.extra["content"])
    for kind, client in clients.items():
        for answer in (
            client.get(address(name, policy.own, desk, asked)),
            client.post(address(name, policy.own, desk, asked)),
        ):
            if policy.who == "anybody":
                assert answer.status_code < 500
            else:
                assert answer.status_code in (302, 404), f"{kind}: {answer.status_code}"
                assert answer.status_code == 404 or answer.headers["Location"].startswith("/sign-in/")
    after = content(before)
    assert {t for t in after if after[t] != before[t]} <= {"django_session", "cache"}


@each_route
def test_a_row_that_is_not_theirs_is_nothing_to_them(desk: world.World, name: str, asked: list[str]) -> None:
    policy = policy_of(name, asked)
    assert policy is not None
    if policy.foreign is None:
        pytest.skip("about no row that only some may see")
    ours, theirs = (address(name, found, desk, asked) for found in (policy.own, policy.foreign))
    for kind in KINDS:
        client, hidden = signed_in(desk, kind), ours if kind == "stranger" else theirs
        if kind in SEES_ALL:
            continue
        before = content(desk.extra["content"])
        for answer in (client.get(hidden), client.post(hidden, {"text": "x", "kind": "note"})):
            assert answer.status_code in (404, 405), f"{kind}: {answer.status_code}"
            assert b"Secret matter" not in answer.content
        after = content(before)
        assert {t for t in after if after[t] != before[t]} <= {"django_session", "cache"}


@each_route
def test_reading_changes_nothing_and_every_answer_is_strict(desk: world.World, name: str, asked: list[str]) -> None:
    policy = policy_of(name, asked)
    assert policy is not None
    if policy.who == "anybody":
        pytest.skip("the way in keeps a session")
    found = address(name, policy.own, desk, asked)
    for kind in ("rep", "administrator"):
        client = signed_in(desk, kind)
        before = content(desk.extra["content"])
        answer = client.get(found)
        after = content(before)
        assert answer.status_code in (200, 302, 403, 404, 405), answer.status_code
        assert {t for t in after if after[t] != before[t]} <= policy.keeps, f"{kind}: GET wrote"
        csp = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp
        assert "unsafe-eval" not in csp
        assert "script-src 'self'" in csp or "script-src" not in csp
        assert "frame-ancestors" in csp or "sandbox" in csp
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@each_route
def test_no_post_without_a_token(desk: world.World, name: str, asked: list[str]) -> None:
    policy = policy_of(name, asked)
    assert policy is not None
    client = signed_in(desk, "administrator", enforce_csrf_checks=True)
    assert client.post(address(name, policy.own, desk, asked)).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_those_who_see_a_case_are_answered(desk: world.World, kind: str) -> None:
    client = signed_in(desk, kind)
    own = client.get(reverse("case", args=[desk.case.number])).status_code
    foreign = client.get(reverse("case", args=[desk.foreign.number])).status_code
    assert (own, foreign) == {"stranger": (404, 200)}.get(kind, (200, 200 if kind in SEES_ALL else 404))
