"""The catalogue's own names: as they are written they are taken, in another form they are proposed, and one word is never turned."""

import pytest

from comptoir.catalog.models import Product
from comptoir.orders import matching
from comptoir.orders.actions.documents import receive
from comptoir.orders.extract.catalogue import Catalogue
from comptoir.orders.extract.layout import Layout, layout_from
from comptoir.orders.models import InboundDocument
from comptoir.orders.reading import read
from comptoir.orders.typed import Typed
from tests import build
from tests.cases.test_offers_of_documents import came, offered
from tests.orders.test_free_mails import FORMS, desk_in, entered, read_by_hand, taught_by

NAMES = {"en": "Blue hinges", "fr": "Charnières bleues", "da": "Blå hængsler", "sk": "Modrý pánt", "bg": "Синя панта"}


@pytest.fixture
def customer(db):
    return desk_in("en")


def typed(document: InboundDocument) -> list[Typed]:
    layout = layout_from(document.template.rules) if document.template else Layout()
    return matching.grid(document.customer, document.read, layout)


def by_mail(text: str) -> InboundDocument:
    """What a mail that somebody has had read says."""
    return read_by_hand(came(text, "Our wishes"))


def by_table(customer, *rows: str) -> InboundDocument:
    text = "\n".join(["PO number;77", "", "Article;Description;Qty", *rows, ""])
    document = receive(text.encode(), "a.csv", by=build.member(), customer=customer)
    read(document.pk)
    return InboundDocument.objects.get(pk=document.pk)


@pytest.mark.parametrize("language", NAMES)
def test_a_form_of_a_product_s_name_in_a_mail_is_proposed_with_the_name(db, language):
    desk_in(language)
    product, (_first, text, written, quantity) = build.product(NAMES[language]), FORMS[language]
    document = by_mail(text)
    (line,) = typed(document)
    assert (line.part, line.quantity) == (product.number, str(quantity))
    assert (line.written, line.taken_for) == (written, NAMES[language])
    assert document.read.lines[0]["part"].place


def test_what_is_written_as_in_the_catalogue_is_taken_without_a_question(customer):
    product = build.product("Blue hinge, long")
    for document in (
        by_mail("Hello,\n\nplease send 20 x blue hinge long.\n\nClaire"),
        by_table(customer, "ZZ-9;Blue hinge, long;20"),
    ):
        (line,) = typed(document)
        assert (line.part, line.quantity, line.written) == (product.number, "20", "")


def test_a_form_in_a_table_is_proposed_and_known_by_the_customer_s_number_once_it_was_confirmed(customer, client):
    product = build.product("Blue hinge")
    document = by_table(customer, "ZZ-9;Blue hinges;20")
    (line,) = typed(document)
    assert (line.part, line.written, line.taken_for) == (product.number, "Blue hinges", "Blue hinge")
    client.force_login(build.member())
    assert "“Blue hinges” taken for “Blue hinge”" in client.get(document.get_absolute_url()).content.decode()
    order = entered(document, (product, 20))
    part = order.verifications.get().differences.get(field="part")
    assert (part.colour, part.theirs, part.is_open) == ("amber", "Blue hinges", True)
    assert "taken for “Blue hinge”" in client.get(f"{order.get_absolute_url()}truth/").content.decode()
    assert taught_by(customer) == {"ZZ-9": product.number}
    (line,) = typed(by_table(customer, "ZZ-9;Blue hinges;5"))
    assert (line.part, line.quantity, line.written) == (product.number, "5", "")


def test_an_english_name_is_known_in_its_plural_whatever_is_spoken(db):
    customer, product = desk_in("bg"), build.product("Blue hinge")
    (line,) = typed(by_mail("Здравейте,\n\nтрябват ни 20 бр. blue hinges до петък.\n\nПоздрави,\nПетър"))
    assert (line.part, line.quantity, line.written) == (product.number, "20", "blue hinges")
    (line,) = typed(by_table(customer, ";Blue hinges;5"))
    assert (line.part, line.quantity, line.written) == (product.number, "5", "Blue hinges")


def test_a_form_that_was_confirmed_in_a_mail_is_a_name_of_the_customer_s(customer):
    product = build.product("Blue hinge")
    entered(by_mail("Hello,\n\nplease send 20 blue hinges.\n\nClaire"), (product, 20))
    assert taught_by(customer) == {"blue hinges": product.number}
    (line,) = typed(by_mail("Hello again,\n\nplease send 5 blue hinges.\n\nClaire"))
    assert (line.part, line.quantity, line.written) == (product.number, "5", "")


@pytest.mark.parametrize("row", [";Blue hinges;20", "Blue hinges;;20"])
def test_a_form_that_was_another_part_is_that_part_from_then_on(customer, row):
    build.product("Blue hinge")
    other = build.product("Hinge 60")
    entered(by_table(customer, row), (other, 20))
    assert taught_by(customer) == {"Blue hinges": other.number}
    assert [(line.part, line.written) for line in typed(by_table(customer, row))] == [(other.number, "")]


@pytest.mark.parametrize("written", ["Blue hinge", "blue hinges"])
def test_a_product_that_is_sold_no_more_does_not_hide_its_successor_of_the_same_name(customer, written):
    ended, product = build.product("Blue hinge"), build.product("Blue hinge")
    Product.objects.filter(pk=ended.pk).update(state=Product.State.ENDED)
    for document in (by_mail(f"Hello,\n\nplease send 20 {written}.\n\nClaire"), by_table(customer, f";{written};20")):
        assert [line.part for line in typed(document)] == [product.number]


def test_the_name_of_a_product_that_is_sold_no_more_is_known_where_no_other_has_it(customer):
    ended = build.product("Blue hinge")
    Product.objects.update(state=Product.State.ENDED)
    assert [line.part for line in typed(by_mail("Hello,\n\nplease send 20 blue hinges.\n\nClaire"))] == [ended.number]


