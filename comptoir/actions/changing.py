"""Writing an edit: each field that changes is set and stands in the story with before and after."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from comptoir.actions.editing import shown
from comptoir.events import record
from comptoir.events.actor import Actor
from comptoir.events.verbs import Verb


def change(
    row: models.Model, changing: Mapping[str, Any], verb: Verb, *, by: Actor, on: Sequence[models.Model] = ()
) -> None:
    """Set the fields and save them; one event of the verb (with field, before, after) for each."""
    for name, after in changing.items():
        before = _words(row, name, getattr(row, name))
        setattr(row, name, after)
        label = str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        label = label[:1].upper() + label[1:]
        record(verb, by=by, on=[row, *on], field=label, before=before, after=_words(row, name, after))
    if changing:
        row.save(update_fields=list(changing))


def _words(row: models.Model, name: str, value: Any) -> str:
    """A value as a reader wants it: the words of a choice."""
    choices = dict(getattr(row._meta.get_field(name), "flatchoices", ()))
    return str(choices.get(getattr(value, "value", value)) or shown(value))
