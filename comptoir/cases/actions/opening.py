"""New cases, whatever they come from."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from comptoir.cases import verbs
from comptoir.cases.asking import asks_in
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Ask, Case, CaseLink, Conversation, Inbox, Message
from comptoir.customers.models import Contact, Customer
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.numbers import with_check
from comptoir.orders.queries import Found, find_in_text
from comptoir.people.models import Member, Team

AGAIN_DAYS = 7
How = CaseLink.How


def next_number() -> str:
    """The next case number, with its check digit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number')")
        return f"C-{with_check(cursor.fetchone()[0])}"


def open_new(
    *,
    by: Member,
    subject: str,
    team: Team,
    channel: str,
    inbox: Inbox | None = None,
    customer: Customer | None = None,
    contact: Contact | None = None,
    language: str = "en",
    flag: str = "",
    at: datetime | None = None,
) -> Case:
    """A new case with its first clock; its opening stands in the customer's story too."""
    now = clock.now()
    case = Case(
        number=next_number(), subject=(subject.strip() or _("(no subject)"))[:300], team=team, inbox=inbox,
        customer=customer, contact=contact, language=language, flag=flag[:200], channel=channel, created_at=now,
        last_message_at=at or now,
    )  # fmt: skip
    case.next_update_at = next_update(case, now)
    case.save()
    record(verbs.OPENED, by=by, on=on(case), scope_team=case.team_id, subject=case.subject)
    if flag:
        record(verbs.FLAGGED, by=by, on=[case], scope_team=case.team_id, flag=flag)
    return case


def on(case: Case) -> list[Case | Customer]:
    """What an event of a case is about: the case and its customer."""
    return [case, case.customer] if case.customer else [case]


def conversation_of(case: Case, channel: str, subject: str = "", *, is_new: bool = False) -> Conversation:
    """The case's conversation on a channel; a new one when it has none, as a case that `is_new` surely has not."""
    found = None if is_new else case.conversations.filter(channel=channel).order_by("pk").first()
    return found or Conversation.objects.create(case=case, channel=channel, inbox=case.inbox, subject=subject[:300])


def read_wishes(case: Case, message: Message, by: Member) -> None:
    """What the text asks for becomes asks, and the orders it names are linked."""
    asks = Ask.objects.bulk_create(Ask(case=case, text=text, message=message) for text in asks_in(message.text))
    for text in (ask.text for ask in asks):
        record(verbs.ASK_ADDED, by=by, on=[case], scope_team=case.team_id, text=text)
    for found in find_in_text(f"{message.subject}\n{message.text}", case.customer):
        link_order(case, found, by)
    link_again(case, by)


def link_order(case: Case, found: Found, by: Member) -> None:
    """Put an order that a text names beside the case; one of another customer is only a suggestion."""
    how = found.how if found.is_certain else "suggested"
    link = CaseLink.objects.filter(case=case, noun="order", object_id=found.order.pk).first()
    if link is None:  # nobody else links meanwhile: the case is new, or locked
        CaseLink.objects.create(
            case=case, noun="order", object_id=found.order.pk, how=how, positions=list(found.positions)
        )
        subjects = [case, found.order] if found.is_certain else [case]
        record(verbs.LINKED, by=by, on=subjects, scope_team=case.team_id, to=found.order.number, how=How(how).label)
    elif found.positions:
        link.positions = sorted({*link.positions, *found.positions})
        link.save(update_fields=["positions"])


def link_again(case: Case, by: Member) -> None:
    """A customer who comes back on the same order within seven days: the two cases know of each other."""
    if case.customer_id is None:
        return
    orders = case.links.filter(noun="order").values("object_id")
    since = clock.now() - timedelta(days=AGAIN_DAYS)
    earlier = Case.objects.filter(customer_id=case.customer_id, links__noun="order", links__object_id__in=orders)
    earlier = earlier.filter(last_message_at__gte=since).exclude(pk=case.pk).exclude(state__in=("merged", "spam"))
    linked = CaseLink.objects.filter(case=case, noun="case").values("object_id")
    others = list(earlier.exclude(pk__in=linked).distinct().order_by("-last_message_at")[:3])
    CaseLink.objects.bulk_create(CaseLink(case=case, noun="case", object_id=o.pk, how="again") for o in others)
    for other in others:
        record(verbs.LINKED, by=by, on=[case, other], scope_team=case.team_id, to=other.number, how=How.AGAIN.label)
        if other.solved_in_contact:
            Case.objects.filter(pk=other.pk).update(solved_in_contact=False)
