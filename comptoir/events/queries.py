"""Stories: what happened to a row."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models

from comptoir.events.models import Event, EventSubject
from comptoir.events.verbs import VERBS


def story(*rows: models.Model, limit: int = 50, before: datetime | None = None, public: bool = False) -> list[Event]:
    """The events about any of the rows, newest first, with their actors loaded (one query)."""
    told = models.Q()
    for row in rows:
        subjects = EventSubject.objects.filter(noun=row._meta.model_name, object_id=row.pk)
        if before:
            subjects = subjects.filter(occurred_at__lt=before)
        told |= models.Q(pk__in=subjects.order_by("-occurred_at", "-event_id").values("event_id")[:limit])
    events = Event.objects.filter(told).select_related("actor", "approver") if rows else Event.objects.none()
    if public:
        events = events.filter(verb__in=[name for name, verb in VERBS.items() if verb.public])
    return list(events.order_by("-occurred_at", "-pk")[:limit])


def subjects_of(event_ids: Iterable[int], *nouns: str) -> list[tuple[str, int]]:
    """The distinct (noun, id) pairs that these events are about, of some nouns or of all."""
    rows = EventSubject.objects.filter(event_id__in=list(event_ids))
    if nouns:
        rows = rows.filter(noun__in=nouns)
    return list(rows.values_list("noun", "object_id").distinct().order_by("noun", "object_id"))
