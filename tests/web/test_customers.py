"""The customers' screens."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.cases.actions.contacts import log_contact
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.starting import start
from comptoir.cases.models import Case, Conversation, Draft
from comptoir.catalog.models import CustomerPart, Price
from comptoir.customers.actions import (
    add_identity,
    clear_alert,
    has_left,
    prefer_identity,
    raise_alert,
    set_parent,
)
from comptoir.customers.models import Contact, Customer, Identity
from comptoir.lib import clock
from comptoir.people import Role, system
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db
BUDGET = 12


@pytest.fixture
def rep() -> Member:
    return build.member()


@pytest.fixture
def desk(client: Client, rep: Member) -> Client:
    client.force_login(rep)
    return client


def _page(desk: Client, customer: Customer, query: str = "") -> str:
    answer = desk.get(f"{customer.get_absolute_url()}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def _names(desk: Client, query: str) -> list[str]:
    return [c.name for c in desk.get(f"/customers/?{query}").context["found"].customers]


def _full_customer(rep: Member) -> Customer:
    """A customer with everything a page can show."""
    customer = build.customer()
    for name in ("Claire Moreau", "Yann Le Goff", "Zoé Prigent"):
        person = build.contact(customer, name, f"{name.split()[0].lower()}@martin.example")
        add_identity(customer, by=rep, kind=Identity.Kind.PHONE, value="04 78 11 22 33", contact=person)
    raise_alert(customer, by=rep, text="Calls before noon only")
    build.order(customer, po="PO-77341", products=2)
    build.order(customer, po="PO-77342")
    receive(build.mail(build.WISH))
    return customer


def test_the_page_shows_who_they_are_and_everything_that_is_open(desk: Client, rep: Member) -> None:
    customer = _full_customer(rep)
    page = _page(desk, customer)
    case = Case.objects.get()
    for shown in ("Calls before noon only", "Claire Moreau", "claire@martin.example", "+33 4 78 11 22 33", case.number,
                  "PO-77341", "1 rue du Port", "Europe/Paris"):  # fmt: skip
        assert shown in page, shown
    assert "mailto:" not in page
    assert 'href="tel:+33478112233"' in page


def test_neither_page_asks_the_database_more_than_its_budget(desk: Client, rep: Member) -> None:
    customer = _full_customer(rep)
    set_parent(build.customer("Martin Nord"), by=rep, parent=customer)
    for url in (
        customer.get_absolute_url(),
        "/customers/?q=martin&stage=customer",
        f"{customer.get_absolute_url()}?part=story",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(url).status_code == 200
        assert len(queries) <= BUDGET, (url, [q["sql"][:120] for q in queries])


def test_a_customer_with_nothing_has_a_page_too(desk: Client, rep: Member) -> None:
    page = _page(desk, build.add_customer(by=rep, name="Вятърна енергия Тракия ООД", country="BG", stage="prospect"))
    assert "Nothing is open with this customer." in page
    assert "Nobody is known here yet." in page
    assert "Prospect" in page


def test_the_story_runs_across_cases_orders_and_promises_and_links_to_them(desk: Client, rep: Member) -> None:
    customer = _full_customer(rep)
    case, order = Case.objects.get(), customer.orders.first()
    story = desk.get(f"{customer.get_absolute_url()}?part=story").context["story"]
    labels = {entry.label for entry in story.entries}
    assert {case.number, order.number} <= labels
    verbs = {
        tab: {
            e.event.verb.split(".")[0]
            for e in desk.get(f"{customer.get_absolute_url()}?part=story&tab={tab}").context["story"].entries
        }
        for tab in ("cases", "orders", "promises")
    }
    assert verbs == {"cases": {"cases"}, "orders": {"orders"}, "promises": {"promises"}}


def test_contacts_are_what_was_said_on_any_channel(desk: Client, rep: Member) -> None:
    customer = _full_customer(rep)
    log_contact(by=rep, channel=Conversation.Channel.PHONE, text="Asks for the papers", customer=customer)
    story = desk.get(f"{customer.get_absolute_url()}?part=story&tab=contacts").context["story"]
    assert {e.event.verb for e in story.entries} == {"cases.received", "cases.logged"}


def test_what_happens_in_another_teams_case_is_one_masked_line(client: Client, rep: Member) -> None:
    customer = _full_customer(rep)
    stranger = build.member(teams=(build.team("Export"),))
    client.force_login(stranger)
    page = _page(client, customer)
    case = Case.objects.get()
    assert case.number not in page
    assert case.subject not in page
    story = client.get(f"{customer.get_absolute_url()}?part=story").context["story"]
    assert sum(1 for entry in story.entries if entry.hidden) == 1
    assert client.get(f"{customer.get_absolute_url()}?part=story&tab=cases").context["story"].entries[0].event is None
    client.force_login(build.member(Role.MANAGER, teams=()))
    assert case.number in _page(client, customer)


def test_older_lines_follow_where_the_page_ended_and_a_refresh_loses_none(desk: Client, rep: Member) -> None:
    customer = build.customer()
    for number in range(35):
        with clock.at(clock.now() - timedelta(days=50 - number)):
            clear_alert(raise_alert(customer, by=rep, text=f"Alert {number}"), by=rep)
    url, seen, first, last = customer.get_absolute_url(), [], "", ""
    while True:
        story = desk.get(url, {"part": "lines", "before": last}).context["story"]
        seen += [entry.event.pk for entry in story.entries]
        first, last = first or story.last, story.last
        if not story.has_more:
            break
    assert len(seen) == len(set(seen)) == 72
    raise_alert(customer, by=rep, text="New")
    again = desk.get(url, {"part": "lines", "until": first}).context["story"].entries
    assert [e.event.pk for e in again][1:] == seen[:30]
    assert str(again[0].event) == "Alert: New"


def test_alerts_stand_on_top_until_they_are_cleared_or_over(desk: Client, rep: Member) -> None:
    customer = build.customer()
    alert = raise_alert(customer, by=rep, text="Shut in August", until_on=clock.today() + timedelta(days=2))
    assert "Shut in August" in _page(desk, customer, "?part=top")
    with clock.at(clock.now() + timedelta(days=4)):
        assert "Shut in August" not in _page(desk, customer, "?part=top")
    clear_alert(alert, by=rep)
    assert "Shut in August" not in _page(desk, customer, "?part=top")


def test_a_click_on_an_address_opens_a_case_of_ones_own_with_a_draft_to_it(rep: Member) -> None:
    customer = build.customer()
    person = build.contact(customer)
    build.inbox()
    case = start(by=rep, customer=customer, contact=person, subject="Your order", to="claire@martin.example")
    assert (case.owner, case.state, case.language) == (rep, "open", "fr")
    assert Draft.objects.get(case=case).to == "claire@martin.example"
    assert case.next_update_at is not None


def test_who_has_left_is_listed_apart_and_offered_no_more(desk: Client, rep: Member) -> None:
    customer = build.customer()
    has_left(build.contact(customer), by=rep)
    answer = desk.get(customer.get_absolute_url())
    assert [p.contact.name for p in answer.context["page"].gone] == ["Claire Moreau"]
    assert not answer.context["page"].people
    form = desk.get(f"/do/customers.add_identity/{customer.pk}/").context["form"]
    assert list(form.fields["contact"].queryset) == []


@pytest.mark.parametrize(
    "words", ["hydraulique mar", "HYDRÀULIQUE", "martin lyon hyd", "moreau", "lyon", "claire@mart", "04 78 00 00 01", "+33 478000001"]
)  # fmt: skip
def test_a_customer_is_found_by_name_person_city_mail_and_phone_without_accents(
    desk: Client, rep: Member, words: str
) -> None:
    build.contact(build.customer())
    build.add_customer(by=rep, name="Brasserie du Nord", country="BE")
    expected = [] if words == "martin lyon hyd" else ["Hydraulique Martin"]
    assert _names(desk, f"q={words.replace('+', '%2B')}") == expected


def test_cyrillic_is_found_by_either_script_and_stands_in_the_latin_order(desk: Client, rep: Member) -> None:
    for name in ("Петров ООД", "Pasteur SA", "Quick Ltd"):
        build.add_customer(by=rep, name=name, country="BG")
    assert _names(desk, "q=petrov") == _names(desk, "q=Петр") == ["Петров ООД"]
    assert _names(desk, "") == ["Pasteur SA", "Петров ООД", "Quick Ltd"]


def test_views_and_filters_hold_what_they_say_and_count_it(desk: Client, rep: Member) -> None:
    customer = _full_customer(rep)
    build.add_customer(by=rep, name="Mine Ltd", country="GB", stage="prospect", customer_class="A")
    counts = desk.get("/customers/").context["found"].counts
    assert counts == {"all": 2, "mine": 1, "prospects": 1, "alerts": 1, "cases": 1, "late": 0}
    assert _names(desk, "view=cases") == _names(desk, "view=alerts") == [customer.name]
    assert _names(desk, f"owner={rep.pk}") == _names(desk, "country=GB&customer_class=A") == ["Mine Ltd"]
    with clock.at(clock.now() + timedelta(days=60)):
        assert _names(desk, "view=late") == [customer.name]


def test_the_list_is_read_page_by_page_without_gap_or_repeat(desk: Client, rep: Member) -> None:
    for number in range(60):
        build.add_customer(by=rep, name=f"Same Name {number % 3}", country="FR")
    found = desk.get("/customers/").context["found"]
    rest = desk.get("/customers/", {"after": found.after}, headers={"HX-Request": "true"}).context["found"]
    assert len(found.customers) == 50
    assert len({c.pk for c in [*found.customers, *rest.customers]}) == 60
    assert not rest.after


def test_odd_queries_are_answered(desk: Client, rep: Member) -> None:
    customer = build.customer()
    for query in ("owner=x", "owner=none", "view=?", "stage=odd", "after=x", "q=%25"):
        assert desk.get(f"/customers/?{query}").status_code == 200, query
    for query in ("?tab=odd", "?before=x", "?part=lines&until=x_1", "?part=trade"):
        _page(desk, customer, query)
    assert desk.get("/customers/K-0/").status_code == 404


def test_the_table_for_a_spreadsheet_runs_nothing_and_obeys_the_filters(desk: Client, rep: Member) -> None:
    build.add_customer(by=rep, name='=HYPERLINK("http://x","y")', country="FR", source="@x", email="a@x.example")
    build.add_customer(by=rep, name='Plain; "quoted" SA', country="BE", phone="+32 2 555 12 12")
    text = b"".join(desk.get("/customers/export.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:2] == ["Number", "Name"]
    assert {row[1] for row in rows[1:]} == {'\'=HYPERLINK("http://x","y")', 'Plain; "quoted" SA'}
    assert "'+3225551212" in text
    only = b"".join(desk.get("/customers/export.csv?country=BE").streaming_content).decode()
    assert "HYPERLINK" not in only


def test_a_possible_duplicate_is_told_once_before_a_new_customer_is_entered(desk: Client) -> None:
    build.contact(build.customer())
    data = {"name": "Hydraulique Martín SAS", "country": "FR", "email": "info@martin.example", "_key": "k1"}
    answer = desk.post("/do/customers.add/", data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert Customer.objects.count() == 1
    told = answer.context["preview"]
    assert [n.text.split(" – ")[1] for n in told.notices] == ["same e-mail domain"]
    answer = desk.post("/do/customers.add/", data | {"_told": told.told}, headers={"HX-Request": "true"})
    made = Customer.objects.get(name="Hydraulique Martín SAS")
    assert answer.headers["HX-Redirect"] == made.get_absolute_url()
    assert made.identities.get().value == "info@martin.example"


def test_a_number_another_customer_has_is_told_and_allowed(desk: Client, rep: Member) -> None:
    build.contact(build.customer())
    other = build.customer("Brasserie du Nord")
    data = {"kind": "phone", "value": "04 78 00 00 01", "_key": "k2"}
    url = f"/do/customers.add_identity/{other.pk}/"
    answer = desk.post(url, data, headers={"HX-Request": "true"})
    assert "also belongs to Claire Moreau" in answer.content.decode()
    assert (
        desk.post(url, data | {"_told": answer.context["preview"].told}, headers={"HX-Request": "true"}).status_code
        == 200
    )
    assert other.identities.get().normal == "+33478000001"


def test_every_identity_shows_its_marks(desk: Client, rep: Member) -> None:
    customer = build.customer()
    person = build.contact(customer)
    prefer_identity(person.identities.get(kind="email"), by=rep)
    Identity.objects.filter(kind="email").update(bounced_at=clock.now())
    page = _page(desk, customer, "?part=people")
    assert "Preferred" in page
    assert "Comes back" in page


def test_the_dialog_of_an_address_offers_its_uses(desk: Client) -> None:
    customer = build.customer()
    place = customer.addresses.get()
    form = desk.get(f"/do/customers.edit_address/{place.pk}/").context["form"]
    assert ">Save <" in desk.get(f"/do/customers.edit_address/{place.pk}/").content.decode()
    assert form["roles"].value() == ["ship_to", "bill_to", "sold_to"]


def test_nobody_gets_in_without_signing_in(client: Client) -> None:
    customer = build.customer()
    Contact.objects.create(customer=customer, name="X", sort_key="x")
    for url in (customer.get_absolute_url(), "/customers/", "/customers/export.csv"):
        assert client.get(url).status_code == 302
    assert system().pk


def test_their_part_numbers_and_agreed_prices_are_read_when_they_are_looked_at(desk: Client, rep: Member) -> None:
    customer, product = build.customer(), build.product()
    CustomerPart.objects.create(customer=customer, product=product, part_number="HM-77")
    for days, price in ((-10, "11.25"), (20, "11.75")):
        Price.objects.create(
            product=product, customer=customer, currency="EUR", unit_price=Decimal(price), minimum_quantity=50,
            valid_from=clock.today() + timedelta(days=days),
        )  # fmt: skip
    page = _page(desk, customer, "?part=trade")
    for shown in ("HM-77", product.number, "11.25 EUR", "11.75 EUR"):
        assert shown in page
    assert product.number not in _page(desk, build.customer("Other"), "?part=trade")
