"""The open-order report: at once, and by mail once a day it is due."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from comptoir.actions import ActionError
from comptoir.actions.due import tick
from comptoir.cases import jobs
from comptoir.cases.actions.reports import end_report, schedule_report
from comptoir.cases.models import Case, Message, ReportRun, ReportSchedule
from comptoir.lib import clock
from comptoir.orders.models import ScheduleLine
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return build.member(name="Emma Laurent")


@pytest.fixture
def customer():
    made = build.customer()
    build.order(made, po="PO-77341", products=2)
    build.inbox()
    return made


@pytest.fixture
def report(customer, member):
    return schedule_report(customer, by=member, contacts=[build.contact(customer)])


def play(report) -> list[ReportRun]:
    """The clock strikes on the day it is due, and the job runs."""
    report.refresh_from_db()
    tick(datetime.combine(report.next_on, datetime.min.time(), clock.now().tzinfo) + timedelta(hours=8))
    runs = list(ReportRun.objects.filter(schedule=report).order_by("pk"))
    for run in runs:
        jobs.send_report(run.pk)
    return list(ReportRun.objects.filter(schedule=report).order_by("pk"))


def test_the_report_names_what_is_still_to_arrive_in_the_customers_language(customer, client, member):
    ScheduleLine.objects.filter(order__customer=customer, line__position=20).update(state="delivered")
    client.force_login(member)
    book = load_workbook(BytesIO(client.get(f"/customers/{customer.number}/open-orders.xlsx").content))
    head, *rows = book.active.iter_rows(values_only=True)
    assert (book.active.title, head[0]) == ("Commandes en cours", "Votre commande")
    assert [(row[0], row[2], row[6]) for row in rows] == [("PO-77341", "10/1", 10)]
    paper = PdfReader(BytesIO(client.get(f"/customers/{customer.number}/open-orders.pdf").content))
    text = "".join(page.extract_text() for page in paper.pages)
    assert "Commandes en cours" in text
    assert "PO-77341" in text
    assert client.get(f"/customers/{customer.number}/open-orders.exe").status_code == 404


def test_on_its_day_it_is_mailed_once_with_both_files(report, customer):
    (run,) = play(report)
    assert run.state == "sent"
    message = run.message
    assert [r.address for r in message.recipients.all()] == ["claire@martin.example"]
    assert sorted(a.name.rpartition(".")[2] for a in message.attachments.all()) == ["pdf", "xlsx"]
    assert message.subject.startswith("Commandes en cours – ")
    assert message.state == "queued"
    assert message.case.state == "resolved"
    jobs.send_report(run.pk)
    tick(clock.now())
    assert Message.objects.filter(direction="out").count() == 1


def test_a_worker_killed_in_between_leaves_it_to_the_next_try(report, monkeypatch):
    report.refresh_from_db()
    with clock.at(clock.now() + timedelta(days=8)):
        tick(clock.now())
        run = ReportRun.objects.get()
        assert run.state == "due"
        monkeypatch.setattr("comptoir.cases.actions.reports.hand_over", lambda message: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.send_report(run.pk)
        assert not Message.objects.filter(direction="out").exists()
        monkeypatch.undo()
        jobs.send_report(run.pk)
    assert Message.objects.filter(direction="out").count() == 1


def test_the_next_one_goes_out_in_the_same_case(report):
    (first,) = play(report)
    _first, second = play(report)
    assert second.message.case == first.message.case
    assert second.due_on == first.due_on + timedelta(days=7)


def test_what_cannot_be_sent_is_seen_as_a_case(report, customer):
    contact = report.contacts.get()
    contact.is_active = False
    contact.save()
    (run,) = play(report)
    assert (run.state, run.message) == ("failed", None)
    case = Case.objects.get(customer=customer)
    assert case.flag == run.told
    assert case.state == "new"


def test_what_is_never_made_is_said_to_have_failed(report):
    with clock.at(clock.now() + timedelta(days=8)):
        tick(clock.now())
    with clock.at(clock.now() + timedelta(days=8, hours=2)):
        tick(clock.now())
    assert ReportRun.objects.get().state == "failed"


def test_one_that_was_ended_is_sent_no_more(report, member):
    end_report(report, by=member)
    assert play(report) == []


@pytest.mark.parametrize(
    ("every", "day", "first"),
    [
        ({"every": "week", "weekday": "0"}, date(2026, 11, 25), date(2026, 11, 30)),
        ({"every": "week", "weekday": "2"}, date(2026, 11, 25), date(2026, 12, 2)),
        ({"every": "month", "day_of_month": 31}, date(2026, 11, 25), date(2026, 11, 30)),
        ({"every": "month", "day_of_month": 31}, date(2026, 11, 30), date(2026, 12, 31)),
        ({"every": "month", "day_of_month": 1}, date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_the_rhythm_names_its_days(every, day, first):
    assert ReportSchedule(**every).first_after(day) == first


def test_a_contact_of_somebody_else_gets_nothing(customer, member):
    with pytest.raises(ActionError):
        schedule_report(customer, by=member, contacts=[build.contact(build.customer("Other"), email="x@other.example")])
    assert not ReportSchedule.objects.exists()


def test_the_customers_page_lists_them(report, customer, client, member):
    client.force_login(member)
    page = client.get(f"/customers/{customer.number}/reports/").content.decode()
    assert "Claire Moreau" in page
    assert "Monday" in page
    assert "open-orders.pdf" in client.get(customer.get_absolute_url()).content.decode()
