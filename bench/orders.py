"""python -m bench.orders: what the order desk costs, with ever so many orders, beside the bare limit of the database.

    python -m bench.orders --times 10                        15,000 orders
    python -m bench.orders --times 134 --folder /tmp/large   200,000 orders, kept there

Entering and confirming an order of five lines goes over HTTP as a browser does it; the bare limit writes the same rows.
"""

import argparse
import json
import sys
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from secrets import token_hex
from typing import Any

from bench.browser import Session
from bench.desk import Desk, rows, value
from bench.meter import Figure, Meter, calibrate
from bench.scenes import REP

PIECES, RUNS = 30, 3
AIM, ENOUGH = 30.0, 0.2


def main() -> int:
    """0 when the aims of entering and confirming were reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="how many times the demo's customers and orders")
    parser.add_argument("--folder", default="", help="keep the desk there, or use the one that is there already")
    parser.add_argument("--json", default="bench-orders.json")
    plan = parser.parse_args()
    desk = Desk(plan.folder)
    try:
        _fill(desk, plan.times)
        desk.open()
        told = _measure(desk)
    finally:
        desk.close()
    Path(plan.json).write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))
    return 0 if told["create and confirm"]["cpu_ms"] <= AIM and told["share of the bare limit"] >= ENOUGH else 1


def _fill(desk: Desk, times: int) -> None:
    desk.prepare()
    from bench import load
    from comptoir.cli.check import findings

    if not value("SELECT EXISTS (SELECT FROM orders_order)"):
        load.fill(50, times)
        load.refuse_unsound(findings())


class Orders:
    """Entering, confirming and looking at orders as a rep."""

    def __init__(self, desk: Desk) -> None:
        from comptoir.catalog.models import Product, Stock
        from comptoir.customers.models import Customer

        self.desk, self.rep = desk, Session(desk.port, REP)
        priced = "SELECT product_id FROM catalog_price WHERE currency = 'EUR' AND customer_id IS NULL AND customer_class = ''"
        self.products = list(
            Product.objects.filter(state="active", pk__in=[pk for (pk,) in rows(priced)]).order_by("pk")[:40]
        )
        Stock.objects.filter(product__in=self.products).update(on_hand=10_000_000)
        Customer.objects.update(credit_limit=None)  # nobody is held up while we measure
        found = Customer.objects.filter(currency="EUR", addresses__isnull=False, stage="customer").distinct()
        self.customers = cycle(list(found.order_by("pk")[:200]))
        self.numbers = cycle(
            [n for (n,) in rows("SELECT number FROM orders_order WHERE state = 'confirmed' ORDER BY id DESC LIMIT 500")]
        )

    def enter_and_confirm(self, pieces: int) -> int:
        from comptoir.lib import clock

        wanted, done = (clock.today() + timedelta(days=60)).isoformat(), 0
        while done < pieces:
            customer = next(self.customers)
            form = [("customer", customer.number), ("po_number", f"BENCH-{token_hex(6)}"), ("_key", token_hex(8))]
            for at in range(5):
                part = self.products[(done + at * 7) % len(self.products)].number
                form += [("part", part), ("quantity", "1"), ("requested_on", wanted), ("unit_price", "")]
            number = self.rep.send_form("/orders/new/", [*form, ("all_the_same", "1")])
            if number is None:
                continue
            self.rep.post(f"/do/orders.confirm/{value('SELECT id FROM orders_order WHERE number = %s', number)}/")
            done += 1
        self.desk.settle()
        return pieces

    def page(self, pieces: int) -> int:
        for _ in range(pieces):
            self.rep.get(f"/orders/{next(self.numbers)}/")
        return pieces

    def list(self, pieces: int) -> int:
        for _ in range(pieces):
            self.rep.get("/orders/")
        return pieces


def _measure(desk: Desk) -> dict[str, Any]:
    stage, meter = Orders(desk), Meter(desk.server, desk.postmaster)
    loop = calibrate(desk.postmaster, value)
    told: dict[str, Any] = {"orders": value("SELECT count(*) FROM orders_order"), "loop_ms": round(loop, 1)}
    for name, run in (
        ("order list", stage.list),
        ("order page", stage.page),
        ("create and confirm", stage.enter_and_confirm),
    ):
        run(PIECES // 3)
        figure = meter.measure(Figure(name, None, None), lambda run=run: run(PIECES), RUNS)  # type: ignore[misc]
        told[name] = {"cpu_ms": round(figure.ms, 1), "wall_ms": round(sorted(figure.wall)[RUNS // 2], 1)}
    told |= _bare(desk, stage)
    told["share of the bare limit"] = round(told["bare limit"]["wall_ms"] / told["create and confirm"]["wall_ms"], 3)
    return told


def _bare(desk: Desk, stage: Orders) -> dict[str, Any]:
    """The same rows by plain statements."""
    from bench import bare
    from comptoir.catalog.models import Site
    from comptoir.lib import clock
    from comptoir.orders.actions import NewLine, confirm, place
    from comptoir.people import system

    wanted = clock.today() + timedelta(days=60)
    lines = [NewLine(product, Decimal(1), wanted) for product in stage.products[:5]]
    customer = next(stage.customers)
    site = Site.objects.order_by("pk")[0]
    order, placed = bare.written_by(
        lambda: place(customer, by=system(), lines=lines, po_number=f"BARE-{token_hex(5)}", site=site)
    )
    order.holds.filter(lifted_at=None).update(lifted_at=clock.now())
    _order, confirmed = bare.written_by(lambda: confirm(order, by=system()), order)
    wall, cpu = bare.replay([placed, confirmed], 200, desk.postmaster)
    return {"bare limit": {"rows": placed.count + confirmed.count, "wall_ms": round(wall, 2), "cpu_ms": round(cpu, 2)}}


if __name__ == "__main__":
    sys.exit(main())
