"""What if a schedule line had to arrive on another day: the ways there are, each with its consequences. Writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from comptoir.actions import NeedsApproval, Use
from comptoir.actions.limits import Meter, check, meters
from comptoir.catalog import queries as catalog
from comptoir.catalog.models import Product, ProductLink, Stock
from comptoir.catalog.queries import Flow, Quoted, flow_of
from comptoir.catalog.shelves import Shelf, shelves_of
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.lib.money import Money
from comptoir.orders.actions.dates import leaving, shown
from comptoir.orders.actions.versions import ship_by
from comptoir.orders.elsewhere import as_from
from comptoir.orders.instead import stand_ins
from comptoir.orders.lending import Loan, free, loans
from comptoir.orders.models import ScheduleLine
from comptoir.orders.offering import extra_of
from comptoir.orders.queries import arrival
from comptoir.people.models import Member

MOST = 4


@dataclass(frozen=True, slots=True)
class Option:
    """A way: what it is, what it does, and the declared action with the input that does it (or a page to look at)."""

    kind: str
    title: str
    told: list[str]
    action: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    tone: str = "neutral"
    meters: list[Meter] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A schedule line, the day wished, and the ways; `is_as_promised`: nothing has to be done."""

    row: ScheduleLine
    to: date
    first_on: date | None
    lacks: Decimal
    options: list[Option]
    is_as_promised: bool


def what_if(row: ScheduleLine, to: date, member: Member) -> WhatIf:
    """The ways in which a line could arrive on a day (ten queries at most).

    The row has its line with product, its order with customer, ship-to and site at hand.
    """
    asked = _Asked(row, to, member)
    done = asked.is_there and asked.is_in_time and to == row.promised_on
    lacks = max(row.unshipped_quantity - asked.now, Decimal(0))
    return WhatIf(row, to, asked.possible, lacks, [] if done else list(asked.ways()), done)


