"""The ladder of roles and how far each one's authority reaches."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A member's role; a specialist ranks with a senior."""

    REP = "rep", _("Rep")
    SENIOR = "senior", _("Senior")
    SPECIALIST = "specialist", _("Specialist")
    SUPERVISOR = "supervisor", _("Supervisor")
    MANAGER = "manager", _("Manager")
    ADMINISTRATOR = "administrator", _("Administrator")


RANKS: Mapping[str, int] = {
    Role.REP: 10,
    Role.SENIOR: 20,
    Role.SPECIALIST: 20,
    Role.SUPERVISOR: 30,
    Role.MANAGER: 40,
    Role.ADMINISTRATOR: 50,
}
