"""Units a product is ordered in beside its own: one box = 12 pcs."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from comptoir.catalog.models import Product, ProductUnit


def factors_of(products: Iterable[Product]) -> dict[tuple[int, str], Decimal]:
    """How many of its own unit each other unit of the products is (one query), by product and the unit in small letters."""
    rows = ProductUnit.objects.filter(product__in={product.pk for product in products})
    return {(row.product_id, row.unit.lower()): row.factor for row in rows}


def refuse_uncounted(quantity: Decimal) -> None:
    """Raise ValueError for a quantity finer than what is counted: its parts would not add up any more."""
    if not is_counted(quantity):
        raise ValueError(_("A quantity has at most three decimals."))


def is_counted(quantity: Decimal) -> bool:
    """True for a quantity of three decimals at most, however large it is."""
    exponent = Decimal(quantity).normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -3


def in_own_units(wanted: Sequence[tuple[Product, Decimal, str]]) -> list[Decimal]:
    """Each quantity in the product's own unit; no query when all are.

    Raises ValueError for a unit the product has not, or a quantity that has more than three decimals, as said or in its own unit.
    """
    others = [product for product, _quantity, unit in wanted if unit and unit.lower() != product.unit.lower()]
    factors = factors_of(others) if others else {}
    return [_own(product, quantity, unit, factors) for product, quantity, unit in wanted]


def _own(product: Product, quantity: Decimal, unit: str, factors: dict[tuple[int, str], Decimal]) -> Decimal:
    refuse_uncounted(quantity)
    if not unit or unit.lower() == product.unit.lower():
        return quantity
    factor = factors.get((product.pk, unit.lower()))
    if factor is None:
        known = ", ".join([product.unit, *(name for pk, name in factors if pk == product.pk)])
        raise ValueError(
            _("{product} is not ordered in «{unit}», but in: {known}.").format(
                product=product.number, unit=unit, known=known
            )
        )
    own = quantity * factor
    if not is_counted(own):
        told = _("{quantity} {unit} of {product} is no quantity with three decimals.")
        raise ValueError(told.format(quantity=quantity, unit=unit, product=product.number))
    return own
