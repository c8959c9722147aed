"""Forms from signatures: a table of types gives each input its field."""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property, partial
from inspect import Parameter
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comptoir.actions.editing import plain
from comptoir.actions.fields import AmountField, DayField, RowField
from comptoir.actions.registry import ACTIONS, SEEN, Secret, Seen, Spec, Spending, Text
from comptoir.events.actor import Actor
from comptoir.lib.money import Money
from comptoir.lib.numbers import row_id
from comptoir.lib.prepared import those_of


@dataclass(frozen=True, slots=True)
class FieldContext:
    """What a field may need to know: who acts, on what, and the field's label and whether it is required."""

    member: Actor
    subject: Any
    label: Any
    required: bool
    name: str

    @property
    def common(self) -> dict[str, Any]:
        return {"label": self.label, "required": self.required}


LARGEST = 2**31 - 1  # what an integer column holds
FieldMaker = Callable[[Any, FieldContext], forms.Field]
FIELD_TYPES: dict[Any, FieldMaker] = {}
LABELS: dict[str, str | Promise] = {
    "amount": _("Amount"),
    "answer": _("Answer"),
    "currency": _("Currency"),
    "customer": _("Customer"),
    "customer_class": _("Class"),
    "due_at": _("Due"),
    "freight_cost": _("Extra freight cost"),
    "kind": _("Kind"),
    "name": _("Name"),
    "note": _("Note"),
    "quantity": _("Quantity"),
    "reason": _("Reason"),
    "seen": _("What the form showed"),
    "site": _("Site"),
    "source": _("Source"),
    "stage": _("Stage"),
    "subject": _("Subject"),
    "text": _("Text"),
    "to": _("New date"),
}


def field_type(annotation: Any) -> Callable[[FieldMaker], FieldMaker]:
    """Register how an annotation becomes a form field."""

    def register(maker: FieldMaker) -> FieldMaker:
        FIELD_TYPES[annotation] = maker
        return maker

    return register


class MoneyWidget(forms.MultiWidget):
    """An amount beside its currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        amount = forms.TextInput({"inputmode": "decimal", "aria-label": _("Amount")})
        super().__init__([amount, forms.TextInput({"maxlength": 3, "aria-label": _("Currency")})])

    def decompress(self, value: Money | None) -> list[Any]:
        return [value.amount, value.currency] if value else [None, self.currency]


class MoneyField(forms.MultiValueField):
    """An amount and its currency, as one Money."""

    def __init__(self, *, label: Any, required: bool, currency: str = "EUR") -> None:
        super().__init__(
            [
                AmountField(required=required, min_value=0, max_digits=18, decimal_places=4),
                forms.CharField(required=False, max_length=3),
            ],
            label=label,
            required=required,
            require_all_fields=False,
            widget=MoneyWidget(currency),
        )
        self.currency = currency

    def compress(self, data_list: Any) -> Money | None:
        if not data_list or data_list[0] is None:
            return None
        try:
            return Money.of(data_list[0], (data_list[1] or self.currency).upper())
        except Exception as error:
            raise forms.ValidationError(_("This is not an amount of that currency.")) from error


class RowsField(forms.Field):
    """A list of dataclass rows, each cleaned by a sub-form; takes JSON text or a list of mappings."""

    def __init__(self, row: type, context: FieldContext) -> None:
        super().__init__(label=context.label, required=context.required, widget=forms.HiddenInput())
        self.row, self.context = row, context

    @cached_property
    def columns(self) -> dict[str, forms.Field]:
        return row_fields(self.row, self.context)

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(self.raw(value or []))

    def raw(self, rows: Sequence[Any]) -> list[Any]:
        """The rows as the raw data that `clean` takes; what is raw already stays."""
        return [dump_row(row, self.columns) if dataclasses.is_dataclass(row) else row for row in rows]

    def clean(self, value: Any) -> list[Any]:
        try:
            rows = json.loads(value) if isinstance(value, str) and value else value or []
        except ValueError:
            rows = None
        if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
            raise forms.ValidationError(_("These lines cannot be read."))
        if self.required and not rows:
            raise forms.ValidationError(_("At least one line is needed."))
        for name, field in self.columns.items():
            if isinstance(field, forms.ModelChoiceField):
                _look_up_together(field, [row.get(name) for row in rows])
        return [self._clean_row(number, row) for number, row in enumerate(rows, 1)]

    def _clean_row(self, number: int, row: Mapping[str, Any]) -> Any:
        cleaned, told = {}, []
        for name, field in self.columns.items():
            try:
                cleaned[name] = field.clean(field.widget.value_from_datadict(row, {}, name))
            except forms.ValidationError as error:
                told.append(f"{name}: {' '.join(error.messages)}")
        if told:
            raise forms.ValidationError(
                _("Line %(number)s: %(told)s"), params={"number": number, "told": "; ".join(told)}
            )
        return self.row(**cleaned)


def row_fields(row: type, context: FieldContext) -> dict[str, forms.Field]:
    """The sub-form's fields of a dataclass."""
    hints = _hints(row)
    made = {}
    for item in dataclasses.fields(row):
        has_default = item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING
        made[item.name] = field_for(
            hints[item.name], dataclasses.replace(context, label=label_of(item.name), name=item.name), has_default
        )
    return made


