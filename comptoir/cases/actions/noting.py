"""A reply, or a call written down, that names the day of a moved promise, or the possible day of one at risk, tells of it."""

import re
from datetime import date

from babel.dates import format_date
from django.db.models import F
from django.utils.dateparse import parse_date

from comptoir.cases.models import Case, Message
from comptoir.cases.telling import Risk, risks_of
from comptoir.lib.text import fold
from comptoir.orders.actions.dates import expect_as_before, set_expected
from comptoir.orders.models import ScheduleLine
from comptoir.people.models import Member
from comptoir.promises.actions import mark_told, untell
from comptoir.promises.models import Promise

DAY = re.compile(r"(?<!\d)\d{1,2}(?!\d)")  # stands in each of the forms
FORMS = (
    "d MMMM",
    "d. MMMM",
    "MMMM d",
    "d MMM",
    "d. MMM",
    "d/M",
    "dd/MM",
    "d.M.",
    "dd.MM.",
    "d. M.",
    "d.M.y",
    "y-MM-dd",
)


def names_day(text: str, day: date, language: str) -> bool:
    """True when a text names a day in one of the usual ways, in that language or in English."""
    told = f" {fold(text)} "
    written = {fold(format_date(day, form, locale=locale)) for form in FORMS for locale in (language, "en")}
    return any(_stands_in(told, one) for one in written)


def _stands_in(told: str, written: str) -> bool:
    """Whole: 1 December is not named by 11 December."""
    at = told.find(written)
    while at >= 0:
        if not told[at - 1].isdigit() and not told[at + len(written) : at + len(written) + 1].isdigit():
            return True
        at = told.find(written, at + 1)
    return False


def note_told(case: Case, message: Message, channel: Promise.Channel = Promise.Channel.EMAIL, *, by: Member) -> None:
    """The promises of the case's orders are told of which this message names the new day, or ours the day possible instead."""
    if not DAY.search(message.text):
        return
    orders = list(case.links.filter(noun="order").exclude(how="suggested").values_list("object_id", flat=True))
    rows = ScheduleLine.objects.filter(order__in=orders)
    moved = Promise.objects.standing().filter(
        subject_noun="scheduleline", subject_id__in=rows.values("pk"), kind=Promise.Kind.DELIVER, told_at=None
    )
    for promise in moved.exclude(due_at=F("original_due_at")).select_related("customer"):
        if promise.due_on and names_day(message.text, promise.due_on, case.language):
            row = rows.select_related("order").get(pk=promise.subject_id)
            mark_told(promise, channel, by=by, message_id=message.pk, on=(row, row.order, case))
    if message.direction == Message.Direction.OUT and moved.filter(at_risk_at__isnull=False).exists():
        _note_possible(orders, case, message, channel, by)


def _note_possible(orders: list[int], case: Case, message: Message, channel: Promise.Channel, by: Member) -> None:
    for risk in risks_of(by, orders):
        if risk.is_to_tell and risk.possible_on and names_day(message.text, risk.possible_on, case.language):
            told_at_risk(risk, channel, by, message)


def told_at_risk(risk: Risk, channel: Promise.Channel, by: Member, message: Message | None = None) -> None:
    """The customer knows of what is at risk: it is expected when it is possible; said already, it stays as it was said."""
    risk.promise.refresh_from_db(fields=["told_at"])
    if risk.promise.told_at:
        return
    row, change = risk.row, dict[str, str | None]()
    if risk.possible_on and risk.possible_on != row.expected_on:
        before = row.expected_on.isoformat() if row.expected_on else None
        change = {"before": before, "after": risk.possible_on.isoformat()}
        set_expected(row, by=by, to=risk.possible_on, reason=row.delay_reason)
    on = (row, row.order, message.case) if message else (row, row.order)
    mark_told(risk.promise, channel, by=by, message_id=message.pk if message else None, on=on, change=change)


def take_back_told(message: Message, *, by: Member) -> None:
    """Nothing was told by a message that did not leave: what it let us expect is expected as before."""
    told = Promise.objects.filter(told_message_id=message.pk, subject_noun="scheduleline").exclude(told_change={})
    changes = dict(told.values_list("subject_id", "told_change"))
    rows = ScheduleLine.objects.filter(pk__in=changes).select_related("order", "line__product")
    for row in rows.order_by("order_id", "pk"):
        change = changes[row.pk]
        expect_as_before(row, parse_date(change["after"]), parse_date(change["before"] or ""), by=by)
    untell(message.pk)
