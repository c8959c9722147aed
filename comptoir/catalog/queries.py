"""What can be promised, and at what price."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate, islice

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Upper

from comptoir.catalog.models import (
    Agreement,
    AgreementLine,
    CustomerPart,
    Pledge,
    Price,
    Product,
    Reservation,
    Site,
    Stock,
    Supply,
    TaxRate,
)
from comptoir.catalog.shelves import Level, shelves_of
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.invariants import Finding
from comptoir.lib.prepared import Prepared
from comptoir.lib.text import fold


@dataclass(frozen=True, slots=True)
class Quoted:
    """A price, where it comes from – agreement (then its number and line), contract, class or list – and from how many on."""

    unit_price: Decimal
    per: int
    source: str
    reference: str = ""
    agreement_line: int | None = None
    minimum: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Position:
    """A product's stock at a site: what lies there, what is set aside and planned, and what is left to promise when."""

    on_hand: Decimal
    reserved: Decimal
    supplies: list[Supply]
    levels: list[Level]

    def first(self, quantity: Decimal) -> date | None:
        """The first day a quantity can leave, or None when no planned supply suffices."""
        return next((level.on for level in self.levels if level.available >= quantity), None)


def position(stock: Stock, start: date, without_line: int | None = None) -> Position:
    """Available-to-promise over time: at each day, the least that will be left from then on (two queries).

    `without_line` leaves one schedule line's own reservation out, for asking whether it may move.
    """
    return positions([stock], start, without_line)[stock.pk]


def positions(
    stocks: Sequence[Stock], start: date, without_line: int | None = None, supplies: Sequence[Supply] | None = None
) -> dict[int, Position]:
    """The positions of many stock rows by their id (two queries for all of them, one when their supplies are at hand)."""
    shelves = shelves_of(stocks, start, without_line)
    known = Supply.objects.filter(stock__in=shelves).order_by("due_on", "pk") if supplies is None else supplies
    planned: dict[int, list[Supply]] = {pk: [] for pk in shelves}
    for supply in known:
        planned[supply.stock_id].append(supply)
    return {pk: Position(shelf.stock.on_hand, shelf.held, planned[pk], shelf.levels()) for pk, shelf in shelves.items()}


@dataclass(frozen=True, slots=True)
class Flow:
    """A stock row's goods: what lies there, what arrives when (by receipt), what is set aside for whom, and kept for offers."""

    on_hand: Decimal
    receipts: dict[int, tuple[date, Decimal]]
    held: list[tuple[int, date, Decimal]]
    ranks: dict[int, int] = field(default_factory=dict)
    kept: list[tuple[int, date, Decimal]] = field(default_factory=list)

    def with_days(self, days: Mapping[int, date]) -> "Flow":
        """The same with schedule lines that need their goods on other days."""
        moved = [(line, days.get(line, day), quantity) for line, day, quantity in self.held]
        return replace(self, held=sorted(moved, key=lambda one: (one[1], self.ranks.get(one[0], 0))))

    def with_on_hand(self, quantity: Decimal) -> "Flow":
        return replace(self, on_hand=quantity)

    def with_receipt(self, pk: int, day: date | None, quantity: Decimal) -> "Flow":
        """The same with a receipt moved to another day and quantity; gone without a day."""
        others = {key: value for key, value in self.receipts.items() if key != pk}
        return replace(self, receipts=others | ({pk: (day, quantity)} if day else {}))

    def shortages(self) -> dict[int, Decimal]:
        """What each schedule line lacks on the day it needs it, who needs it first being served first."""
        lacking, taken = {}, Decimal(0)
        for line, day, quantity in self.held:
            taken += quantity
            there = self.on_hand + sum(q for due, q in self.receipts.values() if due <= day)
            if taken > there:
                lacking[line] = min(taken - there, quantity)
        return lacking

    def uncovered(self) -> dict[int, Decimal]:
        """What each offer lacks of what is kept back for it: orders are served before, and who was offered first."""
        moves: defaultdict[date, Decimal] = defaultdict(Decimal)
        for due, quantity in self.receipts.values():
            moves[due] += quantity
        for _line, day, quantity in self.held:
            moves[day] -= quantity
        lacking = {}
        for change in sorted({change for change, _day, _quantity in self.kept}):
            mine = [(day, quantity) for one, day, quantity in self.kept if one == change]
            wanted = moves.copy()
            for day, quantity in mine:
                wanted[day] -= quantity
            left = self._least(wanted, min(mine)[0])
            if left < 0:
                lacking[change] = min(-left, sum((quantity for _day, quantity in mine if quantity > 0), Decimal(0)))
            else:
                moves = wanted
        return lacking

    def _least(self, moves: Mapping[date, Decimal], start: date) -> Decimal:
        """The least that is left from a day on, `moves` being what comes and goes on each."""
        days = sorted({start, *moves})
        left = islice(accumulate((moves.get(day, Decimal(0)) for day in days), initial=self.on_hand), 1, None)
        return min(after for day, after in zip(days, left, strict=True) if day >= start)


