"""Saying how much each role may give."""

from collections.abc import Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import verbs
from comptoir.actions.authority import ALLOWED, ActionError, Denied, Verdict
from comptoir.actions.models import Limit
from comptoir.actions.registry import ACTIONS, Spending, action
from comptoir.events import record
from comptoir.events.actor import Actor
from comptoir.lib.money import Money
from comptoir.lib.roles import RANKS, Role

Period = Limit.Period


def administers(member: Actor, subject: Any, inputs: Mapping[str, Any]) -> Verdict:
    """Administrators only."""
    if member.rank >= RANKS[Role.ADMINISTRATOR]:
        return ALLOWED
    return Denied(_("Only an administrator may change the limits."))


@action(
    "actions.set_limit",
    subject=None,
    authority=administers,
    title=gettext_lazy("Set a limit"),
    labels={
        "role": gettext_lazy("Role"),
        "action": gettext_lazy("For what"),
        "period": gettext_lazy("How often"),
        "amount": gettext_lazy("At most"),
        "customer_class": gettext_lazy("Only for customers of class"),
    },
)
def set_limit(
    *,
    by: Actor,
    role: Role,
    action: Spending,
    amount: Money,
    period: Limit.Period = Period.MONTH,
    customer_class: Literal["", "A", "B", "C"] = "",
) -> Limit:
    """Let a role give so much by an action; a limit that is there already gets the new amount."""
    if not ACTIONS[action].spends:
        raise ActionError(_("{title} gives nothing away.").format(title=ACTIONS[action].title))
    limit, _new = Limit.objects.update_or_create(
        role=role, action=action, customer_class=customer_class, period=period, currency=amount.currency,
        defaults={"amount": amount.amount, "is_active": True},
    )  # fmt: skip
    record(verbs.LIMIT_SET, by=by, on=[limit], limit=str(limit), action=str(ACTIONS[action].title))
    return limit


@action("actions.remove_limit", subject=Limit, authority=administers, title=gettext_lazy("Remove the limit"))
def remove_limit(limit: Limit, *, by: Actor) -> Limit:
    """Take a limit away; what was given under it stays in the ledger."""
    if limit.is_active:
        limit.is_active = False
        limit.save(update_fields=["is_active"])
        title = str(ACTIONS[limit.action].title) if limit.action in ACTIONS else limit.action
        record(verbs.LIMIT_REMOVED, by=by, on=[limit], limit=str(limit), action=title)
    return limit
