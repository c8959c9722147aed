"""Rows by what people call them: a number, a code, an e-mail address, a unique name; or by their id."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from comptoir.lib.numbers import row_id

NATURAL = ("number", "code", "email", "address", "name")


def natural_key(model: type[models.Model]) -> str:
    """The unique column by which people name such rows; empty where there is none."""
    for name in NATURAL:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if getattr(field, "unique", False):
            return name
    return ""


def find(rows: Any, named: str) -> Any:
    """The row of that number or id among those given; None when there is none. A number goes before an id."""
    key = natural_key(rows.model)
    found = rows.filter(**{key: named}).first() if key else None
    if found is None and (pk := row_id(named)) is not None:
        found = rows.filter(pk=pk).first()
    return found


def ids(rows: Any, named: Iterable[str]) -> dict[str, int]:
    """The ids of the rows of these numbers, in one query; a name that nobody has is left out."""
    key, wanted = natural_key(rows.model), set(named)
    if not key or not wanted:
        return {}
    return {str(value): pk for value, pk in rows.filter(**{f"{key}__in": wanted}).values_list(key, "pk")}
