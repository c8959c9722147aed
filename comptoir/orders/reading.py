"""Reading an inbound document, outside of any transaction: bytes to words to what is ordered."""

import re
from itertools import groupby

from comptoir.catalog.models import CustomerPart, Product
from comptoir.customers.models import Customer
from comptoir.customers.queries import match_email
from comptoir.lib import clock
from comptoir.lib.documents import Read, Unreadable
from comptoir.lib.documents.worker import Reader
from comptoir.orders.actions.documents import drawing, drop, keep_page, keep_reading, keep_unread
from comptoir.orders.extract import extract, looks_like_an_order
from comptoir.orders.extract.catalogue import Catalogue
from comptoir.orders.extract.forms import ENDINGS
from comptoir.orders.extract.layout import Layout, layout_from
from comptoir.orders.extract.phrases import bare_words, named_in
from comptoir.orders.inbound import Inbound
from comptoir.orders.learning import fits
from comptoir.orders.matching import still_sold
from comptoir.orders.models import InboundDocument, LayoutTemplate
from comptoir.orders.queries import twin_of

READER = Reader()
LANGUAGES = tuple(ENDINGS)
DRAWN_AHEAD = 12
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def read(document_id: int) -> None:
    """Read a document and keep what it says, or why it cannot be read; one that is gone meanwhile needs nothing."""
    document = InboundDocument.objects.select_related("customer", "file").filter(pk=document_id).first()
    if document is None or document.state not in ("received", "duplicate") or document.file is None:
        return
    try:
        words = READER.read(document.kind, document.file.read())
    except Unreadable as why:
        if not document.is_awaited:
            return drop(document)
        return keep_unread(document, str(why))
    if not words.words:
        return keep_unread(document, "empty", words.as_json()) if document.is_awaited else drop(document)
    document.customer = document.customer or sender(words)
    found, template = said(words, document)
    if document.source in ("attachment", "body") and not is_new(found, document, template):
        return drop(document)
    keep_reading(document, words.as_json(), found.as_json(), template)
    return None


def said(words: Read, document: InboundDocument) -> tuple[Inbound, LayoutTemplate | None]:
    """What the words order, read by the customer's layout that fits and has taught most; without one by the words alone."""
    customer = document.customer
    parts, names = known_parts(customer), known_names()
    language = customer.language if customer else "en"
    templates = LayoutTemplate.objects.filter(customer=customer, kind=document.kind).order_by("-uses", "-pk")[:20]
    for template in templates if customer else ():
        layout = layout_from(template.rules)
        if fits(layout, words) and (found := extract(words, layout, parts, language, clock.today(), names)).lines:
            return found, template
    return extract(words, Layout(), parts, language, clock.today(), names), None


def draw_ahead(document_id: int) -> None:
    """Draw the first pages of a document before somebody looks at it."""
    document = InboundDocument.objects.select_related("file").filter(pk=document_id).first()
    if document is None:
        return
    for number in range(1, min(len(document.words.get("pages") or []), DRAWN_AHEAD) + 1):
        try:
            picture_of(document, number)
        except Unreadable:
            return


def picture_of(document: InboundDocument, number: int) -> bytes:
    """The picture (PNG) of a page: drawn once and kept, whoever asks for it meanwhile waits. Raises Unreadable."""
    with drawing(document, number) as kept:
        if kept is not None:
            return kept.read()
        assert document.file is not None
        data = READER.draw(document.file.read(), number)
        keep_page(document, number, data)
        return data


def is_new(found: Inbound, document: InboundDocument, template: LayoutTemplate | None = None) -> bool:
    """True for what looks like an order and was not entered before; a mail about an order names it and its parts too.

    A mail that says how many of what only an order of theirs has taught is one, without a number of its own.
    """
    is_one = looks_like_an_order(found, known_parts(document.customer))
    if document.source == "attachment":
        return is_one or document.is_awaited
    if document.is_awaited or _is_taught(found, template):
        return True
    if not is_one:
        return False
    number = found.said("po_number")
    return bool(number) and document.customer is not None and twin_of(document.customer, number) is None


def _is_taught(found: Inbound, template: LayoutTemplate | None) -> bool:
    names = layout_from(template.rules).parts if template else {}
    said = [bare_words(fields["part"].text) for fields in found.lines if "part" in fields]
    return any(named_in(words, names, LANGUAGES) for words in said if len(words) > 1)


def names_taught(customer: Customer | None, text: str) -> bool:
    """True where a text uses a name of several words that the customer's mails have taught, or a form of it (one query)."""
    kept = LayoutTemplate.objects.filter(customer=customer, kind="mail").values_list("rules", flat=True)
    taught = {name: number for rules in kept for name, number in layout_from(rules).parts.items()}
    return customer is not None and bool(named_in(bare_words(text), taught, LANGUAGES))


def known_parts(customer: Customer | None) -> frozenset[str]:
    """Every number a part can be named by, casefolded: ours, and the customer's own."""
    ours = Product.objects.values_list("number", flat=True)
    theirs = CustomerPart.objects.filter(customer=customer).values_list("part_number", flat=True) if customer else ()
    return frozenset(number.casefold() for number in (*ours, *theirs))


def known_names() -> Catalogue:
    """The names of several words that our products have, of one name those still sold (one query)."""
    rows = Product.objects.filter(sort_key__contains=" ").order_by("sort_key").only("name", "sort_key", "state")
    alike = groupby(rows, key=lambda product: product.sort_key)
    return Catalogue(product.name for _name, several in alike for product in still_sold(list(several)))


def sender(words: Read) -> Customer | None:
    """Who wrote it, by an address in it that we know."""
    for word in words.words:
        for address in ADDRESS.findall(word.text):
            if (who := match_email(address)) is not None:
                return who.customer
    return None
