"""What stands against an order when it is placed, and who may place it all the same."""

from decimal import Decimal

import pytest

from comptoir.actions import ActionError, SentForApproval
from comptoir.actions.approvals import approve
from comptoir.lib.money import Money
from comptoir.orders.actions import NewLine, confirm, place
from comptoir.orders.actions.holds import lift_hold
from comptoir.orders.actions.rules import end_rule, hold_at_entry, set_discount_limit, set_minimum
from comptoir.orders.guards import exposure_of
from comptoir.orders.models import Order
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    build.site()
    return build.customer()


@pytest.fixture
def manager():
    return build.member(Role.MANAGER)


def line(quantity=10, price=None, product=None):
    wanted = None if price is None else Decimal(price)
    return NewLine(product or build.product(), Decimal(quantity), build.workday(15), wanted)


def holds(order):
    return {hold.kind: hold.note for hold in order.standing_holds}


def test_an_order_above_the_credit_limit_is_placed_on_hold_and_not_confirmed(customer):
    rep = build.member()
    build.order(customer, po="PO-1")
    type(customer).objects.filter(pk=customer.pk).update(credit_limit=200)
    customer.refresh_from_db()
    assert exposure_of(customer) == Money.of("125", "EUR")
    within = place(customer, by=rep, lines=[line(6)])
    assert not holds(within)
    above = place(customer, by=rep, lines=[line(7)])
    assert "€212.50" in holds(above)["credit"]
    with pytest.raises(ActionError, match="on hold"):
        confirm(above, by=rep)
    lift_hold(above.holds.get(), by=build.member(Role.SENIOR))
    assert confirm(above, by=rep).is_confirmed


def test_what_left_our_house_is_no_longer_open(customer):
    order = build.order(customer)
    order.schedule_lines.update(shipped_quantity=4)
    assert exposure_of(customer) == Money.of("75", "EUR")


def test_a_price_below_the_roles_limit_asks_for_authority(customer, manager):
    rep, senior = build.member(), build.member(Role.SENIOR)
    assert place(customer, by=rep, lines=[line(price="6")])  # without limits nobody is asked
    set_discount_limit(by=manager, role=Role.REP, percent=Decimal(5))
    set_discount_limit(by=manager, role=Role.SENIOR, percent=Decimal(20))
    assert place(customer, by=rep, lines=[line(price="12")])
    before = Order.objects.count()
    with pytest.raises(SentForApproval) as sent:
        place(customer, by=rep, lines=[line(price="11")])
    assert Order.objects.count() == before
    assert "12.0 % below" in sent.value.approval.reason
    approve(sent.value.approval, by=senior)
    assert Order.objects.latest("pk").lines.get().unit_price == Decimal(11)
    assert place(customer, by=senior, lines=[line(price="11")])
    with pytest.raises(SentForApproval):
        place(customer, by=senior, lines=[line(price="9")])


def test_a_price_above_the_agreed_one_is_held_until_somebody_looked(customer):
    rep = build.member()
    assert not holds(place(customer, by=rep, lines=[line(price="12.60")]))
    assert "12.0 % above" in holds(place(customer, by=rep, lines=[line(price="14")]))["price"]


def test_below_the_minimum_a_senior_places_with_a_reason(customer, manager):
    rep, senior = build.member(), build.member(Role.SENIOR)
    set_minimum(by=manager, amount=Money.of("100", "EUR"))
    with pytest.raises(ActionError, match="minimum"):
        place(customer, by=senior, lines=[line(2)])
    assert place(customer, by=senior, lines=[line(2)], all_the_same="Sample")
    with pytest.raises(SentForApproval):
        place(customer, by=rep, lines=[line(2)], all_the_same="Sample")
    assert place(customer, by=rep, lines=[line(8)])


def test_a_number_used_before_is_placed_again_only_with_a_reason_and_by_a_senior(customer):
    rep, senior = build.member(), build.member(Role.SENIOR)
    place(customer, by=rep, lines=[line()], po_number="PO-77341")
    with pytest.raises(ActionError, match="entered before"):
        place(customer, by=senior, lines=[line()], po_number="po 77341")
    with pytest.raises(SentForApproval):
        place(customer, by=rep, lines=[line()], po_number="po 77341", all_the_same="Second truck")
    assert place(customer, by=senior, lines=[line()], po_number="po 77341", all_the_same="Second truck")


def test_a_country_or_a_product_holds_an_order_until_its_rule_ends(customer, manager):
    rep, product = build.member(), build.product("Laser")
    to_france = hold_at_entry(by=manager, country="fr", needs_document=True, note="Certificate of origin")
    hold_at_entry(by=manager, product=product, note="Dual use")
    held = holds(place(customer, by=rep, lines=[line(product=product)]))
    assert (held["document"], "Dual use" in held["export"]) == ("FR: Certificate of origin", True)
    end_rule(to_france, by=manager)
    assert not holds(place(customer, by=rep, lines=[line()]))
    with pytest.raises(ActionError, match="country or a product"):
        hold_at_entry(by=manager, note="Nothing")
