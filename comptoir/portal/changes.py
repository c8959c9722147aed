"""What we propose to change of an order: told to its customer behind their link, and answered there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone

from comptoir.actions import ActionError, perform
from comptoir.customers.models import Address, Link
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.models import ChangeStep, Order, OrderChange
from comptoir.people import system
from comptoir.portal.order_told import Teller
from comptoir.portal.saying import region

State, Type = OrderChange.State, ChangeStep.Type
TYPED = {Type.DATE: "date", Type.QUANTITY: "number", Type.PRICE: "number"}
ASKED = {Type.PRICE: "expected_price", Type.SHIP_TO: "other_address"}
AHEAD = timedelta(days=730)
MOST_NAME, MOST_TEXT, MOST_REMARK, MOST_QUANTITY = 100, 2_000, 300, Decimal(10) ** 9
NONE = "–"


@dataclass(frozen=True, slots=True)
class Told:
    """A step of a proposal; `kind` and `value` are of the field the customer may propose otherwise by, `asked` says what it asks.

    `remark` is what they wrote about the step besides.
    """

    name: str
    label: str
    before: str
    after: str
    kind: str = ""
    value: str = ""
    asked: str = ""
    remark: str = ""

    @property
    def remark_name(self) -> str:
        return self.name.replace("step-", "remark-")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that waits for an answer, with what was typed into its forms."""

    pk: int
    note: str
    until: str
    steps: list[Told]
    opened: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The proposal that was answered, and the word for why it could not be."""

    change: OrderChange
    refused: str = ""


class Wrong(Exception):
    """What was typed cannot be meant; the word that says so."""


def _offers(order: Order) -> QuerySet[OrderChange]:
    """What was ever offered; what we only note among ourselves has no last day."""
    steps = ChangeStep.objects.select_related("line__product", "schedule_line__line__product")
    return order.changes.exclude(valid_until=None).prefetch_related(Prefetch("steps", steps))


def _is_open(change: OrderChange) -> bool:
    return change.state == State.OFFERED and change.valid_until is not None and change.valid_until >= clock.today()


def proposed(request: HttpRequest, order: Order, language: str) -> dict[str, Any]:
    """What waits for an answer, and what became of what was answered."""
    say = Teller(language)
    found = _offers(order).filter(state=State.OFFERED, valid_until__gte=clock.today()).order_by("pk")
    typed = request.POST if request.method == "POST" else {}
    rows = list(found)
    for row in rows:
        row.order = order
    places = _places(rows)
    return {
        "proposals": [_proposed(row, say, places, typed) for row in rows],
        "first_day": clock.today().isoformat(), "typed_name": typed.get("name", ""),
    }  # fmt: skip


def _places(rows: list[OrderChange]) -> Mapping[int, Address]:
    steps = [step for row in rows for step in row.steps.all() if step.type == Type.SHIP_TO]
    return Address.objects.in_bulk({pk for step in steps for pk in (step.before, step.after) if pk}) if steps else {}


def _proposed(row: OrderChange, say: Teller, places: Mapping[int, Address], typed: Mapping[str, str]) -> Proposed:
    assert row.valid_until is not None
    mine = typed if typed.get("change") == str(row.pk) else {}
    until = say.words["answer_until"].format(day=say.day(row.valid_until)).replace("..", ".")
    steps = [_step(step, row, say, places, mine) for step in row.steps.all()]
    return Proposed(row.pk, row.note, until, steps, mine.get("act", ""), mine.get("answer", ""), mine.get("text", ""))


def in_words(change: OrderChange, language: str) -> str:
    """What a proposal says, a line a step, its note, and until when it may be answered, for a mail."""
    steps = ChangeStep.objects.filter(change=change).select_related("line__product", "schedule_line__line__product")
    prefetch_related_objects([change], Prefetch("steps", steps))
    said = _proposed(change, Teller(language), _places([change]), {})
    changed = (f"{step.before} → {step.after}" if step.before != NONE else step.after for step in said.steps)
    lines = "\n".join(f"– {step.label}: {told}" for step, told in zip(said.steps, changed, strict=True))
    return "\n\n".join(part for part in (lines, said.note, said.until) if part)


def _step(
    step: ChangeStep, row: OrderChange, say: Teller, places: Mapping[int, Address], typed: Mapping[str, str]
) -> Told:
    before, after = (_value(step, value, row.order.currency, say, places) for value in (step.before, step.after))
    name, kind = f"step-{step.pk}", TYPED.get(Type(step.type), "")
    kind = "text" if step.type == Type.SHIP_TO else kind
    value = typed.get(name, _offered(step)) if kind else ""
    word = ASKED.get(Type(step.type))
    asked = say.words[word] if word else ""
    return Told(name, _label(step, say), before, after, kind, value, asked, typed.get(f"remark-{step.pk}", ""))


def _offered(step: ChangeStep) -> str:
    """What the field says before somebody types: what we offer, and nothing for another address."""
    if step.type == Type.SHIP_TO:
        return ""
    return str(step.after[0] if step.type == Type.PRICE else step.after)


def _label(step: ChangeStep, say: Teller) -> str:
    """Which line, and what of it."""
    row, word = step.schedule_line, say.words[f"step_{step.type}"]
    line = row.line if row is not None else step.line
    if line is None or step.type == Type.ADD:
        return word
    number = f"{line.position}/{row.position}" if row is not None and row.position > 1 else str(line.position)
    if row is not None and row.is_partly_shipped and step.type == Type.DATE:
        number = f"{number} · {say.amount(row.unshipped_quantity, line.unit)}"
    return f"{number} · {line.description}: {word}"


def _value(step: ChangeStep, value: Any, currency: str, say: Teller, places: Mapping[int, Address]) -> str:
    """A value of a step as the customer reads it."""
    line = step.schedule_line.line if step.schedule_line is not None else step.line
    unit = line.unit if line is not None else ""
    if value is None:
        return NONE
    if step.type == Type.DATE:
        return say.day(date.fromisoformat(value))
    if step.type == Type.SHIP_TO:
        return ", ".join(places[value].lines) if value in places else NONE
    if step.type == Type.PRICE:
        return _price(value[0], int(value[1]), currency, say)
    if step.type == Type.ADD:
        return _added(value, currency, say)
    if isinstance(value, list):
        rest, part, day = value
        return (
            f"{say.amount(Decimal(rest), unit)} + {say.amount(Decimal(part), unit)}, {say.day(date.fromisoformat(day))}"
        )
    return say.amount(Decimal(value), unit)


def _price(price: str, per: int, currency: str, say: Teller) -> str:
    told = Money(Decimal(price), currency).format(region(say.language))
    return told if per == 1 else f"{told} / {per}"


def _added(value: dict[str, Any], currency: str, say: Teller) -> str:
    day = say.day(date.fromisoformat(value.get("promised_on", value["requested_on"])))
    price = f", {_price(value['unit_price'], 1, currency, say)}" if value.get("unit_price") else ""
    return f"{say.amount(Decimal(value['quantity']), '×')} {value['name']}{price}, {day}"


def became(order: Order, told: str, language: str) -> str:
    """What became of a proposal of the order that was answered; nothing while it waits, or for any other."""
    change = _of(order, told.removeprefix("change-")) if told.startswith("change-") else None
    if change is None or _is_open(change):
        return ""
    say, word = Teller(language), f"change_{change.state}"
    if change.state == State.OFFERED:
        word = "change_expired"
    elif change.state == State.APPLIED and change.version_to is None:
        word = "change_stood"
    on = timezone.localtime(change.answered_at).date() if change.answered_at else change.valid_until
    return say.words[word].format(day=say.day(on or clock.today())) if word in say.words else ""


def _of(order: Order, pk: str) -> OrderChange | None:
    if not pk.isdecimal() or len(pk) > 18:
        return None
    return _offers(order).filter(pk=int(pk)).first()


def answer(request: HttpRequest, link: Link, order: Order) -> Answered | None:
    """Give the answer of the form; None for what was never offered for this order.

    What is answered already, or over, is not answered again.
    """
    change = _of(order, request.POST.get("change", ""))
    if change is None or not _is_open(change):
        return Answered(change) if change else None
    who = _line(request.POST.get("name", ""))[:MOST_NAME]
    who = who if who and link.contact_id is None else str(link)
    try:
        ANSWERS[request.POST["act"]](change, request.POST, who)
    except Wrong as wrong:
        return Answered(change, str(wrong))
    except ActionError:
        change.refresh_from_db()
        return Answered(change, "change_refused" if _is_open(change) else "")
    return Answered(change)


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _text(typed: Mapping[str, str], name: str) -> str:
    return typed.get(name, "").replace("\0", "").strip()[:MOST_TEXT]


def _accept(change: OrderChange, typed: Mapping[str, str], who: str) -> None:
    perform("orders.accept_change", by=system(), subject=change, inputs={"said_by": who})


def _decline(change: OrderChange, typed: Mapping[str, str], who: str) -> None:
    inputs = {"answer": _text(typed, "answer") or NONE, "said_by": who}
    perform("orders.decline_change", by=system(), subject=change, inputs=inputs)


def _counter(change: OrderChange, typed: Mapping[str, str], who: str) -> None:
    """Propose what was typed or written; where the fields there are leave all as it stands, what was written says no."""
    steps, said = _asked(change, typed), _written(change, typed)
    has_fields = any(step.type in TYPED for step in change.steps.all())
    if not steps and said and has_fields and not _says_where(change, typed):
        return _decline(change, {"answer": said}, who)
    if not said and (not has_fields or _is_as_offered(change, typed)):
        raise Wrong("nothing_proposed")
    inputs = {"steps": steps, "answer": said, "said_by": who}
    perform("orders.counter_change", by=system(), subject=change, inputs=inputs)


def _written(change: OrderChange, typed: Mapping[str, str]) -> str:
    """All that was written, what is about a step with its name; none of it is longer than what is kept."""
    say, told = Teller("en"), [_text(typed, "text")]
    for step in change.steps.all():
        where = _text(typed, f"step-{step.pk}") if step.type == Type.SHIP_TO else ""
        remarks = (where[:MOST_REMARK], _text(typed, f"remark-{step.pk}")[:MOST_REMARK])
        told += [f"{_label(step, say)}: {remark}" for remark in remarks if remark]
    return "\n".join(part for part in told if part)[:MOST_TEXT]


def _says_where(change: OrderChange, typed: Mapping[str, str]) -> bool:
    return any(step.type == Type.SHIP_TO and _text(typed, f"step-{step.pk}") for step in change.steps.all())


def _asked(change: OrderChange, typed: Mapping[str, str]) -> list[dict[str, str]]:
    """The steps of the offer with what was typed instead, without those that would leave what they are about as it stands."""
    readers = {Type.DATE: _other_day, Type.QUANTITY: _other_quantity, Type.PRICE: _other_price}
    asked = []
    for step in change.steps.all():
        reader = readers.get(Type(step.type))
        if reader and (other := reader(step, typed.get(f"step-{step.pk}", "").strip())):
            asked.append({"type": str(step.type)} | other)
    return asked


def _other_day(step: ChangeStep, typed: str) -> dict[str, str]:
    row, day = step.schedule_line, _day(typed)
    return {"schedule_line": str(row.pk), "day": day.isoformat()} if row is not None and day != row.promised_on else {}


def _other_quantity(step: ChangeStep, typed: str) -> dict[str, str]:
    row, quantity = step.schedule_line, _number(typed, "bad_quantity")
    if not quantity:
        raise Wrong("bad_quantity")
    return (
        {"schedule_line": str(row.pk), "quantity": f"{quantity:f}"}
        if row is not None and quantity != row.quantity
        else {}
    )


def _other_price(step: ChangeStep, typed: str) -> dict[str, str]:
    """The price expected, in the unit it is offered for; a step keeps it for one."""
    line, price = step.line, round(_number(typed, "bad_price", 6) / int(step.after[1]), 6)
    return (
        {"line": str(line.pk), "unit_price": f"{price:f}"}
        if line is not None and price != line.unit_price / line.per
        else {}
    )


def _is_as_offered(change: OrderChange, typed: Mapping[str, str]) -> bool:
    """Nothing was typed that we did not offer."""
    fields = [step for step in change.steps.all() if step.type in TYPED]
    return all(_same(typed.get(f"step-{step.pk}", "").strip(), _offered(step)) for step in fields)


def _same(typed: str, offered: str) -> bool:
    try:
        return typed == offered or Decimal(typed) == Decimal(offered)
    except InvalidOperation:
        return False


def _day(typed: str) -> date:
    """The day typed, between today and two years from now."""
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise Wrong("bad_day") from error
    if not clock.today() <= day <= clock.today() + AHEAD:
        raise Wrong("bad_day")
    return day


def _number(typed: str, word: str, places: int = 3) -> Decimal:
    """The number typed: not below zero, with so many decimals at most; else the word that says so."""
    try:
        number = Decimal(typed)
    except InvalidOperation as error:
        raise Wrong(word) from error
    if not number.is_finite() or not 0 <= number < MOST_QUANTITY or number != round(number, places):
        raise Wrong(word)
    return number


ANSWERS: dict[str, Callable[[OrderChange, Mapping[str, str], str], None]] = {
    "accept_change": _accept, "decline_change": _decline, "counter_change": _counter,
}  # fmt: skip
