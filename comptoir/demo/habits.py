"""How the team works by now: the views it keeps of the orders, and who gets the open-order report by mail."""

from datetime import date

from comptoir.cases.models import ReportSchedule
from comptoir.customers.models import Contact
from comptoir.people.models import Member, SavedView

TEAM_VIEWS: tuple[tuple[str, str, list[str]], ...] = (
    (
        "Ships within a week",
        "dates=ship_by&tab=open&within=7",
        ["po", "state", "ship_by", "promised", "net", "site", "owner"],
    ),
    ("Late in France", "country=FR&mark=late&tab=open", []),
    (
        "Over 20,000",
        "least=20000&sort=value&tab=open",
        ["po", "state", "promised", "expected", "lines", "net", "owner"],
    ),
)
MOST_REPORTS = 3


def build(today: date) -> None:
    """Views of the first rep and their team, and the reports of a few of their customers."""
    rep = Member.objects.filter(email__startswith="emma@").first()
    team = rep.teams.order_by("pk").first() if rep else None
    if rep is None or team is None:
        return
    shared = [
        SavedView(list_name="orders", name=name, owner=rep, team=team, query=query, columns=columns, position=place)
        for place, (name, query, columns) in enumerate(TEAM_VIEWS)
    ]
    own = SavedView(list_name="orders", name="Mine, not confirmed", owner=rep, query=f"owner={rep.pk}&tab=unconfirmed")
    own.position = len(shared)
    SavedView.objects.bulk_create([*shared, own])
    _report(rep, today)


def _report(rep: Member, today: date) -> None:
    known = Contact.objects.filter(customer__owner=rep, is_active=True, identities__kind="email")
    first: dict[int, Contact] = {}
    for contact in known.select_related("customer").order_by("customer", "pk")[:200]:
        first.setdefault(contact.customer_id, contact)
    for place, contact in enumerate(list(first.values())[:MOST_REPORTS]):
        report = ReportSchedule(customer=contact.customer, every="week" if place else "month", weekday="0", by=rep)
        report.next_on = report.first_after(today)
        report.save()
        report.contacts.set([contact])
