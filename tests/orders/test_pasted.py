"""Lines from a spreadsheet and from a mail's words."""

import pytest

from comptoir.catalog.models import CustomerPart
from comptoir.orders.pasted import read_text
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    made = build.customer()
    for number, name in (("HP-2040", "Gear pump"), ("SEAL-9", "Mechanical seal")):
        product = build.product(name)
        product.number = number
        product.save()
    CustomerPart.objects.create(customer=made, product=product, part_number="ARM-4410")
    return made


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("10 x HP-2040 for 12.12.", ("HP-2040", "10", "12.12.", "")),
        ("- 10 pcs of HP-2040 by 12 Dec", ("HP-2040", "10", "12 dec", "")),
        ("HP-2040: 10 stk, uge 50", ("HP-2040", "10", "uge 50", "")),
        ("arm-4410 x 4 @ 12,50", ("arm-4410", "4", "", "12,50")),
        ("25 gear pump pour le 12/12/2099", ("gear pump", "25", "12/12/2099", "")),
        ("HP-2040   7", ("HP-2040", "7", "", "")),
        ("3 boxes SEAL-9 (the blue ones)", ("SEAL-9", "3 box", "", "")),
        ("10 бр. HP-2040 за 12.12.2099", ("hp-2040", "10", "12.12.2099", "")),
        ("5 ks HP-2040 do 2099-01-05", ("HP-2040", "5", "2099-01-05", "")),
        ("5 x NEW-771", ("NEW-771", "5", "", "")),
    ],
)
def test_a_line_of_a_mail_says_part_quantity_day_and_price(customer, said, means):
    (line,) = read_text(customer, said).lines
    assert (line.part, line.quantity, line.requested_on, line.unit_price) == means


def test_a_whole_mail_gives_its_lines_and_the_day_that_stands_alone(customer):
    taken = read_text(
        customer,
        "Bonjour,\n\nMerci de nous livrer pour le 12.12.2099 :\n10 x HP-2040\n2 x SEAL-9 for 1.2.2099\n\nCordialement,\nClaire\n+33 4 78 00 00 01",
    )
    assert [(x.part, x.quantity, x.requested_on) for x in taken.lines] == [
        ("HP-2040", "10", "12.12.2099"),
        ("SEAL-9", "2", "1.2.2099"),
    ]
    assert taken.passed == 5


def test_columns_are_found_by_their_names_wherever_they_stand(customer):
    taken = read_text(customer, "Antal\tBeskrivelse\tVarenr.\n4\tpumpe\tHP-2040\n1\t\tSEAL-9")
    assert [(x.part, x.quantity) for x in taken.lines] == [("HP-2040", "4"), ("SEAL-9", "1")]
    (line,) = read_text(customer, "HP-2040;3;1.12.2099;9,90").lines
    assert (line.part, line.quantity, line.requested_on, line.unit_price) == ("HP-2040", "3", "1.12.2099", "9,90")
