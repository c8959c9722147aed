"""Form fields of orders: the line of another order whose goods may be taken."""

from typing import Annotated, Any

from django import forms

from comptoir.actions.forms import FieldContext, field_type
from comptoir.lib import days
from comptoir.orders.lending import lenders
from comptoir.orders.models import ScheduleLine

Lender = Annotated[ScheduleLine, "lender"]


class LenderField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Lines of other orders that hold the same goods, with whose they are."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} – {obj.order.customer}, {days.day(obj.promised_on)}"


@field_type(Lender)
def _lender(_annotation: Any, context: FieldContext) -> forms.Field:
    row = context.subject
    rows = lenders(row) if isinstance(row, ScheduleLine) else ScheduleLine.objects.none()
    return LenderField(rows.visible_to(context.member), **context.common)
