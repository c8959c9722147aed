"""Our own side of the demo: departments, teams, members, inboxes, limits, reasons, tax rates, the site."""

import secrets
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from comptoir.actions.models import Limit
from comptoir.cases.clocks import HOURS
from comptoir.cases.models import Inbox, UpdateRule
from comptoir.catalog.models import Site, TaxRate
from comptoir.demo import address_of, content
from comptoir.lib import clock
from comptoir.orders.models import Reason
from comptoir.people.models import ApiToken, Department, Member, Membership, Team
from comptoir.people.queries import digest

MOVES = ("orders.pull_in", "orders.push_out")
LANGUAGES = ("en", "fr", "da", "sk", "bg")
SHOP = ["act:orders.confirm", "act:orders.place", "read:customers", "read:orders", "read:products"]


def build() -> None:
    """Write the house; everything else refers to it."""
    house = content("house")
    Site.objects.create(**house["site"])
    _build_people()
    _build_inboxes()
    for role, periods in house["limits"].items():
        Limit.objects.bulk_create(
            Limit(role=role, action=action, period=period, currency="EUR", amount=Decimal(amount))
            for action in MOVES
            for period, amount in periods.items()
        )
    Reason.objects.bulk_create(
        Reason(kind=r["kind"], code=r["code"], labels={language: r[language] for language in LANGUAGES})
        for r in house["reasons"]
    )
    _build_rates()


def _build_people() -> None:
    house = content("house")
    password = make_password(house["password"])
    teams: dict[str, Team] = {}
    for name, names in house["departments"].items():
        department = Department.objects.create(name=name)
        teams |= {t: Team.objects.create(name=t, department=department) for t in names}
    for row in house["members"]:
        mine = [teams[t] for t in row["teams"]]
        member = Member.objects.create(
            email=address_of(row["name"]), name=row["name"], role=row["role"], signature=row["signature"],
            time_zone="Europe/Brussels", department=mine[0].department, password=password,
        )  # fmt: skip
        Membership.objects.bulk_create(Membership(member=member, team=team) for team in mine)


def build_programs() -> None:
    """The web shop's bot with its token, and one of Marc's that has ended; nobody has their secrets."""
    now = clock.now()
    marc, noor = (Member.objects.get(email=address_of(name)) for name in ("Marc Peeters", "Noor Janssens"))
    shop = Member.objects.create(
        email="bot-shop@bots.invalid", name="Web shop", kind=Member.Kind.BOT, department=marc.department,
        password=make_password(None),
    )  # fmt: skip
    Membership.objects.create(member=shop, team=marc.teams.order_by("pk")[0])
    used = {"made_at": now - timedelta(days=41), "expires_at": now + timedelta(days=324)}
    ended = {"made_at": now - timedelta(days=97), "expires_at": now - timedelta(days=7)}
    for member, name, scopes, made_by, seen, dates in (
        (shop, "Web shop, orders", SHOP, noor, now - timedelta(minutes=4), used),
        (marc, "Open orders in my spreadsheet", ["read:orders", "read:promises"], marc, now - timedelta(days=8), ended),
    ):
        secret = secrets.token_hex()
        ApiToken.objects.create(
            member=member, name=name, scopes=scopes, made_by=made_by, token_hash=digest(secret), start=f"cpt_{secret[:5]}",
            last_used_at=seen, **dates,
        )  # fmt: skip


def _build_inboxes() -> None:
    house = content("house")
    teams = {team.name: team for team in Team.objects.all()}
    Inbox.objects.bulk_create(
        Inbox(
            name=row["name"], address=f"{row['local']}@{house['domain']}", sender_name=row["sender"],
            language=row["language"], signature=row["signature"], team=teams[row["team"]],
        )
        for row in house["inboxes"]
    )  # fmt: skip
    UpdateRule.objects.bulk_create(UpdateRule(priority=priority, hours=hours) for priority, hours in HOURS.items())
    UpdateRule.objects.create(type="complaint", priority="normal", hours=4)


def _build_rates() -> None:
    """21 % at home; what goes abroad follows from who buys (`catalog.taxes`)."""
    TaxRate.objects.create(country="BE", category="S", rate=21, valid_from=date(2015, 1, 1))
