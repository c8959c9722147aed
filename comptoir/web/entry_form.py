"""What the entry form says: whose order it is, its fields and its rows, and where rows to begin with come from."""

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from comptoir.cases.models import Case
from comptoir.catalog.models import Agreement
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.prepared import first_of
from comptoir.orders.models import Order, OrderDraft
from comptoir.orders.typed import Typed

COLUMNS = ("part", "quantity", "requested_on", "unit_price")
FIELDS = ("po_number", "po_date", "ship_to", "contact", "all_the_same", "case")
MOST_ROWS, MOST_CELL = 300, 200


def customer_or_404(request: HttpRequest) -> Customer:
    """The customer named by number in the address or the form."""
    number = request.POST.get("customer") or request.GET.get("customer", "")
    customer: Customer | None = first_of(Customer.objects.visible_to(request.user), "number", number)
    if customer is None:
        raise Http404
    return customer


def rows_of(request: HttpRequest) -> list[Typed]:
    """The rows as they were typed."""
    columns = [request.POST.getlist(name)[:MOST_ROWS] for name in COLUMNS]
    return [line_of(cells) for cells in zip(*columns, strict=False)]


def line_of(cells: Iterable[str]) -> Typed:
    texts = {name: clean(cell) for name, cell in zip(COLUMNS, cells, strict=True)}
    return Typed.of(texts)


def clean(text: object) -> str:
    return str(text).replace("\0", "").strip()[:MOST_CELL]


def fields_of(request: HttpRequest) -> dict[str, str]:
    """The form's fields besides its rows."""
    given = request.POST if request.method == "POST" else request.GET
    return {name: clean(given.get(name, "")) for name in FIELDS}


def case_of(request: HttpRequest, named: str) -> Case | None:
    """The case the order comes from, if the member sees it."""
    rows: Any = Case.objects
    found: Case | None = rows.visible_to(request.user).filter(number=named).first() if named else None
    return found


def draft_of(request: HttpRequest, customer: Customer) -> OrderDraft | None:
    """What the member began to enter for the customer."""
    rows: Any = OrderDraft.objects
    found: OrderDraft | None = rows.visible_to(request.user).open().filter(customer=customer).first()
    return found


def first_rows(request: HttpRequest, customer: Customer, draft: OrderDraft | None) -> list[Typed]:
    """The one place that fills the grid before anybody typed: a former order, what the address names, or the draft."""
    if number := request.GET.get("repeat", ""):
        return _of_order(request, customer, number)
    if number := request.GET.get("agreement", ""):
        return _of_agreement(customer, number)
    if request.GET.get("lines"):
        return _of_address(request.GET["lines"])
    return [line_of(str(row.get(name, "")) for name in COLUMNS) for row in draft.rows] if draft else []


def _of_order(request: HttpRequest, customer: Customer, number: str) -> list[Typed]:
    """The parts and quantities of a former order; days and prices are of today."""
    order = Order.objects.visible_to(request.user).filter(customer=customer, number=number).first()
    if order is None:
        raise Http404
    lines = order.lines.select_related("product").order_by("position")[:MOST_ROWS]
    return [Typed(part=x.customer_part or x.product.number, quantity=f"{x.quantity.normalize():f}") for x in lines]


def blankets_of(customer: Customer) -> QuerySet[Agreement]:
    """The blanket orders the customer may call off from today."""
    today = clock.today()
    rows: QuerySet[Agreement] = Agreement.objects.filter(customer=customer, kind=Agreement.Kind.BLANKET)
    return rows.filter(state__in=Agreement.BINDING, valid_from__lte=today, valid_until__gte=today).order_by("number")


def _of_agreement(customer: Customer, number: str) -> list[Typed]:
    """The parts of an agreement, to be called off from it: the rep says how many and when."""
    agreement = Agreement.objects.filter(customer=customer, number=number).first()
    if agreement is None:
        raise Http404
    lines = agreement.lines.select_related("product").order_by("pk")[:MOST_ROWS]
    return [Typed(part=line.product.number, unit_price=agreement.number) for line in lines]


def _of_address(text: str) -> list[Typed]:
    """Rows named in the address as JSON: lists of part, quantity, day, price."""
    try:
        rows = json.loads(text[:20_000])
    except (ValueError, RecursionError):
        return []
    usable = [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    return [line_of([*map(str, row), "", "", "", ""][:4]) for row in usable[:MOST_ROWS]]
