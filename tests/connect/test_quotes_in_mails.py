"""A quote put into a mail is sent, and frozen, when the mail leaves: not before, not twice, and not when it is thrown away."""

from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from comptoir.actions import ActionError
from comptoir.actions.approvals import approve
from comptoir.actions.models import Approval
from comptoir.cases.actions.answering import undo_send
from comptoir.cases.actions.desk import discard_draft
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case, Draft, Message
from comptoir.connect.email import jobs
from comptoir.connect.email.models import SinkMail
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, pull_in
from comptoir.orders.actions.quotes import accept_quote, change_quote, decline_quote, revise_quote, send_quote
from comptoir.orders.actions.rules import set_discount_limit
from comptoir.orders.models import Quote
from comptoir.people import Role
from tests import build
from tests.offers import prepare_approved, written_quote

pytestmark = pytest.mark.django_db


class Desk:
    """A rep with a quote of theirs put into the reply of a new case."""

    def __init__(self, client: Client) -> None:
        build.inbox()
        build.site()
        self.client, self.rep = client, build.member(name="Emma Laurent")
        self.customer = build.customer()
        build.contact(self.customer)
        client.force_login(self.rep)
        self.quote = written_quote(self.customer, self.rep)

    def into_a_mail(self) -> Case:
        assert self.client.post(f"/quotes/{self.quote.number}/mail/").status_code == 302
        return Case.objects.get()

    def send(self, case: Case) -> Message:
        draft = Draft.objects.get(case=case)
        typed = {"text": draft.text, "to": "claire@martin.example", "shown": draft.shown}
        self.client.post(f"/cases/{case.number}/reply/", typed)
        return Message.objects.exclude(state="undone").get(case=case, direction="out")

    @property
    def state(self) -> tuple[str, int]:
        return Quote.objects.get(pk=self.quote.pk).state, self.quote.versions.count()


@pytest.fixture
def desk(client: Client, settings) -> Desk:
    settings.DEMO = True  # mails go into the demo's outbox
    return Desk(client)


def sent_pdf() -> tuple[str, str]:
    """The name and the text of the paper in the last mail that left."""
    mail = message_from_bytes(SinkMail.objects.latest("pk").file.read(), policy=policy.default)
    [part] = list(mail.iter_attachments())
    return part.get_filename(), " ".join(PdfReader(BytesIO(part.get_content())).pages[0].extract_text().split())


def test_a_quote_is_a_draft_until_its_mail_leaves_and_sent_then_as_it_stands_then(desk):
    case = desk.into_a_mail()
    assert desk.state == ("draft", 0)
    assert "waits in a reply" in desk.client.get(f"/quotes/{desk.quote.number}/").content.decode()
    message = desk.send(case)
    assert desk.state == ("draft", 0)
    desk.quote.lines.update(description="Gear pump, painted blue")
    jobs.deliver(message_id=message.pk)
    message.refresh_from_db()
    assert message.state == "sent"
    assert desk.state == ("sent", 1)
    name, text = sent_pdf()
    assert name == f"{desk.quote.number}-v1.pdf"
    assert "painted blue" in text
    assert message.attachments.get().file == desk.quote.versions.get().file
    assert "waits in a reply" not in desk.client.get(f"/quotes/{desk.quote.number}/").content.decode()


def test_thrown_away_and_taken_back_mails_leave_the_quote_a_draft_and_what_is_taken_back_can_still_be_sent(desk):
    case = desk.into_a_mail()
    message = desk.send(case)
    undo_send(message, by=desk.rep)
    jobs.deliver(message_id=message.pk)
    assert desk.state == ("draft", 0)
    jobs.deliver(message_id=desk.send(case).pk)
    assert desk.state == ("sent", 1)
    revise_quote(Quote.objects.get(), by=desk.rep)
    desk.client.post(f"/quotes/{desk.quote.number}/mail/", {"case": case.pk})
    assert Draft.objects.get(case=case).files.get().name.endswith("-v2.pdf")
    discard_draft(case, desk.rep, "reply")
    assert desk.state == ("draft", 1)


def test_delivering_twice_freezes_once_and_a_crash_in_between_sends_the_same_version(desk):
    message = desk.send(desk.into_a_mail())
    jobs.deliver(message_id=message.pk)
    revise_quote(Quote.objects.get(), by=desk.rep)
    Message.objects.filter(pk=message.pk).update(state="sending")
    message.recipients.update(state="queued")
    message.attachments.update(file=None)
    jobs.deliver(message_id=message.pk)
    assert desk.state == ("draft", 1)
    assert sent_pdf()[0] == f"{desk.quote.number}-v1.pdf"


