"""Orders of the demo: planned in memory, every state there is, then written in bulk."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from zoneinfo import ZoneInfo

from django.db import connection

from comptoir.catalog.models import AgreementLine, Price, Product, ProductUnit, Reservation, Site, Stock
from comptoir.catalog.queries import tax_rates
from comptoir.catalog.taxes import Reason as TaxReason
from comptoir.catalog.taxes import Taxed, reason_for
from comptoir.customers.models import Address, Contact, Customer
from comptoir.lib.calendar import add_business_days, next_business_day
from comptoir.lib.numbers import with_check
from comptoir.lib.text import key
from comptoir.orders.actions.versions import ship_by
from comptoir.orders.models import Line, Order, Reason, ScheduleLine

HOME = ZoneInfo("Europe/Brussels")
THREE, FOUR, SIX = Decimal("0.001"), Decimal("0.0001"), Decimal("0.000001")
SHARES = {"draft": 2, "ready": 4, "confirmed": 30, "in_fulfilment": 11, "fulfilled": 16, "closed": 33, "cancelled": 4}
PO_SHAPES = ("PO-{n}", "45{n}", "{y}-{n}", "BC{n}", "{n}", "PO{n}/A", "OBJ-{n}", "P.{n}")
CENT = Decimal("0.01")
CALLED_AT_ONCE = 4  # times what is ordered without a blanket order
LATE_EVERY = 11
MOST_LATE = 6  # of one owner
AT_RISK_EVERY = 30


@dataclass(slots=True)
class Deal:
    """An order with its parts, and the moments of its life that its state implies."""

    order: Order
    lines: list[Line] = field(default_factory=list)
    rows: list[ScheduleLine] = field(default_factory=list)
    confirmed_at: datetime | None = None
    moved: tuple[ScheduleLine, date] | None = None
    moved_at: datetime | None = None
    cancelled_at: datetime | None = None
    asked: dict[int, Decimal] = field(default_factory=dict)

    def rows_of(self, line: Line) -> list[ScheduleLine]:
        return [row for row in self.rows if row.line is line]


class Market:
    """What every planned order is made from: read once."""

    def __init__(self, customers: list[Customer], now: datetime, random: Random) -> None:
        self.now, self.random = now, random
        self.today = now.astimezone(HOME).date()
        self.site = Site.objects.get()
        self.products = list(Product.objects.exclude(state=Product.State.ENDED).order_by("pk"))
        self.stock = {row.product_id: row for row in Stock.objects.all()}
        self.customers = [c for c in customers if c.stage == Customer.Stage.CUSTOMER]
        self.weights = [{"A": 6, "B": 3, "C": 1}[c.customer_class] for c in self.customers]
        self.rates = tax_rates(self.site.country, self.today)
        self.turns: dict[str, int] = {}
        self.delays = list(Reason.objects.filter(kind="delay"))
        self.addresses: dict[int, list[Address]] = {}
        self.contacts: dict[int, list[Contact]] = {}
        self.prices: dict[tuple[int, str], list[tuple[Decimal, Decimal]]] = {}
        self.agreed: dict[int, list[AgreementLine]] = {}
        self.units = {row.product_id: row for row in ProductUnit.objects.filter(unit="box")}
        self.calling = Random("call-offs")
        self._read()

    def _read(self) -> None:
        for address in Address.objects.order_by("pk"):
            self.addresses.setdefault(address.customer_id, []).append(address)
        for person in Contact.objects.order_by("pk"):
            self.contacts.setdefault(person.customer_id, []).append(person)
        for price in Price.objects.order_by("-minimum_quantity"):
            pair = (price.minimum_quantity, price.unit_price)
            self.prices.setdefault((price.product_id, price.currency), []).append(pair)
        for line in AgreementLine.objects.select_related("agreement", "product").order_by("-minimum_quantity", "pk"):
            self.agreed.setdefault(line.agreement.customer_id, []).append(line)

    def agreed_on(self, order: Order) -> list[AgreementLine]:
        """What was agreed with the order's customer when it was placed, the highest breaks first."""
        day = order.placed_at.date()
        rows = (row for row in self.agreed.get(order.customer_id, []) if row.agreement.signed_on)
        return [row for row in rows if row.agreement.valid_from <= day <= row.agreement.valid_until]

    def called_off(self, order: Order, products: list[Product]) -> list[Product]:
        """The products with one that was agreed on in front, in three orders of four."""
        agreed = list({row.product: None for row in self.agreed_on(order)})
        if not agreed or self.calling.random() > 0.75:
            return products
        turn = self.turns[f"agreed {order.customer_id}"] = self.turns.get(f"agreed {order.customer_id}", -1) + 1
        first = agreed[turn % len(agreed)]
        return [first, *(product for product in products[1:] if product != first)]

    def price_of(self, product: Product, currency: str, quantity: Decimal) -> Decimal:
        return next(price for least, price in self.prices[product.pk, currency] if quantity >= least)


