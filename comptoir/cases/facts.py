"""What somebody who is asked has to know of a case: facts as they stand, frozen into the question."""

from django.utils.translation import gettext as _

from comptoir.cases.models import Ask, Case
from comptoir.lib import days
from comptoir.orders.models import Order, ScheduleLine
from comptoir.promises.models import Promise

Fact = list[str]  # its label and its value
MOST_ORDERS = 5


def facts_of(case: Case) -> list[Fact]:
    """Whose case it is, what is asked, what was promised, and the orders it is about."""
    facts = [[_("Case"), f"{case.number} {case.subject}"]]
    if case.customer:
        told = _("{customer}, class {name}").format(customer=case.customer, name=case.customer.customer_class)
        facts.append([_("Customer"), told])
    facts += [[_("Asked"), ask.text] for ask in case.asks.filter(state__in=(Ask.State.OPEN, Ask.State.PROMISED))]
    standing = Promise.objects.standing().filter(case_id=case.pk)
    facts += [[_("Promised"), f"{promise.text} · {_moment(promise)}"] for promise in standing]
    linked = case.links.filter(noun="order").exclude(how="suggested").values("object_id")
    for order in Order.objects.filter(pk__in=linked)[:MOST_ORDERS]:
        facts += facts_of_order(order)
    return facts


def _moment(promise: Promise) -> str:
    return days.day(promise.due_on) if promise.due_on else days.day(promise.due_at.date())


def facts_of_order(order: Order) -> list[Fact]:
    """An order and its open schedule lines with their dates."""
    rows = order.schedule_lines.exclude(state__in=ScheduleLine.DONE).select_related("line__product")
    head = [[_("Order"), f"{order.number} · PO {order.po_number or '–'} · {order.get_state_display()}"]]
    return head + [fact for row in rows[:12] for fact in facts_of_line(row)]


def facts_of_line(row: ScheduleLine) -> list[Fact]:
    """A schedule line: what, how much, asked for and promised when."""
    what = f"{row.line.position} · {row.quantity.normalize():f} {row.line.unit} {row.line.product}"
    told = [_("asked for {day}").format(day=days.day(row.requested_on))]
    if row.promised_on:
        told.append(_("promised {day}").format(day=days.day(row.promised_on)))
    if row.expected_on:
        told.append(_("expected {day}").format(day=days.day(row.expected_on)))
    return [[what, ", ".join(told)]]
