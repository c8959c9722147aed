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


def test_another_customer_s_words_mean_nothing(customer):
    entered(read_by_hand(came(FIRST, "Hinges")), (build.product("Hinge"), 20))
    other = build.customer("Other")
    assert not reading.names_taught(other, NEXT)
    assert reading.names_taught(customer, NEXT)


def test_two_names_beside_the_same_quantity_teach_nothing(customer):
    text = "Please send 20 of the blue hinges and 20 of the red hinges."
    entered(read_by_hand(came(text, "Hinges")), (build.product("Hinge"), 20), (build.product("Hinge red"), 20))
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
