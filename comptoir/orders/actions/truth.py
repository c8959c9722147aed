"""The truth diff: an order compared with the customer's document, and what was decided of every difference."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Change, NeedsApproval, Verdict, action
from comptoir.catalog.models import Product
from comptoir.customers.models import Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.orders import truth, verbs
from comptoir.orders.models import Difference, InboundDocument, Line, Order, ToleranceRule, Verification
from comptoir.people import Role, any_member, at_least
from comptoir.people.models import Member

State, Verdicts, Colour, Field = Order.State, Difference.Verdict, Difference.Colour, Difference.Field
UNCONFIRMED = (State.DRAFT, State.VERIFYING, State.DISCREPANT, State.CLARIFYING, State.READY)


def verify(order: Order, document: InboundDocument, *, by: Member) -> Verification:
    """Compare an order with a document; its state says whether anything is open."""
    rows = truth.compare(order, document)
    sent = len(document.read.lines)
    made = Verification.objects.create(
        order=order, document=document, version=order.version, by=by, lines_sent=sent,
        lines_exact=truth.exact_lines(rows, sent),
    )  # fmt: skip
    for row in rows:
        row.verification = made
    Difference.objects.bulk_create(rows)
    count = [sum(1 for row in rows if row.colour == colour) for colour in (Colour.RED, Colour.AMBER)]
    record(verbs.VERIFIED, by=by, on=[order, order.customer], name=document.name, red=count[0], amber=count[1])
    _settle(made)
    return made


def standing(order: Order) -> Verification | None:
    """The comparison that holds of an order; None where there was none."""
    row: Verification | None = order.verifications.order_by("-pk").first()
    return row


def open_reds(order: Order) -> int:
    """How many values differ from the document beyond tolerance, with nobody having decided."""
    last = standing(order)
    if last is None:
        return 0
    return (
        last.differences.filter(colour=Colour.RED).exclude(verdict__in=(Verdicts.ACCEPTED, Verdicts.CORRECTED)).count()
    )


def may_confirm(member: Member, order: Order | None, inputs: Any) -> Verdict:
    """Anybody confirms what agrees with the document; over an open red difference a senior's authority is needed."""
    if order is None or (reds := open_reds(order)) == 0 or member.at_least(Role.SENIOR):
        return ALLOWED
    sentence = _("{n} values differ from what the customer sent, and nobody has decided them.").format(n=reds)
    return NeedsApproval(sentence, role=Role.SENIOR)


def _settle(made: Verification) -> None:
    """State of comparison and order, by what is open."""
    rows = list(made.differences.all())
    is_open = [row for row in rows if row.is_open]
    asked = [row for row in is_open if row.verdict == Verdicts.ASKED]
    made.state = (
        Verification.State.SETTLED if not is_open else Verification.State.ASKED if asked else Verification.State.OPEN
    )
    made.save(update_fields=["state"])
    order = made.order
    if order.state in UNCONFIRMED:
        order.state = State.READY if not is_open else State.CLARIFYING if asked else State.DISCREPANT
        order.save(update_fields=["state"])


def _decide(row: Difference, verdict: str, note: str, *, by: Member) -> None:
    row.verdict, row.note, row.by, row.at = verdict, note[:300], by, clock.now()
    row.save(update_fields=["verdict", "note", "by", "at"])


def _refuse_alike(row: Difference) -> None:
    if row.colour == Colour.GREEN:
        raise ActionError(_("Both say the same here."))
    if standing(row.verification.order) != row.verification:
        raise ActionError(_("The order was compared anew since: look at the latest comparison."))


@action(
    "orders.accept_difference",
    subject=Difference,
    root=lambda row: row.verification.order,
    authority=any_member,
    title=gettext_lazy("Accept the difference"),
)
def accept_difference(row: Difference, *, by: Member, note: str = "") -> Difference:
    """Let a difference stand: ours is right, and who said so is kept."""
    _refuse_alike(row)
    _decide(row, Verdicts.ACCEPTED, note, by=by)
    _told(verbs.DIFFERENCE_ACCEPTED, row, by, what=str(row), theirs=row.theirs or "–", ours=row.ours or "–")
    _settle(row.verification)
    return row


def _told(verb: Any, row: Difference, by: Member, **values: Any) -> None:
    record(verb, by=by, on=[row.verification.order, row.verification.order.customer], **values)


def correct_changes(row: Difference, inputs: Any) -> list[Change]:
    """What the order would say."""
    return [Change(str(row), row.ours or "–", inputs["to_value"] or "–")]


def theirs_of(row: Difference) -> dict[str, Any]:
    """The form begins with what the customer sent."""
    return {"to_value": row.theirs}


