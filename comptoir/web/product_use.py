"""A product put to use from its page: a line about it in the reply being written, or a row in the order being entered."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comptoir.cases.actions import desk
from comptoir.cases.models import Case, Draft
from comptoir.catalog.models import Product, ProductUnit
from comptoir.customers.models import Customer
from comptoir.lib.numbers import number, row_id
from comptoir.orders.actions import drafts
from comptoir.orders.models import OrderDraft
from comptoir.orders.offering import offered, sentence
from comptoir.people.models import Member

MOST = 8
MOST_QUANTITY = Decimal(99_999_999)


@require_GET
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be said of a quantity to a customer, and the two keys that put it where it is wanted."""
    member: Member = request.user  # type: ignore[assignment]
    product = _product(request, pk)
    units = _units(product)
    quantity, unit = _wanted(request.GET, units)
    customer, cases = whom(member, request.GET.get("customer", ""))
    about = offered(customer, product, quantity or Decimal(1), unit) if customer else None
    context = {
        "product": product, "customer": customer, "cases": cases, "about": about, "wrong": quantity is None,
        "is_chosen": bool(request.GET.get("customer")), "line": sentence(product, about) if about else "",
        "put": put_of(request, member), "units": units, "unit": unit,
    }  # fmt: skip
    return render(request, "product/_use.html", context)


def whom(member: Member, chosen: str) -> tuple[Customer | None, list[Case]]:
    """The customer chosen by number, else whom the member wrote to or entered an order for last; and their open cases.

    The case comes first in which the member wrote a reply last that is not sent yet.
    """
    customer = _named(member, chosen) if chosen else None
    if chosen and customer is None:
        raise Http404
    begun = Draft.objects.filter(member=member, kind=Draft.Kind.REPLY, case=OuterRef("pk")).exclude(text="")
    rows: Any = Case.objects
    rows = rows.visible_to(member).worked_on().annotate(written=Subquery(begun.values("updated_at")[:1]))
    if customer is None:
        last = rows.exclude(customer=None).exclude(written=None).select_related("customer").order_by("-written").first()
        customer = last.customer if last else _last_entered(member)
    if customer is None:
        return None, []
    newest = (F("written").desc(nulls_last=True), "-last_message_at")
    return customer, list(rows.filter(customer=customer).order_by(*newest)[:MOST])


def _last_entered(member: Member) -> Customer | None:
    rows: Any = OrderDraft.objects
    draft = rows.visible_to(member).open().select_related("customer").order_by("-updated_at").first()
    return draft.customer if draft else None


def put_of(request: HttpRequest, member: Member) -> dict[str, str] | None:
    """Where a line was put just now, as the address says it."""
    rows: Any = Case.objects
    replied = request.GET.get("replied", "").replace("\0", "")[:20]
    if replied and (case := rows.visible_to(member).filter(number=replied).first()):
        said = _("The line stands in your reply to {case}.").format(case=f"{case.number} {case.subject}")
        return {"said": said, "url": reverse("case", args=[case.number]), "open": _("Open the reply")}
    if entered := _named(member, request.GET.get("entered", "")):
        said = _("The row stands in the order you are entering for {customer}.").format(customer=entered)
        return {"said": said, "url": f"{reverse('order-new')}?customer={entered.number}", "open": _("Open the order")}
    return None


@require_POST
def into_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a line in the customer's language into the member's reply of a case."""
    member: Member = request.user  # type: ignore[assignment]
    product = _product(request, pk)
    quantity, unit = _wanted(request.POST, _units(product))
    rows: Any = Case.objects
    case = rows.visible_to(member).select_related("customer").filter(pk=row_id(request.POST.get("case"))).first()
    if case is None or case.customer is None:
        raise Http404
    if quantity is None:
        return _back(product, case.customer)
    desk.add_to_draft(case, member, sentence(product, offered(case.customer, product, quantity, unit)))
    return _back(product, case.customer, replied=case.number)


@require_POST
def into_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a row into the order the member is entering for a customer; one is begun where there is none."""
    member: Member = request.user  # type: ignore[assignment]
    product = _product(request, pk)
    quantity, unit = _wanted(request.POST, _units(product))
    customer = _named(member, request.POST.get("customer", ""))
    if customer is None:
        raise Http404
    if quantity is None:
        return _back(product, customer)
    said = f"{quantity.normalize():f} {unit}".strip()
    cells = {"part": product.number, "quantity": said, "requested_on": "", "unit_price": ""}
    drafts.add(customer, by=member, cells=cells)
    return _back(product, customer, entered=customer.number)


def _back(product: Product, customer: Customer, **put: str) -> HttpResponse:
    query = urlencode({"customer": customer.number} | put)
    return HttpResponseRedirect(f"{product.get_absolute_url()}?{query}")


def _product(request: HttpRequest, pk: int) -> Product:
    product: Product | None = Product.objects.visible_to(request.user).filter(pk=pk).first()
    if product is None:
        raise Http404
    return product


def _named(member: Member, text: str) -> Customer | None:
    number = text.replace("\0", "")[:20]
    found: Customer | None = Customer.objects.visible_to(member).filter(number=number).first() if number else None
    return found


def _units(product: Product) -> list[ProductUnit]:
    return list(ProductUnit.objects.filter(product=product).order_by("factor"))


def _wanted(given: QueryDict, units: list[ProductUnit]) -> tuple[Decimal | None, str]:
    """The quantity and the unit it is said in, nothing for the product's own; None for what comes to no quantity."""
    quantity, unit = _quantity(given.get("quantity", "")), given.get("unit", "").replace("\0", "")[:8]
    known = next((row for row in units if row.unit == unit), None)
    if known is None:
        return (None if unit else quantity), ""
    own = quantity * known.factor if quantity is not None else None
    is_one = own is not None and own <= MOST_QUANTITY and own == round(own, 3)
    return (quantity if is_one else None), known.unit


def _quantity(text: str) -> Decimal | None:
    """The quantity typed, one when nothing is; None for what is no quantity."""
    try:
        found = number(text.strip()[:20]) if text.strip() else Decimal(1)
    except ValueError:
        return None
    is_one = found is not None and found.is_finite() and 0 < found <= MOST_QUANTITY and found == round(found, 3)
    return found if is_one else None


urlpatterns = [
    path("product-use/<int:pk>/", offer, name="product-use"),
    path("product-use/<int:pk>/reply/", into_reply, name="product-into-reply"),
    path("product-use/<int:pk>/order/", into_order, name="product-into-order"),
]
