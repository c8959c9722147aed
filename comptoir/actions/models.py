"""Limits and their uses, approvals, and keys that make an act happen once."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from comptoir.actions.registry import ACTIONS, Change
from comptoir.lib.money import Money
from comptoir.lib.roles import RANKS, Role

MEMBER = settings.AUTH_USER_MODEL


class LimitQuerySet(models.QuerySet["Limit"]):
    """Questions about limits."""

    def visible_to(self, member: Any) -> "LimitQuerySet":
        """Every member may know the limits."""
        return self if member.is_active else self.none()

    def active(self) -> "LimitQuerySet":
        """Those that hold; removed ones stay for the ledger."""
        return self.filter(is_active=True)


class Limit(models.Model):
    """How much a role may give by an action, per act or per period, to customers of a class, in a currency."""

    class Period(models.TextChoices):
        ACT = "act", _("each time")
        DAY = "day", _("a day")
        MONTH = "month", _("a month")

    LOCK_RANK: ClassVar[int] = 70

    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    action = models.CharField(_("action"), max_length=80)
    customer_class = models.CharField(_("customer class"), max_length=2, blank=True)
    period = models.CharField(_("period"), max_length=8, choices=Period.choices)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4)
    is_active = models.BooleanField(_("active"), default=True)

    objects = LimitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "action", "customer_class", "period", "currency"], name="limit_once"
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="limit_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{Role(self.role).label}: {self.money} {self.Period(self.period).label}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class LimitCounter(models.Model):
    """What a member has given under a limit in one period; the row two acts contend for."""

    LOCK_RANK: ClassVar[int] = 70

    limit = models.ForeignKey(Limit, on_delete=models.CASCADE, related_name="counters")
    member = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateField()
    used = models.DecimalField(max_digits=18, decimal_places=4, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["limit", "member", "period_start"], name="limit_counter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.limit_id}/{self.member_id}/{self.period_start}"


class LimitUse(models.Model):
    """The ledger of what was given to whom, by whom and through which act; what was given back does not count."""

    limit = models.ForeignKey(Limit, on_delete=models.PROTECT, related_name="uses")
    member = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=80)
    subject_noun = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "at"], name="limit_use_customer"),
            models.Index(fields=["subject_noun", "subject_id"], name="limit_use_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.amount} {self.currency}"


def _decidable(member: Any) -> models.Q:
    """Requests a member's rank may decide; one about a team's own row only by those who see that team."""
    rank = models.Q(required_rank__lte=member.rank)
    if member.team_ids is None:
        return rank
    return rank & (models.Q(scope_team_id=None) | models.Q(scope_team_id__in=member.team_ids))


class ApprovalQuerySet(models.QuerySet["Approval"]):
    """Questions about approvals."""

    def visible_to(self, member: Any) -> "ApprovalQuerySet":
        """One's own requests, those one has decided, and those one's rank may decide and whose team one sees."""
        if not member.is_active:
            return self.none()
        own = models.Q(requester_id=member.pk) | models.Q(decided_by_id=member.pk)
        return self.filter(own | _decidable(member))

    def asked_of(self, member: Any) -> "ApprovalQuerySet":
        """Pending requests of others that the member's rank may decide."""
        return self.filter(_decidable(member), state="pending").exclude(requester_id=member.pk)

    def asked_by(self, member: Any) -> "ApprovalQuerySet":
        return self.filter(requester_id=member.pk)


class Approval(models.Model):
    """An act that waits for somebody with more authority: its exact input, what it would change, and the answer."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        RETURNED = "returned", _("Returned with a question")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        STALE = "stale", _("Out of date")

    LOCK_RANK: ClassVar[int] = 5

    action = models.CharField(max_length=80)
    form_version = models.CharField(max_length=12)
    subject_noun = models.CharField(max_length=80, blank=True)
    subject_id = models.BigIntegerField(null=True)
    subject_label = models.CharField(max_length=200, blank=True)
    about = models.JSONField(default=list)
    input = models.JSONField()
    diff = models.JSONField(default=list)
    snapshot = models.JSONField(default=dict)
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    customer_id = models.BigIntegerField(null=True)
    reason = models.TextField()
    required_rank = models.IntegerField()
    requester = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    decided_by = models.ForeignKey(MEMBER, on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    scope_team_id = models.BigIntegerField(null=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["required_rank"], condition=models.Q(state="pending"), name="approval_pending"),
            models.Index(fields=["subject_noun", "subject_id"], name="approval_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="approved") | ~models.Q(decided_by=models.F("requester")),
                name="approval_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.subject_label}"

    @property
    def title(self) -> str:
        known = ACTIONS.get(self.action)
        return str(known.title) if known else self.action

    @property
    def changes(self) -> list[Change]:
        return [Change(*row) for row in self.diff]

    @property
    def money(self) -> Money | None:
        return Money(self.amount, self.currency) if self.amount is not None else None

    @property
    def required_role(self) -> Role:
        """The lowest role that may decide."""
        return min((role for role in Role if RANKS[role] >= self.required_rank), key=lambda role: RANKS[role])

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING


class IdempotencyKey(models.Model):
    """A key a caller gave an act, with its input's hash and its result; purged after seven days."""

    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    input_hash = models.CharField(max_length=64)
    result_label = models.CharField(max_length=80, blank=True)
    result_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "action", "key"], name="key_once")]

    def __str__(self) -> str:
        return f"{self.action}:{self.key}"
