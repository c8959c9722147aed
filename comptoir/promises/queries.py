"""Reads about promises."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from comptoir.lib.invariants import Finding
from comptoir.people.models import Member
from comptoir.promises.models import Promise


def due_for(member: Member, now: datetime, within: timedelta = timedelta(hours=24)) -> QuerySet[Promise]:
    """A member's standing promises that are broken or due soon, the oldest first."""
    mine = Promise.objects.standing().filter(owner=member).select_related("customer", "contact")
    return mine.filter(Q(state="broken") | Q(due_at__lte=now + within)).order_by("due_at")


def invariants() -> list[Finding]:
    """Standing promises of which another replaced them."""
    odd = Promise.objects.standing().exclude(revised_to=None)
    rows = [str(pk) for pk in odd.values_list("pk", flat=True)[:5]]
    return [Finding("A replaced promise still stands", odd.count(), rows)]
