"""Agreements: drafted, offered, countered, signed, reviewed, renewed or ended."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, Text, action
from comptoir.actions.changing import change
from comptoir.actions.due import due, take
from comptoir.actions.editing import edits
from comptoir.catalog import verbs
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.models import Agreement
from comptoir.customers.models import Customer
from comptoir.events import record
from comptoir.events.actor import Actor
from comptoir.events.verbs import Verb
from comptoir.lib import clock, days
from comptoir.lib.numbers import with_check
from comptoir.people import system
from comptoir.people.models import Member

State = Agreement.State
REVIEW_DAYS = 60
A_DAY = timedelta(days=1)
LABELS = {
    "lead_days": gettext_lazy("Lead time (days)"),
    "minimum_order": gettext_lazy("Minimum value of a call-off"),
    "review_on": gettext_lazy("Look at it again on"),
    "signed_by": gettext_lazy("Who signed for the customer"),
    "signed_on": gettext_lazy("Signed on"),
    "terms": gettext_lazy("Terms"),
    "valid_from": gettext_lazy("Valid from"),
    "valid_until": gettext_lazy("Valid until"),
    "last_day": gettext_lazy("Last day"),
    "raise_percent": gettext_lazy("Prices change by (%)"),
}
EDITED = ("kind", "valid_from", "valid_until", "review_on", "minimum_order", "lead_days", "terms")


def next_number() -> str:
    """The next agreement number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('agreement_number')")
        return f"AG-{with_check(cursor.fetchone()[0])}"


def tell(verb: Verb, agreement: Agreement, by: Actor, **said: Any) -> None:
    """Write it in the story of the agreement and of its customer."""
    record(verb, by=by, on=[agreement, agreement.customer], number=agreement.number, **said)


def _refuse_odd(values: Mapping[str, Any]) -> None:
    if values["valid_until"] < values["valid_from"]:
        raise ActionError(_("The agreement would end before it begins."))
    if not values["review_on"] <= values["valid_until"]:
        raise ActionError(_("It has to be looked at before it ends."))
    if values["minimum_order"] is not None and not 0 < values["minimum_order"] < 10**12:
        raise ActionError(_("A minimum is above zero."))
    if not 0 <= (values["lead_days"] or 0) <= 3650:
        raise ActionError(_("A lead time has between 0 and {most} days.").format(most=3650))


@action(
    "catalog.add_agreement", subject=Customer, authority=keeps_catalog, title=gettext_lazy("New agreement"),
    labels=LABELS,
)  # fmt: skip
def add_agreement(
    customer: Customer,
    *,
    by: Member,
    kind: Agreement.Kind,
    valid_from: date,
    valid_until: date,
    minimum_order: Decimal | None = None,
    lead_days: int | None = None,
    terms: Text = Text(""),
) -> Agreement:
    """Draft an agreement in the customer's currency; it binds nobody before it is signed."""
    return _drafted(
        customer, by, kind=kind, valid_from=valid_from, valid_until=valid_until, minimum_order=minimum_order,
        lead_days=lead_days, terms=terms,
    )  # fmt: skip


def _drafted(customer: Customer, by: Actor, **values: Any) -> Agreement:
    valid_from, valid_until = values["valid_from"], values["valid_until"]
    values["review_on"] = max(valid_until - timedelta(days=REVIEW_DAYS), valid_from)
    _refuse_odd(values)
    made: Agreement = Agreement.objects.create(
        number=next_number(), customer=customer, currency=customer.currency, **values
    )
    tell(verbs.AGREEMENT_DRAFTED, made, by, start=valid_from, end=valid_until)
    return made


def standing(agreement: Agreement) -> dict[str, Any]:
    """What an agreement's form shows."""
    return {name: getattr(agreement, name) for name in EDITED} | {"kind": Agreement.Kind(agreement.kind)}


@action(
    "catalog.edit_agreement", subject=Agreement, authority=keeps_catalog, title=gettext_lazy("Edit the agreement"),
    labels=LABELS, initial=standing,
)  # fmt: skip
def edit_agreement(
    agreement: Agreement,
    *,
    by: Member,
    kind: Agreement.Kind,
    valid_from: date,
    valid_until: date,
    review_on: date,
    minimum_order: Decimal | None = None,
    lead_days: int | None = None,
    terms: Text = Text(""),
    seen: Seen = Seen(""),
) -> Agreement:
    """Change what is to be agreed on, as long as it is not signed."""
    refuse_bound(agreement)
    given = {
        "kind": kind, "valid_from": valid_from, "valid_until": valid_until, "review_on": review_on,
        "minimum_order": minimum_order, "lead_days": lead_days, "terms": terms,
    }  # fmt: skip
    _refuse_odd(given)
    changing = edits(standing(agreement), given, seen)
    change(agreement, changing, verbs.AGREEMENT_EDITED, by=by)
    return agreement


def refuse_bound(agreement: Agreement) -> None:
    """Raise ActionError when its terms are settled."""
    if not agreement.is_open:
        told = _("{agreement} is {state}: its terms stand. Renew it to agree on others.")
        raise ActionError(told.format(agreement=agreement, state=State(agreement.state).label))


def _refuse_unless(agreement: Agreement, *states: State) -> None:
    if agreement.state not in states:
        told = _("{agreement} is {state}.")
        raise ActionError(told.format(agreement=agreement, state=State(agreement.state).label))


def _set(agreement: Agreement, state: State) -> None:
    agreement.state = state
    agreement.save(update_fields=["state"])


