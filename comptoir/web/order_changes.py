"""Changing a confirmed order: the editor, what a change would do, and what is being negotiated with the customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.actions import ActionError, perform
from comptoir.actions.models import IdempotencyKey
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Product
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.numbers import number
from comptoir.lib.said_days import as_typed
from comptoir.lib.said_days import day as said_day
from comptoir.orders.actions import drafts
from comptoir.orders.actions.negotiating import VALID_FOR
from comptoir.orders.actions.steps import Step
from comptoir.orders.impact import Impact, impact_of, open_changes
from comptoir.orders.keeping import pledged_for, uncovered
from comptoir.orders.merging import plain, read, sentence
from comptoir.orders.models import ChangeStep, Order, OrderChange, OrderDraft, Reason, ScheduleLine
from comptoir.orders.versions import step_change
from comptoir.web.offered_mail import case_about, follow
from comptoir.web.order_sections import Facts, Notice, Section, order_or_404

Type = ChangeStep.Type
NEW_LINES, NEW = 3, ("part", "new_quantity", "new_day", "new_price")
MOST_TYPED, MOST_FIELDS, UNKEPT = 2_000, 5_000, ("csrfmiddlewaretoken", "_key", "do")
DAYS = ("day_", "new_day_", "valid_until")
TYPED = ("note", "reason", "freight_cost_0", "cancel_", "part_", "new_")
WAYS = {"change": "orders.change", "offer": "orders.offer_change", "ask": "orders.request_change"}


@dataclass(slots=True)
class Row:
    """A schedule line in the editor: what stands, what was typed instead, and what somebody else changed meanwhile.

    The quantity is what has not left of it.
    """

    row: ScheduleLine
    is_first: bool
    seen: dict[str, str]
    typed: dict[str, str]
    now: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """The editor of a confirmed order; `do` looks at what the change does, makes it, offers it or only notes it."""
    order = order_or_404(request, number)
    if not order.is_confirmed:
        raise Http404
    if request.method == "GET":
        kept = _kept(request, order)
        return _page(request, order, _rows(order, kept), kept=kept)
    rows = _rows(order, request.POST)
    _keep(request, order)
    try:
        steps = _steps(order, rows, request.POST)
    except (ValueError, InvalidOperation) as error:
        return _page(request, order, rows, refused=str(error) if isinstance(error, ValueError) else _("Look again."))
    way, member = request.POST.get("do", "look"), request.user
    cost, initiator = _cost(request.POST, order), request.POST.get("initiator", "")
    initiator = initiator if initiator in OrderChange.Initiator.values else OrderChange.Initiator.CUSTOMER
    answers = _asked(order, request.POST.get("counters", ""))
    seen = impact_of(order, steps, by=member, cost=cost, initiator=initiator, counters=answers)  # type: ignore[arg-type]
    if way not in WAYS or seen.conflicts:
        return _page(request, order, rows, seen=seen)
    return _do(request, order, rows, steps, WAYS[way], seen)


@require_POST
def keep(request: HttpRequest, number: str) -> HttpResponse:
    """What is typed in the editor so far, kept for the member until it is done, or forgotten (`forget`)."""
    order = order_or_404(request, number)
    if "forget" in request.POST:
        drafts.forget_change(order, by=request.user)  # type: ignore[arg-type]
        return HttpResponseRedirect(reverse("order-change", args=[order.number]))
    if _is_done(request):
        return HttpResponse(status=409)  # the page is an old one: its mark says that nothing is kept
    _keep(request, order)
    return HttpResponse(status=204)


def _is_done(request: HttpRequest) -> bool:
    """True when what is typed was made, offered or noted while it was on its way to be kept."""
    mine = IdempotencyKey.objects.filter(member=request.user, action__in=WAYS.values())  # type: ignore[misc]
    return mine.filter(key=request.POST.get("_key", "")).exists()


def _kept(request: HttpRequest, order: Order) -> dict[str, str]:
    """What the member left in the editor, wherever they were signed in."""
    rows: Any = OrderDraft.objects
    draft: OrderDraft | None = rows.visible_to(request.user).changing(order).first()
    return draft.fields if draft else {}


def _keep(request: HttpRequest, order: Order) -> None:
    given = list(request.POST.items())[:MOST_FIELDS]
    typed = {name: str(value)[:MOST_TYPED] for name, value in given if name not in UNKEPT}
    typed |= {name: _meant("day", value) for name, value in typed.items() if name.startswith(DAYS)}
    drafts.keep_change(order, by=request.user, fields=typed if _is_touched(typed) else {})  # type: ignore[arg-type]


def _is_touched(fields: Mapping[str, str]) -> bool:
    """True when something says otherwise than the form showed it, or was typed where it showed nothing."""
    shown = {name.removeprefix("seen_"): value for name, value in fields.items() if name.startswith("seen_")}
    differ = (_meant(name, fields.get(name, value)) != _meant(name, value) for name, value in shown.items())
    return any(value.strip() for name, value in fields.items() if name.startswith(TYPED)) or any(differ)


def _do(
    request: HttpRequest, order: Order, rows: list[Row], steps: list[Step], name: str, seen: Impact
) -> HttpResponse:
    """One of the three ways; refused, the page says why and keeps what was typed."""
    try:
        outcome = perform(
            name, by=request.user, subject=order, inputs=_inputs(request.POST, steps, name),  # type: ignore[arg-type]
            key=request.POST.get("_key", ""), about=case_about(request),
        )  # fmt: skip
    except ActionError as error:
        return _page(request, order, rows, refused=error.sentence, seen=seen)
    drafts.forget_change(order, by=request.user)  # type: ignore[arg-type]
    if outcome.approval is not None:
        return _page(request, order, rows, seen=seen, sent=True)
    at_order = reverse("order", args=[order.number]) + "#changes"
    return HttpResponseRedirect(follow(outcome.result, request) or at_order)


def _inputs(given: QueryDict, steps: list[Step], name: str) -> dict[str, Any]:
    wanted = ["reason", "initiator", "note", "counters", "freight_cost_0", "freight_cost_1"]
    until = {"valid_until": _meant("day", given.get("valid_until", ""))} if name == WAYS["offer"] else {}
    return {key: given.get(key, "") for key in wanted} | until | {"steps": [_raw(step) for step in steps]}


def _raw(step: Step) -> dict[str, str]:
    """A step as the action's form takes it."""
    rows = {name: getattr(step, name) for name in ("line", "schedule_line", "product", "address")}
    values: dict[str, Any] = {name: str(row.pk) for name, row in rows.items() if row is not None}
    plains = {"quantity": step.quantity, "unit_price": step.unit_price, "day": step.day}
    values |= {name: str(value) for name, value in plains.items() if value is not None}
    return values | {"type": str(step.type), "seen": step.seen}