@pytest.mark.parametrize("became", ["sent", "declined", "accepted", "revised"])
def test_what_was_sent_another_way_meanwhile_is_enclosed_as_it_was_sent(desk, became):
    message = desk.send(desk.into_a_mail())
    send_quote(desk.quote, by=desk.rep)
    quoted = Quote.objects.get()
    if became == "accepted":
        accept_quote(quoted, by=desk.rep)
    elif became != "sent":
        decline_quote(quoted, by=desk.rep, reason="Too dear")
    if became == "revised":
        revise_quote(quoted, by=desk.rep)
    jobs.deliver(message_id=message.pk)
    assert desk.state == ("draft" if became == "revised" else became, 1)
    assert sent_pdf()[0] == f"{desk.quote.number}-v1.pdf"


def test_a_quote_that_is_over_is_not_sent_whenever_that_is_found(desk):
    case = desk.into_a_mail()
    message = desk.send(case)
    with clock.at(clock.now() + timedelta(days=40)):
        jobs.deliver(message_id=message.pk)
    message.refresh_from_db()
    assert message.state == "failed"
    assert "would be over" in message.recipients.get().last_error
    assert desk.state == ("draft", 0)
    Quote.objects.update(valid_until=clock.today() - timedelta(days=1))
    assert desk.client.post(f"/quotes/{desk.quote.number}/mail/").status_code == 422
    assert not SinkMail.objects.exists()


def test_prices_beyond_the_writers_limit_are_approved_before_and_refused_in_a_mail(desk):
    case = desk.into_a_mail()
    set_discount_limit(by=build.member(Role.ADMINISTRATOR), role=Role.REP, percent=Decimal(5))
    desk.quote.lines.update(unit_price=1, price_source="manual")
    draft = Draft.objects.get(case=case)
    typed = {"text": draft.text, "to": "claire@martin.example", "shown": draft.shown}
    answer = desk.client.post(f"/cases/{case.number}/reply/", typed)
    assert "Have the prices approved on its own page first" in answer.content.decode()
    assert not Message.objects.filter(direction="out").exists()
    assert Draft.objects.get(case=case).files.count() == 1
    answer = desk.client.post(f"/quotes/{desk.quote.number}/mail/")
    assert answer.headers["Location"] == "/approvals/"
    asked = Approval.objects.get()
    assert asked.action == "orders.approve_quote"
    approve(asked, by=build.member(Role.MANAGER))
    assert desk.state == ("draft", 0)
    jobs.deliver(message_id=desk.send(case).pk)
    assert desk.state == ("sent", 1)


def test_prices_changed_after_the_approval_do_not_leave_with_a_mail_that_waits(desk):
    case = desk.into_a_mail()
    set_discount_limit(by=build.member(Role.ADMINISTRATOR), role=Role.REP, percent=Decimal(5))
    desk.quote.lines.update(unit_price=50, price_source="manual")
    Quote.objects.update(prices_approved=True)
    message = desk.send(case)
    Quote.objects.update(prices_approved=False)  # as whoever changes it leaves it
    desk.quote.lines.update(unit_price=1)
    jobs.deliver(message_id=message.pk)
    message.refresh_from_db()
    assert message.state == "failed"
    assert "Have the prices approved" in message.recipients.get().last_error
    assert desk.state == ("draft", 0)
    assert not SinkMail.objects.exists()


def test_a_quote_in_a_mail_about_to_leave_is_not_changed_before_the_mail_is_taken_back(desk):
    message = desk.send(desk.into_a_mail())
    quoted, lines = Quote.objects.get(), [NewLine(build.product("Valve"), Decimal(3), build.workday(15))]
    colleague = build.member()
    with pytest.raises(ActionError, match="take the mail back first"):
        change_quote(quoted, by=colleague, lines=lines)
    assert quoted.lines.get().description != "Valve"
    undo_send(message, by=desk.rep)
    change_quote(quoted, by=colleague, lines=lines)
    assert quoted.lines.get().description == "Valve"


