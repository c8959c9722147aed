"""Orders, their lines and schedule lines, the versions confirmed and the changes between them.

Words: order, line, schedule line, order change, version, hold. Invariants: a confirmed order changes only by an order change,
in one transaction with its version; requested, first promised, promised, expected and actual dates are separate facts; the
quantities of a line's schedule lines add up to what is ordered and not cancelled.
"""
