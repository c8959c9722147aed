"""Inputs of the customers' forms: countries, languages, currencies, time zones, a customer's own contacts."""

from typing import Any, NewType

from django import forms
from django.utils.translation import get_language

from comptoir.actions.forms import FieldContext, field_type
from comptoir.customers.models import Contact, Customer
from comptoir.lib import places

Country = NewType("Country", str)
Language = NewType("Language", str)
Currency = NewType("Currency", str)
Zone = NewType("Zone", str)


def _choice(context: FieldContext, choices: list[Any]) -> forms.Field:
    """One of the choices, none of them chosen by itself."""
    return forms.ChoiceField(choices=[("", "–"), *choices], **context.common)


@field_type(Country)
def country_field(_type: Any, context: FieldContext) -> forms.Field:
    return _choice(context, places.countries(get_language() or "en"))


@field_type(Language)
def language_field(_type: Any, context: FieldContext) -> forms.Field:
    return _choice(context, places.languages(get_language() or "en"))


@field_type(Currency)
def currency_field(_type: Any, context: FieldContext) -> forms.Field:
    return _choice(context, places.currencies())


@field_type(Zone)
def zone_field(_type: Any, context: FieldContext) -> forms.Field:
    return _choice(context, places.zones())


@field_type(Contact)
def contact_field(_type: Any, context: FieldContext) -> forms.Field:
    """The people of the customer at hand; of all customers where there is none."""
    rows = Contact.objects.visible_to(context.member)
    if isinstance(context.subject, Customer):
        rows = rows.filter(customer=context.subject, is_active=True)
    return forms.ModelChoiceField(rows, **context.common)
