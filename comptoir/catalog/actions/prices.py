"""Prices: of the list, of a class of customers, of one customer; from a quantity on, while they are valid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from comptoir.actions import ActionError, Notice, action
from comptoir.catalog import verbs
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.fields import ANY_CLASS, ONE, OfClass, Per
from comptoir.catalog.models import Price, Product
from comptoir.customers.fields import Currency
from comptoir.customers.models import Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people.models import Member

LABELS = {
    "unit_price": gettext_lazy("Price"),
    "per": gettext_lazy("For"),
    "minimum_quantity": gettext_lazy("From this quantity on"),
    "valid_from": gettext_lazy("Valid from"),
    "valid_until": gettext_lazy("Valid until"),
    "customer": gettext_lazy("Only for this customer"),
    "customer_class": gettext_lazy("Only for this class"),
    "last_day": gettext_lazy("Last day"),
}
A_DAY, FROM_ONE = timedelta(days=1), Decimal(1)
MOST = Decimal("999999999999")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A price for the same customers and quantity whose days meet those of a new one, and what becomes of it."""

    price: Price
    fate: str  # replaced, ended, beside


def whom(price: Price) -> str:
    """For whom a price is, in the journal's words."""
    if price.customer_id:
        return str(price.customer)
    return f"{gettext_noop('Class')} {price.customer_class}" if price.customer_class else gettext_noop("everybody")


def meetings(wanted: Price) -> list[Meeting]:
    """The standing prices a new one meets: one of the same day is replaced, one it outlasts ends the day before it."""
    rows: QuerySet[Price] = Price.objects.filter(
        product=wanted.product, customer=wanted.customer, customer_class=wanted.customer_class,
        currency=wanted.currency, minimum_quantity=wanted.minimum_quantity,
    ).filter(Q(valid_until=None) | Q(valid_until__gte=wanted.valid_from))  # fmt: skip
    if wanted.valid_until is not None:
        rows = rows.filter(valid_from__lte=wanted.valid_until)
    return [Meeting(row, _fate(row, wanted)) for row in rows.order_by("valid_from")]


def _fate(row: Price, wanted: Price) -> str:
    if row.valid_from == wanted.valid_from:
        return "replaced"
    outlasts = wanted.valid_until is None or (row.valid_until is not None and row.valid_until <= wanted.valid_until)
    return "ended" if row.valid_from < wanted.valid_from and outlasts else "beside"


def _told(meeting: Meeting, wanted: Price) -> str:
    price, day = str(meeting.price), date_format(meeting.price.valid_from, "DATE_FORMAT")
    if meeting.fate == "replaced":
        return _("It replaces {price} from the same day.").format(price=price)
    if meeting.fate == "ended":
        last = date_format(wanted.valid_from - A_DAY, "DATE_FORMAT")
        return _("{price}, valid since {day}, ends on {last}.").format(price=price, day=day, last=last)
    return _("{price} from {day} stays beside it: of the two, the one that begins later holds.").format(
        price=price, day=day
    )


def _overlaps(product: Product, inputs: Mapping[str, Any]) -> list[Notice]:
    """What of the standing prices a new one would touch."""
    wanted = _wanted(product, inputs)
    return [Notice(_told(meeting, wanted)) for meeting in meetings(wanted)]


def _wanted(product: Product, inputs: Mapping[str, Any]) -> Price:
    values = {name: inputs[name] for name in (
        "unit_price", "currency", "minimum_quantity", "per", "customer", "valid_from", "valid_until"
    )}  # fmt: skip
    return Price(product=product, customer_class=inputs["customer_class"], **values)


@action(
    "catalog.set_price",
    subject=Product,
    authority=keeps_catalog,
    title=gettext_lazy("Set a price"),
    labels=LABELS,
    warn=_overlaps,
)
def set_price(
    product: Product,
    *,
    by: Member,
    unit_price: Decimal,
    currency: Currency,
    valid_from: date,
    per: Per = ONE,
    minimum_quantity: Decimal = FROM_ONE,
    valid_until: date | None = None,
    customer: Customer | None = None,
    customer_class: OfClass = ANY_CLASS,
) -> Price:
    """Say what is asked for a product; without customer or class it is the list price, for everybody."""
    wanted = _wanted(product, {
        "unit_price": unit_price, "currency": currency, "minimum_quantity": minimum_quantity, "per": per,
        "customer": customer, "customer_class": customer_class, "valid_from": valid_from, "valid_until": valid_until,
    })  # fmt: skip
    refuse_odd(wanted)
    for meeting in meetings(wanted):
        if meeting.fate == "replaced":
            wanted.pk = meeting.price.pk
        elif meeting.fate == "ended":
            Price.objects.filter(pk=meeting.price.pk).update(valid_until=valid_from - A_DAY)
    wanted.save()
    record(
        verbs.PRICE_SET, by=by, on=_about(wanted), product=product.number, whom=whom(wanted),
        quantity=minimum_quantity, price=str(wanted), start=valid_from, end=valid_until,
    )  # fmt: skip
    return wanted


def refuse_odd(price: Price) -> None:
    """Raise ActionError for a price that cannot be."""
    if not (0 <= price.unit_price <= MOST and price.unit_price == round(price.unit_price, 6)):
        raise ActionError(_("A price has at most six decimals and is not below zero."))
    if not 0 < price.minimum_quantity <= MOST:
        raise ActionError(_("The quantity has to be above zero."))
    if price.customer_id and price.customer_class:
        raise ActionError(_("A price is for one customer or for a class, not both."))
    if price.customer and price.customer.currency != price.currency:
        raise ActionError(_("{customer} pays in {currency}.").format(
            customer=price.customer, currency=price.customer.currency))  # fmt: skip
    if price.valid_until is not None and price.valid_until < price.valid_from:
        raise ActionError(_("The price would end before it begins."))


def _about(price: Price) -> list[Any]:
    return [price.product, price.customer] if price.customer else [price.product]


def _facts(price: Price) -> list[tuple[str, str]]:
    return [(str(_("Price")), str(price)), (str(_("For")), _(whom(price))),
            (str(_("Valid from")), date_format(price.valid_from, "DATE_FORMAT"))]  # fmt: skip


@action(
    "catalog.end_price",
    subject=Price,
    root=lambda price: price.product,
    authority=keeps_catalog,
    title=gettext_lazy("End the price"),
    labels=LABELS,
    facts=_facts,
)
def end_price(price: Price, *, by: Member, last_day: date) -> None:
    """Let a price end; one that has not begun and would never begin is withdrawn."""
    told: dict[str, Any] = {
        "by": by,
        "on": _about(price),
        "product": price.product.number,
        "whom": whom(price),
        "price": str(price),
    }
    if last_day >= price.valid_from:
        price.valid_until = last_day
        price.save(update_fields=["valid_until"])
        record(verbs.PRICE_ENDED, **told, day=last_day)
    elif price.valid_from > clock.today():
        record(verbs.PRICE_WITHDRAWN, **told, day=price.valid_from)
        price.delete()
    else:
        raise ActionError(_("The price has been valid since {day}: it cannot end before that.").format(
            day=date_format(price.valid_from, "DATE_FORMAT")))  # fmt: skip
