"""The palette, the page of results, and the pickers of dialogs."""

import pytest
from django.test import Client

from comptoir.cases.actions.incoming import receive
from comptoir.search import documents
from tests import build

pytestmark = pytest.mark.django_db
PALETTE = {"HX-Request": "true"}


@pytest.fixture
def world(client: Client):  # type: ignore[no-untyped-def]
    customer = build.customer("Hydraulique Côté")
    person = build.contact(customer, "Zuzana Kováčová")
    order = build.order(customer, po="PO-77341")
    case = receive(build.mail(build.WISH, subject="Pompe cassée")).case
    documents.reindex()
    rep = build.member()
    client.force_login(rep)
    return {"customer": customer, "person": person, "order": order, "case": case, "rep": rep, "client": client}


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
