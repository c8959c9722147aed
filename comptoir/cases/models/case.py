"""The case, its inbox, and what hangs on it."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comptoir.customers.models import Contact, Customer
from comptoir.lib import clock
from comptoir.people.models import Team
from comptoir.promises.models import Promise

MEMBER = settings.AUTH_USER_MODEL
WORKED_ON = ("new", "open", "waiting")


class CasePartQuerySet(models.QuerySet[Any]):
    """Rows of a case: read by those who may read the case."""

    def visible_to(self, member: Any) -> "CasePartQuerySet":
        if member.team_ids is None:
            return self if member.is_active else self.none()
        return self.filter(case__in=Case.objects.visible_to(member).values("pk"))


class DirectoryRowsQuerySet(models.QuerySet[Any]):
    """Rows every active member may read."""

    def visible_to(self, member: Any) -> "DirectoryRowsQuerySet":
        return self if member.is_active else self.none()


class Inbox(models.Model):
    """An address customers write to, and how we sign there."""

    name = models.CharField(_("name"), max_length=80)
    address = models.EmailField(_("address"), unique=True)
    sender_name = models.CharField(_("sender name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, default="en")
    signature = models.TextField(_("signature"), blank=True)
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="inboxes")
    is_active = models.BooleanField(_("active"), default=True)

    objects = DirectoryRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class CaseQuerySet(models.QuerySet["Case"]):
    """Questions about cases."""

    def visible_to(self, member: Any) -> "CaseQuerySet":
        """Cases of the member's teams, owned or followed by them, or that they were asked about."""
        if not member.is_active:
            return self.none()
        if member.team_ids is None:
            return self
        mine = Q(team_id__in=member.team_ids) | Q(owner_id=member.pk)
        follows = Follow.objects.filter(member_id=member.pk)
        asked = Case.hand_offs.rel.related_model._default_manager.filter(department_id__in=member.department_ids)
        to = Q(to_id=member.pk) | Q(to_id=None, level=member.role)
        raised = Case.escalations.rel.related_model._default_manager.filter(to)
        for rows in (follows, asked, raised):
            mine |= Q(pk__in=rows.values("case_id"))
        return self.filter(mine)

    def worked_on(self) -> "CaseQuerySet":
        return self.filter(state__in=WORKED_ON)


class Case(models.Model):
    """A numbered piece of work for a customer."""

    class Type(models.TextChoices):
        INQUIRY = "inquiry", _("Inquiry")
        ORDER = "order", _("Order request")
        CHANGE = "change", _("Change request")
        DELIVERY = "delivery", _("Delivery issue")
        RETURN = "return", _("Return")
        BILLING = "billing", _("Billing issue")
        COMPLAINT = "complaint", _("Complaint")
        FEEDBACK = "feedback", _("Feedback")
        INTERNAL = "internal", _("Internal request")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    class State(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")
        MERGED = "merged", _("Merged")
        SPAM = "spam", _("Spam")

    class WaitingOn(models.TextChoices):
        CUSTOMER = "customer", _("the customer")
        DEPARTMENT = "department", _("a department")
        CARRIER = "carrier", _("the carrier")
        UNTIL = "until", _("a date")

    LOCK_RANK: ClassVar[int] = 20

    number = models.CharField(_("number"), max_length=20, unique=True)
    subject = models.CharField(_("subject"), max_length=300)
    type = models.CharField(_("type"), max_length=12, choices=Type.choices, default=Type.INQUIRY)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.NEW)
    waiting_on = models.CharField(_("waiting on"), max_length=12, choices=WaitingOn.choices, blank=True)
    waiting_until = models.DateTimeField(_("until"), null=True, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases")
    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="cases")
    owner = models.ForeignKey(MEMBER, on_delete=models.PROTECT, null=True, blank=True, related_name="cases")
    language = models.CharField(_("language"), max_length=8, default="en")
    flag = models.CharField(max_length=200, blank=True)
    snippet = models.CharField(max_length=160, blank=True)
    channel = models.CharField(max_length=10, default="email")
    is_unread = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    last_message_at = models.DateTimeField(default=clock.now)
    last_inbound_at = models.DateTimeField(null=True)
    next_update_at = models.DateTimeField(_("next update"), null=True, blank=True)
    first_response_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(_("resolution"), blank=True)
    solved_in_contact = models.BooleanField(null=True)
    reopened = models.PositiveIntegerField(default=0)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    merge_record = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    tags: "models.ManyToManyField[Tag, CaseTag]" = models.ManyToManyField(
        "Tag", through="CaseTag", related_name="cases"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["team", "-last_message_at", "-id"], condition=Q(state__in=WORKED_ON), name="case_team_queue"
            ),
            models.Index(
                fields=["owner", "-last_message_at", "-id"], condition=Q(state__in=WORKED_ON), name="case_owner_queue"
            ),
            models.Index(fields=["-last_message_at", "-id"], name="case_latest"),
            models.Index(fields=["customer", "-last_message_at"], name="case_customer"),
            models.Index(fields=["waiting_until"], condition=Q(state="waiting"), name="case_waking"),
            models.Index(fields=["next_update_at"], condition=Q(state__in=WORKED_ON), name="case_update_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=WORKED_ON) | Q(next_update_at__isnull=False) | ~Q(flag=""),
                name="case_next_update",
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved") | Q(customer__isnull=False) | Q(type="internal"),
                name="case_resolved_needs_customer",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False), name="case_merged_into_one"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/cases/{self.number}/"

    def is_account_of(self, member: Any) -> bool:
        return self.customer is not None and self.customer.is_account_of(member)

    @property
    def is_worked_on(self) -> bool:
        return self.state in WORKED_ON

    @property
    def is_snoozed(self) -> bool:
        return self.state == self.State.WAITING and self.waiting_on == self.WaitingOn.UNTIL

    def is_overdue(self, now: datetime) -> bool:
        """True when the customer should have heard from us by now."""
        return self.is_worked_on and self.next_update_at is not None and self.next_update_at < now


