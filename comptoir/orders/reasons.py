"""Which reasons an act may name: a form offers the active ones of its kind."""

from typing import Annotated, Any

from django import forms

from comptoir.actions.forms import FieldContext, field_type
from comptoir.orders.models import Reason

DateReason = Annotated[Reason, Reason.Kind.DATE.value]
SplitReason = Annotated[Reason, Reason.Kind.SPLIT.value]
CancelReason = Annotated[Reason, Reason.Kind.CANCEL.value]
DelayReason = Annotated[Reason, Reason.Kind.DELAY.value]
ChangeReason = Annotated[Reason, Reason.Kind.DATE.value, Reason.Kind.SPLIT.value, Reason.Kind.CANCEL.value]


def _choice(annotation: Any, context: FieldContext) -> forms.Field:
    rows = Reason.objects.visible_to(context.member).filter(kind__in=annotation.__metadata__, is_active=True)
    return forms.ModelChoiceField(rows.order_by("code"), **context.common)


for _kind in (DateReason, SplitReason, CancelReason, DelayReason, ChangeReason):
    field_type(_kind)(_choice)
