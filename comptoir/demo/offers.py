"""What the demo company offers: quotes in every state, orders begun, and the rules that entry keeps to."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import connection

from comptoir.catalog.models import Price, Product
from comptoir.catalog.queries import Quoted, prices_for
from comptoir.customers.models import Address, Contact, Customer
from comptoir.demo.ledger import Ledger
from comptoir.demo.moments import worked
from comptoir.lib.calendar import next_business_day
from comptoir.lib.money import Money
from comptoir.lib.numbers import with_check
from comptoir.lib.roles import Role
from comptoir.orders import verbs
from comptoir.orders.models import EntryRule, Order, OrderDraft, Quote, QuoteLine, QuoteVersion
from comptoir.orders.quoting import snapshot
from comptoir.people.models import Member

# State, days since it was written, and how many there are of it; each is valid for thirty days.
PLAN = (
    ("draft", 1, 3),
    ("sent", 3, 4),
    ("sent", 10, 3),
    ("sent", 27, 3),
    ("accepted", 40, 6),
    ("declined", 24, 4),
    ("expired", 60, 3),
)
REASONS = (
    "Le concurrent est 8 % moins cher",
    "Project postponed to next year",
    "Leveringstiden er for lang",
    "Bought second-hand pumps instead",
)
REFERENCES = ("RFQ {n}", "DP-{n}", "Anfrage {n}", "REQ/{n}", "")
DISCOUNTS = ((Role.REP, 5), (Role.SENIOR, 10), (Role.SPECIALIST, 10), (Role.SUPERVISOR, 15), (Role.MANAGER, 30))
NOTES = {
    "fr": "Merci de votre demande. Le délai court à partir de la commande.",
    "da": "Tak for Deres forespørgsel. Leveringstiden regnes fra ordredato.",
    "sk": "Ďakujeme za váš dopyt. Dodacia lehota plynie od objednávky.",
    "bg": "Благодарим за запитването. Срокът тече от датата на поръчката.",
    "en": "Thank you for your enquiry. The lead time begins with the order.",
}


def build(customers: list[Customer], now: datetime, ledger: Ledger) -> None:
    """Write everything beside the orders that stand already."""
    random = Random("offers")
    _rules()
    owned = [c for c in customers if c.owner_id]
    if not owned:
        return
    quotes = _quotes(owned, now, random)
    _freeze(quotes)
    for quote in quotes:
        _tell(quote, ledger)
    _drafts(owned, now, random)


def _rules() -> None:
    """A rep goes five percent below the price; what needs a certificate or a licence is held."""
    rules = [EntryRule(kind="discount", role=role, percent=percent) for role, percent in DISCOUNTS]
    rules.append(EntryRule(kind="minimum", amount=Decimal(75), currency="EUR"))
    rules.append(EntryRule(kind="document", country="CH", note="Proof of origin before the goods leave"))
    controlled = Product.objects.filter(number__startswith="DP-").order_by("-number").first()
    if controlled:
        rules.append(EntryRule(kind="export", product=controlled, note="End-use statement, list I.B. 2B350"))
    EntryRule.objects.bulk_create(rules)


def _numbers(count: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('quote_number') FROM generate_series(1, %s)", [count])
        return [f"QU-{with_check(row[0])}" for row in cursor.fetchall()]


def _quotes(customers: Sequence[Customer], now: datetime, random: Random) -> list[Quote]:
    orders = _orders(customers)
    planned = [entry for entry in PLAN for _ in range(entry[2])]
    made: list[Quote] = []
    for number, (state, age, _count) in zip(_numbers(len(planned)), planned, strict=True):
        order = orders.pop() if state == "accepted" and orders else None
        if state == "accepted" and order is None:
            continue
        customer = order.customer if order else random.choice(customers)
        at = worked(now - timedelta(days=age, hours=random.randint(0, 5)), now)
        made.append(_quote(number, state, customer, order, at))
    _people(made, random, now.date())
    Quote.objects.bulk_create(made)
    QuoteLine.objects.bulk_create(line for quote in made for line in _lines(quote, random, now.date()))
    return made


def _orders(customers: Sequence[Customer]) -> list[Order]:
    """Confirmed orders that a quote may have led to, of different customers."""
    rows = Order.objects.filter(customer__in=customers, state="confirmed").order_by("customer", "-placed_at")
    return list(rows.distinct("customer").select_related("customer")[:12])


def _quote(number: str, state: str, customer: Customer, order: Order | None, at: datetime) -> Quote:
    quote = Quote(
        number=number, customer=customer, state=state, currency=customer.currency, terms=customer.terms,
        incoterm=customer.incoterm, created_at=at, valid_until=(at + timedelta(days=30)).date(), order=order,
        owner_id=customer.owner_id or 0, note=NOTES.get(customer.language, NOTES["en"]),
    )  # fmt: skip
    if state != "draft":
        quote.sent_at = at + timedelta(hours=1)
    if state in ("accepted", "declined"):
        quote.answered_at = (order.placed_at if order else at + timedelta(days=6)) if quote.sent_at else None
    if order is not None:
        quote.created_at, quote.sent_at = order.placed_at - timedelta(days=9), order.placed_at - timedelta(days=8)
        quote.contact, quote.ship_to, quote.reference = order.contact, order.ship_to, order.po_number
    return quote


def _people(quotes: Sequence[Quote], random: Random, today: date) -> None:
    buyers = {quote.customer_id for quote in quotes}
    people = {c.customer_id: c for c in Contact.objects.filter(customer__in=buyers, is_active=True).order_by("-pk")}
    places = {a.customer_id: a for a in Address.objects.filter(customer__in=buyers).order_by("-pk")}
    for index, quote in enumerate(quotes):
        quote.contact = quote.contact or people.get(quote.customer_id)
        quote.ship_to = quote.ship_to or places.get(quote.customer_id)
        quote.reference = quote.reference or random.choice(REFERENCES).format(n=random.randint(1000, 9999))
        if quote.state == Quote.State.DECLINED:
            quote.decline_reason = REASONS[index % len(REASONS)]


def _lines(quote: Quote, random: Random, today: date) -> list[QuoteLine]:
    """Those of the order it led to, else two to five products at the customer's prices, one of them a little below."""
    if quote.order is not None:
        return [
            QuoteLine(
                quote=quote, position=x.position, product=x.product, description=x.description, quantity=x.quantity,
                unit=x.unit, unit_price=x.unit_price, per=x.per, price_source="list", net=x.net,
            )
            for x in quote.order.lines.select_related("product")
        ]  # fmt: skip
    prices = Price.objects.filter(customer=None, customer_class="", minimum_quantity=1, currency=quote.currency)
    chosen = random.sample(list(prices.select_related("product").order_by("pk")), random.randint(2, 5))
    wanted = [(price.product, Decimal(random.choice((1, 2, 4, 5, 10, 20, 50)))) for price in chosen]
    found = zip(wanted, prices_for(quote.customer, wanted, today), strict=True)
    return [_line(quote, index * 10, *one, price, today) for index, (one, price) in enumerate(found, 1) if price]


