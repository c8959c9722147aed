"""What was promised to whom, by when, and whether it was kept.

Words: promise, due, evidence. Invariants: the promise row is the truth, dates elsewhere are copies; the first due moment is
kept for ever; a promise is kept only by named evidence, never by just any reply.
"""
