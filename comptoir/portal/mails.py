"""Mails that lead to a customer's pages: put into a reply with their link, to look at and send; never sent by themselves."""

from collections.abc import Sequence

from babel.dates import format_date
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from procrastinate.contrib.django import app

from comptoir.actions import ActionError, perform
from comptoir.cases.actions import desk
from comptoir.cases.actions.enclosing import enclose_quote
from comptoir.cases.models import Attachment, Case, Draft, DraftFile
from comptoir.cases.queries import cases_about
from comptoir.cases.telling import words_of as words_of_notices
from comptoir.customers.models import Link
from comptoir.events.models import Event, EventSubject
from comptoir.orders import verbs
from comptoir.orders.models import Order, OrderChange, Quote
from comptoir.people.models import Member
from comptoir.portal.changes import in_words
from comptoir.portal.saying import region, spoken, words_of

APPROVED = (verbs.CHANGE_OFFERED.name, verbs.QUOTE_APPROVED.name)


def follow(event_ids: Sequence[int]) -> None:
    """Have the mail prepared for whoever asked, where somebody has agreed to an offer or a quote."""
    rows = Event.objects.filter(pk__in=event_ids, verb__in=APPROVED).exclude(approver=None)
    for pk in rows.values_list("pk", flat=True):
        app.configure_task("portal.prepare_mail", queue="papers").defer(event_id=pk)


@transaction.atomic
def prepare(event_id: int) -> None:
    """Put what was approved into a reply of whoever asked: in the case it was asked in, where there is one.

    Twice is once, and all or nothing: a link is known only while it is made.
    """
    event = Event.objects.select_related("actor").get(pk=event_id)
    about = dict(EventSubject.objects.filter(event_id=event_id).values_list("noun", "object_id"))
    member, key = event.actor, f"approved-{event_id}"
    case = Case.objects.visible_to(member).filter(pk=about.get("case", 0)).first()
    if change := OrderChange.objects.filter(pk=about.get("orderchange", 0), state=OrderChange.State.OFFERED).first():
        offer_change(change, member, case, key)
    quoted = Quote.objects.filter(pk=about.get("quote", 0), state=Quote.State.DRAFT).first()
    if quoted is not None and quoted.is_approved and not _is_enclosed(quoted):
        fits = case is not None and case.is_worked_on and case.customer_id == quoted.customer_id
        try:
            put_quote(quoted, member, case if fits else None, key)
        except ActionError:
            return  # nothing to write from or to: it can be put into a mail from its page all the same


def _is_enclosed(quoted: Quote) -> bool:
    return any(
        rows.filter(quote=quoted, quote_version=quoted.version).exists()
        for rows in (DraftFile.objects, Attachment.objects)
    )


def offer_change(change: OrderChange, member: Member, case: Case | None = None, key: str = "") -> str:
    """Where the reply stands that offers the change: in the case given, else the latest about the order, else a new.

    Where no link or case can be made, the order itself, and the offer stands all the same.
    """
    order = Order.objects.select_related("customer", "contact").get(pk=change.order_id)
    change.order = order
    try:
        link: Link = perform("orders.share", by=member, subject=order, inputs={}, key=key and f"{key}-link").result
        found = _case(order, link, member, case, key)
    except ActionError:
        return f"{order.get_absolute_url()}#changes"
    if link.token:
        below(found, member, _offer(change, link), _hello(link))
    return f"{found.get_absolute_url()}#compose-reply"


def _case(order: Order, link: Link, member: Member, given: Case | None, key: str) -> Case:
    found = cases_of(order, member)
    named = next((case for case in found if case == given), None)
    return named or (found[0] if found else new_case(order, link, member, key and f"{key}-case"))


def _offer(change: OrderChange, link: Link) -> str:
    order, language = change.order, spoken(link.language)
    told = in_words(change, language)
    return words_of("order", language)["offer_mail"].format(number=named(order), told=told, link=address_of(link))


def _hello(link: Link) -> str:
    words = words_of_notices(spoken(link.language))
    return words["hello"].format(name=link.contact.name) if link.contact else words["hello_all"]


def named(order: Order) -> str:
    """An order as its customer calls it, with our number."""
    return f"{order.po_number} ({order.number})" if order.po_number else order.number


def address_of(link: Link) -> str:
    """Where a link to an order that was made just now leads."""
    return f"{settings.BASE_URL}{reverse('portal-order', args=[link.token])}"


def cases_of(order: Order, member: Member) -> list[Case]:
    """The customer's own cases about the order in which somebody may still write."""
    found = cases_about(order, member)
    return [case for case in found if case.is_worked_on and case.customer_id == order.customer_id]


def new_case(order: Order, link: Link, member: Member, key: str) -> Case:
    """A new case with the order beside it that writes to whom the link is for."""
    subject = words_of("order", spoken(link.language))["title"].format(number=order.po_number or order.number)
    inputs = {"customer": str(order.customer_id), "contact": str(link.contact_id or ""), "subject": subject}
    started: Case = perform("cases.start", by=member, inputs=inputs, about=order, key=key).result
    perform("cases.link_order", by=member, subject=started, inputs={"order": str(order.pk)})
    return started


def below(case: Case, member: Member, text: str, hello: str = "") -> Draft:
    """Put a text below what the member has written in a case so far; `hello` goes before it where that is nothing."""
    return desk.add_to_draft(case, member, text, apart="\n\n", hello=hello)


def put_quote(quoted: Quote, member: Member, case: Case | None = None, key: str = "") -> Case:
    """Put a quote's paper and a text with a link into the member's reply, below what is written there; else into a new case."""
    case = case or _new_case_of(quoted, member, key and f"{key}-case")
    draft = Draft.objects.filter(case=case, member=member, kind="reply").first()
    text = "" if draft and quoted.number in draft.text else _quoted(quoted, member)
    if draft is None or text or not draft.files.filter(quote=quoted, quote_version=quoted.version).exists():
        with transaction.atomic():
            enclose_quote(below(case, member, text), quoted)
    return case


def _new_case_of(quoted: Quote, member: Member, key: str) -> Case:
    subject = words_of("quote", spoken(quoted.language))["title"].format(number=quoted.number)
    inputs = {"customer": str(quoted.customer_id), "contact": str(quoted.contact_id or ""), "subject": subject}
    started: Case = perform("cases.start", by=member, inputs=inputs, about=quoted, key=key).result
    return started


def _quoted(quoted: Quote, member: Member) -> str:
    """What the mail says, in the language of its reader, with the link by which they answer."""
    link = perform("orders.link_quote", by=member, subject=quoted).result
    language = spoken(quoted.language)
    day = str(format_date(quoted.valid_until, "long", locale=region(language)))
    address = f"{settings.BASE_URL}{reverse('portal-quote', args=[link.token])}"
    return words_of("quote", language)["mail"].format(number=quoted.number, day=day, link=address)
