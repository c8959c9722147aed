"""What left, with whom, and whether it arrived.

Words: shipment, shipment line, carrier, tracking number. Invariants: shipped and delivered quantities of a schedule line
are the sums of its shipment lines; nothing is shipped beyond what is open, or from stock that is not there; a delivery is
the evidence that keeps the promise. Returned, invoiced and credited quantities will be sums of the same kind in the
packages that own them.
"""
