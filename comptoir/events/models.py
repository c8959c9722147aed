"""Events and the rows they are about."""

from typing import Any, cast

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from comptoir.events.actor import Actor
from comptoir.events.verbs import VERBS, Verb


class EventQuerySet(models.QuerySet["Event"]):
    """Questions about many events."""

    def visible_to(self, member: Actor) -> "EventQuerySet":
        """Events of the teams a member sees, and those of no team."""
        teams = getattr(member, "team_ids", None)
        if teams is None:
            return self
        return self.filter(models.Q(scope_team_id=None) | models.Q(scope_team_id__in=teams))


class Event(models.Model):
    """Something that happened, written in the transaction that made it happen; never changed afterwards."""

    verb = models.CharField(max_length=80)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    scope_team_id = models.BigIntegerField(null=True)
    cause_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["verb", "occurred_at"], name="event_verb"),
            BrinIndex(fields=["recorded_at"], name="event_recorded", autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.phrase

    @property
    def declared(self) -> Verb:
        return VERBS[self.verb]

    @property
    def phrase(self) -> str:
        """The sentence of the timeline; a verb that is no longer known shows its name."""
        known = VERBS.get(self.verb)
        return known.phrase_of(cast("dict[str, Any]", self.data)) if known else self.verb

    def is_hidden_from(self, member: Actor) -> bool:
        """True when the member gets one masked line instead of the phrase."""
        return self.scope_team_id is not None and not member.sees_team(self.scope_team_id)


class EventSubject(models.Model):
    """A row an event is about; a row's story is one scan of this table's key."""

    pk = models.CompositePrimaryKey("noun", "object_id", "occurred_at", "event_id")
    noun = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    event_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["event_id"], name="subject_event")]

    def __str__(self) -> str:
        return f"{self.noun}:{self.object_id}"
