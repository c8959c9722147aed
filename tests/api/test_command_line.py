"""The same acts and rows on the command line."""

import json
from collections.abc import Iterator

import pytest

from comptoir.cli import database
from comptoir.cli.main import main
from comptoir.orders.models import Order
from tests import build, world
from tests.conftest import Lasting


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[world.World]:
    with lasting():
        yield world.make()


@pytest.fixture
def desk(shared: world.World, db: None, monkeypatch: pytest.MonkeyPatch) -> world.World:
    monkeypatch.setattr(database, "load_django", lambda: None)  # the test's own is loaded
    return shared


def test_an_order_is_placed_and_confirmed(desk, capsys, tmp_path):  # type: ignore[no-untyped-def]
    lines = [{"product": build.product().number, "quantity": 2, "requested_on": build.workday(15).isoformat()}]
    (tmp_path / "lines.json").write_text(json.dumps(lines))
    asked = ["act", "orders.place", desk.customer.number, "--input", "po_number=PO-5", "--as", desk.rep.email, "--json"]
    assert main([*asked, "--input", f"lines=@{tmp_path}/lines.json"]) == 0
    number = json.loads(capsys.readouterr().out)["result"]["number"]
    assert main(["act", "orders.confirm", number]) == 0
    assert capsys.readouterr().out == f"Done: {number}\n"
    assert Order.objects.get(number=number).is_confirmed
    assert main(["read", "orders", number]) == 0
    assert json.loads(capsys.readouterr().out)["po_number"] == "PO-5"


def test_each_ending_has_its_code(desk, capsys):  # type: ignore[no-untyped-def]
    line = build.schedule_line(desk.order)
    pull_in = [
        "act",
        "orders.pull_in",
        str(line.pk),
        "--as",
        desk.rep.email,
        "--input",
        f"reason={build.reason().code}",
    ]
    day = f"to={build.workday(8)}"
    assert main([*pull_in, "--input", day, "--input", "freight_cost=180 EUR", "--dry-run"]) == 0
    assert "It would wait for approval" in capsys.readouterr().out
    assert main([*pull_in, "--input", day, "--input", "freight_cost=180 EUR"]) == 3
    assert main([*pull_in, "--input", "to=soon"]) == 2
    assert "to: " in capsys.readouterr().err
    assert main(["act", "orders.confirm", desk.order.number]) == 1
    assert main(["act", "orders.confirm", "SO-1", "--as", "nobody@desk.example"]) == 2
    assert main(["act", "no.such"]) == 1
    assert main(["read", "nothing"]) == 1
    assert main(["read", "orders", "--filter", "state=asleep"]) == 2


def test_lists_name_what_there_is_and_pages_follow_each_other(desk, capsys):  # type: ignore[no-untyped-def]
    assert main(["act", "list"]) == main(["read", "list"]) == 0
    told = capsys.readouterr().out
    assert "orders.confirm ORDER" in told
    assert "promises\t" in told
    for _ in range(3):
        build.order(desk.customer)
    assert main(["read", "orders", "--filter", "limit=2", "--all", "--json"]) == 0
    rows = [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()]
    assert rows == sorted(Order.objects.values_list("pk", flat=True))
    assert main(["read", "cases", "--as", desk.rep.email]) == 0
    assert desk.foreign.number not in capsys.readouterr().out
