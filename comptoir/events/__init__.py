"""The journal: whatever happens is written once, in the transaction of the change itself.

Words: verb (what can be said to have happened), event, subject (a row the event is about), story (a row's events).
Invariants: events are append-only; every transaction that writes events inserts one fan-out job and one notification.
"""

from typing import TYPE_CHECKING

from comptoir.events.verbs import Ref, Verb, verb

if TYPE_CHECKING:
    from comptoir.events.recorder import about, caused_by, journal, notify, record

__all__ = ["Ref", "Verb", "about", "caused_by", "journal", "notify", "record", "verb"]


def __getattr__(name: str) -> object:
    """Hand on the recorder lazily: it needs the models, which Django has not loaded when packages are imported."""
    if name in {"about", "caused_by", "journal", "notify", "record"}:
        from comptoir.events import recorder

        return getattr(recorder, name)
    raise AttributeError(name)
