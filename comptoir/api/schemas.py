"""JSON schemas of what actions take, from the fields of their forms (JSON Schema 2020-12)."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from comptoir.actions import forms as action_forms
from comptoir.actions.registry import SEEN, Spec
from comptoir.api.inputs import is_list, is_reference
from comptoir.api.references import natural_key
from comptoir.people.models import Member

Schema = dict[str, Any]
DECIMAL: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+([.,]\d+)?$"}]}
MONEY: Schema = {
    "type": "object", "required": ["amount"], "additionalProperties": False,
    "properties": {"amount": DECIMAL, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}},
}  # fmt: skip


def anybody() -> Member:
    """Who forms are made for where only their fields count; no row is asked for."""
    return Member(kind=Member.Kind.SYSTEM, name="")


def of_action(spec: Spec) -> Schema:
    """What an action takes."""
    return of_fields(action_forms.build(spec, anybody(), None).fields, is_edit=spec.is_edit)


def of_fields(fields: dict[str, forms.Field], is_edit: bool = False) -> Schema:
    """An object of the fields; an edit changes only what it names, so it asks for none."""
    required = [] if is_edit else [name for name, field in fields.items() if field.required]
    properties = {name: _titled(name, field) for name, field in fields.items()}
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": required} if required else {})


def _titled(name: str, field: forms.Field) -> Schema:
    if name == SEEN:
        told = "What stood when it was read, by field; what was changed since then is refused (409)."
        return {"title": str(field.label), "description": told, "type": ["object", "string"]}
    made = of_field(field)
    if not field.required and not isinstance(field, forms.BooleanField):
        made = {"anyOf": [made, {"type": "null"}]}
    return {"title": str(field.label)} | made


def of_field(field: forms.Field) -> Schema:
    """What one input takes."""
    if isinstance(field, action_forms.MoneyField):
        return MONEY
    if isinstance(field, action_forms.RowsField):
        rows = of_fields(action_forms.row_fields(field.row, field.context))
        return {"type": "array", "items": rows} | ({"minItems": 1} if field.required else {})
    if is_list(field):
        return {"type": "array", "items": _one(field)} | ({"minItems": 1} if field.required else {})
    return _one(field)


def _one(field: forms.Field) -> Schema:
    """A single value."""
    if is_reference(field):
        return _row(field)
    if isinstance(field, forms.ChoiceField):
        return {"enum": [value for value in _values(field.choices) if value != "" or not field.required]}
    for kind, schema in PLAIN.items():
        if isinstance(field, kind):
            return dict(schema)
    return _text(field)


PLAIN: dict[type[forms.Field], Schema] = {
    forms.BooleanField: {"type": "boolean"},
    forms.DecimalField: DECIMAL,
    forms.IntegerField: {"type": "integer", "minimum": 0, "maximum": action_forms.LARGEST},
    forms.DateField: {"type": "string", "format": "date"},
    forms.TimeField: {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    forms.DateTimeField: {"type": "string", "format": "date-time"},
}


def _text(field: forms.Field) -> Schema:
    longest = next((v.limit_value for v in field.validators if isinstance(v, MaxLengthValidator)), None)
    made: Schema = {"type": "string"}
    if isinstance(field, forms.EmailField):
        made["format"] = "email"
    if field.required:
        made["minLength"] = 1
    return made | ({"maxLength": longest} if longest else {})


def _row(field: Any) -> Schema:
    model = field.queryset.model
    key, noun = natural_key(model), str(model._meta.verbose_name)
    named = f"{noun}, by its {key} or id" if key else f"{noun}, by its id"
    kinds = [{"type": "integer", "minimum": 1}, {"type": "string", "minLength": 1}]
    return {"description": named.capitalize(), "x-noun": model._meta.model_name, "anyOf": kinds}


def _values(choices: Any) -> list[Any]:
    found: list[Any] = []
    for value, label in choices:
        found += [inner for inner, _label in label] if isinstance(label, list | tuple) else [value]
    return [str(value) for value in found]
