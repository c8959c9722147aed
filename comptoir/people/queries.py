"""Lookups of members."""

from comptoir.people.models import Member


def system() -> Member:
    """The member in whose name the desk itself acts; the migration makes it."""
    return Member.objects.get(kind=Member.Kind.SYSTEM)
