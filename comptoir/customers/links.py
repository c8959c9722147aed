"""Who follows a link, found by its token's hash only; and what leads to a row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from comptoir.customers.models import Link
from comptoir.lib import clock
from comptoir.people.queries import digest

MOST_OF_A_TOKEN = 64


def follow(token: str, kind: str) -> Link | None:
    """The open link of a token made for this purpose; None alike for a wrong, altered, ended or revoked one."""
    if not token or len(token) > MOST_OF_A_TOKEN:
        return None
    rows: QuerySet[Link] = Link.objects.filter(token_hash=digest(token), kind=kind)
    link = rows.select_related("customer", "contact").first()
    return link if link is not None and link.is_open(clock.now()) else None


@dataclass(frozen=True, slots=True)
class WayIn:
    """An open link as the desk lists it; nobody named means whoever got it."""

    pk: int
    whom: str
    until: datetime
    uses: int
    used_at: datetime | None


def ways_into(noun: str) -> ArraySubquery:
    """The open links to each row of a query, in the same query; `ways_in` reads them."""
    rows = Link.objects.filter(
        subject_noun=noun, subject_id=OuterRef("pk"), revoked_at=None, expires_at__gt=clock.now()
    )
    rows = rows.filter(Q(contact=None) | Q(contact__is_active=True))
    row = JSONObject(pk="pk", whom="contact__name", until="expires_at", uses="uses", used_at="used_at")
    return ArraySubquery(rows.order_by("-pk").values(row=row)[:10])


def ways_in(found: list[dict[str, Any]]) -> list[WayIn]:
    """What `ways_into` found."""
    return [
        WayIn(
            one["pk"], one["whom"] or "", datetime.fromisoformat(one["until"]), one["uses"],
            datetime.fromisoformat(one["used_at"]) if one["used_at"] else None,
        )
        for one in found
    ]  # fmt: skip