@action(
    "orders.correct_difference",
    subject=Difference,
    root=lambda row: row.verification.order,
    authority=any_member,
    title=gettext_lazy("Correct our order"),
    diff=correct_changes,
    labels={"to_value": gettext_lazy("Ours is to say")},
)
def correct_difference(row: Difference, *, by: Member, to_value: str) -> Difference:
    """Write what the customer sent into the order's line, while it is not confirmed."""
    _refuse_alike(row)
    order = row.verification.order
    if order.state not in UNCONFIRMED:
        raise ActionError(_("{order} is confirmed: change it by an order change.").format(order=order))
    if row.line is None:
        raise ActionError(_("This cannot be corrected in a line: accept it, or ask the customer."))
    before = row.ours
    _write(row.line, row.field, to_value.strip())
    row.ours = to_value.strip()[:300]
    row.save(update_fields=["ours"])
    _decide(row, Verdicts.CORRECTED, "", by=by)
    _told(verbs.DIFFERENCE_CORRECTED, row, by, what=str(row), before=before or "–", after=row.ours)
    _settle(row.verification)
    return row


def _write(line: Line, field: str, text: str) -> None:
    try:
        if field == Field.DATE:
            line.schedule_lines.update(requested_on=date.fromisoformat(text))
            return
        if field == Field.QUANTITY:
            _requantify(line, Decimal(text.replace(",", ".")))
        elif field == Field.PRICE:
            line.unit_price, line.per, line.price_source = Decimal(text.replace(",", ".")), 1, "manual"
        elif field == Field.PART:
            _exchange(line, text)
        else:
            raise ActionError(_("This cannot be corrected in a line: accept it, or ask the customer."))
    except (ValueError, InvalidOperation) as error:
        raise ActionError(_("«{text}» cannot be read here.").format(text=text)) from error
    line.net = line.net_of(line.quantity).amount
    line.save()


def _requantify(line: Line, quantity: Decimal) -> None:
    if not 0 < quantity < 10**10:
        raise ActionError(_("The quantity has to be a number above zero."))
    line.quantity = quantity
    line.schedule_lines.exclude(position=1).delete()
    line.schedule_lines.update(quantity=quantity)


def _exchange(line: Line, text: str) -> None:
    from comptoir.catalog.queries import parts_named, price_for

    found = parts_named(line.order.customer, text)
    if len(found) != 1 or found[0].product.state == Product.State.ENDED:
        raise ActionError(_("There is no part «{part}».").format(part=text))
    quoted = price_for(line.order.customer, found[0].product, line.quantity, clock.today())
    if quoted is None:
        raise ActionError(
            _("{product} has no price in {currency}.").format(product=found[0].product, currency=line.order.currency)
        )
    line.product, line.customer_part = found[0].product, found[0].customer_part
    line.description, line.unit = line.product.name, line.product.unit
    line.unit_price, line.per, line.price_source = quoted.unit_price, quoted.per, quoted.source


@action(
    "orders.compare_again",
    subject=Order,
    authority=any_member,
    title=gettext_lazy("Compare again"),
)
def compare_again(order: Order, *, by: Member) -> Verification:
    """Compare the order as it stands with the customer's document once more."""
    document = order.documents.order_by("-pk").first()
    if document is None:
        raise ActionError(_("{order} was not entered from a document.").format(order=order))
    return verify(order, document, by=by)


def mark_asked(order: Order, *, by: Member) -> list[Difference]:
    """The open differences, which the customer is asked about now."""
    last = standing(order)
    rows = list(last.differences.select_related("line__product")) if last else []
    rows = [row for row in rows if row.is_open]
    if last is None or not rows:
        raise ActionError(_("Nothing is open between the document and the order."))
    for row in rows:
        _decide(row, Verdicts.ASKED, "", by=by)
    record(verbs.DIFFERENCES_ASKED, by=by, on=[order, order.customer], count=len(rows))
    _settle(last)
    return rows


@action(
    "orders.set_tolerance",
    subject=Customer,
    authority=at_least(Role.SENIOR),
    title=gettext_lazy("Set a tolerance"),
    labels={
        "field": gettext_lazy("Field"), "amber": gettext_lazy("Amber above"), "red": gettext_lazy("Red above"),
        "for_everybody": gettext_lazy("For every customer without a rule of their own"),
    },
)  # fmt: skip
def set_tolerance(
    customer: Customer,
    *,
    by: Member,
    field: ToleranceRule.Field,
    amber: Decimal,
    red: Decimal,
    for_everybody: bool = False,
) -> ToleranceRule:
    """Say from how much on a difference of a customer's documents is amber, and red."""
    if not 0 <= amber <= red:
        raise ActionError(_("Red begins where amber does, or above."))
    rule, _new = ToleranceRule.objects.update_or_create(
        customer=None if for_everybody else customer, field=field, defaults={"amber": amber, "red": red}
    )
    label = str(ToleranceRule.Field(field).label)
    record(verbs.TOLERANCE_SET, by=by, on=[customer], field=label, amber=amber, red=red)
    return rule
