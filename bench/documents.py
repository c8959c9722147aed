"""python -m bench.documents: customers' orders entered by extraction and by hand, key by key in Chromium, and timed.

Ten layouts, none of our own typesetting (tests/documents/make.py says how they were made), each with a first document, which
teaches, and a second one with other line counts and page breaks. A document is handed to a running desk and read by its worker;
then a rep corrects in the grid what was read wrong, places the order, and enters another customer's order of the same lines by
hand. Every order is compared with what its document truly says. The desk lives in the days in which they were written.
"""

import argparse
import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.at import start_at
from bench.desk import Desk, value
from bench.meter import cpu_ms

KEYS_A_SECOND, TIMES = 5, 5
WRITTEN_AT = datetime(2026, 11, 25, 12, tzinfo=UTC)  # the days they ask for are in December


@dataclass(slots=True)
class Row:
    """What one document cost. Seconds of a person are keys at five a second, without reading and looking."""

    document: str
    lines: int
    pages: int
    draft_seconds: float
    cpu_ms: float
    hand_keys: int
    confirm_keys: int
    corrected: int

    @property
    def hand_seconds(self) -> float:
        return self.hand_keys / KEYS_A_SECOND

    @property
    def confirm_seconds(self) -> float:
        return self.draft_seconds + self.confirm_keys / KEYS_A_SECOND


