"""What can be promised, with many open schedule lines: rows by SQL, then the one query, timed in CPU of both sides.

.venv/bin/python -m bench.promising            10,000 and 100,000 lines, spread over 400 stock rows and all on one
"""

import os
import time
from collections.abc import Callable
from decimal import Decimal

from bench.desk import Desk, rows, value
from bench.meter import cpu_ms

PRODUCTS, DAYS, TURNS = 400, 250, 40
FILL = """
    INSERT INTO catalog_product (number, name, sort_key, description, unit, tax_category, lead_days, state)
        SELECT 'B-' || n, 'Part ' || n, 'part ' || n, '', 'pcs', 'S', 14, 'active' FROM generate_series(1, {products}) n;
    INSERT INTO catalog_site (code, name, country, time_zone, company, address, city, tax_id)
        VALUES ('B', 'Bench', 'BE', 'Europe/Brussels', '', '', '', '');
    INSERT INTO catalog_stock (product_id, site_id, on_hand, is_short)
        SELECT p.id, s.id, 10000000, false FROM catalog_product p, catalog_site s;
    INSERT INTO catalog_supply (stock_id, due_on, quantity, reference)
        SELECT s.id, current_date + 7 * n, 100, '' FROM catalog_stock s, generate_series(1, 10) n;
"""
RESERVE = """
    INSERT INTO catalog_reservation (stock_id, schedule_line_id, quantity, needed_on)
        SELECT (SELECT min(id) FROM catalog_stock) + n %% %s, n, 1 + n %% 5, current_date + n %% %s
        FROM generate_series(1, %s) n
"""


def main() -> None:
    """Print a line a setting."""
    desk = Desk()
    try:
        desk.prepare()
        _execute(FILL.format(products=PRODUCTS))
        print(f"{'open lines':>10} {'on stock rows':>14} {'asked':>6} {'CPU ms':>8} {'wall ms':>8}")
        for lines in (10_000, 100_000):
            for spread in (PRODUCTS, 1):
                _execute("TRUNCATE catalog_reservation")
                began = time.monotonic()
                rows_told = RESERVE.replace("%%", "\0").replace("%s", "{}").replace("\0", "%")
                _execute(rows_told.format(spread, DAYS, lines))
                took = time.monotonic() - began
                _execute("VACUUM ANALYZE catalog_reservation")
                for asked in (1, 40):
                    _tell(desk, lines, spread, asked)
                print(f"{'':>10} the rows and their check took {took * 1000:.0f} ms; {_plan()}")
    finally:
        desk.close()


def _execute(sql: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)


def _tell(desk: Desk, lines: int, spread: int, asked: int) -> None:
    from comptoir.catalog.models import Stock
    from comptoir.catalog.shelves import shelves_of
    from comptoir.lib import clock

    stocks = list(Stock.objects.order_by("pk")[:asked])
    today = clock.today()

    def ask() -> None:
        for shelf in shelves_of(stocks, today).values():
            shelf.first(Decimal(10))

    cpu, wall = _measured(desk, ask)
    print(f"{lines:>10,} {spread:>14} {asked:>6} {cpu:>8.1f} {wall:>8.1f}")


def _measured(desk: Desk, act: Callable[[], None]) -> tuple[float, float]:
    """CPU (this process and PostgreSQL) and wall time of one turn, in milliseconds."""
    act()
    roots = [os.getpid(), desk.postmaster]
    before, began = cpu_ms(roots), time.monotonic()
    for _turn in range(TURNS):
        act()
    return (cpu_ms(roots) - before) / TURNS, (time.monotonic() - began) * 1000 / TURNS


def _plan() -> str:
    """How PostgreSQL reads one stock row's reservations."""
    from comptoir.catalog.shelves import FLOW
    from comptoir.lib import clock

    stock = value("SELECT min(id) FROM catalog_stock")
    asked = FLOW % {"stocks": f"ARRAY[{stock}]", "start": f"'{clock.today()}'::date", "without": "NULL"}
    scans = {line.strip().split("  (")[0].lstrip("-> ") for (line,) in rows("EXPLAIN " + asked) if "Scan" in line}
    return ", ".join(sorted(scans))


if __name__ == "__main__":
    main()
