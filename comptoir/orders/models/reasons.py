"""Coded reasons, and what all rows of orders have in common."""

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class OrderRowsQuerySet(models.QuerySet[Any]):
    """Orders and their parts: read by every active member."""

    def visible_to(self, member: Any) -> "OrderRowsQuerySet":
        return self if member.is_active else self.none()


class Reason(models.Model):
    """A coded reason, with its words by language."""

    class Kind(models.TextChoices):
        DATE = "date", _("Date moved")
        CANCEL = "cancel", _("Cancelled")
        SPLIT = "split", _("Split")
        DELAY = "delay", _("Delay")
        HOLD = "hold", _("Hold")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.CharField(max_length=30, unique=True)
    labels = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)

    objects = OrderRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.labels.get(get_language() or "en") or self.labels.get("en") or self.code)
