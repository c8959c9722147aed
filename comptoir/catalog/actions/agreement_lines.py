"""The products of an agreement, as long as it is not signed."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.catalog import verbs
from comptoir.catalog.actions.agreements import refuse_bound, tell
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.fields import ONE, Per
from comptoir.catalog.models import Agreement, AgreementLine, Product
from comptoir.people.models import Member

MOST = Decimal("99999999999")
LABELS = {
    "product": gettext_lazy("Product"),
    "unit_price": gettext_lazy("Price"),
    "per": gettext_lazy("For"),
    "minimum_quantity": gettext_lazy("Least in a call-off"),
    "blanket_quantity": gettext_lazy("Quantity in all"),
}


@action(
    "catalog.set_agreement_line", subject=Agreement, authority=keeps_catalog, title=gettext_lazy("Agree on a product"),
    labels=LABELS,
)  # fmt: skip
def set_agreement_line(
    agreement: Agreement,
    *,
    by: Member,
    product: Product,
    unit_price: Decimal,
    per: Per = ONE,
    minimum_quantity: Decimal = Decimal(1),
    blanket_quantity: Decimal | None = None,
) -> AgreementLine:
    """What a product costs under the agreement from a quantity on; a blanket agreement says how many in all."""
    refuse_bound(agreement)
    if not (0 <= unit_price <= MOST and unit_price == round(unit_price, 6)):
        raise ActionError(_("A price has at most six decimals and is not below zero."))
    for quantity in (minimum_quantity, blanket_quantity):
        if quantity is not None and not (0 < quantity <= MOST and quantity == round(quantity, 3)):
            raise ActionError(_("The quantity has to be above zero, with at most three decimals."))
    if agreement.kind == Agreement.Kind.BLANKET and blanket_quantity is None:
        raise ActionError(_("A blanket order says how many are called off in all."))
    if blanket_quantity is not None and blanket_quantity < minimum_quantity:
        raise ActionError(_("A call-off cannot be more than the quantity in all."))
    line: AgreementLine = AgreementLine.objects.update_or_create(
        agreement=agreement, product=product, minimum_quantity=minimum_quantity,
        defaults={"unit_price": unit_price, "per": per, "blanket_quantity": blanket_quantity},
    )[0]  # fmt: skip
    price = f"{unit_price.normalize():f} {agreement.currency}" + (f" / {per}" if per != 1 else "")
    tell(verbs.AGREEMENT_LINE_SET, agreement, by, product=product.number, price=price, quantity=minimum_quantity)
    return line


@action(
    "catalog.remove_agreement_line", subject=AgreementLine, root=lambda line: line.agreement, authority=keeps_catalog,
    title=gettext_lazy("Take it out of the agreement"),
)  # fmt: skip
def remove_agreement_line(line: AgreementLine, *, by: Member) -> None:
    """Agree on it no longer."""
    refuse_bound(line.agreement)
    tell(verbs.AGREEMENT_LINE_REMOVED, line.agreement, by, product=line.product.number)
    line.delete()
