"""VAT by who buys from where: the category and rate of a line, and why (EN 16931 categories; Directive 2006/112/EC)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from comptoir.catalog.models import Site
from comptoir.catalog.queries import tax_rates
from comptoir.customers.models import Customer
from comptoir.customers.tax import is_union, union_state

OF_ITSELF = ("E", "O")  # exempt or outside the scope wherever it goes


class Reason(models.TextChoices):
    """Why VAT is charged as it is."""

    DOMESTIC = "domestic", _("Delivered in our own country: its VAT")
    UNION = (
        "union",
        _("To a business in another EU country, with a valid VAT number: no VAT, the customer accounts for it"),
    )
    EXPORT = "export", _("Exported: no VAT")
    NO_NUMBER = "no_number", _("To another EU country without a VAT number: our own VAT")
    BAD_NUMBER = "bad_number", _("To another EU country, and the VAT number is not a valid one: our own VAT")


FREE = {Reason.UNION: "K", Reason.EXPORT: "G"}


@dataclass(frozen=True, slots=True)
class Taxed:
    """How what goes to one customer from one site is taxed: why, and the rates of the site's country."""

    reason: Reason
    rates: dict[str, Decimal]

    def of(self, category: str) -> tuple[str, Decimal]:
        """The category and rate of a line, from its product's own category."""
        if self.reason in FREE and category not in OF_ITSELF:
            return FREE[self.reason], Decimal(0)
        return category, self.rates.get(category, Decimal(0))

    @property
    def rate(self) -> Decimal:
        """What goods of the standard rate are charged."""
        return self.of("S")[1]


def reason_for(customer: Customer, country: str, site: Site) -> Reason:
    """Why what goes from a site to a country is taxed as it is."""
    if country == site.country:
        return Reason.DOMESTIC
    if not (is_union(country) and is_union(site.country)):
        return Reason.EXPORT
    if customer.kind == Customer.Kind.PERSON or not customer.tax_id.strip():
        return Reason.NO_NUMBER
    state = union_state(customer.tax_id, customer.country)
    return Reason.UNION if state and state != site.country else Reason.BAD_NUMBER


def taxed(customer: Customer, country: str, site: Site, on: date) -> Taxed:
    """How what goes from a site to a country on a day is taxed (one query)."""
    return Taxed(reason_for(customer, country, site), tax_rates(site.country, on))