def cents(amount: Decimal) -> Decimal:
    """Rounded half up, as amounts are."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def numbers(count: int) -> list[str]:
    """The next order numbers, in one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('order_number') FROM generate_series(1, %s)", [count])
        return [f"SO-{with_check(row[0])}" for row in cursor.fetchall()]


def plan(market: Market, count: int) -> list[Deal]:
    """Orders in all states, oldest first."""
    random, states = market.random, list(SHARES)
    chosen = random.choices(states, weights=list(SHARES.values()), k=count)
    days = sorted((_placed_on(market, state), state) for state in chosen)
    known: set[tuple[int, str]] = set()
    return [_deal(market, number, state, day, known) for number, (day, state) in zip(numbers(count), days, strict=True)]


def _placed_on(market: Market, state: str) -> date:
    oldest, newest = {"draft": (4, 0), "ready": (6, 0), "confirmed": (34, 2), "in_fulfilment": (40, 18),
                      "fulfilled": (75, 40), "closed": (520, 80), "cancelled": (300, 10)}[state]  # fmt: skip
    day = market.today - timedelta(days=market.random.randint(newest, oldest))
    return add_business_days(day + timedelta(days=1), -1, "BE")


def moment_on(market: Market, day: date) -> datetime:
    """A moment of the working day, never in the future."""
    random = market.random
    moment = datetime.combine(day, time(random.randint(8, 16), random.randint(0, 59)), HOME)
    return min(moment, market.now - timedelta(minutes=random.randint(5, 300)))


def _deal(market: Market, number: str, state: str, day: date, known: set[tuple[int, str]]) -> Deal:
    random = market.random
    customer = random.choices(market.customers, market.weights)[0]
    addresses = market.addresses[customer.pk]
    placed_at = moment_on(market, day)
    po = _po_number(random, day)
    while (customer.pk, po) in known:
        po = _po_number(random, day)
    known.add((customer.pk, po))
    order = Order(
        number=number, customer=customer, contact=random.choice(market.contacts[customer.pk]), po_number=po,
        po_key=key(po), po_date=day - timedelta(days=random.randint(0, 3)), state=state, currency=customer.currency,
        incoterm=customer.incoterm, terms=customer.terms, ship_to=random.choice(addresses), bill_to=addresses[0],
        site=market.site, source=random.choice(("email", "email", "entry", "phone")), placed_at=placed_at,
    )  # fmt: skip
    order.tax_reason = reason_for(customer, order.ship_to.country, market.site)
    deal = Deal(order)
    chosen = random.sample(market.products, random.choice((1, 1, 2, 2, 3, 4, 6)))
    for index, product in enumerate(market.called_off(order, chosen), 1):
        _add_line(market, deal, index * 10, product)
    _live(market, deal)
    return deal


def _po_number(random: Random, day: date) -> str:
    return random.choice(PO_SHAPES).format(n=random.randint(10_000, 99_999), y=day.year % 100)