def _rows(order: Order, given: Mapping[str, str]) -> list[Row]:
    """The schedule lines there are, with what the form showed and what was typed, else what stands."""
    found, lines = [], set()
    for row in order.schedule_lines.select_related("line__product"):
        row.order = row.line.order = order
        is_first = row.line_id not in lines and row.is_moveable
        lines |= {row.line_id} if is_first else set()
        stands = {
            "quantity": plain(row.unshipped_quantity), "day": row.promised_on.isoformat() if row.promised_on else "",
            "price": plain(row.line.unit_price), "shipped": plain(row.shipped_quantity),
        }  # fmt: skip
        seen = {name: given.get(f"seen_{name}_{row.pk}", value) for name, value in stands.items()}
        typed = {name: given.get(f"{name}_{row.pk}", value) for name, value in seen.items()}
        typed["cancel"] = given.get(f"cancel_{row.pk}", "")
        found.append(_row(row, is_first, stands, seen, typed))
    return found


def _row(row: ScheduleLine, is_first: bool, stands: dict[str, str], seen: dict[str, str], typed: dict[str, str]) -> Row:
    """A field that was not touched says what stands now; only one that was is held against what others changed.

    A quantity is of what had not left: whoever typed one has to know when more has.
    """
    touched = {name for name in ("quantity", "day", "price") if _meant(name, typed[name]) != _meant(name, seen[name])}
    touched |= {"quantity"} if typed["cancel"] else set()
    touched |= {"shipped"} if "quantity" in touched else set()
    is_as_it_was = {name: value for name, value in stands.items() if name not in touched}
    seen, typed = seen | is_as_it_was, typed | is_as_it_was
    now = {name: stands[name] for name in touched if stands[name] not in (seen[name], _meant(name, typed[name]))}
    now |= {"quantity": stands["quantity"]} if "shipped" in now else {}
    return Row(row, is_first, seen, typed | {"day": _as_typed(typed["day"])}, now)


