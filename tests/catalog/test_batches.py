"""Tables of products: read whatever wrote them, looked at without writing, applied once, undone while nothing newer touched them."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comptoir.actions import ActionError, Denied, perform
from comptoir.catalog import actions, planning, queries, sheet
from comptoir.catalog.actions.batches import apply_batch, keep, undo_batch
from comptoir.catalog.models import Batch, Price, Product, Stock
from comptoir.cli.main import main
from comptoir.events.models import Event
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db
HEAD = "Part number;Name;List price;In stock;Lead time\n"


@pytest.fixture
def boss():
    build.site()
    return build.member(Role.ADMINISTRATOR)


def plan(text, sign=""):
    return planning.plan(text, sign, clock.today())


def brought(boss, text):
    batch = keep(text.encode(), "products.csv", "", by=boss)
    return apply_batch(batch, by=boss, shown=plan(text).digest)


def state():
    return [list(model.objects.order_by("pk").values()) for model in (Product, Price, Stock)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_usual_encoding_and_separator_is_read(encoding, separator):
    text = separator.join(["Part number", "Name"]) + "\r\n" + separator.join(["P-1", '"Pompe à ""vis"""']) + "\r\n"
    lines, unknown = sheet.lines(sheet.decoded(text.encode(encoding)), planning.COLUMNS)
    assert [(line.number, line.cells) for line in lines] == [(2, {"number": "P-1", "name": 'Pompe à "vis"'})]
    assert unknown == []


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (["1.234,50", "7"], ["1234.50", "7"]), (["1,234.50", "0.5"], ["1234.50", "0.5"]), (["12,5", "1.234"], ["12.5", "1234"]),
        (["0,125"], ["0.125"]), (["1 234,5"], ["1234.5"]), (["1'234.5"], ["1234.5"]), (["1,234,567"], ["1234567"]), (["12"], ["12"]),
    ],
)  # fmt: skip
def test_numbers_are_read_as_their_column_writes_them(column, values):
    sign = sheet.decimal_sign(column)
    assert [sheet.number(raw, sign) for raw in column] == [Decimal(value) for value in values]


@pytest.mark.parametrize("raw", ["1,234", "1.234", "1e9", "NaN", "Infinity", "١٢", "12 EUR", "--1", "1" * 30, "1_000"])
def test_what_could_be_two_numbers_or_none_is_refused(raw):
    with pytest.raises(ValueError, match=r"."):
        sheet.number(raw, sheet.decimal_sign([raw]))


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x00\x00", b"number\nA\x00B", b'number;name\nP-1;"open', b"number;number\nP-1;P-2", b"name\nPump",
        b"number;name\nP-1;" + b"x" * 5000, b"x" * (sheet.MOST_BYTES + 1), "number\n".encode("utf-16-le"),
        b"number;name\n" + b"P;x\n" * (sheet.MOST_ROWS + 1), (";".join("x" * 70) + "\n1").encode(), b"\xff\xfe\x00",
        b"number\nP-1\x81",
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_a_sentence_and_nothing_is_kept(boss, data):
    with pytest.raises(ActionError):
        keep(data, "x.csv", "", by=boss)
    assert not Batch.objects.exists()


def test_looking_writes_nothing_and_says_every_row(boss):
    product = build.product(on_hand=100, price="12.50")
    text = HEAD + (
        f"{product.number};Gear pump;12,50;100;14\n{product.number.lower()};x;1,0;1;1\nNEW-1;Screw pump;99,90;5;7\n"
        f"NEW-2;;1,0;;\nNEW-3;Bad;abc;;\n;No number;;;\n"
    )
    before, events = state(), Event.objects.count()
    found = plan(text)
    assert [(r.line, r.fate) for r in found.rows] == [
        (2, "unchanged"), (3, "refused"), (4, "new"), (5, "refused"), (6, "refused"), (7, "refused"),
    ]  # fmt: skip
    assert "line 2" in found.rows[1].refused
    assert "no name" in found.rows[3].refused
    assert (state(), Event.objects.count()) == (before, events)


def test_a_table_is_applied_as_one_act_and_undone_as_one(boss):
    product = build.product("Gear pump", on_hand=100, price="12.50")
    before = state()
    batch = brought(boss, HEAD + f"{product.number};Zahnradpumpe;13,75;80;21\nNEW-1;Screw pump;99,90;5;7\n")
    product.refresh_from_db()
    made = Product.objects.get(number="NEW-1")
    customer = build.customer()
    assert (product.name, product.lead_days, Stock.objects.get(product=product).on_hand) == ("Zahnradpumpe", 21, 80)
    assert queries.price_for(customer, product, Decimal(1), clock.today()).unit_price == Decimal("13.75")
    assert queries.price_for(customer, made, Decimal(1), clock.today()).unit_price == Decimal("99.9")
    assert [e.verb for e in story(product)] == [e.verb for e in story(made)] == ["catalog.batch_applied"]
    undo_batch(batch, by=boss)
    assert state() == before


def test_applying_twice_does_it_once(boss):
    text = HEAD + "NEW-1;Screw pump;99,90;5;7\n"
    batch = brought(boss, text)
    with pytest.raises(ActionError):
        apply_batch(batch, by=boss, shown=plan(text).digest)
    assert Product.objects.count() == 1


