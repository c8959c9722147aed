"""The open-order report a customer gets by mail again and again: set up, ended, sent once a day it is due."""

from datetime import datetime, timedelta

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from comptoir.actions import ActionError, action, lock
from comptoir.actions.due import due, take
from comptoir.cases import verbs
from comptoir.cases.actions.answering import hand_over, queue_mail
from comptoir.cases.actions.opening import open_new
from comptoir.cases.models import Attachment, Case, Inbox, ReportRun, ReportSchedule
from comptoir.customers.models import Contact, Customer
from comptoir.customers.queries import email_of
from comptoir.events import journal, record
from comptoir.files.actions import store
from comptoir.fulfilment.open_report import words
from comptoir.lib import clock
from comptoir.orders.papers import language_of
from comptoir.people import any_member, system
from comptoir.people.models import Member, Team

Every, Form, Weekday = ReportSchedule.Every, ReportSchedule.Form, ReportSchedule.Weekday
MOST = 5
PATIENCE = timedelta(hours=1)
Made = tuple[str, str, bytes]  # name, type, bytes
WORDS = {
    "contacts": gettext_lazy("To whom"),
    "every": gettext_lazy("How often"),
    "weekday": gettext_lazy("Weekday"),
    "day_of_month": gettext_lazy("Day of the month"),
    "form": gettext_lazy("As"),
}


@action(
    "cases.schedule_report", subject=Customer, authority=any_member, labels=WORDS,
    title=gettext_lazy("Open-order report by mail"),
)  # fmt: skip
def schedule_report(
    customer: Customer,
    *,
    by: Member,
    contacts: list[Contact],
    every: ReportSchedule.Every = Every.WEEK,
    weekday: ReportSchedule.Weekday = Weekday.MONDAY,
    day_of_month: int = 1,
    form: ReportSchedule.Form = Form.BOTH,
) -> ReportSchedule:
    """Send the customer's open lines to some of their contacts on a weekday, or on a day of the month."""
    if not contacts:
        raise ActionError(_("Name at least one contact who gets it."))
    for contact in contacts:
        if contact.customer_id != customer.pk:
            raise ActionError(_("{contact} does not work there.").format(contact=contact))
        if not email_of(contact, customer):
            raise ActionError(_("{contact} has no e-mail address.").format(contact=contact))
    if not 1 <= day_of_month <= 31:
        raise ActionError(_("A month has the days 1 to 31."))
    if ReportSchedule.objects.filter(customer=customer, is_active=True).count() >= MOST:
        raise ActionError(_("This customer has {n} reports already: end one first.").format(n=MOST))
    made = ReportSchedule(
        customer=customer, every=every, weekday=weekday, day_of_month=day_of_month, form=form, by=by
    )  # fmt: skip
    made.next_on = made.first_after(clock.today())
    made.save()
    made.contacts.set(contacts)
    to = ", ".join(contact.name for contact in contacts)
    record(verbs.REPORT_SCHEDULED, by=by, on=[customer], every=str(Every(every).label), to=to)
    return made


@action(
    "cases.end_report", subject=ReportSchedule, root=lambda report: report.customer, authority=any_member,
    title=gettext_lazy("Send it no more"),
)  # fmt: skip
def end_report(report: ReportSchedule, *, by: Member) -> ReportSchedule:
    """Send the report no more; what was sent stays."""
    if report.is_active:
        report.is_active = False
        report.save(update_fields=["is_active"])
        record(verbs.REPORT_ENDED, by=by, on=[report.customer], every=report.get_every_display())
    return report


@due("cases.reports")
def reports_due(now: datetime) -> int:
    """What is to be sent today is begun, once; what was begun and never ended is said to have failed."""
    waiting = ReportSchedule.objects.filter(is_active=True, next_on__lte=clock.today()).order_by("next_on")
    stuck = ReportRun.objects.filter(state=ReportRun.State.DUE, at__lte=now - PATIENCE)
    return take(waiting, _begin) + take(stuck, lambda run: _fail(run, _("The report could not be made.")))


def _begin(report: ReportSchedule) -> None:
    run, is_new = ReportRun.objects.get_or_create(schedule=report, due_on=report.next_on)
    report.next_on = report.first_after(clock.today())
    report.save(update_fields=["next_on"])
    if is_new:
        app.configure_task("cases.send_report", queue="papers", lock=f"report-{run.pk}").defer(run_id=run.pk)


