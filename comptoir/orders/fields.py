"""Form fields of orders: which goods, whose, or which site's may be taken instead; the steps of a change that conflict."""

from typing import Annotated, Any

from django import forms

from comptoir.actions.forms import FieldContext, field_type
from comptoir.catalog.models import Product, Site
from comptoir.lib import days
from comptoir.orders.elsewhere import other_sites
from comptoir.orders.instead import stand_ins
from comptoir.orders.lending import lenders
from comptoir.orders.merging import conflicts_of
from comptoir.orders.models import ChangeStep, OrderChange, ScheduleLine

Disputed = Annotated[list[ChangeStep], "of the change"]
Lender = Annotated[ScheduleLine, "lender"]
Substitute = Annotated[Product, "of the line"]
OtherSite = Annotated[Site, "another one"]


class LenderField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Lines of other orders that hold the same goods, with whose they are."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} – {obj.order.customer}, {days.day(obj.promised_on)}"


@field_type(Lender)
def _lender(_annotation: Any, context: FieldContext) -> forms.Field:
    row = context.subject
    rows = lenders(row) if isinstance(row, ScheduleLine) else ScheduleLine.objects.none()
    return LenderField(rows.visible_to(context.member), **context.common)


@field_type(OtherSite)
def _other_site(_annotation: Any, context: FieldContext) -> forms.Field:
    row = context.subject
    rows = other_sites(row) if isinstance(row, ScheduleLine) else Site.objects.none()
    return forms.ModelChoiceField(rows, **context.common)


@field_type(Substitute)
def _substitute(_annotation: Any, context: FieldContext) -> forms.Field:
    row = context.subject
    links = stand_ins(row.line.product) if isinstance(row, ScheduleLine) else {}
    rows = Product.objects.filter(pk__in=links, state=Product.State.ACTIVE).order_by("number")
    return forms.ModelChoiceField(rows, **context.common)


class DisputedField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The steps of a change that meet what somebody else changed, each with what stands now."""

    told: dict[int, str]

    def label_from_instance(self, obj: Any) -> str:
        return self.told.get(obj.pk, str(obj))


@field_type(Disputed)
def _disputed(_annotation: Any, context: FieldContext) -> forms.Field:
    change = context.subject
    told = conflicts_of(change) if isinstance(change, OrderChange) else {}
    rows = ChangeStep.objects.filter(change=change) if isinstance(change, OrderChange) else ChangeStep.objects.none()
    widget = forms.CheckboxSelectMultiple if told else forms.MultipleHiddenInput
    shown = rows.filter(pk__in=told) if told else rows
    field = DisputedField(shown, widget=widget, **context.common)
    field.told = told
    return field
