"""The truth diff: an order compared with the customer's document, and what was decided of every difference."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comptoir.actions import ALLOWED, ActionError, NeedsApproval, Notice, Verdict, action, lock
from comptoir.customers.models import Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.prepared import Prepared
from comptoir.lib.text import fold
from comptoir.orders import truth, verbs
from comptoir.orders.models import Difference, InboundDocument, Order, ToleranceRule, Verification
from comptoir.people import Role, any_member, at_least
from comptoir.people.models import Member

State, Verdicts, Colour = Order.State, Difference.Verdict, Difference.Colour
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
    settle(made)
    return made


STANDING = Prepared(lambda order: Verification.objects.filter(order_id=order).order_by("-pk")[:1])


def standing(order: Order) -> Verification | None:
    """The comparison that holds of an order; None where there was none."""
    return STANDING.first(order.pk)


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
    return NeedsApproval(_undecided(reds), role=Role.SENIOR)


def undecided(order: Order, _inputs: Mapping[str, Any]) -> list[Notice]:
    """What confirming would pass over, for whoever may do so."""
    reds = open_reds(order)
    return [Notice(_undecided(reds), f"{order.get_absolute_url()}truth/")] if reds else []


def _undecided(reds: int) -> str:
    told = ngettext(
        "{n} value differs from what the customer sent, and nobody has decided it.",
        "{n} values differ from what the customer sent, and nobody has decided them.",
        reds,
    )
    return told.format(n=reds)


def settle(made: Verification) -> None:
    """The state of comparison and order, by what is open: red is discrepant, amber alone waits for somebody's look."""
    rows = list(made.differences.all())
    is_open = [row for row in rows if row.is_open]
    asked = [row for row in is_open if row.verdict == Verdicts.ASKED]
    made.state = (
        Verification.State.SETTLED if not is_open else Verification.State.ASKED if asked else Verification.State.OPEN
    )
    made.save(update_fields=["state"])
    order = made.order
    if order.state in UNCONFIRMED:
        is_red = any(row.colour == Colour.RED for row in is_open)
        order.state = (
            State.READY
            if not is_open
            else State.CLARIFYING
            if asked
            else State.DISCREPANT
            if is_red
            else State.VERIFYING
        )
        order.save(update_fields=["state"])


def decide(row: Difference, verdict: str, note: str, *, by: Member) -> None:
    """Keep what was decided, by whom and when."""
    row.verdict, row.note, row.by, row.at = verdict, note[:300], by, clock.now()
    row.save(update_fields=["verdict", "note", "by", "at"])


def refuse_alike(row: Difference) -> None:
    """Only what differs is decided, and only in the comparison that holds."""
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
    refuse_alike(row)
    decide(row, Verdicts.ACCEPTED, note, by=by)
    if row.field == Difference.Field.SHIP_TO:
        _learn_address(row)
    tell(verbs.DIFFERENCE_ACCEPTED, row, by, what=str(row), theirs=row.theirs or "–", ours=row.ours or "–")
    settle(row.verification)
    return row


def _learn_address(row: Difference) -> None:
    """What the customer calls the address that we ship to is known from now on."""
    template = row.verification.document.template
    if template is None:
        return
    lock(template)
    template.refresh_from_db()
    template.rules.setdefault("ship_to", {})[fold(row.theirs)] = row.verification.order.ship_to_id
    template.save(update_fields=["rules"])


def refuse_confirmed(order: Order) -> None:
    """What is promised changes by an order change only."""
    if order.state not in UNCONFIRMED:
        raise ActionError(_("{order} is confirmed: change it by an order change.").format(order=order))


def tell(verb: Any, row: Difference, by: Member, **values: Any) -> None:
    """Put what was decided into the order's story."""
    record(verb, by=by, on=[row.verification.order, row.verification.order.customer], **values)


@action(
    "orders.reopen_difference",
    subject=Difference,
    root=lambda row: row.verification.order,
    authority=any_member,
    title=gettext_lazy("Take the verdict back"),
)
def reopen_difference(row: Difference, *, by: Member) -> Difference:
    """A difference that was accepted waits for a verdict again, while the order is not confirmed."""
    refuse_alike(row)
    refuse_confirmed(row.verification.order)
    if row.verdict != Verdicts.ACCEPTED:
        raise ActionError(_("Only an accepted difference is taken back; a corrected one is corrected again."))
    decide(row, "", "", by=by)
    tell(verbs.DIFFERENCE_REOPENED, row, by, what=str(row))
    settle(row.verification)
    return row


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
        decide(row, Verdicts.ASKED, "", by=by)
    record(verbs.DIFFERENCES_ASKED, by=by, on=[order, order.customer], count=len(rows))
    settle(last)
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
