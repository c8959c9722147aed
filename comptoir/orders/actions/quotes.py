"""Quotes: written, changed, sent, answered, revised, and turned into an order once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ALLOWED, ActionError, Denied, NeedsApproval, Seen, Text, Verdict, action
from comptoir.actions.due import due, take
from comptoir.catalog import queries as catalog
from comptoir.customers.models import Address, Contact, Customer
from comptoir.events import record
from comptoir.events.actor import Actor
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.numbers import with_check
from comptoir.lib.roles import RANKS, Role
from comptoir.orders import verbs
from comptoir.orders.actions.entry import NewLine, create, hold_for, own_quantities, price_of, refuse_line
from comptoir.orders.guards import Wanted, check
from comptoir.orders.models import Line, Order, Quote, QuoteLine, QuoteVersion
from comptoir.orders.queries import twin_of
from comptoir.orders.quoting import lines_of_order, refuse_changed, snapshot
from comptoir.orders.repricing import changed
from comptoir.people import any_member, system
from comptoir.people.models import Member

State = Quote.State
VALID_FOR = timedelta(days=30)
MOST = 400  # letters of what the journal says of other prices
WORDS = {
    "lines": gettext_lazy("Lines"),
    "contact": gettext_lazy("Contact"),
    "valid_until": gettext_lazy("Valid until"),
    "reference": gettext_lazy("Their reference"),
    "note": gettext_lazy("What the quote says besides"),
    "ship_to": gettext_lazy("Ship-to"),
}


def next_number() -> str:
    """The next quote number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('quote_number')")
        return f"QU-{with_check(cursor.fetchone()[0])}"


@action("orders.quote", subject=Customer, authority=any_member, title=gettext_lazy("New quote"), labels=WORDS)
def quote(
    customer: Customer,
    *,
    by: Member,
    lines: list[NewLine],
    contact: Contact | None = None,
    ship_to: Address | None = None,
    valid_until: date | None = None,
    reference: str = "",
    note: Text = "",  # type: ignore[assignment]
) -> Quote:
    """Write a quote for a customer or a prospect; it holds from the day it is sent."""
    until = valid_until or clock.today() + VALID_FOR
    _refuse_content(customer, lines, until, contact, ship_to)
    made = Quote.objects.create(
        number=next_number(), customer=customer, contact=contact, ship_to=ship_to, owner=by, currency=customer.currency,
        terms=customer.terms, incoterm=customer.incoterm, reference=reference, note=note, valid_until=until,
    )  # fmt: skip
    _write_lines(made, lines)
    record(verbs.QUOTED, by=by, on=[made, customer], number=made.number)
    return made


def _refuse_content(customer: Customer, lines: Sequence[NewLine], until: date, *rows: Address | Contact | None) -> None:
    if not lines:
        raise ActionError(_("A quote needs at least one line."))
    if until < clock.today():
        raise ActionError(_("The quote would be over before it is sent: name a later day."))
    for row in rows:
        if row is not None and row.customer_id != customer.pk:
            raise ActionError(_("{row} does not belong to {customer}.").format(row=row, customer=customer))


def _write_lines(made: Quote, lines: Sequence[NewLine]) -> list[tuple[QuoteLine, catalog.Quoted]]:
    """The lines at the prices typed in, else at those the catalogue quotes today; each with its price."""
    for one in lines:
        refuse_line(one, made.customer)
    quantities = own_quantities(lines)
    wanted = [(one.product, quantity) for one, quantity in zip(lines, quantities, strict=True)]
    found = catalog.prices_for(made.customer, wanted, clock.today())
    prices = [price_of(one, quoted, made.currency) for one, quoted in zip(lines, found, strict=True)]
    rows = [
        _line(made, index * 10, one, quantity, price)
        for index, (one, quantity, price) in enumerate(zip(lines, quantities, prices, strict=True), 1)
    ]
    QuoteLine.objects.filter(quote=made).delete()
    QuoteLine.objects.bulk_create(rows)
    return list(zip(rows, prices, strict=True))


def _line(made: Quote, position: int, one: NewLine, quantity: Decimal, price: catalog.Quoted) -> QuoteLine:
    line = QuoteLine(
        quote=made, position=position, product=one.product, customer_part=one.customer_part, unit=one.product.unit,
        description=one.product.name, quantity=quantity, unit_price=price.unit_price, per=price.per,
        price_source=price.source, requested_on=one.requested_on, agreement_line_id=price.agreement_line,
        ordered_quantity=one.quantity, ordered_unit=one.unit or one.product.unit,
    )  # fmt: skip
    amount = line.quantity * price.unit_price / price.per
    line.net = Money(amount, made.currency).quantized().amount
    return line


