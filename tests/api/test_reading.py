"""Reading through the API: what a member may see, page by page, with few queries."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.actions.scopes import NOUNS
from comptoir.api.reading import READERS
from comptoir.orders.actions.quotes import accept_quote, approve_quote, revise_quote, send_quote
from comptoir.people.models import Member
from tests import build, played, world
from tests.api.asking import Asker, asker
from tests.conftest import Lasting
from tests.offers import sent_quote, written_quote

MOST = 12


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[world.World]:
    with lasting():
        made = world.make()
        for _ in range(3):
            build.order(made.customer, products=3)
        world.pull_in_above_the_limit(made)
        played._promised(made)
        sent_quote(made.customer, made.rep)
        yield made


@pytest.fixture
def desk(shared: world.World, db: None) -> world.World:
    return shared


@pytest.mark.parametrize("noun", sorted(READERS))
def test_a_page_and_a_row_of_each_kind_with_few_queries(desk: world.World, noun: str) -> None:
    by = asker(desk.boss)
    by.get("sites")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = by.get(noun)
    assert page.status_code == 200, page.content
    assert page.json()["data"], f"no {noun} in the test's world"
    first = page.json()["data"][-1]
    with CaptureQueriesContext(connection) as alone:
        row = by.get(f"{noun}/{first['id']}")
    assert row.status_code == 200, row.content
    assert max(len(asked), len(alone)) <= MOST
    assert by.get(f"{noun}/999999999").status_code == 404


def test_an_order_has_its_lines_dates_and_promises(desk: world.World) -> None:
    told = asker(desk.rep).get(f"orders/{desk.order.number}").json()
    assert [line["position"] for line in told["lines"]] == [10, 20]
    part = told["lines"][0]["schedule_lines"][0]
    assert part["requested_on"] == part["promised_on"] == part["promises"][0]["due_on"]
    assert told["net"] == {"amount": "250.00", "currency": "EUR"}


def test_a_quote_has_its_lines_and_what_became_of_it_and_quotes_are_paged_and_narrowed(desk: world.World) -> None:
    by, draft = asker(desk.rep), written_quote(desk.customer, desk.rep)
    told = by.get(f"quotes/{draft.number}").json()
    line = draft.lines.get()
    assert (told["state"], told["sent_at"], told["order"]) == ("draft", None, None)
    assert (told["customer"], told["owner"]) == (desk.customer.number, desk.rep.email)
    assert [(x["product"], x["net"]["amount"]) for x in told["lines"]] == [(line.product.number, "12.50")]
    first = by.get("quotes?limit=1&order=newest").json()
    assert [row["number"] for row in first["data"]] == [draft.number]
    rest = by.get(first["next"].removeprefix("/api/")).json()["data"]
    assert draft.number not in {row["number"] for row in rest}
    assert {row["state"] for row in by.get("quotes", state="sent", customer=desk.customer.number).json()["data"]} == {
        "sent"
    }
    assert draft.number in {row["number"] for row in by.get("quotes", valid_on=str(draft.valid_until)).json()["data"]}
    assert by.get("quotes", valid_on=str(draft.valid_until + timedelta(days=1))).json()["data"] == []
    order = accept_quote(send_quote(draft, by=desk.rep).quote, by=desk.rep)
    assert by.get(f"quotes/{draft.number}").json()["order"] == order.number


def test_a_quote_says_whether_its_prices_are_approved_until_it_is_revised(desk: world.World) -> None:
    by, draft = asker(desk.rep), written_quote(desk.customer, desk.rep)

    def told() -> tuple[str, bool]:
        row = by.get(f"quotes/{draft.number}").json()
        return row["state"], row["prices_approved"]

    assert told() == ("draft", False)
    approve_quote(draft, by=desk.rep)
    assert told() == ("draft", True)
    send_quote(draft, by=desk.rep)
    revise_quote(draft, by=desk.rep)
    assert told() == ("draft", False)
    shape = by.get("openapi.json").json()["components"]["schemas"]["QuoteRow"]
    assert shape["properties"]["prices_approved"] == {"type": "boolean"}
    assert "`prices_approved`" in shape["description"]


def test_a_case_has_the_messages_of_those_who_may_see_it(desk: world.World) -> None:
    rep, boss = asker(desk.rep), asker(desk.boss)
    own = rep.get(f"cases/{desk.case.number}").json()
    assert [message["direction"] for message in own["messages"]] == ["in"]
    assert "Claire Moreau" in own["messages"][0]["text"]
    assert own["case"]["customer"] == desk.customer.number
    assert desk.foreign.number not in rep.get("cases").content.decode()
    assert desk.foreign.number in boss.get("cases").content.decode()


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_pages_are_stable_while_rows_come_in(desk: world.World, order: str) -> None:
    by, found, address = asker(desk.rep), [], f"orders?limit=1&order={order}"
    expected = [row["id"] for row in by.get("orders", order=order).json()["data"]]
    for _page in expected:
        page = by.get(address).json()
        found += [row["id"] for row in page["data"]]
        address = page["next"] and page["next"].removeprefix("/api/")
        build.order(desk.customer)
    assert found == expected
    assert bool(address) is (order == "oldest")


def test_what_happened_since_is_found_and_the_rest_is_not(desk: world.World) -> None:
    by = asker(desk.boss)
    as_of = by.get("orders").json()["as_of"]
    assert as_of.endswith("Z")
    late = by.get("orders", updated_since="2999-01-01T00:00:00Z").json()
    assert late["data"] == []
    again = by.get("orders", updated_since=as_of).json()["data"]
    assert {row["id"] for row in again} <= {row["id"] for row in by.get("orders").json()["data"]}
    assert build.order(desk.customer).pk in {row["id"] for row in by.get("orders", updated_since=as_of).json()["data"]}


def test_filters_let_through_what_they_say(desk: world.World) -> None:
    by, customer = asker(desk.boss), desk.customer
    other = build.order(build.customer("Other SARL"), po="X-1")
    ids = {row["id"] for row in by.get("orders", customer=customer.number).json()["data"]}
    assert desk.order.pk in ids
    assert other.pk not in ids
    assert [row["id"] for row in by.get("orders", po="x 1").json()["data"]] == [other.pk]
    assert by.get("orders", customer="K-none").json()["data"] == []
    assert desk.case.number in {row["number"] for row in by.get("cases", order_number=desk.order.number).json()["data"]}
    assert by.get("promises", state="open", kind="answer").json()["data"][0]["owner"] == desk.rep.email


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"after": "-1"}, {"after": "9" * 30}, {"order": "up"},
        {"nonsense": "1"}, {"state": "asleep"}, {"placed_from": "soon"}, {"placed_from": "0001-01-01T00:00:00+23:59"},
        {"updated_since": "2026-13-01T00:00:00Z"}, {"state": ["ready", "draft"]},
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_told_by_name(desk: world.World, query: dict[str, str]) -> None:
    answer = asker(desk.rep).get("orders", **query)
    assert answer.status_code == 422, answer.content
    assert list(answer.json()["errors"]) == list(query)


def test_a_plus_in_a_moment_that_became_a_space_is_one_again(desk: world.World) -> None:
    assert asker(desk.rep).get("orders?updated_since=2026-11-25T08:00:00+01:00").status_code == 200


@pytest.mark.parametrize("noun", sorted(READERS))
def test_a_token_reads_what_its_scopes_say_and_nothing_else(desk: world.World, noun: str) -> None:
    scope = READERS[noun].scope
    others = [f"read:{other}" for other in NOUNS if other != scope] + ["act:orders"]
    lacking, having = asker(desk.boss, *others), asker(desk.boss, f"read:{scope}")
    for address in (noun, f"{noun}/1"):
        answer = lacking.get(address)
        assert (answer.status_code, answer.json()["scope"]) == (403, f"read:{scope}")
    assert having.get(noun).status_code == 200


@pytest.mark.parametrize("noun", sorted(READERS))
def test_whoever_has_left_reads_nothing(desk: world.World, noun: str) -> None:
    gone = build.member()
    by = asker(gone)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    assert by.get(noun).status_code == 401
    gone.refresh_from_db()
    assert not READERS[noun].visible(gone).exists()


def test_other_methods_and_addresses_are_problems(desk: world.World) -> None:
    by = asker(desk.rep)
    assert by.get("nothing").json()["type"] == "/api/#not-found"
    assert by.get("orders/%00").status_code == 400
    answer = Client().post("/api/orders")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert Client().get("/api/").headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    bare = Asker("").get("orders")
    assert bare.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert bare.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in bare.headers
