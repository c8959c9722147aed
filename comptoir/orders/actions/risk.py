"""Goods that lack turn promises at risk, and goods that come back end it by themselves."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q

from comptoir.catalog.holders import follows_shortages
from comptoir.catalog.models import Stock
from comptoir.orders.models import ScheduleLine
from comptoir.orders.models.lines import supplied_by
from comptoir.people.models import Member
from comptoir.promises import actions as promises
from comptoir.promises.models import Promise


@follows_shortages
def mark_shortages(stock: Stock, lacking: Mapping[int, Decimal], by: Member | None, cause: Mapping[str, Any]) -> None:
    """The promises of schedule lines that lack goods are at risk; those of the others of this stock no longer are."""
    of_stock = ScheduleLine.objects.filter(supplied_by(stock.site), line__product=stock.product_id)
    risky = Q(at_risk_at__isnull=False, subject_id__in=of_stock.values("pk"))
    made = Promise.objects.standing().filter(subject_noun="scheduleline", kind=Promise.Kind.DELIVER)
    found = list(
        made.filter(risky | Q(subject_id__in=list(lacking))).select_related("owner", "customer").order_by("pk")
    )
    rows = ScheduleLine.objects.select_related("order").in_bulk([one.subject_id for one in found])
    for standing in found:
        row = rows[standing.subject_id]
        if lacks := lacking.get(row.pk):
            told = {**cause, "lacks": f"{lacks.normalize():f}"}
            promises.endanger(standing, told, by=by, on=(row, row.order))
        else:
            promises.relieve(standing, by=by, on=(row, row.order))
