"""What a customer waits for, and what a department or a superior is asked, is due in the hours in which the desk is open."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from comptoir.actions import ActionError
from comptoir.cases.actions import handoffs
from comptoir.cases.actions.escalating import escalate
from comptoir.cases.actions.incoming import receive
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Case, UpdateRule
from comptoir.catalog.actions.sites import edit_site
from comptoir.catalog.models import Site
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.people import Role
from comptoir.people.models import Department
from tests import build

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 27, 15, tzinfo=ZoneInfo("Europe/Brussels"))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Brussels"))


DECEMBER = datetime(2026, 12, 1, 15, tzinfo=ZoneInfo("Europe/Brussels"))


@pytest.fixture
def case() -> Case:
    build.site()
    build.contact(build.customer())
    return receive(build.mail(build.WISH)).case


def edited(**hours: time) -> Site:
    site = build.site()
    given = {name: getattr(site, name) for name in ("company", "name", "country", "time_zone", "address")} | hours
    return edit_site(site, by=build.member(Role.ADMINISTRATOR), **given)


def test_a_question_of_friday_afternoon_is_due_on_monday_and_the_customer_hears_after_it(case):
    planning, planner = Department.objects.create(name="Planning", answer_hours=6), build.member(teams=())
    planner.department = planning
    planner.save()
    with clock.at(FRIDAY):
        one = handoffs.hand_off(case, by=build.member(), department=planning, question="Earlier?")
        assert round_up(one.due_at) == local(30, 12)
        assert round_up(case.next_update_at) == local(30, 14)
        handoffs.answer_hand_off(one, by=planner, answer="yes", text="Yes")
        case.refresh_from_db()
        assert round_up(case.next_update_at) in (local(27, 17), local(30, 8))  # the last moment of Friday, or the next
        handoffs.ask_again(one, by=one.asked_by, text="All of them?")
        assert round_up(one.due_at) == local(30, 12)


def test_an_escalation_of_friday_afternoon_is_due_on_monday(case):
    with clock.at(FRIDAY):
        raised = escalate(case, by=build.member(), level="senior", reason="The customer calls every hour")
        assert round_up(raised.due_at) == local(30, 10)


@pytest.mark.parametrize(
    ("priority", "rule", "due"),
    [
        ("normal", None, local(30, 15)),
        ("urgent", None, local(27, 16)),
        ("low", None, DECEMBER),
        ("high", 3, local(30, 9)),
    ],
)
def test_what_a_customer_writes_on_friday_afternoon_is_answered_in_open_hours(case, priority, rule, due):
    if rule:
        UpdateRule.objects.create(priority=priority, hours=rule)
    case.priority = priority
    assert next_update(case, FRIDAY) == due
    assert next_update(case, local(28, 11)) >= local(30, 9)  # on a Saturday nobody's clock runs


def test_an_administrator_sets_the_hours_and_clocks_begun_later_run_in_them(client: Client, case):
    edited(opens_at=time(6), closes_at=time(20))
    with clock.at(FRIDAY):
        raised = escalate(case, by=build.member(), level="senior", reason="The customer calls every hour")
        assert round_up(raised.due_at) == local(27, 19)
    assert "Opens at: 08:00 → 06:00" in " ".join(str(event.phrase) for event in story(build.site()))
    client.force_login(build.member(Role.ADMINISTRATOR))
    assert "06:00 to 20:00 on working days" in client.get("/settings/company/").content.decode()
    form = client.get(f"/do/catalog.edit_site/{build.site().pk}/").content.decode()
    assert 'type="time" name="opens_at" value="06:00"' in form


@pytest.mark.parametrize("closes", [time(8), time(7, 59)])
def test_hours_that_end_before_they_begin_are_refused(closes):
    with pytest.raises(ActionError, match="end after they begin"):
        edited(opens_at=time(8), closes_at=closes)
    assert build.site().closes_at == time(17)


def round_up(moment: datetime) -> datetime:
    """To the minute: time passes while the test acts."""
    return moment.replace(second=0, microsecond=0)