def test_a_number_goes_before_any_name(customer):
    product = build.product("Gear pump 20")
    build.product("Blue hinge")
    (line,) = typed(by_table(customer, f"{product.number};Blue hinges;20"))
    assert (line.part, line.written) == (product.number, "")
    (line,) = typed(by_mail(f"Hello,\n\nplease send 20 x {product.number} with blue hinges.\n\nClaire"))
    assert (line.part, line.quantity, line.written) == (product.number, "20", "")


@pytest.mark.parametrize(
    "names", [["Hinge"], ["Blue hinge", "Blue hinge"], ["Blue hinge s", "Blue hinged"], ["Red hinge"]]
)
def test_one_word_the_name_of_two_products_and_other_names_are_left_to_the_person(customer, names):
    for name in names:
        build.product(name)
    written = "Hinges" if names == ["Hinge"] else "Blue hinges"
    assert [(line.part, line.written) for line in typed(by_table(customer, f";{written};20"))] == [(written, "")]
    assert typed(by_mail(f"Hello,\n\nplease send 20 {written}.\n\nClaire")) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("20 blue hinges, 5 long brackets", [("20", "Blue hinge"), ("5", "Long bracket")]),
        ("blue hinges: 20, long brackets: 5", [("20", "Blue hinge"), ("5", "Long bracket")]),
        ("blue hinges 20 long brackets 5", [("20", "Blue hinge"), ("5", "Long bracket")]),
        ("20 of the blue hinges and 3 pcs long brackets", [("20", "Blue hinge"), ("3", "Long bracket")]),
        ("blue hinges, 20 long brackets", [("20", "Long bracket")]),
        ("2 Pumps NB 100 and 3 blue hinge", [("2", "Pump NB 100"), ("3", "Blue hinge")]),
        ("20 blue hinges with pins", [("20", "Blue hinge")]),
        ("20 blue hinges XL", []),
        ("20 double blue hinges", []),
        ("20 parcels came, and the blue hinges are bent", []),
        ("blue hinges by 18 December", []),
        ("> 20 blue hinges", []),
    ],
)
def test_a_whole_name_beside_a_quantity_is_of_that_quantity(customer, text, told):
    for name in ("Blue hinge", "Long bracket", "Pump NB 100"):
        build.product(name)
    lines = by_mail(f"Hello,\n\n{text}\n\nClaire").read.lines
    assert [(line["quantity"].text, line["part"].text) for line in lines] == told


@pytest.mark.parametrize("names", [("blue hinges", "red hinges"), ("Blue hinge", "Red hinge")])
@pytest.mark.parametrize(
    "listed",
    [
        "{}, 20\n{}, 5", "{} - 20\n{} - 5", "{} – 20 pcs\n{} – 5 pcs", "{}; 20\n{}; 5", "{}, 20 pcs.\n{}, 5 pcs.", "{} 20\n{} 5",
        "{} (20)\n{} (5)", "- {}, 20 pcs\n- {}, 5 pcs", "20 {}\n5 {}", "20 - {}\n5 - {}", "{}\n20\n{}\n5", "20\n{}\n5\n{}",
        "{}, 20\n{}, 5 for stock",
    ],
)  # fmt: skip
def test_a_number_in_a_list_is_of_the_name_in_its_own_row(customer, listed, names):
    products = [build.product("Blue hinge"), build.product("Red hinge")]
    lines = typed(by_mail(f"Hello, we order:\n\n{listed.format(*names)}\n\nClaire"))
    assert [(line.part, line.quantity) for line in lines] == [(products[0].number, "20"), (products[1].number, "5")]
    assert {line.written for line in lines} == ({""} if names[0] == "Blue hinge" else set(names))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("odd things, 20\nred hinges, 5", [("5", "Red hinge")]),
        ("odd things; 20\nred hinges; 5", [("5", "Red hinge")]),
        ("red hinges\n5 odd things", []),
        ("we need 20 blue hinges, 5 red hinges and 3\nlong brackets", [
            ("20", "Blue hinge"), ("5", "Red hinge"), ("3", "Long bracket"),
        ]),
        ("we need 20 blue\nhinges, and red\nhinges: 5", [("20", "Blue hinge"), ("5", "Red hinge")]),
        ("we need the blue hinges,\n20 if you can", [("20", "Blue hinge")]),
    ],
)  # fmt: skip
def test_a_number_that_has_a_name_in_its_row_is_of_none_in_another(customer, text, told):
    for name in ("Blue hinge", "Red hinge", "Long bracket"):
        build.product(name)
    lines = by_mail(f"Hello,\n\n{text}\n\nClaire").read.lines
    assert [(line["quantity"].text, line["part"].text) for line in lines] == told


def test_a_name_alone_makes_no_order_of_a_mail(customer):
    build.product("Blue hinge")
    assert offered(came("Hello,\n\nwhere are my 20 blue hinges?\n\nClaire", "Late")) == []
    assert offered(came("Hello,\n\nwe order 20 blue hinges.\n\nClaire", "PO number 4711")) == [
        ("PO number 4711", "parsed")
    ]


def test_names_are_found_by_how_their_words_begin_and_the_exact_one_goes_first():
    names = Catalogue(["Blue hinge", "Blue hinges", "Gasket GK, aramid", "Hinge"])
    assert names.named(["blue", "hinges"], ["en"]) == "Blue hinges"
    assert names.named(["Gaskets", "GK", "aramid"], ["en"]) == "Gasket GK, aramid"
    assert names.named(["hinge"], ["en"]) == names.named(["blue"], ["en"]) == names.named([], ["en"]) == ""