@action(
    "orders.change_quote",
    subject=Quote,
    authority=any_member,
    title=gettext_lazy("Change the quote"),
    labels=WORDS,
    is_public=False,
)
def change_quote(
    quoted: Quote,
    *,
    by: Member,
    lines: list[NewLine],
    contact: Contact | None = None,
    ship_to: Address | None = None,
    valid_until: date | None = None,
    reference: str = "",
    note: Text = "",  # type: ignore[assignment]
    seen: Seen = "",  # type: ignore[assignment]
) -> Quote:
    """Write the whole quote anew, as long as it has not been sent; what was approved before has to be again.

    Its prices are today's, but for those typed in; the story names each that is another than before. Raises
    ChangedMeanwhile where the quote is another than was `seen`.
    """
    _refuse_unless(quoted, State.DRAFT)
    _refuse_other_currency(quoted)
    _refuse_on_its_way(quoted)
    before = lines_of_order(quoted)
    refuse_changed(quoted, before, seen)
    until = valid_until or quoted.valid_until
    _refuse_content(quoted.customer, lines, until, contact, ship_to)
    quoted.contact, quoted.ship_to, quoted.valid_until = contact, ship_to, until
    quoted.reference, quoted.note, quoted.prices_approved = reference, note, False
    quoted.save(update_fields=["contact", "ship_to", "valid_until", "reference", "note", "prices_approved"])
    written = _write_lines(quoted, lines)
    record(verbs.QUOTE_CHANGED, by=by, on=[quoted, quoted.customer], number=quoted.number)
    if others := changed(before, written):
        told = "; ".join(map(str, others))[:MOST]
        record(verbs.QUOTE_REPRICED, by=by, on=[quoted, quoted.customer], number=quoted.number, what=told)
    return quoted


def _refuse_on_its_way(quoted: Quote) -> None:
    """Raise ActionError where a mail that is about to leave has this version with it."""
    messages: Any = apps.get_model("cases", "Message")._default_manager
    leaving = messages.filter(
        state__in=("queued", "sending"), attachments__quote=quoted, attachments__quote_version=quoted.version
    )
    if leaving.exists():
        raise ActionError(_("{quote} is about to leave in a mail: take the mail back first.").format(quote=quoted))


def _refuse_other_currency(quoted: Quote) -> None:
    """Raise ActionError where the customer's currency has changed since: no number of the quote is one of it."""
    customer = quoted.customer
    if quoted.currency != customer.currency:
        told = _("{quote} is in {before}, and the prices of {customer} are in {now}: write a new one.")
        raise ActionError(told.format(quote=quoted, before=quoted.currency, customer=customer, now=customer.currency))


def _refuse_unless(quoted: Quote, *states: str) -> None:
    if quoted.state not in states:
        raise ActionError(_("{quote} is {state}.").format(quote=quoted, state=quoted.get_state_display()))


def may_send(member: Actor, quoted: Quote, inputs: Mapping[str, Any]) -> Verdict:
    """Any member; prices below the limit of their role ask for a higher one, once for as long as they stand."""
    if quoted.is_approved:
        return ALLOWED
    found = check(quoted.customer, quoted.customer.country, [_wanted(line) for line in lines_of_order(quoted)])
    above = [one for one in found.guards if one.kind == "price" and one.needs and RANKS[one.needs] > member.rank]
    if not above:
        return ALLOWED
    role = max((Role(one.needs) for one in above), key=lambda role: RANKS[role])
    return NeedsApproval(" ".join(one.sentence for one in above), role=role)


def _wanted(line: QuoteLine) -> Wanted:
    """A line for the guards; only a price somebody typed is asked about."""
    return Wanted(
        line.product, line.quantity, line.price if line.price_source == "manual" else None, line.agreement_line
    )


@action(
    "orders.approve_quote",
    subject=Quote,
    authority=may_send,
    title=gettext_lazy("Send at these prices"),
    stale=("version", "state", "prices_approved", "priced"),
)
def approve_quote(quoted: Quote, *, by: Member) -> Quote:
    """Agree to the prices of a draft: it may be sent from now on, and is when its mail leaves."""
    refuse_over(quoted)
    quoted.prices_approved = True
    quoted.save(update_fields=["prices_approved"])
    record(verbs.QUOTE_APPROVED, by=by, on=[quoted, quoted.customer], number=quoted.number)
    return quoted


