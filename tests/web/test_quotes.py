"""Quotes on their screens: from the grid to the customer's mail and back as an order."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case, Draft
from comptoir.catalog.models import Price
from comptoir.events.queries import story
from comptoir.orders.models import Order, OrderDraft, Quote
from comptoir.search.documents import reindex
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    build.inbox()
    client.force_login(build.member(name="Emma Laurent"))
    build.site()
    return client


@pytest.fixture
def customer():
    made = build.customer()
    build.contact(made)
    return made


def form(customer, *rows, **more):
    names = ("part", "quantity", "requested_on", "unit_price")
    columns = {name: [row[index] for row in rows] for index, name in enumerate(names)}
    return {"customer": customer.number, "po_number": "RFQ 7", **columns, **more}


def written(desk, customer, **more):
    contact = customer.contacts.get()
    desk.post("/quotes/new/", form(customer, (build.product().number, "10", "+15", "9,90"), contact=contact.pk, **more))
    return Quote.objects.get()


def test_what_stands_in_the_grid_is_kept_as_a_quote(desk, customer):
    desk.post("/orders/new/keep/", form(customer, ("X", "1", "", "")))
    made = written(desk, customer, note="Merci de votre demande", valid_until="2099-01-05")
    assert (made.reference, made.note, made.valid_until.isoformat()) == (
        "RFQ 7",
        "Merci de votre demande",
        "2099-01-05",
    )
    assert made.lines.get().price_source == "manual"
    assert not OrderDraft.objects.exists()
    page = desk.get(made.get_absolute_url()).content.decode()
    assert "€99.00" in page
    assert made.number in desk.get("/quotes/?q=rfq").content.decode()


def test_what_cannot_be_read_stays_in_the_grid(desk, customer):
    answer = desk.post("/quotes/new/", form(customer, ("NOPE", "1", "+3", "")))
    assert answer.status_code == 422
    assert "There is no part «NOPE»." in answer.content.decode()
    assert desk.post("/quotes/new/", form(customer)).status_code == 422
    assert not Quote.objects.exists()


def test_a_draft_is_edited_in_the_grid_and_a_sent_one_is_not(desk, customer):
    made = written(desk, customer)
    page = desk.get(f"{made.get_absolute_url()}edit/").content.decode()
    assert 'value="9.9"' in page
    part = made.lines.get().product.number
    desk.post(f"{made.get_absolute_url()}edit/", form(customer, (part, "12", "+15", "9")))
    assert made.lines.get().quantity == 12
    assert not OrderDraft.objects.exists()
    desk.post(f"{made.get_absolute_url()}mail/")
    assert desk.get(f"{made.get_absolute_url()}edit/").status_code == 200
    desk.post(f"/do/orders.send_quote/{made.pk}/")
    assert desk.get(f"{made.get_absolute_url()}edit/").status_code == 302


def test_what_a_colleague_saved_meanwhile_is_shown_beside_what_was_typed_and_not_written_over_unseen(desk, customer):
    made = written(desk, customer)
    edit, part = f"{made.get_absolute_url()}edit/", made.lines.get().product.number
    colleague = Client()
    colleague.force_login(build.member(name="Marc Dubois"))
    mine, theirs = seen_in(desk.get(edit)), seen_in(colleague.get(edit))
    more = {"valid_until": made.valid_until.isoformat(), "contact": made.contact_id}
    saved = form(customer, (part, "500", "+15", "8,70"), seen=theirs, note="Sans port", **more)
    assert colleague.post(edit, saved).status_code == 302
    typed = form(customer, (part, "12", "+15", "9"), seen=mine, note="Merci", **more)
    answer = desk.post(edit, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert (made.lines.get().quantity, Quote.objects.get().note) == (500, "Sans port")
    assert f"500 × {part}: €8.70 (typed price)" in page
    assert "It now reads: Sans port" in page
    assert "It now reads: RFQ 7" not in page
    assert 'value="12"' in page
    assert ">Merci</textarea>" in page
    assert desk.post(edit, typed).status_code == 422
    assert desk.post(edit, typed | {"seen": seen_in(answer)}).status_code == 302
    assert (made.lines.get().quantity, Quote.objects.get().note) == (12, "Merci")


def test_saved_by_two_clicks_it_is_saved_once_and_nobody_else_is_named(desk, customer):
    made = written(desk, customer)
    edit, part = f"{made.get_absolute_url()}edit/", made.lines.get().product.number
    page = desk.get(edit)
    key = re.findall(r'name="_key" value="(\w+)"', page.content.decode())[0]
    typed = form(customer, (part, "12", "+15", "9"), seen=seen_in(page), _key=key)
    typed |= {"valid_until": made.valid_until.isoformat()}
    assert [desk.post(edit, typed).status_code for _click in range(2)] == [302, 302]
    assert [event.verb for event in story(made)].count("orders.quote_changed") == 1


def test_a_mark_that_was_altered_is_none(desk, customer):
    made = written(desk, customer)
    edit, part = f"{made.get_absolute_url()}edit/", made.lines.get().product.number
    typed = form(customer, (part, "12", "+15", "9"), seen="[" * 100_000)
    assert desk.post(edit, typed).status_code == 302


def test_what_cannot_be_read_in_a_draft_leaves_what_was_seen_as_it_was(desk, customer):
    made = written(desk, customer)
    edit, part = f"{made.get_absolute_url()}edit/", made.lines.get().product.number
    mine = seen_in(desk.get(edit))
    desk.post(edit, form(customer, (part, "500", "+15", "8,70")))
    answer = desk.post(edit, form(customer, ("NOPE", "12", "+15", "9"), seen=mine))
    assert desk.post(edit, form(customer, (part, "12", "+15", "9"), seen=seen_in(answer))).status_code == 422
    assert made.lines.get().quantity == 500


def seen_in(answer) -> str:
    return unescape(re.search(r'name="seen" value="([^"]*)"', answer.content.decode())[1])


def test_a_draft_says_beside_its_edit_button_which_prices_saving_changes(desk, customer):
    product = build.product()
    desk.post("/quotes/new/", form(customer, (product.number, "10", "+15", ""), (product.number, "10", "+15", "9,90")))
    made, told = Quote.objects.get(), "€12.50 → <b>€11.00</b>"
    assert told not in desk.get(made.get_absolute_url()).content.decode()
    Price.objects.update(unit_price=11)
    pages = [made.get_absolute_url(), f"{made.get_absolute_url()}edit/"]
    for page in pages:
        text = desk.get(page).content.decode()
        assert (text.count(told), text.count("list price")) == (1, 1)
    desk.post(pages[1], form(customer, (product.number, "10", "+15", ""), (product.number, "10", "+15", "9,90")))
    text = desk.get(pages[0]).content.decode()
    assert told not in text
    assert f"10 {product.number}: €12.50 → €11.00 (list price)" in text


def test_a_quote_that_is_sent_keeps_its_prices_and_says_nothing_of_todays(desk, customer):
    desk.post("/quotes/new/", form(customer, (build.product().number, "10", "+15", "")))
    made = Quote.objects.get()
    desk.post(f"/do/orders.send_quote/{made.pk}/")
    Price.objects.update(unit_price=11)
    assert "11.00" not in desk.get(made.get_absolute_url()).content.decode()


def test_a_quote_goes_out_in_a_new_mail_in_the_customers_language(desk, customer):
    made = written(desk, customer)
    answer = desk.post(f"{made.get_absolute_url()}mail/")
    made.refresh_from_db()
    case, draft = Case.objects.get(), Draft.objects.get()
    assert answer.headers["Location"] == case.get_absolute_url()
    assert (made.state, made.number in case.subject, made.number in draft.text) == ("draft", True, True)
    assert draft.to == "claire@martin.example"
    assert [file.name for file in draft.files.all()] == [f"{made.number}-v1.pdf"]


def test_a_quote_goes_out_in_the_reply_of_a_case_beside_what_is_written_there(desk, customer):
    case = receive(build.mail("Pouvez-vous nous faire une offre ?")).case
    desk.post(f"/cases/{case.number}/draft/", {"kind": "reply", "text": "Bonjour Claire"})
    made = written(desk, customer)
    for _time in range(2):
        desk.post(f"{made.get_absolute_url()}mail/", {"case": case.pk})
    draft = Draft.objects.get(case=case)
    assert draft.files.count() == 1
    assert Case.objects.count() == 1


def test_an_accepted_quote_leads_to_its_order(desk, customer):
    made = written(desk, customer)
    desk.post(f"/do/orders.send_quote/{made.pk}/")
    desk.post(f"/do/orders.accept_quote/{made.pk}/", {"po_number": "PO-9"})
    order = Order.objects.get()
    assert order.get_absolute_url() in desk.get(made.get_absolute_url()).content.decode()
    assert "PO-9" in desk.get(order.get_absolute_url()).content.decode()


def test_the_pages_ask_the_database_at_most_twelve_times(desk, customer):
    made = written(desk, customer)
    for path in ("/quotes/", made.get_absolute_url(), f"{made.get_absolute_url()}edit/"):
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(path).status_code == 200
        assert len(asked) <= 12, path


def test_the_paper_is_a_pdf_and_an_unknown_one_is_nothing(desk, customer):
    made = written(desk, customer)
    assert desk.get(f"{made.get_absolute_url()}versions/1/quote.pdf").status_code == 404
    desk.post(f"/do/orders.send_quote/{made.pk}/")
    answer = desk.get(f"{made.get_absolute_url()}versions/1/quote.pdf")
    assert answer.content.startswith(b"%PDF")


def test_what_was_begun_and_offered_stands_in_my_day_and_on_the_customers_page(desk, customer):
    made = written(desk, customer)
    desk.post("/orders/new/keep/", form(customer, ("X", "1", "", "")))
    for page in ("/day/?part=unfinished", f"{customer.get_absolute_url()}?part=offers"):
        told = desk.get(page).content.decode()
        assert made.number in told
        assert f"/orders/new/?customer={customer.number}" in told
    rules = desk.get("/settings/entry/").content.decode()
    assert "Discount limits" in rules
    assert "/do/orders.set_minimum/" not in rules


def test_a_quote_is_found_by_its_number_and_reference(desk, customer):
    made = written(desk, customer)
    reindex()
    for words in (made.number, "rfq 7"):
        assert made.get_absolute_url() in desk.get(f"/find/?q={words}").content.decode()


def test_a_search_that_finds_no_quote_says_so_and_shows_all_again(desk, customer):
    quote = written(desk, customer)
    page = desk.get("/quotes/?view=all&q=none").content.decode()
    assert "No quote is found by “none”" in page
    assert quote.number in desk.get("/quotes/?view=all").content.decode()


def test_the_ship_to_names_its_country_in_words(desk, customer):
    quote = written(desk, customer, ship_to=customer.addresses.get().pk)
    page = desk.get(quote.get_absolute_url()).content.decode()
    assert "69007 Lyon<br />France</address>" in page
