"""What is put into a reply while it is being written is neither lost nor sent unseen."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from comptoir.cases.actions import desk as actions
from comptoir.cases.actions.desk import add_to_draft
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Draft, Message
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.documents import receive as receive_document
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.models import Order, Quote
from comptoir.orders.reading import read
from comptoir.portal.mails import put_quote
from tests import build
from tests.offers import written_quote

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


class Desk:
    """A rep who has the reply of a customer's case open."""

    def __init__(self, client: Client) -> None:
        build.inbox()
        build.site()
        self.client, self.rep = client, build.member()
        customer = build.customer()
        build.contact(customer)
        self.case = receive(build.mail("Un devis ?")).case
        self.quote = written_quote(customer, self.rep)
        client.force_login(self.rep)
        self.shown = self.open()

    def open(self) -> str:
        return shown_in(self.client.get(self.case.get_absolute_url()).content.decode())

    def typed(self, text: str, **more: str) -> dict[str, str]:
        return {"text": text, "to": "claire@martin.example", "shown": self.shown, **more}

    def save(self, text: str, **more: str):
        return self.client.post(f"/cases/{self.case.number}/draft/", self.typed(text, **more), headers=PARTIAL)

    def send(self, text: str):
        return self.client.post(f"/cases/{self.case.number}/reply/", self.typed(text), headers=PARTIAL)

    @property
    def text(self) -> str:
        return Draft.objects.get().text


def shown_in(page: str) -> str:
    return re.search(r'name="shown" value="([^"]*)"', page)[1]


@pytest.fixture
def desk(client: Client) -> Desk:
    return Desk(client)


@pytest.mark.parametrize("begun", ["", "Bonjour Claire,"])
def test_what_is_saved_from_a_page_opened_before_keeps_what_was_added(desk, begun):
    if begun:
        desk.save(begun)
    put_quote(desk.quote, desk.rep, desk.case)
    added = desk.text.removeprefix(begun).strip()
    assert desk.quote.number in added
    for typed in ("Bonjour Claire, mer", "Bonjour Claire, merci."):
        desk.save(typed)
        assert desk.text == f"{typed}\n\n{added}"
    desk.shown = desk.open()
    desk.save("Bonjour Claire, merci. Voici notre devis.")
    assert desk.text == "Bonjour Claire, merci. Voici notre devis."


def test_a_quote_put_into_an_open_reply_does_not_leave_before_it_was_seen(desk):
    put_quote(desk.quote, desk.rep, desk.case)
    answer = desk.send("Bonjour Claire, merci.")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Message.objects.filter(direction="out").exists()
    assert "Something was added to this reply meanwhile" in page
    assert (desk.quote.paper_name in page, page.count("/q/")) == (True, 1)
    desk.shown = shown_in(page)
    desk.send(desk.text)
    message = Message.objects.get(direction="out")
    assert message.attachments.get().quote == desk.quote
    assert message.text.startswith("Bonjour Claire, merci.\n\n")
    assert "/q/" in message.text


def test_a_file_alone_is_seen_before_it_leaves_as_well(desk):
    desk.save(f"Voici {desk.quote.number}.")
    put_quote(desk.quote, desk.rep, desk.case)
    assert Draft.objects.get().files.count() == 1
    assert desk.send(f"Voici {desk.quote.number}.").status_code == 422
    assert Quote.objects.get().state == "draft"
    shown = desk.shown = desk.open()
    put_quote(desk.quote, desk.rep, desk.case)
    assert desk.open() == shown
    assert desk.send(f"Voici {desk.quote.number}.").status_code == 200


def test_the_open_page_says_so_and_shows_it_below_what_is_typed(desk):
    part = f"/cases/{desk.case.number}/?part=added&shown={desk.shown}"
    assert "added" not in desk.client.get(part, headers=PARTIAL).content.decode()
    add_to_draft(desk.case, desk.rep, "10 pcs Gear pump")
    assert "Something was added" in desk.client.get(part, headers=PARTIAL).content.decode()
    page = desk.save("Bonjour,", show="1").content.decode()
    assert "Bonjour,\n10 pcs Gear pump</textarea>" in page
    part = f"/cases/{desk.case.number}/?part=added&shown={shown_in(page)}"
    assert "added" not in desk.client.get(part, headers=PARTIAL).content.decode()


