"""What the truth diff sees and what is decided of it."""

import re
from decimal import Decimal

import pytest

from comptoir.actions import ActionError, InvalidInput, perform
from comptoir.actions.models import Approval
from comptoir.catalog.actions import end_agreement, set_unit
from comptoir.catalog.models import Product
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.documents import receive
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.extract.layout import Layout
from comptoir.orders.matching import grid
from comptoir.orders.models import InboundDocument, Order
from comptoir.orders.reading import read
from comptoir.people import Role
from tests import build

TEXT = "PO number;{po}\nShip to;{place}\n\nArticle;Qty;Price\n{part};4;{price}\n"


@pytest.fixture
def customer(db):
    build.site()
    made = build.customer()
    for number, price in (("NB-1", "100"), ("NB-2", "50")):
        product = build.product(f"Pump {number}", price=price)
        Product.objects.filter(pk=product.pk).update(number=number)
    return made


def came(customer, **said) -> InboundDocument:
    told = {"po": "1", "place": "Nowhere 9, 99999 Elsewhere", "part": "NB-1", "price": "100.00"} | said
    document = receive(TEXT.format(**told).encode(), "a.csv", by=build.member(), customer=customer)
    read(document.pk)
    document.refresh_from_db()
    return document


def entered(document, part="NB-1", **more) -> Order:
    line = NewLine(Product.objects.get(number=part), Decimal(4), build.workday(9), **more)
    po = document.read.said("po_number")
    return enter_document(document, by=build.member(), customer=document.customer, lines=[line], po_number=po)


def differing(order, field):
    return order.verifications.order_by("-pk").first().differences.get(field=field)


def test_a_part_mistaken_on_entry_is_red_and_teaches_nothing(customer):
    order = entered(came(customer), part="NB-2")
    assert differing(order, "part").colour == "red"
    again = came(customer, po="2")
    assert again.template.rules["parts"] == {}


def test_a_name_that_is_none_of_ours_is_amber_once_and_known_the_next_time(customer):
    assert differing(entered(came(customer, part="ZZ-9")), "part").colour == "amber"
    assert differing(entered(came(customer, part="ZZ-9", po="2")), "part").colour == "green"


def test_an_address_unlike_ours_differs_until_somebody_accepts_it_and_is_known_then(customer):
    row = differing(entered(came(customer)), "ship_to")
    assert row.colour == "red"
    perform("orders.accept_difference", by=build.member(), subject=row)
    assert differing(entered(came(customer, po="2")), "ship_to").colour == "green"


def test_what_is_amber_alone_waits_for_a_look_and_any_rep_confirms_it(customer):
    order = entered(came(customer, price="101.00", place="1 rue du Port, 69007 Lyon"))
    assert differing(order, "unit_price").colour == "amber"
    assert order.state == Order.State.VERIFYING
    assert perform("orders.confirm", by=build.member(), subject=order, inputs={}).result.is_confirmed


