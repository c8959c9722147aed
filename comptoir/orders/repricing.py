"""What the lines of a quote cost today: saving a draft takes these prices, so that they are named before and after."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.catalog.models import Product
from comptoir.catalog.queries import Quoted, by_agreement, prices_for
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders.models import Quote, QuoteLine


@dataclass(frozen=True, slots=True)
class Today:
    """A line, and the price the catalogue takes for it today by itself."""

    line: QuoteLine
    by_itself: Quoted | None

    @property
    def is_by_name(self) -> bool:
        """True when its price is an agreement's that would not be taken by itself: saving names the agreement."""
        of_today = self.by_itself.agreement_line if self.by_itself else None
        return self.line.price_source == "agreement" and self.line.agreement_line_id != of_today

    @property
    def price(self) -> Quoted | None:
        """The price that saving takes; None where there is nothing left to take it from."""
        line, agreed = self.line, self.line.agreement_line
        if line.price_source == "manual":
            return Quoted(line.unit_price, line.per, "manual")
        if self.is_by_name:
            return by_agreement(agreed) if agreed and agreed.agreement.holds_on(clock.today()) else None
        return self.by_itself


@dataclass(frozen=True, slots=True)
class Repriced:
    """A line as it stood, and its other price."""

    line: QuoteLine
    price: Quoted | None

    def __str__(self) -> str:
        return f"{self.line.position} {self.line.product.number}: {self.before} → {self.after} ({self.why})"

    @property
    def before(self) -> str:
        return price_shown(self.line.unit_price, self.line.per, self.line.quote.currency)

    @property
    def after(self) -> str:
        return price_shown(self.price.unit_price, self.price.per, self.line.quote.currency) if self.price else "–"

    @property
    def why(self) -> str:
        """Where the other price comes from, and from how many on it holds."""
        if self.price is None:
            return _("no price today: type one")
        sources = {
            "agreement": _("agreement {number}").format(number=self.price.reference),
            "contract": _("contract price"),
            "class": _("class price"),
            "list": _("list price"),
            "manual": _("typed price"),
        }
        if self.price.minimum <= 1:
            return sources[self.price.source]
        least = f"{self.price.minimum.normalize():f} {self.line.unit}"
        return _("{source} from {least} on").format(source=sources[self.price.source], least=least)


def price_shown(unit_price: Decimal, per: int, currency: str) -> str:
    """A price for so many, to its last digit."""
    amount = Money(unit_price, currency).exactly(get_language() or "en")
    return amount if per == 1 else f"{amount} / {per}"


def today_of(quoted: Quote, lines: Sequence[QuoteLine]) -> list[Today]:
    """The lines with today's prices (two queries)."""
    prices = prices_for(quoted.customer, [(line.product, line.quantity) for line in lines], clock.today())
    return [Today(line, price) for line, price in zip(lines, prices, strict=True)]


def repriced(lines: Iterable[Today]) -> list[Repriced]:
    """What saving the lines as they stand would change; nothing of a quote in another currency, which is not saved."""
    ours = (one for one in lines if one.line.quote.currency == one.line.quote.customer.currency)
    return [Repriced(one.line, one.price) for one in ours if _is_other(one.line, one.price)]


def changed(before: Iterable[QuoteLine], after: Iterable[tuple[Product, Quoted]]) -> list[Repriced]:
    """The lines that have another price than they had; a product's first line is compared with its first one, and so on."""
    stood: defaultdict[int, list[QuoteLine]] = defaultdict(list)
    for line in before:
        stood[line.product_id].append(line)
    pairs = [(stood[product.pk].pop(0), price) for product, price in after if stood[product.pk]]
    return [Repriced(line, price) for line, price in pairs if _is_other(line, price)]


def _is_other(line: QuoteLine, price: Quoted | None) -> bool:
    return price is None or price.unit_price / price.per != line.price
