"""What each section of the settings shows."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.actions.forms import spending
from comptoir.actions.limits import period_start
from comptoir.actions.models import Limit, LimitUse
from comptoir.cases.clocks import HOURS
from comptoir.cases.models import Case, Inbox, Tag, UpdateRule
from comptoir.catalog.models import FreightZone, Site, TaxRate
from comptoir.connect.email.models import Mailbox
from comptoir.events.models import Event
from comptoir.events.verbs import VERBS
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.places import country_name
from comptoir.orders.actions.reasons import LANGUAGES
from comptoir.orders.guards import TOLERANCE
from comptoir.orders.models import EntryRule, Reason
from comptoir.people import Role
from comptoir.people.models import Department, Invitation, Member, Team
from comptoir.people.roles import RANKS

SET_UP = ("people.", "actions.limit", "catalog.site", "catalog.rate", "catalog.freight", "cases.inbox", "cases.rule",
          "cases.tag_", "orders.reason", "orders.rule", "email.")  # fmt: skip


def company(member: Member) -> dict[str, Any]:
    """The sites with what heads their papers, and the VAT rates."""
    language = get_language() or "en"
    sites = [(site, country_name(site.country, language)) for site in Site.objects.visible_to(member).order_by("pk")]
    rates = TaxRate.objects.order_by("country", "category", "-valid_from")
    return {"sites": sites, "rates": [(rate, country_name(rate.country, language)) for rate in rates]}


def freight(member: Member) -> dict[str, Any]:
    """What freight costs about, by zones of countries."""
    zones = [(zone, ", ".join(zone.countries)) for zone in FreightZone.objects.visible_to(member)]
    return {"zones": zones, "may_keep": member.at_least(Role.SENIOR)}


def entry(member: Member) -> dict[str, Any]:
    """What entry keeps to: discounts by role, minimum values, what is held and why."""
    rules = list(EntryRule.objects.visible_to(member).standing().select_related("product"))
    by_kind = {kind: [rule for rule in rules if rule.kind == kind] for kind in EntryRule.Kind}
    holds = [*by_kind[EntryRule.Kind.DOCUMENT], *by_kind[EntryRule.Kind.EXPORT]]
    discounts = sorted(by_kind[EntryRule.Kind.DISCOUNT], key=lambda rule: RANKS[rule.role])
    minimums = sorted(by_kind[EntryRule.Kind.MINIMUM], key=lambda rule: rule.currency)
    return {
        "discounts": discounts, "minimums": minimums, "holds": holds, "may_rule": member.at_least(Role.MANAGER),
        "tolerance": TOLERANCE * 100,
    }  # fmt: skip


def members(member: Member) -> dict[str, Any]:
    """Everybody who works or worked here."""
    waiting = Invitation.objects.filter(member=OuterRef("pk"), used_at=None, expires_at__gt=clock.now())
    rows = Member.objects.visible_to(member).filter(kind=Member.Kind.PERSON).annotate(is_invited=Exists(waiting))
    rows = rows.select_related("department").prefetch_related("teams").order_by("-is_active", "name")
    return {"members": list(rows), "me": member.pk}


def teams(member: Member) -> dict[str, Any]:
    """The departments with their teams, and how many work in each."""
    active = Count("members", filter=Q(members__is_active=True), distinct=True)
    found = Team.objects.visible_to(member).annotate(size=active).order_by("-is_active", "name")
    cases = Case.objects.worked_on().order_by().values_list("team").annotate(n=Count("pk"))
    open_cases = dict(cases)
    by_department: dict[int, list[tuple[Team, int]]] = defaultdict(list)
    for team in found:
        by_department[team.department_id].append((team, open_cases.get(team.pk, 0)))
    departments = Department.objects.visible_to(member).annotate(size=active).order_by("-is_active", "name")
    return {"departments": [(row, by_department[row.pk]) for row in departments]}


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit, and what was given under it this month."""

    limit: Limit
    given: Money
    by_member: list[tuple[str, Money]]


