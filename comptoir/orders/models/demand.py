"""Demand handed to planning, and what planning says to it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.lib import clock
from comptoir.orders.models.lines import ScheduleLine
from comptoir.orders.models.reasons import OrderRowsQuerySet

MEMBER = settings.AUTH_USER_MODEL


class DemandQuerySet(OrderRowsQuerySet):
    """Questions about released demand."""

    def standing(self) -> "DemandQuerySet":
        """What planning has now: not replaced by a later release, nor withdrawn."""
        return self.exclude(state__in=("superseded", "withdrawn"))


class DemandRelease(models.Model):
    """A schedule line's quantity and day as planning was told them; a change is the next revision, which replaces it."""

    class State(models.TextChoices):
        RELEASED = "released", _("Released")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        REFUSED = "refused", _("Refused")
        SUPERSEDED = "superseded", _("Replaced")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    schedule_line = models.ForeignKey(ScheduleLine, on_delete=models.PROTECT, related_name="releases")
    revision = models.PositiveIntegerField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    needed_on = models.DateField(_("needed"))
    state = models.CharField(max_length=14, choices=State.choices, default=State.RELEASED)
    released_at = models.DateTimeField(default=clock.now)
    released_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, null=True, related_name="+")
    day = models.DateField(_("planned"), null=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = DemandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule_line", "revision"], name="demand_revision_once"),
            models.UniqueConstraint(
                fields=["schedule_line"],
                condition=~Q(state__in=("superseded", "withdrawn")),
                name="demand_one_standing",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How both sides name it: the schedule line's id and the revision."""
        return f"D{self.schedule_line_id}-{self.revision}"

    def is_account_of(self, member: Any) -> bool:
        return self.schedule_line.is_account_of(member)
