"""The job of a desk, played whole: the buyer's mail program, two reps and a senior at their browsers, real SMTP both ways."""

import re
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from comptoir.actions.due import tick
from comptoir.cases.models import Case, Inbox
from comptoir.connect.email.models import Mailbox
from comptoir.demo import goods, house, job
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.orders.models import Order, ScheduleLine
from comptoir.people.models import Member
from comptoir.promises.models import Promise
from tests.conftest import need
from tests.web.desk import Desk, browser, eventually, give_password, running, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = "Bonjour Claire,\n\nla position 20 arrive plus tôt, la confirmation est jointe."


@pytest.fixture
def people() -> dict[str, Member]:
    house.build()
    goods.build(clock.today())
    job.build(clock.today())
    found = {name: Member.objects.get(name=name) for name in ("Emma Laurent", "Lotte Verbeke", "Marc Peeters")}
    give_password(*found.values())
    return found


@pytest.fixture
def desk(people: dict[str, Member]):
    with running() as desk:
        Mailbox.objects.create(
            inbox=Inbox.objects.get(language="fr"), sending="smtp", smtp_host="127.0.0.1", smtp_port=desk.post.port,
            smtp_security="none",
        )  # fmt: skip
        yield desk


def written(text: str = "", *, answers: EmailMessage | None = None) -> EmailMessage:
    """The buyer's mail as her mail program sends it."""
    letter, mail = job.letter(), EmailMessage()
    mail["From"], mail["To"], mail["Date"] = letter.sender, letter.to, formatdate()
    mail["Subject"] = f"Re: {answers['Subject']}" if answers else letter.subject
    mail["Message-ID"] = make_msgid(domain="rhone-mecanique.example")
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = answers["Message-ID"]
    mail.set_content(text or letter.text)
    return mail


def test_the_job_from_the_buyers_mail_to_the_broken_promise(people, desk: Desk) -> None:
    with browser(need("chromium", "the browser test of the job")) as chromium:
        emma, lotte, marc = (signed_in(chromium, desk, member) for member in people.values())
        lotte.goto(f"{desk.url}/?view=unassigned")
        emma.goto(f"{desk.url}/?view=unassigned")
        desk.send(written())
        open_from_the_queue(emma)
        case = Case.objects.get()
        sees_the_whole_story(emma, case)
        lotte.goto(f"{desk.url}/cases/{case.number}/")
        expect(emma.locator(".case-head .avatar")).to_have_attribute("title", "Lotte Verbeke")
        day = pulls_in_above_the_limit(emma)
        approves(marc, desk)
        sees_it_done(emma, lotte, day)
        due = promises_an_answer(emma, lotte)
        answers_with_the_confirmation(emma, lotte)
        reply = receives(desk, day)
        desk.send(written("Merci, et la position 10 ?", answers=reply))
        for page in (emma, lotte):
            expect(page.locator(".thread")).to_contain_text("Merci, et la position 10 ?")
        logs_her_call(emma, case)
        assert Case.objects.get() == case
        tick(due + timedelta(minutes=1))
        sees_the_broken_promise(emma, desk)
        all_agrees(case, day)
        assert [page.errors for page in (emma, lotte, marc)] == [[], [], []]


def open_from_the_queue(emma: Page) -> None:
    """The mail appears by itself and is opened by key."""
    expect(emma.locator(".row")).to_contain_text("Claire Moreau")
    emma.keyboard.press("j")
    emma.keyboard.press("Enter")
    expect(emma.locator(".case-head h1")).to_have_text("Commande PO-77341 – position 20 plus urgente")
    emma.keyboard.press("m")
    expect(emma.locator(".case-head")).to_contain_text("Emma Laurent")


def sees_the_whole_story(emma: Page, case: Case) -> None:
    context = emma.locator(".context-pane")
    for text in ("Ateliers Rhône Mécanique", "PO-77341", "+33 4 65 71 20 31"):
        expect(context).to_contain_text(text)
    expect(context.locator("mark")).to_have_count(2)
    assert [a.text for a in case.asks.all()] == [
        t.strip() for t in context.locator(".item-body > span[lang]").all_inner_texts()
    ]
    assert case.asks.count() == 2


def pulls_in_above_the_limit(emma: Page) -> date:
    """She asks for a faster freight than her limit allows; the dialog says so before, the page after."""
    row = ScheduleLine.objects.get(line__position=20)
    emma.get_by_label("Change position 20").click()
    emma.locator(".menu[open]").get_by_role("button", name="Pull in").click()
    dialog = emma.locator("dialog[open]")
    expect(dialog).to_contain_text("left a month")
    wanted = job.Days(clock.today()).wanted
    dialog.get_by_label("New date").fill(wanted.isoformat())
    dialog.locator("[name=freight_cost_0]").fill("120")
    dialog.get_by_label("Reason").select_option(index=1)
    expect(dialog.locator(".preview")).to_contain_text("sent for approval")
    dialog.locator("[type=submit]").click()
    expect(dialog).to_have_count(0)
    expect(emma.locator(".context-pane [data-approval]")).to_contain_text("Waiting for approval")
    row.refresh_from_db()
    assert row.promised_on != wanted
    return wanted


