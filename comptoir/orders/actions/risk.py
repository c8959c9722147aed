"""Goods that lack turn promises at risk and leave offers uncovered, and goods that come back end it by themselves."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q

from comptoir.catalog.holders import follows_offers, follows_shortages
from comptoir.catalog.models import Stock
from comptoir.events import notify, record
from comptoir.orders import verbs
from comptoir.orders.models import OrderChange, ScheduleLine
from comptoir.orders.models.lines import supplied_by
from comptoir.people import system
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


@follows_offers
def say_uncovered(stock: Stock, lacking: Mapping[int, Decimal], again: Collection[int], by: Member | None) -> None:
    """The story says which offers are not covered any more and which are again; whoever made them has it in their day."""
    rows = OrderChange.objects.filter(pk__in=[*lacking, *again]).select_related("order__customer").order_by("pk")
    for one in rows:
        on, product = [one.order, one.order.customer], str(stock.product)
        if lacks := lacking.get(one.pk):
            record(verbs.OFFER_UNCOVERED, by=by or system(), on=on, lacks=lacks, product=product)
        else:
            record(verbs.OFFER_COVERED, by=by or system(), on=on, product=product)
        notify(f"member:{one.by_id}")
