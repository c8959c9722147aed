"""A desk with years behind it: 3,000 customers, 15,000 orders and 10,000 cases of some twenty messages, by COPY.

The house, the catalogue, the customers and the orders are the demo's, ten times over; the cases are written here.
"""

from collections.abc import Iterable
from random import Random

from django.db import connection, transaction
from django.utils import translation

from bench import cases, clone
from comptoir.demo import clientele, goods, house, job, past, shipping, trade
from comptoir.demo.ledger import Ledger
from comptoir.lib import clock
from comptoir.lib.invariants import Finding
from comptoir.people.models import Member
from comptoir.search import documents

ORDERS = 1_499


def fill(count: int = 10_000, times: int = 10, share: float = 1.0, vacuum: bool = True) -> None:
    """Fill an empty desk in one transaction; `times` and `share` of the demo's customers and orders, `count` cases."""
    if Member.objects.exclude(kind=Member.Kind.SYSTEM).exists():
        raise RuntimeError("Only an empty desk can be filled.")
    now, ledger = clock.now(), Ledger()
    with translation.override("en"), transaction.atomic():
        house.build()
        goods.build(clock.today())
        job.build(clock.today())
        customers = clientele.build(now, ledger, share)
        market = trade.Market(customers, now, Random("bench"))
        deals = trade.plan(market, round(ORDERS * share))
        trade.write(deals)
        trade.reserve(market, deals)
        past.write(market, deals, ledger)
        shipping.build()
        ledger.flush()
        clone.multiply(times)
        cases.write(count, now, Random("cases"))
        _forget_jobs()
    documents.reindex()
    if vacuum:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _forget_jobs() -> None:
    """The fan-out of the past is not what is measured: the search table is filled in one go."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def refuse_unsound(findings: Iterable[Finding]) -> None:
    """Raise RuntimeError when the self-check finds anything: what is measured has to be a desk that could be."""
    if broken := [finding for finding in findings if finding.count]:
        told = "; ".join(f"{f.name}: {f.count} ({', '.join(f.sample)})" for f in broken)
        raise RuntimeError(f"The bench's data are unsound: {told}")
