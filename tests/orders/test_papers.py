"""The confirmation as a document."""

from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from comptoir.catalog.actions import set_unit
from comptoir.orders.actions import NewLine, Step, confirm, place
from comptoir.orders.actions import change as change_order
from comptoir.orders.actions.versions import snapshot
from comptoir.orders.jobs import render_confirmation
from comptoir.orders.models import ChangeStep, OrderVersion
from comptoir.orders.versions import differences, thaw
from comptoir.people import Role, system
from tests import build

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Order confirmation"),
        ("fr", "Confirmation de commande"),
        ("da", "Ordrebekræftelse"),
        ("sk", "Potvrdenie objednávky"),
        ("bg", "Потвърждение на поръчка"),
    ],
)
def test_a_confirmation_is_written_in_the_customers_language(language, title):
    order = build.order(build.customer(language=language), po="PO-77341")
    file = render_confirmation(order.versions.get().pk)
    text = PdfReader(BytesIO(file.read())).pages[0].extract_text()
    assert title in text
    assert "PO-77341" in text


def test_text_of_a_customer_is_never_markup():
    order = build.order(build.customer(name='#panic("x") *b* $1$ @x'), po="PO-1000")
    file = render_confirmation(order.versions.get().pk)
    assert '#panic("x") *b*' in PdfReader(BytesIO(file.read())).pages[0].extract_text()


def test_the_first_document_of_a_version_stays():
    version = build.order(build.customer()).versions.get()
    first = render_confirmation(version.pk)
    OrderVersion.objects.filter(pk=version.pk).update(snapshot={**version.snapshot, "number": "other"})
    assert render_confirmation(version.pk) == first


def in_boxes(order):
    """The order's first line as if it had been ordered in boxes of 12."""
    line = order.lines.get()
    set_unit(line.product, by=build.member(Role.SENIOR), unit="box", factor=Decimal(12))
    wanted = NewLine(line.product, Decimal(5), build.workday(15), unit="box")
    return confirm(place(order.customer, by=system(), lines=[wanted]), by=system())


@pytest.mark.parametrize(
    ("language", "said"), [("en", "5 box (60 pcs)"), ("bg", "5 кут. (60 бр.)"), ("da", "5 krt. (60 stk.)")]
)
def test_the_confirmation_says_the_quantity_as_the_customer_ordered_it(language, said):
    order = in_boxes(build.order(build.customer(language=language)))
    file = render_confirmation(order.versions.get().pk)
    assert said in " ".join(PdfReader(BytesIO(file.read())).pages[0].extract_text().split())


def test_a_snapshot_from_before_units_were_frozen_is_still_set():
    version = in_boxes(build.order(build.customer())).versions.get()
    for line in version.snapshot["lines"]:
        del line["ordered_quantity"], line["ordered_unit"]
    version.save()
    text = PdfReader(BytesIO(render_confirmation(version.pk).read())).pages[0].extract_text()
    assert "60 pcs" in text
    assert "box" not in text


@pytest.mark.parametrize(
    ("pieces", "said", "change"),
    [(72, (6, "box"), "6 box (72 pcs)"), (65, (65, "pcs"), "65 pcs"), (48, (4, "box"), "4 box (48 pcs)")],
)
def test_a_changed_quantity_stays_in_the_customers_unit_where_it_comes_out_even_in_it(pieces, said, change):
    order = in_boxes(build.order(build.customer()))
    step = Step(ChangeStep.Type.QUANTITY, schedule_line=order.schedule_lines.get(), quantity=Decimal(pieces))
    change_order(order, by=build.member(Role.SENIOR), steps=[step])
    line = order.lines.get()
    assert (line.quantity, line.ordered_quantity, line.ordered_unit) == (pieces, *said)
    first, second = (thaw(version.snapshot) for version in order.versions.order_by("version"))
    assert [one.said for one in first.lines] == ["5 box (60 pcs)"]
    told = next(one for one in differences(first, second) if "ordered" in one.label)
    part = line.product.number
    assert (told.before, told.after) == (f"5 box (60 pcs) {part}", f"{change} {part}")


def test_boxes_are_not_said_of_a_quantity_that_they_no_longer_come_to():
    order = in_boxes(build.order(build.customer()))
    order.lines.update(cancelled_quantity=10)
    assert "ordered_quantity" not in snapshot(order)["lines"][0]