def limits(member: Member) -> dict[str, Any]:
    """The limits by action, with this month's uses: of all for supervisors, else one's own."""
    uses = _uses_this_month(member)
    rows = Limit.objects.visible_to(member).active().order_by("action", "currency", "customer_class", "period")
    by_action: dict[str, list[LimitRow]] = defaultdict(list)
    for limit in sorted(rows, key=lambda one: list(Role).index(Role(one.role))):
        given = [(name, Money(amount, limit.currency)) for name, amount in uses.get(limit.pk, [])]
        total = sum((amount.amount for _name, amount in given), Decimal(0))
        by_action[limit.action].append(LimitRow(limit, Money(total, limit.currency), given))
    people = Member.objects.people().filter(is_active=True).order_by()
    counts = dict(people.values_list("role").annotate(n=Count("pk")))
    return {
        "groups": [(name, title, by_action[name]) for name, title in spending()],
        "roles": [(role, counts.get(role.value, 0)) for role in Role],
        "sees_all_uses": member.at_least(Role.SUPERVISOR),
    }


def _uses_this_month(member: Member) -> dict[int, list[tuple[str, Decimal]]]:
    start = period_start(Limit.Period.MONTH, clock.today())
    rows = LimitUse.objects.filter(at__date__gte=start, given_back_at=None)
    if not member.at_least(Role.SUPERVISOR):
        rows = rows.filter(member=member)
    found: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)
    for limit, name, amount in (
        rows.values_list("limit", "member__name").annotate(Sum("amount")).order_by("member__name")
    ):
        found[limit].append((name, amount))
    return found


def inboxes(member: Member) -> dict[str, Any]:
    """The inboxes, for administrators with how their mailboxes do."""
    boxes = {box.inbox_id: box for box in Mailbox.objects.visible_to(member)}
    rows = Inbox.objects.visible_to(member).select_related("team").order_by("-is_active", "name")
    languages = dict(settings.LANGUAGES)
    found = [(row, boxes.get(row.pk), languages.get(row.language, row.language)) for row in rows]
    return {"inboxes": found, "is_demo": settings.DEMO}


def reasons(member: Member) -> dict[str, Any]:
    """The reasons by kind, with the languages that lack words."""
    by_kind: dict[str, list[tuple[Reason, list[str]]]] = defaultdict(list)
    for reason in Reason.objects.visible_to(member).order_by("-is_active", "pk"):
        by_kind[reason.kind].append((reason, [name for name in LANGUAGES if not reason.labels.get(name)]))
    return {"kinds": [(kind, by_kind[kind.value]) for kind in Reason.Kind]}


@dataclass(frozen=True, slots=True)
class Cell:
    """The hours of a type and priority: its own rule's, or the ones that hold otherwise."""

    type: str
    priority: str
    label: str
    hours: int
    rule: UpdateRule | None


def updates(member: Member) -> dict[str, Any]:
    """The update rules as a table: types down, priorities across."""
    rules = {(rule.type, rule.priority): rule for rule in UpdateRule.objects.visible_to(member)}
    usual = {p: rules[("", p)].hours if ("", p) in rules else HOURS[p] for p in Case.Priority.values}

    def cells(kind: str, label: Any) -> list[Cell]:
        found = [(p, rules.get((kind, p.value))) for p in Case.Priority]
        return [Cell(kind, p.value, f"{label}, {p.label}", r.hours if r else usual[p.value], r) for p, r in found]

    types = [(t.label, cells(t.value, t.label)) for t in Case.Type]
    return {"priorities": list(Case.Priority), "general": cells("", _("All types")), "types": types}


def tags(member: Member) -> dict[str, Any]:
    """The tags and how many cases have each."""
    return {"tags": list(Tag.objects.visible_to(member).annotate(size=Count("cases")).order_by("name"))}


def changes(member: Member) -> dict[str, Any]:
    """What was changed in the settings, latest first."""
    names = [name for name in VERBS if name.startswith(SET_UP)]
    events = Event.objects.visible_to(member).filter(verb__in=names).select_related("actor").order_by("-occurred_at")
    return {"events": list(events[:100])}
