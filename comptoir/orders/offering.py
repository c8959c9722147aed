"""A product offered to a customer while one writes to them or enters their order: price, first day, freight, in their words."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal

from comptoir.catalog import queries as catalog
from comptoir.catalog.models import FreightZone, Product
from comptoir.catalog.units import in_own_units
from comptoir.customers.models import Address, Customer
from comptoir.lib.money import Money
from comptoir.lib.units import unit_in
from comptoir.orders.papers import language_of
from comptoir.orders.queries import Offer, offer

WORDS = Path(__file__).resolve().parent / "offering.toml"


@dataclass(frozen=True, slots=True)
class Freight:
    """About what the freight of some weight costs, by which zone."""

    zone: FreightZone
    weight_kg: Decimal
    cost: Money


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be said to a customer of a quantity of a product."""

    customer: Customer
    quantity: Decimal
    said: tuple[Decimal, str]
    place: Address | None
    offer: Offer | None
    freight: Freight | None


def offered(customer: Customer, product: Product, quantity: Decimal, unit: str = "") -> Offered:
    """What a customer would pay, when it could arrive at their first ship-to, and about what freight costs.

    Raises ValueError for a unit the product has not.
    """
    said, quantity = (quantity, unit or product.unit), in_own_units([(product, quantity, unit)])[0]
    places = list(customer.addresses.order_by("pk"))
    place = next((one for one in places if "ship_to" in one.roles), places[0] if places else None)
    site = catalog.home()
    told = offer(customer, place, site, product, quantity) if place and site else None
    country = place.country if place else customer.country
    return Offered(customer, quantity, said, place, told, freight_of(product, quantity, country))


def freight_of(product: Product, quantity: Decimal, country: str) -> Freight | None:
    """About what a delivery costs; None where the weight or the country's zone is not known."""
    zone = FreightZone.objects.filter(countries__contains=[country]).first()
    if zone is None or product.weight_kg is None:
        return None
    weight = product.weight_kg * quantity
    return Freight(zone, weight, zone.cost_of(weight))


@dataclass(frozen=True, slots=True)
class Extra:
    """About what a faster transport costs more, by which zone."""

    zone: FreightZone
    cost: Money


def extra_of(product: Product, quantity: Decimal, country: str) -> Extra | None:
    """About what a faster delivery costs more; None where the weight or a faster tariff is not known (one query)."""
    usual = freight_of(product, quantity, country)
    cost = usual.zone.extra_of(usual.weight_kg) if usual else None
    return Extra(usual.zone, cost) if usual and cost is not None else None


@cache
def words_of(language: str) -> dict[str, str]:
    """The words of the line; English where we have none in that language."""
    known: dict[str, dict[str, str]] = tomllib.loads(WORDS.read_text())
    return known.get(language, known["en"])


def sentence(product: Product, about: Offered) -> str:
    """The line about it in the customer's language: how much of what, its price, the first day it can arrive."""
    language, told = language_of(about.customer), about.offer
    words = words_of(language)
    price = words["price"].format(price=_price(told.quoted, about, product)) if told and told.quoted else ""
    day = format_date(told.arrives_on, "long", locale=language) if told and told.arrives_on else ""
    what = f"{_amount(product, about, language)} {product.name} ({product.number})"
    return f"{what}: {price or words['no_price']}, {words['day'].format(day=day) if day else words['no_day']}"


def _amount(product: Product, about: Offered, language: str) -> str:
    """How much, in the unit it was said in: 2 box = 20 pcs."""
    (quantity, unit), own = about.said, f"{_number(about.quantity, language)} {unit_in(product.unit, language)}"
    return own if unit == product.unit else f"{_number(quantity, language)} {unit_in(unit, language)} = {own}"


def _number(quantity: Decimal, language: str) -> str:
    return str(format_decimal(quantity, "#,##0.###", locale=language))


def _price(quoted: catalog.Quoted, about: Offered, product: Product) -> str:
    language = language_of(about.customer)
    amount = Money(quoted.unit_price, about.customer.currency).exactly(language)
    unit = unit_in(product.unit, language)
    per = f"{quoted.per} {unit}" if quoted.per != 1 else unit
    return f"{amount} / {per}"