def test_the_greeting_stays_where_the_open_page_has_nothing_written(desk):
    add_to_draft(desk.case, desk.rep, "Quelle adresse ?", apart="\n\n", hello="Bonjour,")
    add_to_draft(desk.case, desk.rep, "Et quand ?", apart="\n\n", hello="Bonjour,")
    asked = "Bonjour,\n\nQuelle adresse ?\n\nEt quand ?"
    assert desk.text == asked
    desk.save(" ")
    assert desk.text == asked
    desk.save("Chère Claire,")
    assert desk.text == "Chère Claire,\n\nQuelle adresse ?\n\nEt quand ?"
    page = desk.save("", show="1").content.decode()
    assert f"{asked}</textarea>" in page


def test_a_page_that_showed_an_earlier_draft_has_not_seen_the_next(desk):
    add_to_draft(desk.case, desk.rep, "10 pcs Gear pump")
    desk.shown = desk.open()
    Draft.objects.all().delete()
    add_to_draft(desk.case, desk.rep, "5 pcs Valve")
    assert desk.send("10 pcs Gear pump").status_code == 422
    assert not Message.objects.filter(direction="out").exists()


def differing(desk: Desk) -> Order:
    """An order from a document of the case that names a place we do not know."""
    customer, product = desk.case.customer, build.product()
    text = f"PO number;1\nShip to;Nowhere 9, 99999 Elsewhere\n\nArticle;Qty\n{product.number};4\n"
    document = receive_document(text.encode(), "a.csv", by=desk.rep, customer=customer, case_id=desk.case.pk)
    read(document.pk)
    document.refresh_from_db()
    line = NewLine(product, Decimal(4), build.workday(9))
    return enter_document(document, by=desk.rep, customer=customer, lines=[line], po_number="1")


def test_what_the_customer_is_asked_stands_below_what_the_rep_has_written_and_is_seen_before_it_leaves(desk):
    order = differing(desk)
    desk.save("Bonjour Claire, merci.", cc="achats@martin.example")
    answer = desk.client.post(f"/do/cases.ask_differences/{order.pk}/")
    draft = Draft.objects.get()
    mine, asked = draft.text.split("\n\n", 1)
    assert (answer.status_code, mine, draft.cc) == (302, "Bonjour Claire, merci.", "achats@martin.example")
    assert asked.startswith("Merci pour votre commande 1.")
    assert "Nowhere 9" in asked
    assert desk.send("Bonjour Claire, merci. Encore un mot.").status_code == 422
    assert not Message.objects.filter(direction="out").exists()
    desk.save("Bonjour Claire, merci. Encore un mot.")
    assert desk.text == f"Bonjour Claire, merci. Encore un mot.\n\n{asked}"
    desk.shown = desk.open()
    assert desk.send(desk.text).status_code == 200


def test_what_the_customer_is_asked_begins_with_a_greeting_where_nothing_is_written(desk):
    desk.client.post(f"/do/cases.ask_differences/{differing(desk).pk}/")
    assert desk.text.startswith("Bonjour,\n\nMerci pour votre commande 1.")


@pytest.mark.parametrize("begun", ["", "PS"])
def test_a_reply_taken_back_is_kept_by_a_page_that_has_not_shown_it(desk, begun):
    desk.send("Bonjour Claire, oui.")
    message = Message.objects.get(direction="out")
    desk.shown = desk.open()
    if begun:
        desk.save(begun)
    desk.client.post(f"/do/cases.undo_send/{message.pk}/")
    assert desk.text == "\n\n".join(filter(None, ["Bonjour Claire, oui.", begun]))
    part = f"/cases/{desk.case.number}/?part=added&shown={desk.shown}"
    assert "Something was added" in desk.client.get(part, headers=PARTIAL).content.decode()
    desk.save("PS: demain.")
    assert desk.text == "PS: demain.\n\nBonjour Claire, oui."
    assert desk.send("PS: demain.").status_code == 422
    assert Message.objects.get(direction="out") == message
    desk.shown = desk.open()
    desk.save("Bonjour Claire, oui. PS: demain.")
    assert desk.text == "Bonjour Claire, oui. PS: demain."


def test_what_is_added_at_the_same_moment_is_kept_and_holds_the_reply(desk, monkeypatch):
    write, late = actions._write, ["5 pcs Valve", "2 pcs Gear pump"]

    def write_later(draft, *known, **values):
        if late:
            add_to_draft(desk.case, desk.rep, late.pop())
        return write(draft, *known, **values)

    monkeypatch.setattr(actions, "_write", write_later)
    desk.save("Bonjour,")
    assert sorted(desk.text.split("\n")) == ["2 pcs Gear pump", "5 pcs Valve", "Bonjour,"]
    desk.shown, late[:] = Draft.objects.get().shown, ["1 pcs Seal"]
    assert desk.send(desk.text).status_code == 422
    assert not Message.objects.filter(direction="out").exists()