def flow_of(stock: Stock) -> Flow:
    """What stands of a stock row (three queries)."""
    receipts = {s.pk: (s.due_on, s.quantity) for s in Supply.objects.filter(stock=stock)}
    held = Reservation.objects.filter(stock=stock).order_by("needed_on", "pk")
    rows = list(held.values_list("schedule_line_id", "needed_on", "quantity", "pk"))
    kept = Pledge.objects.filter(stock=stock, until__gte=clock.today()).values_list(
        "change_id", "needed_on", "quantity"
    )
    return Flow(stock.on_hand, receipts, [row[:3] for row in rows], {row[0]: row[3] for row in rows}, list(kept))


def hurt_by(before: Flow, after: Flow) -> list[int]:
    """The schedule lines that lack more after a change than before it."""
    lacked = before.shortages()
    return [line for line, lacks in after.shortages().items() if lacks > lacked.get(line, 0)]


def let_down_by(before: Flow, after: Flow) -> list[int]:
    """The offers that lack more of what is kept back for them after a change than before it."""
    lacked = before.uncovered()
    return [change for change, lacks in after.uncovered().items() if lacks > lacked.get(change, 0)]


def levels(stock: Stock, start: date, without_line: int | None = None) -> list[Level]:
    """What is left to promise from each day on (one query)."""
    return shelves_of([stock], start, without_line)[stock.pk].levels()


def available(stock: Stock, on: date, start: date, without_line: int | None = None) -> Decimal:
    """The quantity that can leave on a day without taking it from anybody."""
    reached = [level for level in levels(stock, start, without_line) if level.on <= on]
    return max(reached[-1].available, Decimal(0)) if reached else Decimal(0)


def earliest(stock: Stock, quantity: Decimal, start: date, without_line: int | None = None) -> date | None:
    """The first day a quantity can leave, or None when no planned supply suffices."""
    return shelves_of([stock], start, without_line)[stock.pk].first(quantity)


def stock_effect(
    stock: Stock, schedule_line_id: int, quantity: Decimal, leaves_on: date, start: date
) -> tuple[Decimal, Decimal]:
    """What is free on a day, before and after a schedule line's reservation becomes this quantity on that day."""
    without = available(stock, leaves_on, start, schedule_line_id)
    return available(stock, leaves_on, start), max(without - quantity, Decimal(0))


def home() -> Site | None:
    """Our first site: its working days and time zone are the desk's."""
    return Site.objects.order_by("pk").first()


def price_for(customer: Customer, product: Product, quantity: Decimal, on: date) -> Quoted | None:
    """What an agreement says, else the customer's own price, else that of its class, else the list's.

    Of each the best break the quantity reaches.
    """
    return prices_for(customer, [(product, quantity)], on)[0]


def price_without(customer: Customer, product: Product, quantity: Decimal, on: date) -> Quoted | None:
    """What holds where no agreement says a price (one query)."""
    return _quoted(price_rows(customer, [product], on).get(product.pk, []), quantity)


