"""The customer's own pages: reached by a link, without signing in, and without a script.

Words: link, answer. Invariants: a link shows one row and nothing else; what is wrong, ended or revoked answers alike.
"""