def _as_typed(day: str) -> str:
    """A day, however it was said, as one that is the same tomorrow; what is none stays as it is."""
    return str(as_typed(_meant("day", day)))


def _meant(name: str, text: str) -> str:
    """A day or a number that was typed as it is kept; what is none stays as it is."""
    try:
        return _day(text).isoformat() if name.startswith("day") else plain(_number(text))
    except ValueError:
        return text


def _steps(order: Order, rows: list[Row], given: Mapping[str, str]) -> list[Step]:
    """What was typed differently from what the form showed. Raises ValueError with a sentence."""
    steps = [step for one in rows for step in _of_row(one)]
    steps += [step for n in range(NEW_LINES) if (step := _added(order, given, n))]
    if place := _place(order, given):
        address = order.customer.addresses.filter(pk=place).first() if place.isdecimal() else None
        if address is None:
            raise ValueError(_("There is no such address."))
        steps.append(Step(Type.SHIP_TO, address=address, seen=given.get("seen_ship_to", "")))
    if not steps:
        raise ValueError(_("Nothing was changed."))
    return steps


def _place(order: Order, given: Mapping[str, str]) -> str:
    """The address that was chosen instead of the one the form showed; nothing where none was."""
    place = given.get("ship_to", "")
    return "" if place == str(given.get("seen_ship_to", order.ship_to_id)) else place


def _of_row(one: Row) -> list[Step]:
    row, seen, typed = one.row, one.seen, one.typed
    shipped = _number(seen["shipped"])
    whole = plain(Decimal(seen["quantity"]) + shipped) if shipped else seen["quantity"]
    if typed["cancel"]:
        return [Step(Type.CANCEL, schedule_line=row, quantity=shipped, seen=whole)]
    steps = []
    if (quantity := _number(typed["quantity"])) != Decimal(seen["quantity"]):
        kind = Type.QUANTITY if quantity else Type.CANCEL
        steps.append(Step(kind, schedule_line=row, quantity=quantity + shipped, seen=whole))
    if _meant("day", typed["day"]) != seen["day"]:
        steps.append(Step(Type.DATE, schedule_line=row, day=_day(typed["day"]), seen=seen["day"]))
    if (price := _number(typed["price"])) != Decimal(seen["price"]):
        steps.append(Step(Type.PRICE, line=row.line, unit_price=price / row.line.per, seen=seen["price"]))
    return steps


def _added(order: Order, given: Mapping[str, str], n: int) -> Step | None:
    part = given.get(f"part_{n}", "").strip()
    if not part:
        return None
    found = catalog.parts_named(order.customer, part)
    if len(found) != 1:
        raise ValueError(_("There is no part «{part}».").format(part=part))
    price = given.get(f"new_price_{n}", "").strip()
    return Step(
        Type.ADD, product=found[0].product, quantity=_number(given.get(f"new_quantity_{n}", "")),
        day=_day(given.get(f"new_day_{n}", "")), unit_price=_number(price) if price else None,
    )  # fmt: skip


def _number(text: str) -> Decimal:
    value = number(text)
    if value is None or value < 0:
        raise ValueError(_("«{text}» cannot be read here.").format(text=text))
    return value


def _day(text: str) -> date:
    day = said_day(text)
    if day is None:
        raise ValueError(_("When does the customer want it?"))
    return day


def _cost(given: Mapping[str, str], order: Order) -> Money | None:
    try:
        amount = number(given.get("freight_cost_0", ""))
        return Money(amount, order.currency) if amount else None
    except ValueError:
        return None  # the action's form says so


