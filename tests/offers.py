"""Orders, quotes and rules of entry to play with."""

from decimal import Decimal

from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.customers.models import Customer
from comptoir.events.models import Event
from comptoir.lib.money import Money
from comptoir.orders.actions import NewLine, place
from comptoir.orders.actions.quotes import quote, send_quote
from comptoir.orders.actions.rules import set_minimum
from comptoir.orders.models import EntryRule, Order, Quote
from comptoir.people.models import Member
from comptoir.portal import mails
from comptoir.portal.jobs import prepare_mail
from tests import build


def placed(customer: Customer, rep: Member) -> Order:
    lines = [NewLine(build.product(), Decimal(1), build.workday(15))]
    return place(customer, by=rep, lines=lines, site=build.site())


def written_quote(customer: Customer, rep: Member) -> Quote:
    lines = [NewLine(build.product(), Decimal(1), build.workday(15))]
    return quote(customer, by=rep, lines=lines)


def sent_quote(customer: Customer, rep: Member) -> Quote:
    made = written_quote(customer, rep)
    send_quote(made, by=rep)
    return made


def rule(boss: Member) -> EntryRule:
    return set_minimum(by=boss, amount=Money.of("100", "SEK"))


def prepare_approved() -> None:
    """Let the fan-out and the worker do what follows the approvals given so far, again if they did already."""
    mails.follow(list(Event.objects.values_list("pk", flat=True)))
    for job in ProcrastinateJob.objects.filter(task_name="portal.prepare_mail", status="todo"):
        prepare_mail(**job.args)
