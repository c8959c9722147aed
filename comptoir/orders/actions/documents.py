"""Inbound documents: received, read, told whose they are, rejected; layouts forgotten."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django import app

from comptoir.actions import ActionError, action, lock
from comptoir.customers.models import Customer
from comptoir.events import journal, record
from comptoir.files.actions import store
from comptoir.files.models import File
from comptoir.lib.documents.neutral import MOST_BYTES
from comptoir.lib.text import key
from comptoir.orders import verbs
from comptoir.orders.models import DocumentPage, InboundDocument, LayoutTemplate
from comptoir.people import any_member, system
from comptoir.people.models import Member

Kind, Source, State = InboundDocument.Kind, InboundDocument.Source, InboundDocument.State
TABLES = (".csv", ".txt", ".tsv")
TYPES = {"pdf": "application/pdf", "csv": "text/csv", "mail": "text/plain",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def kind_of(data: bytes, name: str) -> str:
    """What some bytes are, by how they begin; a table by its name. Nothing where they are none of these."""
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    if name.lower().endswith((".xlsx", ".xlsm")) or (data[:4] == b"PK\x03\x04" and b"xl/" in data[:4096]):
        return Kind.XLSX
    return Kind.CSV if name.lower().endswith(TABLES) else ""


def receive(
    data: bytes, name: str, *, by: Member, customer: Customer | None = None, kind: str = "", source: str = Source.UPLOAD,
    source_noun: str = "", source_id: int | None = None, case_id: int | None = None, file: File | None = None,
    is_awaited: bool = True,
) -> InboundDocument:  # fmt: skip
    """Keep a document that may be an order, and have it read; the same bytes of one customer are a duplicate."""
    kind = kind or kind_of(data, name)
    if not kind:
        raise ActionError(_("Only a PDF, a CSV or an XLSX file can be read as an order."))
    if len(data) > MOST_BYTES:
        raise ActionError(_("The file is larger than {n} MB.").format(n=MOST_BYTES // 1_000_000))
    with journal():
        digest = hashlib.sha256(data).hexdigest()
        twin = _twin(digest, customer)
        document = InboundDocument.objects.create(
            kind=kind, source=source, source_noun=source_noun, source_id=source_id, case_id=case_id, customer=customer,
            name=name.replace("\0", "")[:200] or str(Kind(kind).label), file=file or store(data, TYPES[kind]), sha256=digest,
            twin=twin, state=State.DUPLICATE if twin else State.RECEIVED, by=by, is_awaited=is_awaited,
        )  # fmt: skip
        record(verbs.DOCUMENT_RECEIVED, by=by, on=_on(document), name=document.name)
        app.configure_task("orders.read_document", queue="papers").defer(document_id=document.pk)
    return document


def _twin(digest: str, customer: Customer | None) -> InboundDocument | None:
    rows = InboundDocument.objects.filter(sha256=digest).exclude(state__in=(State.REJECTED, State.DUPLICATE))
    twin: InboundDocument | None = rows.filter(customer=customer).order_by("pk").first()
    return twin


def _on(document: InboundDocument) -> list[Any]:
    return [row for row in (document, document.customer, document.order) if row is not None]


def told_of(document: InboundDocument) -> list[Any]:
    """The same, and the case it came with: its thread offers the document."""
    cases: Any = apps.get_model("cases", "Case")._default_manager
    return [*_on(document), *(cases.filter(pk=document.case_id) if document.case_id else ())]


def keep_reading(
    document: InboundDocument, read: dict[str, Any], neutral: dict[str, Any], template: LayoutTemplate | None
) -> None:
    """Keep what a document says; its purchase order of a customer who sent it before makes it a duplicate."""
    with journal():
        if not _is_being_read(document):
            return
        document.words, document.neutral, document.template = read, neutral, template
        document.problem = ""
        told = document.read
        if document.state != State.DUPLICATE:
            document.twin = _same_order(document, told.said("po_number"))
            document.state = State.DUPLICATE if document.twin else State.PARSED
        if document.state == State.PARSED and not told.lines:
            document.state, document.problem = State.ERROR, "lines"
        document.save(update_fields=["words", "neutral", "template", "problem", "twin", "state", "customer"])
        _draw(document)
        record(verbs.DOCUMENT_READ, by=system(), on=told_of(document), name=document.name, count=len(told.lines))


def _is_being_read(document: InboundDocument) -> bool:
    """Whether a document still waits for this reading: somebody may have rejected or named it meanwhile, or it is gone."""
    kept = InboundDocument(pk=document.pk)
    try:
        lock(kept)
    except ActionError:
        return False
    return kept.state in (State.RECEIVED, State.DUPLICATE) and kept.customer_id in (None, document.customer_id)


def _same_order(document: InboundDocument, po_number: str) -> InboundDocument | None:
    if not po_number or document.customer is None:
        return None
    rows = InboundDocument.objects.filter(customer=document.customer).exclude(pk=document.pk)
    rows = rows.exclude(state__in=(State.REJECTED, State.DUPLICATE, State.ERROR)).order_by("-pk")
    return next((r for r in rows[:200] if key(r.read.said("po_number")) == key(po_number)), None)


def keep_unread(document: InboundDocument, why: str, pages: dict[str, Any] | None = None) -> None:
    """Say why a document cannot be read: somebody enters it by hand then, from its `pages` where it has some."""
    with journal():
        if not _is_being_read(document):
            return
        document.words = pages or {}
        if pages:
            _draw(document)
        if document.state != State.DUPLICATE:
            document.state = State.ERROR
        document.problem = why[:300]
        document.save(update_fields=["state", "problem", "words"])
        record(verbs.DOCUMENT_UNREADABLE, by=system(), on=told_of(document), name=document.name)


def _draw(document: InboundDocument) -> None:
    if document.kind == Kind.PDF:
        app.configure_task("orders.draw_document", queue="papers").defer(document_id=document.pk)


@contextmanager
def drawing(document: InboundDocument, number: int) -> Iterator[File | None]:
    """The picture kept of a page, or None for whoever draws it now: nobody else draws it meanwhile."""
    kept = DocumentPage.objects.filter(document=document, number=number).select_related("file")
    if (page := kept.first()) is not None:
        yield page.file
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [document.pk % 2**31, number])
        page = kept.first()
        yield page.file if page else None


def keep_page(document: InboundDocument, number: int, data: bytes) -> None:
    """Keep the picture of a page."""
    DocumentPage.objects.create(document=document, number=number, file=store(data, "image/png"))


def drop(document: InboundDocument) -> None:
    """Set aside what does not look like an order, without anybody's work."""
    with journal():
        if not _is_being_read(document):
            return
        document.state, document.problem = State.REJECTED, "other"
        document.save(update_fields=["state", "problem"])


