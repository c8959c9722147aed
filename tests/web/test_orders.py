"""An order's page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.cases.actions.incoming import receive
from comptoir.catalog.models import ProductUnit
from comptoir.lib import clock
from comptoir.lib.calendar import next_business_day
from comptoir.orders.actions import NewLine, cancel_quantity, confirm, hold, place, pull_in, split
from comptoir.orders.models import Order, OrderChange, OrderHold, ScheduleLine
from comptoir.people import Role, system
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(lasting):
    with lasting():
        customer = build.customer()
        order = build.order(customer, po="PO-77341", products=2, contact=build.contact(customer))
        yield build.member(name="Emma Laurent"), order


@pytest.fixture
def member(shared):
    return build.fresh(shared[0])


@pytest.fixture
def desk(client: Client, member) -> Client:
    client.force_login(member)
    return client


@pytest.fixture
def order(shared):
    return build.fresh(shared[1])


def text_of(desk: Client, url: str) -> str:
    answer = desk.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_the_page_shows_lines_dates_and_sums(desk, order):
    page = text_of(desk, order.get_absolute_url())
    assert "PO-77341" in page
    assert "Claire Moreau" in page
    assert page.count("Gear pump") >= 2
    assert "€250.00" in page
    assert "10 set aside" in page


@pytest.mark.parametrize(
    "query",
    ["", *(f"?part={part}" for part in ("head", "main", "context", "section&open=promises", "section&open=versions"))],
)
def test_a_page_asks_the_database_at_most_twelve_times(desk, order, member, query):
    pull_in(build.schedule_line(order), by=member, to=build.workday(8), reason=build.reason())
    receive(build.mail(build.WISH))
    hold(order, by=member, kind=OrderHold.Kind.EXPORT)
    with CaptureQueriesContext(connection) as asked:
        text_of(desk, order.get_absolute_url() + query)
    assert len(asked) <= 12, "\n".join(q["sql"][:160] for q in asked)


def test_a_section_that_can_wait_is_read_when_it_is_opened(desk, order):
    url = order.get_absolute_url()
    page = text_of(desk, url)
    assert "First confirmation" not in page
    assert "part=section&amp;open=versions" in page
    assert "First confirmation" in text_of(desk, f"{url}?part=section&open=versions")
    assert "First confirmation" in text_of(desk, f"{url}?open=versions")
    assert "First confirmation" in text_of(desk, f"{url}?part=main&open=versions")
    assert desk.get(f"{url}?part=section&open=nothing").status_code == 404


def test_what_is_late_says_so_in_words(desk, order):
    ScheduleLine.objects.filter(order=order, line__position=10).update(promised_on=build.workday(-3))
    page = text_of(desk, order.get_absolute_url())
    assert "1 delivery is late." in page
    assert "days late" in page


def test_what_is_expected_later_than_promised_is_at_risk(desk, order):
    ScheduleLine.objects.filter(order=order, line__position=20).update(expected_on=build.workday(20))
    assert "At risk: +" in text_of(desk, order.get_absolute_url())


def test_a_case_of_another_team_is_not_hinted_at(desk, order):
    case = receive(build.mail(build.WISH)).case
    assert case.subject in text_of(desk, order.get_absolute_url())
    stranger = build.member(teams=(build.team("Elsewhere"),))
    desk.force_login(stranger)
    page = text_of(desk, order.get_absolute_url())
    assert case.number not in page
    assert case.subject not in page
    assert "No case about this order." in page


def test_an_event_of_another_teams_case_is_one_masked_line(desk, order):
    receive(build.mail(build.WISH))
    masked, story = "Something in another team's case", f"{order.get_absolute_url()}?part=section&open=story"
    assert masked not in text_of(desk, story)
    desk.force_login(build.member(teams=(build.team("Elsewhere"),)))
    assert masked in text_of(desk, story)


def test_every_version_opens_as_it_was_with_what_it_changed(desk, order, member):
    row = build.schedule_line(order)
    pull_in(row, by=member, to=build.workday(8), reason=build.reason(), note="by phone")
    split(
        build.schedule_line(order, 20), by=member, quantity=4, to=build.workday(30), reason=build.reason("split"),
        initiator=OrderChange.Initiator.PLANNER,
    )  # fmt: skip
    cancel_quantity(build.schedule_line(order, 20), by=member, reason=build.reason("cancel"), quantity=2)
    order.refresh_from_db()
    assert order.version == 4
    pages = [text_of(desk, f"{order.get_absolute_url()}versions/{n}/") for n in (1, 2, 3, 4)]
    assert "First confirmation" in pages[0]
    assert "Position 10, promised" in pages[1]
    assert "by phone" in pages[1]
    assert "Position 20, promised" in pages[2]
    assert "Position 20, ordered" in pages[3]
    tab = text_of(desk, f"{order.get_absolute_url()}?open=versions")
    assert "Position 20: Split" in tab
    assert "asked for by: Planner" in tab
    assert desk.get(f"{order.get_absolute_url()}versions/5/").status_code == 404


def test_a_version_says_the_boxes_that_were_ordered_and_the_pieces_in_them(desk):
    product = build.product()
    ProductUnit.objects.create(product=product, unit="box", factor=12)
    wanted = NewLine(product, Decimal(5), build.workday(15), unit="box")
    order = confirm(place(build.customer(), by=system(), lines=[wanted], site=build.site()), by=system())
    assert '5 box <span class="muted small">60 pcs</span>' in text_of(desk, f"{order.get_absolute_url()}versions/1/")


def test_the_approver_of_a_change_is_named(desk, order, member):
    from comptoir.actions.approvals import approve
    from comptoir.actions.door import perform

    build.limit(Role.SENIOR, "500")
    inputs = {
        "to": build.workday(8).isoformat(), "reason": build.reason().pk, "freight_cost_0": "80",
        "freight_cost_1": "EUR", "initiator": "customer",
    }  # fmt: skip
    outcome = perform("orders.pull_in", by=member, subject=build.schedule_line(order), inputs=inputs)
    approve(outcome.approval, by=build.member(Role.SENIOR, name="Marc Senior"))
    tab = text_of(desk, f"{order.get_absolute_url()}?open=versions")
    assert "approved by Marc Senior" in tab
    assert "Extra freight €80.00" in tab


def test_the_confirmation_is_made_once_and_cannot_run_as_ours(desk, order):
    url = f"{order.get_absolute_url()}versions/1/confirmation.pdf"
    first, second = desk.get(url), desk.get(url)
    assert first.content[:5] == b"%PDF-"
    assert first.content == second.content
    assert first.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in first.headers["Content-Security-Policy"]
    assert first.headers["X-Content-Type-Options"] == "nosniff"


def test_the_history_of_promises_has_the_first_and_the_reason(desk, order, member):
    pull_in(build.schedule_line(order), by=member, to=build.workday(8), reason=build.reason())
    page = text_of(desk, f"{order.get_absolute_url()}?open=promises")
    assert "Revised" in page
    assert "Customer asks" in page


def test_what_can_be_promised_is_drawn_and_told(desk, order):
    row = build.schedule_line(order)
    page = text_of(desk, f"/schedule-lines/{row.pk}/available/")
    assert "<svg" in page
    assert "style=" not in page
    assert "this line: 10" in page
    assert "90" in text_of(desk, f"/lines/{row.line_id}/available/")


def test_the_dialog_of_a_date_shows_what_can_be_promised(desk, order):
    row = build.schedule_line(order)
    assert f"/schedule-lines/{row.pk}/available/" in text_of(desk, f"/do/orders.pull_in/{row.pk}/")


def test_a_dialog_in_which_nothing_can_be_entered_offers_nothing_that_is_refused(desk, order, member):
    Order.objects.filter(pk=order.pk).update(state="ready")
    asked = f"/do/orders.confirm/{order.pk}/"
    assert 'type="submit"' in desk.get(asked, headers={"HX-Request": "true"}).content.decode()
    hold(order, by=member, kind=OrderHold.Kind.EXPORT)
    told = desk.get(asked, headers={"HX-Request": "true"}).content.decode()
    assert "is on hold" in told
    assert 'type="submit"' not in told
    assert desk.post(asked).status_code == 422


@pytest.mark.parametrize("path", ["", "?open=versions", "versions/1/", "versions/1/confirmation.pdf"])
def test_nobody_sees_an_order_without_signing_in(client, order, path):
    assert client.get(order.get_absolute_url() + path).status_code == 302


def test_a_dialog_takes_a_day_as_people_say_it_and_shows_it_as_they_type_it(desk, order):
    row, to = build.schedule_line(order), clock.today() + timedelta(days=40)
    address = f"/do/orders.push_out/{row.pk}/"
    asked = desk.get(f"{address}?to={to.isoformat()}").content.decode()
    assert 'type="date"' not in asked
    assert f'name="to" value="{to:%-d.%-m.%Y}"' in asked
    refused = desk.post(address, {"to": "somewhen", "reason": build.reason().code, "initiator": "customer"})
    assert refused.status_code == 422
    assert "«somewhen» is not a day." in refused.content.decode()
    assert 'name="to" value="somewhen"' in refused.content.decode()
    wanted = next_business_day(to, "FR")
    said = f"+{(wanted - clock.today()).days}"
    answer = desk.post(address, {"to": said, "reason": build.reason().pk, "initiator": "customer"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.promised_on == wanted


def test_the_wished_day_of_what_if_is_said_as_anywhere(desk, order):
    row = build.schedule_line(order)
    page = desk.get(f"/schedule-lines/{row.pk}/what-if/?to=%2B30").content.decode()
    assert 'type="date"' not in page
    wished = clock.today() + timedelta(days=30)
    assert f'name="to" value="{wished:%-d.%-m.%Y}"' in page
    odd = desk.get(f"/schedule-lines/{row.pk}/what-if/?to=somewhen").content.decode()
    assert "«somewhen» is not a day." in odd
    assert 'name="to" value="somewhen"' in odd