def approves(marc: Page, desk: Desk) -> None:
    marc.goto(f"{desk.url}/approvals/")
    card = marc.locator("[data-approval]").first
    expect(card).to_contain_text("Extra freight cost")
    card.get_by_role("button", name="Approve").click()
    marc.locator("dialog[open] [type=submit]").click()
    expect(marc.locator("dialog[open]")).to_have_count(0)


def sees_it_done(emma: Page, lotte: Page, day: date) -> None:
    """Both see the answer and the new date without loading the page again."""
    for page in (emma, lotte):
        expect(page.locator("[data-approval]")).to_contain_text("Approved")
        expect(page.locator("[data-marked] .date-facts").last).to_contain_text(str(day.day))
        expect(page.locator(".context-pane")).to_contain_text("v2")


def promises_an_answer(emma: Page, lotte: Page) -> datetime:
    due = datetime.combine(clock.today() + timedelta(days=1), time(15), ZoneInfo("Europe/Brussels"))
    emma.get_by_label("What to do about it").last.click()
    emma.locator(".menu[open]").get_by_role("button", name="Promise an answer").click()
    dialog = emma.locator("dialog[open]")
    dialog.locator("[name=due_at]").fill(f"{due:%Y-%m-%dT%H:%M}")
    dialog.locator("[type=submit]").click()
    expect(lotte.locator(".context-pane")).to_contain_text("Promised by Emma Laurent")
    return due


def answers_with_the_confirmation(emma: Page, lotte: Page) -> None:
    composer = emma.locator("[data-composer]")
    composer.get_by_role("button", name=re.compile("SO-.* v2")).click()
    expect(composer.locator(".files")).to_contain_text("v2.pdf")
    composer.get_by_label("Pourriez-vous").check()
    composer.locator("textarea[name=text]").first.fill(ANSWER)
    expect(lotte.locator(".case-head .avatar[data-presence=replying]")).to_have_count(1)
    emma.keyboard.press("Control+Enter")
    expect(emma.locator(".toast").filter(has_text="Reply sent").get_by_role("button", name="Undo")).to_be_visible()
    for page in (emma, lotte):
        expect(page.locator("[data-direction=out]")).to_contain_text("la confirmation est jointe")


def receives(desk: Desk, day: date) -> EmailMessage:
    """Her mail program has it, in her thread, with the new confirmation."""
    reply: EmailMessage = eventually(lambda: desk.post.mails)[0]
    first = Case.objects.get().messages.order_by("pk")[0]
    assert reply["In-Reply-To"] == first.message_id
    assert reply["Subject"] == f"Re: {first.subject}"
    body = reply.get_body(("plain",))
    assert body is not None
    assert "la position 20 arrive plus tôt" in body.get_content()
    assert "Emma Laurent" in body.get_content()
    (pdf,) = [part for part in reply.iter_attachments() if part.get_content_type() == "application/pdf"]
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.get_content())).pages)
    assert "PO-77341" in text
    assert f"{day:%d/%m/%Y}" in text or str(day.day) in text
    return reply


def logs_her_call(emma: Page, case: Case) -> None:
    """She phones: her number finds her, the call stands in the same case."""
    emma.keyboard.press("Escape")
    emma.locator(".case-head h1").click()
    emma.keyboard.press("c")
    dialog = emma.locator("dialog[open]")
    dialog.get_by_label("What was said").fill("Elle rappelle pour la position 10.")
    dialog.locator("[type=submit]").click()
    expect(emma.locator(".thread")).to_contain_text("Elle rappelle pour la position 10.")
    assert case.messages.filter(conversation__channel="phone").count() == 1


def sees_the_broken_promise(emma: Page, desk: Desk) -> None:
    emma.goto(f"{desk.url}/day/")
    expect(emma.locator("[data-state=broken]").filter(has_text="position 10")).to_contain_text("Broken")


def all_agrees(case: Case, day: date) -> None:
    """Dates, promise, approval, message and journal, each written in the transaction of the act."""
    order = Order.objects.get(po_number="PO-77341")
    row = ScheduleLine.objects.get(order=order, line__position=20)
    assert (row.promised_on, order.version) == (day, 2)
    assert Promise.objects.standing().on(row).get().due_on == day
    moved = next(e for e in story(order) if e.verb == "orders.date_moved")
    assert (moved.actor.name, moved.approver.name) == ("Emma Laurent", "Marc Peeters")
    told = {e.verb for e in story(case)}
    assert {"cases.received", "orders.date_moved", "actions.approval_given", "promises.made", "cases.replied",
            "cases.sent", "cases.logged", "promises.broken"} <= told  # fmt: skip
