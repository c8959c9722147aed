"""What the middle of an order's page is made of: sections, each read and drawn by the screen it belongs to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import Promise as LazyText

from comptoir.customers.links import ways_into
from comptoir.orders.models import Order, OrderChange, Verification


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence above the lines about what waits in a section; it leads there."""

    text: str
    tone: str = "warn"
    icon: str = "triangle-alert"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a section shows: the values of its template, how many there are of them, and what has to be said first."""

    values: dict[str, Any] = field(default_factory=dict)
    count: int | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section; `read` gives None where the order has nothing of the kind: then it is left out.

    A `folded` one is read when somebody opens it, one that comes `later` when it is scrolled into view: neither costs the
    page anything. Its template sees the order and the
    values by their names, which all sections share: take words of your own. A `bare` one draws its own frame. One that is
    not `is_for` an order is left out before anything is read.
    """

    name: str
    label: str | LazyText
    template: str
    read: Callable[[HttpRequest, Order], Facts | None]
    folded: bool = False
    later: bool = False
    bare: bool = False
    counted: Callable[[Order], int | None] = lambda _order: None
    is_for: Callable[[Order], bool] = lambda _order: True


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as the page draws it; without facts it is not read yet."""

    section: Section
    facts: Facts | None
    count: int | None


def shown(sections: Iterable[Section], request: HttpRequest, order: Order) -> list[Shown]:
    """The sections that have something to show; those that can wait are read when the address says `open`."""
    opened, found = request.GET.getlist("open"), []
    for section in (one for one in sections if one.is_for(order)):
        if (section.folded or section.later) and section.name not in opened:
            found.append(Shown(section, None, section.counted(order)))
        elif (facts := section.read(request, order)) is not None:
            found.append(Shown(section, facts, section.counted(order) if facts.count is None else facts.count))
    return found


def order_or_404(request: HttpRequest, number: str) -> Order:
    """The order with a number, with everything its head names."""
    rows: QuerySet[Order] = Order.objects.with_holds().visible_to(request.user)
    compared = Exists(Verification.objects.filter(order=OuterRef("pk")))
    negotiated = Exists(OrderChange.objects.filter(order=OuterRef("pk")).negotiated())
    named = rows.select_related("customer__owner", "customer__sponsor", "contact", "ship_to", "bill_to", "site")
    named = named.annotate(ways=ways_into("order"), is_compared=compared, is_negotiated=negotiated)
    order = named.filter(number=number).first()
    if order is None:
        raise Http404
    return order