_hints = cache(partial(typing.get_type_hints, include_extras=True))


def _look_up_together(field: "forms.ModelChoiceField[Any]", values: Sequence[Any]) -> None:
    """Find what many rows name by one query; a value that is found by none of them is refused as ever."""
    found = those_of(field.queryset, "pk__any", sorted({n for n in map(row_id, values) if n}))  # type: ignore[arg-type]
    known, plain_look = {str(row.pk): row for row in found}, field.to_python
    field.to_python = lambda value: known.get(str(value)) or plain_look(value)  # type: ignore[method-assign]


def dump_row(value: Any, fields: Mapping[str, forms.Field]) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for name, field in fields.items():
        raw |= dump_field(name, field, getattr(value, name))
    return raw


def label_of(name: str) -> str | Promise:
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def field_for(annotation: Any, context: FieldContext, optional: bool = False) -> forms.Field:
    """The form field of an annotation; TypeError when the table has none."""
    inner, nullable = _strip_optional(annotation)
    context = dataclasses.replace(context, required=not (optional or nullable))
    return _worded(_field(inner, context))


def _worded(field: forms.Field) -> forms.Field:
    """The field, its empty choice in words instead of dashes."""
    if isinstance(field, forms.ModelChoiceField) and field.empty_label is not None:
        field.empty_label = _("Choose…") if field.required else _("None")
    return field


def _field(inner: Any, context: FieldContext) -> forms.Field:
    if maker := FIELD_TYPES.get(inner):
        return maker(inner, context)
    if typing.get_origin(inner) in (list, tuple):
        return _list_field(typing.get_args(inner)[0], context)
    if typing.get_origin(inner) is typing.Literal:
        return forms.ChoiceField(choices=[(v, v) for v in typing.get_args(inner)], **context.common)
    if isinstance(inner, type) and issubclass(inner, models.Choices):
        return forms.TypedChoiceField(choices=inner.choices, coerce=inner, empty_value=None, **context.common)
    if isinstance(inner, type) and issubclass(inner, models.Model):
        return RowField(_seen(inner, context), **context.common)
    raise TypeError(f"No form field is registered for {inner}.")


def _seen(model: type[models.Model], context: FieldContext) -> models.QuerySet[Any]:
    rows: Any = model._default_manager
    return rows.visible_to(context.member)  # type: ignore[no-any-return]


def _list_field(inner: Any, context: FieldContext) -> forms.Field:
    if isinstance(inner, type) and issubclass(inner, models.Model):
        return forms.ModelMultipleChoiceField(_seen(inner, context), **context.common)
    if isinstance(inner, type) and issubclass(inner, models.Choices):
        return forms.TypedMultipleChoiceField(
            choices=inner.choices, coerce=inner, widget=forms.CheckboxSelectMultiple(), **context.common
        )
    if dataclasses.is_dataclass(inner):
        return RowsField(typing.cast(type, inner), context)
    return StringsField(**context.common)


