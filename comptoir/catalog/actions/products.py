"""Products, and the numbers customers know them by."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, Text, action
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.catalog import verbs
from comptoir.catalog.fields import PIECES, STANDARD, PartNumber, TaxCategory, Unit
from comptoir.catalog.models import CustomerPart, Product
from comptoir.customers.models import Customer
from comptoir.events import record
from comptoir.lib.text import fold
from comptoir.people import Role, at_least
from comptoir.people.models import Member

keeps_catalog = at_least(Role.SENIOR)
LABELS = {
    "number": gettext_lazy("Part number"),
    "description": gettext_lazy("Description"),
    "unit": gettext_lazy("Unit"),
    "weight_kg": gettext_lazy("Weight of one (kg)"),
    "tax_category": gettext_lazy("Tax category"),
    "lead_days": gettext_lazy("Lead time (days)"),
    "state": gettext_lazy("State"),
    "part_number": gettext_lazy("The customer’s number"),
}
EDITED = ("number", "name", "description", "unit", "weight_kg", "tax_category", "lead_days", "state")
MOST_WEIGHT, MOST_DAYS = Decimal("9999999"), 3650


def standing(product: Product) -> dict[str, Any]:
    """What a product's form shows."""
    return {name: getattr(product, name) for name in EDITED} | {"state": Product.State(product.state)}


def refuse_odd(values: Mapping[str, Any]) -> None:
    """Raise ActionError for a weight, a time or a length that cannot be."""
    weight, days = values.get("weight_kg"), values.get("lead_days", 0)
    if weight is not None and not (0 <= weight <= MOST_WEIGHT and weight == round(weight, 3)):
        raise ActionError(_("A weight has at most three decimals and is not below zero."))
    if not 0 <= days <= MOST_DAYS:
        raise ActionError(_("A lead time has between 0 and {most} days.").format(most=MOST_DAYS))
    if len(values.get("name", "")) > 200:
        raise ActionError(_("A name has at most 200 letters."))


def refuse_twin(number: str, but: Product | None = None) -> None:
    """Raise ActionError when the number is another product's, however it is spelled."""
    twin = Product.objects.filter(number__iexact=number).exclude(pk=but.pk if but else None).first()
    if twin is not None:
        raise ActionError(_("{number} is taken: {product}.").format(number=number, product=twin))


@action("catalog.add_product", subject=None, authority=keeps_catalog, title=gettext_lazy("New product"), labels=LABELS)
def add_product(
    *,
    by: Member,
    number: PartNumber,
    name: str,
    description: Text = Text(""),
    unit: Unit = PIECES,
    weight_kg: Decimal | None = None,
    tax_category: TaxCategory = STANDARD,
    lead_days: int = 14,
) -> Product:
    """Enter goods or a service; it can be ordered once it has a price."""
    values = {
        "number": number.strip(), "name": name.strip(), "description": description, "unit": unit,
        "weight_kg": weight_kg, "tax_category": tax_category, "lead_days": lead_days,
    }  # fmt: skip
    refuse_odd(values)
    refuse_twin(number)
    product: Product = Product.objects.create(**values, sort_key=fold(name)[:200])
    record(verbs.PRODUCT_ADDED, by=by, on=[product], product=str(product))
    return product


@action(
    "catalog.edit_product",
    subject=Product,
    authority=keeps_catalog,
    title=gettext_lazy("Edit product"),
    labels=LABELS,
    initial=standing,
)
def edit_product(
    product: Product,
    *,
    by: Member,
    number: PartNumber,
    name: str,
    unit: Unit,
    tax_category: TaxCategory,
    lead_days: int,
    state: Product.State,
    description: Text = Text(""),
    weight_kg: Decimal | None = None,
    seen: Seen = Seen(""),
) -> Product:
    """Change what is given; orders keep the words they were entered with."""
    given = {
        "number": number.strip(), "name": name.strip(), "description": description, "unit": unit,
        "weight_kg": weight_kg, "tax_category": tax_category, "lead_days": lead_days, "state": state,
    }  # fmt: skip
    changing = edits(standing(product), given, seen)
    refuse_odd(changing)
    if "number" in changing:
        refuse_twin(number.strip(), product)
    change(product, changing, verbs.PRODUCT_EDITED, by=by)
    product.sort_key = fold(product.name)[:200]
    product.save(update_fields=["sort_key"])
    return product


@action(
    "catalog.add_part",
    subject=Product,
    authority=keeps_catalog,
    title=gettext_lazy("Add a customer’s number"),
    labels=LABELS,
)
def add_part(product: Product, *, by: Member, customer: Customer, part_number: str) -> CustomerPart:
    """The number a customer orders the product by."""
    part_number = part_number.strip()
    if not 0 < len(part_number) <= 60:
        raise ActionError(_("A customer’s number has at most 60 characters."))
    known = CustomerPart.objects.filter(customer=customer, part_number__iexact=part_number).select_related("product")
    if twin := known.first():
        raise ActionError(_("{part} is {customer}’s number of {product} already.").format(
            part=part_number, customer=customer, product=twin.product))  # fmt: skip
    try:
        with transaction.atomic():
            part = CustomerPart.objects.create(customer=customer, product=product, part_number=part_number)
    except IntegrityError as error:
        raise ActionError(_("{part} was added by somebody else just now.").format(part=part_number)) from error
    _told(verbs.PART_ADDED, part, by)
    return part


@action(
    "catalog.remove_part",
    subject=CustomerPart,
    root=lambda part: part.product,
    authority=keeps_catalog,
    title=gettext_lazy("Remove the customer’s number"),
)
def remove_part(part: CustomerPart, *, by: Member) -> None:
    """Forget a customer's number; orders keep it where it stands."""
    _told(verbs.PART_REMOVED, part, by)
    part.delete()


def _told(verb: Any, part: CustomerPart, by: Member) -> None:
    record(
        verb, by=by, on=[part.product, part.customer],
        customer=str(part.customer), product=part.product.number, part=part.part_number,
    )  # fmt: skip
