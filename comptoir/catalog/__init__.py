"""Products, prices, tax, stock, supply and reservations: what can be sold, and promised for when.

Words: product, price, site, stock, supply (a planned receipt), reservation, available-to-promise. Invariants: reservations never
exceed stock and supply: stock rows are locked before they are reserved against, and what would leave an order short is refused;
prices for the same customers and quantity may overlap, and the one that begins later holds.
"""
