"""What the lines of a quote cost today: saving a draft takes these prices, so that they are named before and after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

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


def changed(before: Iterable[QuoteLine], after: Iterable[tuple[QuoteLine, Quoted]]) -> list[Repriced]:
    """The lines that have another price than they had.

    A line is compared with the one of its product and quantity, else of its product alone, the first with the first.
    """
    stood, written, pairs = list(before), list(after), []
    for is_same in (_is_same, _is_of_same_product):
        for one in list(written):
            if was := next((line for line in stood if is_same(line, one[0])), None):
                stood.remove(was)
                written.remove(one)
                pairs.append(Repriced(was, one[1]))
    return sorted((one for one in pairs if _is_other(one.line, one.price)), key=lambda one: one.line.position)


def _is_same(line: QuoteLine, other: QuoteLine) -> bool:
    return _is_of_same_product(line, other) and line.quantity == other.quantity


def _is_of_same_product(line: QuoteLine, other: QuoteLine) -> bool:
    return line.product_id == other.product_id


def _is_other(line: QuoteLine, price: Quoted | None) -> bool:
    return price is None or price.unit_price / price.per != line.price