class StringsField(forms.Field):
    """A list of short texts: one a line, or a list."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        lines = value if isinstance(value, list | tuple) else (value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]


def _strip_optional(annotation: Any) -> tuple[Any, bool]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        args = [a for a in typing.get_args(annotation) if a is not type(None)]
        if len(args) == 1:
            return args[0], True
    return annotation, False


def build(spec: Spec, member: Actor, subject: Any, data: Mapping[str, Any] | None = None) -> forms.Form:
    """The action's form for a member and a subject, bound when data are given.

    Data for an edit that do not say what was seen change only what they name: the rest is taken from what stands.
    """
    standing = spec.standing(subject)
    if standing and data is not None and SEEN not in data:
        data = {**{n: plain(v) for n, v in standing.items()}, **_lists(data)}
    fields = {}
    for name, parameter in spec.parameters.items():
        has_default = parameter.default is not Parameter.empty
        label = spec.labels.get(name) or label_of(name)
        field = field_for(parameter.annotation, FieldContext(member, subject, label, True, name), has_default)
        if has_default and parameter.default not in (None, (), ""):
            field.initial = parameter.default
        if name in standing:
            field.initial = plain(standing[name]) if isinstance(standing[name], Decimal) else standing[name]
        fields[name] = field
    return _form(fields, data)


def _lists(data: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping with whole lists where it is a query dict."""
    return dict(data.lists()) if hasattr(data, "lists") else dict(data)


def _form(fields: dict[str, forms.Field], data: Mapping[str, Any] | None) -> forms.Form:
    form = forms.Form(None if data is None else _as_form_data(data))
    form.fields = dict(fields)
    return form


def _as_form_data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Plain mappings get the list access that choice widgets want."""
    from django.utils.datastructures import MultiValueDict

    if isinstance(data, MultiValueDict):
        return data
    return MultiValueDict({k: list(v) if _is_choices(v) else [v] for k, v in data.items()})


def _is_choices(value: Any) -> bool:
    """True for several values of one field; a list of rows is one value."""
    return isinstance(value, list | tuple) and not any(isinstance(one, Mapping) for one in value)


def dump(form: forms.Form, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Typed inputs as the raw, JSON-ready data that this form would clean to the same."""
    raw: dict[str, Any] = {}
    for name, value in inputs.items():
        raw |= dump_field(name, form.fields[name], value)
    return raw


def dump_field(name: str, field: forms.Field, value: Any) -> dict[str, Any]:
    """One typed value as raw data, under one name or the names of its parts."""
    if value is None or isinstance(field.widget, forms.PasswordInput):
        return {}
    if isinstance(field, MoneyField):
        return {f"{name}_0": str(value.amount), f"{name}_1": value.currency}
    if isinstance(value, models.Model):
        return {name: str(value.pk)}
    if isinstance(value, list | tuple) and value and isinstance(value[0], models.Model):
        return {name: [str(row.pk) for row in value]}
    return {name: _plain(field.prepare_value(value))}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return [str(v) for v in value] if isinstance(value, list | tuple) else str(value)


def _register_basics() -> None:
    plain: dict[Any, FieldMaker] = {
        str: lambda _t, c: forms.CharField(max_length=500, **c.common),
        Text: lambda _t, c: forms.CharField(widget=forms.Textarea, **c.common),
        Secret: lambda _t, c: forms.CharField(
            strip=False, max_length=200, widget=forms.PasswordInput({"autocomplete": "new-password"}), **c.common
        ),
        Spending: lambda _t, c: forms.ChoiceField(choices=spending, **c.common),
        int: lambda _t, c: forms.IntegerField(min_value=0, max_value=LARGEST, **c.common),
        Decimal: lambda _t, c: forms.DecimalField(max_digits=18, **c.common),
        Seen: lambda _t, _c: forms.CharField(required=False, widget=forms.HiddenInput()),
        bool: lambda _t, c: forms.BooleanField(label=c.label, required=False),
        date: lambda _t, c: DayField(**c.common),
        time: lambda _t, c: forms.TimeField(
            input_formats=["%H:%M", "%H:%M:%S"], widget=forms.TimeInput({"type": "time"}, format="%H:%M"), **c.common
        ),
        Money: lambda _t, c: MoneyField(label=c.label, required=c.required, currency=_currency_of(c.subject)),
        datetime: lambda _t, c: forms.DateTimeField(
            input_formats=["iso8601", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
            widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            **c.common,
        ),
    }
    FIELD_TYPES.update(plain)


def spending() -> list[tuple[str, str | Promise]]:
    """The actions that limits can be set for, with their titles."""
    return [(name, spec.title) for name, spec in sorted(ACTIONS.items()) if spec.spends]


def _currency_of(subject: Any) -> str:
    for row in (subject, getattr(subject, "order", None), getattr(subject, "customer", None)):
        if currency := getattr(row, "currency", ""):
            return str(currency)
    return "EUR"


_register_basics()
