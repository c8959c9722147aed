"""A small desk in which every declared action can be played: its subject and an input that fits, found from the declaration.

What cannot be found from it is named in SUBJECTS, READY and WORDS; an action that still cannot be played fails the tests of the
registry, so a new one is either covered at once or named here.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django import forms
from django.db import models

from comptoir.actions import forms as action_forms
from comptoir.actions.authority import NeedsApproval
from comptoir.actions.door import Call, _ask
from comptoir.actions.models import Approval
from comptoir.actions.registry import ACTIONS, Spec
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.roles import Role
from comptoir.orders.models import Order
from comptoir.people.models import Member, Team
from tests import build


@dataclass
class World:
    """The rows of one desk."""

    ours: Team
    theirs: Team
    rep: Member
    senior: Member
    boss: Member
    customer: Customer
    order: Order
    case: Case
    other: Case
    foreign: Case
    extra: dict[str, Any] = field(default_factory=dict)


def make() -> World:
    """Two teams; a customer with an order; two cases of our team and one of theirs."""
    ours, theirs = build.team(), build.team("Export")
    customer = build.customer()
    build.contact(customer)
    order = build.order(customer, po="PO-77341", products=2)
    for kind in ("date", "split", "cancel", "delay"):
        build.reason(kind)
    for role in (Role.REP, Role.SENIOR, Role.ADMINISTRATOR):
        build.limit(role, "100")
    case, other = (receive(build.mail(build.WISH)).case for _ in range(2))
    box = build.inbox("export@desk.example", of=theirs)
    foreign = receive(build.mail(build.WISH, inbox=box, subject="Secret matter")).case
    return World(
        ours, theirs, build.member(), build.member(Role.SENIOR), build.member(Role.ADMINISTRATOR), customer, order, case, other,
        foreign,
    )  # fmt: skip


def pull_in_above_the_limit(world: World, by: Member | None = None) -> Approval:
    """A request of the rep for freight that nobody but a manager may give."""
    asker = by or world.rep
    spec, line = ACTIONS["orders.pull_in"], build.schedule_line(world.order)
    inputs = spec.complete({"to": build.workday(8), "reason": build.reason(), "freight_cost": Money.of("180", "EUR")})
    return _ask(Call(spec, line, asker, inputs), NeedsApproval("Above the limit", amount=Money.of("180", "EUR")))


# Done once, on a desk where nobody works yet: tests/web/test_setup.py plays it.
ONCE = {"cases.found_desk"}


def subject_of(world: World, spec: Spec) -> Any:
    """The row an action is played on, brought into a state in which it can be done."""
    from tests import played

    if spec.name in played.READY:
        played.READY[spec.name](world)
    if spec.name in played.OTHER_SUBJECTS:
        return played.OTHER_SUBJECTS[spec.name](world)
    if spec.subject is None:
        return None
    label = spec.subject._meta.label
    made = played.SUBJECTS[label](world) if label in played.SUBJECTS else spec.subject._default_manager.first()
    assert made is not None, f"{spec.name}: name a {label} in tests/played.py"
    return made


def input_of(world: World, spec: Spec, subject: Any, by: Member) -> dict[str, Any]:
    """Untyped input for the action's form: what its fields ask for, what stands for an edit, and our own words."""
    from tests import played

    form = action_forms.build(spec, by, subject)
    standing = {name: value for name, value in spec.standing(subject).items() if name in form.fields}
    raw = action_forms.dump(action_forms.build(spec, by, subject), standing)
    for name, one in form.fields.items():
        if one.required and name not in raw and f"{name}_0" not in raw:
            raw |= _filled(name, one)
    raw |= {
        n: str(v)
        for n, one in form.fields.items()
        if one.required and raw.get(n) in ("", None)
        for v in _filled(n, one).values()
    }
    return raw | _changed(raw, standing) | played.WORDS.get(spec.name, lambda world: {})(world)


def _changed(raw: dict[str, Any], standing: dict[str, Any]) -> dict[str, Any]:
    """An edit changes something: the first text that stands."""
    name = next((n for n in ("name", "label", "subject", "en", "imap_host") if standing.get(n)), "")
    return {name: f"{raw[name]} & Co"} if name else {}


def _filled(name: str, one: forms.Field) -> dict[str, Any]:
    if isinstance(one, action_forms.MoneyField):
        return {f"{name}_0": "10", f"{name}_1": "EUR"}
    if isinstance(one, action_forms.RowsField):
        rows = action_forms.row_fields(one.row, one.context)
        return {name: [{k: v for n, f in rows.items() if f.required for k, v in _filled(n, f).items()}]}
    return {name: _value(one)}


def _value(one: forms.Field) -> Any:
    if isinstance(one, forms.ModelMultipleChoiceField):
        return [str(one.queryset.first().pk)]
    if isinstance(one, forms.ModelChoiceField):
        row: models.Model | None = one.queryset.first()  # type: ignore[union-attr]
        return str(row.pk) if row else ""
    if isinstance(one, forms.ChoiceField):
        grouped = (inner if isinstance(inner, list | tuple) else [(value, inner)] for value, inner in one.choices)
        return next(str(value) for group in grouped for value, _label in group if value)
    if isinstance(one, forms.DateTimeField):
        return (clock.now() + timedelta(days=1)).isoformat()
    if isinstance(one, forms.DateField):
        return build.workday(20).isoformat()
    if isinstance(one, forms.TimeField):
        return "07:30" if "open" in str(one.label).lower() else "18:00"
    if isinstance(one, forms.EmailField):
        return f"new{clock.now().timestamp()}@desk.example"
    if isinstance(one, forms.DecimalField | forms.IntegerField):
        return "1"
    return "Some words"
