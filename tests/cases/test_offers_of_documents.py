"""A mail that holds an order offers it: in the thread, in My day, and on the page of the order it becomes."""

from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from comptoir.cases.actions import handling, papers
from comptoir.catalog.models import Product
from comptoir.customers.models import Customer
from comptoir.events.models import Event
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.models import InboundDocument
from comptoir.orders.reading import read
from tests import build
from tests.connect.mails import arrive
from tests.documents.make import FIRST
from tests.orders.test_documents import goods, hostile, placed

HERE = Path(__file__).parents[1] / "documents"
LATE = "Bonjour,\n\nOù en est notre commande PO number 7001, 2 x DP-12 ?\n"


@pytest.fixture
def customer(db) -> Customer:
    made = goods(build.customer())
    build.contact(made)
    build.inbox()
    return made


def mailed(text: str, subject: str, *attached: tuple[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Claire Moreau <claire@martin.example>", "service@desk.example", subject
    mail["Message-ID"] = f"<{abs(hash((text, subject)))}@martin.example>"
    mail.set_content(text)
    for name, data in attached:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def came(text: str, subject: str, *attached: tuple[str, bytes]):
    """The case of a mail, with everything that follows of it done."""
    case = arrive(mailed(text, subject, *attached)).case
    for job in ProcrastinateJob.objects.filter(task_name="fanout", status="todo").order_by("pk"):
        papers.follow(job.args["event_ids"])
    for document in InboundDocument.objects.filter(case_id=case.pk):
        read(document.pk)
    return case


def offered(case) -> list[tuple[str, str]]:
    return list(InboundDocument.objects.filter(case_id=case.pk).order_by("pk").values_list("name", "state"))


def file(name: str) -> tuple[str, bytes]:
    return name, (HERE / name).read_bytes()


def test_an_attached_order_is_offered_and_nothing_else_of_the_mail(customer):
    case = came("Please find our order attached.", "Our order", ("logo.png", b"\x89PNG"), file("groff_en_1.pdf"))
    assert offered(case) == [("groff_en_1.pdf", "parsed")]


def test_what_the_fan_out_hears_twice_is_offered_once(customer):
    case = came("Our order 4500741 is attached.", "Order", file("slovak_1.csv"))
    papers.follow(list(Event.objects.values_list("pk", flat=True)))
    assert len(offered(case)) == 1


def test_the_order_that_a_document_became_stands_beside_its_case(customer):
    case = came("See attached.", "Order", file("slovak_1.csv"))
    line = NewLine(Product.objects.get(number="NB-32-160"), Decimal(2), build.workday(9))
    document = InboundDocument.objects.get(case_id=case.pk)
    order = enter_document(document, by=build.member(), customer=customer, lines=[line], po_number="4500741")
    for _time in range(2):
        papers.follow(list(Event.objects.values_list("pk", flat=True)))
    assert [link.object_id for link in case.links.filter(noun="order", how="document")] == [order.pk]


def test_an_order_written_in_the_mail_is_offered(customer):
    case = came((HERE / "mail_1.txt").read_text(), "Order 4500771")
    assert offered(case) == [("Order 4500771", "parsed")]


def test_a_mail_about_an_order_that_stands_already_is_not(customer):
    build.order(customer, po="7001")
    assert [state for _name, state in offered(came(LATE, "Commande 7001"))] == ["rejected"]


def test_a_locked_attachment_is_a_task_only_where_the_mail_speaks_of_an_order(customer):
    locked = hostile()["encrypted"][1]
    assert offered(came("Voici.", "Bon de commande 12", ("a.pdf", locked))) == [("a.pdf", "error")]
    assert offered(came("Voici.", "Photo du quai", ("b.pdf", locked + b"\n"))) == [("b.pdf", "rejected")]


def test_the_offer_stands_in_the_thread_and_in_my_day_and_the_document_on_the_order(customer, client):
    case, rep = came("Please enter it.", "Order", file("slovak_1.csv")), build.member()
    handling.assign(case, by=rep, to=rep)
    client.force_login(rep)
    document = InboundDocument.objects.get(case_id=case.pk)
    thread = client.get(f"/cases/{case.number}/").content.decode()
    assert f'href="/documents/{document.pk}/"' in thread
    assert 'data-key="i"' in thread
    assert f"/documents/{document.pk}/" in client.get("/day/?part=unfinished").content.decode()
    order = placed(document, FIRST)
    assert "open=documents" in client.get(f"/orders/{order.number}/").content.decode()
    section = client.get(f"/orders/{order.number}/?part=section&open=documents").content.decode()
    assert "slovak_1.csv" in section
    assert f"/orders/{order.number}/truth/" in section
    assert f"/orders/{order.number}/truth/" in client.get(f"/cases/{case.number}/").content.decode()


def test_an_order_in_another_team_s_case_is_offered_to_nobody_else(customer, client):
    case = came("Please enter it.", "Order", file("slovak_1.csv"))
    stranger = build.member(teams=(build.team("Elsewhere"),))
    client.force_login(stranger)
    document = InboundDocument.objects.get(case_id=case.pk)
    assert client.get(f"/documents/{document.pk}/").status_code == 404
    assert document.name not in client.get("/documents/").content.decode()


def test_what_nobody_called_an_order_and_is_none_is_not_listed_as_set_aside(customer, client):
    case = came("Where is our order 12 of 3 May?", "Order 12")
    document = InboundDocument.objects.get(case_id=case.pk)
    assert (document.state, document.problem) == ("rejected", "other")
    client.force_login(build.member())
    assert document.get_absolute_url() not in client.get("/documents/?tab=aside").content.decode()
