"""Every change to the catalogue, its sites and what is set aside."""

from comptoir.catalog.actions.stock import refuse_short, reserve, shrink, stock_of

__all__ = ["refuse_short", "reserve", "shrink", "stock_of"]
