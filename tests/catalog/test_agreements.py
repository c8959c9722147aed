"""Agreements, units and alternatives."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from comptoir.actions import ActionError
from comptoir.actions.due import tick
from comptoir.catalog import actions
from comptoir.catalog.models import Agreement, ProductLink
from comptoir.catalog.queries import price_for
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, place
from comptoir.orders.call_offs import call_offs_of
from comptoir.people import Role
from tests import build

State = Agreement.State


@pytest.fixture
def senior(db):
    return build.member(Role.SENIOR)


def day(n: int) -> date:
    return clock.today() + timedelta(days=n)


def drafted(senior, product, *, customer=None, price="9.50", whole=None, least="1", until=200, **more):
    kind = Agreement.Kind.BLANKET if whole else Agreement.Kind.PRICES
    made = actions.add_agreement(
        customer or build.customer(), by=senior, kind=kind, valid_from=day(0), valid_until=day(until), **more
    )
    actions.set_agreement_line(
        made, by=senior, product=product, unit_price=Decimal(price), minimum_quantity=Decimal(least),
        blanket_quantity=Decimal(whole) if whole else None,
    )  # fmt: skip
    return made


def signed(senior, product, **more):
    made = actions.offer_agreement(drafted(senior, product, **more), by=senior)
    return actions.sign_agreement(made, by=senior, signed_by="Claire Moreau")


def ordered(by, customer, product, quantity, **more):
    line = NewLine(product, Decimal(quantity), build.workday(15), **more)
    return place(customer, by=by, lines=[line], site=build.site())


class TestPrices:
    def test_a_signed_agreement_beats_the_customers_own_price(self, senior):
        product, customer = build.product(), build.customer()
        actions.set_price(
            product, by=senior, unit_price=Decimal(8), currency="EUR", valid_from=day(0), customer=customer
        )
        made = drafted(senior, product, customer=customer)
        assert price_for(customer, product, Decimal(1), day(0)).source == "contract"
        actions.sign_agreement(actions.offer_agreement(made, by=senior), by=senior, signed_by="Claire")
        quoted = price_for(customer, product, Decimal(1), day(0))
        assert (quoted.unit_price, quoted.source, quoted.reference) == (Decimal("9.5"), "agreement", made.number)
        assert price_for(customer, product, Decimal(1), day(201)).source == "contract"
        assert price_for(build.customer("Other"), product, Decimal(1), day(0)).source == "list"

    def test_the_least_of_a_call_off_has_to_be_reached(self, senior):
        product = build.product()
        customer = signed(senior, product, least="50").customer
        sources = [price_for(customer, product, Decimal(n), day(0)).source for n in (49, 50)]
        assert sources == ["list", "agreement"]


class TestCallOffs:
    def test_what_is_called_off_follows_from_the_orders(self, senior):
        product = build.product()
        made = signed(senior, product, whole="100")
        order = ordered(senior, made.customer, product, 30)
        assert order.lines.get().agreement_line.agreement == made
        call_off = call_offs_of(made)[0]
        assert (call_off.called, call_off.left, call_off.percent) == (30, 70, 30)

    def test_more_than_is_left_holds_the_order(self, senior):
        product = build.product()
        made = signed(senior, product, whole="100")
        ordered(senior, made.customer, product, 80)
        hold = ordered(senior, made.customer, product, 21).holds.get()
        assert hold.kind == "price"
        assert "20 are left" in hold.note

    def test_a_value_below_the_agreements_minimum_holds_the_order(self, senior):
        product = build.product()
        made = signed(senior, product, minimum_order=Decimal(100))
        assert ordered(senior, made.customer, product, 1).holds.exists()
        assert not ordered(senior, made.customer, product, 11).holds.exists()

    def test_a_line_of_anothers_agreement_is_refused(self, senior):
        product = build.product()
        line = signed(senior, product).lines.get()
        with pytest.raises(ActionError):
            ordered(senior, build.customer("Other"), product, 1, agreement_line=line)


class TestStates:
    def test_signed_terms_stand(self, senior):
        made = signed(senior, build.product())
        with pytest.raises(ActionError):
            actions.set_agreement_line(made, by=senior, product=build.product(), unit_price=Decimal(1))
        with pytest.raises(ActionError):
            actions.remove_agreement_line(made.lines.get(), by=senior)
        assert made.lines.count() == 1

    def test_a_counter_opens_it_again(self, senior):
        made = actions.offer_agreement(drafted(senior, build.product()), by=senior)
        actions.counter_agreement(made, by=senior, text="9 euros")
        assert actions.offer_agreement(made, by=senior).state == State.OFFERED

    def test_the_tick_says_that_it_has_to_be_reviewed_and_that_it_ended(self, senior):
        made = signed(senior, build.product(), until=100)
        for days, state in ((39, State.SIGNED), (40, State.REVIEW_DUE), (101, State.ENDED)):
            tick(build.noon(day(days)))
            made.refresh_from_db()
            assert made.state == state, days

    def test_a_renewal_takes_over_when_it_is_signed(self, senior):
        product = build.product()
        made = signed(senior, product, price="10")
        renewal = actions.renew_agreement(made, by=senior, valid_until=day(500), raise_percent=Decimal(3))
        made.refresh_from_db()
        assert (made.state, renewal.lines.get().unit_price) == (State.SIGNED, Decimal("10.3"))
        actions.sign_agreement(actions.offer_agreement(renewal, by=senior), by=senior, signed_by="Claire")
        made.refresh_from_db()
        assert made.state == State.RENEWED
        prices = [price_for(made.customer, product, Decimal(1), day(n)).unit_price for n in (200, 201)]
        assert prices == [Decimal("10"), Decimal("10.3")]

    def test_a_rep_does_not_sign(self, senior):
        made = actions.offer_agreement(drafted(senior, build.product()), by=senior)
        with pytest.raises(ActionError):
            actions.sign_agreement(made, by=build.member(), signed_by="Claire")
        made.refresh_from_db()
        assert made.state == State.OFFERED

    def test_an_end_keeps_its_last_day(self, senior):
        made = actions.end_agreement(signed(senior, build.product()), by=senior, last_day=day(10))
        assert (made.state, made.holds_on(day(10)), made.holds_on(day(11))) == (State.SIGNED, True, False)


class TestUnits:
    def test_boxes_become_pieces_and_the_line_keeps_what_was_said(self, senior):
        product = build.product()
        actions.set_unit(product, by=senior, unit="box", factor=Decimal(12))
        line = ordered(senior, build.customer(), product, 5, unit="BOX").lines.get()
        assert (line.quantity, line.unit, line.ordered_quantity, line.ordered_unit) == (60, "pcs", 5, "BOX")
        assert line.schedule_lines.get().quantity == 60

    def test_a_unit_the_product_has_not_is_refused(self, senior):
        with pytest.raises(ActionError, match="box"):
            ordered(senior, build.customer(), build.product(), 5, unit="box")


def test_a_successor_is_named_one_way(senior):
    old, new = build.product(), build.product()
    row = actions.link_product(old, by=senior, other=new, kind=ProductLink.Kind.SUCCESSOR, is_two_way=True)
    assert not row.is_two_way
    with pytest.raises(ActionError):
        actions.link_product(old, by=senior, other=old, kind=ProductLink.Kind.SUBSTITUTE)
