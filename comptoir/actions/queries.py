"""What must hold of limits."""

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from comptoir.actions.models import LimitCounter, LimitUse
from comptoir.lib.invariants import Finding


def invariants() -> list[Finding]:
    """Members whose counters of a limit do not come to what stands in the ledger for them."""
    standing = LimitUse.objects.filter(given_back_at=None, limit=OuterRef("limit"), member=OuterRef("member"))
    given = standing.order_by().values("limit").annotate(total=Sum("amount")).values("total")
    counted = LimitCounter.objects.order_by().values("limit", "member").annotate(counted=Sum("used"))
    odd = counted.annotate(given=Coalesce(Subquery(given), Value(0), output_field=DecimalField())).exclude(
        counted=F("given")
    )
    rows = [f"{row['limit']}/{row['member']}" for row in odd[:5]]
    return [Finding("A limit's counter is not what the ledger says was given", len(odd), rows)]
