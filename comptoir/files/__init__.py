"""Bytes by their sha256, durable before the row that names them.

Words: file. Invariants: a file's bytes are on disk (fsync) before its row is committed; a file is served only through the
row that refers to it.
"""