def main() -> int:
    """0 when every order is what its document says, and no second document needed a correction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only layouts whose name contains this")
    parser.add_argument("--json", default="bench-documents.json")
    plan = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("Chromium is needed: it plays the keys.", file=sys.stderr)
        return 1
    desk = Desk()
    start_at(WRITTEN_AT)
    try:
        desk.prepare()
        told = _measure(desk, plan.only, chromium)
    finally:
        desk.close()
    Path(plan.json).write_text(json.dumps([asdict(row) for row in told], indent=1) + "\n")
    print(table(told))
    return 0 if all(row.corrected == 0 for row in told if row.document.endswith("_2")) else 1


def _measure(desk: Desk, only: str, chromium: str) -> list[Row]:
    from tests import build
    from tests.orders.test_documents import LAYOUTS, goods
    from tests.web.desk import browser, give_password, signed_in

    rep = build.member(name="Bench")
    give_password(rep)
    goods(build.customer())
    desk.open(WRITTEN_AT)
    told = []
    with browser(chromium) as opened:
        page = signed_in(opened, desk, rep)  # type: ignore[arg-type]
        for name in (name for name in LAYOUTS if only in name):
            ours, theirs = build.customer(f"Extraction {name}"), build.customer(f"Hand {name}")
            for number in (1, 2):
                told.append(_document(desk, page, rep, f"{name}_{number}", (ours, theirs)))
    return told


def _document(desk: Desk, page: Any, rep: Any, name: str, customers: tuple[Any, Any]) -> Row:
    from tests.documents.make import FIRST, SECOND
    from tests.orders.test_documents import LAYOUTS, NUMBERS, po_date, true_lines

    layout, number = name[:-2], name[-1]
    wanted = [(p, q, day) for p, q, day, _d, _c in true_lines(layout, FIRST if number == "1" else SECOND)]
    order, dated = f"4500{NUMBERS[layout]}{number}", po_date(layout)
    document, seconds, spent = _read(desk, name, LAYOUTS[layout], rep, customers[0])
    page.goto(f"{desk.url}/documents/{document.pk}/")
    confirming = Keys(page)
    corrected = _confirm(confirming, order, dated, wanted)
    page.goto(f"{desk.url}/orders/new/?customer={customers[1].number}")
    typing = Keys(page)
    _type(typing, order, dated, wanted)
    for customer in customers:
        _refuse_other(customer, order, dated, wanted)
    pages = len(document.words["pages"])
    row = Row(name, len(wanted), pages, seconds, spent, typing.count, confirming.count, corrected)
    print(f"  {name}: {row.hand_seconds:.0f} s by hand, {row.confirm_seconds:.1f} s by extraction", flush=True)
    return row


def _read(desk: Desk, name: str, kind: str, rep: Any, customer: Any) -> tuple[Any, float, float]:
    """The waiting document, and the mean wall seconds and CPU ms from file to draft; the same bytes are read again each time."""
    from comptoir.orders.actions.documents import receive
    from tests.orders.test_documents import HERE

    data = (HERE / f"{name}.{kind}").read_bytes()
    seconds, spent, first = 0.0, 0.0, None
    for turn in range(TIMES + 1):
        desk.settle()
        before, begin = cpu_ms([*desk.server.values(), desk.postmaster]), time.monotonic()
        made = receive(data, f"{name}.{kind}", by=rep, customer=customer, kind="mail" if kind == "txt" else "")
        while not value("SELECT words <> '{}' FROM orders_inbounddocument WHERE id = %s", made.pk):
            time.sleep(0.002)
        if turn:  # the first one warms the reader up
            seconds += time.monotonic() - begin
            spent += cpu_ms([*desk.server.values(), desk.postmaster]) - before
        first = first or made
    assert first is not None
    first.refresh_from_db()
    return first, seconds / TIMES, spent / TIMES


class Keys:
    """A person at the keyboard of a page: every key that is pressed counts; a chord is one."""

    def __init__(self, page: Any) -> None:
        self.page, self.count = page, 0
        page.wait_for_function("document.activeElement.id === 'po'")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.count += len(text)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.count += 1

    def to(self, cell: Any) -> None:
        """Go on to a cell by Tab."""
        for _step in range(400):
            if cell.evaluate("cell => cell === document.activeElement"):
                return
            self.press("Tab")
        raise RuntimeError("The cell is not reached by Tab.")

    def put(self, cell: Any, text: str) -> int:
        """Say a cell anew where it says something else; 1 where that was needed. The grid writes days as 18.12.2026."""
        if cell.input_value() in (text, ".".join(reversed(text.split("-")))):
            return 0
        self.to(cell)
        if cell.get_attribute("type") == "date":
            text = f"{text[5:7]}{text[8:10]}{text[:4]}"  # as an English browser takes a day
        elif cell.input_value():
            self.press("Control+a")
        self.type(text)
        return 1


def _confirm(keys: Keys, order: str, dated: date | None, wanted: list[tuple[str, str, str]]) -> int:
    """Correct the draft where it is wrong, and place it: how many values were."""
    page = keys.page
    wrong = keys.put(page.locator("#po"), order)
    wrong += keys.put(page.locator("#po-date"), dated.isoformat()) if dated else 0
    for index, line in enumerate(wanted):
        for name, text in zip(("part", "quantity", "requested_on"), line, strict=True):
            wrong += keys.put(page.locator(f"[data-grid] tbody [name={name}]").nth(index), text)
    keys.press("Control+Enter")
    page.wait_for_url("**/truth/")
    return wrong


def _type(keys: Keys, order: str, dated: date | None, wanted: list[tuple[str, str, str]]) -> None:
    """Enter an order by hand, as the grid is quickest: Enter goes on to what a line still needs, its day is carried down."""
    page = keys.page
    keys.type(order)
    if dated:
        keys.put(page.locator("#po-date"), dated.isoformat())
    keys.to(page.locator("[data-grid] tbody [name=part]").first)
    carried = ""
    for part, quantity, day in wanted:
        keys.type(part)
        keys.press("Enter")
        keys.type(quantity)
        if day != carried:
            keys.press("Tab")
            keys.type(f"{day[8:10]}.{day[5:7]}.")
            carried = day
        keys.press("Enter")
    keys.press("Control+Enter")
    page.wait_for_url("**/orders/SO-*/")


def _refuse_other(customer: Any, number: str, dated: date | None, wanted: list[tuple[str, str, str]]) -> None:
    """Stop where an order is not what its document says."""
    from comptoir.orders.models import Order

    order = Order.objects.get(customer=customer, po_number=number)
    lines = order.lines.order_by("position").select_related("product").prefetch_related("schedule_lines")
    told = [(x.product.number, x.quantity, x.schedule_lines.all()[0].requested_on.isoformat()) for x in lines]
    if order.po_date != dated or told != [(part, Decimal(quantity), day) for part, quantity, day in wanted]:
        raise RuntimeError(f"{order} is not what its document says: {told}")


def table(told: list[Row]) -> str:
    """The figures as one table."""
    lines = [
        f"\n{'document':16} {'lines':>5} {'pages':>5} {'draft s':>8} {'CPU ms':>7} {'by hand':>8} {'s':>6} "
        f"{'to confirm':>10} {'s':>6} {'corrected':>9}"
    ]
    for row in told:
        lines.append(
            f"{row.document:16} {row.lines:5} {row.pages:5} {row.draft_seconds:8.2f} {row.cpu_ms:7.0f} {row.hand_keys:8} "
            f"{row.hand_seconds:6.1f} {row.confirm_keys:10} {row.confirm_seconds:6.1f} {row.corrected:9}"
        )
    for number, what in (("1", "first, untaught"), ("2", "second, taught")):
        some = [row for row in told if row.document.endswith(number)]
        hand, confirm = sum(r.hand_seconds for r in some), sum(r.confirm_seconds for r in some)
        lines.append(f"{what:16} {hand:.0f} s by hand, {confirm:.0f} s by extraction and confirming")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
