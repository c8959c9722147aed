"""Net, tax and gross of an order (EN 16931: tax once per rate on the sum of its lines)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from comptoir.lib.money import Money
from comptoir.orders.models import Line, Order


@dataclass(frozen=True, slots=True)
class Totals:
    """`rates` has rate, base and tax of each."""

    net: Money
    tax: Money
    gross: Money
    rates: list[tuple[Decimal, Money, Money]]


def totals(order: Order, lines: Iterable[Line] | None = None) -> Totals:
    """The order's sums as its lines stand; one query unless they are at hand."""
    currency = order.currency
    bases: dict[Decimal, Money] = defaultdict(lambda: Money(Decimal(0), currency))
    for line in order.lines.all() if lines is None else lines:
        bases[line.tax_rate] = bases[line.tax_rate] + Money(line.net, currency)
    rates = [(rate, base, (base * (rate / 100)).quantized()) for rate, base in sorted(bases.items())]
    zero = Money(Decimal(0), currency)
    net = sum((base for _rate, base, _tax in rates), zero).quantized()
    tax = sum((tax for _rate, _base, tax in rates), zero)
    return Totals(net, tax, net + tax, rates)
