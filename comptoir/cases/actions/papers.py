"""Attachments and bodies that may be orders are read; the customer is asked where order and document differ."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.cases import verbs
from comptoir.cases.actions.desk import add_to_draft
from comptoir.cases.actions.opening import open_new
from comptoir.cases.clarifying import hello, question
from comptoir.cases.models import Attachment, Case, CaseLink, Inbox, Message
from comptoir.events import journal, record
from comptoir.events.models import Event
from comptoir.events.queries import subjects_of
from comptoir.orders.actions.documents import Kind, Source, kind_of, read_again, receive
from comptoir.orders.actions.truth import mark_asked
from comptoir.orders.actions.versions import language_of
from comptoir.orders.models import InboundDocument, Order
from comptoir.orders.reading import names_taught
from comptoir.people import any_member, system
from comptoir.people.models import Member

ENTERED, CAME = "orders.document_entered", ("cases.received", "cases.opened")
LARGEST_OFFERED = 8_000_000
MAY_ORDER = (
    "order",
    "commande",
    "bestell",
    "ordre",
    "indkøb",
    "indkob",
    "objedn",
    "поръчк",
    "заявк",
    " po ",
    "po-",
    "p.o.",
)


def follow(event_ids: Sequence[int]) -> None:
    """Have what came with new messages read where it may be an order, and put what was entered beside its case; twice is once."""
    told = dict(Event.objects.filter(pk__in=event_ids, verb__in=(ENTERED, *CAME)).values_list("pk", "verb"))
    _link_entered([pk for pk, verb in told.items() if verb == ENTERED])
    heard = [pk for pk, verb in told.items() if verb in CAME]
    cases = {pk for _noun, pk in subjects_of(heard, "case")} if heard else set()
    if not cases:
        return
    rows = Message.objects.filter(case__in=cases, direction="in", auto_reason="").select_related("case__customer")
    for message in rows.order_by("-pk")[:20]:
        _offer(message)


def _link_entered(event_ids: Sequence[int]) -> None:
    """The order that a case's document became is one of the case's orders."""
    cases = {pk for _noun, pk in subjects_of(event_ids, "case")} if event_ids else set()
    if not cases:
        return
    for document in InboundDocument.objects.filter(case_id__in=cases).exclude(order=None).select_related("order"):
        case, order = Case.objects.filter(pk=document.case_id).first(), document.order
        if case is not None and order is not None:
            _link(case, order)


def _link(case: Case, order: Order) -> None:
    how = CaseLink.How.DOCUMENT
    with journal():
        link, is_new = CaseLink.objects.get_or_create(
            case=case, noun="order", object_id=order.pk, defaults={"how": how}
        )
        if is_new or link.how == CaseLink.How.SUGGESTED:
            link.how = how
            link.save(update_fields=["how"])
            record(verbs.LINKED, by=system(), on=[case, order], scope_team=case.team_id, to=order.number, how=how.label)


def _offer(message: Message) -> None:
    case = message.case
    if (
        case.customer is None
        or InboundDocument.objects.filter(case_id=case.pk, source_noun="message", source_id=message.pk).exists()
    ):
        return
    offered = False
    for row in message.attachments.select_related("file").exclude(file=None)[:10]:
        offered = _offer_file(row, case, _names_an_order(message.subject) or _names_an_order(row.name)) or offered
    text = f"{message.subject}\n\n{message.text}"
    is_told = _names_an_order(text[:500]) or names_taught(case.customer, message.text)
    if not offered and any(c.isdigit() for c in message.text) and is_told:
        receive(
            text.encode(), message.subject or str(_("Mail text")), by=system(), customer=case.customer, kind=Kind.MAIL,
            source=Source.BODY, source_noun="message", source_id=message.pk, case_id=case.pk, is_awaited=False,
        )  # fmt: skip


@action(
    "cases.read_as_order",
    subject=Message,
    root=lambda message: message.case,
    also=lambda message, inputs: _documents_of(message),
    authority=any_member,
    title=gettext_lazy("Read it as an order"),
)
def read_as_order(message: Message, *, by: Member) -> InboundDocument:
    """Have what somebody wrote read as an order, or entered beside it by hand; what it calls the parts is learned from that."""
    case = message.case
    if message.direction != Message.Direction.IN or not message.text.strip():
        raise ActionError(_("Only what a customer wrote can be read as an order."))
    if case.customer is None:
        raise ActionError(_("Whose order is it? Say first who the customer of this case is."))
    for document in _documents_of(message):
        document.is_awaited = True
        document.save(update_fields=["is_awaited"])
        return read_again(document, by=by)
    text = f"{message.subject}\n\n{message.text}"
    return receive(
        text.encode(), message.subject or str(_("Mail text")), by=by, customer=case.customer, kind=Kind.MAIL,
        source=Source.BODY, source_noun="message", source_id=message.pk, case_id=case.pk,
    )  # fmt: skip


def _documents_of(message: Message) -> list[InboundDocument]:
    return list(InboundDocument.objects.filter(source_noun="message", source_id=message.pk))


def _names_an_order(text: str) -> bool:
    plain = f" {text} ".casefold()
    return any(word in plain for word in MAY_ORDER)


def _offer_file(row: Attachment, case: Case, is_awaited: bool) -> bool:
    assert row.file is not None
    if InboundDocument.objects.filter(source_noun="attachment", source_id=row.pk).exists():
        return True
    if row.size > LARGEST_OFFERED:
        return False
    data = row.file.read()
    if not kind_of(data, row.name):
        return False
    receive(
        data, row.name, by=system(), customer=case.customer, source=Source.ATTACHMENT, source_noun="attachment",
        source_id=row.pk, case_id=case.pk, file=row.file,
        is_awaited=is_awaited,
    )  # fmt: skip
    return True


@action(
    "cases.ask_differences",
    subject=Order,
    authority=any_member,
    title=gettext_lazy("Ask the customer about the differences"),
)
def ask_differences(order: Order, *, by: Member) -> Case:
    """Put a text that lists what is open below what is written in the reply of the order's case, else of a new one."""
    rows = mark_asked(order, by=by)
    document = rows[0].verification.document
    case = Case.objects.visible_to(by).filter(pk=document.case_id).first() if document.case_id else None
    case = case or _open(order, by)
    add_to_draft(case, by, question(order, rows, case.language), apart="\n\n", hello=hello(case.language))
    return case


def _open(order: Order, by: Member) -> Case:
    inbox = Inbox.objects.filter(is_active=True).order_by("pk").first()
    if inbox is None:
        raise ActionError(_("There is no inbox to write from: set one up in the settings."))
    subject = _("Your order {po}").format(po=order.po_number or order.number)
    case = open_new(
        by=by, subject=subject, team=inbox.team, channel="email", inbox=inbox, customer=order.customer, contact=order.contact,
        language=language_of(order),
    )  # fmt: skip
    case.owner, case.state, case.type, case.is_unread = by, Case.State.OPEN, Case.Type.ORDER, False
    case.save(update_fields=["owner", "state", "type", "is_unread"])
    CaseLink.objects.create(case=case, noun="order", object_id=order.pk, how=CaseLink.How.MEMBER)
    return case
