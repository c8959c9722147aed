"""Short ways to ask."""

from comptoir.events.models import Event
from comptoir.people.models import Member
from comptoir.search import documents, queries


def tell() -> None:
    """Hand every event so far to search, as the fan-out does."""
    documents.follow(list(Event.objects.values_list("pk", flat=True)))


def found(member: Member, text: str) -> dict[str, list[str]]:
    """What a member finds, by noun, as labels in order."""
    groups = queries.find(member, text).groups
    return {g.noun: [str(h.row.case if g.noun == "message" else h.row) for h in g.hits] for g in groups}
