"""Lines as people type or paste them: texts become parts, quantities, days and prices, or a sentence says why not."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from comptoir.catalog.models import AgreementLine, Product
from comptoir.catalog.queries import Part, agreements_named, parts_named, parts_named_each
from comptoir.catalog.units import in_own_units, refuse_uncounted
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.numbers import number
from comptoir.lib.said_days import day
from comptoir.orders.models import QuoteLine

AGREEMENT = re.compile(r"[A-Za-z]+-?\d+")
SAID = re.compile(r"(\d[\d.,'’\s]*?)\s*([^\W\d_][^\W_]{0,15})\.?")


@dataclass(slots=True)
class Typed:
    """One line of the grid: the texts as they came, and what they mean or why they mean nothing.

    The price may be the number of the agreement it is to be taken from. `theirs` is what a document says of the price
    where it is another than the agreed one; `taken_for` the name that was taught, of which a mail writes another form.
    """

    part: str = ""
    quantity: str = ""
    requested_on: str = ""
    unit_price: str = ""
    errors: list[str] = field(default_factory=list)
    found: Part | None = None
    said: Decimal | None = None
    unit: str = ""
    amount: Decimal | None = None
    day: date | None = None
    price: Decimal | None = None
    theirs: Decimal | None = None
    written: str = ""
    taken_for: str = ""
    named: list[Part] | None = None
    agreement: AgreementLine | None = None
    agreements: dict[str, list[AgreementLine]] | None = None

    @classmethod
    def of(cls, cells: Mapping[str, str]) -> "Typed":
        """A line from its texts by name."""
        part, quantity = cells.get("part", ""), cells.get("quantity", "")
        return cls(part, quantity, cells.get("requested_on", ""), cells.get("unit_price", ""))

    @property
    def is_empty(self) -> bool:
        return not any((self.part, self.quantity, self.unit_price))

    @property
    def said_otherwise(self) -> bool:
        """True when the day was said in other words than its date: +10, wk 50."""
        return bool(self.day) and not self.requested_on.strip().replace(".", "").isdigit()

    @property
    def as_input(self) -> dict[str, Any]:
        """The line as `orders.place` takes it."""
        assert self.found is not None
        return {
            "product": self.found.product.pk, "customer_part": self.found.customer_part,
            "quantity": str(self.said), "unit": self.unit,
            "requested_on": self.day.isoformat() if self.day else "",
            "unit_price": "" if self.price is None else str(self.price),
            "agreement_line": self.agreement.pk if self.agreement else "",
        }  # fmt: skip


def quantity_of(line: QuoteLine) -> str:
    """A quoted quantity as it would be typed: 5 box where it was said so."""
    if line.is_said_otherwise and line.ordered_quantity is not None:
        return f"{line.ordered_quantity.normalize():f} {line.ordered_unit}"
    return f"{line.quantity.normalize():f}"


def read_each(customer: Customer, lines: Sequence[Typed]) -> list[Typed]:
    """`read` for many lines, their parts and the agreements they name found together."""
    found = parts_named_each(customer, [line.part for line in lines])
    agreements = _named(customer, lines)
    for line in lines:
        line.agreements = agreements
    return [read(customer, line, named) for line, named in zip(lines, found, strict=True)]


def _named(customer: Customer, lines: Sequence[Typed]) -> dict[str, list[AgreementLine]]:
    """The agreements that stand where a price would, by number."""
    numbers = {text for line in lines if AGREEMENT.fullmatch(text := line.unit_price.strip())}
    return agreements_named(customer, numbers, clock.today()) if numbers else {}


def read(customer: Customer, line: Typed, named: list[Part] | None = None) -> Typed:
    """Find out what the line means; `errors` says what cannot be read. `named`: the parts it names, where they are known."""
    line.named = named
    for reader in (_read_part, _read_quantity, _read_day, _read_price):
        try:
            reader(customer, line)
        except ValueError as error:
            line.errors.append(str(error))
    return line


def _read_part(customer: Customer, line: Typed) -> None:
    if not line.part.strip():
        raise ValueError(_("Which part? Give our number, the customer's, or the name."))
    named = parts_named(customer, line.part) if line.named is None else line.named
    if not named:
        raise ValueError(_("There is no part «{part}».").format(part=line.part.strip()))
    if len(named) > 1:
        numbers = ", ".join(part.product.number for part in named)
        raise ValueError(_("«{part}» is several parts: {numbers}.").format(part=line.part.strip(), numbers=numbers))
    if named[0].product.state == Product.State.ENDED:
        raise ValueError(_("{product} is no longer sold.").format(product=named[0].product))
    line.found = named[0]


def _read_quantity(_customer: Customer, line: Typed) -> None:
    parts = SAID.fullmatch(line.quantity.strip())
    line.said, line.unit = number(parts[1] if parts else line.quantity), parts[2].strip() if parts else ""
    if line.said is None or line.said <= 0:
        raise ValueError(_("The quantity has to be a number above zero."))
    refuse_uncounted(line.said)
    line.amount = line.said
    if line.unit and line.found:
        line.amount = in_own_units([(line.found.product, line.said, line.unit)])[0]


def _read_day(_customer: Customer, line: Typed) -> None:
    line.day = day(line.requested_on)
    if line.day is None:
        raise ValueError(_("When does the customer want it?"))
    if line.day < clock.today():
        raise ValueError(_("The requested day is over."))


def _read_price(customer: Customer, line: Typed) -> None:
    text = line.unit_price.strip()
    if not AGREEMENT.fullmatch(text):
        line.price = number(text)
        return
    agreements = _named(customer, [line]) if line.agreements is None else line.agreements
    lines = agreements.get(text.upper(), [])
    if not lines:
        raise ValueError(_("{customer} has no agreement «{number}» that holds today.").format(
            customer=customer, number=text))  # fmt: skip
    if line.found is None:
        return
    about = [one for one in lines if one.product_id == line.found.product.pk]
    if not about:
        told = _("{agreement} says nothing of {product}.")
        raise ValueError(told.format(agreement=lines[0].agreement, product=line.found.product))
    line.agreement = next((one for one in about if one.minimum_quantity <= (line.amount or 0)), about[-1])
