"""Products, prices, tax, stock, supply and reservations: what can be sold, and promised for when.

Words: product, price, site, stock, supply, reservation, available-to-promise. Invariants: reservations never exceed stock and
supply; stock rows are locked before they are reserved against.
"""
