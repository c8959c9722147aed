"""The customer's side of a demo desk."""

import pytest
from django.test import Client

from comptoir.cases.actions.answering import reply
from comptoir.cases.models import Case
from comptoir.connect.email.delivery import deliver
from comptoir.connect.email.models import RawMail, SinkMail
from comptoir.demo import goods, house, job
from comptoir.lib import clock
from comptoir.people.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, settings) -> Client:  # type: ignore[no-untyped-def]
    settings.DEMO = True
    house.build()
    goods.build(clock.today())
    job.build(clock.today())
    client.force_login(Member.objects.get(name="Emma Laurent"))
    return client


def test_the_page_is_there_on_a_demo_desk_only(desk: Client, settings) -> None:  # type: ignore[no-untyped-def]
    assert desk.get("/demo/").status_code == 200
    settings.DEMO = False
    assert desk.get("/demo/").status_code == 404
    assert desk.get("/demo/outbox/").status_code == 404


def test_the_buyers_mail_is_prefilled_and_comes_in(desk: Client) -> None:
    form = desk.get("/demo/").context["form"]
    initial = form.initial
    assert "PO-77341" in initial["text"]
    data = {
        "sender": initial["sender"].pk,
        "inbox": initial["inbox"].pk,
        "subject": initial["subject"],
        "text": initial["text"],
    }
    assert desk.post("/demo/", data).status_code == 302
    raw = RawMail.objects.get()
    assert raw.inbox.address == "service.clients@lyskamp.example"
    assert "Pourriez-vous" in _read(raw)


def test_what_was_sent_is_shown_and_can_be_answered_in_its_thread(desk: Client) -> None:
    case = _filed(desk)
    emma = Member.objects.get(name="Emma Laurent")
    message = reply(case, by=emma, text="C’est fait.")
    with clock.at(message.send_after):
        deliver(message.pk)
    sent = SinkMail.objects.get()
    assert "C’est fait." in desk.get("/demo/outbox/").content.decode()
    initial = desk.get(f"/demo/?reply={sent.pk}").context["form"].initial
    assert initial["in_reply_to"] == message.message_id
    assert initial["sender"].value == "claire.moreau@rhone-mecanique.example"


def _read(raw: RawMail) -> str:
    from email import message_from_bytes, policy

    return str(message_from_bytes(raw.file.read(), policy=policy.default).get_content())


def _filed(desk: Client) -> Case:
    from comptoir.connect.email.jobs import file

    initial = desk.get("/demo/").context["form"].initial
    data = {
        "sender": initial["sender"].pk,
        "inbox": initial["inbox"].pk,
        "subject": initial["subject"],
        "text": initial["text"],
    }
    desk.post("/demo/", data)
    file()
    return Case.objects.get()
