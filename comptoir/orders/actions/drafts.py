"""Keeping what somebody began to enter: no limit, no audit, so these are not declared."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Func, JSONField, Value
from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.orders.models import Order, OrderDraft
from comptoir.people.models import Member


def keep(
    customer: Customer, *, by: Member, fields: Mapping[str, str], rows: Sequence[Mapping[str, str]], case_id: int | None
) -> OrderDraft | None:
    """The member's draft for the customer as it stands now; none when nothing is typed."""
    mine = OrderDraft.objects.open().filter(member=by, customer=customer)
    if not rows and not any(fields.get(name) for name in ("po_number", "po_date")):
        mine.delete()
        return None
    values: dict[str, Any] = {"fields": dict(fields), "rows": list(rows), "updated_at": clock.now()}
    if case_id is not None:
        values["case_id"] = case_id
    with transaction.atomic():
        draft, _new = OrderDraft.objects.update_or_create(
            member=by, customer=customer, order=None, discarded_at=None, defaults=values
        )
    return draft


def add(customer: Customer, *, by: Member, cells: Mapping[str, str]) -> None:
    """Put a row under what the member has entered for the customer so far, in one statement."""
    draft, _new = OrderDraft.objects.get_or_create(member=by, customer=customer, order=None, discarded_at=None)
    row = Value([dict(cells)], output_field=JSONField())
    rows = Func(F("rows"), row, template="(%(expressions)s)", arg_joiner=" || ", output_field=JSONField())
    OrderDraft.objects.filter(pk=draft.pk).update(rows=rows, updated_at=clock.now())


def discard(draft: OrderDraft) -> None:
    """Put the draft away; `restore` brings it back."""
    draft.discarded_at = clock.now()
    draft.save(update_fields=["discarded_at"])


def restore(draft: OrderDraft) -> None:
    """Bring a discarded draft back, unless another was begun meanwhile."""
    if OrderDraft.objects.open().filter(member=draft.member_id, customer=draft.customer_id).exists():
        raise ActionError(_("You began another order for {customer} meanwhile.").format(customer=draft.customer))
    draft.discarded_at = None
    draft.save(update_fields=["discarded_at"])


def forget(customer: Customer, *, by: Member) -> None:
    """The draft became an order: nothing of it is kept."""
    OrderDraft.objects.open().filter(member=by, customer=customer).delete()


def keep_change(order: Order, *, by: Member, fields: Mapping[str, str]) -> None:
    """What the member has typed into the editor of the order so far, beside what others type there; none of nothing."""
    if not fields:
        forget_change(order, by=by)
        return
    values = {"customer": order.customer, "fields": dict(fields), "updated_at": clock.now()}
    OrderDraft.objects.update_or_create(member=by, order=order, defaults=values)


def forget_change(order: Order, *, by: Member) -> None:
    """The change was made, offered or noted, or is begun anew."""
    OrderDraft.objects.changing(order).filter(member=by).delete()