class UpdateRule(models.Model):
    """How soon the customer hears from us next, by type and priority; an empty type holds for all others."""

    type = models.CharField(max_length=12, choices=Case.Type.choices, blank=True)
    priority = models.CharField(max_length=8, choices=Case.Priority.choices)
    hours = models.PositiveIntegerField()

    objects = DirectoryRowsQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "priority"], name="update_rule_once")]

    def __str__(self) -> str:
        return f"{self.type or '*'} {self.priority}: {self.hours} h"


class Ask(models.Model):
    """One question or wish of the customer."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        PROMISED = "promised", _("Promised")
        REFUSED = "refused", _("Refused")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="asks")
    text = models.CharField(_("text"), max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    message = models.ForeignKey("Message", on_delete=models.SET_NULL, null=True, related_name="asks")
    answered_by = models.ForeignKey("Message", on_delete=models.SET_NULL, null=True, related_name="answers")
    promise = models.ForeignKey(Promise, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = CasePartQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class Tag(models.Model):
    """A word cases are marked with."""

    name = models.CharField(max_length=40, unique=True)

    objects = DirectoryRowsQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class CaseTag(models.Model):
    """A tag on a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "tag"], name="case_tag_once")]

    def __str__(self) -> str:
        return f"{self.case}: {self.tag}"


class CaseLink(models.Model):
    """A row of another kind that the case is about, or another case, and how it was found."""

    class How(models.TextChoices):
        MEMBER = "member", _("put there by hand")
        NUMBER = "number", _("its number stands in the text")
        PO = "po", _("the customer's PO number stands in the text")
        DOCUMENT = "document", _("entered from its document")
        SUGGESTED = "suggested", _("suggested: another customer's order")
        AGAIN = "again", _("the same matter within seven days")
        FOLLOWS = "follows", _("follows a closed case")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    noun = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    how = models.CharField(max_length=30, default="member")
    positions = models.JSONField(default=list)

    objects = CasePartQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "noun", "object_id"], name="case_link_once")]
        indexes = [models.Index(fields=["noun", "object_id"], name="case_link_object")]

    def __str__(self) -> str:
        return f"{self.case} → {self.noun}:{self.object_id}"

    @property
    def reason(self) -> str:
        """How it was found, in words."""
        return str(self.How(self.how).label)


class Follow(models.Model):
    """A member who wants to see a case, whatever their team."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="follows")
    member = models.ForeignKey(MEMBER, on_delete=models.CASCADE, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.member} follows {self.case}"
