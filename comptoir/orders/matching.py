"""From what a document says to what the grid of an order holds: parts by our number, the customer's or the name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from comptoir.catalog.models import CustomerPart, Product
from comptoir.catalog.queries import Part, prices_for
from comptoir.catalog.units import factors_of
from comptoir.customers.models import Address, Customer
from comptoir.lib import clock
from comptoir.lib.text import fold
from comptoir.orders.extract.discounts import net_price
from comptoir.orders.extract.layout import Layout
from comptoir.orders.extract.vocabulary import unit_of
from comptoir.orders.inbound import Fields, Inbound, said, spelled, taken
from comptoir.orders.typed import Typed

Boxes = dict[tuple[int, str], tuple[str, Decimal]]

PIECE = re.compile(r"[\w][\w./\-]{2,}")


@dataclass(frozen=True, slots=True)
class Names:
    """The parts some texts may name: by our number, by the customer's, by the name."""

    ours: dict[str, Product]
    theirs: dict[str, CustomerPart]
    named: dict[str, list[Product]]

    def part(self, text: str) -> Part | None:
        """What exactly a text names; None where it names nothing, or several."""
        plain = text.strip().casefold()
        if plain in self.ours:
            return Part(self.ours[plain])
        if plain in self.theirs:
            row = self.theirs[plain]
            return Part(row.product, row.part_number)
        several = self.named.get(fold(text)) or []
        return Part(several[0]) if len(several) == 1 else None


def texts_of(line: Fields) -> list[str]:
    """What may name a line's part, the likeliest first: its part column, its description, the words in both."""
    part, description = said(line, "part"), said(line, "description")
    pieces = [p.strip(".,;:-/") for p in PIECE.findall(f"{part} {description}") if any(c.isdigit() for c in p)]
    return [t for t in (part, description, *pieces) if t]


def names_of(customer: Customer | None, texts: Iterable[str]) -> Names:
    """The products that some texts may name (three queries)."""
    every = {t.strip() for t in texts if t.strip()}
    upper = {t.upper() for t in every}
    ours = {p.number.casefold(): p for p in Product.objects.filter(number__in=every | upper)}
    mine = CustomerPart.objects.filter(customer=customer).select_related("product") if customer else []
    theirs = {row.part_number.casefold(): row for row in mine}
    named: dict[str, list[Product]] = {}
    for product in Product.objects.filter(sort_key__in={fold(t) for t in every}):
        named.setdefault(product.sort_key, []).append(product)
    return Names(ours, theirs, {name: still_sold(several) for name, several in named.items()})


def still_sold(products: list[Product]) -> list[Product]:
    """Those of one name that are sold; where none is any more, all of them."""
    return [one for one in products if one.state != Product.State.ENDED] or products


def products_of(customer: Customer | None, inbound: Inbound, layout: Layout) -> list[Part | None]:
    """The part each line of a document means."""
    texts = [texts_of(line) for line in inbound.lines]
    names = names_of(customer, [t for some in texts for t in some] + list(layout.parts.values()))
    return [_meant(some, names, layout) for some in texts]


def _meant(texts: list[str], names: Names, layout: Layout) -> Part | None:
    taught = next((layout.parts[t] for t in texts if t in layout.parts), "")
    if taught and taught.casefold() in names.ours:
        return Part(names.ours[taught.casefold()])
    return next((part for t in texts if (part := names.part(t)) is not None), None)


def grid(customer: Customer, inbound: Inbound, layout: Layout) -> list[Typed]:
    """The lines as they stand in the grid; a price only where nothing is agreed, for what is agreed holds."""
    parts = products_of(customer, inbound, layout)
    boxes = _boxes(part.product for part in parts if part)
    lines = []
    for line, part in zip(inbound.lines, parts, strict=True):
        text = (part.customer_part or part.product.number) if part else said(line, "part") or said(line, "description")
        day = _typed(said(line, "requested_on") or inbound.said("requested_on"))
        box = boxes.get((part.product.pk, unit_of(said(line, "unit")))) if part else None
        typed = Typed(text, f"{said(line, 'quantity')} {box[0]}" if box else said(line, "quantity"), day)
        if part and (value := taken(line)):
            typed.written, typed.taken_for = spelled(value.raw), value.text
        lines.append(typed)
    _price(customer, inbound, lines, parts, boxes)
    return lines


def _boxes(products: Iterable[Product]) -> Boxes:
    """The units the products are ordered in beside their own, by what a document calls them."""
    found = factors_of(products)
    return {(pk, unit_of(unit)): (unit, factor) for (pk, unit), factor in found.items()}


def _typed(day: str) -> str:
    """A day as the grid writes it; nothing for none."""
    return f"{date.fromisoformat(day):%-d.%-m.%Y}" if day else ""


def _price(customer: Customer, inbound: Inbound, lines: list[Typed], parts: list[Part | None], boxes: Boxes) -> None:
    """Where nothing is agreed the document's price is entered; where it is another than agreed, it stands beside.

    A price in another currency than the customer's is never entered: it stands beside with its own.
    """
    known = [(i, part.product) for i, part in enumerate(parts) if part]
    factors = [boxes.get((p.pk, unit_of(said(inbound.lines[i], "unit"))), ("", Decimal(1)))[1] for i, p in known]
    amounts = [(_number(inbound.lines[i]) or Decimal(1)) * n for (i, _p), n in zip(known, factors, strict=True)]
    wanted = [(product, amount) for (_i, product), amount in zip(known, amounts, strict=True)]
    prices = prices_for(customer, wanted, clock.today()) if wanted else []
    is_foreign = inbound.said("currency") not in ("", customer.currency)
    for (i, _product), factor, quoted in zip(known, factors, prices, strict=True):
        if not said(inbound.lines[i], "unit_price"):
            continue
        agreed = quoted.unit_price / quoted.per if quoted else None
        each = price_of_one(inbound.lines[i], factor, agreed)
        if is_foreign:
            lines[i].theirs = each
        elif agreed is None:
            lines[i].unit_price = f"{each.normalize():f}"
        elif each != agreed:
            lines[i].theirs = each


def price_of_one(line: Fields, factor: Decimal, ours: Decimal | None) -> Decimal:
    """What one of our own unit costs by a document: its price is that of a box, or of a piece where that is nearer to ours."""
    each = net_price(line) / Decimal(said(line, "per") or 1)
    if factor == 1 or ours is None:
        return each if factor == 1 else round(each / factor, 6)
    return min((round(each / factor, 6), each), key=lambda price: abs(price - ours))


def _number(line: Fields) -> Decimal | None:
    return Decimal(said(line, "quantity")) if said(line, "quantity") else None


def ship_to_of(customer: Customer, text: str, layout: Layout) -> Address | None:
    """The address of a customer that a text means: as taught, else by postcode and street."""
    addresses: list[Address] = list(customer.addresses.order_by("pk"))
    if (taught := layout.ship_to.get(fold(text))) is not None:
        return next((a for a in addresses if a.pk == taught), None)
    return (
        max(addresses, key=lambda a: alike(a, text), default=None)
        if text and any(alike(a, text) for a in addresses)
        else None
    )


def alike(address: Address, text: str) -> int:
    """How much of an address a text names: its postcode, city and street."""
    plain, squeezed = fold(text), fold(text).replace(" ", "")
    postcode = fold(address.postcode).replace(" ", "")
    return (
        2 * bool(postcode and postcode in squeezed)
        + bool(fold(address.city) in plain)
        + 2 * bool(address.street and fold(address.street) in plain)
    )
