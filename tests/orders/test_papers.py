"""The confirmation as a document."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from comptoir.orders.jobs import render_confirmation
from comptoir.orders.models import OrderVersion
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
