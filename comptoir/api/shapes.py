"""Rows as JSON: frozen dataclasses say which members there are, for the answer and for the document alike."""

import dataclasses
import types
import typing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from comptoir.lib.money import Money

Schema = dict[str, Any]
PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
}
MONEY: Schema = {
    "type": "object", "required": ["amount", "currency"],
    "properties": {"amount": PLAIN[Decimal], "currency": {"type": "string"}},
}  # fmt: skip


def as_json(value: Any) -> Any:
    """A value of a shape as JSON: days and moments in ISO 8601, numbers that count exactly as text."""
    if isinstance(value, Money):
        return {"amount": f"{value.quantized().amount:f}", "currency": value.currency}
    if dataclasses.is_dataclass(value):
        return {item.name: as_json(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    return value


def schema_of(hint: Any, components: dict[str, Schema]) -> Schema:
    """The schema of a shape's member; shapes themselves go into the components."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = next(a for a in typing.get_args(hint) if a is not type(None))
        return {"anyOf": [schema_of(inner, components), {"type": "null"}]}
    if typing.get_origin(hint) is list:
        return {"type": "array", "items": schema_of(typing.get_args(hint)[0], components)}
    if hint is Money:
        components["Money"] = MONEY
        return {"$ref": "#/components/schemas/Money"}
    if dataclasses.is_dataclass(hint):
        return _component(typing.cast(type, hint), components)
    return dict(PLAIN[hint])


def _component(shape: type, components: dict[str, Schema]) -> Schema:
    if shape.__name__ not in components:
        components[shape.__name__] = {}
        hints = typing.get_type_hints(shape)
        members = {item.name: schema_of(hints[item.name], components) for item in dataclasses.fields(shape)}
        made = {"type": "object", "required": list(members), "properties": members}
        components[shape.__name__] = made | {"description": (shape.__doc__ or "").strip()}
    return {"$ref": f"#/components/schemas/{shape.__name__}"}
