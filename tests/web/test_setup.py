"""The first run: nobody but who read the code opens the desk, and only once."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from comptoir.actions import ActionError
from comptoir.actions.door import perform
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Inbox
from comptoir.catalog.models import Site, TaxRate
from comptoir.lib import clock
from comptoir.orders.actions import NewLine, place
from comptoir.orders.models import Reason
from comptoir.people import Role, system
from comptoir.people.actions.invitations import new_invitation
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db
ANSWERS = {
    "company": "Widgets ApS", "address": "Havnegade 1\n8000 Aarhus", "country": "DK", "time_zone": "Europe/Copenhagen",
    "tax_id": "DK12345674", "tax_rate": "25", "name": "Ida Holm", "email": "ida@widgets.example",
    "password": "a sentence is easy to keep", "language": "en", "department": "Service", "team": "Aarhus",
    "inbox": "service@widgets.example",
}  # fmt: skip


def with_code() -> Client:
    client = Client()
    answer = client.get(f"/setup/{new_invitation(None).token}/")
    assert answer.headers["Location"] == "/setup/"
    return client


@pytest.mark.parametrize("path", ["/", "/day/", "/settings/", "/sign-in/", "/join/", "/cases/1/"])
def test_every_page_of_an_empty_desk_leads_to_the_set_up(path, client):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/setup/"


def test_the_set_up_opens_a_desk_on_which_work_can_begin():
    client = with_code()
    assert client.get("/setup/").status_code == 200
    answer = client.post("/setup/", ANSWERS)
    assert answer.status_code == 302
    page = client.get("/").content.decode()
    assert "Connect a mailbox" in page
    ida = Member.objects.get(email="ida@widgets.example")
    assert ida.role == Role.ADMINISTRATOR
    assert ida.time_zone == "Europe/Copenhagen"
    site = Site.objects.get()
    assert (site.company, site.country, site.tax_id) == ("Widgets ApS", "DK", "DK12345674")
    assert TaxRate.objects.get().rate == 25
    assert {r.kind for r in Reason.objects.all()} == set(Reason.Kind.values)
    assert all(set(r.labels) == {"en", "fr", "da", "sk", "bg"} for r in Reason.objects.all())
    assert client.get("/settings/members/").status_code == 200


def test_an_order_can_be_entered_and_a_mail_filed_on_the_new_desk():
    with_code().post("/setup/", ANSWERS)
    customer = build.customer()
    build.contact(customer)
    ida = Member.objects.get(email="ida@widgets.example")
    order = place(customer, by=ida, lines=[NewLine(build.product(), Decimal(2), build.workday(5))])
    assert order.site.company == "Widgets ApS"
    case = receive(build.mail(build.WISH, inbox=Inbox.objects.get())).case
    assert case.team.name == "Aarhus"


def test_without_the_code_nobody_takes_the_desk_over(client):
    new_invitation(None)
    assert client.post("/setup/", ANSWERS).status_code == 403
    client.get("/setup/made-up/")
    assert client.get("/setup/").status_code == 403
    assert client.post("/setup/", ANSWERS).status_code == 403
    assert not Member.objects.people().exists()


def test_the_code_is_void_after_a_day():
    client = with_code()
    with clock.at(clock.now() + timedelta(hours=25)):
        assert client.post("/setup/", ANSWERS).status_code == 403
    assert not Member.objects.people().exists()


def test_a_member_s_link_is_no_code():
    link = new_invitation(system())
    client = Client()
    client.get(f"/setup/{link.token}/")
    assert client.post("/setup/", ANSWERS).status_code == 403


def test_the_set_up_is_gone_once_somebody_works_here():
    first, second = with_code(), Client()
    token = new_invitation(None).token
    second.get(f"/setup/{token}/")
    assert first.get("/setup/").status_code == 403, "a new code makes the one before void"
    assert second.post("/setup/", ANSWERS).status_code == 302
    assert second.get("/setup/").status_code == 404
    assert first.post("/setup/", ANSWERS | {"email": "mallory@evil.example"}).status_code == 404
    assert Client().get(f"/setup/{token}/").status_code == 404
    assert Member.objects.people().count() == 1


def test_a_short_password_opens_nothing_and_keeps_the_code():
    client = with_code()
    refused = client.post("/setup/", ANSWERS | {"password": "short"})
    assert refused.status_code == 422
    assert "too short" in refused.content.decode()
    assert 'value="short"' not in refused.content.decode()
    assert not Site.objects.exists()
    assert client.post("/setup/", ANSWERS).status_code == 302


def test_no_member_founds_a_desk(client):
    admin = build.member(Role.ADMINISTRATOR)
    with pytest.raises(ActionError):
        perform("cases.found_desk", by=admin, inputs=ANSWERS)
    client.force_login(admin)
    assert client.post("/do/cases.found_desk/", ANSWERS).status_code == 404


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_open_it_once():
    Member.objects.get_or_create(
        kind="system", defaults={"email": "system@desk.invalid", "name": "Comptoir", "role": "administrator"}
    )
    told: list[str] = []

    def found(email: str) -> None:
        try:
            perform("cases.found_desk", by=system(), inputs=ANSWERS | {"email": email})
            told.append("opened")
        except ActionError as error:
            told.append(error.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=found, args=(f"{n}@widgets.example",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(t == "opened" for t in told) == [False, True], told
    assert Member.objects.people().count() == 1