def test_the_dialog_says_before_that_open_red_goes_to_a_senior(customer, client):
    order = entered(came(customer))
    client.force_login(build.member())
    told = client.get(f"/do/orders.confirm/{order.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert told.count("1 value differs from what the customer sent, and nobody has decided it.") == 1
    assert "It will be sent for approval." in told
    shown = dict(re.findall(r'name="(\w+)" value="([^"]*)"', told))
    assert client.post(f"/do/orders.confirm/{order.pk}/", shown, headers={"HX-Request": "true"}).status_code == 200
    assert Approval.objects.get().action == "orders.confirm"
    client.force_login(build.member(Role.SENIOR))
    told = client.get(f"/do/orders.confirm/{order.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "sent for approval" not in told
    assert "1 value differs from what the customer sent, and nobody has decided it." in told
    assert f"{order.get_absolute_url()}truth/" in told
    assert not build.fresh(order).is_confirmed
    assert client.post(f"/do/orders.confirm/{order.pk}/").status_code == 422  # it has to be shown first


def test_a_verdict_can_be_taken_back(customer):
    order = entered(came(customer))
    row = differing(order, "ship_to")
    perform("orders.accept_difference", by=build.member(), subject=row)
    order.refresh_from_db()
    assert order.state == Order.State.READY
    perform("orders.reopen_difference", by=build.member(), subject=row)
    order.refresh_from_db()
    row.refresh_from_db()
    assert (order.state, row.verdict) == (Order.State.DISCREPANT, "")


def test_each_difference_knows_the_line_of_the_document_it_comes_from(customer):
    assert differing(entered(came(customer)), "quantity").source_line == 0


def test_a_corrected_quantity_takes_the_price_that_entry_would_quote(customer):
    order = entered(came(customer, part="NB-2"), part="NB-1")
    perform(
        "orders.correct_difference", by=build.member(), subject=differing(order, "part"), inputs={"to_value": "NB-2"}
    )
    line = order.lines.get()
    assert (line.product.number, line.unit_price, line.net) == ("NB-2", Decimal(50), Decimal(200))


def corrected(order, field, value):
    row = differing(order, field)
    row.verification.differences.update(colour="red")
    row.refresh_from_db()
    perform("orders.correct_difference", by=build.member(Role.SENIOR), subject=row, inputs={"to_value": value})
    return order.lines.get()


def agreed(customer, price, least=1, **more):
    return build.agreement(customer, Product.objects.get(number="NB-1"), price, least=least, **more)


def test_a_corrected_quantity_is_called_off_from_what_entry_would_call_it_off_from(customer):
    agreement = agreed(customer, "90", least=4)
    better = agreed(customer, "80", least=10)
    order = entered(came(customer))
    assert order.lines.get().agreement_line == agreement.lines.get()
    line = corrected(order, "quantity", "12")
    assert (line.unit_price, line.agreement_line, line.net) == (80, better.lines.get(), 960)
    line = corrected(order, "quantity", "3")
    assert (line.unit_price, line.price_source, line.agreement_line) == (100, "list", None)


def test_a_corrected_quantity_stays_with_the_agreement_that_was_named(customer):
    named = agreed(customer, "95", in_all=50, since=9).lines.get()
    agreed(customer, "80")
    order = entered(came(customer), agreement_line=named)
    line = corrected(order, "quantity", "12")
    assert (line.unit_price, line.agreement_line) == (95, named)


def test_a_typed_price_is_no_call_off_whatever_the_line_was_before(customer):
    agreed(customer, "90")
    line = corrected(entered(came(customer)), "unit_price", "91")
    assert (line.unit_price, line.price_source, line.agreement_line) == (91, "manual", None)


def test_an_agreement_that_has_ended_gives_no_corrected_quantity_its_price(customer):
    agreement = agreed(customer, "90")
    order = entered(came(customer))
    end_agreement(agreement, by=build.member(Role.SENIOR))
    assert corrected(order, "quantity", "5").unit_price == 100


def test_a_corrected_day_leaves_price_call_off_and_boxes_alone(customer):
    agreement = agreed(customer, "90")
    set_unit(Product.objects.get(number="NB-1"), by=build.member(Role.SENIOR), unit="box", factor=Decimal(12))
    order = entered(came(customer), unit="box")
    end_agreement(agreement, by=build.member(Role.SENIOR))
    rows, line, day = order.verifications.get().differences, order.lines.get(), build.workday(20)
    rows.create(line=line, position=10, field="requested_on", theirs=day.isoformat(), ours="", colour="red")
    line = corrected(order, "requested_on", day.isoformat())
    assert (line.unit_price, line.agreement_line) == (90, agreement.lines.get())
    assert (line.quantity, line.ordered_quantity, line.ordered_unit) == (48, 4, "box")
    assert order.schedule_lines.get().requested_on == day


BOXED = "PO number;1\n\nArticle;Qty;Unit;Price\n{part};4;{unit};{price}\n"


def boxed(customer, *, unit="carton", price="1200.00") -> InboundDocument:
    """A document over four boxes of twelve."""
    set_unit(Product.objects.get(number="NB-1"), by=build.member(Role.SENIOR), unit="box", factor=Decimal(12))
    text = BOXED.format(part="NB-1", unit=unit, price=price)
    document = receive(text.encode(), "a.csv", by=build.member(), customer=customer)
    read(document.pk)
    document.refresh_from_db()
    return document


@pytest.mark.parametrize("price", ["1200.00", "100.00"])
def test_boxes_are_compared_with_boxes_and_their_price_with_ours(customer, price):
    document = boxed(customer, price=price)
    order = entered(document, unit="box")
    found = order.verifications.get().differences
    assert {(row.field, row.colour) for row in found.filter(field__in=("quantity", "unit", "unit_price"))} == {
        ("quantity", "green"), ("unit", "green"), ("unit_price", "green"),
    }  # fmt: skip
    typed = grid(customer, document.read, Layout())[0]
    assert (typed.quantity, typed.unit_price, typed.theirs) == ("4 box", "", None)


def test_boxes_entered_as_pieces_are_told(customer):
    order = entered(boxed(customer))
    assert differing(order, "unit").colour == "amber"
    assert differing(order, "unit_price").colour == "red"


def test_a_quantity_is_corrected_in_the_unit_of_the_document(customer):
    order = entered(boxed(customer), unit="box")
    line = corrected(order, "quantity", "5")
    assert (line.quantity, line.ordered_quantity, line.ordered_unit) == (60, 5, "box")
    assert line.net == 6000


def test_a_line_called_off_from_the_agreement_that_was_named_agrees_with_it(customer):
    named = agreed(customer, "95", in_all=50, since=9).lines.get()
    agreed(customer, "80")
    order = entered(came(customer, price="95.00"), agreement_line=named)
    row = differing(order, "unit_price")
    assert (row.colour, row.agreement) == ("green", f"95 · {named.agreement.number}")


def test_a_price_below_the_rep_s_limit_is_corrected_with_approval_only(customer):
    boss, rep = build.member(Role.MANAGER), build.member()
    perform("orders.set_discount_limit", by=boss, subject=None, inputs={"role": "rep", "percent": "5"})
    perform("orders.set_discount_limit", by=boss, subject=None, inputs={"role": "senior", "percent": "50"})
    order = entered(came(customer, price="70.00"))
    row = differing(order, "unit_price")
    asked = perform("orders.correct_difference", by=rep, subject=row, inputs={"to_value": "70"})
    assert asked.approval is not None
    assert order.lines.get().unit_price == Decimal(100)
    perform("orders.correct_difference", by=build.member(Role.SENIOR), subject=row, inputs={"to_value": "70"})
    assert order.lines.get().unit_price == Decimal(70)


def test_a_price_far_above_the_agreed_one_holds_the_order_as_entry_would(customer):
    order = entered(came(customer, price="140.00"))
    perform(
        "orders.correct_difference",
        by=build.member(),
        subject=differing(order, "unit_price"),
        inputs={"to_value": "140"},
    )
    assert [hold.kind for hold in order.holds.filter(lifted_at=None)] == ["price"]


@pytest.mark.parametrize("text", ["NaN", "-3", "", "1e99", "0", "x", "3.3335"])
def test_what_is_no_quantity_is_refused_with_a_sentence(customer, text):
    order = entered(came(customer))
    wrong = differing(order, "quantity")
    wrong.verification.differences.update(colour="red")
    wrong.refresh_from_db()
    with pytest.raises((ActionError, InvalidInput)):
        perform("orders.correct_difference", by=build.member(), subject=wrong, inputs={"to_value": text})
    assert order.lines.get().quantity == Decimal(4)


def test_a_corrected_day_moves_what_is_asked_for(customer):
    order = entered(came(customer))
    rows, day = order.verifications.get().differences, build.workday(20)
    row = rows.create(
        line=order.lines.get(), position=10, field="requested_on", theirs=day.isoformat(), ours="", colour="red"
    )
    perform("orders.correct_difference", by=build.member(), subject=row, inputs={"to_value": day.isoformat()})
    assert order.schedule_lines.get().requested_on == day


def test_the_customer_is_asked_in_their_own_way_of_writing(customer):
    from comptoir.cases.clarifying import question

    order = entered(came(customer, price="1240.50"))
    rows = order.verifications.get().differences.filter(field__in=("unit_price", "ship_to"))
    told = question(order, rows, "fr")
    assert "prix : votre document indique 1\u202f240,50\u00a0€, nous avons 100,00\u00a0€" in told
    assert "adresse de livraison : votre document indique Nowhere 9" in told


def test_a_price_in_another_currency_is_told_in_its_own_and_never_entered_as_ours(customer, client):
    """79.20 of theirs is no 79.20 of ours: neither in the grid, nor in the comparison, nor in the question, nor where ours is corrected."""
    from comptoir.cases.clarifying import question

    document = came(customer, price="79.20")
    document.neutral["header"]["currency"] = {"raw": "DKK", "text": "DKK", "place": None}
    document.save()
    client.force_login(build.member())
    assert [(line.unit_price, line.theirs) for line in grid(customer, document.read, Layout())] == [
        ("", Decimal("79.20"))
    ]
    assert "theirs DKK 79.20" in client.get(document.get_absolute_url()).content.decode().replace(
        "\N{NO-BREAK SPACE}", " "
    )
    order = entered(document)
    page = client.get(f"/orders/{order.number}/truth/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "DKK 79.20" in page
    assert "€79.20" not in page
    price = differing(order, "unit_price")
    assert f'orders.correct_difference/{price.pk}/?to_value="' in page
    assert "79,20 DKK" in question(order, [price], "fr").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("currency", "colour"), [("DKK", "red"), ("EUR", "green"), ("", "green")])
def test_the_same_number_in_another_currency_is_not_the_same_price(customer, client, currency, colour):
    document = came(customer, price="100.00")
    document.neutral["header"]["currency"] = {"raw": currency, "text": currency, "place": None}
    document.save()
    order = entered(document)
    assert differing(order, "unit_price").colour == colour
    client.force_login(build.member())
    page = client.get(f"/orders/{order.number}/truth/").content.decode()
    assert ("another currency: cannot be compared" in page) == (colour == "red")


def test_an_order_at_another_price_than_agreed_is_red_only_by_its_own_where_a_foreign_document_says_none(customer):
    document = came(customer, price="")
    document.neutral["header"]["currency"] = {"raw": "DKK", "text": "DKK", "place": None}
    document.save()
    order = entered(document, unit_price=Decimal("99"))
    assert differing(order, "unit_price").colour == "amber"
