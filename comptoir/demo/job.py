"""The job the first ten minutes are about: a buyer in Lyon, her order PO-77341, and the mail she is going to write."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.utils import format_datetime
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from comptoir.catalog.models import Product
from comptoir.customers.actions import add_address, add_contact, add_customer
from comptoir.customers.models import Address, Contact, Customer
from comptoir.demo import CONTENT, content
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days, next_business_day
from comptoir.orders import actions as orders
from comptoir.orders.models import Order, Reason
from comptoir.people.models import Member

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Days:
    """The days the mail speaks of, seen from the day of the first start."""

    today: date

    @property
    def wanted(self) -> date:
        """Friday of next week, or the last working day before it."""
        friday = self.today + timedelta(days=11 - self.today.weekday())
        return add_business_days(friday + timedelta(days=1), -1, "FR")

    @property
    def promised(self) -> date:
        """Position 20: a working day more than a week after the one she wants."""
        return next_business_day(self.wanted + timedelta(days=11), "FR")

    @property
    def late(self) -> date:
        """Position 10: promised for two working days ago."""
        return add_business_days(self.today, -2, "FR")

    @property
    def placed(self) -> date:
        return add_business_days(self.today, -16, "BE")


def build(today: date) -> Order:
    """Write the buyer, her company, and the order she writes about: placed and confirmed by the real actions."""
    days = Days(today)
    emma = Member.objects.get(name="Emma Laurent")
    moment = datetime.combine(days.placed, time(9, 20), ZoneInfo("Europe/Brussels"))
    with clock.at(moment):
        customer = _add_customer(emma)
        order = _place(customer, emma, days)
        orders.confirm(order, by=emma)
    _tell_delay(order, today)
    return order


def _add_customer(by: Member) -> Customer:
    told = content("job/job")["customer"]
    customer = add_customer(
        by=by, name=told["name"], country=told["country"], language=told["language"],
        customer_class=Customer.Class(told["class"]),
    )  # fmt: skip
    customer.tax_id, customer.terms, customer.incoterm = told["tax_id"], told["terms"], told["incoterm"]
    customer.credit_limit, customer.owner, customer.time_zone = Decimal(told["credit_limit"]), by, told["time_zone"]
    customer.save()
    add_address(
        customer, by=by, name=told["name"], street=told["street"], postcode=told["postcode"], city=told["city"],
        country=told["country"], transit_days=told["transit_days"],
    )  # fmt: skip
    Address.objects.filter(customer=customer).update(time_zone=told["time_zone"])
    for person in content("job/job")["contacts"]:
        add_contact(customer, by=by, language=told["language"], **person)
    return customer


def _place(customer: Customer, by: Member, days: Days) -> Order:
    wanted = (days.late, days.promised, days.promised)
    lines = [
        orders.NewLine(
            Product.objects.get(number=row["product"]),
            Decimal(row["quantity"]),
            day,
            customer_part=row["customer_part"],
        )
        for row, day in zip(content("job/job")["lines"], wanted, strict=True)
    ]
    buyer = Contact.objects.get(customer=customer, name="Claire Moreau")
    return orders.place(customer, by=by, lines=lines, po_number=content("job/job")["po"], contact=buyer)


def _tell_delay(order: Order, today: date) -> None:
    """Planning knows since yesterday that position 10 waits for the test bench."""
    pieter = Member.objects.get(name="Pieter Claes")
    row = order.schedule_lines.get(line__position=10)
    moment = datetime.combine(add_business_days(today, -1, "BE"), time(16, 5), ZoneInfo("Europe/Brussels"))
    with clock.at(moment):
        expected = add_business_days(today, 4, "FR")
        orders.set_expected(row, by=pieter, to=expected, reason=Reason.objects.get(code="test_bench"))


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail somebody at a customer might write."""

    sender: str
    to: str
    subject: str
    text: str


def letter() -> Letter:
    """What the buyer writes, with the days of her order as it stands on this desk."""
    mail = message_from_bytes(eml("<job@rhone-mecanique.example>", clock.now()).encode(), policy=policy.default)
    return Letter(str(mail["From"]), str(mail["To"]), str(mail["Subject"]), mail.get_content())


def eml(message_id: str, written_at: datetime) -> str:
    """The buyer's mail as it would come in, for `comptoir mail-in`."""
    told, house = content("job/job"), content("house")
    buyer: dict[str, Any] = told["contacts"][0]
    inbox = next(row for row in house["inboxes"] if row["language"] == "fr")
    order = Order.objects.get(po_number=told["po"], customer__name=told["customer"]["name"])
    rows = order.schedule_lines.exclude(first_promised_on=None).select_related("line")
    days = {row.line.position: row.first_promised_on for row in rows if row.first_promised_on}
    wanted = _friday_before(days[20])
    template = Template((CONTENT / "job" / "mail.eml.txt").read_text())
    return template.substitute(
        buyer_address=buyer["email"], inbox_address=f"{inbox['local']}@{house['domain']}", po=told["po"],
        date=format_datetime(written_at), message_id=message_id, wanted=f"{WEEKDAYS[wanted.weekday()]} {wanted.day}",
        promised=_french(days[20]), late=_french(days[10]), buyer_phone=buyer["phone"],
    )  # fmt: skip


def _friday_before(day: date) -> date:
    """The last working day up to the Friday of the week before last, seen from the day promised."""
    week_before = day - timedelta(days=7)
    friday = week_before - timedelta(days=(week_before.weekday() - 4) % 7)
    return add_business_days(friday + timedelta(days=1), -1, "FR")


def _french(day: date) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]}"


def is_here() -> bool:
    """True where the job's order was placed."""
    told = content("job/job")
    return Order.objects.filter(po_number=told["po"], customer__name=told["customer"]["name"]).exists()
