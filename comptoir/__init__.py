"""Comptoir: one desk for conversations, customers, orders, promises and the limits within which each member may act."""

__version__ = "0.1.0"
