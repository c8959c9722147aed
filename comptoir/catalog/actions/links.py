"""Units a product is ordered in, and the products that stand for it, go with it or follow it."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.catalog import verbs
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.fields import Unit
from comptoir.catalog.models import Product, ProductLink, ProductUnit
from comptoir.events import record
from comptoir.people.models import Member

LABELS = {
    "unit": gettext_lazy("Unit"),
    "factor": gettext_lazy("How many of its own unit"),
    "other": gettext_lazy("Product"),
    "kind": gettext_lazy("What it is to this product"),
    "is_two_way": gettext_lazy("Holds the other way round too"),
}
MOST = Decimal("9999999")


@action(
    "catalog.set_unit", subject=Product, authority=keeps_catalog, title=gettext_lazy("Set a unit"), labels=LABELS
)  # fmt: skip
def set_unit(product: Product, *, by: Member, unit: Unit, factor: Decimal) -> ProductUnit:
    """Say how many of the product's own unit another one is; lines that stand keep their quantities."""
    unit = Unit(unit.strip())
    if not unit or unit[0].isdigit() or unit.lower() == product.unit.lower():
        raise ActionError(_("The unit has to be another one than {unit}.").format(unit=product.unit))
    if not (0 < factor <= MOST and factor == round(factor, 3)):
        raise ActionError(_("A unit is above zero of the product’s own, with at most three decimals."))
    row = product.units.filter(unit__iexact=unit).first() or ProductUnit(product=product)
    row.unit, row.factor = unit, factor
    row.save()
    record(verbs.UNIT_SET, by=by, on=[product], product=product.number, unit=unit, factor=factor, own=product.unit)
    return row


@action(
    "catalog.remove_unit", subject=ProductUnit, root=lambda row: row.product, authority=keeps_catalog,
    title=gettext_lazy("Remove the unit"),
)  # fmt: skip
def remove_unit(row: ProductUnit, *, by: Member) -> None:
    """Let nobody order in this unit any more; lines that stand keep what was said."""
    record(verbs.UNIT_REMOVED, by=by, on=[row.product], product=row.product.number, unit=row.unit)
    row.delete()


@action(
    "catalog.link_product", subject=Product, authority=keeps_catalog, title=gettext_lazy("Name an alternative"),
    labels=LABELS,
)  # fmt: skip
def link_product(
    product: Product,
    *,
    by: Member,
    other: Product,
    kind: ProductLink.Kind,
    note: str = "",
    is_two_way: bool = False,
) -> ProductLink:
    """Say that another product can stand for this one, goes with it, or follows it."""
    if other.pk == product.pk:
        raise ActionError(_("A product is no alternative to itself."))
    if len(note) > 200:
        raise ActionError(_("A note has at most 200 letters."))
    both_ways = is_two_way and kind != ProductLink.Kind.SUCCESSOR
    row: ProductLink = ProductLink.objects.update_or_create(
        product=product, other=other, kind=kind, defaults={"note": note.strip(), "is_two_way": both_ways}
    )[0]
    record(
        verbs.PRODUCT_LINKED, by=by, on=[product, other], product=product.number, other=other.number, kind=kind.value
    )  # fmt: skip
    return row


@action(
    "catalog.unlink_product", subject=ProductLink, root=lambda row: row.product, authority=keeps_catalog,
    title=gettext_lazy("No alternative any more"),
)  # fmt: skip
def unlink_product(row: ProductLink, *, by: Member) -> None:
    """Name it no longer."""
    record(
        verbs.PRODUCT_UNLINKED, by=by, on=[row.product, row.other], product=row.product.number,
        other=row.other.number, kind=row.kind,
    )  # fmt: skip
    row.delete()