def prices_for(customer: Customer, wanted: Sequence[tuple[Product, Decimal]], on: date) -> list[Quoted | None]:
    """The price of each product in its quantity (two queries); None where there is none in the customer's currency."""
    products = [product for product, _quantity in wanted]
    agreed, by_product = agreed_lines(customer, products, on), price_rows(customer, products, on)
    return [
        _agreed(agreed.get(product.pk, []), quantity) or _quoted(by_product.get(product.pk, []), quantity)
        for product, quantity in wanted
    ]


PRICES = Prepared(
    lambda products, currency, on, customer, of_class: Price.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=on),
        Q(customer_id=customer) | Q(customer=None) & (Q(customer_class="") | Q(customer_class=of_class)),
        product_id__any=products,
        currency=currency,
        valid_from__lte=on,
    )
)
AGREED = Prepared(
    lambda products, customer, currency, on: (
        AgreementLine.objects.filter(
            product_id__any=products,
            agreement__customer_id=customer,
            agreement__currency=currency,
            agreement__state__in=Agreement.BINDING,
            agreement__valid_from__lte=on,
            agreement__valid_until__gte=on,
        )
        .select_related("agreement")
        .order_by("-agreement__valid_from", "-agreement_id", "-minimum_quantity")
    )
)


def price_rows(customer: Customer, products: Iterable[Product], on: date) -> dict[int, list[Price]]:
    """The prices a customer can have on a day (one query), by product: their own, their class's and the list's."""
    found: dict[int, list[Price]] = {}
    for row in PRICES(
        [product.pk for product in products], customer.currency, on, customer.pk, customer.customer_class
    ):
        found.setdefault(row.product_id, []).append(row)
    return found


def agreed_lines(customer: Customer, products: Iterable[Product], on: date) -> dict[int, list[AgreementLine]]:
    """What agreements that bind on a day say of products (one query), by product: the one signed last first."""
    found: dict[int, list[AgreementLine]] = {}
    for row in AGREED([product.pk for product in products], customer.pk, customer.currency, on):
        found.setdefault(row.product_id, []).append(row)
    return found


def agreements_of(customer: Customer, product: Product, quantity: Decimal, on: date) -> list[AgreementLine]:
    """The line of each agreement that prices a product in a quantity, the one taken by itself first (one query)."""
    chosen: dict[int, AgreementLine] = {}
    for line in agreed_lines(customer, [product], on).get(product.pk, []):
        if line.minimum_quantity <= quantity:
            chosen.setdefault(line.agreement_id, line)
    return list(chosen.values())


def agreements_named(customer: Customer, numbers: Collection[str], on: date) -> dict[str, list[AgreementLine]]:
    """The lines of agreements that bind on a day, by the agreement's number, the highest break first (one query)."""
    found: dict[str, list[AgreementLine]] = {number.upper(): [] for number in numbers}
    lines = AgreementLine.objects.annotate(named=Upper("agreement__number")).filter(
        named__in=found, agreement__customer=customer, agreement__currency=customer.currency,
        agreement__state__in=Agreement.BINDING, agreement__valid_from__lte=on, agreement__valid_until__gte=on,
    )  # fmt: skip
    for line in lines.select_related("agreement").order_by("-minimum_quantity"):
        found[line.named].append(line)
    return found


def _agreed(lines: list[AgreementLine], quantity: Decimal) -> Quoted | None:
    line = next((line for line in lines if line.minimum_quantity <= quantity), None)
    return by_agreement(line) if line else None


def by_agreement(line: AgreementLine) -> Quoted:
    """The price of an agreement's line."""
    return Quoted(line.unit_price, line.per, "agreement", line.agreement.number, line.pk, line.minimum_quantity)


def _quoted(rows: list[Price], quantity: Decimal) -> Quoted | None:
    best = min((row for row in rows if row.minimum_quantity <= quantity), key=rank, default=None)
    return Quoted(best.unit_price, best.per, source_of(best), minimum=best.minimum_quantity) if best else None


