"""Builders: they call the real actions."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model

from comptoir.actions.models import Limit
from comptoir.cases.incoming import Incoming
from comptoir.cases.models import Inbox
from comptoir.catalog.actions import (
    add_agreement,
    offer_agreement,
    set_agreement_line,
    set_freight,
    sign_agreement,
    stock_of,
)
from comptoir.catalog.models import Agreement, FreightZone, Price, Product, Site, Supply
from comptoir.customers.actions import add_address, add_contact, add_customer
from comptoir.customers.models import Contact, Customer
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.lib.text import fold
from comptoir.orders.actions import NewLine, confirm, place
from comptoir.orders.models import Order, Reason, ScheduleLine
from comptoir.people import Role, system
from comptoir.people.models import Department, Member, Membership, Team

_serial = count(1)
Row = TypeVar("Row", bound=Model)


def fresh(row: Row) -> Row:
    """The row as the database has it: what a test did to one that is made once a module is undone there alone."""
    return type(row)._base_manager.get(pk=row.pk)


def team(name: str = "Service") -> Team:
    department, _new = Department.objects.get_or_create(name="Customer service")
    return Team.objects.get_or_create(name=name, defaults={"department": department})[0]


def member(role: Role = Role.REP, *, name: str = "", teams: tuple[Team, ...] | None = None) -> Member:
    serial = next(_serial)
    made = Member.objects.create(email=f"m{serial}@desk.example", name=name or f"Member {serial}", role=role)
    made.set_password("correct horse battery")
    made.save()
    for one in (team(),) if teams is None else teams:
        Membership.objects.create(member=made, team=one)
    return made


def inbox(address: str = "service@desk.example", *, of: Team | None = None) -> Inbox:
    made, _new = Inbox.objects.get_or_create(
        address=address,
        defaults={
            "name": "Service",
            "sender_name": "Desk",
            "language": "en",
            "team": of or team(),
            "signature": "Desk Ltd",
        },
    )
    return made


def customer(name: str = "Hydraulique Martin", *, language: str = "fr", country: str = "FR", **more: str) -> Customer:
    made = add_customer(by=system(), name=name, country=country, language=language, **more)
    add_address(made, by=system(), name=name, street="1 rue du Port", postcode="69007", city="Lyon", country=country)
    return made


def contact(
    of: Customer, name: str = "Claire Moreau", email: str = "claire@martin.example", phone: str = "+33 4 78 00 00 01"
) -> Contact:
    return add_contact(of, by=system(), name=name, email=email, phone=phone, language=of.language)


def site() -> Site:
    return Site.objects.get_or_create(
        code="MAIN", defaults={"name": "Main", "country": "BE", "time_zone": "Europe/Brussels"}
    )[0]


def product(name: str = "Gear pump", *, on_hand: int = 100, price: str = "12.50", currency: str = "EUR") -> Product:
    made = Product.objects.create(number=f"P-{next(_serial):04}", name=name, sort_key=fold(name))
    Price.objects.create(product=made, currency=currency, unit_price=Decimal(price), valid_from=date(2020, 1, 1))
    stock = stock_of(made, site())
    stock.on_hand = Decimal(on_hand)
    stock.save()
    return made


def freight_zone(
    countries: str = "FR, NL", *, fixed: str = "12", per_kg: str = "1.20", fast: tuple[str, str] | None = None
) -> FreightZone:
    """A zone of freight; `fast`: the fixed part and the one by weight of a faster one."""
    faster = dict(zip(("fast_fixed", "fast_per_kg"), map(Decimal, fast), strict=True)) if fast else {}
    return set_freight(
        by=member(Role.SENIOR), zone="West", countries=countries, fixed=Decimal(fixed), per_kg=Decimal(per_kg),
        currency="EUR", source="Tariff of the carrier", valid_from=date(2020, 1, 1), **faster,
    )  # fmt: skip


def agreement(
    of: Customer, product: Product, price: str, *, least: int = 1, in_all: int | None = None, since: int = 0
) -> Agreement:
    """A signed agreement on one product, valid since so many days and for 300 more; a blanket order with a quantity in all."""
    by, today = member(Role.SENIOR), clock.today()
    kind = Agreement.Kind.PRICES if in_all is None else Agreement.Kind.BLANKET
    days = {"valid_from": today - timedelta(days=since), "valid_until": today + timedelta(days=300)}
    made: Agreement = add_agreement(of, by=by, kind=kind, **days)  # type: ignore[arg-type]
    set_agreement_line(
        made, by=by, product=product, unit_price=Decimal(price), minimum_quantity=Decimal(least),
        blanket_quantity=None if in_all is None else Decimal(in_all),
    )  # fmt: skip
    offer_agreement(made, by=by)
    sign_agreement(made, by=by, signed_by="Claire Moreau")
    return made


def supply(of: Product, quantity: int, days: int) -> Supply:
    return Supply.objects.create(
        stock=stock_of(of, site()), due_on=clock.today() + timedelta(days=days), quantity=Decimal(quantity)
    )


def noon(day: date) -> datetime:
    """The middle of a day where the desk is: so many days from now it may be another day, where clocks are changed."""
    return datetime.combine(day, time(12), ZoneInfo(settings.TIME_ZONE))


def workday(days: int) -> date:
    """The business day in France so many business days from today."""
    return add_business_days(clock.today(), days, "FR")


def order(
    of: Customer, *, po: str = "", days: int = 15, quantity: int = 10, products: int = 1, **more: object
) -> Order:
    """A confirmed order with a line a product, each requested for the same business day."""
    lines = [NewLine(product(), Decimal(quantity), workday(days)) for _ in range(products)]
    placed = place(of, by=system(), lines=lines, po_number=po, site=site(), **more)  # type: ignore[arg-type]
    return confirm(placed, by=system())


def schedule_line(of: Order, position: int = 10) -> ScheduleLine:
    return ScheduleLine.objects.get(order=of, line__position=position, position=1)


def reason(kind: str = "date") -> Reason:
    return Reason.objects.get_or_create(
        code=f"{kind}-customer", defaults={"kind": kind, "labels": {"en": "Customer asks", "fr": "Demande du client"}}
    )[0]


def limit(role: Role, amount: str, period: str = "month", action: str = "orders.pull_in") -> Limit:
    return Limit.objects.create(role=role, action=action, period=period, currency="EUR", amount=Decimal(amount))


def mail(text: str, sender: str = "claire@martin.example", **more: object) -> Incoming:
    values: dict[str, object] = {
        "inbox": inbox(),
        "sender_address": sender,
        "sender_name": "Claire Moreau",
        "subject": "Commande PO-77341",
        "text": text,
        "occurred_at": clock.now(),
        "message_id": f"<{next(_serial)}@martin.example>",
    }
    return Incoming(**(values | more))  # type: ignore[arg-type]


WISH = """Bonjour,

Nous aurions besoin de la position 20 de notre commande PO-77341 pour vendredi prochain au lieu du 18.
Par ailleurs, où en est la position 10 ?

Merci d'avance,
Claire Moreau"""
