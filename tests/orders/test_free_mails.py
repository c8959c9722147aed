"""A mail that names its parts in words: read by a person the first time, and by what that has taught the next."""

import pytest

from comptoir.actions import ActionError
from comptoir.cases.actions.papers import read_as_order
from comptoir.customers.models import Customer
from comptoir.lib.documents.worker import Reader
from comptoir.orders import matching, reading
from comptoir.orders.actions import NewLine
from comptoir.orders.actions.entering import enter_document
from comptoir.orders.extract.layout import layout_from
from comptoir.orders.extract.phrases import called_in
from comptoir.orders.extract.rows import rows_of
from comptoir.orders.inbound import other_form
from comptoir.orders.models import InboundDocument, LayoutTemplate, Order
from tests import build
from tests.cases.test_offers_of_documents import came, offered
from tests.orders.test_documents import goods

FIRST = """Dear Emma,

could you please send 20 of the blue hinges
we had last time, and 3 pcs long brackets? They should be here by 18 December.

Kind regards,
Claire
"""
NEXT = "Hello,\n\nplease send another 35 of those Blue Hinges next week, on 2 pallets if you can.\n\nClaire"


@pytest.fixture(scope="module")
def reader():
    made = Reader(cpu_seconds=4)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("please send 20 of the blue hinges we had last time", [(20, "blue hinges")]),
        ("We need\n- 20 x blue hinges\n- 4 pcs. long brackets, please", [(20, "blue hinges"), (4, "long brackets")]),
        ("blue hinges: 20", [(20, "blue hinges")]),
        ("20 x BH-77 please", [(20, "BH-77")]),
        ("Merci d'envoyer 20 des charnières bleues que nous avions", [(20, "charnières bleues")]),
        ("Send venligst 20 stk. af de blå hængsler vi fik sidst", [(20, "blå hængsler")]),
        ("Pošlite prosím 20 ks modrých závesov, ktoré sme mali", [(20, "modrých závesov")]),
        ("Моля, изпратете 20 бр. от сините панти, които взехме", [(20, "сините панти")]),
        ("Bitte 20 Stück der blauen Scharniere wie zuletzt", [(20, "blauen Scharniere")]),
        ("blue hinges, 20\nlong brackets, 4", [(20, "blue hinges"), (4, "long brackets")]),
        ("blue hinges - 20\nlong brackets - 4 pcs", [(20, "blue hinges"), (4, "long brackets")]),
        ("blue hinges; 20\nlong brackets; 4", [(20, "blue hinges"), (4, "long brackets")]),
        ("we urgently require 20\nblue hinges. And 3 long brackets.", [(20, "blue hinges"), (3, "long brackets")]),
        ("Could you kindly ship 20\nblue hinges and 10\nlong brackets", [(20, "blue hinges"), (10, "long brackets")]),
        ("Nous souhaitons commander 20\ncharnières bleues", [(20, "charnières bleues")]),
        ("Vi vil gerne bestille 20\nblå hængsler", [(20, "blå hængsler")]),
        ("hinges for doors, 20\nlong brackets, 4", [(20, "doors"), (4, "long brackets")]),
        ("blue hinges 20, long brackets 3", [(20, "blue hinges"), (3, "long brackets")]),
        ("20 blue hinges, 3 long brackets", [(20, "blue hinges"), (3, "long brackets")]),
        ("Hello Emma\nblue hinges 20\nlong brackets 4", [(20, "blue hinges"), (4, "long brackets")]),
        ("by 18 December, or 18.12.2026", []),
        ("> please send 20 of the blue hinges", []),
        ("call me at 12", []),
    ],
)
def test_the_words_beside_a_quantity_are_what_it_is_of(reader, text, told):
    rows = rows_of(reader.read("mail", text.encode()))
    assert [(one.quantity, one.name) for one in called_in(rows, ".")] == told


@pytest.fixture
def customer(db) -> Customer:
    made = goods(build.customer())
    build.contact(made)
    build.inbox()
    return made


def read_by_hand(case) -> InboundDocument:
    document = read_as_order(case.messages.get(direction="in"), by=build.member())
    reading.read(document.pk)
    return InboundDocument.objects.get(pk=document.pk)


def entered(document: InboundDocument, *lines: tuple[object, int]) -> Order:
    rows = [NewLine(product, quantity, build.workday(15)) for product, quantity in lines]  # type: ignore[arg-type]
    return enter_document(document, by=build.member(), customer=document.customer, lines=rows)