def rank(price: Price) -> tuple[bool, bool, Decimal, int, int]:
    """Of prices that all apply the least ranked holds: the customer's own, the class's, the higher break, the later one."""
    own, of_class = price.customer_id is not None, bool(price.customer_class)
    return (not own, not of_class, -price.minimum_quantity, -price.valid_from.toordinal(), -price.pk)


def source_of(price: Price) -> str:
    """Where a price comes from: contract, class or list."""
    return "contract" if price.customer_id else "class" if price.customer_class else "list"


@dataclass(frozen=True, slots=True)
class Part:
    """A product, with the customer's own number for it where that is how it was named."""

    product: Product
    customer_part: str = ""


def parts_named(customer: Customer, text: str) -> list[Part]:
    """What exactly this names: our number, else the customer's, else the product's full name; several when they share it."""
    text = text.strip()
    if product := Product.objects.filter(number__iexact=text).first():
        return [Part(product)]
    theirs = CustomerPart.objects.filter(customer=customer, part_number__iexact=text).select_related("product")
    if theirs:
        return [Part(row.product, row.part_number) for row in theirs]
    return [Part(product) for product in Product.objects.filter(sort_key=fold(text)).order_by("number")[:3]]


NUMBERED = Prepared(
    lambda numbers: Product.objects.annotate(upper=Upper("number")).filter(upper__any=numbers).order_by("pk")
)


def parts_named_each(customer: Customer, texts: Sequence[str]) -> list[list[Part]]:
    """`parts_named` of many texts: one query for those that are our numbers, and as many as it takes for each other one."""
    wanted = {text.strip().upper() for text in texts} - {""}
    ours: dict[str, Product] = {}
    for product in NUMBERED(list(wanted)):
        ours.setdefault(product.upper, product)
    found = [ours.get(text.strip().upper()) for text in texts]
    return [
        [Part(product)] if product else parts_named(customer, text) if text.strip() else []
        for product, text in zip(found, texts, strict=True)
    ]


def parts_like(customer: Customer, text: str, limit: int = 8) -> list[Part]:
    """What a piece of a number or name may mean, the customer's own numbers first."""
    if not (wanted := fold(text)):
        return []
    theirs = CustomerPart.objects.filter(customer=customer, part_number__icontains=text.strip()).select_related(
        "product"
    )
    found = {row.product_id: Part(row.product, row.part_number) for row in theirs.order_by("part_number")[:limit]}
    sold = Product.objects.exclude(state=Product.State.ENDED)
    for product in sold.filter(Q(number__icontains=text.strip()) | Q(sort_key__contains=wanted)).order_by("number")[
        :limit
    ]:
        found.setdefault(product.pk, Part(product))
    return list(found.values())[:limit]


RATES = Prepared(lambda country, on: TaxRate.objects.filter(country=country, valid_from__lte=on).order_by("valid_from"))


def tax_rates(country: str, on: date) -> dict[str, Decimal]:
    """The rates in force in a country, by category."""
    return {row.category: row.rate for row in RATES(country, on)}


SHORT = """
SELECT stock_id, schedule_line_id FROM (
    SELECT held.stock_id, held.schedule_line_id, held.needed_on, stock.on_hand,
           sum(held.quantity) OVER (PARTITION BY held.stock_id ORDER BY held.needed_on, held.id) AS taken
    FROM catalog_reservation held JOIN catalog_stock stock ON stock.id = held.stock_id
) held
WHERE taken > on_hand + coalesce(
    (SELECT sum(quantity) FROM catalog_supply s WHERE s.stock_id = held.stock_id AND s.due_on <= held.needed_on), 0)
"""


def short() -> list[tuple[int, int]]:
    """The stock rows and schedule lines that lack goods on the day they need them, one query for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(SHORT)
        return [(stock, line) for stock, line in cursor.fetchall()]


def invariants() -> list[Finding]:
    """Stock rows that do not know whether somebody lacks their goods."""
    lacking = {stock for stock, _line in short()}
    known = set(Stock.objects.filter(is_short=True).values_list("pk", flat=True))
    odd = [str(pk) for pk in sorted(lacking ^ known)]
    return [Finding("A stock row does not know who lacks its goods", len(odd), odd[:5])]