@action(
    "orders.name_document",
    subject=InboundDocument,
    authority=any_member,
    title=gettext_lazy("Whose order is it?"),
)
def name_document(document: InboundDocument, *, by: Member, customer: Customer) -> InboundDocument:
    """Say which customer a document comes from; it is read anew with what is known of them."""
    _refuse_done(document)
    document.customer = customer
    document.state = State.RECEIVED
    document.save(update_fields=["customer", "state"])
    record(verbs.DOCUMENT_OF, by=by, on=_on(document), name=document.name, customer=customer.name)
    app.configure_task("orders.read_document", queue="papers").defer(document_id=document.pk)
    return document


@action(
    "orders.reject_document",
    subject=InboundDocument,
    authority=any_member,
    title=gettext_lazy("This is not an order to enter"),
)
def reject_document(document: InboundDocument, *, by: Member, note: str) -> InboundDocument:
    """Close a document without an order, for a reason in words."""
    _refuse_done(document)
    document.state, document.problem = State.REJECTED, note[:300]
    document.save(update_fields=["state", "problem"])
    record(verbs.DOCUMENT_REJECTED, by=by, on=told_of(document), name=document.name, why=note)
    return document


@action(
    "orders.read_again",
    subject=InboundDocument,
    authority=any_member,
    title=gettext_lazy("Read it again"),
)
def read_again(document: InboundDocument, *, by: Member) -> InboundDocument:
    """Read a document once more, a rejected one or a duplicate too."""
    if document.state == State.PROCESSED:
        raise ActionError(_("{document} was entered already.").format(document=document))
    document.state, document.twin = State.RECEIVED, None
    document.save(update_fields=["state", "twin"])
    record(verbs.DOCUMENT_RECEIVED, by=by, on=_on(document), name=document.name)
    app.configure_task("orders.read_document", queue="papers").defer(document_id=document.pk)
    return document


def _refuse_done(document: InboundDocument) -> None:
    if document.state == State.PROCESSED:
        raise ActionError(_("{document} was entered already.").format(document=document))


@action(
    "orders.forget_layout",
    subject=LayoutTemplate,
    authority=any_member,
    title=gettext_lazy("Forget this layout"),
)
def forget_layout(template: LayoutTemplate, *, by: Member) -> Customer:
    """Take away what was learned of a layout; the next document of it is read by its words alone."""
    customer = template.customer
    record(verbs.LAYOUT_FORGOTTEN, by=by, on=[customer], kind=template.kind)
    template.delete()
    return customer
