"""Filling an empty desk with the demo company."""

from random import Random

from django.db import transaction
from django.utils import translation

from comptoir.customers.models import Customer
from comptoir.demo import aftermath, clientele, goods, house, job, past, script, stage, trade
from comptoir.demo.cast import Casting
from comptoir.demo.ledger import Ledger
from comptoir.lib import clock
from comptoir.people.models import Member
from comptoir.search import documents

ORDERS = 1_499


def build(share: float = 1.0) -> bool:
    """Fill an empty desk, in one transaction; False when somebody works here already.

    `share` makes a smaller company of the same kind.
    """
    if Member.objects.exclude(kind=Member.Kind.SYSTEM).exists():
        return False
    now, ledger = clock.now(), Ledger()
    with translation.override("en"), transaction.atomic():
        house.build()
        goods.build(clock.today())
        job.build(clock.today())
        customers = clientele.build(now, ledger, share)
        _trade(customers, round(ORDERS * share), ledger)
        _cases(ledger)
        ledger.flush()
        documents.reindex()
    return True


def _trade(customers: list[Customer], count: int, ledger: Ledger) -> None:
    market = trade.Market(customers, clock.now(), Random("trade"))
    deals = trade.plan(market, count)
    trade.write(deals)
    trade.reserve(market, deals)
    past.write(market, deals, ledger)


def _cases(ledger: Ledger) -> None:
    now, random = clock.now(), Random("cases")
    scene = stage.Stage(now, Casting(clock.today(), random), random)
    plays = stage.play(scene, list(script.written()))
    stage.write(plays)
    aftermath.write(plays, now, ledger)
