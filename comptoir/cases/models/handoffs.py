"""What is asked of another department in a case, and a case raised up the ladder."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.cases.models.case import Case, CasePartQuerySet
from comptoir.lib import clock
from comptoir.lib.roles import Role
from comptoir.people.models import Department

MEMBER = settings.AUTH_USER_MODEL


class HandOffQuerySet(CasePartQuerySet):
    """Questions about hand-offs."""

    def with_department(self) -> "HandOffQuerySet":
        """Those the department still has to answer."""
        return self.filter(state__in=HandOff.WITH_DEPARTMENT)

    def standing(self) -> "HandOffQuerySet":
        """Those not closed yet: somebody waits."""
        return self.exclude(state__in=HandOff.ENDED)

    def asked_of(self, member: Any) -> "HandOffQuerySet":
        """Those a member's departments have to answer."""
        return self.filter(department_id__in=member.department_ids).with_department()


class HandOff(models.Model):
    """A question to another department, with the facts as they were, a clock, and the answer."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")

    class Expects(models.TextChoices):
        YES_NO = "yes_no", _("yes or no")
        DAY = "day", _("a day")
        TEXT = "text", _("words")

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        COUNTER = "counter", _("Another proposal")
        INFO = "info", _("Information needed")

    WITH_DEPARTMENT: ClassVar[tuple[str, ...]] = ("sent", "accepted")
    ENDED: ClassVar[tuple[str, ...]] = ("closed",)

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="hand_offs")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="hand_offs")
    noun = models.CharField(max_length=40, blank=True)
    object_id = models.BigIntegerField(null=True)
    question = models.TextField(_("question"))
    facts = models.JSONField(default=list)
    expects = models.CharField(_("answer"), max_length=8, choices=Expects.choices, default=Expects.TEXT)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SENT)
    asked_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(_("due"))
    taken_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer.choices, blank=True)
    day = models.DateField(null=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    answered_at = models.DateTimeField(null=True)
    was_late = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)

    objects = HandOffQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["department", "due_at"], condition=Q(state__in=("sent", "accepted")), name="hand_off_queue"
            ),
            models.Index(fields=["noun", "object_id"], name="hand_off_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="answered") | ~Q(answer=""), name="hand_off_answered_by_an_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department}: {self.question[:80]}"

    def get_absolute_url(self) -> str:
        return f"/hand-offs/{self.pk}/"

    @property
    def is_with_department(self) -> bool:
        return self.state in self.WITH_DEPARTMENT

    def is_overdue(self, now: datetime) -> bool:
        return self.is_with_department and self.due_at < now


class HandOffTurn(models.Model):
    """One thing said in a hand-off: the question, more information, an answer, why it is declined."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        INFORMATION = "information", _("Information")
        ANSWER = "answer", _("Answer")
        DECLINED = "declined", _("Declined")

    hand_off = models.ForeignKey(HandOff, on_delete=models.CASCADE, related_name="turns")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    text = models.TextField(blank=True)
    answer = models.CharField(max_length=8, choices=HandOff.Answer.choices, blank=True)
    day = models.DateField(null=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3, null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:80]}"


class EscalationQuerySet(CasePartQuerySet):
    """Questions about escalations."""

    def standing(self) -> "EscalationQuerySet":
        """Those nobody has decided or returned yet."""
        return self.filter(state__in=("raised", "accepted"))


class Escalation(models.Model):
    """A case raised to somebody with more authority: why, with a brief, and whether they took it."""

    class Level(models.TextChoices):
        SENIOR = Role.SENIOR.value, Role.SENIOR.label
        SPECIALIST = Role.SPECIALIST.value, Role.SPECIALIST.label
        SUPERVISOR = Role.SUPERVISOR.value, Role.SUPERVISOR.label
        MANAGER = Role.MANAGER.value, Role.MANAGER.label

    class State(models.TextChoices):
        RAISED = "raised", _("Raised")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")
        HIGHER = "higher", _("Raised higher")
        RESOLVED = "resolved", _("Resolved")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="escalations")
    level = models.CharField(_("level"), max_length=20, choices=Level.choices)
    reason = models.TextField(_("reason"))
    brief = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RAISED)
    raised_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(_("due"))
    to = models.ForeignKey(MEMBER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    was_late = models.BooleanField(default=False)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=("raised", "accepted")), name="escalation_one_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.get_level_display()}"

    @property
    def is_standing(self) -> bool:
        return self.state in (self.State.RAISED, self.State.ACCEPTED)