def _page(
    request: HttpRequest,
    order: Order,
    rows: list[Row],
    *,
    refused: str = "",
    seen: Impact | None = None,
    sent: bool = False,
    kept: Mapping[str, str] | None = None,
) -> HttpResponse:
    given = request.POST if request.method == "POST" else {**(kept or {}), **request.GET.dict()}
    asked, place = _asked(order, given.get("counters", "")), _place(order, given)
    conflicts = [sentence(one) for one in seen.conflicts] if seen else []
    conflicts += [_left(one.row) for one in rows if "shipped" in one.now]
    is_moved = place != "" and str(order.ship_to_id) not in (place, given.get("seen_ship_to", str(order.ship_to_id)))
    context = {
        "order": order, "rows": rows, "given": given, "refused": refused, "seen": seen, "asked": asked, "sent": sent,
        "conflicts": conflicts, "impact": bool(seen and not seen.refused and not conflicts), "is_place_moved": is_moved,
        "is_changed_meanwhile": is_moved or bool(conflicts) or any(one.now for one in rows),
        "steps_asked": [step_change(step) for step in read(asked)] if asked else [],
        "addresses": list(order.customer.addresses.order_by("pk")), "ship_to": place or str(order.ship_to_id),
        "news": [_new(given, n) for n in range(NEW_LINES)],
        "reasons": Reason.objects.filter(kind__in=("date", "split", "cancel"), is_active=True).order_by("code"),
        "initiators": OrderChange.Initiator.choices,
        "until": _as_typed(given.get("valid_until") or (clock.today() + VALID_FOR).isoformat()), "kept": kept,
        "key": ("" if sent else given.get("_key")) or f"change-{order.pk}-{clock.now().timestamp()}",
    }  # fmt: skip
    status = 422 if refused or (seen and (conflicts or seen.refused)) else 200
    return render(request, "order/change.html", context, status=status)


def _new(given: Mapping[str, str], n: int) -> dict[str, Any]:
    """What was typed of a new line."""
    typed = {name: given.get(f"{name}_{n}", "") for name in NEW}
    return typed | {"n": n, "new_day": _as_typed(typed["new_day"])}


def _left(row: ScheduleLine) -> str:
    """What is to be known of a line of which more has left than the form showed."""
    told = _("{shipped} of {line} have left: only {rest} can still be changed.")
    return told.format(shipped=plain(row.shipped_quantity), line=row, rest=plain(row.unshipped_quantity))


def _asked(order: Order, pk: str) -> OrderChange | None:
    """The proposal this one is to answer."""
    rows = OrderChange.objects.filter(order=order, state__in=("requested", "offered"))
    found: OrderChange | None = rows.filter(pk=pk).first() if pk.isdecimal() else None
    if found is not None:
        found.order = order
    return found


@dataclass(frozen=True, slots=True)
class Negotiated:
    """A change with its steps as they are read, and what somebody else changed meanwhile."""

    row: OrderChange
    steps: list[Any]
    is_over_soon: bool
    kept: list[tuple[Product, Decimal]]
    lacking: list[Product]


def _changes(_request: HttpRequest, order: Order) -> Facts | None:
    """What is asked for, offered, or accepted and stuck; nothing where nothing is negotiated."""
    found = open_changes(order)
    if not found:
        return None
    for one in found:
        one.order = order
    kept, lacking = pledged_for(found), uncovered([one.pk for one in found])
    shown = [_negotiated(one, kept.get(one.pk, []), lacking.get(one.pk, [])) for one in found]
    return Facts({"negotiated": shown}, count=len(shown), notice=_notice(found, len(lacking)))


def _negotiated(one: OrderChange, kept: list[tuple[Product, Decimal]], lacking: list[Product]) -> Negotiated:
    return Negotiated(one, [step_change(step) for step in read(one)], _soon(one), kept, lacking)


def _notice(found: list[OrderChange], uncovered: int) -> Notice:
    """What we cannot keep any more, else what waits for us, else what the customer has to answer."""
    if uncovered:
        told = ngettext("{n} offer is not covered any more.", "{n} offers are not covered any more.", uncovered)
        return Notice(told.format(n=uncovered), "bad", "triangle-alert")
    if ours := sum(one.state != OrderChange.State.OFFERED for one in found):
        told = ngettext("{n} change waits for us.", "{n} changes wait for us.", ours)
        return Notice(told.format(n=ours), "warn", "file-pen")
    told = ngettext("{n} change is offered to the customer.", "{n} changes are offered to the customer.", len(found))
    return Notice(told.format(n=len(found)), "accent", "file-pen")


def _soon(one: OrderChange) -> bool:
    return one.valid_until is not None and one.valid_until <= clock.today() + timedelta(days=1)


SECTION = Section(
    "changes", gettext_lazy("Changes"), "order/_changes.html", _changes,
    is_for=lambda order: bool(getattr(order, "is_negotiated", False)),
)  # fmt: skip
urlpatterns = [
    path("orders/<str:number>/change/", edit, name="order-change"),
    path("orders/<str:number>/change/kept/", keep, name="order-change-keep"),
]
