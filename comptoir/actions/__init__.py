"""The door: every change anybody may make is a declared action with one authority check.

Words: action, authority, limit, use, approval. Invariants: one transaction per outermost action; locks in rank order;
a limit's counter is locked last and never exceeded; an approval executes exactly the input approved, and its approver is
not its requester; a key has one effect.
"""

from typing import TYPE_CHECKING

from comptoir.actions.authority import (
    ALLOWED,
    ActionError,
    Denied,
    InvalidInput,
    NeedsApproval,
    SentForApproval,
    Use,
    Verdict,
)
from comptoir.actions.registry import ACTIONS, Change, Notice, Secret, Seen, Spending, Text, action

if TYPE_CHECKING:
    from comptoir.actions.door import perform
    from comptoir.actions.forms import field_type
    from comptoir.actions.locks import lock
    from comptoir.actions.running import book_on, give_back, once

__all__ = [
    "ACTIONS",
    "ALLOWED",
    "ActionError",
    "Change",
    "Denied",
    "InvalidInput",
    "NeedsApproval",
    "Notice",
    "Secret",
    "Seen",
    "SentForApproval",
    "Spending",
    "Text",
    "Use",
    "Verdict",
    "action",
    "book_on",
    "field_type",
    "give_back",
    "lock",
    "once",
    "perform",
]

_LATER = {
    "perform": "comptoir.actions.door", "once": "comptoir.actions.running", "lock": "comptoir.actions.locks",
    "field_type": "comptoir.actions.forms", "book_on": "comptoir.actions.running", "give_back": "comptoir.actions.running",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Hand on lazily what needs models, which Django has not loaded when packages are imported."""
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(name)