def send(run_id: int, files: list[Made]) -> None:
    """Hand the report made to the mail, in one transaction: a second try finds it sent."""
    with journal():
        run: ReportRun = ReportRun.objects.select_related("schedule__customer").get(pk=run_id)
        lock(run.schedule.customer)
        run.refresh_from_db(fields=["state"])
        if run.state == ReportRun.State.DUE:
            _send(run, files)


def _send(run: ReportRun, files: list[Made]) -> None:
    report, inbox = run.schedule, _inbox(run.schedule.customer)
    people = _people(report)
    if inbox is None or not people:
        _fail(run, _("No inbox to send from.") if inbox is None else _("Nobody it goes to has a working address."))
        return
    by, named = _author(report), words(language_of(report.customer))
    case = _case(report, inbox, by, named["title"])
    day = format_date(clock.today(), "long", locale=language_of(report.customer))
    text = named["mail"].format(date=day) + (f"\n\n{inbox.signature}" if inbox.signature else "")
    message = queue_mail(case, inbox, by, text, people)
    message.subject = f"{named['title']} – {day}"
    message.save(update_fields=["subject"])
    for name, kind, data in files:
        file = store(data, kind)
        Attachment.objects.create(message=message, file=file, name=name, content_type=kind, size=file.size)
    _rest(case)
    run.state, run.message, run.at = ReportRun.State.SENT, message, clock.now()
    run.save(update_fields=["state", "message", "at"])
    to = ", ".join(address for _role, _name, address in people)
    record(verbs.REPORT_SENT, by=by, on=[case, report.customer], scope_team=case.team_id, to=to)
    hand_over(message)


def _people(report: ReportSchedule) -> list[tuple[str, str, str]]:
    found = [(contact, email_of(contact, report.customer)) for contact in report.contacts.filter(is_active=True)]
    return [("to", contact.name, address) for contact, address in found if address]


def _inbox(customer: Customer) -> Inbox | None:
    """An inbox that writes the customer's language, else the first there is."""
    active = Inbox.objects.filter(is_active=True).order_by("pk")
    return active.filter(language=customer.language).first() or active.first()


def _author(report: ReportSchedule) -> Member:
    return report.by if report.by.is_active else system()


def _case(report: ReportSchedule, inbox: Inbox, by: Member, title: str) -> Case:
    """The case in which the report goes out, so that an answer comes back to it."""
    case = report.case
    if case is None or case.state == Case.State.MERGED:
        case = open_new(
            by=by, subject=title, team=inbox.team, channel="email", customer=report.customer, inbox=inbox,
            language=language_of(report.customer),
        )  # fmt: skip
        report.case = case
        report.save(update_fields=["case"])
    return case


def _rest(case: Case) -> None:
    """Nobody has to work on it until the customer answers; one that is worked on stays so."""
    now = clock.now()
    case.last_message_at, case.is_unread = now, False
    if case.state == Case.State.NEW:
        case.state, case.resolved_at, case.next_update_at = Case.State.RESOLVED, now, None
    case.save()


def fail(run_id: int, why: str) -> None:
    """Say that a report could not be made."""
    with journal():
        run: ReportRun = ReportRun.objects.get(pk=run_id)
        if run.state == ReportRun.State.DUE:
            _fail(run, why)


def _fail(run: ReportRun, why: str) -> None:
    """It stands on the customer's page, and a case says so to those who can mend it."""
    report = run.schedule
    run.state, run.told, run.at = ReportRun.State.FAILED, why[:300], clock.now()
    run.save(update_fields=["state", "told", "at"])
    team = report.by.teams.filter(is_active=True).order_by("pk").first() or _any_team()
    subject = _("Open-order report not sent: {customer}").format(customer=report.customer.name)
    case = open_new(by=system(), subject=subject, team=team, channel="note", customer=report.customer, flag=why)
    record(verbs.REPORT_FAILED, by=system(), on=[case, report.customer], scope_team=case.team_id, why=why)


def _any_team() -> Team:
    team: Team = Team.objects.filter(is_active=True).order_by("pk")[0]
    return team
