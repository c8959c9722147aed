"""The list of orders."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from comptoir.lib import clock
from comptoir.lib.sheets import cell
from comptoir.orders import listing
from comptoir.orders.actions import NewLine, hold, place
from comptoir.orders.filters import SORTS, Filters
from comptoir.orders.models import Order, OrderHold, ScheduleLine
from comptoir.people.models import Member
from comptoir.web import order_export
from tests import build
from tests.conftest import Lasting

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(made: dict[str, int]) -> Member:
    return Member.objects.get(pk=made["member"])


@pytest.fixture
def desk(client: Client, member) -> Client:
    client.force_login(member)
    return client


@pytest.fixture(scope="module")
def made(lasting: Lasting) -> Iterator[dict[str, int]]:
    """The ids of a member and of five orders, made once for all tests here."""
    with lasting():
        member = build.member(name="Emma Laurent")
        yield {"member": member.pk} | {name: order.pk for name, order in orders_for(member).items()}


@pytest.fixture
def world(made: dict[str, int]) -> dict[str, Order]:
    return {name: Order.objects.get(pk=pk) for name, pk in made.items() if name != "member"}


def orders_for(member: Member) -> dict[str, Order]:
    martin, danish = build.customer(), build.customer("Nørresund Smedje", language="da", country="DK")
    danish.owner = member
    danish.save()
    late = build.order(martin, po="PO-77341")
    ScheduleLine.objects.filter(order=late).update(promised_on=build.workday(-3))
    risky = build.order(danish, po="26/4711", days=20)
    ScheduleLine.objects.filter(order=risky).update(expected_on=build.workday(30))
    held = build.order(martin, days=25)
    hold(held, by=member, kind=OrderHold.Kind.EXPORT)
    new = place(danish, by=member, site=build.site(), lines=[NewLine(build.product(), Decimal(1), build.workday(9))])
    old = build.order(martin, days=10)
    Order.objects.filter(pk=old.pk).update(state="closed")
    ScheduleLine.objects.filter(order=old).update(state="delivered", delivered_on=clock.today())
    return {"late": late, "risky": risky, "held": held, "new": new, "old": old}


def shown(member, **filters):
    return [row.order.number for row in listing.page(member, Filters(**filters)).rows]


def names(world, *which):
    return [world[name].number for name in which]


def test_each_tab_holds_its_orders_the_first_due_first(world, member):
    assert shown(member) == names(world, "late", "risky", "held")
    assert shown(member, tab="unconfirmed") == names(world, "new")
    assert shown(member, tab="late") == names(world, "late")
    assert shown(member, tab="risk") == names(world, "risky")
    assert shown(member, tab="held") == names(world, "held")
    assert shown(member, tab="all") == names(world, "old", "new", "held", "risky", "late")
    assert listing.counts(member, Filters()) == {
        "open": 3, "unconfirmed": 1, "discrepant": 0, "unanswered": 0, "late": 1, "risk": 1, "held": 1, "all": 5,
    }  # fmt: skip


def test_filters_narrow_the_rows_the_counts_and_the_sums(world, member):
    danish = world["risky"].customer
    assert shown(member, tab="all", customer=danish.number) == names(world, "new", "risky")
    assert shown(member, tab="all", owner=member.pk) == names(world, "new", "risky")
    assert listing.counts(member, Filters(owner=member.pk))["all"] == 2
    assert [str(total.net) for total in listing.totals(member, Filters(owner=member.pk))] == ["€125.00"]
    assert shown(member, tab="all", states=("closed",)) == names(world, "old")
    assert shown(member, start=build.workday(19), end=build.workday(21)) == names(world, "risky")
    assert shown(member, dates="requested", start=build.workday(14), end=build.workday(16)) == names(world, "late")


@pytest.mark.parametrize("text", ["77341", "po 77341", "PO-77341"])
def test_a_purchase_order_is_found_however_it_is_typed(world, member, text):
    assert shown(member, text=text) == names(world, "late")


def test_text_finds_our_number_and_the_customer_without_accents(world, member):
    assert shown(member, text=world["held"].number.lower()) == names(world, "held")
    assert shown(member, text="norresund") == names(world, "risky")
    assert shown(member, text="nobody at all") == []


@pytest.mark.parametrize("sort", SORTS)
def test_pages_follow_each_other_without_gap_or_repeat(world, member, sort):
    filters, after, seen = Filters(sort=sort), "", []
    while True:
        part = listing.page(member, filters, after, size=1)
        seen += [row.order.number for row in part.rows]
        if not (after := part.after):
            break
    assert seen == shown(member, sort=sort)
    assert len(seen) == 3


def test_a_key_that_cannot_be_read_shows_the_first_page(world, member):
    assert listing.page(member, Filters(), "rubbish_x").rows


@pytest.mark.parametrize(
    "query", ["", "?tab=all&q=norresund&owner=1&from=2020-01-01&customer=1", "?tab=risk", "?sort=newest"]
)
def test_the_page_asks_the_database_at_most_twelve_times_however_many_orders(desk, world, query):
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(f"/orders/{query}").status_code == 200
    assert len(asked) <= 12, "\n".join(q["sql"][:160] for q in asked)


@pytest.mark.parametrize(
    "query", ["?from=x&to=2026-99-01", "?owner=abc", "?owner=99999999999999", "?tab=none&state=none"]
)
def test_what_cannot_be_read_in_the_address_is_left_out(desk, world, query):
    assert desk.get(f"/orders/{query}").status_code == 200


@pytest.mark.parametrize("said", ["+1w", "+7d", "{day:%d.%m.}", "{day:%d/%m/%Y}", "{day:%A}", "{day}"])
def test_days_are_typed_as_elsewhere(desk, world, said):
    day = clock.today() + timedelta(days=7)
    ScheduleLine.objects.filter(order=world["risky"]).update(promised_on=day)
    asked = {"tab": "open", "from": said.format(day=day), "to": said.format(day=day)}
    assert [row.order for row in desk.get("/orders/", asked).context["page"].rows] == [world["risky"]]


def test_a_day_that_cannot_be_read_is_said_and_kept_and_narrows_nothing(desk, world):
    page = desk.get("/orders/?tab=open&dates=requested&from=frii&to=%2B90")
    assert {row.order for row in page.context["page"].rows} == {world[name] for name in ("late", "risky", "held")}
    assert "«frii» is not a day." in page.content.decode()
    fields = desk.get("/orders/?tab=open&from=frii&to=%2B90&part=filters").content.decode()
    assert 'name="from" class="day"' in fields
    assert 'value="frii"' in fields
    assert 'value="+90"' in fields
    (told, link) = page.context["unread"][0]
    assert "frii" not in link
    assert "to=%2B90" in link
    assert told in desk.get("/orders/?from=frii").content.decode()
    assert desk.get("/orders/?from=frii&within=7").context["unread"] == []
    assert "between 1900" in desk.get("/orders/?to=1.1.1234").content.decode()


def test_an_amount_that_cannot_be_read_is_said_and_kept_and_narrows_nothing(desk, world):
    page = desk.get("/orders/?tab=open&least=1.000&most=many")
    assert len(page.context["page"].rows) == 3
    told = [sentence for sentence, _link in page.context["unread"]]
    assert "can be read two ways" in told[0]
    assert "«many» is not a number." in page.content.decode()
    fields = desk.get("/orders/?least=1.000&most=many&part=filters").content.decode()
    assert 'value="1.000"' in fields
    assert 'value="many"' in fields
    assert desk.get("/orders/?least=0&most=126,5").context["unread"] == []


def test_a_day_without_a_year_is_written_into_the_address_and_what_counts_from_today_stays(desk, world):
    day = build.workday(9)
    asked = {"part": "list", "from": f"{day:%d.%m.}", "to": "+2w"}
    answer = desk.get("/orders/", asked, headers={"HX-Request": "true"})
    assert answer.headers["HX-Replace-Url"] == f"/orders/?tab=open&from={day}&to=%2B2w"
    assert (
        f'value="{day.day}.{day.month}.{day.year}"'
        in desk.get("/orders/", asked | {"part": "filters"}).content.decode()
    )


def test_the_address_keeps_only_what_is_set(desk, world):
    answer = desk.get("/orders/?part=list&tab=late&q=&owner=&dates=promised&sort=due", headers={"HX-Request": "true"})
    assert answer.headers["HX-Replace-Url"] == "/orders/?tab=late"
    assert "<html" not in answer.content.decode()


def test_the_rows_leave_as_csv_that_no_spreadsheet_runs(desk, world, member):
    customer = world["late"].customer
    customer.name = '=HYPERLINK("http://evil")'
    customer.save()
    answer = desk.get("/orders/export.csv?tab=all")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["Order"] for row in rows] == shown(member, tab="all")
    assert rows[-1]["Customer"] == '\'=HYPERLINK("http://evil")'
    assert rows[-1]["Net"] == "125.00"
    assert rows[-1]["Days late"] == str((clock.today() - build.workday(-3)).days)
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠a", " =1"])
def test_a_formula_becomes_text(text):
    assert cell(text).startswith("'")


def test_numbers_days_and_names_stay_as_they_are():
    assert [cell(v) for v in (Decimal("-1.50"), 3, clock.today() - timedelta(days=1), "Ångström", None)] == [
        "-1.50", "3", (clock.today() - timedelta(days=1)).isoformat(), "Ångström", "",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/orders/", "/orders/export.csv"])
def test_nobody_reads_the_list_without_signing_in(client, path):
    assert client.get(path).status_code == 302


def test_each_filter_lets_through_what_it_says(world, member):
    danish = world["risky"].customer
    product = world["late"].lines.get().product.number
    assert shown(member, tab="all", country="DK") == names(world, "new", "risky")
    assert shown(member, tab="all", product=product) == names(world, "late")
    assert shown(member, holds=("export",)) == names(world, "held")
    assert shown(member, holds=("credit",)) == []
    assert shown(member, marks=("late",)) == names(world, "late")
    assert shown(member, marks=("late", "held")) == []
    assert shown(member, tab="all", least=Decimal(126)) == []
    assert shown(member, tab="all", most=Decimal(100)) == names(world, "new")
    assert shown(member, tab="all", currency="DKK") == []
    assert shown(member, within="past") == names(world, "late")
    assert shown(member, dates="placed", within="today") == names(world, "late", "risky", "held")
    assert shown(member, dates="ship_by", start=build.workday(18), end=build.workday(22)) == names(world, "risky")
    assert shown(member, site=world["late"].site_id, customer=danish.number) == names(world, "risky")


def test_the_database_keeps_what_the_lines_come_to(world):
    order = world["late"]
    assert (order.sum.net, order.sum.lines) == (Decimal(125), 1)
    order.lines.update(net=100)
    order.sum.refresh_from_db()
    assert order.sum.net == 100
    order.lines.all().delete()
    order.sum.refresh_from_db()
    assert (order.sum.net, order.sum.lines) == (0, 0)


def test_counting_stops_at_a_thousand_and_says_there_are_more(world, desk, member, monkeypatch):
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    assert listing.counts(member, Filters())["all"] == 3
    page = desk.get("/orders/?tab=all").content.decode()
    assert "2+" in page
    assert "part=totals" in page
    assert "5 orders" in desk.get("/orders/?tab=all&part=totals").content.decode()


def test_an_order_of_which_nothing_is_to_come_ends_the_list(world, member):
    ScheduleLine.objects.filter(order=world["late"]).update(state="delivered")
    assert shown(member) == names(world, "risky", "held", "late")
    first = listing.page(member, Filters(), size=2)
    assert [row.order for row in listing.page(member, Filters(), first.after, size=2).rows] == [world["late"]]


def sheet_of(answer):
    return list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))


def test_the_rows_leave_as_a_workbook_in_which_no_text_is_a_formula(desk, world, member):
    customer = world["late"].customer
    customer.name = "=1+1\x0b"
    customer.save()
    answer = desk.get("/orders/export.xlsx?tab=all")
    head, *rows = sheet_of(answer)
    assert [row[0] for row in rows] == shown(member, tab="all")
    assert rows[-1][head.index("Customer")] == "=1+1"
    assert rows[-1][head.index("Net")] == 125
    book = load_workbook(BytesIO(answer.content))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "inlineStr", "n", "d"}


def test_lines_leave_with_their_dates_and_only_of_the_orders_chosen(desk, world):
    head, *rows = sheet_of(desk.get("/orders/export.xlsx", {"lines": "1", "pick": world["risky"].pk}))
    assert [row[head.index("Order")] for row in rows] == [world["risky"].number]
    row = build.schedule_line(world["risky"])
    assert rows[0][head.index("Promised")].date() == row.promised_on
    text = b"".join(desk.get("/orders/export.csv?tab=all&lines=1").streaming_content).decode("utf-8-sig")
    assert len(list(csv.DictReader(StringIO(text)))) == 5


def test_a_table_that_is_cut_off_says_so(desk, world, monkeypatch):
    monkeypatch.setitem(order_export.MOST, "csv", 1)
    text = b"".join(desk.get("/orders/export.csv?tab=all&lines=1").streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == 2
    assert desk.get("/orders/export.exe").status_code == 404
