"""Ours is made to say what the customer sent, by the same rules as entering it: prices, limits, holds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Change, NeedsApproval, Verdict, action
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import AgreementLine
from comptoir.events.actor import Actor
from comptoir.lib import clock, said_days
from comptoir.lib.numbers import number
from comptoir.lib.roles import RANKS, Role
from comptoir.orders import verbs
from comptoir.orders.actions.changes import refuse_uncounted
from comptoir.orders.actions.entry import NewLine, hold_for, line_of, refuse_line, tax_of
from comptoir.orders.actions.truth import Verdicts, decide, refuse_alike, refuse_confirmed, settle, tell
from comptoir.orders.guards import Guard, Wanted, check
from comptoir.orders.models import Difference, Line, Order
from comptoir.orders.truth import compare, is_said_in
from comptoir.people.models import Member

Field = Difference.Field
CORRECTABLE = (Field.PART, Field.QUANTITY, Field.PRICE, Field.DATE)


def may_correct(member: Actor, row: Difference, inputs: Mapping[str, Any]) -> Verdict:
    """Any member; what would not have been entered without a higher role is not corrected without it."""
    if row is None or row.line is None or row.field not in CORRECTABLE:
        return ALLOWED
    try:
        fresh = _new(row, inputs["to_value"]) - _known(row.line.order)
    except (ActionError, ValueError):
        return ALLOWED  # the action says what is wrong with it
    above = [guard for guard in fresh if guard.needs and RANKS[guard.needs] > member.rank]
    if not above:
        return ALLOWED
    role = max((Role(guard.needs) for guard in above), key=lambda role: RANKS[role])
    return NeedsApproval(" ".join(guard.sentence for guard in above), role=role)


def correct_changes(row: Difference, inputs: Mapping[str, Any]) -> list[Change]:
    """What the order would say."""
    return [Change(str(row), row.ours or "–", inputs["to_value"] or "–")]


@action(
    "orders.correct_difference",
    subject=Difference,
    root=lambda row: row.verification.order,
    authority=may_correct,
    title=gettext_lazy("Correct our order"),
    diff=correct_changes,
    labels={"to_value": gettext_lazy("Ours is to say")},
)
def correct_difference(row: Difference, *, by: Member, to_value: str) -> Difference:
    """Write what the customer sent into the order's line, while it is not confirmed; what then stands against it holds it."""
    refuse_alike(row)
    refuse_confirmed(row.verification.order)
    if row.line is None or row.field not in CORRECTABLE:
        raise ActionError(_("This cannot be corrected in a line: accept it, or ask the customer."))
    before, known = row.ours, _known(row.line.order)
    try:
        entered = _corrected(row, to_value)
    except ValueError as error:
        raise ActionError(str(error)) from error
    _hold(row.line.order, _new(row, to_value) - known, by)
    _write(row.line, entered)
    row.ours = to_value.strip()[:300]
    row.save(update_fields=["ours"])
    decide(row, Verdicts.CORRECTED, "", by=by)
    tell(verbs.DIFFERENCE_CORRECTED, row, by, what=str(row), before=before or "–", after=row.ours)
    _look_again(row)
    settle(row.verification)
    return row


def _look_again(row: Difference) -> None:
    """What the corrected line says otherwise now, where nobody has decided it; a verdict stands."""
    verification = row.verification
    fresh = {new.field: new for new in compare(verification.order, verification.document) if new.line == row.line}
    for other in verification.differences.filter(line=row.line).exclude(pk=row.pk):
        if (new := fresh.get(other.field)) is not None and other.verdict in ("", Verdicts.ASKED):
            other.ours, other.agreement, other.colour = new.ours, new.agreement, new.colour
            other.save(update_fields=["ours", "agreement", "colour"])


def _hold(order: Order, fresh: frozenset[Guard], by: Member) -> None:
    held = set(order.holds.filter(lifted_at=None).values_list("kind", flat=True))
    hold_for(order, sorted((g for g in fresh if g.hold not in held), key=lambda guard: guard.sentence), by)


def _entered(line: Line) -> NewLine:
    """A line as it stands, in its own unit; a price that was typed stays."""
    price = line.unit_price / line.per if line.price_source == "manual" else None
    day = line.schedule_lines.order_by("position")[0].requested_on
    return NewLine(line.product, line.quantity, day, price, line.customer_part, agreement_line=line.agreement_line)


