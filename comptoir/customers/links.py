"""Who follows a link, and what leads to a row: a link is found by its token's hash only."""

from django.db import models
from django.db.models import QuerySet

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


def links_to(row: models.Model) -> QuerySet[Link]:
    """Every link made to a row, the newest first."""
    rows: QuerySet[Link] = Link.objects.filter(subject_noun=row._meta.model_name, subject_id=row.pk)
    return rows.select_related("contact", "by").order_by("-pk")