def test_what_a_rep_entered_once_is_read_in_the_next_mail(customer):
    hinge, bracket = build.product("Hinge 40 blue RAL 5010"), build.product("Bracket 300")
    case = came(FIRST, "Hinges")
    assert offered(case) == []
    document = read_by_hand(case)
    assert (document.state, document.problem) == ("error", "lines")
    entered(document, (hinge, 20), (bracket, 3))
    assert layout_from(LayoutTemplate.objects.get().rules).parts == {
        "blue hinges": hinge.number, "long brackets": bracket.number,
    }  # fmt: skip
    again = came(NEXT, "Again")
    assert offered(again) == [("Again", "parsed")]
    second = InboundDocument.objects.get(case_id=again.pk)
    layout = layout_from(second.template.rules)
    assert [(one.part, one.quantity) for one in matching.grid(customer, second.read, layout)] == [(hinge.number, "35")]
    assert all(value.place for value in second.read.lines[0].values())
    assert offered(came("Where are my blue hinges?", "Late")) == []


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("blue hinges, {}\nlong brackets, {}", ["7", "9"]),
        ("blue hinges; {}\nlong brackets; {}", ["7", "9"]),
        ("{} blue hinges\n{} long brackets", ["7", "9"]),
        ("odd things, {}\nlong brackets, {}", ["9"]),
    ],
)
def test_a_name_that_was_taught_takes_the_number_of_its_own_row(customer, listed, told):
    hinge, bracket = build.product("Hinge 40"), build.product("Bracket 300")
    entered(read_by_hand(came("Blue hinges, 20\nlong brackets, 3", "Hinges")), (hinge, 20), (bracket, 3))
    assert set(taught_by(customer).values()) == {hinge.number, bracket.number}
    lines = read_by_hand(came(f"Hello,\n\n{listed.format(7, 9)}\n\nClaire", "Again")).read.lines
    assert sorted(line["quantity"].text for line in lines) == told
    assert {line["quantity"].text for line in lines if "brackets" in line["part"].text} == {"9"}


def test_another_customer_s_words_mean_nothing(customer):
    entered(read_by_hand(came(FIRST, "Hinges")), (build.product("Hinge"), 20))
    other = build.customer("Other")
    assert not reading.names_taught(other, NEXT)
    assert reading.names_taught(customer, NEXT)


def test_names_beside_the_same_quantity_teach_nothing_where_nothing_tells_them_apart(customer):
    text = "Please send 20 of the blue hinges and 20 of the red hinges."
    entered(read_by_hand(came(text, "Hinges")), (build.product("RAL 5010"), 20), (build.product("RAL 3000"), 20))
    assert layout_from(LayoutTemplate.objects.get().rules).parts == {}


def test_a_mail_that_was_set_aside_is_read_when_somebody_says_it_is_an_order(customer):
    case = came("Where is our order 12 of 3 May?", "Order 12")
    assert [state for _name, state in offered(case)] == ["rejected"]
    assert read_by_hand(case).state == "error"
    assert InboundDocument.objects.count() == 1
    with pytest.raises(ActionError, match="Only what a customer wrote"):
        read_as_order(case.messages.create(
            case=case, conversation=case.messages.first().conversation, direction="internal", text="20 of them"
        ), by=build.member())  # fmt: skip


# What the first mail and its order taught, a later mail with another form of it, the quantity it asks for.
FORMS = {
    "en": ("Please send 20 of the blue hinges.", "Hello Emma,\n\nwe need another blue hinge, 3 pcs.\n\nBest, Claire", "blue hinge", 3),
    "fr": ("Merci d'envoyer 20 charnières bleues.", "Bonjour,\n\nil nous faudrait encore 15 pièces de la charnière bleue, livrables "
           "en semaine 51.\n\nCordialement,\nClaire Moreau", "charnière bleue", 15),
    "da": ("Send venligst 20 stk. blå hængsler.", "Hej Emma,\n\nvi mangler 12 stk. af det blå hængsel til næste uge.\n\nVenlig hilsen\n"
           "Mette", "blå hængsel", 12),
    "sk": ("Pošlite prosím 20 ks modrý pánt.", "Dobrý deň,\n\nprosíme o dodanie 20 ks modrých pántov do konca týždňa.\n\nS pozdravom\n"
           "Peter", "modrých pántov", 20),
    "bg": ("Моля, изпратете 20 бр. синя панта.", "Здравейте,\n\nтрябват ни още 35 бр. от сините панти до петък.\n\nПоздрави,\nПетър",
           "сините панти", 35),
}  # fmt: skip


def desk_in(language: str) -> Customer:
    made = goods(build.customer("Kunde", language=language))
    build.contact(made)
    build.inbox()
    return made


def taught_by(customer: Customer) -> dict[str, str]:
    return layout_from(LayoutTemplate.objects.get(customer=customer).rules).parts


