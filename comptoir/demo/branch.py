"""A second site, opened lately: some of what lacks at the first lies there."""

from datetime import timedelta
from decimal import Decimal

from comptoir.catalog.actions.counts import correct_stock
from comptoir.catalog.actions.sites import add_site
from comptoir.catalog.models import Product, Site, Stock
from comptoir.catalog.queries import home
from comptoir.customers.fields import Country, Zone
from comptoir.demo import content
from comptoir.lib import clock
from comptoir.people import Role
from comptoir.people.models import Member
from comptoir.promises.models import Promise

SINCE, COUNTED = timedelta(days=26), timedelta(hours=20)
EVERY, HAS = 6, 14


def build() -> None:
    """Entered by its administrator, with a first count of one product in six, and of what orders wait for at the works."""
    admin = Member.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")[0]
    works = home()
    assert works is not None
    with clock.at(clock.now() - SINCE):
        site = add_site(
            by=admin, company=works.company, country=Country(works.country), time_zone=Zone(works.time_zone), tax_id=works.tax_id,
            **content("house")["branch"],
        )  # fmt: skip
        for product in Product.objects.filter(state=Product.State.ACTIVE).order_by("pk")[::EVERY]:
            _count(product, site, Decimal(HAS), admin)
    with clock.at(clock.now() - COUNTED):
        for stock in Stock.objects.filter(site=works, is_short=True).select_related("product").order_by("pk"):
            _count(stock.product, site, _wanted(stock), admin)


def _count(product: Product, site: Site, on_hand: Decimal, admin: Member) -> None:
    correct_stock(product, by=admin, site=site, on_hand=on_hand, reason="First count")


def _wanted(stock: Stock) -> Decimal:
    """What the first of those who wait for it needs, and a few more."""
    held = dict(stock.reservations.values_list("schedule_line_id", "quantity"))
    risky = Promise.objects.standing().filter(subject_noun="scheduleline", at_risk_at__isnull=False)
    first = risky.filter(subject_id__in=held).order_by("due_at", "pk").values_list("subject_id", flat=True)
    return held[first[0]] + 4 if first else Decimal(HAS)
