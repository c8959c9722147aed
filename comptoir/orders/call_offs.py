"""What was called off from agreements: derived from the lines of orders, never kept."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from comptoir.catalog.models import Agreement, AgreementLine
from comptoir.catalog.queries import Quoted
from comptoir.lib.money import Money
from comptoir.orders.models import Line, Order, OrderHold
from comptoir.people.models import Member

if TYPE_CHECKING:
    from comptoir.orders.guards import Guard, Wanted


MOST = 100


@dataclass(frozen=True, slots=True)
class CallOff:
    """An agreement's line: what was called off from it, and what is left of a blanket quantity."""

    line: AgreementLine
    called: Decimal

    @property
    def left(self) -> Decimal | None:
        """What may still be called off; below zero when too much was; None without a quantity in all."""
        whole = self.line.blanket_quantity
        return None if whole is None else whole - self.called

    @property
    def percent(self) -> int:
        """How much of the whole is called off, for a bar."""
        whole = self.line.blanket_quantity
        return min(int(self.called * 100 / whole), 100) if whole else 0


def called_off(lines: Collection[int], but: Order | None = None) -> dict[int, Decimal]:
    """The quantity ordered from each agreement line and not cancelled, leaving out one order's (one query)."""
    rows = Line.objects.filter(agreement_line__in=lines).values("agreement_line")
    if but is not None:
        rows = rows.exclude(order=but)
    totals = rows.annotate(total=Sum(F("quantity") - F("cancelled_quantity"))).order_by()
    return dict(totals.values_list("agreement_line", "total"))


def call_offs_of(agreement: Agreement) -> list[CallOff]:
    """The agreement's lines with what was called off (two queries)."""
    lines = list(agreement.lines.select_related("product"))
    called = called_off([line.pk for line in lines])
    return [CallOff(line, called.get(line.pk, Decimal(0))) for line in lines]


def ordered_by(agreement: Agreement, member: Member) -> list[Line]:
    """The lines of orders that call off from the agreement, the latest order first (one query)."""
    rows: Any = Line.objects.visible_to(member)
    found = rows.filter(agreement_line__agreement=agreement).select_related("order", "product")
    return list(found.order_by("-order__placed_at", "-order_id", "position")[:MOST])


def used_of(agreements: Sequence[Agreement]) -> dict[int, int]:
    """By blanket order how many percent of its quantities are called off, taken all together (two queries)."""
    blankets = [one.pk for one in agreements if one.kind == Agreement.Kind.BLANKET]
    rows = list(AgreementLine.objects.filter(agreement__in=blankets).exclude(blanket_quantity=None)) if blankets else []
    called = called_off([row.pk for row in rows]) if rows else {}
    shares: dict[int, list[Decimal]] = defaultdict(list)
    for row in rows:
        shares[row.agreement_id].append(min(called.get(row.pk, Decimal(0)) / (row.blanket_quantity or 1), Decimal(1)))
    return {pk: int(100 * sum(found) / len(found)) for pk, found in shares.items()}


def called_above(
    wanted: "Sequence[Wanted]", quoted: Sequence[Quoted | None], net: Money, but: Order | None = None
) -> "list[Guard]":
    """Where the lines call off more than is left, less than the least, or too little in value; nothing else asks."""
    from comptoir.orders.guards import Guard

    asked: dict[int, Decimal] = defaultdict(Decimal)
    for one, price in zip(wanted, quoted, strict=True):
        is_call_off = one.agreement_line is not None or one.unit_price is None
        if is_call_off and price is not None and price.agreement_line:
            asked[price.agreement_line] += one.quantity
    if not asked:
        return []
    lines = AgreementLine.objects.select_related("agreement", "product").in_bulk(asked)
    called = called_off(asked, but)
    found = [_above(line, asked[pk], called.get(pk, Decimal(0))) for pk, line in lines.items()]
    found += [_below(line, asked[pk]) for pk, line in lines.items()]
    found += [
        _small(agreement, net) for agreement in {line.agreement_id: line.agreement for line in lines.values()}.values()
    ]
    return [Guard("agreement", told, hold=OrderHold.Kind.PRICE) for told in found if told]


def _above(line: AgreementLine, asked: Decimal, called: Decimal) -> str:
    left = None if line.blanket_quantity is None else max(line.blanket_quantity - called, Decimal(0))
    if left is None or asked <= left:
        return ""
    told = _("{agreement}: {asked} {product} are called off, {left} are left.")
    return told.format(
        agreement=line.agreement, asked=f"{asked.normalize():f}", product=line.product.number,
        left=f"{left.normalize():f}",
    )  # fmt: skip


def _below(line: AgreementLine, asked: Decimal) -> str:
    if asked >= line.minimum_quantity:
        return ""
    told = _("{agreement}: {asked} {product} are below the least in a call-off, {least}.")
    return told.format(
        agreement=line.agreement, asked=f"{asked.normalize():f}", product=line.product.number,
        least=f"{line.minimum_quantity.normalize():f}",
    )  # fmt: skip


def _small(agreement: Agreement, net: Money) -> str:
    if agreement.minimum_order is None or net.amount >= agreement.minimum_order:
        return ""
    least = Money(agreement.minimum_order, agreement.currency)
    return _("{agreement}: {net} is below its minimum of {least}.").format(agreement=agreement, net=net, least=least)
