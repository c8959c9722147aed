"""Acting through the API: the door as from a screen."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from comptoir.actions.models import Approval
from comptoir.actions.registry import ACTIONS, action
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.models import Order
from comptoir.people import any_member
from comptoir.people.actions.members import deactivate
from comptoir.people.actions.tokens import add_bot, reactivate_bot, revoke_token
from comptoir.people.models import ApiToken, Member
from tests import build, world
from tests.api.asking import Asker, asker, token
from tests.conftest import Lasting


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[world.World]:
    with lasting():
        yield world.make()


@pytest.fixture
def desk(shared: world.World, db: None) -> world.World:
    return shared


def new_order(desk: world.World, lines: int = 5, **more: object) -> dict[str, object]:
    products = [build.product().number for _ in range(lines)]
    day = build.workday(15).isoformat()
    return {"lines": [{"product": number, "quantity": 3, "requested_on": day} for number in products]} | more


def test_an_order_of_five_lines_is_placed_by_numbers_and_confirmed(desk: world.World) -> None:
    shop = asker(desk.rep)
    made = shop.act(f"orders.place/{desk.customer.number}", new_order(desk, po_number="PO-9", site="MAIN"))
    assert made.status_code == 200, made.content
    told = made.json()
    assert [line["quantity"] for line in told["row"]["lines"]] == ["3"] * 5
    confirmed = shop.act(f"orders.confirm/{told['result']['number']}").json()["row"]
    assert confirmed["state"] == "confirmed"
    parts = [part for line in confirmed["lines"] for part in line["schedule_lines"]]
    assert all(part["promises"][0]["due_on"] == part["promised_on"] for part in parts)


def test_what_is_above_the_limit_waits(desk: world.World) -> None:
    shop, line = asker(desk.rep), build.schedule_line(desk.order)
    wish = {"to": build.workday(8).isoformat(), "reason": build.reason().code, "freight_cost": {"amount": "180", "currency": "EUR"}}  # fmt: skip
    for _again in range(2):
        answer = shop.act(f"orders.pull_in/{line.pk}", wish, key="once")
        assert answer.status_code == 202, answer.content
    approval = Approval.objects.get()
    assert answer.headers["Location"] == f"/api/approvals/{approval.pk}"
    assert shop.get(f"approvals/{approval.pk}").json()["state"] == "pending"
    promised = line.promised_on
    line.refresh_from_db()
    assert line.promised_on == promised


def test_a_key_has_one_effect_and_other_input_under_it_is_refused(desk: world.World) -> None:
    shop, body = asker(desk.rep), new_order(desk, 1)
    first, again = (shop.act(f"orders.place/{desk.customer.number}", body, key="k1") for _ in range(2))
    assert first.json() == again.json()
    assert Order.objects.filter(customer=desk.customer).count() == 2
    other = shop.act(f"orders.place/{desk.customer.number}", body | {"po_number": "PO-2"}, key="k1")
    assert (other.status_code, other.json()["type"]) == (422, "/api/#refused")
    assert shop.act("cases.add_tag", {"name": "x"}, key="k" * 101).status_code == 400


def test_what_does_not_fit_is_told_by_input_and_nothing_is_done(desk: world.World) -> None:
    shop, before = asker(desk.rep), Order.objects.count()
    answer = shop.act(f"orders.place/{desk.customer.number}", {"lines": [], "po_date": "soon", "nonsense": 1})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"nonsense"}
    answer = shop.act(f"orders.place/{desk.customer.number}", {"lines": [], "po_date": "soon"})
    assert set(answer.json()["errors"]) == {"lines", "po_date"}
    line = {"product": "none such", "quantity": "many", "requested_on": "2026-12-01"}
    answer = shop.act(f"orders.place/{desk.customer.number}", {"lines": [line]})
    assert "product" in answer.json()["errors"]["lines"][0]
    for act in ("place", "quote"):
        fine = [new_order(desk, 1)["lines"][0] | {"quantity": quantity} for quantity in ("2.50000", "3.3335")]  # type: ignore[index]
        answer = shop.act(f"orders.{act}/{desk.customer.number}", {"lines": fine})
        assert answer.json()["errors"] == {"lines": ["Line 2: quantity: A quantity has at most three decimals."]}
    for quantity in ("1e30", 1e30, "9" * 40, "1e-30", "1e999999", "NaN"):
        much = [new_order(desk, 1)["lines"][0] | {"quantity": quantity}]  # type: ignore[index]
        answer = shop.act(f"orders.place/{desk.customer.number}", {"lines": much})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["lines"])
    for odd in ("text", 3, {"a": 1}, [1, "x"]):
        assert shop.act(f"orders.place/{desk.customer.number}", {"lines": odd}).status_code == 422
    assert Order.objects.count() == before


def test_days_of_other_ages_and_hours_that_are_missing_are_told(desk: world.World) -> None:
    keeper = asker(desk.boss)
    for first, last in (("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31"), ("2026-01-01", "2200-01-01")):
        days = {"kind": "blanket", "valid_from": first, "valid_until": last}
        answer = keeper.act(f"catalog.add_agreement/{desk.customer.number}", days)
        assert answer.status_code == 422
        assert answer.json()["errors"]["valid_until"] == ["Name a day between 1900 and 2199."]
    answer = keeper.act(f"catalog.edit_site/{build.site().pk}", {"company": "Lyskamp", "opens_at": None})
    assert (answer.status_code, answer.json()["detail"]) == (422, "Say when it opens and when it closes.")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"name": "\\u0000"}', "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"name": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b" " * 1_000_001, "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem_never_a_failure(desk, body, kind, status) -> None:  # type: ignore[no-untyped-def]
    headers = {"Authorization": f"Bearer {token(desk.rep)}"}
    answer = Client().post("/api/act/cases.add_tag", body, content_type=kind, headers=headers)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_edit_changes_what_it_names_and_refuses_what_changed_meanwhile(desk: world.World) -> None:
    shop, address = asker(desk.boss), f"customers.edit/{desk.customer.number}"
    seen = shop.get(f"act/{address}").json()["seen"]
    assert shop.act(address, {"terms": "30 days"}).status_code == 200
    clash = shop.act(address, {"terms": "60 days", "seen": seen})
    assert (clash.status_code, list(clash.json()["errors"])) == (409, ["terms"])
    assert shop.act(address, {"name": "Martin SA", "seen": seen}).status_code == 200
    found = Customer.objects.get(pk=desk.customer.pk)
    assert (found.name, found.terms) == ("Martin SA", "30 days")


def test_what_a_screen_tells_first_the_api_tells_first(desk: world.World) -> None:
    shop, twin = asker(desk.rep), {"name": desk.customer.name, "country": "FR"}
    told = shop.act("customers.add", twin)
    assert told.status_code == 409, told.content
    assert told.json()["notices"]
    assert shop.act(f"customers.add?told={told.json()['told']}", twin).status_code == 200


def test_a_dry_run_says_what_would_change_and_changes_nothing(desk: world.World) -> None:
    shop = asker(desk.rep)
    told = shop.act(f"customers.edit/{desk.customer.pk}?dry_run=true", {"terms": "30 days"}).json()
    assert told["changes"] == [{"label": "Terms", "before": "–", "after": "30 days"}] or told["changes"]
    assert Customer.objects.get(pk=desk.customer.pk).terms == ""


def test_a_row_that_is_not_theirs_is_not_there(desk: world.World) -> None:
    shop = asker(desk.rep)
    for named in (desk.foreign.number, str(desk.foreign.pk), "CS-none"):
        assert shop.act(f"cases.note/{named}", {"text": "x"}).status_code == 404
        assert shop.get(f"cases/{named}").status_code == 404
    assert desk.foreign.messages.count() == 1
    assert shop.act(f"cases.merge/{desk.case.number}", {"into": desk.foreign.number}).status_code == 422


def test_without_a_valid_token_nobody_is_answered(desk: world.World) -> None:
    gone = build.member()
    old = [Asker(token(desk.rep)) for _ in range(2)] + [asker(gone)]
    revoke_token(ApiToken.objects.order_by("pk")[0], by=desk.rep)
    ApiToken.objects.filter(pk=ApiToken.objects.order_by("pk")[1].pk).update(
        expires_at=clock.now() - timedelta(hours=1)
    )
    deactivate(gone, by=desk.boss)
    for one in [*old, Asker("cpt_wrong"), Asker("")]:
        answer = one.get("orders")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    signed_in = Client()
    signed_in.force_login(desk.boss)
    assert signed_in.get("/api/orders").status_code == 401
    assert signed_in.post("/api/act/cases.add_tag", {"name": "x"}, content_type="application/json").status_code == 401


def test_many_wrong_tokens_are_slowed_down_and_a_right_one_is_not(desk: world.World) -> None:
    right, wrong = asker(desk.rep), Asker("cpt_wrong")
    statuses = [wrong.get("orders").status_code for _ in range(25)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert right.get("orders").status_code == 200


def test_a_token_is_known_by_its_hash_and_its_last_use(desk: world.World) -> None:
    shop = asker(desk.rep)
    kept = ApiToken.objects.get()
    assert len(shop.secret) == len("cpt_") + 32
    assert shop.secret not in json.dumps([kept.token_hash, kept.start, kept.name])
    assert kept.last_used_at is None
    shop.get("orders")
    kept.refresh_from_db()
    assert kept.last_used_at is not None


def test_a_new_action_is_there_untouched(desk: world.World) -> None:
    @action(
        "cases.praise", subject=type(desk.case), authority=any_member, title="Note praise", labels={"stars": "Stars"}
    )
    def praise(case: object, *, by: Member, text: str, stars: int = 5) -> None:
        """Keep the customer's praise."""

    try:
        shop = asker(desk.rep, "act:cases.praise")
        document = Client().get("/api/openapi.json").json()
        post = document["paths"]["/api/act/cases.praise/{subject}"]["post"]
        assert post["requestBody"]["content"]["application/json"]["schema"]["required"] == ["text"]
        assert shop.act(f"cases.praise/{desk.case.number}", {"text": "Thanks"}).json()["action"] == "cases.praise"
        assert b"cases.praise" in Client().get("/api/").content
    finally:
        del ACTIONS["cases.praise"]


def test_a_bot_acts_under_its_own_name_and_ends_with_its_account(desk: world.World) -> None:
    bot = add_bot(by=desk.boss, name="Shop", teams=[desk.ours])
    shop = asker(bot)
    assert shop.act(f"cases.note/{desk.case.number}", {"text": "Paid"}).status_code == 200
    assert desk.case.messages.get(text="Paid").author == bot
    deactivate(bot, by=desk.boss)
    reactivate_bot(bot, by=desk.boss)
    assert shop.get("orders").status_code == 401
    assert asker(bot).get("orders").status_code == 200


def test_a_customer_is_answered_through_the_api(desk: world.World) -> None:
    answer = asker(desk.rep).act(f"cases.reply/{desk.case.number}", {"text": "Bonjour"})
    assert answer.status_code == 200, answer.content
    assert desk.case.messages.filter(direction="out", text__startswith="Bonjour").exists()
