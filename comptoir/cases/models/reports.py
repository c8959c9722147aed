"""Reports that a customer gets by mail again and again."""

import calendar
from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comptoir.cases.models.case import Case
from comptoir.cases.models.messages import Message
from comptoir.customers.models import Contact, Customer
from comptoir.lib import clock

MEMBER = settings.AUTH_USER_MODEL


class ReportQuerySet(models.QuerySet[Any]):
    """Who sees them."""

    def visible_to(self, member: Any) -> "ReportQuerySet":
        """Every member, as the customers they belong to."""
        return self if member.is_active else self.none()


class ReportSchedule(models.Model):
    """A customer's open-order report, sent to some of their contacts on a weekday or a day of the month."""

    class Every(models.TextChoices):
        WEEK = "week", _("Every week")
        MONTH = "month", _("Every month")

    class Weekday(models.TextChoices):
        MONDAY = "0", _("Monday")
        TUESDAY = "1", _("Tuesday")
        WEDNESDAY = "2", _("Wednesday")
        THURSDAY = "3", _("Thursday")
        FRIDAY = "4", _("Friday")

    class Form(models.TextChoices):
        XLSX = "xlsx", _("Spreadsheet (XLSX)")
        PDF = "pdf", _("PDF")
        BOTH = "both", _("Both")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="report_schedules")
    contacts = models.ManyToManyField(Contact, related_name="+")
    every = models.CharField(max_length=5, choices=Every.choices)
    weekday = models.CharField(max_length=1, choices=Weekday.choices, default=Weekday.MONDAY)
    day_of_month = models.PositiveSmallIntegerField(default=1)
    form = models.CharField(max_length=4, choices=Form.choices, default=Form.BOTH)
    next_on = models.DateField()
    is_active = models.BooleanField(default=True)
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    LOCK_RANK: ClassVar[int] = 15
    objects = ReportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_on"], condition=models.Q(is_active=True), name="report_due")]

    def __str__(self) -> str:
        return f"{self.customer} · {self.get_every_display()}"

    def first_after(self, day: date) -> date:
        """The first day of the rhythm after a day."""
        if self.every == self.Every.WEEK:
            return day + timedelta(days=(int(self.weekday) - day.weekday() - 1) % 7 + 1)
        later = day + timedelta(days=1)
        while later.day != min(self.day_of_month, calendar.monthrange(later.year, later.month)[1]):
            later += timedelta(days=1)
        return later


class ReportRun(models.Model):
    """One sending of a report: once per day it was due, however often somebody tries."""

    class State(models.TextChoices):
        DUE = "due", _("Being made")
        SENT = "sent", _("Handed to the mail")
        FAILED = "failed", _("Not sent")

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.CASCADE, related_name="runs")
    due_on = models.DateField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.DUE)
    told = models.CharField(max_length=300, blank=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    LOCK_RANK: ClassVar[int] = 16
    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "due_on"], name="report_once")]
        indexes = [models.Index(fields=["at"], condition=models.Q(state="due"), name="report_being_made")]

    def __str__(self) -> str:
        return f"{self.schedule} {self.due_on}"
