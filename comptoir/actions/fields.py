"""What people type into forms: amounts as they write them, days as they say them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.lib.numbers import number, row_id
from comptoir.lib.said_days import as_typed
from comptoir.lib.said_days import day as said_day

FIRST_YEAR, LAST_YEAR = 1900, 2199  # of days that are entered: what is computed from them has to be days too


class AmountField(forms.DecimalField):
    """A number as people write it, with a decimal comma too; one that can be read two ways is refused."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and "," in value:
            try:
                value = number(value)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return super().to_python(value)


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A row named by its id in plain digits."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value and row_id(value) is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return super().to_python(value)


class DayInput(forms.TextInput):
    """Shows a day, or its ISO date, as it would be typed; what was typed otherwise stays as it was."""

    def format_value(self, value: Any) -> Any:
        return as_typed(value)


class DayField(forms.DateField):
    """A day as people say it: 12/12, +3, fri, wk 50, or its ISO date."""

    def __init__(self, **common: Any) -> None:
        shown = {"class": "day", "autocomplete": "off", "placeholder": _("12/12, +3 or fri")}
        super().__init__(widget=DayInput(shown), **common)

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            return said_day(value)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not FIRST_YEAR <= value.year <= LAST_YEAR:
            told = _("Name a day between {first} and {last}.")
            raise forms.ValidationError(told.format(first=FIRST_YEAR, last=LAST_YEAR))
