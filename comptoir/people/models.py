"""Members, teams and departments."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from comptoir.lib import clock
from comptoir.people.roles import RANKS, Role


class DirectoryQuerySet(models.QuerySet[Any]):
    """Rows every member may read: the directory of the house."""

    def visible_to(self, member: Any) -> "DirectoryQuerySet":
        return self if member.is_active else self.none()

    def active(self) -> "DirectoryQuerySet":
        return self.filter(is_active=True)


class Department(models.Model):
    """A department that acts or is asked: customer service, planning, logistics, accounts."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    answer_hours = models.PositiveSmallIntegerField(_("answers within (hours)"), default=8, db_default=8)
    is_active = models.BooleanField(_("active"), default=True)

    objects = DirectoryQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/hand-offs/?department={self.pk}"


class Team(models.Model):
    """A group of members who share a queue."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="teams"
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = DirectoryQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class MemberManager(BaseUserManager["Member"]):
    """Looks members up by e-mail, ignoring case."""

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email__iexact=username)

    def visible_to(self, member: Any) -> models.QuerySet["Member"]:
        """Every member may see who works here."""
        return self.all() if member.is_active else self.none()

    def active(self) -> models.QuerySet["Member"]:
        return self.filter(is_active=True)

    def people(self) -> models.QuerySet["Member"]:
        """Those with a name and a chair: no bots, no system."""
        return self.filter(kind=Member.Kind.PERSON)

    def administrators(self) -> models.QuerySet["Member"]:
        """The people who may change the settings."""
        return self.people().filter(is_active=True, role=Role.ADMINISTRATOR)


class Member(AbstractBaseUser):
    """Whoever acts: a person, a bot, an assistant or the system itself."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        BOT = "bot", _("Bot")
        ASSISTANT = "assistant", _("Assistant")
        SYSTEM = "system", _("System")

    LOCK_RANK: ClassVar[int] = 8
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.REP)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PERSON)
    language = models.CharField(_("language"), max_length=8, default="en")
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
    )
    teams = models.ManyToManyField(Team, through="Membership", related_name="members")
    signature = models.TextField(_("signature"), blank=True)
    shortcuts_enabled = models.BooleanField(_("single-key shortcuts"), default=True)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = MemberManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="member_email_once"),
            models.UniqueConstraint(fields=["kind"], condition=models.Q(kind="system"), name="member_one_system"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rank(self) -> int:
        return RANKS[self.role]

    def at_least(self, role: Role) -> bool:
        """True when the member's role is that one or above."""
        return self.rank >= RANKS[role]

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @cached_property
    def team_ids(self) -> frozenset[int] | None:
        """The teams whose cases the member reads; None for those who read all (supervisors and above, the system)."""
        if self.kind == self.Kind.SYSTEM or self.at_least(Role.SUPERVISOR):
            return None
        return frozenset(self._places)

    @cached_property
    def _places(self) -> dict[int, int]:
        """The member's teams with the department of each."""
        return dict(Membership.objects.filter(member=self).values_list("team_id", "team__department_id"))

    @property
    def department_ids(self) -> frozenset[int]:
        """The departments that are asked when the member is: their own and those of their teams."""
        own = {self.department_id} if self.department_id else set()
        return frozenset({*self._places.values(), *own})

    def sees_team(self, team_id: int) -> bool:
        return self.team_ids is None or team_id in self.team_ids

    @property
    def is_staff(self) -> bool:
        return False

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Django's own permissions are not used: the door asks roles and limits."""
        return False

    def has_module_perms(self, label: str) -> bool:
        return False


class Membership(models.Model):
    """A member's place in a team."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "team"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.member} · {self.team}"


class Invitation(models.Model):
    """A link by which a member chooses their password, once and within a day; only its hash is kept.

    Without a member it is the code by which an empty desk gets its first administrator.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    token: str = ""

    def __str__(self) -> str:
        return f"{self.member or '–'} until {self.expires_at:%Y-%m-%d %H:%M}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Questions about saved views."""

    def visible_to(self, member: Any) -> "SavedViewQuerySet":
        """One's own, and those shared with a team one belongs to."""
        if not member.is_active:
            return self.none()
        mine = Membership.objects.filter(member=member).values("team_id")
        return self.filter(models.Q(owner=member, team=None) | models.Q(team__in=mine))

    def of(self, list_name: str) -> "SavedViewQuerySet":
        """Those of one list, in the order in which it shows them."""
        return self.filter(list_name=list_name).order_by("position", "pk")


class SavedView(models.Model):
    """A list as somebody wants it again: what its address asks for, and which columns; a member's own or a team's."""

    list_name = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="saved_views")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="saved_views")
    query = models.CharField(max_length=1000, blank=True)
    columns = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "list_name", "owner", Lower("name"), condition=models.Q(team=None), name="own_view_named_once"
            ),
            models.UniqueConstraint(
                "list_name", "team", Lower("name"), condition=models.Q(team__isnull=False), name="team_view_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def may_be_changed_by(self, member: Member) -> bool:
        """Whoever made it; a team's also by those who lead."""
        return self.owner_id == member.pk or (self.team_id is not None and member.at_least(Role.SUPERVISOR))


class ListChoice(models.Model):
    """What a member sees first in a list: the saved view it opens with, and the columns where no view says them."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="list_choices")
    list_name = models.CharField(max_length=20)
    view = models.ForeignKey(SavedView, on_delete=models.SET_NULL, null=True, related_name="+")
    columns = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "list_name"], name="list_choice_once")]

    def __str__(self) -> str:
        return f"{self.member} · {self.list_name}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Questions about tokens."""

    def visible_to(self, member: Any) -> "ApiTokenQuerySet":
        """One's own; administrators see those of all."""
        if not member.is_active:
            return self.none()
        return self if member.at_least(Role.ADMINISTRATOR) else self.filter(member_id=member.pk)

    def valid(self) -> "ApiTokenQuerySet":
        """Those that let their member in now."""
        return self.filter(revoked_at=None, expires_at__gt=clock.now(), member__is_active=True)


class ApiToken(models.Model):
    """What a program shows to act as a member, within its scopes; only the hash of its secret is kept."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    start = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=80))
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    token: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def is_valid(self) -> bool:
        """True while it lets its member in, as long as they work here."""
        return self.revoked_at is None and self.expires_at > clock.now()