def _corrected(row: Difference, text: str) -> NewLine:
    """The line with the one value corrected. Raises ValueError or ActionError with the sentence why not."""
    assert row.line is not None
    line = _entered(row.line)
    if row.field == Field.DATE:
        return replace(line, requested_on=_day(text))
    if row.field == Field.PART:
        found = catalog.parts_named(row.line.order.customer, text)
        if len(found) != 1:
            raise ActionError(_("There is no part «{part}».").format(part=text.strip()))
        return replace(line, product=found[0].product, customer_part=found[0].customer_part, agreement_line=None)
    value = number(text)
    if value is None or (value == 0 and row.field == Field.QUANTITY):
        raise ActionError(_("«{text}» cannot be read here.").format(text=text))
    if row.field == Field.PRICE:
        return replace(line, unit_price=value, agreement_line=_agreed_again(row.line, line.quantity))
    own = value * _factor(row)
    refuse_uncounted(own)
    return replace(line, quantity=own, agreement_line=_agreed_again(row.line, own))


def _factor(row: Difference) -> Decimal:
    """How many of our own unit one is of the unit the document speaks in."""
    assert row.line is not None
    unit = row.verification.differences.filter(line=row.line, field=Field.UNIT).values_list("theirs", flat=True).first()
    return row.line.factor if is_said_in(row.line, unit or "") else Decimal(1)


def _agreed_again(line: Line, quantity: Decimal) -> AgreementLine | None:
    """The line of the agreement that was named when it was entered, for another quantity; None where the catalogue chose.

    Then the catalogue is asked again: the quantity may reach another break, and the agreement may have ended.
    """
    named, customer = line.agreement_line, line.order.customer
    if named is None or not named.agreement.holds_on(clock.today()):
        return None
    chosen = catalog.price_for(customer, line.product, line.quantity, clock.today())
    if chosen is not None and chosen.agreement_line == named.pk:
        return None
    rows = named.agreement.lines.filter(product=line.product, minimum_quantity__lte=quantity)
    return rows.select_related("agreement").order_by("-minimum_quantity").first() or named


def _day(text: str) -> date:
    day = said_days.day(text)
    if day is None or day < clock.today():
        raise ActionError(_("The requested day is over.") if day else _("When does the customer want it?"))
    return day


def _guards(order: Order, changed: Mapping[int, NewLine]) -> frozenset[Guard]:
    lines = [
        changed.get(line.pk) or _entered(line)
        for line in order.lines.select_related("product", "order", "agreement_line__agreement")
    ]
    wanted = [Wanted(one.product, one.quantity, one.unit_price, one.agreement_line) for one in lines]
    return frozenset(check(order.customer, order.ship_to.country, wanted, order).guards)


def _known(order: Order) -> frozenset[Guard]:
    """What stands against the order already: it was answered when the order was placed."""
    return _guards(order, {})


def _new(row: Difference, text: str) -> frozenset[Guard]:
    assert row.line is not None
    return _guards(row.line.order, {row.line.pk: _corrected(row, text)})


def _write(line: Line, entered: NewLine) -> None:
    """The line as entry would have written it; the days of its schedule lines follow a corrected day and quantity."""
    rows, stood = line.schedule_lines, _entered(line)
    if replace(entered, requested_on=stood.requested_on) != stood:
        _rewrite(line, entered)
    if entered.quantity != line.quantity:
        rows.exclude(position=rows.order_by("position")[0].position).delete()
        rows.update(quantity=entered.quantity)
    rows.update(requested_on=entered.requested_on)


def _rewrite(line: Line, entered: NewLine) -> None:
    """The line with its price and tax as of today; what the customer said stays where the quantity does."""
    refuse_line(entered, line.order.customer)
    quoted = catalog.price_for(line.order.customer, entered.product, entered.quantity, clock.today())
    written = line_of(line.order, line.position, entered, entered.quantity, quoted)
    if entered.product == line.product:
        written.ordered_quantity, written.ordered_unit = line.said(entered.quantity)
    written.tax_category, written.tax_rate = tax_of(line.order).of(entered.product.tax_category)
    written.pk = line.pk
    written.save()
