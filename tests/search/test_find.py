"""What is found, and by whom."""

from collections.abc import Iterator
from typing import Any

import pytest

from comptoir.cases.actions.answering import note
from comptoir.cases.actions.ending import mark_spam
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.merging import merge
from comptoir.catalog.models import CustomerPart
from comptoir.people import system
from comptoir.search import queries
from comptoir.search.asking import read
from comptoir.search.models import Document
from tests import build
from tests.conftest import Lasting
from tests.search.facts import found, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(lasting: Lasting) -> Iterator[dict[str, Any]]:
    """What there is to find, made once for all tests here."""
    with lasting():
        customer = build.customer("Hydraulique Côté & Fils")
        person = build.contact(customer, "Zuzana Kováčová")
        order = build.order(customer, po="PO-77 341")
        case = receive(build.mail(build.WISH, subject="Pompe à engrenages cassée")).case
        tell()
        yield {"customer": customer, "person": person, "order": order, "case": case, "rep": build.member()}


@pytest.fixture
def world(made: dict[str, Any], db: None) -> dict[str, Any]:
    return {name: type(row)._base_manager.get(pk=row.pk) for name, row in made.items()}


def test_a_number_of_ours_is_found_with_or_without_its_letters(world):
    for noun in ("case", "order", "customer"):
        number = world[noun].number
        for typed in (number, number.lower(), number.replace("-", " "), number.split("-")[1]):
            first = queries.find(world["rep"], typed).groups[0]
            assert (first.noun, first.hits[0].row) == (noun, world[noun]), typed
            assert first.hits[0].rank == queries.EXACT


def test_a_part_of_a_number_is_found_after_what_it_begins(world):
    digits = world["order"].number.split("-")[1]
    assert str(world["order"]) in found(world["rep"], digits[:-1])["order"]
    assert str(world["order"]) in found(world["rep"], digits[1:])["order"]


@pytest.mark.parametrize("typed", ["PO-77341", "po77341", "PO 77 341", "77341", "7734"])
def test_a_customers_purchase_order_finds_the_order_and_its_case(world, typed):
    told = found(world["rep"], typed)
    assert told["order"] == [str(world["order"])]
    assert told["case"] == [str(world["case"])]


@pytest.mark.parametrize(
    "typed",
    ["+33 4 78 00 00 01", "0033478000001", "04 78 00 00 01", "04.78.00.00.01", "+33 (0)4 78 00 00 01", "33478000001",
     "tel. 0478/000.001", "78 00 00 01"],
)  # fmt: skip
def test_a_phone_number_is_found_in_any_spelling(world, typed):
    told = found(world["rep"], typed)
    assert told["contact"] == ["Zuzana Kováčová"]
    assert told["customer"] == ["Hydraulique Côté & Fils"]


@pytest.mark.parametrize(
    "typed", ["claire@martin.example", "Claire@Martin.Example", "claire+shop@martin.example", "claire@mar"]
)
def test_an_e_mail_address_is_found(world, typed):
    assert found(world["rep"], typed)["contact"] == ["Zuzana Kováčová"]


def test_parts_are_found_by_our_number_and_by_the_customers(world):
    pump = world["order"].lines.first().product
    CustomerPart.objects.create(customer=world["customer"], product=pump, part_number="HC/9-4471")
    from comptoir.search import documents

    documents.reindex()
    for typed in (pump.number, "HC/9-4471", "hc94471", "gear pu"):
        assert found(world["rep"], typed)["product"] == [str(pump)]


@pytest.mark.parametrize("typed", ["hydraulique cote", "COTE fils", "côté hydr", "zuzana kovacova", "kovac zuz"])
def test_names_are_found_without_accents_in_any_order_by_their_beginnings(world, typed):
    told = found(world["rep"], typed)
    assert told["customer" if "cot" in typed.lower() or "ôté" in typed else "contact"]


@pytest.mark.parametrize(
    "typed", ["hydraulqiue", "hidraulique", "Hydrauliqu3x"[:10] + "e", "kovaccova", "zusana kovacova"]
)
def test_one_typo_in_a_name_is_forgiven(world, typed):
    told = found(world["rep"], typed)
    assert told.get("customer") or told.get("contact")


def test_two_typos_are_not_guessed(world):
    assert not found(world["rep"], "hidroulique")