def _line(quote: Quote, position: int, product: Product, quantity: Decimal, price: Quoted, today: date) -> QuoteLine:
    own = position == 10
    unit_price = (price.unit_price * Decimal("0.97")).quantize(Decimal("0.01")) if own else price.unit_price
    return QuoteLine(
        quote=quote, position=position, product=product, description=product.name, quantity=quantity, unit=product.unit,
        unit_price=unit_price, per=price.per, price_source="manual" if own else price.source,
        agreement_line_id=None if own else price.agreement_line,
        requested_on=next_business_day(today + timedelta(days=28), quote.customer.country),
        net=Money(quantity * unit_price / price.per, quote.currency).quantized().amount,
    )  # fmt: skip


def _freeze(quotes: Sequence[Quote]) -> None:
    QuoteVersion.objects.bulk_create(
        QuoteVersion(quote=quote, version=1, snapshot=snapshot(quote), sent_at=quote.sent_at)
        for quote in quotes
        if quote.sent_at is not None
    )


def _tell(quote: Quote, ledger: Ledger) -> None:
    by, on, number = quote.owner, [quote, quote.customer], quote.number
    ledger.write(verbs.QUOTED, by, on, quote.created_at, number=number)
    if quote.sent_at is not None:
        ledger.write(verbs.QUOTE_SENT, by, on, quote.sent_at, number=number, version=1, until=quote.valid_until)
    if quote.answered_at is None:
        return
    if quote.order is not None:
        ledger.write(
            verbs.QUOTE_ACCEPTED, by, [*on, quote.order], quote.answered_at, number=number, order=quote.order.number
        )
    else:
        ledger.write(verbs.QUOTE_DECLINED, by, on, quote.answered_at, number=number, reason=quote.decline_reason)


def _drafts(customers: Sequence[Customer], now: datetime, random: Random) -> None:
    """Two orders the first rep began this morning."""
    rep = Member.objects.filter(email__startswith="emma@").first()
    products = list(Product.objects.filter(state="active").order_by("number"))
    if rep is None:
        return
    theirs = [customer for customer in customers if customer.owner_id == rep.pk][:2]
    for index, customer in enumerate(theirs):
        day = f"{next_business_day(now.date() + timedelta(days=21), customer.country):%-d.%-m.%Y}"
        rows = [
            {"part": one.number, "quantity": str(random.choice((2, 5, 10))), "requested_on": day, "unit_price": ""}
            for one in random.sample(products, 4 - index)
        ]
        fields = {"po_number": f"PO-{random.randint(10_000, 99_999)}"}
        OrderDraft.objects.create(
            member=rep, customer=customer, fields=fields, rows=rows, updated_at=now - timedelta(minutes=20 + 40 * index)
        )
