"""VAT follows from who buys from where, and the paper says why."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from comptoir.catalog.models import Product, TaxRate
from comptoir.orders.actions import NewLine, confirm, place
from comptoir.orders.jobs import render_confirmation
from comptoir.orders.models import Order
from tests import build

pytestmark = pytest.mark.django_db
RIGHT = "FR 83 404 833 048"


@pytest.fixture(autouse=True)
def at_home():
    TaxRate.objects.create(country="BE", category="S", rate=Decimal(21), valid_from=date(2020, 1, 1))
    TaxRate.objects.create(country="FR", category="S", rate=Decimal(20), valid_from=date(2020, 1, 1))


def placed(product: Product | None = None, **about: str) -> Order:
    line = NewLine(product or build.product(), Decimal(2), build.workday(15))
    return place(build.customer(**about), by=build.member(), lines=[line], site=build.site())


@pytest.mark.parametrize(
    ("about", "reason", "category", "rate"),
    [
        ({"country": "BE"}, "domestic", "S", 21),
        ({"country": "FR", "tax_id": RIGHT}, "union", "K", 0),
        ({"country": "FR", "tax_id": "83404833048"}, "union", "K", 0),
        ({"country": "FR"}, "no_number", "S", 21),
        ({"country": "FR", "tax_id": RIGHT, "kind": "person"}, "no_number", "S", 21),
        ({"country": "FR", "tax_id": "FR 84 404 833 048"}, "bad_number", "S", 21),
        ({"country": "FR", "tax_id": "BE 0428.759.497"}, "bad_number", "S", 21),
        ({"country": "GR", "tax_id": "EL 094259216"}, "union", "K", 0),
        ({"country": "CH", "tax_id": "CHE-107.787.577 MWST"}, "export", "G", 0),
        ({"country": "GB"}, "export", "G", 0),
    ],
)  # fmt: skip
def test_the_country_and_the_customers_number_say_what_vat_a_line_gets(about, reason, category, rate):
    order = placed(**about)
    line = order.lines.get()
    assert (order.tax_reason, line.tax_category, line.tax_rate) == (reason, category, rate)


def test_what_is_exempt_by_itself_stays_so_abroad():
    product = build.product()
    Product.objects.filter(pk=product.pk).update(tax_category="E")
    product.refresh_from_db()
    assert placed(product, country="FR", tax_id=RIGHT).lines.get().tax_category == "E"


@pytest.mark.parametrize(
    ("language", "about", "said"),
    [
        ("fr", {"country": "FR", "tax_id": RIGHT}, "exonérée de TVA (article 138"),
        ("en", {"country": "GB"}, "Export, exempt from VAT"),
        ("bg", {"country": "BG"}, "нямаме Ваш ДДС номер"),
    ],
)
def test_the_confirmation_says_why_no_vat_or_ours_is_charged(language, about, said):
    order = placed(language=language, **about)
    confirm(order, by=build.member())
    text = PdfReader(BytesIO(render_confirmation(order.versions.get().pk).read())).pages[0].extract_text()
    assert said in " ".join(text.split())


def test_a_version_confirmed_before_reasons_were_kept_is_still_written():
    order = build.order(build.customer())
    version = order.versions.get()
    version.snapshot.pop("tax_reason")
    version.save()
    assert render_confirmation(version.pk).size > 1000
