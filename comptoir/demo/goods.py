"""What the demo company makes: products with list prices, stock and planned supply."""

from datetime import date, timedelta
from decimal import Decimal

from comptoir.catalog.models import Price, Product, Site, Stock, Supply
from comptoir.demo import content
from comptoir.lib.calendar import next_business_day
from comptoir.lib.text import fold

RATES = {"EUR": Decimal(1), "DKK": Decimal("7.46"), "GBP": Decimal("0.86")}
SINCE = date(2024, 1, 1)
WEEKS = 12


def build(today: date) -> None:
    """Write the catalogue: five sizes a family, prices in the three currencies we sell in, supply every second week."""
    site = Site.objects.get()
    for family in content("products")["families"]:
        products = Product.objects.bulk_create(
            Product(
                number=f"{family['code']}-{size}", name=f"{family['name']} {size}",
                sort_key=fold(f"{family['name']} {size}")[:200],
                weight_kg=round(Decimal(str(family["weight_kg"])) * (10 + 4 * index) / 10, 3),
                lead_days=family["lead_days"], unit="pcs",
            )
            for index, size in enumerate(family["sizes"])
        )  # fmt: skip
        _price(family, products)
        _stock(family, products, site, today)


def _price(family: dict[str, list[str]], products: list[Product]) -> None:
    """The list price, and seven percent less from ten pieces on."""
    rows = []
    for product, euros in zip(products, family["prices"], strict=True):
        for currency, rate in RATES.items():
            for minimum, factor in ((1, Decimal(1)), (10, Decimal("0.93"))):
                amount = round(Decimal(euros) * rate * factor, 2)
                rows.append(
                    Price(
                        product=product, currency=currency, minimum_quantity=minimum, unit_price=amount,
                        valid_from=SINCE,
                    )
                )  # fmt: skip
    Price.objects.bulk_create(rows)


def _stock(family: dict[str, int], products: list[Product], site: Site, today: date) -> None:
    hand = family["hand"]
    rows = Stock.objects.bulk_create(Stock(product=p, site=site, on_hand=hand) for p in products)
    Supply.objects.bulk_create(
        Supply(
            stock=row, due_on=next_business_day(today + timedelta(days=14 * turn + index), site.country), quantity=hand // 2,
            reference=f"MO-{row.product.pk:03d}{turn:02d}",
        )
        for index, row in enumerate(rows)
        for turn in range(1, WEEKS // 2 + 1)
    )  # fmt: skip
