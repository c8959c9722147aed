"""What lies at a site and what is planned to arrive there.

What planning or the warehouse says is taken as it is: the orders it leaves short are named before, and their promises are
at risk from then on until goods are there again.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comptoir.actions import ActionError, Change, Notice, Seen, action, lock
from comptoir.actions.changing import change
from comptoir.actions.editing import edits, shown
from comptoir.catalog import queries, verbs
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.actions.stock import let_down, settle, stock_of
from comptoir.catalog.holders import holders
from comptoir.catalog.models import Product, Site, Stock, Supply
from comptoir.catalog.queries import Flow
from comptoir.events import record
from comptoir.lib import clock
from comptoir.people.models import Member

LABELS = {
    "on_hand": gettext_lazy("Quantity that lies there"),
    "reason": gettext_lazy("Why"),
    "due_on": gettext_lazy("Arrives on"),
    "reference": gettext_lazy("Reference (purchase order, works order)"),
    "quantity": gettext_lazy("Quantity"),
}
MOST = Decimal("99999999999")
SHOWN = 6


def notices_of(stock: Stock | None, altered: Callable[[Flow], Flow]) -> list[Notice]:
    """The orders and offers that a change of stock or supply leaves short, and whose they are."""
    if stock is None:
        return []
    before = queries.flow_of(stock)
    after = altered(before)
    orders, offers = holders(queries.hurt_by(before, after)), let_down(before, after)
    short = ngettext(
        "This leaves {n} order short, and its promise is at risk: {names}.",
        "This leaves {n} orders short, and their promises are at risk: {names}.",
        len(orders),
    )
    uncovered = ngettext(
        "This takes goods kept back for {n} offer, which is not covered any more: {names}.",
        "This takes goods kept back for {n} offers, which are not covered any more: {names}.",
        len(offers),
    )
    told = ((short, orders), (uncovered, offers))
    return [Notice(text.format(n=len(names), names=_listed(names))) for text, names in told if names]


def _listed(names: list[str]) -> str:
    return "; ".join(names[:SHOWN]) + (f" + {len(names) - SHOWN}" if len(names) > SHOWN else "")


def refuse_hurt(stock: Stock, altered: Callable[[Flow], Flow]) -> None:
    """Raise ActionError with the orders that a change of stock or supply would leave short."""
    before = queries.flow_of(stock)
    hurt = queries.hurt_by(before, altered(before))
    if not hurt:
        return
    names = holders(hurt)
    raise ActionError(
        ngettext(
            "This takes goods from {n} order that relies on them: {orders}. Move, split or cancel it first, or plan a receipt.",
            "This takes goods from {n} orders that rely on them: {orders}. Move, split or cancel them first, or plan a receipt.",
            len(names),
        ).format(n=len(names), orders=_listed(names))
    )


def refuse_odd(quantity: Decimal, *, least: Decimal = Decimal("0.001")) -> None:
    """Raise ActionError for a quantity that cannot be."""
    if not least <= quantity <= MOST or quantity != round(quantity, 3):
        raise ActionError(
            _("A quantity has at most three decimals and is {least} at least.").format(least=shown(least))
        )


def _unit(product: Product) -> str:
    return f"{product.number} ({product.unit})"


def _correction(product: Product, inputs: Mapping[str, Any]) -> list[Change]:
    """What lies there before and after."""
    refuse_odd(inputs["on_hand"], least=Decimal(0))
    stock = Stock.objects.filter(product=product, site=inputs["site"]).first()
    before = stock.on_hand if stock else Decimal(0)
    return [Change(str(inputs["site"]), shown(before), shown(inputs["on_hand"]))]


@action(
    "catalog.correct_stock",
    subject=Product,
    authority=keeps_catalog,
    title=gettext_lazy("Correct the stock"),
    labels=LABELS,
    diff=_correction,
    warn=lambda product, inputs: notices_of(
        Stock.objects.filter(product=product, site=inputs["site"]).first(),
        lambda flow: flow.with_on_hand(inputs["on_hand"]),
    ),
)
def correct_stock(product: Product, *, by: Member, site: Site, on_hand: Decimal, reason: str) -> Stock:
    """Say what really lies at a site; orders it leaves short are at risk from then on."""
    refuse_odd(on_hand, least=Decimal(0))
    stock = stock_of(product, site)
    lock(stock)
    before = stock.on_hand
    record(
        verbs.STOCK_CORRECTED, by=by, on=[product, stock], product=product.number, site=str(site),
        before=before, after=on_hand, reason=reason,
    )  # fmt: skip
    stock.on_hand = on_hand
    stock.save(update_fields=["on_hand"])
    settle(stock, by=by, cause={"kind": "counted", "before": shown(before), "after": shown(on_hand)})
    return stock


@action(
    "catalog.plan_receipt",
    subject=Product,
    authority=keeps_catalog,
    title=gettext_lazy("Plan a receipt"),
    labels=LABELS,
)
def plan_receipt(
    product: Product, *, by: Member, site: Site, quantity: Decimal, due_on: date, reference: str = ""
) -> Supply:
    """Goods that will arrive, which can be promised from that day on."""
    refuse_odd(quantity)
    _refuse_long(reference)
    if due_on < clock.today():
        raise ActionError(_("A receipt is planned for today or later."))
    stock = stock_of(product, site)
    lock(stock)
    supply = Supply.objects.create(stock=stock, due_on=due_on, quantity=quantity, reference=reference)
    record(
        verbs.RECEIPT_PLANNED, by=by, on=[product, supply], quantity=quantity, product=_unit(product), site=str(site),
        day=due_on,
    )  # fmt: skip
    settle(stock, by=by)
    return supply


def _refuse_long(reference: str) -> None:
    if len(reference) > 40:
        raise ActionError(_("A reference has at most 40 characters."))


def _standing(supply: Supply) -> dict[str, Any]:
    return {"quantity": supply.quantity, "due_on": supply.due_on, "reference": supply.reference}


def _alteration(supply: Supply, inputs: Mapping[str, Any]) -> list[Change]:
    """What would change of a receipt."""
    before = _standing(supply)
    return [
        Change(str(LABELS[name]), shown(value), shown(inputs[name]))
        for name, value in before.items()
        if value != inputs[name]
    ]


def _stock(supply: Supply) -> Stock:
    return supply.stock


@action(
    "catalog.change_receipt",
    subject=Supply,
    root=_stock,
    authority=keeps_catalog,
    title=gettext_lazy("Change the receipt"),
    labels=LABELS,
    initial=_standing,
    diff=_alteration,
    warn=lambda supply, inputs: notices_of(
        supply.stock, lambda flow: flow.with_receipt(supply.pk, inputs["due_on"], inputs["quantity"])
    ),
)
def change_receipt(
    supply: Supply, *, by: Member, quantity: Decimal, due_on: date, reference: str = "", seen: Seen = Seen("")
) -> Supply:
    """Planning says another quantity or day; orders that less or later leaves short are at risk."""
    changing = edits(_standing(supply), {"quantity": quantity, "due_on": due_on, "reference": reference}, seen)
    refuse_odd(changing.get("quantity", supply.quantity))
    _refuse_long(reference)
    before = {"due_on": supply.due_on.isoformat(), "quantity": shown(supply.quantity)}
    change(supply, changing, verbs.RECEIPT_CHANGED, by=by, on=[supply.stock.product])
    is_later = supply.due_on.isoformat() > before["due_on"]
    told = {"before": before["due_on"], "after": supply.due_on.isoformat()} if is_later else {
        "before": before["quantity"], "after": shown(supply.quantity)
    }  # fmt: skip
    cause = {"kind": "later" if is_later else "less", "receipt": supply.reference, **told}
    settle(supply.stock, by=by, cause=cause)
    return supply


@action(
    "catalog.drop_receipt",
    subject=Supply,
    root=_stock,
    authority=keeps_catalog,
    title=gettext_lazy("It will not come"),
    labels=LABELS,
    diff=lambda supply, inputs: _dropped(supply),
    warn=lambda supply, inputs: notices_of(supply.stock, lambda flow: flow.with_receipt(supply.pk, None, Decimal(0))),
)
def drop_receipt(supply: Supply, *, by: Member, reason: str) -> None:
    """A planned receipt will not come; orders it leaves short are at risk."""
    stock, reference = supply.stock, supply.reference
    told = {"quantity": shown(supply.quantity), "before": supply.due_on.isoformat()}
    product = supply.stock.product
    record(
        verbs.RECEIPT_DROPPED, by=by, on=[product, supply], quantity=supply.quantity, product=_unit(product),
        day=supply.due_on, reason=reason,
    )  # fmt: skip
    supply.delete()
    settle(stock, by=by, cause={"kind": "dropped", "receipt": reference, **told})


def _dropped(supply: Supply) -> list[Change]:
    return [Change(str(_("Planned receipt")), f"{shown(supply.quantity)} · {shown(supply.due_on)}", "–")]


@action(
    "catalog.receive",
    subject=Supply,
    root=_stock,
    authority=keeps_catalog,
    title=gettext_lazy("Goods have arrived"),
    labels=LABELS,
)
def receive(supply: Supply, *, by: Member, quantity: Decimal | None = None) -> Stock:
    """A planned receipt lies there now, all of it or a part; the rest stays planned."""
    came = supply.quantity if quantity is None else quantity
    refuse_odd(came)
    stock, left = supply.stock, supply.quantity - came
    product = stock.product
    stock.on_hand += came
    stock.save(update_fields=["on_hand"])
    record(
        verbs.RECEIVED, by=by, on=[product, stock, supply], quantity=came, product=_unit(product), site=str(stock.site),
        day=supply.due_on,
    )  # fmt: skip
    if left <= 0:
        supply.delete()
    else:
        supply.quantity = left
        supply.save(update_fields=["quantity"])
    if stock.is_short:
        settle(stock, by=by)
    return stock
