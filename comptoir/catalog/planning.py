"""What a table would change, row by row: nothing is written here."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError
from comptoir.actions.editing import plain, shown
from comptoir.catalog import queries, sheet
from comptoir.catalog.fields import TAX_CATEGORIES, is_part_number
from comptoir.catalog.holders import holders, offers
from comptoir.catalog.models import Pledge, Price, Product, Reservation, Site, Stock
from comptoir.lib import places
from comptoir.lib.text import fold

NAMES: dict[str, tuple[str, ...]] = {
    "number": ("part number", "number", "part", "item", "sku", "product"),
    "name": ("name", "product name"),
    "description": ("description",),
    "unit": ("unit",),
    "weight_kg": ("weight (kg)", "weight", "weight_kg"),
    "tax_category": ("tax category", "tax"),
    "lead_days": ("lead time (days)", "lead time", "lead_days"),
    "state": ("state",),
    "price": ("list price", "price"),
    "per": ("per",),
    "currency": ("currency",),
    "on_hand": ("in stock", "stock", "on hand", "on_hand"),
    "site": ("site",),
}
COLUMNS = {name: column for column, names in NAMES.items() for name in names}
LABELS = {
    "number": gettext_lazy("Part number"), "name": gettext_lazy("Name"), "description": gettext_lazy("Description"),
    "unit": gettext_lazy("Unit"), "weight_kg": gettext_lazy("Weight (kg)"),
    "tax_category": gettext_lazy("Tax category"), "lead_days": gettext_lazy("Lead time (days)"),
    "state": gettext_lazy("State"), "price": gettext_lazy("List price"), "on_hand": gettext_lazy("In stock"),
}  # fmt: skip
NUMBERS = ("weight_kg", "lead_days", "price", "on_hand")
OWN = ("name", "description", "unit", "weight_kg", "tax_category", "lead_days", "state")
LONGEST = {"name": 200, "unit": 8, "description": 4_000}
FRESH = {"description": "", "unit": "pcs", "weight_kg": None, "tax_category": "S", "lead_days": 14, "state": "active"}
MOST = {"weight_kg": (Decimal(9_999_999), 3), "lead_days": (Decimal(3650), 0), "price": (Decimal(10) ** 11, 6),
        "on_hand": (Decimal(10) ** 10, 3)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A field that would change; values as they are, None before for what is new."""

    field: str
    before: Any
    after: Any

    @property
    def label(self) -> str:
        return str(LABELS[self.field])

    @property
    def told(self) -> tuple[str, str]:
        """Before and after as a reader wants them."""
        return _shown(self.before), _shown(self.after)


