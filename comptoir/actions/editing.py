"""Editing a row that somebody else may be editing: what the form showed is compared, field by field, with what stands."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.actions.authority import ActionError
from comptoir.actions.registry import SEEN, Change, Spec


class ChangedMeanwhile(ActionError):
    """Fields that were to change no longer read as the form showed them; `fields` says how each reads now."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = fields
        super().__init__(
            ngettext(
                "Somebody changed a field you were changing: look at it and save again.",
                "Somebody changed fields you were changing: look at them and save again.",
                len(fields),
            )
        )


def plain(value: Any) -> Any:
    """A value as text, the same however it was typed or stored."""
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return [plain(v) for v in value] if isinstance(value, list | tuple) else str(value).replace("\r\n", "\n")


def seen_of(values: Mapping[str, Any]) -> str:
    """What a form carries along of the values it shows."""
    return json.dumps({name: plain(value) for name, value in values.items()}, sort_keys=True)


def read_seen(seen: str) -> dict[str, Any]:
    """The values a form carried along; none when they cannot be read."""
    try:
        read = json.loads(seen or "{}")
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def edits(standing: Mapping[str, Any], given: Mapping[str, Any], seen: str = "") -> dict[str, Any]:
    """The given values that change something; what others changed and this form left alone stays as they put it.

    Raises ChangedMeanwhile when a field to change was changed by somebody else since `seen`.
    """
    base = read_seen(seen)
    asked = {n: v for n, v in given.items() if n in standing and plain(v) != base.get(n, plain(standing[n]))}
    changing = {n: v for n, v in asked.items() if plain(v) != plain(standing[n])}
    clashing = {n: standing[n] for n in changing if n in base and base[n] != plain(standing[n])}
    if clashing:
        raise ChangedMeanwhile({n: _("It now reads: {value}").format(value=shown(v)) for n, v in clashing.items()})
    return changing


def merged(posted: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """The posted form for another try: fields left alone show what stands now, and what stands now has been seen."""
    base = read_seen(str(posted.get(SEEN, "")))
    kept: dict[str, Any] = {name: _all(posted, name) for name in posted}
    for name, value in standing.items():
        typed = kept.get(name, [])
        mine = typed if isinstance(base.get(name), list) else "".join(typed[-1:])
        if name in base and mine == base[name]:
            kept[name] = plain(value)
    return kept | {SEEN: seen_of(standing)}


def _all(posted: Mapping[str, Any], name: str) -> list[str]:
    return list(posted.getlist(name)) if hasattr(posted, "getlist") else [posted[name]]


def shown(value: Any) -> str:
    """A value as a reader wants it."""
    if value in (None, "", [], ()):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(shown(v) for v in value)
    if isinstance(value, models.Choices):
        return str(value.label)
    return plain(value) if isinstance(value, Decimal | time) else str(value)


def diff(spec: Spec, subject: Any, inputs: Mapping[str, Any]) -> list[Change]:
    """What an edit would change, field by field."""
    assert spec.initial is not None
    standing = spec.initial(subject)
    changing = [n for n, v in inputs.items() if n in standing and plain(v) != plain(standing[n])]
    return [Change(str(spec.label_of(n)), shown(standing[n]), shown(inputs[n])) for n in changing]
