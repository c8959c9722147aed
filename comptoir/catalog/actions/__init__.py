"""Every change to the catalogue, its sites and what is set aside."""

from comptoir.catalog.actions.agreement_files import add_agreement_file, remove_agreement_file
from comptoir.catalog.actions.agreement_lines import remove_agreement_line, set_agreement_line
from comptoir.catalog.actions.agreements import (
    add_agreement,
    counter_agreement,
    edit_agreement,
    end_agreement,
    offer_agreement,
    renew_agreement,
    sign_agreement,
)
from comptoir.catalog.actions.counts import change_receipt, correct_stock, drop_receipt, plan_receipt, receive
from comptoir.catalog.actions.knowledge import (
    add_file,
    add_note,
    edit_note,
    end_note,
    remove_file,
    remove_freight,
    set_freight,
)
from comptoir.catalog.actions.links import link_product, remove_unit, set_unit, unlink_product
from comptoir.catalog.actions.prices import end_price, set_price
from comptoir.catalog.actions.products import add_part, add_product, edit_product, remove_part
from comptoir.catalog.actions.stock import (
    exchange,
    pass_on,
    pledge,
    refuse_short,
    release,
    reserve,
    settle,
    shrink,
    stock_of,
)

__all__ = [
    "add_agreement",
    "add_agreement_file",
    "add_file",
    "add_note",
    "add_part",
    "add_product",
    "change_receipt",
    "correct_stock",
    "counter_agreement",
    "drop_receipt",
    "edit_agreement",
    "edit_note",
    "edit_product",
    "end_agreement",
    "end_note",
    "end_price",
    "exchange",
    "link_product",
    "offer_agreement",
    "pass_on",
    "plan_receipt",
    "pledge",
    "receive",
    "refuse_short",
    "release",
    "remove_agreement_file",
    "remove_agreement_line",
    "remove_file",
    "remove_freight",
    "remove_part",
    "remove_unit",
    "renew_agreement",
    "reserve",
    "set_agreement_line",
    "set_freight",
    "set_price",
    "set_unit",
    "settle",
    "shrink",
    "sign_agreement",
    "stock_of",
    "unlink_product",
]
