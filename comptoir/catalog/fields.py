"""Inputs of the catalogue's forms: quantities, units, tax categories, what a price is for."""

from decimal import Decimal
from typing import Annotated, Any, NewType

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from comptoir.actions.forms import FieldContext, field_type
from comptoir.catalog.units import refuse_uncounted
from comptoir.customers.models import Customer

PartNumber = NewType("PartNumber", str)
Unit = NewType("Unit", str)
TaxCategory = NewType("TaxCategory", str)
Per = NewType("Per", int)
OfClass = NewType("OfClass", str)
Counted = Annotated[Decimal, "three decimals"]
PIECES, STANDARD, ONE, ANY_CLASS = Unit("pcs"), TaxCategory("S"), Per(1), OfClass("")

# The categories of EN 16931 that goods and services can have by themselves; the others follow from who buys where.
TAX_CATEGORIES = [
    ("S", _("S · Standard rate")),
    ("Z", _("Z · Zero rated")),
    ("E", _("E · Exempt")),
    ("O", _("O · Outside the scope of VAT")),
]
PARTS_OF_A_NUMBER = r"[^\s/\\?#%\x00-\x1f\x7f](?:[^\\?#%\x00-\x1f\x7f]{0,38}[^\s/\\?#%\x00-\x1f\x7f])?"
is_part_number = RegexValidator(
    rf"\A(?!\.{{1,2}}(?:/|\Z))(?!.*/\.{{0,2}}/)(?!.*/\.{{1,2}}\Z){PARTS_OF_A_NUMBER}\Z",
    _("A part number has at most 40 characters, and neither \\, ?, # nor percent signs."),
)


@field_type(PartNumber)
def number_field(_type: Any, context: FieldContext) -> forms.Field:
    return forms.CharField(max_length=40, validators=[is_part_number], **context.common)


@field_type(Unit)
def unit_field(_type: Any, context: FieldContext) -> forms.Field:
    return forms.CharField(max_length=8, **context.common)


@field_type(TaxCategory)
def tax_field(_type: Any, context: FieldContext) -> forms.Field:
    """The usual categories; one that stands already stays a choice."""
    standing = getattr(context.subject, "tax_category", "S")
    known = dict(TAX_CATEGORIES)
    return forms.ChoiceField(
        choices=[*TAX_CATEGORIES, *([] if standing in known else [(standing,) * 2])], **context.common
    )


@field_type(Per)
def per_field(_type: Any, context: FieldContext) -> forms.Field:
    return forms.TypedChoiceField(choices=[(1, _("one unit")), (100, _("100 units"))], coerce=int, **context.common)


@field_type(OfClass)
def class_field(_type: Any, context: FieldContext) -> forms.Field:
    return forms.ChoiceField(choices=[("", "–"), *Customer.Class.choices], **context.common)


class CountedField(forms.DecimalField):
    """A quantity as it is counted: with three decimals at most."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        try:
            refuse_uncounted(value or Decimal(0))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@field_type(Counted)
def counted_field(_type: Any, context: FieldContext) -> forms.Field:
    return CountedField(max_digits=18, **context.common)
