"""What the demo company has agreed: customers' own part numbers, prices of class A, and prices of single customers."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from comptoir.catalog.models import AgreementLine, CustomerPart, Price, Product
from comptoir.customers.models import Customer
from comptoir.demo.goods import RATES
from comptoir.orders.guards import above_credit, exposure_of
from comptoir.orders.models import Line, OrderHold
from comptoir.orders.totals import totals

KNOWING, AGREED = 40, 15
CLASS_A = Decimal("0.96")
FAMILIES_OF_A = ("NB-", "NK-", "VM-")
STYLES = ("{letters}-{number}", "{number}.{size:02d}", "{letters}{number}", "{number}/{size}", "ART {number}")


def build(customers: list[Customer], today: date) -> None:
    """Write them beside the list prices; a new price holds from this month on, as orders before it were priced by the list."""
    random = Random("terms")
    products = list(Product.objects.exclude(state=Product.State.ENDED).order_by("pk"))
    buyers = [c for c in customers if c.stage == Customer.Stage.CUSTOMER]
    knowing = random.sample(buyers, min(KNOWING, len(buyers)))
    CustomerPart.objects.bulk_create([*_spoken_of(), *_known(knowing, products, random)])
    listed, free = _listed(), _free_of_agreements(products)
    agreed = [
        price for customer in knowing[:AGREED] for price in _agreed(customer, free(customer), listed, today, random)
    ]
    Price.objects.bulk_create([*_of_class_a(products, listed, today), *agreed])


def _spoken_of() -> Iterator[CustomerPart]:
    """The numbers that orders written before already name."""
    lines = Line.objects.exclude(customer_part="").order_by("pk")
    named = {(n.order.customer_id, n.customer_part): n.product_id for n in lines.select_related("order")}
    for (customer, part), product in named.items():
        yield CustomerPart(customer_id=customer, product_id=product, part_number=part)


def _known(customers: Iterable[Customer], products: list[Product], random: Random) -> Iterator[CustomerPart]:
    """Two to five numbers each, all in the customer's own manner."""
    for customer in customers:
        style, letters = (
            random.choice(STYLES),
            "".join(c for c in customer.name.upper() if "A" <= c <= "Z")[:3] or "ART",
        )
        known = random.sample(products, random.randint(2, 5))
        numbers = random.sample(range(1000, 9999), len(known))
        for size, (product, number) in enumerate(zip(known, numbers, strict=True), 1):
            told = style.format(letters=letters, number=number, size=size)
            yield CustomerPart(customer=customer, product=product, part_number=told)


def _free_of_agreements(products: list[Product]) -> Callable[[Customer], list[Product]]:
    """What has a price of the customer's own only without an agreement that would go before it."""
    pairs = set(AgreementLine.objects.values_list("agreement__customer", "product"))
    return lambda customer: [product for product in products if (customer.pk, product.pk) not in pairs]


def _listed() -> dict[tuple[int, str], Decimal]:
    rows = Price.objects.filter(customer=None, customer_class="", minimum_quantity=1)
    return {(row.product_id, row.currency): row.unit_price for row in rows}


def _of_class_a(products: list[Product], listed: dict[tuple[int, str], Decimal], today: date) -> Iterator[Price]:
    for product in products:
        for currency in RATES if product.number.startswith(FAMILIES_OF_A) else ():
            yield _price(product, currency, listed, CLASS_A, today.replace(day=1), customer_class="A")


def _agreed(
    customer: Customer, products: list[Product], listed: dict[tuple[int, str], Decimal], today: date, random: Random
) -> Iterator[Price]:
    """Two or three products for a year, every second one with a break."""
    currency = customer.currency if customer.currency in RATES else "EUR"
    for number, product in enumerate(random.sample(products, random.randint(2, 3))):
        factor = Decimal(random.randint(86, 94)) / 100
        start = today.replace(day=1)
        yearly = {"customer": customer, "valid_until": start + timedelta(days=364)}
        yield _price(product, currency, listed, factor, start, **yearly)
        if number % 2 == 0:
            least = Decimal(random.choice((10, 25, 50)))
            yield _price(product, currency, listed, factor - Decimal("0.04"), start, minimum_quantity=least, **yearly)


def _price(
    product: Product,
    currency: str,
    listed: dict[tuple[int, str], Decimal],
    factor: Decimal,
    start: date,
    **more: object,
) -> Price:
    amount = round(listed[product.pk, currency] * factor, 2)
    return Price(product=product, currency=currency, unit_price=amount, valid_from=start, **more)


def draw_credit() -> None:
    """Let every order that is held for credit be above its customer's limit, and say by how much."""
    rows = OrderHold.objects.filter(kind=OrderHold.Kind.CREDIT, lifted_at=None).select_related("order__customer")
    holds = [(hold, exposure_of(hold.order.customer), totals(hold.order).net) for hold in rows.order_by("pk")]
    limits: dict[int, Decimal] = {}
    for hold, owed, net in holds:
        customer = hold.order.customer
        drawn = Decimal(int((owed.amount + net.amount * Decimal("0.8")) / 500) * 500)
        limits[customer.pk] = min(limits.get(customer.pk, drawn), customer.credit_limit or drawn, drawn)
    for hold, owed, net in holds:
        customer = hold.order.customer
        customer.credit_limit = limits[customer.pk]
        hold.note = above_credit(customer, owed, net)[0].sentence
    Customer.objects.bulk_update(
        {hold.order.customer_id: hold.order.customer for hold, *_ in holds}.values(), ["credit_limit"]
    )
    OrderHold.objects.bulk_update([hold for hold, *_ in holds], ["note"])
