"""What can be had in place of a product that is short."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Product, ProductLink, Site, Stock
from comptoir.customers.models import Address
from comptoir.lib import clock
from comptoir.orders.queries import arrival

MOST = 3
Kind = ProductLink.Kind


@dataclass(frozen=True, slots=True)
class Instead:
    """A product that can stand for another, and the first day the quantity can arrive of it."""

    product: Product
    note: str
    arrives_on: date


def stand_ins(product: Product) -> dict[int, ProductLink]:
    """What can stand for a product, each by the link that says so: substitutes, both ways where it holds so, and successors."""
    forth = Q(product=product, kind__in=(Kind.SUBSTITUTE, Kind.SUCCESSOR))
    back = Q(other=product, kind=Kind.SUBSTITUTE, is_two_way=True)
    links = ProductLink.objects.filter(forth | back)
    return {link.other_id if link.product_id == product.pk else link.product_id: link for link in links}


def instead_of(product: Product, quantity: Decimal, place: Address, site: Site, by: date | None) -> list[Instead]:
    """Substitutes and successors that are there earlier than the product, the earliest first (four queries)."""
    links = stand_ins(product)
    if not links:
        return []
    rows = Stock.objects.filter(product__in=links, site=site, product__state=Product.State.ACTIVE)
    stocks = list(rows.select_related("product"))
    found = []
    for pk, position in catalog.positions(stocks, clock.today()).items():
        leaves = position.first(quantity)
        other = next(stock.product for stock in stocks if stock.pk == pk)
        if leaves is not None and (by is None or arrival(leaves, place, site) < by):
            found.append(Instead(other, links[other.pk].note, arrival(leaves, place, site)))
    return sorted(found, key=lambda one: (one.arrives_on, one.product.number))[:MOST]
