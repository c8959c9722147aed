"""Saved views of a list: kept, shared, counted, begun with."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.lib import clock
from comptoir.orders.actions import hold
from comptoir.orders.models import OrderHold
from comptoir.people import Role
from comptoir.people.models import ListChoice, SavedView
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(lasting):
    with lasting():
        member = build.member(name="Emma Laurent")
        plain, held = build.order(build.customer(), po="PLAIN"), build.order(build.customer("Ursa"), po="HELD")
        hold(held, by=member, kind=OrderHold.Kind.CREDIT)
        yield member, plain, held


@pytest.fixture
def member(shared):
    return build.fresh(shared[0])


@pytest.fixture
def desk(client: Client, member) -> Client:
    client.force_login(member)
    return client


@pytest.fixture
def orders(shared):
    return tuple(build.fresh(order) for order in shared[1:])


def keep(desk: Client, name: str = "Held for credit", query: str = "tab=open&hold=credit", **more: object) -> SavedView:
    answer = desk.post("/views/orders/", {"name": name, "query": query, "columns": ["po", "net"], **more})
    assert answer.status_code == 302, answer.content.decode()
    return SavedView.objects.get(name=name)


def test_a_view_shows_its_filter_its_columns_and_its_count(desk, orders):
    view = keep(desk)
    page = desk.get(f"/orders/?view={view.pk}")
    assert [row.order for row in page.context["page"].rows] == [orders[1]]
    assert page.context["columns"] == ("po", "net")
    assert [(one.name, n, current) for one, n, current in page.context["saved"]] == [("Held for credit", 1, True)]
    assert "Expected" not in page.content.decode()


def test_the_list_begins_with_the_view_its_reader_chose(desk, member, orders):
    view = keep(desk, first="on")
    assert desk.get("/orders/").context["views"].current == view
    assert desk.get("/orders/?tab=open").context["views"].current is None
    desk.post("/views/orders/", {"view": view.pk, "name": view.name, "query": view.query})
    assert desk.get("/orders/").context["views"].current is None


def test_what_was_changed_about_a_view_can_be_kept_or_left(desk, orders):
    view = keep(desk)
    page = desk.get(f"/orders/?view={view.pk}&tab=open&hold=export")
    assert page.context["views"].is_changed
    assert page.context["page"].rows == []
    desk.post("/views/orders/", {"view": view.pk, "name": "Held", "query": "tab=open&hold=export"})
    view.refresh_from_db()
    assert (view.name, view.query) == ("Held", "hold=export&tab=open")
    keep(desk, "Another", view=view.pk, new="1")
    assert SavedView.objects.count() == 2


def test_a_view_that_counts_from_today_moves_on_and_one_with_days_stands(desk, orders, monkeypatch):
    today = clock.today()
    told = desk.get("/orders/", {"dates": "ship_by", "from": f"{today:%d.%m.}", "to": "+2w"}).context["query"]
    view = keep(desk, "Two weeks", told.removeprefix("?"))
    old = keep(desk, "Of old", "from=2020-01-06&to=2020-01-10&tab=open")
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=400))
    moved, stood = (desk.get(f"/orders/?view={one.pk}").context["filters"] for one in (view, old))
    assert moved.span == (today, today + timedelta(days=414))
    assert stood.span == (date(2020, 1, 6), date(2020, 1, 10))
    assert not desk.get(f"/orders/?view={view.pk}").context["views"].is_changed


def test_a_teams_view_is_seen_by_the_team_and_changed_by_its_maker_or_a_supervisor(desk, member, orders, client):
    view = keep(desk, team=build.team().pk)
    for reader, sees in ((build.member(), True), (build.member(teams=(build.team("Elsewhere"),)), False)):
        client.force_login(reader)
        assert ([one for one, *_ in client.get("/orders/").context["saved"]] == [view]) is sees
        refused = client.post("/views/orders/", {"view": view.pk, "drop": "1"})
        assert SavedView.objects.filter(pk=view.pk).exists(), refused
    client.force_login(build.member(Role.SUPERVISOR))
    client.post("/views/orders/", {"view": view.pk, "drop": "1"})
    assert not SavedView.objects.exists()


def test_a_view_of_ones_own_is_nobody_elses(desk, orders, client):
    view = keep(desk)
    client.force_login(build.member())
    page = client.get(f"/orders/?view={view.pk}")
    assert page.context["views"].current is None
    assert page.context["saved"] == []


@pytest.mark.parametrize("name", ["", "x" * 61, "held FOR credit"])
def test_a_name_that_will_not_do_is_said_in_the_dialog(desk, orders, name):
    keep(desk)
    answer = desk.post("/views/orders/", {"name": name, "query": "tab=late"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert SavedView.objects.count() == 1


def test_columns_are_kept_without_a_view(desk, member, orders):
    desk.post("/views/orders/columns/", {"columns": ["site", "rubbish", "po"], "query": "tab=late"})
    assert ListChoice.objects.get(member=member).columns == ["po", "site"]
    assert desk.get("/orders/").context["columns"] == ("po", "site")


def test_ten_views_cost_the_page_no_further_query(desk, orders):
    for number in range(10):
        keep(desk, f"View {number}", "tab=open&mark=late&mark=held&q=ursa")
    with CaptureQueriesContext(connection) as asked:
        desk.get("/orders/?tab=open")
    assert len([one for one in asked if "sort_key" not in one["sql"] or "LIKE" not in one["sql"]]) <= 12


def test_a_page_that_stands_keeps_its_order_and_says_what_is_new(desk, orders, member):
    page = desk.get("/orders/")
    shown = [row.order.pk for row in page.context["page"].rows]
    new = build.order(build.customer("Newer"), days=3)
    again = desk.get("/orders/", {"part": "rows", "shown": list(reversed(shown))})
    assert [row.order.pk for row in again.context["page"].rows] == list(reversed(shown))
    news = desk.get("/orders/", {"part": "news", "since": page.context["since"]})
    assert news.context["new"] == 1
    assert "1 new order" in news.content.decode()
    assert new.number not in news.content.decode()


def test_an_unknown_list_keeps_no_views(desk):
    assert desk.get("/views/nothing/").status_code == 404
    assert desk.post("/views/nothing/columns/").status_code == 404