def may_freeze(member: Actor, quoted: Quote, inputs: Mapping[str, Any]) -> Verdict:
    """Who may send it; what somebody else has to agree to is agreed to before, for sending is not theirs to do."""
    verdict = may_send(member, quoted, inputs)
    if isinstance(verdict, NeedsApproval):
        return Denied(_("{why} Have the prices approved first.").format(why=verdict.sentence))
    return verdict


@action("orders.send_quote", subject=Quote, authority=may_freeze, title=gettext_lazy("Send the quote"))
def send_quote(quoted: Quote, *, by: Member) -> QuoteVersion:
    """Freeze what the quote says as its next version: from now on the customer may hold us to it."""
    return freeze(quoted, by=by)


def freeze(quoted: Quote, *, by: Member) -> QuoteVersion:
    """The version the quote is sent as, at the moment it is sent; ActionError where it is no draft or would be over."""
    refuse_over(quoted)
    made = QuoteVersion.objects.create(quote=quoted, version=quoted.version, snapshot=snapshot(quoted))
    quoted.state, quoted.sent_at = State.SENT, clock.now()
    quoted.save(update_fields=["state", "sent_at"])
    record(
        verbs.QUOTE_SENT, by=by, on=[quoted, quoted.customer],
        number=quoted.number, version=quoted.version, until=quoted.valid_until,
    )  # fmt: skip
    return made


def refuse_over(quoted: Quote) -> None:
    """Raise ActionError where the quote is no draft, or would be over before it is sent."""
    _refuse_unless(quoted, State.DRAFT)
    _refuse_other_currency(quoted)
    if quoted.is_over(clock.today()):
        raise ActionError(_("The quote would be over before it is sent: name a later day."))


@action(
    "orders.revise_quote", subject=Quote, authority=any_member, title=gettext_lazy("Revise the quote"),
    labels={"valid_until": gettext_lazy("Valid until")},
)  # fmt: skip
def revise_quote(quoted: Quote, *, by: Member, valid_until: date | None = None) -> Quote:
    """Begin the next version of a quote that was sent, declined or is over; the earlier ones stay as they were."""
    _refuse_unless(quoted, State.SENT, State.DECLINED, State.EXPIRED)
    _refuse_other_currency(quoted)
    today = clock.today()
    until = valid_until or (today + VALID_FOR if quoted.is_over(today) else quoted.valid_until)
    if until < today:
        raise ActionError(_("The quote would be over before it is sent: name a later day."))
    quoted.version, quoted.state, quoted.valid_until = quoted.version + 1, State.DRAFT, until
    quoted.decline_reason, quoted.answered_at, quoted.prices_approved = "", None, False
    quoted.save(update_fields=["version", "state", "valid_until", "decline_reason", "answered_at", "prices_approved"])
    record(verbs.QUOTE_REVISED, by=by, on=[quoted, quoted.customer], number=quoted.number, version=quoted.version)
    return quoted


@action(
    "orders.decline_quote", subject=Quote, authority=any_member, title=gettext_lazy("The customer declines"),
    labels={"reason": gettext_lazy("Reason"), "said_by": gettext_lazy("Who said so")},
)  # fmt: skip
def decline_quote(quoted: Quote, *, by: Member, reason: str, said_by: str = "") -> Quote:
    """The customer does not take the quote, for the reason they gave."""
    _refuse_unless(quoted, State.SENT)
    _told(quoted, by, said_by)
    quoted.state, quoted.decline_reason, quoted.answered_at = State.DECLINED, reason[:300], clock.now()
    quoted.save(update_fields=["state", "decline_reason", "answered_at"])
    record(
        verbs.QUOTE_DECLINED, by=by, on=[quoted, quoted.customer], number=quoted.number, reason=quoted.decline_reason
    )
    return quoted


