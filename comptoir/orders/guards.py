"""What stands against an order while it is typed, and again when it is placed: the same answers in both places."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, Sum
from django.utils.translation import gettext as _

from comptoir.catalog import queries as catalog
from comptoir.catalog.models import AgreementLine, Product
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.prepared import Prepared
from comptoir.lib.roles import RANKS, Role
from comptoir.orders.call_offs import called_above
from comptoir.orders.models import EntryRule, Order, OrderHold, ScheduleLine

TOLERANCE = Decimal("0.02")  # a typed price within two percent of the agreed one is told, not stopped
Hold = OrderHold.Kind
RULES = Prepared(lambda: EntryRule.objects.standing().select_related("product").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line as the guards look at it."""

    product: Product
    quantity: Decimal
    unit_price: Decimal | None = None
    agreement_line: AgreementLine | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """One thing that stands against the order: a hold it gets, or a role it needs (then with the sentence why)."""

    kind: str
    sentence: str
    hold: str = ""
    needs: str = ""
    is_overridden_by_reason: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """An order's value, the customer's credit, what stands against it, and the catalogue's price of each line."""

    net: Money
    exposure: Money
    limit: Money | None
    guards: list[Guard]
    prices: list[catalog.Quoted | None]

    @property
    def holds(self) -> list[Guard]:
        return [guard for guard in self.guards if guard.hold]

    @property
    def needs(self) -> Role | None:
        """The lowest role that may place it."""
        roles = [Role(guard.needs) for guard in self.guards if guard.needs]
        return max(roles, key=lambda role: RANKS[role], default=None)

    @property
    def left(self) -> Money | None:
        """The credit that is left with this order placed."""
        return self.limit - self.exposure - self.net if self.limit is not None else None

    @property
    def over(self) -> Money | None:
        """By how much this order goes above the credit limit."""
        return self.exposure + self.net - self.limit if self.limit is not None else None


def check(customer: Customer, country: str, wanted: Sequence[Wanted], but: Order | None = None) -> Checked:
    """The value of the lines, and what stands against them (six queries, two more with call-offs).

    `but` is the order whose own lines these are, where they stand already: what it had counted for is left out.
    """
    prices = catalog.prices_for(customer, [(one.product, one.quantity) for one in wanted], clock.today())
    quoted = [
        catalog.by_agreement(one.agreement_line) if one.agreement_line else price
        for one, price in zip(wanted, prices, strict=True)
    ]
    rules = RULES()
    net = Money(Decimal(0), customer.currency)
    for one, price in zip(wanted, quoted, strict=True):
        net += _net(one, price, customer.currency)
    exposure = exposure_of(customer, but) if customer.credit is not None else Money(Decimal(0), customer.currency)
    guards = [
        *_prices(wanted, quoted, rules, customer.currency),
        *_minimum(net, rules),
        *above_credit(customer, exposure, net),
        *called_above(wanted, quoted, net, but),
    ]
    return Checked(net, exposure, customer.credit, guards + _holds(rules, country, wanted), prices)


def _net(one: Wanted, quoted: catalog.Quoted | None, currency: str) -> Money:
    if one.unit_price is not None:
        return Money(one.quantity * one.unit_price, currency).quantized()
    return Money(one.quantity * quoted.unit_price / quoted.per if quoted else Decimal(0), currency).quantized()


def exposure_of(customer: Customer, but: Order | None = None) -> Money:
    """What the customer owes us or will: the value confirmed and not shipped yet, one order left out.

    Billing adds what is invoiced and unpaid here; nothing else asks for the credit used.
    """
    rows = ScheduleLine.objects.filter(
        order__customer=customer,
        order__currency=customer.currency,
        order__state__in=(Order.State.CONFIRMED, Order.State.IN_FULFILMENT),
    )
    value = ExpressionWrapper(
        (F("quantity") - F("shipped_quantity")) * F("line__unit_price") / F("line__per"),
        output_field=DecimalField(max_digits=30, decimal_places=10),
    )
    rows = rows.exclude(order=but) if but is not None else rows
    total = rows.aggregate(total=Sum(value))["total"] or Decimal(0)
    return Money(total, customer.currency).quantized()


def above_credit(customer: Customer, exposure: Money, net: Money) -> list[Guard]:
    """What stands against an order when it and what is open go above the customer's limit."""
    limit = customer.credit
    if limit is None or exposure + net <= limit:
        return []
    told = _("{amount} open and ordered is above the credit limit of {limit}.")
    return [Guard("credit", told.format(amount=exposure + net, limit=limit), hold=Hold.CREDIT)]


def _minimum(net: Money, rules: Sequence[EntryRule]) -> list[Guard]:
    for rule in rules:
        if rule.kind == EntryRule.Kind.MINIMUM and rule.currency == net.currency and net.amount and rule.amount:
            least = Money(rule.amount, rule.currency)
            if net < least:
                told = _("{net} is below the minimum order value of {least}.").format(net=net, least=least)
                return [Guard("minimum", told, needs=Role.SENIOR, is_overridden_by_reason=True)]
    return []


def _prices(
    wanted: Sequence[Wanted], quoted: Sequence[catalog.Quoted | None], rules: Sequence[EntryRule], currency: str
) -> list[Guard]:
    limits = {
        rule.role: rule.percent for rule in rules if rule.kind == EntryRule.Kind.DISCOUNT and rule.percent is not None
    }
    found = (_price(one, price, limits, currency) for one, price in zip(wanted, quoted, strict=True))
    return [guard for guard in found if guard is not None]


def _price(one: Wanted, quoted: catalog.Quoted | None, limits: dict[str, Decimal], currency: str) -> Guard | None:
    """A typed price apart from the catalogue's: below it by authority, above it held until somebody looked."""
    if one.unit_price is None or quoted is None or not quoted.unit_price:
        return None
    agreed = quoted.unit_price / quoted.per
    apart = (one.unit_price - agreed) / agreed
    said = {"product": one.product, "price": Money(agreed, currency), "percent": f"{abs(apart) * 100:.1f}"}
    if apart > TOLERANCE:
        return Guard("price", _("{product}: {percent} % above {price}.").format(**said), hold=Hold.PRICE)
    if apart >= 0:
        return None
    needs = _role_for(-apart * 100, limits)
    return Guard("price", _("{product}: {percent} % below {price}.").format(**said), needs=needs)


def _role_for(percent: Decimal, limits: dict[str, Decimal]) -> str:
    """The lowest role that may go so far below the price; nothing where no limit is set at all."""
    if not limits:
        return ""
    enough = [Role(role) for role, most in limits.items() if percent <= most]
    return str(min(enough, key=lambda role: RANKS[role], default=Role.MANAGER))


def _holds(rules: Sequence[EntryRule], country: str, wanted: Sequence[Wanted]) -> list[Guard]:
    products = {one.product.pk for one in wanted}
    hit = [
        rule for rule in rules
        if rule.kind in EntryRule.HOLDS and rule.country in ("", country)
        and (rule.product_id is None or rule.product_id in products)
    ]  # fmt: skip
    return [Guard(rule.kind, _about(rule), hold=rule.kind) for rule in hit]


def _about(rule: EntryRule) -> str:
    about = " · ".join(str(part) for part in (rule.product, rule.country) if part)
    return f"{about}: {rule.note}"
