"""Products, prices, stock and receipts are entered, changed and told; nothing is taken from what is set aside."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError, Denied, InvalidInput, perform
from comptoir.actions.door import preview
from comptoir.actions.editing import ChangedMeanwhile, seen_of
from comptoir.actions.registry import ACTIONS
from comptoir.catalog import actions, queries
from comptoir.catalog.actions import products as product_actions
from comptoir.catalog.models import CustomerPart, Price, Product, Stock, Supply
from comptoir.events.models import Event
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.invariants import Finding
from comptoir.people import Role
from comptoir.promises.models import Promise
from comptoir.search import documents
from comptoir.search.models import Document
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def senior():
    return build.member(Role.SENIOR)


def add(by, number="GP-100", **more):
    return actions.add_product(by=by, number=number, name="Gear pump", **more)


def phrases(row):
    return [event.phrase for event in story(row)]


def day(n):
    return clock.today() + timedelta(days=n)


def test_a_senior_enters_a_product_with_price_and_stock_and_it_can_be_ordered(senior):
    from comptoir.orders.actions import NewLine, confirm, place

    product, site = add(senior, weight_kg=Decimal("2.5"), unit="pcs", lead_days=7), build.site()
    actions.set_price(product, by=senior, unit_price=Decimal("12.5"), currency="EUR", valid_from=day(0))
    actions.correct_stock(product, by=senior, site=site, on_hand=Decimal(20), reason="First count")
    order = place(build.customer(), by=senior, lines=[NewLine(product, Decimal(5), build.workday(10))], site=site)
    assert confirm(order, by=senior).is_confirmed
    assert order.lines.get().unit_price == Decimal("12.5")


@pytest.mark.parametrize("name", ["add_product", "set_price", "correct_stock", "plan_receipt", "add_part"])
def test_a_rep_reads_the_catalogue_and_changes_nothing(name):
    rep, product = build.member(), build.product()
    subject = None if name == "add_product" else product
    inputs = {
        "add_product": {"number": "X-1", "name": "X"},
        "set_price": {"unit_price": "1", "currency": "EUR", "valid_from": "2026-01-01"},
        "correct_stock": {"site": build.site().pk, "on_hand": "1", "reason": "x"},
        "plan_receipt": {"site": build.site().pk, "quantity": "1", "due_on": str(day(1))},
        "add_part": {"customer": build.customer().pk, "part_number": "X"},
    }[name]
    before = (Product.objects.count(), Price.objects.count(), Supply.objects.count(), Event.objects.count())
    with pytest.raises(Denied):
        perform(f"catalog.{name}", by=rep, subject=subject, inputs=inputs)
    assert before == (Product.objects.count(), Price.objects.count(), Supply.objects.count(), Event.objects.count())


@pytest.mark.parametrize(
    "number", ["a/../b", "../x", "", " ", "a?b", "a#b", "x" * 41, "a\\b", "a//b", ".", "50%", "a\nb"]
)
def test_a_number_that_could_stand_in_no_address_is_refused(senior, number):
    with pytest.raises(InvalidInput):
        perform("catalog.add_product", by=senior, inputs={"number": number, "name": "X"})
    assert not Product.objects.exists()


@pytest.mark.parametrize("number", ["6204/2RS", "Ø 12", "АБ-1", "A.1", "x" * 40])
def test_numbers_as_makers_write_them_are_taken(senior, number):
    assert perform("catalog.add_product", by=senior, inputs={"number": number, "name": "X"}).result.number == number


def test_a_number_is_given_once_however_it_is_spelled(senior):
    add(senior)
    with pytest.raises(ActionError, match="GP-100"):
        add(senior, number="gp-100")


def test_an_edit_tells_each_field_and_finds_the_product_by_its_new_words(senior):
    product = add(senior)
    actions.edit_product(product, by=senior, name="Zahnradpumpe", lead_days=21)
    assert {"Lead time (days): 14 → 21", "Name: Gear pump → Zahnradpumpe"} <= set(phrases(product))
    documents.follow(list(Event.objects.values_list("pk", flat=True)))
    assert Document.objects.get(noun="product", object_id=product.pk).title == "zahnradpumpe"


def test_two_who_edit_the_same_field_do_not_overwrite_each_other(senior):
    product = add(senior)
    seen = seen_of(product_actions.standing(product))
    actions.edit_product(product, by=senior, lead_days=21)
    with pytest.raises(ChangedMeanwhile):
        actions.edit_product(product, by=build.member(Role.SENIOR), lead_days=30, seen=seen)
    actions.edit_product(product, by=senior, unit="set", seen=seen)
    product.refresh_from_db()
    assert (product.unit, product.lead_days) == ("set", 21)


class TestPrices:
    def test_the_customers_own_price_goes_before_the_class_and_the_list(self, senior):
        product, customer = add(senior), build.customer()
        for value, whom in (
            ("12", {}),
            ("11", {"customer_class": customer.customer_class}),
            ("10", {"customer": customer}),
        ):
            actions.set_price(product, by=senior, unit_price=Decimal(value), currency="EUR", valid_from=day(0), **whom)
            assert queries.price_for(customer, product, Decimal(1), day(0)).unit_price == Decimal(value)
        assert any("for Hydraulique Martin" in text for text in phrases(customer))

    def test_a_new_standing_price_ends_the_one_before(self, senior):
        product = add(senior)
        old = actions.set_price(product, by=senior, unit_price=Decimal(12), currency="EUR", valid_from=day(-30))
        inputs = {"unit_price": "13", "currency": "EUR", "valid_from": str(day(5))}
        told = self.told(product, senior, unit_price=Decimal(13), valid_from=day(5))
        assert "ends on" in told
        perform("catalog.set_price", by=senior, subject=product, inputs=inputs)
        old.refresh_from_db()
        assert old.valid_until == day(4)
        assert [queries.price_for(build.customer(), product, Decimal(1), day(n)).unit_price for n in (4, 5)] == [12, 13]

    def test_a_price_for_a_while_stands_beside_and_gives_way_again(self, senior):
        product, customer = add(senior), build.customer()
        actions.set_price(product, by=senior, unit_price=Decimal(12), currency="EUR", valid_from=day(-30))
        assert "stays beside" in self.told(
            product, senior, unit_price=Decimal(9), valid_from=day(1), valid_until=day(3)
        )
        actions.set_price(
            product, by=senior, unit_price=Decimal(9), currency="EUR", valid_from=day(1), valid_until=day(3)
        )
        assert [queries.price_for(customer, product, Decimal(1), day(n)).unit_price for n in (0, 1, 3, 4)] == [
            12,
            9,
            9,
            12,
        ]

    def test_a_price_of_the_same_day_is_replaced(self, senior):
        product = add(senior)
        for value in ("12", "12.5"):
            actions.set_price(product, by=senior, unit_price=Decimal(value), currency="EUR", valid_from=day(0))
        assert Price.objects.get(product=product).unit_price == Decimal("12.5")

    def told(self, product, by, **inputs):
        spec = ACTIONS["catalog.set_price"]
        return preview(spec, product, by, {"currency": "EUR", **inputs}).notices[0].text

    @pytest.mark.parametrize(
        "odd", [{"unit_price": Decimal(-1)}, {"minimum_quantity": Decimal(0)}, {"valid_until": date(2000, 1, 1)},
                {"unit_price": Decimal("1.1234567")}, {"currency": "DKK", "customer": True}],
    )  # fmt: skip
    def test_what_cannot_be_a_price_is_refused(self, senior, odd):
        product = add(senior)
        if odd.pop("customer", False):
            odd["customer"] = build.customer()
        with pytest.raises(ActionError):
            actions.set_price(
                product, by=senior, **{"unit_price": Decimal(1), "currency": "EUR", "valid_from": day(0)} | odd
            )
        assert not Price.objects.filter(product=product).exists()

    def test_a_price_ends_and_one_that_has_not_begun_is_withdrawn(self, senior):
        product = add(senior)
        now = actions.set_price(product, by=senior, unit_price=Decimal(12), currency="EUR", valid_from=day(-9))
        later = actions.set_price(
            product, by=senior, unit_price=Decimal(13), currency="EUR", valid_from=day(9), minimum_quantity=Decimal(5)
        )
        actions.end_price(now, by=senior, last_day=day(2))
        actions.end_price(later, by=senior, last_day=day(1))
        assert [(p.pk, p.valid_until) for p in Price.objects.filter(product=product)] == [(now.pk, day(2))]
        with pytest.raises(ActionError):
            actions.end_price(now, by=senior, last_day=day(-10))


class TestSupply:
    """Ten lie there, twenty come in ten days, and an order of 25 holds them."""

    @pytest.fixture
    def sold(self, senior):
        from comptoir.orders.actions import NewLine, confirm, place

        product = build.product(on_hand=10)
        supply = actions.plan_receipt(
            product, by=senior, site=build.site(), quantity=Decimal(20), due_on=day(10), reference="PO 4500"
        )
        order = place(
            build.customer(), by=senior, lines=[NewLine(product, Decimal(25), build.workday(20))], site=build.site()
        )
        confirm(order, by=senior)
        return product, supply, order

    @pytest.mark.parametrize("change", ["counted", "less", "later", "dropped"])
    def test_what_the_warehouse_or_planning_says_is_taken_and_the_promise_is_at_risk(self, senior, sold, change):
        product, supply, order = sold
        acts = {
            "counted": lambda: actions.correct_stock(
                product, by=senior, site=build.site(), on_hand=Decimal(4), reason="Counted"
            ),
            "less": lambda: actions.change_receipt(supply, by=senior, quantity=Decimal(14)),
            "later": lambda: actions.change_receipt(supply, by=senior, due_on=day(60)),
            "dropped": lambda: actions.drop_receipt(supply, by=senior, reason="Cancelled"),
        }
        acts[change]()
        promise = Promise.objects.get(subject_noun="scheduleline")
        lacks = {"counted": "1", "less": "1", "later": "15", "dropped": "15"}[change]
        assert (promise.state, promise.cause["kind"], promise.cause["lacks"]) == ("at_risk", change, lacks)
        assert any("at risk" in phrase for phrase in phrases(order))
        assert self.findings() == 0

    def findings(self):
        found: list[Finding] = queries.invariants()
        return sum(f.count for f in found)

    def test_what_is_free_may_shrink_and_move(self, senior, sold):
        product, supply, _order = sold
        actions.correct_stock(product, by=senior, site=build.site(), on_hand=Decimal(5), reason="Counted")
        actions.change_receipt(supply, by=senior, due_on=day(9))
        assert "Planned receipt, due: " in " ".join(phrases(product)).replace("Due", "due")
        assert self.findings() == 0

    def test_the_preview_names_the_orders_before_anything_is_sent(self, senior, sold):
        product, supply, order = sold
        told = preview(ACTIONS["catalog.drop_receipt"], supply, senior, {"reason": "x"})
        assert order.number in told.notices[0].text
        inputs = {"site": build.site(), "on_hand": Decimal(0), "reason": "x"}
        assert order.number in preview(ACTIONS["catalog.correct_stock"], product, senior, inputs).notices[0].text

    def test_goods_that_arrive_lie_there_and_nothing_is_promised_twice(self, senior, sold):
        product, supply, _order = sold
        actions.receive(supply, by=senior, quantity=Decimal(12))
        supply.refresh_from_db()
        assert (Stock.objects.get(product=product).on_hand, supply.quantity) == (22, 8)
        actions.receive(supply, by=senior)
        assert (Stock.objects.get(product=product).on_hand, Supply.objects.count()) == (30, 0)
        assert queries.available(Stock.objects.get(product=product), day(0), day(0)) == 5

    def test_more_than_planned_may_arrive_and_other_receipts_are_nobodys_business(self, senior, sold):
        product, supply, _order = sold
        actions.receive(supply, by=senior, quantity=Decimal(30))
        assert Stock.objects.get(product=product).on_hand == 40
        spare = actions.plan_receipt(product, by=senior, site=build.site(), quantity=Decimal(5), due_on=day(3))
        actions.drop_receipt(spare, by=senior, reason="Not needed")
        assert not Supply.objects.exists()


def test_a_customers_number_names_one_product_and_finds_it(senior):
    product, other, customer = build.product(), build.product(), build.customer()
    part = actions.add_part(product, by=senior, customer=customer, part_number="ARM-4410")
    with pytest.raises(ActionError, match="already"):
        actions.add_part(other, by=senior, customer=customer, part_number="arm-4410")
    assert [p.product for p in queries.parts_named(customer, "arm-4410")] == [product]
    documents.follow(list(Event.objects.values_list("pk", flat=True)))
    assert "arm4410" in Document.objects.get(noun="product", object_id=product.pk).norm
    actions.remove_part(part, by=senior)
    assert not CustomerPart.objects.exists()
    assert len(phrases(customer)) >= 2
