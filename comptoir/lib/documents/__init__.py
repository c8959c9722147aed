"""Reading documents: PDF, CSV, XLSX and the text of a mail become one thing, words with their pages and places.

Hostile bytes are opened only in the child process of `worker`, within limits; the rest is pure.
"""

from comptoir.lib.documents.neutral import Page, Read, Unreadable, Word

__all__ = ["Page", "Read", "Unreadable", "Word"]