@action(
    "catalog.offer_agreement", subject=Agreement, authority=keeps_catalog, title=gettext_lazy("Offered"),
    stale=("state",),
)  # fmt: skip
def offer_agreement(agreement: Agreement, *, by: Member) -> Agreement:
    """The customer has it before them."""
    _refuse_unless(agreement, State.DRAFT, State.COUNTERED)
    if not agreement.lines.exists():
        raise ActionError(_("An agreement needs at least one product."))
    _set(agreement, State.OFFERED)
    tell(verbs.AGREEMENT_OFFERED, agreement, by)
    return agreement


@action(
    "catalog.counter_agreement", subject=Agreement, authority=keeps_catalog, title=gettext_lazy("Countered"),
    labels={"text": gettext_lazy("What the customer wants otherwise")},
)  # fmt: skip
def counter_agreement(agreement: Agreement, *, by: Member, text: Text) -> Agreement:
    """The customer wants other terms: change them and offer again, or end it."""
    _refuse_unless(agreement, State.OFFERED)
    _set(agreement, State.COUNTERED)
    tell(verbs.AGREEMENT_COUNTERED, agreement, by, text=text)
    return agreement


@action(
    "catalog.sign_agreement", subject=Agreement, authority=keeps_catalog, title=gettext_lazy("Signed"),
    labels=LABELS, stale=("state", "valid_from", "valid_until"),
    also=lambda agreement, inputs: [agreement.renews] if agreement.renews_id else [],
)  # fmt: skip
def sign_agreement(agreement: Agreement, *, by: Member, signed_by: str, signed_on: date | None = None) -> Agreement:
    """Both sides agreed: from now on its prices hold while it is valid; what it renews is renewed."""
    _refuse_unless(agreement, State.OFFERED)
    day = signed_on or clock.today()
    if day > clock.today():
        raise ActionError(_("It cannot have been signed later than today."))
    if agreement.valid_until < clock.today():
        raise ActionError(_("It would have ended already."))
    if len(signed_by) > 120:
        raise ActionError(_("A name has at most {most} letters.").format(most=120))
    agreement.state, agreement.signed_on, agreement.signed_by = State.SIGNED, day, signed_by.strip()
    agreement.save(update_fields=["state", "signed_on", "signed_by"])
    tell(verbs.AGREEMENT_SIGNED, agreement, by, day=day, name=agreement.signed_by)
    if agreement.renews is not None and agreement.renews.state in (State.SIGNED, State.REVIEW_DUE):
        _set(agreement.renews, State.RENEWED)
        tell(verbs.AGREEMENT_RENEWED, agreement.renews, by, other=agreement.number)
    return agreement


@action(
    "catalog.renew_agreement", subject=Agreement, authority=keeps_catalog, title=gettext_lazy("Renew"), labels=LABELS
)
def renew_agreement(
    agreement: Agreement, *, by: Member, valid_until: date, raise_percent: Decimal = Decimal(0)
) -> Agreement:
    """Draft what follows it: the same products from the day after it, its prices moved by a percentage."""
    _refuse_unless(agreement, State.SIGNED, State.REVIEW_DUE)
    if next_one := Agreement.objects.filter(renews=agreement).first():
        raise ActionError(_("{other} renews it already.").format(other=next_one))
    if not -100 < raise_percent <= 1000:
        raise ActionError(_("Prices change by more than −100 and at most 1,000 percent."))
    start = agreement.valid_until + A_DAY
    made = _drafted(
        agreement.customer, by, kind=agreement.kind, valid_from=start, valid_until=valid_until, renews=agreement,
        minimum_order=agreement.minimum_order, lead_days=agreement.lead_days, terms=agreement.terms,
    )  # fmt: skip
    factor = 1 + raise_percent / 100
    for line in agreement.lines.all():
        line.pk, line.agreement, line.unit_price = None, made, round(line.unit_price * factor, 6)
        line.save(force_insert=True)
    return made


@action(
    "catalog.end_agreement", subject=Agreement, authority=keeps_catalog, title=gettext_lazy("End the agreement"),
    labels=LABELS,
)  # fmt: skip
def end_agreement(agreement: Agreement, *, by: Member, last_day: date | None = None) -> Agreement:
    """Let it end: at once when it is not signed, else after a last day (today when none is said)."""
    if agreement.state == State.ENDED:
        raise ActionError(_("{agreement} has ended.").format(agreement=agreement))
    day = last_day or clock.today()
    if not agreement.is_open:
        if not max(agreement.valid_from, clock.today()) <= day <= agreement.valid_until:
            raise ActionError(_("It can end between today and {day}.").format(day=days.day(agreement.valid_until)))
        agreement.valid_until, agreement.review_on = day, min(agreement.review_on, day)
    if agreement.is_open or day == clock.today():
        agreement.state = State.ENDED
    agreement.save(update_fields=["valid_until", "review_on", "state"])
    tell(verbs.AGREEMENT_ENDED, agreement, by, day=day)
    return agreement


@due("catalog.agreements")
def review_due(now: datetime) -> int:
    """Agreements whose day of review has come say so; those whose last day is over have ended."""
    today = clock.today()
    over = Agreement.objects.filter(state__in=Agreement.BINDING, valid_until__lt=today)
    near = Agreement.objects.filter(state=State.SIGNED, review_on__lte=today, valid_until__gte=today)
    return take(over, _over) + take(near, _near)


def _over(agreement: Agreement) -> None:
    _set(agreement, State.ENDED)
    tell(verbs.AGREEMENT_ENDED, agreement, system(), day=agreement.valid_until)


def _near(agreement: Agreement) -> None:
    _set(agreement, State.REVIEW_DUE)
    tell(verbs.AGREEMENT_REVIEW_DUE, agreement, system(), day=agreement.valid_until)