def test_what_changed_since_it_was_looked_at_is_looked_at_again(boss):
    product = build.product(price="12.50")
    text = HEAD + f"{product.number};;13,75;;\n"
    batch, shown = keep(text.encode(), "x.csv", "", by=boss), plan(text).digest
    actions.set_price(product, by=boss, unit_price=Decimal(13), currency="EUR", valid_from=clock.today())
    before = state()
    with pytest.raises(ActionError, match="look at the table once more"):
        apply_batch(batch, by=boss, shown=shown)
    assert state() == before


@pytest.mark.parametrize("newer", ["name", "stock", "price", "part"])
def test_what_is_newer_is_never_undone(boss, newer):
    batch = brought(boss, HEAD + "NEW-1;Screw pump;99,90;5;7\n")
    product = Product.objects.get(number="NEW-1")
    {
        "name": lambda: actions.edit_product(product, by=boss, name="Other"),
        "stock": lambda: actions.correct_stock(product, by=boss, site=build.site(), on_hand=Decimal(9), reason="x"),
        "price": lambda: actions.set_price(
            product, by=boss, unit_price=Decimal(1), currency="EUR", valid_from=clock.today()
        ),
        "part": lambda: actions.add_part(product, by=boss, customer=build.customer(), part_number="X"),
    }[newer]()
    before = state()
    with pytest.raises(ActionError, match="changed since"):
        undo_batch(batch, by=boss)
    assert state() == before


def test_a_product_that_was_ordered_since_is_not_taken_back(boss):
    from comptoir.orders.actions import NewLine, place

    batch = brought(boss, HEAD + "NEW-1;Screw pump;99,90;5;7\n")
    product = Product.objects.get()
    place(build.customer(), by=boss, lines=[NewLine(product, Decimal(1), build.workday(9))], site=build.site())
    before = state()
    with pytest.raises(ActionError, match="in use"):
        undo_batch(batch, by=boss)
    assert state() == before


def test_less_stock_takes_nothing_from_an_order(boss):
    order = build.order(build.customer(), quantity=30)
    product = order.lines.get().product
    row = plan(HEAD + f"{product.number};;;20;\n").rows[0]
    assert order.number in row.refused
    assert plan(HEAD + f"{product.number};;;30;\n").rows[0].fate == "changed"


def test_our_own_table_comes_back_without_a_difference(boss, client):
    product = build.product("=cmd|' /C calc'!A0")
    actions.edit_product(product, by=boss, weight_kg=Decimal("1.250"))
    client.force_login(boss)
    told = b"".join(client.get("/products.csv").streaming_content)
    assert [row.fate for row in plan(sheet.decoded(told)).rows] == ["unchanged"]


def test_none_but_administrators_bring_tables_in(boss, client):
    manager = build.member(Role.MANAGER)
    batch = keep(b"number;name\nP-1;x", "x.csv", "", by=boss)
    client.force_login(manager)
    for url in ("/product-tables/", batch.get_absolute_url()):
        assert client.get(url).status_code == 404
    assert client.post("/product-tables/").status_code == 404
    assert client.post(f"{batch.get_absolute_url()}apply/").status_code == 404
    with pytest.raises(Denied):
        perform("catalog.apply_batch", by=manager, subject=batch, inputs={"shown": plan(batch.text).digest})
    assert not Product.objects.exists()


def test_an_administrator_sends_looks_applies_and_undoes(boss, client):
    client.force_login(boss)
    sent = SimpleUploadedFile("<b>price</b>.csv", (HEAD + "NEW-1;<i>Pump</i>;99,90;5;7\n;x;;;\n").encode())
    page = client.post("/product-tables/", {"table": sent, "decimal_sign": ""}, follow=True)
    text = page.content.decode()
    assert "&lt;i&gt;Pump&lt;/i&gt;" in text
    assert "Apply 1 row" in text
    assert "It has no part number" in client.get(page.request["PATH_INFO"], {"fate": "refused"}).content.decode()
    assert not Product.objects.exists()
    shown = page.context["plan"].digest
    url = page.request["PATH_INFO"]
    assert client.post(f"{url}apply/", {"shown": "stale"}).status_code == 409
    assert not Product.objects.exists()
    assert "1 new" in client.post(f"{url}apply/", {"shown": shown}, follow=True).content.decode()
    assert Product.objects.get().name == "<i>Pump</i>"
    client.post(f"/do/catalog.undo_batch/{Batch.objects.get().pk}/", {}, headers={"HX-Request": "true"})
    assert not Product.objects.exists()


def test_a_file_that_cannot_be_read_is_said_on_the_page(boss, client):
    client.force_login(boss)
    answer = client.post("/product-tables/", {"table": SimpleUploadedFile("x.xlsx", b"PK\x03\x04\x00")})
    assert answer.status_code == 422
    assert "save it as CSV" in answer.content.decode()


def test_the_command_says_everything_and_writes_only_when_it_is_no_dry_run(boss, tmp_path, capsys):
    file = tmp_path / "p.csv"
    file.write_text(HEAD + "NEW-1;Screw pump;99,90;5;7\n")
    assert main(["import", "products", str(file), "--dry-run"]) == 0
    assert "NEW-1: List price: – → 99.9 EUR" in capsys.readouterr().out
    assert not Product.objects.exists()
    assert main(["import", "products", str(file)]) == 0
    assert Product.objects.get().number == "NEW-1"
    file.write_bytes(b"\x00")
    assert main(["import", "products", str(file)]) == 1


def test_twenty_thousand_rows_are_looked_at_with_few_questions(boss, django_assert_max_num_queries):
    text = HEAD + "".join(f"N-{n};Pump {n};{n},50;5;7\n" for n in range(2_000))
    with django_assert_max_num_queries(6):
        assert plan(text).counts["new"] == 2_000
