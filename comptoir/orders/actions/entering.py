"""A document becomes an order; what it teaches of its layout is kept, and the order is compared with it."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action, lock
from comptoir.customers.models import Address, Contact, Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.documents.neutral import from_json
from comptoir.orders import verbs
from comptoir.orders.actions.documents import told_of
from comptoir.orders.actions.entry import NewLine, may_place, place
from comptoir.orders.actions.truth import verify
from comptoir.orders.extract.layout import Layout, layout_from
from comptoir.orders.inbound import other_form
from comptoir.orders.learning import learn
from comptoir.orders.matching import products_of
from comptoir.orders.models import InboundDocument, LayoutTemplate, Order
from comptoir.people.models import Member

SOURCES = {"upload": "document", "attachment": "email", "body": "email", "edi": "edi"}


@action(
    "orders.enter_document",
    subject=InboundDocument,
    authority=lambda member, _document, inputs: may_place(member, inputs["customer"], inputs),
    title=gettext_lazy("Place order"),
    also=lambda document, inputs: [inputs["customer"]],
    labels={
        "all_the_same": gettext_lazy("Why it is placed all the same"),
        "po_number": gettext_lazy("Customer PO"),
        "po_date": gettext_lazy("PO date"),
        "lines": gettext_lazy("Lines"),
        "ship_to": gettext_lazy("Ship-to"),
        "contact": gettext_lazy("Contact"),
    },
)
def enter_document(
    document: InboundDocument,
    *,
    by: Member,
    customer: Customer,
    lines: list[NewLine],
    po_number: str = "",
    po_date: date | None = None,
    ship_to: Address | None = None,
    contact: Contact | None = None,
    all_the_same: str = "",
) -> Order:
    """Place the order that a document asks for, learn its layout, and compare the order with it."""
    if document.state == InboundDocument.State.PROCESSED:
        raise ActionError(
            _("{document} was entered already, as {order}.").format(document=document, order=document.order)
        )
    order = place(
        customer, by=by, lines=lines, po_number=po_number, po_date=po_date, ship_to=ship_to, contact=contact,
        all_the_same=all_the_same,
    )  # fmt: skip
    order.source = SOURCES[document.source]
    order.save(update_fields=["source"])
    document.customer, document.order, document.state = customer, order, InboundDocument.State.PROCESSED
    document.save(update_fields=["customer", "order", "state"])
    record(verbs.DOCUMENT_ENTERED, by=by, on=[*told_of(document), order], name=document.name, order=order.number)
    verify(order, document, by=by)  # by what was known before: an order does not vouch for itself
    document.template = _learn(document, order, by=by)
    document.save(update_fields=["template"])
    return order


def _learn(document: InboundDocument, order: Order, *, by: Member) -> LayoutTemplate | None:
    """The layout as this order teaches it: a new one, or the one the document was read by, made better."""
    if not document.words:
        return None
    template, inbound = document.template, document.read
    if template is not None:
        lock(template)
    before = layout_from(template.rules) if template else Layout()
    known = zip(products_of(order.customer, inbound, Layout()), inbound.lines, strict=True)
    alone = [part.product.number if part and not other_form(line) else "" for part, line in known]
    rules = learn(from_json(document.words), inbound, order, before, alone).as_json()
    if template is None:
        template = LayoutTemplate(customer=order.customer, kind=document.kind)
    template.uses += 1
    if rules != template.rules:
        template.rules, template.learned_at = rules, clock.now()
        record(verbs.LAYOUT_LEARNED, by=by, on=[order.customer, order], name=document.name)
    template.save()
    return template
