"""Filling an empty desk with the demo company."""

from django.db import transaction
from django.utils import translation

from comptoir.demo import goods, house, job
from comptoir.lib import clock
from comptoir.people.models import Member


def build() -> bool:
    """Fill an empty desk, in one transaction; False when somebody works here already."""
    if Member.objects.exclude(kind=Member.Kind.SYSTEM).exists():
        return False
    today = clock.today()
    with translation.override("en"), transaction.atomic():
        house.build()
        goods.build(today)
        job.build(today)
    return True
