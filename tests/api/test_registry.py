"""Every action through the API: it has a schema, lets in by scope, refuses as the screens refuse."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern

from comptoir.actions.scopes import callable_acts
from comptoir.api import openapi, schemas, urls
from tests import world
from tests.actions.test_registry import member_as
from tests.api.asking import asker
from tests.conftest import Lasting
from tests.content import Content, content

NAMES = sorted(callable_acts())
NOTED = {"people_apitoken", "cache"}  # that a token was used, and that a wrong one was


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[world.World]:
    with lasting():
        made = world.make()
        made.extra = {
            "wide": asker(made.boss),
            "stranger": asker(member_as("stranger", made)),
            "rep": asker(made.rep),
        }
        made.extra["bare"] = asker(made.boss, "read:orders", "act:orders.none")
        yield made


@pytest.fixture(scope="module")
def at_rest(shared: world.World) -> Content:
    return content()


@pytest.fixture
def desk(shared: world.World, db: None) -> world.World:
    for row in (shared.customer, shared.order, shared.case, shared.other, shared.foreign):
        row.refresh_from_db()
    return shared


@pytest.fixture
def standing(desk: world.World, at_rest: Content) -> Content:
    """What the desk holds when the test begins."""
    return at_rest.again()


def test_the_document_is_made_without_a_query_and_names_every_action(desk, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    openapi._document.cache_clear()
    with django_assert_num_queries(0):
        document = Client().get("/api/openapi.json").json()
    acts = {item["post"]["operationId"] for item in document["paths"].values() if "post" in item}
    assert acts == set(NAMES)
    assert document["openapi"] == "3.1.0"
    with django_assert_num_queries(0):
        assert Client().get("/api/").status_code == 200


FOR_ANYBODY = {"api", "api-document"}  # what there is, and nothing of what is there


@pytest.mark.parametrize("route", urls.urlpatterns, ids=lambda route: str(route.pattern))
def test_every_address_asks_for_a_token_and_takes_no_cookie(
    desk: world.World, standing: Content, route: URLPattern
) -> None:
    values = {"name": "cases.note", "subject": desk.case.number, "noun": "cases", "named": desk.case.number}
    address = "/" + re.sub(r"<\w+:(\w+)>", lambda found: values[found[1]], str(route.pattern))
    signed_in = Client()
    signed_in.force_login(desk.boss)
    before = content(standing)
    for answer in (signed_in.get(address), signed_in.post(address, {"text": "x"}, content_type="application/json")):
        allowed = (200, 405) if route.name in FOR_ANYBODY else (401, 405)
        assert answer.status_code in allowed
        assert b"Hydraulique" not in answer.content
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
        assert not answer.cookies
    after = content(before)
    assert {t for t in after if after[t] != before[t]} <= {"cache", "django_session"}


@pytest.mark.parametrize("name", NAMES)
def test_every_action_has_a_schema_of_its_inputs(name: str) -> None:
    spec = callable_acts()[name]
    schema = schemas.of_action(spec)
    assert set(schema["properties"]) == set(spec.parameters)
    assert all(openapi.words(one) and one["title"] for one in schema["properties"].values())


@pytest.mark.parametrize("name", NAMES)
def test_a_token_without_the_scope_and_a_member_without_the_right_change_nothing(
    desk: world.World, standing: Content, name: str
) -> None:
    spec = callable_acts()[name]
    subject = world.subject_of(desk, spec)
    address = name if subject is None else f"{name}/{subject.pk}"
    before = content(standing)
    refused = desk.extra["bare"].act(address, {})
    assert (refused.status_code, refused.json()["scope"]) == (403, f"act:{name}")
    odd = desk.extra["wide"].act(address, {"nonsense": 1})
    assert (odd.status_code, list(odd.json()["errors"])) == (422, ["nonsense"])
    elsewhere = desk.extra["wide"].act(f"{name}/none" if subject is not None else f"{name}/1", {})
    assert elsewhere.status_code == 404
    after = content(before)
    assert {t for t in after if after[t] != before[t]} <= NOTED


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(("cases.", "people.", "actions."))])
def test_a_stranger_and_a_rep_are_denied_as_on_the_screens(desk: world.World, standing: Content, name: str) -> None:
    spec = callable_acts()[name]
    subject = world.subject_of(desk, spec)
    raw = world.input_of(desk, spec, subject, desk.boss)
    body = {n: v for n, v in raw.items() if n in spec.parameters}
    address = name if subject is None else f"{name}/{subject.pk}"
    is_of_a_team = spec.subject is not None and hasattr(spec.root(subject) if spec.root else subject, "team_id")
    before = content(standing)
    if is_of_a_team and name != "actions.withdraw":
        assert desk.extra["stranger"].act(address, body).status_code in (403, 404)
    if spec.authority.__qualname__.startswith("at_least") and spec.subject is not None:
        answer = desk.extra["rep"].act(address, body)
        assert answer.status_code in (403, 422), answer.content
    after = content(before)
    changed = {t for t in after if after[t] != before[t]}
    assert changed <= NOTED, changed