@action(
    "orders.accept_quote",
    subject=Quote,
    authority=any_member,
    title=gettext_lazy("The customer accepts"),
    also=lambda quoted, inputs: [quoted.customer],
    labels={
        "po_number": gettext_lazy("Customer PO"),
        "requested_on": gettext_lazy("Wanted on, where a line names no day"),
        "ship_to": gettext_lazy("Ship-to"),
        "said_by": gettext_lazy("Who said so"),
    },
)
def accept_quote(
    quoted: Quote,
    *,
    by: Member,
    po_number: str = "",
    requested_on: date | None = None,
    ship_to: Address | None = None,
    said_by: str = "",
) -> Order:
    """The quote becomes an order, once, at its prices; credit, documents and export hold it as they hold any order."""
    _refuse_unless(quoted, State.SENT)
    _refuse_other_currency(quoted)
    if quoted.is_over(clock.today()):
        raise ActionError(_("{quote} was valid until {day}: revise it.").format(quote=quoted, day=quoted.valid_until))
    if twin := twin_of(quoted.customer, po_number):
        raise ActionError(_("{po} was entered before, as {order}.").format(po=po_number, order=twin))
    lines = lines_of_order(quoted)
    wanted = [NewLine(x.product, x.quantity, _day(x, requested_on), None, x.customer_part) for x in lines]
    order = create(
        quoted.customer, wanted, po_number, contact=quoted.contact, ship_to=ship_to or quoted.ship_to,
        agreed=[catalog.Quoted(x.unit_price, x.per, "quote", agreement_line=_called(x)) for x in lines],
    )  # fmt: skip
    _say_as_quoted(order, lines)
    order.terms, order.incoterm, order.source = quoted.terms, quoted.incoterm, "quote"
    order.save(update_fields=["terms", "incoterm", "source"])
    quoted.state, quoted.order, quoted.answered_at = State.ACCEPTED, order, clock.now()
    quoted.save(update_fields=["state", "order", "answered_at"])
    _make_customer(quoted.customer, by)
    _told(quoted, by, said_by)
    rows = [quoted, order, quoted.customer]
    record(verbs.QUOTE_ACCEPTED, by=by, on=rows, number=quoted.number, order=order.number)
    record(verbs.PLACED, by=by, on=[order, quoted.customer], number=order.number, po=po_number or "–")
    called = [Wanted(x.product, x.quantity, x.price, x.agreement_line if _called(x) else None) for x in lines]
    checked = check(quoted.customer, order.ship_to.country, called, order)
    hold_for(order, [one for one in checked.guards if one.kind != "price"], by)
    return order


def _called(line: QuoteLine) -> int | None:
    """The agreement's line that a quoted one is called off from, while the agreement holds; its price was promised anyhow."""
    agreed = line.agreement_line
    return agreed.pk if agreed and agreed.agreement.holds_on(clock.today()) else None


def _say_as_quoted(order: Order, quoted: Sequence[QuoteLine]) -> None:
    """Let the order's lines say their quantity in the units of the quote, whatever a box holds today."""
    pairs = zip(order.lines.order_by("position"), quoted, strict=True)
    changed = [(line, said) for line, said in pairs if said.is_said_otherwise]
    for line, said in changed:
        line.ordered_quantity, line.ordered_unit = said.ordered_quantity, said.ordered_unit
    Line.objects.bulk_update([line for line, _said in changed], ["ordered_quantity", "ordered_unit"])


def _told(quoted: Quote, by: Member, who: str) -> None:
    """Note who of the customer's gave the answer, where somebody is named."""
    if who:
        record(verbs.QUOTE_ANSWERED, by=by, on=[quoted, quoted.customer], who=who[:150])


def _day(line: QuoteLine, wished: date | None) -> date:
    """The day of the line, unless it is over; then the one wished, else a fortnight from today."""
    today = clock.today()
    named = line.requested_on if line.requested_on and line.requested_on >= today else None
    return named or (wished if wished and wished >= today else today + timedelta(days=14))


def _make_customer(customer: Customer, by: Member) -> None:
    from comptoir.customers.actions import promote

    if customer.stage == Customer.Stage.PROSPECT:
        promote(customer, by=by)


@due("orders.expire_quotes")
def expire_due(now: datetime) -> int:
    """Quotes whose last day is over are expired."""
    rows = Quote.objects.sent().filter(valid_until__lt=clock.today()).order_by("valid_until")
    return take(rows, _expire)


def _expire(quoted: Quote) -> None:
    quoted.state, quoted.answered_at = State.EXPIRED, clock.now()
    quoted.save(update_fields=["state", "answered_at"])
    record(verbs.QUOTE_EXPIRED, by=system(), on=[quoted, quoted.customer], number=quoted.number)
