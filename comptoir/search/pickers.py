"""The field that picks a row: a text to type, choices that are found, and the row's id beside it.

An API gives the id alone. A page gives both: the id counts while the text is that row's; any other text has to be a number
or a name that only one row has, so that the field works without scripts.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from comptoir.actions.fields import RowField
from comptoir.actions.forms import FieldContext, field_type
from comptoir.cases.models import Case
from comptoir.catalog.models import Product
from comptoir.customers.models import Contact, Customer
from comptoir.lib.numbers import row_id
from comptoir.orders.models import Order
from comptoir.search.suggest import exact

HINTS: dict[str, str | Promise] = {
    "customer": _("Name, number, phone, e-mail or PO"),
    "contact": _("Name, phone, e-mail or PO"),
    "order": _("Number, PO or customer"),
    "case": _("Number, subject, customer or PO"),
    "product": _("Part number or name"),
}
RELATED = {"contact": ("customer",), "order": ("customer",)}


@dataclass(frozen=True, slots=True)
class Picked:
    """What a page sends: the id that was picked and the text in the field."""

    pk: str
    text: str


def shown(row: Any) -> str:
    """What the field says when a row is picked."""
    if isinstance(row, Customer):
        return f"{row.name} · {row.number}"
    if isinstance(row, Contact):
        return f"{row.name} · {row.customer.name}"
    if isinstance(row, Order):
        return f"{row.number} · {row.customer.name}"
    return f"{row.number} · {row.subject if isinstance(row, Case) else row.name}"


class PickWidget(forms.Widget):
    """A hidden id, a text field and an empty list, in one element that scripts may wake."""

    needs_multipart_form = False

    def __init__(self, noun: str, customer: int | None, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.noun, self.customer = noun, customer
        self.rows: Any = None

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = data.get(f"{name}_text")
        return data.get(name) if text is None else Picked(str(data.get(name) or ""), str(text).strip())

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        pk, text = self.parts(value)
        field_id = (attrs or {}).get("id") or f"id_{name}"
        own = {k: v for k, v in (attrs or {}).items() if k.startswith("aria-") or k == "required"}
        return format_html(
            '<row-picker data-noun="{noun}"{customer}><input type="hidden" name="{name}" value="{pk}">'
            '<input type="text" name="{name}_text" value="{text}" id="{id}" maxlength="200" autocomplete="off"'
            ' spellcheck="false" role="combobox" aria-expanded="false" aria-autocomplete="list"'
            ' aria-controls="{id}_list" placeholder="{hint}"{own}>'
            '<div class="results picks" id="{id}_list" role="listbox" aria-label="{hint}" hidden></div>'
            '<span class="visually-hidden" role="status"></span></row-picker>',
            noun=self.noun, name=name, pk=pk, text=text, id=field_id, hint=HINTS[self.noun], own=flatatt(own),
            customer=flatatt({"data-customer": self.customer} if self.customer else {}),
        )  # fmt: skip

    def parts(self, value: Any) -> tuple[str, str]:
        """The id and the text to show for a value of any kind."""
        if isinstance(value, Picked):
            return value.pk, value.text
        row = value if hasattr(value, "_meta") else self.row(value)
        return (str(row.pk), shown(row)) if row is not None else ("", "")

    def row(self, pk: Any) -> Any:
        return self.rows.filter(pk=row_id(pk)).first()


class PickField(RowField):
    """A row that is found instead of chosen from a list of all."""

    widget: Any

    def __init__(self, model: Any, noun: str, context: FieldContext) -> None:
        self.noun, self.member, self.customer = noun, context.member, _customer_of(context.subject, noun)
        rows = model.objects.visible_to(context.member)
        if noun == "contact":
            rows = rows.filter(is_active=True)
        if noun == "contact" and isinstance(context.subject, Customer):
            rows = rows.filter(customer=context.subject)
        if related := RELATED.get(noun):
            rows = rows.select_related(*related)
        super().__init__(rows, widget=PickWidget(noun, self.customer), **context.common)
        self.widget.rows = rows

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, Picked):
            return super().to_python(value)
        if not value.text:
            return None
        row = self.widget.row(value.pk)
        return row if row is not None and shown(row) == value.text else self._named(value.text)

    def _named(self, text: str) -> Any:
        """The one row that has this number or name."""
        member: Any = self.member
        for typed in dict.fromkeys((text, text.split(" · ")[0], text.split(" · ")[-1])):
            rows = exact(member, self.noun, typed, self.customer)
            rows = [r for r in rows if shown(r) == text] or rows
            if len(rows) == 1:
                return rows[0]
            if rows:
                raise forms.ValidationError(
                    _("Several match “%(text)s”: choose one from the list, or type its number."), params={"text": text}
                )
        raise forms.ValidationError(
            _("Nothing is called “%(text)s”: choose from the list, or type a number."), params={"text": text}
        )


def _customer_of(subject: Any, noun: str) -> int | None:
    """The customer whose rows a field offers, when the act's subject has one."""
    if noun not in ("contact", "order"):
        return None
    if isinstance(subject, Customer):
        return subject.pk
    return getattr(subject, "customer_id", None)


def _declare(model: Any, noun: str) -> None:
    field_type(model)(lambda _annotation, context: PickField(model, noun, context))


for _noun, _model in {
    "customer": Customer,
    "contact": Contact,
    "order": Order,
    "case": Case,
    "product": Product,
}.items():
    _declare(_model, _noun)
