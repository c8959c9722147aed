"""What if a schedule line had to arrive on another day: the panel of options, each one key away."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comptoir.cases.models import HandOff
from comptoir.lib import clock, days
from comptoir.lib.said_days import day as said_day
from comptoir.orders.models import ScheduleLine
from comptoir.orders.whatif import Option, what_if
from comptoir.people.models import Department, Member
from comptoir.promises.models import Promise

ICONS = {
    "whole": "calendar-check", "later": "calendar-arrow-down", "part": "split", "express": "plane", "site": "warehouse",
    "instead": "replace", "lend": "arrow-left-right", "planning": "message-circle-question-mark", "answer": "message-circle",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as the panel draws it: its number key, and the dialog or page it opens."""

    key: int
    option: Option
    icon: str
    url: str


@require_GET
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The options for a day: the one asked for, else the customer's wish when that is earlier than what is promised."""
    member: Member = request.user  # type: ignore[assignment]
    rows = ScheduleLine.objects.visible_to(member).select_related(
        "line__product",
        "line__order",
        "order__customer",
        "order__ship_to",
        "order__site",
        "order__contact",
        "supplied_from",
    )
    row: ScheduleLine | None = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    about, (to, refused) = request.GET.get("about", ""), _wished(row, request.GET.get("to", ""))
    asked = what_if(row, to, member) if row.is_moveable and row.order.is_confirmed else None
    options = [*_answers(row, member), *asked.options] if asked else []
    promise = Promise.objects.standing().filter(subject_noun="scheduleline", subject_id=row.pk).first()
    context = {
        "row": row, "to": to, "asked": asked, "refused": refused, "about": about, "promise": promise,
        "typed": request.GET.get("to", "")[:40],
        "choices": [Choice(n, one, ICONS[one.kind], _url(row, one, about)) for n, one in enumerate(options, 1)],
    }  # fmt: skip
    template = "order/_what_if.html" if request.headers.get("HX-Request") else "order/what_if.html"
    return render(request, template, context)


def _wished(row: ScheduleLine, text: str) -> tuple[date, str]:
    standing = row.promised_on or row.requested_on
    usual = row.requested_on if clock.today() < row.requested_on < standing else standing
    try:
        typed = parse_date(text) or said_day(text)
    except ValueError as error:
        return usual, str(error)
    return typed or usual, ""


def _answers(row: ScheduleLine, member: Member) -> list[Option]:
    """What departments have answered about this line and is not used yet."""
    rows = HandOff.objects.visible_to(member).filter(noun="scheduleline", object_id=row.pk, state="answered")
    return [_answer(row, one) for one in rows.select_related("department").order_by("-answered_at")[:3]]


def _answer(row: ScheduleLine, one: HandOff) -> Option:
    title = _("{department} answers: {answer}").format(department=one.department, answer=one.get_answer_display())
    text = one.turns.filter(kind="answer").order_by("-pk").values_list("text", flat=True).first() or ""
    quantity = f"{one.quantity.normalize():f}" if one.quantity else ""
    told = [
        part
        for part in (days.day(one.day) if one.day else "", f"{quantity} {row.line.unit}" if quantity else "", text)
        if part
    ]
    if one.day is None or one.day == row.promised_on:
        return Option("answer", title, told, url=one.get_absolute_url())
    inputs = {"to": one.day.isoformat(), "initiator": "planner"}
    if one.quantity and one.quantity < row.unshipped_quantity:
        return Option("answer", title, told, "orders.split", {**inputs, "quantity": quantity}, tone="accent")
    earlier = row.promised_on is not None and one.day < row.promised_on
    return Option("answer", title, told, "orders.pull_in" if earlier else "orders.push_out", inputs, tone="accent")


def _url(row: ScheduleLine, one: Option, about: str) -> str:
    if not one.action:
        return one.url
    inputs: dict[str, Any] = dict(one.inputs)
    if one.action == "cases.hand_off_line":
        planning = Department.objects.filter(name__icontains="plan", is_active=True).order_by("pk").first()
        inputs |= {"department": planning.pk} if planning else {}
        inputs |= {"case": about.removeprefix("case:")} if about.startswith("case:") else {}
    elif about:
        inputs["about"] = about
    return f"{reverse('act', args=[one.action, row.pk])}?{urlencode(inputs)}"


urlpatterns = [path("schedule-lines/<int:pk>/what-if/", panel, name="what-if")]