class _Asked:
    """The facts behind one question, read once."""

    def __init__(self, row: ScheduleLine, to: date, member: Member) -> None:
        self.row, self.to, self.member, self.today = row, to, member, clock.today()
        rows = list(Stock.objects.filter(product=row.line.product_id).select_related("site").order_by("site_id"))
        self.shelves = shelves_of(rows, self.today, row.pk)
        self.here = next((self.shelves[s.pk] for s in rows if s.site_id == row.site.pk), Shelf(Stock(), self.today, {}))
        self.others = [self.shelves[s.pk] for s in rows if s.site_id != row.site.pk]
        self.leaves = leaving(row, to)
        self.flow = flow_of(self.here.stock) if self.here.stock.pk else Flow(Decimal(0), {}, [])
        self.now = free(self.here, self.leaves)
        if row.promised_on and to >= row.promised_on:  # what is set aside for it is there, but for what lacks
            self.now = max(self.now, row.unshipped_quantity - self.flow.shortages().get(row.pk, Decimal(0)))
        self.is_in_time = ship_by(row, to) >= self.today
        self.is_there = self.now >= row.unshipped_quantity
        first = self.here.first(row.unshipped_quantity)
        self.possible = arrival(first, row.order.ship_to, row.site) if first else None

    def ways(self) -> Iterator[Option]:
        """What hurts least first: nobody, our own costs, the customer, then another one; planning can be asked anyhow."""
        if self.is_there and self.is_in_time and self.to != self.row.promised_on:
            yield self._whole(self.to, "whole")
        if not self.is_there:
            yield from self._elsewhere()
            yield from self._instead()
        if self.is_there and not self.is_in_time and self.to > clock.today(self.row.zone):
            yield self._express()
        lacks = not self.is_there and self.is_in_time
        if lacks and self.now > 0:
            yield from self._part()
        if self.possible and self.possible not in (self.to, self.row.promised_on):
            yield self._whole(self.possible, "later")
        if lacks:
            yield from (self._lend(one) for one in loans(self.row, self.to, self.flow))
        yield self._planning(_("Ask planning"), "", [_("The question is written already; the answer comes back here.")])

    def _whole(self, day: date, kind: str) -> Option:
        all_of = _("All {n} on {day}").format(n=self._n(self.row.unshipped_quantity), day=shown(day))
        left = free(self.here, leaving(self.row, day)) - self.row.unshipped_quantity
        told = [
            _("leaves by {day}").format(day=shown(leaving(self.row, day))),
            _("{n} stay free").format(n=self._n(max(left, Decimal(0)))),
        ]
        return Option(
            kind, all_of, [*self._apart(day), *told], *self._move(day), tone="ok" if kind == "whole" else "neutral"
        )

    def _move(self, day: date) -> tuple[str, dict[str, Any]]:
        earlier = self.row.promised_on is not None and day < self.row.promised_on
        return "orders.pull_in" if earlier else "orders.push_out", {"to": day.isoformat()}

    def _apart(self, day: date) -> list[str]:
        """How far a day is from the wished one."""
        late = (day - self.to).days
        if not late:
            return [_("as wished")]
        if late < 0:
            return [ngettext("{n} day before the wished one", "{n} days before the wished one", -late).format(n=-late)]
        return [ngettext("{n} day after the wished one", "{n} days after the wished one", late).format(n=late)]

    def _express(self) -> Option:
        place, order = self.row.order.ship_to, self.row.order
        usual = arrival(self.today, place, order.site)
        days = _business_days(self.today, self.to, place.country)
        told = [
            _("the goods lie here"),
            _("usual transport takes {n} working days and arrives {day}").format(
                n=place.transit_days, day=shown(usual)
            ),
            ngettext("a faster one has {n} working day", "a faster one has {n} working days", days).format(n=days),
        ]
        action, inputs = self._move(self.to)
        title = _("Faster freight, all on {day}").format(day=shown(self.to))
        extra = extra_of(self.row.line.product, self.row.quantity, place.country)
        if extra is None:
            told.append(_("what it costs more is not known: ask the carrier"))
            left = meters(self.member, action, order.customer, order.currency)
            return Option("express", title, told, action, inputs, tone="warn", meters=left)
        about = _("about {cost} more than the usual one ({zone}, {source})")
        told.append(about.format(cost=extra.cost, zone=extra.zone, source=extra.zone.source))
        inputs |= {"freight_cost_0": _plain(extra.cost.amount), "freight_cost_1": extra.cost.currency}
        try:
            check(Use(extra.cost, order.customer), self.member, action)
        except NeedsApproval as need:
            told.append(_("{why} It goes to whoever may agree.").format(why=need.sentence))
        left = meters(self.member, action, order.customer, extra.cost.currency)
        return Option("express", title, told, action, inputs, tone="warn", meters=left)

    def _part(self) -> Iterator[Option]:
        """What is there arrives as wished, the rest when it can."""
        row, rest = self.row, self.row.unshipped_quantity - self.now
        first = self.here.first(row.unshipped_quantity)
        later = arrival(first, row.order.ship_to, row.site) if first else None
        keeps = row.promised_on is not None and self.to >= row.promised_on
        title = _("{n} on {day}, the rest later").format(n=self._n(self.now), day=shown(self.to))
        if keeps and later:
            told = [_("{n} more on {day}").format(n=self._n(rest), day=shown(later)), *self._apart(later)]
            yield Option(
                "part", title, told, "orders.split", {"quantity": _plain(rest), "to": later.isoformat()}, tone="ok"
            )
        elif not keeps:
            told = [_("{n} stay promised for {day}").format(n=self._n(rest), day=shown(row.promised_on))]
            yield Option(
                "part",
                title,
                told,
                "orders.split",
                {"quantity": _plain(self.now), "to": self.to.isoformat()},
                tone="ok",
            )

    def _lend(self, one: Loan) -> Option:
        other, customer = one.other, one.other.order.customer
        whose = _("{customer} (class {name})").format(customer=customer, name=customer.customer_class)
        told = [
            f"{other.order.number} · {self._n(other.unshipped_quantity)}",
            _("owned by {name}").format(name=customer.owner or _("nobody")),
        ]
        if one.is_kept:
            told.append(_("their day stays kept: {day}").format(day=shown(one.arrives_on)))
        else:
            late = ngettext(
                "they get it {n} day later: {before} → {after}",
                "they get it {n} days later: {before} → {after}",
                one.days_late,
            )
            told.append(late.format(n=one.days_late, before=shown(other.promised_on), after=shown(one.arrives_on)))
        inputs = {"other": other.pk, "to": self.to.isoformat()}
        title = _("Take the goods of {whose}").format(whose=whose)
        return Option("lend", title, told, "orders.lend", inputs, tone="ok" if one.is_kept else "bad")

    def _elsewhere(self) -> Iterator[Option]:
        """What lies at other sites: one act where it suffices, asked of planning where it does not."""
        for shelf in self.others:
            there = free(shelf, self.leaves)
            if found := self._supplied(shelf, there):
                yield found
            elif there > 0:
                told = [_("{n} are free there").format(n=self._n(there)), _("planning has to move them")]
                lacks = min(there, self.row.unshipped_quantity - self.now)
                ask = _("Can {n} be moved from {site} to {home} in time?").format(
                    n=self._n(lacks), site=shelf.stock.site, home=self.row.site
                )
                yield self._planning(_("Stock of {site}").format(site=shelf.stock.site), ask, told, "site")

    def _supplied(self, shelf: Shelf, there: Decimal) -> Option | None:
        """All of it from another site, or what lacks here; on the wished day, else on the first one that is sooner than here."""
        site, row = shelf.stock.site, self.row
        if site.country != row.order.site.country:
            return None
        if self.is_in_time and there >= row.unshipped_quantity:
            return self._from(shelf, self.to, row.unshipped_quantity)
        if self.is_in_time and there + self.now >= row.unshipped_quantity:
            return self._from(shelf, self.to, row.unshipped_quantity - self.now)
        first = shelf.first(row.unshipped_quantity)
        day = arrival(first, row.order.ship_to, site) if first else None
        if day and (self.possible is None or day < self.possible):
            return self._from(shelf, day, row.unshipped_quantity)
        return None

    def _from(self, shelf: Shelf, day: date, quantity: Decimal) -> Option:
        site, rest = shelf.stock.site, self.row.unshipped_quantity - quantity
        leaves = leaving(as_from(self.row, site), day)
        left = _("{n} stay free there").format(n=self._n(max(free(shelf, leaves) - quantity, Decimal(0))))
        told = [*self._apart(day), _("leaves by {day}").format(day=shown(leaves)), left]
        if rest:
            told.insert(1, self._rest_of(rest, day))
        title = _("{n} from {site} on {day}").format(n=self._n(quantity), site=site, day=shown(day))
        inputs = {"site": site.pk, "to": day.isoformat()} | ({"quantity": _plain(quantity)} if rest else {})
        return Option("site", title, told, "orders.supply_from", inputs, tone="ok" if day == self.to else "neutral")

    def _rest_of(self, rest: Decimal, day: date) -> str:
        row = self.row
        if row.promised_on is None or day < row.promised_on:
            return _("{n} from {site} on the same day").format(n=self._n(rest), site=row.site)
        return _("{n} stay promised for {day}").format(n=self._n(rest), day=shown(row.promised_on))

    def _instead(self) -> Iterator[Option]:
        """Products that can stand for it and lie at the order's site, or come sooner there."""
        links, site = stand_ins(self.row.line.product), self.row.order.site
        rows = Stock.objects.filter(product__in=links, site=site, product__state=Product.State.ACTIVE)
        named = rows.select_related("product").order_by("product__number")[:MOST] if links else ()
        stocks = {stock.pk: stock for stock in named}
        wanted = [(stock.product, self.row.unshipped_quantity) for stock in stocks.values()]
        prices = catalog.prices_for(self.row.order.customer, wanted, self.today) if wanted else []
        shelves = shelves_of(stocks.values(), self.today) if stocks else {}
        for (pk, stock), price in zip(stocks.items(), prices, strict=True):
            if found := self._replaced(shelves[pk], links[stock.product_id], price):
                yield found

    def _replaced(self, shelf: Shelf, link: ProductLink, price: Quoted | None) -> Option | None:
        """All of it by a substitute on the wished day or the first one; only shown where it cannot be counted or priced alike."""
        row, product = self.row, shelf.stock.product
        there = free(shelf, self.leaves)
        first = (
            self.leaves if self.is_in_time and there >= row.unshipped_quantity else shelf.first(row.unshipped_quantity)
        )
        day = self.to if first == self.leaves and self.is_in_time else self._arrives(first)
        told = [*([link.note] if link.note else []), str(link.get_kind_display())]
        if day and price and product.unit == row.line.unit and (self.possible is None or day < self.possible):
            told = [*self._apart(day), self._priced(price), _("{n} are free").format(n=self._n(there)), *told]
            title, inputs = _("{product} instead, on {day}"), {"product": product.pk, "to": day.isoformat()}
            tone = "ok" if day == self.to else "neutral"
            return Option(
                "instead", title.format(product=product, day=shown(day)), told, "orders.replace", inputs, tone=tone
            )
        if there <= 0:
            return None
        told = [_("{n} are free").format(n=f"{there.normalize():f} {product.unit}"), *told]
        url = f"{product.get_absolute_url()}?customer={row.order.customer.number}"
        return Option("instead", _("{product} instead").format(product=product), told, url=url)

    def _arrives(self, leaves: date | None) -> date | None:
        return arrival(leaves, self.row.order.ship_to, self.row.order.site) if leaves else None

    def _priced(self, price: Quoted) -> str:
        """What the substitute costs beside what the line costs."""
        line, currency = self.row.line, self.row.order.currency
        before, after = line.unit_price / line.per, price.unit_price / price.per
        if before == after:
            return _("at the same price")
        apart = Money((after - before) * self.row.unshipped_quantity, currency).quantized()
        prices = (Money(one, currency).format(get_language() or "en") for one in (before, after))
        more = f"+{apart}" if apart.amount > 0 else str(apart)
        return _("price {before} → {after}, {apart} in all").format(before=next(prices), after=next(prices), apart=more)

    def _planning(self, title: str, more: str, told: list[str], kind: str = "planning") -> Option:
        row = self.row
        asks = _("{customer} wishes {n} of {product} on {day}; promised is {promised}. What is possible?").format(
            customer=row.order.customer, n=self._n(row.unshipped_quantity), product=row.line.product, day=shown(self.to),
            promised=shown(row.promised_on),
        )  # fmt: skip
        return Option(
            kind, title, told, "cases.hand_off_line", {"question": f"{asks} {more}".strip(), "expects": "day"}
        )

    def _n(self, quantity: Decimal) -> str:
        return f"{quantity.normalize():f} {self.row.line.unit}"


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _business_days(start: date, end: date, country: str) -> int:
    """Working days after one day up to another."""
    n, day = 0, start
    while (day := add_business_days(day, 1, country)) <= end:
        n += 1
    return n
