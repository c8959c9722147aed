"""Natural JSON into what an action's form cleans: the same form as on the screen says what fits."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from comptoir.actions import forms as action_forms
from comptoir.actions.registry import SEEN
from comptoir.api import references

YES, NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0", ""}
SEVERAL = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField, action_forms.StringsField)
Fields = Mapping[str, forms.Field]


class Misfit(Exception):
    """A value whose JSON type cannot be what the input takes."""


def form_data(fields: Fields, body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The body as form data, and what cannot be taken by name."""
    data: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    known = _ids_of(fields, [body])
    for name, value in body.items():
        try:
            if name not in fields:
                raise Misfit(_("There is no such input."))
            data |= raw(name, fields[name], value, known)
        except Misfit as misfit:
            errors[name] = [str(misfit)]
    return data, errors


def raw(name: str, field: forms.Field, value: Any, known: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """One value of the body, under one name or the names of its parts; Misfit when its type is another."""
    if name == SEEN and isinstance(value, Mapping):
        return {name: json.dumps(value, sort_keys=True, default=str)}
    if isinstance(field, action_forms.MoneyField):
        return _money(name, value)
    if isinstance(field, action_forms.RowsField):
        return {name: _rows(field, value)}
    if isinstance(field, forms.BooleanField):
        return {name: _flag(value)}
    if is_list(field):
        values = value if isinstance(value, list | tuple) else [] if value is None else [value]
        return {name: [_reference(name, field, _scalar(one), known) for one in values]}
    return {name: _reference(name, field, _scalar(value), known)}


def is_list(field: forms.Field) -> bool:
    """True when the input takes several values."""
    return isinstance(field, SEVERAL)


def is_reference(field: forms.Field) -> bool:
    """True when the input names a row, or rows."""
    return isinstance(field, forms.ModelChoiceField)


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Misfit(_("A single text or number is expected here."))
    return str(value)


def _flag(value: Any) -> str:
    plain = str(value if value is not None else "").lower() if not isinstance(value, list | Mapping) else "?"
    if plain not in YES | NO:
        raise Misfit(_("true or false is expected here."))
    return "on" if plain in YES else ""


def _money(name: str, value: Any) -> dict[str, Any]:
    """An amount with its currency: an object, or «180 EUR»."""
    if isinstance(value, Mapping):
        if not {"amount", "currency"} >= set(value):
            raise Misfit(_("An amount has «amount» and «currency», and nothing else."))
        return {f"{name}_0": _scalar(value.get("amount")), f"{name}_1": _scalar(value.get("currency"))}
    amount, _space, currency = _scalar(value).strip().rpartition(" ")
    parts = (amount, currency) if currency.isalpha() else (_scalar(value), "")
    return {f"{name}_0": parts[0], f"{name}_1": parts[1]}


def _rows(field: action_forms.RowsField, value: Any) -> list[dict[str, Any]]:
    rows = [] if value is None else value
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Misfit(_("A list of objects is expected here."))
    fields = action_forms.row_fields(field.row, field.context)
    known = _ids_of(fields, rows)
    return [_row(number, fields, row, known) for number, row in enumerate(rows, 1)]


def _row(number: int, fields: Fields, row: Mapping[str, Any], known: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in row.items():
        try:
            if name not in fields:
                raise Misfit(_("There is no such input."))
            data |= raw(name, fields[name], value, known)
        except Misfit as misfit:
            raise Misfit(_("Line {number}: {told}").format(number=number, told=f"{name}: {misfit}")) from misfit
    return data


def _reference(name: str, field: forms.Field, text: str, known: Mapping[str, Mapping[str, int]]) -> str:
    """The id of a row that was named by its number; other text as it is."""
    return str(known.get(name, {}).get(text, text)) if is_reference(field) else text


def _ids_of(fields: Fields, rows: list[Any]) -> dict[str, dict[str, int]]:
    """For each input that names rows, the ids of the numbers given in all rows; a JSON number is an id already."""
    found = {}
    for name, field in fields.items():
        if not is_reference(field):
            continue
        given = [row.get(name) for row in rows]
        texts = {
            one for value in given for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)
        }
        if texts:
            found[name] = references.ids(field.queryset, texts)  # type: ignore[attr-defined]
    return found


def parsed(text: str) -> Any:
    """JSON with exact numbers; ValueError for what is none, and for text that no database keeps."""
    read = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    _refuse_odd(read)
    return read


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _refuse_odd(value: Any) -> None:
    """ValueError for a NUL or half a character in any text."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("NUL")
        value.encode()
    elif isinstance(value, dict):
        for name, inner in value.items():
            _refuse_odd(name)
            _refuse_odd(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_odd(inner)