@pytest.mark.parametrize("language", FORMS)
def test_another_form_of_a_name_is_proposed_with_what_it_was_taken_for(db, language):
    first, later, written, quantity = FORMS[language]
    customer, product = desk_in(language), build.product("Hinge 40")
    entered(read_by_hand(came(first, "Bestilling")), (product, 20))
    (name,) = taught_by(customer)
    assert offered(came(later, "Encore")) == [("Encore", "parsed")]
    document = InboundDocument.objects.latest("pk")
    line = document.read.lines[0]
    assert (other_form(line), line["part"].text) == (written, name)
    assert line["part"].place
    (typed,) = matching.grid(customer, document.read, layout_from(document.template.rules))
    assert (typed.part, typed.quantity) == (product.number, str(quantity))
    assert (typed.written, typed.taken_for) == (written, name)


def test_a_form_that_was_confirmed_is_a_name_and_asked_about_no_more(db, client):
    customer, product = desk_in("sk"), build.product("Hinge 40")
    first, later, written, quantity = FORMS["sk"]
    entered(read_by_hand(came(first, "Objednávka")), (product, 20))
    second = InboundDocument.objects.get(case_id=came(later, "Objednávka 2").pk)
    client.force_login(build.member())
    page = client.get(second.get_absolute_url()).content.decode()
    assert "“modrých pántov” taken for “modrý pánt”" in page
    order = entered(second, (product, quantity))
    part = order.verifications.get().differences.get(field="part")
    assert (part.colour, part.theirs, part.is_open) == ("amber", "modrých pántov", True)
    assert "taken for “modrý pánt”" in client.get(f"{order.get_absolute_url()}truth/").content.decode()
    assert taught_by(customer) == {"modrý pánt": product.number, written: product.number}
    third = InboundDocument.objects.get(case_id=came(later.replace("20", "50"), "Objednávka 3").pk)
    (typed,) = matching.grid(customer, third.read, layout_from(third.template.rules))
    assert (typed.part, typed.quantity, typed.written) == (product.number, "50", "")


def test_a_form_that_was_another_part_teaches_its_own_name_and_leaves_the_first(db):
    customer, product, other = desk_in("sk"), build.product("Hinge 40"), build.product("Hinge 60")
    entered(read_by_hand(came(FORMS["sk"][0], "Objednávka")), (product, 20))
    second = InboundDocument.objects.get(case_id=came(FORMS["sk"][1], "Objednávka 2").pk)
    entered(second, (other, 20))
    assert taught_by(customer) == {"modrý pánt": product.number, "modrých pántov": other.number}


def test_a_form_of_the_names_of_two_parts_is_left_to_the_person(db):
    customer, one, other = desk_in("sk"), build.product("Hinge 40"), build.product("Hinge 60")
    entered(
        read_by_hand(came("Pošlite prosím 20 ks modrý pánt a 5 ks modré pánty.", "Objednávka")), (one, 20), (other, 5)
    )
    assert taught_by(customer) == {"modrý pánt": one.number, "modré pánty": other.number}
    document = InboundDocument.objects.get(case_id=came(FORMS["sk"][1], "Objednávka 2").pk)
    (typed,) = matching.grid(customer, document.read, layout_from(document.template.rules))
    assert (typed.part, typed.quantity, typed.written) == ("modrých pántov", "20", "")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Hello,\n\nplease send 20 of the blue hinged lids we saw.\n\nClaire"),
        ("en", "Hello,\n\nwhere are the 20 parcels with our red hinges?\n\nClaire"),
        ("fr", "Bonjour,\n\nmerci d'envoyer 20 charnons bleus.\n\nClaire"),
        ("da", "Hej,\n\nsend venligst 20 stk. blå hængelåse.\n\nMette"),
        ("sk", "Dobrý deň,\n\nprosíme o 20 ks modrých pások.\n\nPeter"),
        ("bg", "Здравейте,\n\nтрябват ни 20 бр. сини пантофи.\n\nПетър"),
    ],
)
def test_what_only_looks_like_a_name_is_no_order(db, language, text):
    desk_in(language)
    entered(read_by_hand(came(FORMS[language][0], "First")), (build.product("Hinge 40"), 20))
    assert offered(came(text, "Hello")) == []


def test_names_beside_the_same_quantity_are_told_apart_by_the_part_s_own_name_or_because_one_is_left(customer):
    text = "Please send 20 of the blue hinges and 20 of the red hinges."
    plain, red = build.product("Hinge"), build.product("Hinge red")
    entered(read_by_hand(came(text, "Hinges")), (plain, 20), (red, 20))
    assert taught_by(customer) == {"blue hinges": plain.number, "red hinges": red.number}


def test_of_two_names_beside_one_quantity_the_one_that_was_entered_is_taught(customer):
    text = "Please send 20 of the blue hinges, or 20 of the red hinges if you have none left."
    red = build.product("Hinge red RAL 3000")
    entered(read_by_hand(came(text, "Hinges")), (red, 20))
    assert taught_by(customer) == {"red hinges": red.number}
