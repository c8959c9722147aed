"""Other sites that keep the goods of a schedule line, and what can come from there when. Writes nothing."""

from copy import copy

from comptoir.catalog.models import Site
from comptoir.catalog.models.goods import CatalogQuerySet
from comptoir.orders.models import ScheduleLine


def other_sites(row: ScheduleLine) -> CatalogQuerySet:
    """Sites that keep the product too and from which it is taxed alike: those in the country of the order's own."""
    kept = Site.objects.filter(stock__product=row.line.product_id, country=row.order.site.country)
    return kept.exclude(pk=row.site.pk).order_by("pk")


def as_from(row: ScheduleLine, site: Site) -> ScheduleLine:
    """The schedule line as if a site supplied it, for asking when it would leave; the row at hand stays as it is."""
    seen = copy(row)
    seen.supplied_from = site
    return seen
