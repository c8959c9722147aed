"""Every change to the catalogue, its sites and what is set aside."""

from comptoir.catalog.actions.counts import change_receipt, correct_stock, drop_receipt, plan_receipt, receive
from comptoir.catalog.actions.prices import end_price, set_price
from comptoir.catalog.actions.products import add_part, add_product, edit_product, remove_part
from comptoir.catalog.actions.stock import refuse_short, reserve, settle, shrink, stock_of

__all__ = [
    "add_part",
    "add_product",
    "change_receipt",
    "correct_stock",
    "drop_receipt",
    "edit_product",
    "end_price",
    "plan_receipt",
    "receive",
    "refuse_short",
    "remove_part",
    "reserve",
    "set_price",
    "settle",
    "shrink",
    "stock_of",
]