def _shown(value: Any) -> str:
    return (
        f"{shown(value[0])} {value[1]}" + (f" / {value[2]}" if value[2] != 1 else "")
        if isinstance(value, tuple)
        else shown(value)
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the table: what it would change, or why it is refused."""

    line: int
    number: str
    product: Product | None = None
    steps: list[Step] = field(default_factory=list)
    site: Site | None = None
    refused: str = ""

    @property
    def fate(self) -> str:
        """new, changed, unchanged or refused."""
        if self.refused:
            return "refused"
        return "new" if self.product is None else "changed" if self.steps else "unchanged"


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows, the columns nobody understands, and a digest by which the same plan is known again."""

    rows: list[Planned]
    unknown: list[str]

    @property
    def counts(self) -> dict[str, int]:
        return {fate: sum(row.fate == fate for row in self.rows) for fate in ("new", "changed", "unchanged", "refused")}

    @property
    def to_do(self) -> list[Planned]:
        return [row for row in self.rows if row.fate in ("new", "changed")]

    @property
    def digest(self) -> str:
        """Changes whenever the catalogue or the table would be changed otherwise."""
        told = "\n".join(f"{r.line} {r.fate} {[(s.field, s.told) for s in r.steps]}" for r in self.rows)
        return hashlib.sha256(told.encode()).hexdigest()[:20]


@dataclass(slots=True)
class Standing:
    """The catalogue as far as a table names it."""

    today: date
    products: dict[str, Product]
    prices: dict[tuple[int, str], Price]
    stocks: dict[tuple[int, int], Stock]
    reserved: set[int]
    sites: dict[str, Site]
    signs: dict[str, str]


def plan(text: str, sign: str, today: date) -> Plan:
    """What the table would change as things stand."""
    lines, unknown = sheet.lines(text, COLUMNS)
    if lines and not any("number" in line.cells for line in lines):
        raise sheet.Unreadable(_("No column is called “Part number”: the first line has to name the columns."))
    signs = _signs(lines, sign)
    standing = _standing({line.cells.get("number", "").upper() for line in lines}, today, signs)
    seen: dict[str, int] = {}
    return Plan([_planned(line, standing, seen) for line in lines], unknown)


def _signs(lines: list[sheet.Line], sign: str) -> dict[str, str]:
    """Each number column's decimal sign: the one chosen, else what it shows, else what all other columns agree on."""
    shown = {name: sign or sheet.decimal_sign(line.cells.get(name, "") for line in lines) for name in NUMBERS}
    others = set(shown.values()) - {""}
    common = others.pop() if len(others) == 1 else ""
    return {name: own or common for name, own in shown.items()}


def _standing(numbers: Collection[str], today: date, signs: dict[str, str]) -> Standing:
    products = {p.number.upper(): p for p in Product.objects.all() if p.number.upper() in numbers}
    ids = [product.pk for product in products.values()]
    prices: dict[tuple[int, str], Price] = {}
    listed = Price.objects.filter(product__in=ids, customer=None, customer_class="", minimum_quantity=1)
    for price in sorted((p for p in listed if p.holds_on(today)), key=queries.rank, reverse=True):
        prices[price.product_id, price.currency] = price
    stocks = {(s.product_id, s.site_id): s for s in Stock.objects.filter(product__in=ids)}
    held, kept = (rows.filter(stock__product__in=ids) for rows in (Reservation.objects, Pledge.objects))
    reserved = set(held.values_list("stock_id", flat=True).union(kept.values_list("stock_id", flat=True)))
    sites = {name.upper(): s for s in Site.objects.order_by("-pk") for name in (s.code, s.name)}
    return Standing(today, products, prices, stocks, reserved, sites, signs)


def _planned(line: sheet.Line, standing: Standing, seen: dict[str, int]) -> Planned:
    """One row; what is wrong with it is its own, and the others go on."""
    number = line.cells.get("number", "")
    product = standing.products.get(number.upper())
    try:
        _refuse_twice(line, number, seen)
        values = _values(line, standing.signs)
        site = _site(line, standing) if "on_hand" in values else None
        steps = [
            *_own(product, values),
            *_price(product, line, values, standing),
            *_stock(product, site, values, standing),
        ]
    except (ValueError, ActionError) as error:
        return Planned(line.number, number, product, refused=str(error))
    except ValidationError as error:
        return Planned(line.number, number, product, refused=" ".join(error.messages))
    return Planned(line.number, product.number if product else number, product, steps, site)


def _refuse_twice(line: sheet.Line, number: str, seen: dict[str, int]) -> None:
    if not number:
        raise ValueError(_("It has no part number."))
    is_part_number(number)
    if first := seen.get(number.upper()):
        raise ValueError(_("The part number stands in line {n} already.").format(n=first))
    seen[number.upper()] = line.number


def _values(line: sheet.Line, signs: Mapping[str, str]) -> dict[str, Any]:
    """What the row says, typed; an empty cell says nothing."""
    return {name: READ.get(name, _words)(name, raw, signs) for name, raw in line.cells.items()
            if raw and name not in ("number", "per", "currency", "site")}  # fmt: skip


def _words(name: str, raw: str, _signs: Mapping[str, str]) -> str:
    if len(raw) > LONGEST.get(name, 200):
        raise ValueError(_("{label} has more than {n} letters.").format(label=LABELS[name], n=LONGEST.get(name, 200)))
    if any(ord(c) < 32 and c not in "\n\r\t" for c in raw):
        raise ValueError(_("{label} has letters that cannot be printed.").format(label=LABELS[name]))
    return raw.replace("\r\n", "\n")


def _number(name: str, raw: str, signs: Mapping[str, str]) -> Decimal | int:
    value, (most, decimals) = sheet.number(raw, signs[name]), MOST[name]
    if not 0 <= value <= most or value != round(value, decimals):
        raise ValueError(_("{label} is out of range: {value}.").format(label=LABELS[name], value=raw))
    return int(value) if name == "lead_days" else value


def _state(name: str, raw: str, _signs: Mapping[str, str]) -> str:
    known = {fold(str(word)): value for value, label in Product.State.choices for word in (value, label)}
    if fold(raw) not in known:
        raise ValueError(
            _("“{value}” is no state: {known}.").format(value=raw, known=", ".join(map(str, Product.State.labels)))
        )
    return known[fold(raw)]


def _tax(name: str, raw: str, _signs: Mapping[str, str]) -> str:
    if raw.upper() not in dict(TAX_CATEGORIES):
        raise ValueError(_("“{value}” is no tax category.").format(value=raw))
    return raw.upper()


READ: dict[str, Callable[[str, str, Mapping[str, str]], Any]] = {
    **dict.fromkeys(NUMBERS, _number), "state": _state, "tax_category": _tax
}  # fmt: skip


def _own(product: Product | None, values: Mapping[str, Any]) -> list[Step]:
    if product is None:
        if "name" not in values:
            raise ValueError(_("It is new and has no name."))
        return [Step(name, None, values[name]) for name in OWN if name in values]
    changing = {n: values[n] for n in OWN if n in values and plain(values[n]) != plain(getattr(product, n))}
    return [Step(name, getattr(product, name), after) for name, after in changing.items()]


def _price(product: Product | None, line: sheet.Line, values: Mapping[str, Any], standing: Standing) -> list[Step]:
    """A list price that differs from the one that holds today."""
    if "price" not in values:
        return []
    currency, per = (line.cells.get("currency") or "EUR").upper(), line.cells.get("per") or "1"
    if currency not in places.CURRENCIES:
        raise ValueError(_("“{value}” is no currency we sell in.").format(value=currency))
    if per not in ("1", "100"):
        raise ValueError(_("A price is per 1 or per 100."))
    held = standing.prices.get((product.pk, currency)) if product else None
    before = (held.unit_price, held.currency, held.per) if held else None
    after = (values["price"], currency, int(per))
    return [Step("price", before, after)] if before != after else []


def _site(line: sheet.Line, standing: Standing) -> Site:
    named, sites = line.cells.get("site", ""), {s.pk: s for s in standing.sites.values()}
    site = standing.sites.get(named.upper()) if named else next(iter(sites.values())) if len(sites) == 1 else None
    if site is None:
        raise ValueError(
            _("Say at which site the stock lies: {sites}.").format(sites=", ".join(map(str, sites.values())))
        )
    return site


def _stock(product: Product | None, site: Site | None, values: Mapping[str, Any], standing: Standing) -> list[Step]:
    """Stock that differs; refused where less would take goods from an order or an offer."""
    if site is None:
        return []
    row = standing.stocks.get((product.pk, site.pk)) if product else None
    before, after = row.on_hand if row else None, values["on_hand"]
    if row is not None and after < row.on_hand and row.pk in standing.reserved:
        flow = queries.flow_of(row)
        if hurt := queries.hurt_by(flow, flow.with_on_hand(after)):
            raise ValueError(_("Less stock takes goods from {orders}.").format(orders=", ".join(holders(hurt)[:4])))
        if names := offers(queries.let_down_by(flow, flow.with_on_hand(after))):
            raise ValueError(
                _("Less stock takes goods kept back for offers: {offers}.").format(offers=", ".join(names[:4]))
            )
    return [Step("on_hand", before, after)] if before != after else []
