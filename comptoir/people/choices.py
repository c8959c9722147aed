"""What a form offers where a member, a team, a language or a time zone is asked for."""

from typing import Any, NewType

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comptoir.actions import scopes
from comptoir.actions.forms import FieldContext, field_type
from comptoir.lib import places
from comptoir.people.models import Department, Member, Team

Email = NewType("Email", str)
"""An e-mail address."""
Language = NewType("Language", str)
"""One of the languages the desk speaks."""
TimeZone = NewType("TimeZone", str)
"""A time zone by its name in the tz database."""
Days = NewType("Days", int)
"""How long a token is valid."""
LIFETIMES = {30: _("30 days"), 90: _("90 days"), 365: _("a year")}


@field_type(Member)
def _member(_annotation: Any, context: FieldContext) -> forms.Field:
    people = Member.objects.visible_to(context.member).filter(is_active=True, kind=Member.Kind.PERSON)
    return forms.ModelChoiceField(people.order_by("name"), **context.common)


@field_type(Team)
def _team(_annotation: Any, context: FieldContext) -> forms.Field:
    return forms.ModelChoiceField(Team.objects.visible_to(context.member).active().order_by("name"), **context.common)


@field_type(list[Team])
def _teams(_annotation: Any, context: FieldContext) -> forms.Field:
    rows = Team.objects.visible_to(context.member).active().order_by("name")
    return forms.ModelMultipleChoiceField(rows, widget=forms.CheckboxSelectMultiple(), **context.common)


@field_type(Department)
def _department(_annotation: Any, context: FieldContext) -> forms.Field:
    rows = Department.objects.visible_to(context.member).active().order_by("name")
    return forms.ModelChoiceField(rows, **context.common)


@field_type(Email)
def _email(_annotation: Any, context: FieldContext) -> forms.Field:
    return forms.EmailField(**context.common)


@field_type(Language)
def _language(_annotation: Any, context: FieldContext) -> forms.Field:
    return forms.ChoiceField(choices=settings.LANGUAGES, initial=settings.LANGUAGE_CODE, **context.common)


@field_type(TimeZone)
def _time_zone(_annotation: Any, context: FieldContext) -> forms.Field:
    return forms.ChoiceField(choices=places.zones(), initial=settings.TIME_ZONE, **context.common)


@field_type(list[scopes.Scope])
def _scopes(_annotation: Any, context: FieldContext) -> forms.Field:
    return forms.MultipleChoiceField(choices=scopes.grouped, widget=forms.CheckboxSelectMultiple(), **context.common)


@field_type(Days)
def _days(_annotation: Any, context: FieldContext) -> forms.Field:
    return forms.TypedChoiceField(choices=list(LIFETIMES.items()), coerce=int, **context.common)