def _add_line(market: Market, deal: Deal, position: int, product: Product) -> None:
    random, order = market.random, deal.order
    list_price = market.price_of(product, "EUR", Decimal(1))
    most = 40 if list_price < 100 else 16 if list_price < 500 else 6
    quantity = Decimal(random.randint(1, most)).quantize(THREE)
    if any(x.product == product and x.blanket_quantity for x in market.agreed_on(order)):
        quantity *= CALLED_AT_ONCE
    agreed = next((x for x in market.agreed_on(order) if x.product == product and x.minimum_quantity <= quantity), None)
    price = (agreed.unit_price if agreed else market.price_of(product, order.currency, quantity)).quantize(SIX)
    category, rate = Taxed(TaxReason(order.tax_reason), market.rates).of(product.tax_category)
    line = Line(
        order=order, position=position, product=product, description=product.name, quantity=quantity,
        cancelled_quantity=Decimal(0).quantize(THREE), unit=product.unit, unit_price=price,
        price_source="agreement" if agreed else "list", agreement_line=agreed, tax_category=category,
        tax_rate=rate.quantize(THREE), net=cents(quantity * price).quantize(FOUR),
    )  # fmt: skip
    _say(market, line)
    deal.lines.append(line)
    wanted_in = product.lead_days + random.randint(-6, 30)
    wanted = next_business_day(order.placed_at.date() + timedelta(days=max(wanted_in, 5)), order.ship_to.country)
    parts = [quantity]
    if quantity >= 4 and random.random() < 0.12:
        parts = [quantity // 2, quantity - quantity // 2]
    for index, part in enumerate(parts):
        day = next_business_day(wanted + timedelta(days=21 * index), order.ship_to.country)
        deal.rows.append(
            ScheduleLine(
                order=order, line=line, position=index + 1, quantity=part.quantize(THREE), requested_on=day,
                shipped_quantity=Decimal(0), delivered_quantity=Decimal(0),
            )
        )  # fmt: skip


def _say(market: Market, line: Line) -> None:
    """What comes in whole boxes was ordered in boxes."""
    box = market.units.get(line.product_id)
    in_boxes = line.quantity / box.factor if box else Decimal(0)
    is_whole = in_boxes >= 1 and in_boxes == int(in_boxes)
    line.ordered_quantity = in_boxes.quantize(THREE) if is_whole else line.quantity
    line.ordered_unit = "box" if is_whole else line.unit


def _live(market: Market, deal: Deal) -> None:
    """Promise, move, deliver or cancel, as the order's state implies."""
    order = deal.order
    if order.state in ("draft", "ready"):
        return
    deal.confirmed_at = min(
        order.placed_at + timedelta(hours=market.random.randint(1, 30)), market.now - timedelta(minutes=9)
    )
    order.version = 1
    for row in deal.rows:
        _promise(market, row)
    if order.state == "cancelled":
        _cancel(market, deal)
    elif order.state in ("fulfilled", "closed"):
        for row in deal.rows:
            _deliver(market, row)
    elif order.state == "in_fulfilment":
        for row in deal.rows[: max(1, len(deal.rows) // 2)]:
            _deliver(market, row)
    if order.state != "cancelled":
        _move(market, deal)
    for row in deal.rows:
        _settle_open(market, row)


def _promise(market: Market, row: ScheduleLine) -> None:
    random, place = market.random, row.order.ship_to
    later = random.choice((0, 0, 0, 0, 0, 2, 5))
    day = add_business_days(row.requested_on, later, place.country) if later else row.requested_on
    if row.order.state in ("confirmed", "in_fulfilment"):
        ahead = next_business_day(market.today + timedelta(days=random.randint(1, 25)), place.country)
        day = _late_day(market, row) or max(day, ahead)
    row.first_promised_on = row.promised_on = day
    row.state = ScheduleLine.State.PROMISED


def _late_day(market: Market, row: ScheduleLine) -> date | None:
    """A day that has passed, for the first two of the older open rows of a language and every so many after it."""
    order, language = row.order, row.order.customer.language
    if order.state != "confirmed" or order.placed_at.date() > market.today - timedelta(days=22):
        return None
    market.turns[language] = turn = market.turns.get(language, -1) + 1
    if turn > 1 and turn % LATE_EVERY:
        return None
    owner = f"late of {order.customer.owner_id}"
    if market.turns.get(owner, 0) == MOST_LATE:
        return None
    market.turns[owner] = market.turns.get(owner, 0) + 1
    days = market.random.randint(12, 16) if turn <= 1 else market.random.randint(1, 8)
    return add_business_days(market.today - timedelta(days=days), -1, order.ship_to.country)


def _deliver(market: Market, row: ScheduleLine) -> None:
    """It arrived: mostly on the day promised, sometimes before, one in nine late."""
    random, place = market.random, row.order.ship_to
    off = random.choices((0, -1, 1, 3, 6), (70, 19, 6, 3, 2))[0]
    assert row.promised_on is not None
    latest = add_business_days(market.today, -1, place.country)
    row.promised_on = row.first_promised_on = min(row.promised_on, add_business_days(latest, -7, place.country))
    floor = next_business_day(row.order.placed_at.date() + timedelta(days=2), "BE")
    came = add_business_days(row.promised_on, off, place.country) if off else row.promised_on
    row.delivered_on = min(max(came, next_business_day(floor, place.country)), latest)
    left = add_business_days(row.delivered_on, -place.transit_days, place.country)
    row.shipped_on = min(max(left, floor), row.delivered_on)
    row.shipped_quantity = row.delivered_quantity = row.quantity
    row.state = ScheduleLine.State.DELIVERED


def _cancel(market: Market, deal: Deal) -> None:
    assert deal.confirmed_at is not None
    deal.cancelled_at = min(
        deal.confirmed_at + timedelta(days=market.random.randint(1, 8)), market.now - timedelta(minutes=6)
    )
    for row in deal.rows:
        deal.asked[id(row)] = row.quantity
        row.quantity, row.state = Decimal(0).quantize(THREE), ScheduleLine.State.CANCELLED
    for line in deal.lines:
        line.cancelled_quantity, line.net = line.quantity, Decimal(0).quantize(FOUR)
    deal.order.version = 2


def _move(market: Market, deal: Deal) -> None:
    """One order in seven had a date moved: the promise before is kept as the first one."""
    if market.random.random() > 0.15 or deal.confirmed_at is None:
        return
    row = market.random.choice(deal.rows)
    assert row.promised_on is not None
    days = market.random.choice((-7, -4, 4, 7, 10))
    before = next_business_day(row.promised_on + timedelta(days=days), deal.order.ship_to.country)
    moved_at = deal.confirmed_at + timedelta(hours=market.random.randint(3, 50))
    last = row.shipped_on or market.today
    if moved_at.date() >= last or moved_at > market.now or before in (row.promised_on,) or before <= moved_at.date():
        return
    row.first_promised_on, deal.moved, deal.moved_at, deal.order.version = before, (row, before), moved_at, 2


def _settle_open(market: Market, row: ScheduleLine) -> None:
    """The last day to leave; what is late has an expected day and a reason."""
    assert row.promised_on is not None
    row.ship_by_on = ship_by(row, row.promised_on)
    if row.state == ScheduleLine.State.PROMISED and row.promised_on < market.today:
        row.expected_on = add_business_days(market.today, market.random.randint(1, 8), row.order.ship_to.country)
        row.delay_reason = market.random.choice(market.delays)
    elif row.state == ScheduleLine.State.PROMISED and row.promised_on <= market.today + timedelta(days=12):
        _put_at_risk(market, row)


def _put_at_risk(market: Market, row: ScheduleLine) -> None:
    """One in so many of the next days' lines will not make it as things look now."""
    market.turns["at risk"] = turn = market.turns.get("at risk", 0) + 1
    if turn % AT_RISK_EVERY == 0 and row.promised_on is not None:
        row.expected_on = add_business_days(row.promised_on, market.random.randint(1, 4), row.order.ship_to.country)
        row.delay_reason = market.random.choice(market.delays)


def write(deals: list[Deal]) -> None:
    """Orders, lines and schedule lines, in bulk."""
    Order.objects.bulk_create([d.order for d in deals])
    Line.objects.bulk_create([line for d in deals for line in d.lines], batch_size=2_000)
    ScheduleLine.objects.bulk_create([row for d in deals for row in d.rows], batch_size=2_000)


def reserve(market: Market, deals: list[Deal]) -> None:
    """Put on the shelves what is still to leave, and set it aside; some products have nothing over."""
    held = [
        Reservation(
            stock=market.stock[row.line.product_id], schedule_line_id=row.pk, quantity=row.quantity,
            needed_on=max(row.ship_by_on or market.today, market.today),
        )
        for deal in deals for row in deal.rows if row.state == ScheduleLine.State.PROMISED
    ]  # fmt: skip
    flows: dict[int, list[tuple[date, Decimal]]] = {}
    for one in held:
        flows.setdefault(one.stock_id, []).append((one.needed_on, -one.quantity))
    spare = {p.pk for p in market.products if p.pk % 9 == 0} - _products_of_the_job()
    for stock in Stock.objects.prefetch_related("supplies", "reservations"):
        flow = [(s.due_on, s.quantity) for s in stock.supplies.all()]
        flow += [(r.needed_on, -r.quantity) for r in stock.reservations.all()]
        needed = _least_start([*flow, *flows.get(stock.pk, [])])
        stock.on_hand = needed if stock.product_id in spare else needed + stock.on_hand
        stock.save(update_fields=["on_hand"])
    Reservation.objects.bulk_create(held)


def _products_of_the_job() -> set[int]:
    return set(Line.objects.filter(order__po_number="PO-77341").values_list("product_id", flat=True))


def _least_start(flow: list[tuple[date, Decimal]]) -> Decimal:
    """What has to lie there today so that the balance never falls below nothing."""
    running = least = Decimal(0)
    for _day, quantity in sorted(flow):
        running += quantity
        least = min(least, running)
    return -least
