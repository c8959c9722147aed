"""What an order is made of."""

from comptoir.orders.models.changes import ChangeStep, OrderChange, OrderVersion
from comptoir.orders.models.demand import DemandRelease
from comptoir.orders.models.documents import DocumentPage, InboundDocument, LayoutTemplate
from comptoir.orders.models.entry import EntryRule, OrderDraft
from comptoir.orders.models.lines import Line, ScheduleLine
from comptoir.orders.models.order import Order, OrderHold, OrderSum
from comptoir.orders.models.quotes import Quote, QuoteLine, QuoteVersion
from comptoir.orders.models.reasons import Reason
from comptoir.orders.models.truth import Difference, ToleranceRule, Verification

__all__ = [
    "ChangeStep",
    "DemandRelease",
    "Difference",
    "DocumentPage",
    "EntryRule",
    "InboundDocument",
    "LayoutTemplate",
    "Line",
    "Order",
    "OrderChange",
    "OrderDraft",
    "OrderHold",
    "OrderSum",
    "OrderVersion",
    "Quote",
    "QuoteLine",
    "QuoteVersion",
    "Reason",
    "ScheduleLine",
    "ToleranceRule",
    "Verification",
]
