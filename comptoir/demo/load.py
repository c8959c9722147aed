"""Filling an empty desk with the demo company."""

from random import Random

from django.db import connection, transaction
from django.utils import translation

from comptoir.customers.models import Customer
from comptoir.demo import (
    aftermath,
    agreements,
    branch,
    clientele,
    goods,
    grammar,
    habits,
    house,
    inbound,
    job,
    knowledge,
    lateness,
    morning,
    negotiating,
    offers,
    past,
    planning,
    script,
    sharing,
    shipping,
    stage,
    terms,
    trade,
)
from comptoir.demo.cast import Casting
from comptoir.demo.ledger import Ledger
from comptoir.lib import clock
from comptoir.people.models import Member
from comptoir.search import documents

ORDERS = 1_499
ATTEMPTS = 6


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
        knowledge.build(clock.today())
        customers = clientele.build(now, ledger, share)
        agreements.build(customers, now, ledger)
        _trade(customers, round(ORDERS * share), ledger)
        agreements.settle()
        _tell_planner()
        terms.build(customers, clock.today())
        offers.build(customers, now, ledger)
        plays = _cases(ledger, share)
        ledger.flush()
        _tell_planner()
        morning.settle(plays)
        shipping.build()
        inbound.build(now)
        lateness.make_late()
        branch.build()
        negotiating.build()
        planning.build()
        sharing.build()
        terms.draw_credit()
        house.build_programs()
        habits.build(clock.today())
        documents.reindex()
    return True


def _tell_planner() -> None:
    """Have PostgreSQL count what was written: it plans badly where it believes that tables are empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _trade(customers: list[Customer], count: int, ledger: Ledger) -> None:
    market = trade.Market(customers, clock.now(), Random("trade"))
    deals = trade.plan(market, count)
    trade.write(deals)
    trade.reserve(market, deals)
    past.write(market, deals, ledger)


def _cases(ledger: Ledger, share: float) -> list[stage.Play]:
    now, random = clock.now(), Random("cases")
    written = script.written()
    scene = stage.Stage(now, Casting(now, random), random)
    plays = [entry for thread in written if (entry := stage.play(scene, thread)) is not None]
    for speaker, place in grammar.parts(written, share, random):
        told = (stage.play(scene, speaker.thread(place)) for _attempt in range(ATTEMPTS))
        plays += [entry for entry in [next((t for t in told if t is not None), None)] if entry is not None]
    stage.number(plays)
    morning.lay_out(plays, now)
    stage.write(plays)
    aftermath.write(plays, now, ledger)
    return plays
