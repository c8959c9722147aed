"""The palette, the page of results, and the pickers of dialogs."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from comptoir.cases.actions.incoming import receive
from comptoir.search import documents
from tests import build
from tests.conftest import Lasting

pytestmark = pytest.mark.django_db
PALETTE = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def made(lasting: Lasting) -> Iterator[dict[str, Any]]:
    with lasting():
        customer = build.customer("Hydraulique Côté")
        person = build.contact(customer, "Zuzana Kováčová")
        order = build.order(customer, po="PO-77341")
        case = receive(build.mail(build.WISH, subject="Pompe cassée")).case
        documents.reindex()
        yield {"customer": customer, "person": person, "order": order, "case": case, "rep": build.member()}


@pytest.fixture
def world(made: dict[str, Any], client: Client) -> dict[str, Any]:
    client.force_login(made["rep"])
    return {name: build.fresh(row) for name, row in made.items()} | {"client": client}


def palette(client: Client, **asked: str) -> str:
    return client.get("/find/", asked, headers=PALETTE).content.decode()


def test_the_palette_answers_with_options_that_lead_there(world):
    text = palette(world["client"], q="77341")
    assert f'href="/orders/{world["order"].number}/"' in text
    assert f'href="/cases/{world["case"].number}/"' in text
    assert 'role="option"' in text
    assert "<mark>77341</mark>" in text or "<mark>PO-77341</mark>" in text
    assert 'data-told="2 results"' in text


def test_what_was_asked_for_is_marked_and_nothing_typed_becomes_markup(world):
    assert "<mark>Côt</mark>é" in palette(world["client"], q="cot")
    text = palette(world["client"], q="<script>alert(1)</script>")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_without_javascript_the_page_shows_the_same(world):
    page = world["client"].get("/find/", {"q": "vendredi"}).content.decode()
    assert "<h1>" in page
    assert f"/cases/{world['case'].number}/?all=1#m" in page
    assert world["client"].get("/find/", {"q": "vendredi", "in": "order"}).context["sections"] == []
    assert world["client"].get("/find/").status_code == 200


def test_nothing_found_offers_a_way_out_and_a_hint(world):
    text = palette(world["client"], q="xyzzy")
    assert "/do/cases.log_contact/?subject=xyzzy" in text
    assert "/do/customers.add/?name=xyzzy" in text
    wrong = world["order"].number[:-1] + str((int(world["order"].number[-1]) + 1) % 10)
    assert "check digit" in palette(world["client"], q=wrong)


def test_without_a_query_what_was_open_lately_is_offered_as_far_as_it_may_be_seen(world):
    refs = f"order:{world['order'].number},case:{world['case'].number},case:C-0,nonsense,:"
    assert [line.noun for line in _sections(world["client"], recent=refs)[0].lines] == ["order", "case"]
    world["client"].force_login(build.member(teams=(build.team("Elsewhere"),)))
    assert [line.noun for line in _sections(world["client"], recent=refs)[0].lines] == ["order"]


def test_a_rep_of_another_team_is_told_nothing(world):
    world["client"].force_login(build.member(teams=(build.team("Elsewhere"),)))
    for typed in ("vendredi", "cassée", world["case"].number):
        assert world["case"].number not in palette(world["client"], q=typed).replace(f"“{typed}”", "").replace(
            f"<b>{typed}</b>", ""
        ).replace(f"subject={typed}", "")


def test_a_query_takes_few_statements(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        palette(world["client"], q="zuzana")
    with django_assert_max_num_queries(12):
        palette(world["client"], q="77341")
    with django_assert_max_num_queries(12):
        palette(world["client"], q="hydraulique")


def _sections(client: Client, **asked: str):  # type: ignore[no-untyped-def]
    return client.get("/find/", asked, headers=PALETTE).context["sections"]


# Pickers


def picks(client: Client, noun: str, **asked: object) -> list[str]:
    """What a picker offers, as it would stand in the field."""
    return [shown for _line, shown in client.get(f"/find/{noun}/", asked).context["choices"]]


@pytest.mark.parametrize(
    "typed", ["04 78 00 00 01", "+33478000001", "claire@martin.example", "zuzana", "kovačova", "PO-77341", "cote"]
)
def test_phone_name_e_mail_and_po_find_customer_contact_and_case_alike(world, typed):
    number = world["case"].number
    assert picks(world["client"], "customer", q=typed) == [f"Hydraulique Côté · {world['customer'].number}"]
    assert picks(world["client"], "contact", q=typed) == ["Zuzana Kováčová · Hydraulique Côté"]
    assert picks(world["client"], "case", q=typed) == [f"{number} · Pompe cassée"]
    assert picks(world["client"], "order", q=typed) == [f"{world['order'].number} · Hydraulique Côté"]


def test_a_chosen_customer_narrows_the_others(world):
    other = build.customer("Autre SA")
    build.contact(other, "Zuzana Autre", email="z@autre.example", phone="+33 4 78 00 00 02")
    documents.reindex()
    mine, theirs = world["customer"].pk, other.pk
    assert len(picks(world["client"], "contact", q="zuzana")) == 2
    assert picks(world["client"], "contact", q="zuzana", customer=theirs) == ["Zuzana Autre · Autre SA"]
    assert picks(world["client"], "contact", customer=mine) == ["Zuzana Kováčová · Hydraulique Côté"]
    assert picks(world["client"], "case", customer=theirs) == []
    assert picks(world["client"], "order", customer=mine) == [f"{world['order'].number} · Hydraulique Côté"]
    assert picks(world["client"], "contact", q="kovac", customer=theirs, only=1) == []
    assert picks(world["client"], "contact", q="kovac", customer=theirs) == ["Zuzana Kováčová · Hydraulique Côté"]


def test_a_picker_offers_no_case_the_member_may_not_see_nor_its_customer(world):
    world["client"].force_login(build.member(teams=(build.team("Elsewhere"),)))
    for typed in (world["case"].number, "PO-77341", "cassée", "zuzana"):
        assert picks(world["client"], "case", q=typed) == []
    assert picks(world["client"], "customer", q=world["case"].number) == []
    assert world["client"].get("/find/member/").status_code == 404


def test_products_are_picked_by_any_of_their_numbers(world):
    pump = world["order"].lines.first().product
    assert picks(world["client"], "product", q=pump.number.lower()) == [f"{pump.number} · {pump.name}"]


def test_a_picker_takes_few_statements(world, django_assert_max_num_queries):
    for noun in ("customer", "contact", "order", "case"):
        with django_assert_max_num_queries(12):
            picks(world["client"], noun, q="04 78 00 00 01")


def log(world, **data: object):  # type: ignore[no-untyped-def]
    given = {"channel": "phone", "text": "Where is it?", "_key": "k"}
    return world["client"].post("/do/cases.log_contact/", given | data, headers=PALETTE)


def test_the_dialog_holds_a_field_to_type_into_and_no_list_of_all(world):
    text = world["client"].get(f"/do/cases.log_contact/?contact={world['person'].pk}", headers=PALETTE).content.decode()
    assert 'name="customer_text"' in text
    assert 'value="Zuzana Kováčová · Hydraulique Côté"' in text
    assert f'name="contact" value="{world["person"].pk}"' in text
    assert "<option" not in text.split('data-noun="customer"')[1].split("</row-picker>")[0]


@pytest.mark.parametrize("typed", ["Hydraulique Côté", "hydraulique cote", "{number}", "Hydraulique Côté · {number}"])
def test_without_javascript_a_number_or_the_exact_name_will_do(world, typed):
    assert log(world, customer_text=typed.format(number=world["customer"].number)).status_code == 200
    assert _logged().customer == world["customer"]


def test_an_id_alone_is_taken_as_ever(world):
    assert log(world, case=world["case"].pk, contact=str(world["person"].pk)).status_code == 200
    assert world["case"].messages.filter(contact=world["person"], author=world["rep"]).exists()


def test_the_text_counts_when_it_is_no_longer_the_ids(world):
    other = build.customer("Autre SA")
    documents.reindex()
    assert log(world, customer=world["customer"].pk, customer_text="Autre SA").status_code == 200
    assert _logged().customer == other
    log(world, customer=other.pk, customer_text="", _key="k2")
    assert _logged().customer is None


def test_what_nothing_or_several_are_called_is_said_and_the_text_kept(world):
    answer = log(world, customer_text="Nobody <b>")
    assert answer.status_code == 422
    assert "Nothing is called “Nobody &lt;b&gt;”" in answer.content.decode()
    assert 'value="Nobody &lt;b&gt;"' in answer.content.decode()
    build.customer("Hydraulique Côté")
    documents.reindex()
    assert "Several match" in log(world, customer_text="Hydraulique Côté").content.decode()


def test_a_case_of_another_team_can_be_named_by_nobody_else(world):
    world["client"].force_login(build.member(teams=(build.team("Elsewhere"),)))
    for given in ({"case_text": world["case"].number}, {"case": world["case"].pk}):
        assert log(world, **given).status_code == 422
    assert not world["case"].messages.filter(direction="in", author__isnull=False).exists()


def _logged():  # type: ignore[no-untyped-def]
    from comptoir.cases.models import Case

    return Case.objects.latest("pk")
