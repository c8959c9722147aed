"""One act on many chosen orders: each goes through the door by itself, and each result is told."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.db import DatabaseError, models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.actions import ACTIONS, ActionError, perform
from comptoir.actions import forms as action_forms
from comptoir.lib.calendar import add_business_days
from comptoir.lib.numbers import row_id
from comptoir.orders.models import Order, OrderHold, ScheduleLine
from comptoir.people.models import Member

MOST = 200
UNDO_SECONDS = 3600
Step = tuple[Any, dict[str, Any]]  # what is acted on, and the input of its own


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one act: done, sent (for approval) or refused, with the sentence that says why."""

    order: Order
    about: str
    state: str
    told: str = ""
    undo: tuple[str, int, dict[str, Any]] | None = None


Undo = tuple[str, int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bulk:
    """An act that can be done on many orders: the declared action, its rows in each order, and how it is taken back."""

    action: str
    label: str | Promise
    icon: str
    key: str
    steps: Callable[[Order, Mapping[str, Any]], list[Step]]
    nothing: str | Promise = ""
    undo: Callable[[Any, Any], Undo] | None = None
    form: Callable[[forms.Form], None] = lambda _form: None


def _itself(order: Order, _given: Mapping[str, Any]) -> list[Step]:
    return [(order, {})]


def _holds(order: Order, _given: Mapping[str, Any]) -> list[Step]:
    return [(hold, {}) for hold in OrderHold.objects.filter(order=order, lifted_at=None).select_related("order")]


def _customer(order: Order, _given: Mapping[str, Any]) -> list[Step]:
    return [(order.customer, {})]


def _moveable(order: Order, given: Mapping[str, Any]) -> list[Step]:
    rows = ScheduleLine.objects.filter(order=order).select_related(
        "line__product",
        "order__ship_to",
        "order__customer",
        "order__site",
        "line__order",
        "supplied_from",
    )
    days, country = int(given.get("days") or 1), order.ship_to.country
    return [
        (row, {"to": add_business_days(row.promised_on, days, country).isoformat()})
        for row in rows
        if row.is_moveable and row.promised_on
    ]


def _in_days(form: forms.Form) -> None:
    """Instead of one day for all: so many working days later than each is promised now."""
    for name in ("to", "freight_cost"):
        form.fields.pop(name, None)
    days = forms.IntegerField(label=_("Working days later"), min_value=1, max_value=60, initial=5)
    form.fields = {"days": days, **form.fields}


BULKS = {
    "hold": Bulk(
        "orders.hold", gettext_lazy("Put on hold"), "circle-pause", "h", _itself,
        undo=lambda _order, made: ("orders.lift_hold", made.pk, {}),
    ),
    "lift": Bulk(
        "orders.lift_hold", gettext_lazy("Lift the holds"), "circle-play", "l", _holds,
        nothing=gettext_lazy("It is not on hold."),
        undo=lambda hold, _made: ("orders.hold", hold.order_id, {"kind": hold.kind, "note": hold.note}),
    ),
    "confirm": Bulk("orders.confirm", gettext_lazy("Confirm"), "file-check", "e", _itself),
    "push-out": Bulk(
        "orders.push_out", gettext_lazy("Push out"), "calendar-arrow-down", "p", _moveable,
        nothing=gettext_lazy("Nothing in it can be moved."), form=_in_days,
    ),
    "owner": Bulk(
        "customers.set_owner", gettext_lazy("Account owner"), "user-round", "o", _customer,
        undo=lambda customer, _made: ("customers.set_owner", customer.pk, {"owner": customer.owner_id or ""}),
    ),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """The form of an act on the chosen orders; posted, it is done on one after the other and the results are told."""
    member: Member = request.user  # type: ignore[assignment]
    if name not in BULKS:
        raise Http404
    one, orders = BULKS[name], _chosen(request, member)
    form = action_forms.build(ACTIONS[one.action], member, None, request.POST if request.method == "POST" else None)
    one.form(form)
    context = {"bulk": one, "name": name, "orders": orders, "form": form, "key": secrets.token_hex(12), "most": MOST}
    if request.method == "GET" or not form.is_valid() or not orders:
        return render(request, _template(request), context, status=200 if request.method == "GET" else 422)
    return _told(request, one.label, run(one, orders, member, request.POST, request.POST.get("_key", "")))


def _template(request: HttpRequest) -> str:
    return "order/_bulk.html" if request.headers.get("HX-Request") else "order/bulk.html"


def _chosen(request: HttpRequest, member: Member) -> list[Order]:
    """The orders named, those the member may see, in the order in which they were chosen."""
    data = request.POST if request.method == "POST" else request.GET
    named = [pk for pk in dict.fromkeys(map(row_id, data.getlist("pick"))) if pk is not None][:MOST]
    rows = Order.objects.visible_to(member).select_related("customer__owner", "ship_to", "site", "contact")
    found = rows.in_bulk(named)
    return [found[pk] for pk in named if pk in found]


def run(one: Bulk, orders: list[Order], by: Member, given: Mapping[str, Any], key: str) -> list[Result]:
    """Each act by itself: what one refuses leaves the others as they are, and what was done stays done."""
    results, done = [], set()
    for order in orders:
        steps = one.steps(order, given)
        if not steps:
            results.append(Result(order, str(order), "refused", str(one.nothing)))
        for subject, own in steps:
            if (type(subject), subject.pk) not in done:
                results.append(
                    _one(one, order, subject, by, {**_flat(given), **own}, f"{key}-{subject.pk}" if key else "")
                )
                done.add((type(subject), subject.pk))
    return results


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if not name.startswith("_") and name not in ("pick", "days")}


def _one(one: Bulk, order: Order, subject: Any, by: Member, inputs: dict[str, Any], key: str) -> Result:
    if told := _untold(one.action, subject, by, inputs):
        return Result(order, str(subject), "refused", told)
    undo = one.undo
    before = None if undo is None else type(subject)._default_manager.filter(pk=subject.pk).first()
    result = attempt(one.action, order, subject, by, inputs, key)
    if isinstance(result, Result):
        return result
    return Result(order, str(subject), "done", undo=undo(before, result) if undo else None)


def _untold(action: str, subject: Any, by: Member, inputs: dict[str, Any]) -> str:
    """What has to be known before the act: its own dialog says it of one order, the form for many of none."""
    spec = ACTIONS[action]
    if spec.warn is None:
        return ""
    form = action_forms.build(spec, by, subject, inputs)
    if not form.is_valid():
        return ""  # the act says so
    return " ".join(one.text for one in spec.warn(subject, spec.complete(spec.given(form.cleaned_data), subject)))


def attempt(action: str, order: Order, subject: Any, by: Member, inputs: dict[str, Any], key: str = "") -> Any:
    """What the act brought about, or the Result that says it waits for an approval or was refused."""
    try:
        outcome = perform(action, by=by, subject=subject, inputs=inputs, key=key)
    except ActionError as refused:
        return Result(order, str(subject), "refused", refused.sentence)
    except DatabaseError:
        return Result(order, str(subject), "refused", _("The database was busy; nothing was changed. Try again."))
    if outcome.approval is not None:
        return Result(
            order, str(subject), "sent", str(outcome.approval.title) if hasattr(outcome.approval, "title") else ""
        )
    return outcome.result


def _told(request: HttpRequest, label: Any, results: list[Result], *, undoing: bool = False) -> HttpResponse:
    undo = [(*one.undo, one.order.pk) for one in results if one.undo]
    context = {
        "label": label, "results": sorted(results, key=lambda one: ("refused", "sent", "done").index(one.state)),
        "done": sum(one.state == "done" for one in results), "sent": sum(one.state == "sent" for one in results),
        "refused": sum(one.state == "refused" for one in results), "undoing": undoing,
        "undo": signing.dumps(undo, salt="bulk", compress=True) if undo and not undoing else "",
    }  # fmt: skip
    return render(
        request, "order/_results.html" if request.headers.get("HX-Request") else "order/results.html", context
    )


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what a bulk act has just done: the inverse of each, one after the other."""
    member: Member = request.user  # type: ignore[assignment]
    try:
        steps = signing.loads(request.POST.get("undo", ""), salt="bulk", max_age=UNDO_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    results = []
    for action, pk, inputs, order_pk in steps:
        subject = _subject(action, pk, member)
        order = Order.objects.visible_to(member).filter(pk=order_pk).first()
        if subject is not None and order is not None:
            made = attempt(action, order, subject, member, inputs)
            results.append(made if isinstance(made, Result) else Result(order, str(subject), "done"))
    return _told(request, _("Taken back"), results, undoing=True)


def _subject(action: str, pk: int, member: Member) -> models.Model | None:
    model = ACTIONS[action].subject
    rows: Any = model._default_manager  # type: ignore[union-attr]
    found: models.Model | None = rows.visible_to(member).filter(pk=pk).first()
    return found


urlpatterns = [
    path("orders/bulk/undo/", undo, name="orders-undo"),
    path("orders/bulk/<str:name>/", bulk, name="orders-bulk"),
]
