"""What a customer asks on a page they reached by a link becomes a case of whoever answers for it."""

from datetime import timedelta

from django.utils.translation import gettext as _

from comptoir.actions import ActionError, lock
from comptoir.cases import verbs
from comptoir.cases.actions.opening import conversation_of, on, open_new
from comptoir.cases.clocks import next_update
from comptoir.cases.models import Ask, Case, CaseLink, Conversation, Inbox, Message
from comptoir.customers.models import Link
from comptoir.events import journal, record
from comptoir.lib import clock
from comptoir.people import system
from comptoir.people.models import Member, Team

WEB = Conversation.Channel.WEB
MOST_A_DAY, MOST_LETTERS = 10, 4_000


def ask_by_link(link: Link, *, subject: str, text: str, owner: Member | None, said_by: str = "") -> Case:
    """A question of whoever holds the link: into the case they opened by it lately, else into a new one.

    Sent again word by word within the day it is not asked again. What the link shows is linked to the case.
    """
    told = text.replace("\0", "").strip()[:MOST_LETTERS]
    if not told:
        raise ActionError(_("Nothing was asked."))
    told = f"{told}\n\n– {said_by}" if said_by else told
    with journal():
        lock(link.customer)
        since = clock.now() - timedelta(days=1)
        asked = Message.objects.filter(
            case__customer=link.customer_id, conversation__channel=WEB, direction="in", occurred_at__gte=since
        )
        twin: Message | None = asked.filter(text=told, case__subject=subject[:300]).select_related("case").first()
        if twin is not None:
            return twin.case
        if asked.count() >= MOST_A_DAY:
            raise ActionError(_("Too much was asked by this link today."))
        return _put(_case(link, subject, owner), link, told)


def _case(link: Link, subject: str, owner: Member | None) -> Case:
    standing = Case.objects.worked_on().filter(customer=link.customer_id, channel=WEB, subject=subject[:300])
    if found := standing.order_by("-pk").first():
        return found
    team = (owner.teams.filter(is_active=True).order_by("pk").first() if owner else None) or _any_team()
    case = open_new(
        by=system(), subject=subject, team=team, channel=WEB, customer=link.customer, contact=link.contact,
        language=link.language, inbox=team.inboxes.filter(is_active=True).order_by("pk").first(),
    )  # fmt: skip
    if owner is not None and owner.is_active and owner.teams.filter(pk=team.pk).exists():
        case.owner, case.state = owner, Case.State.OPEN
    return case


def _any_team() -> Team:
    inbox = Inbox.objects.filter(is_active=True).select_related("team").order_by("pk").first()
    team: Team | None = inbox.team if inbox else Team.objects.filter(is_active=True).order_by("pk").first()
    if team is None:
        raise ActionError(_("There is no team to answer."))
    return team


def _put(case: Case, link: Link, text: str) -> Case:
    now = clock.now()
    if link.subject_noun == "order":
        CaseLink.objects.get_or_create(
            case=case, noun="order", object_id=link.subject_id, defaults={"how": CaseLink.How.NUMBER}
        )
    message = Message.objects.create(
        case=case, conversation=conversation_of(case, WEB), contact=link.contact, text=text, sender_name=str(link)[:200],
        direction=Message.Direction.IN, language=link.language, occurred_at=now,
    )  # fmt: skip
    ask = Ask.objects.create(case=case, text=" ".join(text.split())[:300], message=message)
    record(verbs.ASK_ADDED, by=system(), on=[case], scope_team=case.team_id, text=ask.text)
    record(verbs.RECEIVED, by=system(), on=on(case), scope_team=case.team_id, channel=WEB.label, sender=str(link))
    case.last_message_at = case.last_inbound_at = now
    case.snippet, case.is_unread = " ".join(text.split())[:160], True
    case.next_update_at = case.next_update_at or next_update(case, now)
    case.save()
    return case