def test_cyrillic_and_latin_spellings_find_each_other(world):
    build.customer("Петър Хидравлика ООД", language="bg", country="BG")
    tell()
    assert found(world["rep"], "petar hidravlika")["customer"] == ["Петър Хидравлика ООД"]
    assert found(world["rep"], "Петър")["customer"] == ["Петър Хидравлика ООД"]
    assert found(world["rep"], "зузана")["contact"] == ["Zuzana Kováčová"]


def test_words_of_a_message_find_its_case(world):
    assert found(world["rep"], "vendredi prochain")["message"] == [str(world["case"])]
    hit = queries.find(world["rep"], "vendredi").groups[0].hits[0]
    assert "vendredi prochain" in hit.excerpt
    assert not found(world["rep"], "vendredi absent")


def test_a_case_shown_for_its_subject_is_not_shown_for_its_messages_again(world):
    assert found(world["rep"], "engrenages") == {"case": [str(world["case"])]}


def test_an_internal_note_is_found_by_those_who_see_the_case_only(world):
    note(world["case"], by=world["rep"], text="Goodwill at most: zweihundert")
    tell()
    assert found(world["rep"], "zweihundert")["message"] == [str(world["case"])]
    stranger = build.member(teams=(build.team("Elsewhere"),))
    assert found(stranger, "zweihundert") == {}


def test_a_rep_of_another_team_finds_no_case_and_learns_nothing_of_it(world):
    stranger = build.member(teams=(build.team("Elsewhere"),))
    assert found(stranger, world["case"].number) == {}
    assert found(stranger, "engrenages") == {}
    assert found(stranger, "vendredi") == {}
    assert "case" not in found(stranger, "PO-77341")
    assert found(stranger, "PO-77341")["order"] == [str(world["order"])]


def test_whoever_follows_or_owns_a_case_of_another_team_finds_it(world):
    from comptoir.cases.models import Case, Follow

    stranger = build.member(teams=(build.team("Elsewhere"),))
    Follow.objects.create(case=world["case"], member=stranger)
    assert found(stranger, "vendredi")["message"] == [str(world["case"])]
    owner = build.member(teams=())
    Case.objects.filter(pk=world["case"].pk).update(owner=owner)
    assert found(owner, world["case"].number)["case"] == [str(world["case"])]


def test_a_member_who_is_gone_finds_nothing(world):
    gone = build.member()
    gone.is_active = False
    gone.save()
    assert found(gone, "77341") == {}


def test_a_document_that_lags_behind_shows_nothing_it_should_not(world):
    from comptoir.cases.models import Case

    Case.objects.filter(pk=world["case"].pk).update(team=build.team("Elsewhere"))
    assert found(world["rep"], "vendredi") == {}
    assert "case" not in found(world["rep"], "77341")


def test_a_merged_case_is_found_by_its_number_and_its_messages_in_the_other(world):
    other = receive(build.mail("Un autre sujet", subject="Tuyau percé")).case
    merge(world["case"], by=world["rep"], into=other)
    tell()
    assert found(world["rep"], "vendredi")["message"] == [str(other)]
    assert found(world["rep"], world["case"].number)["case"][0] == str(world["case"])
    assert found(world["rep"], "engrenages") == {"message": [str(other)]}


def test_spam_is_found_by_its_number_alone(world):
    mark_spam(world["case"], by=world["rep"])
    tell()
    assert found(world["rep"], "vendredi") == {}
    assert found(world["rep"], "engrenages") == {}
    assert found(world["rep"], world["case"].number)["case"] == [str(world["case"])]
    assert not Document.objects.filter(noun="message").exists()


def test_a_mistyped_number_of_ours_is_told_by_its_check_digit(world):
    number = world["order"].number
    assert not read(number).wrong_digit
    assert read(number[:-1] + str((int(number[-1]) + 1) % 10)).wrong_digit


@pytest.mark.parametrize(
    "typed", ["", " ", "a", "%", "'; drop table", "\\", "\x00"[:0], "🙂", "!&|:*()<->", "a" * 5000, "_" * 30]
)
def test_anything_may_be_typed(world, typed):
    assert queries.find(world["rep"], typed).count >= 0


def test_exact_numbers_come_first_then_customers_and_people_then_the_rest(world):
    digits = world["order"].number.split("-")[1]
    receive(build.mail(f"Encore {digits}", subject="Rappel"))
    build.customer(f"Firme {digits}")
    tell()
    assert next(iter(found(world["rep"], digits))) == "order"
    build.customer("Engrenages SA")
    tell()
    assert next(iter(found(world["rep"], "engrenages"))) == "customer"


def test_the_system_and_supervisors_find_all(world):
    assert found(system(), "vendredi")["message"] == [str(world["case"])]