@pytest.mark.parametrize("where", ["case", ""])
def test_an_approved_quote_waits_in_a_reply_of_who_asked_and_is_sent_when_that_leaves(desk, where):
    case = receive(build.mail("Un devis ?")).case
    set_discount_limit(by=build.member(Role.ADMINISTRATOR), role=Role.REP, percent=Decimal(5))
    desk.quote.lines.update(unit_price=1, price_source="manual")
    desk.client.post(f"/quotes/{desk.quote.number}/mail/", {"case": case.pk} if where else {})
    assert not Draft.objects.exists()
    approve(Approval.objects.get(), by=build.member(Role.MANAGER))
    for _twice in range(2):
        prepare_approved()
    draft = Draft.objects.get()
    assert (draft.member, draft.kind, (draft.case == case)) == (desk.rep, "reply", bool(where))
    assert (draft.text.count(desk.quote.number), draft.text.count("/q/"), draft.files.count()) == (1, 1, 1)
    page = desk.client.get(f"/quotes/{desk.quote.number}/").content.decode()
    assert "Approved, to be sent" in page
    assert "waits in a reply" in page
    assert desk.state == ("draft", 0)
    message = desk.send(draft.case)
    prepare_approved()
    jobs.deliver(message_id=message.pk)
    assert desk.state == ("sent", 1)
    prepare_approved()
    assert not Draft.objects.exists()


@pytest.mark.parametrize("became", ["spam", "of another customer", "not to be seen"])
def test_an_approved_quote_goes_into_a_new_case_where_the_one_it_was_asked_in_fits_no_more(desk, became):
    case = receive(build.mail("Un devis ?")).case
    set_discount_limit(by=build.member(Role.ADMINISTRATOR), role=Role.REP, percent=Decimal(5))
    desk.quote.lines.update(unit_price=1, price_source="manual")
    desk.client.post(f"/quotes/{desk.quote.number}/mail/", {"case": case.pk})
    changes = {
        "spam": {"state": "spam"},
        "of another customer": {"customer": build.customer("Nordisk")}, "not to be seen": {"team": build.team("Export")},
    }  # fmt: skip
    Case.objects.update(**changes[became])
    approve(Approval.objects.get(), by=build.member(Role.MANAGER))
    prepare_approved()
    draft = Draft.objects.get()
    assert draft.case != case
    assert (draft.case.customer, draft.files.get().quote) == (desk.customer, desk.quote)


def test_an_approved_quote_whose_reply_is_thrown_away_is_a_draft_still(desk):
    set_discount_limit(by=build.member(Role.ADMINISTRATOR), role=Role.REP, percent=Decimal(5))
    desk.quote.lines.update(unit_price=1, price_source="manual")
    desk.client.post(f"/quotes/{desk.quote.number}/mail/")
    approve(Approval.objects.get(), by=build.member(Role.MANAGER))
    prepare_approved()
    case = Draft.objects.get().case
    discard_draft(case, desk.rep, "reply")
    assert desk.state == ("draft", 0)
    assert Quote.objects.get().is_approved


def test_the_paper_can_be_looked_at_before_and_nothing_of_it_is_kept(desk):
    answer = desk.client.get(f"/quotes/{desk.quote.number}/preview.pdf")
    assert answer.content.startswith(b"%PDF")
    assert desk.state == ("draft", 0)
    send_quote(desk.quote, by=desk.rep)
    answer = desk.client.get(f"/quotes/{desk.quote.number}/preview.pdf")
    assert answer.headers["Location"] == f"/quotes/{desk.quote.number}/versions/1/quote.pdf"


def test_a_confirmation_leaves_as_the_version_that_was_put_into_the_mail_and_a_thrown_away_one_changes_nothing(desk):
    order = build.order(desk.customer)
    version, case = order.versions.get(), desk.into_a_mail()
    desk.client.post(
        f"/cases/{case.number}/files/", {"order_version": version.pk, "remove": Draft.objects.get().files.get().pk}
    )
    message = desk.send(case)
    row = build.schedule_line(order)
    senior = build.member(Role.SENIOR)
    pull_in(row, by=senior, to=build.workday(12), reason=build.reason())
    jobs.deliver(message_id=message.pk)
    assert sent_pdf()[0] == f"{order.number}-v1.pdf"
    assert message.attachments.get().file == order.versions.get(version=1).file
    assert order.versions.get(version=2).file is None
    assert desk.state == ("draft", 0)
