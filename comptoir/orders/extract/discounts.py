"""What is taken off a price: so many per cent, an amount off each, or an amount off the line, as the document's own sums tell."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from comptoir.orders.extract.values import as_text
from comptoir.orders.inbound import Fields, Value, said

KINDS = ("none", "percent", "each", "line")  # none: the price stands there with the discount taken off already


def settle(lines: Sequence[Fields], is_percent: bool, is_net: bool, taught: str) -> None:
    """Say of each line's discount what it takes off its price: `10%`, or an amount; nothing where nobody can know.

    `is_percent` and `is_net` are what the heads say of the discounts and of the prices.
    """
    given = [line for line in lines if "discount" in line]
    kind = _kind(given) or ("none" if is_net else "percent" if is_percent else taught)
    for line in given:
        line["discount"] = replace(line["discount"], text=_told(line, kind) if kind else "")


def _kind(lines: Sequence[Fields]) -> str:
    """How the discounts are meant, by the amounts of their lines; nothing where these do not tell."""
    names = ("unit_price", "quantity", "net")
    telling = [line for line in lines if _amount(line) and all(said(line, name) for name in names)]
    fitting = (kind for kind in KINDS if all(_comes_to(line, kind) for line in telling))
    return next(fitting, "") if telling else ""


def taken_off(price: Decimal, amount: Decimal, kind: str, quantity: Decimal, per: Decimal) -> Decimal:
    """A price with a discount of a kind taken off."""
    if kind == "percent":
        return price * (1 - amount / 100)
    off = {"each": amount, "line": amount * per / quantity}.get(kind, Decimal(0))
    return price - off


def _told(line: Fields, kind: str) -> str:
    amount, price = _amount(line), Decimal(said(line, "unit_price") or 0)
    net = taken_off(price, amount, kind, Decimal(said(line, "quantity") or 1), Decimal(said(line, "per") or 1))
    if net < 0:
        return ""
    return f"{as_text(amount)}%" if kind == "percent" else as_text(round(price - net, 6))


def _comes_to(line: Fields, kind: str) -> bool:
    """True when the line comes to its own amount with its discount meant so."""
    quantity, per, net = Decimal(said(line, "quantity")), Decimal(said(line, "per") or 1), Decimal(said(line, "net"))
    price = taken_off(Decimal(said(line, "unit_price")), _amount(line), kind, quantity, per)
    return abs(price * quantity / per - net) <= max(abs(net) / 1000, Decimal("0.02"))


def _amount(line: Fields) -> Decimal:
    """The number that stands there, whatever it means."""
    return Decimal(said(line, "discount").rstrip("%") or 0)


def net_price(line: Fields) -> Decimal:
    """The price of a line, its discount taken off where it is known what that means."""
    price, told = Decimal(said(line, "unit_price")), said(line, "discount")
    if told.endswith("%"):
        return round(price * (1 - Decimal(told[:-1]) / 100), 6)
    return price - Decimal(told or 0)


def shown(line: Fields) -> str:
    """How the price came about, where something was taken off: 4788 − 10 %."""
    told: Value | None = line.get("discount")
    if told is None or not told.text or net_price(line) == Decimal(said(line, "unit_price")):
        return ""
    off = f"{told.text[:-1]} %" if told.text.endswith("%") else told.text
    return f"{said(line, 'unit_price')} − {off}".replace(" ", "\N{NO-BREAK SPACE}")
