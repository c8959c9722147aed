"""The ways to reach a customer, their people and places."""

import pytest

from comptoir.actions import ActionError, perform
from comptoir.customers.actions import (
    add_address,
    add_contact,
    add_customer,
    add_identity,
    edit_address,
    edit_contact,
    has_left,
    is_back,
    prefer_identity,
    promote,
    remove_identity,
    verify_identity,
    works_again,
)
from comptoir.customers.models import Address, Contact, Customer, Identity
from comptoir.customers.queries import email_of, like
from comptoir.customers.tax import Checked, check
from comptoir.events.models import Event
from comptoir.lib import clock, sheets
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db
Kind = Identity.Kind


@pytest.fixture
def rep() -> Member:
    return build.member()


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("FR", "04 78 11 22 33", "+33478112233"),
        ("BG", "02 491 6370", "+35924916370"),
        ("BE", "+33 (0)4 78 11 22 33", "+33478112233"),
        ("DK", "0033 478112233", "+33478112233"),
    ],
)
def test_a_phone_typed_without_prefix_is_one_of_the_customers_country(
    rep: Member, country: str, typed: str, kept: str
) -> None:
    customer = add_customer(by=rep, name="X", country=country)
    assert add_identity(customer, by=rep, kind=Kind.PHONE, value=typed).normal == kept


def test_one_value_stands_once_at_a_person_and_may_stand_at_another_customer(rep: Member) -> None:
    customer, other = build.customer(), build.customer("Brasserie du Nord")
    person = build.contact(customer)
    for value in ("Claire@Martin.example", "claire+orders@martin.example"):
        with pytest.raises(ActionError, match="known here already"):
            add_identity(customer, by=rep, kind=Kind.EMAIL, value=value, contact=person)
    add_identity(other, by=rep, kind=Kind.EMAIL, value="claire@martin.example")
    assert Identity.objects.filter(normal="claire@martin.example").count() == 2


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "claire"), ("email", "a b@c.example"), ("phone", "12"), ("fax", "-")]
)
def test_what_cannot_be_an_address_is_refused_and_nothing_is_kept(rep: Member, kind: str, value: str) -> None:
    customer = build.customer()
    events = Event.objects.count()
    with pytest.raises(ActionError, match="is not"):
        add_identity(customer, by=rep, kind=Kind(kind), value=value)
    assert not customer.identities.exists()
    assert Event.objects.count() == events


def test_one_of_a_kind_is_preferred_and_a_bounced_one_is_written_to_last(rep: Member) -> None:
    customer = build.customer()
    person = build.contact(customer)
    first = person.identities.get(kind="email")
    second = add_identity(customer, by=rep, kind=Kind.EMAIL, value="c.moreau@martin.example", contact=person)
    assert email_of(person, customer) == first.value
    prefer_identity(first, by=rep)
    prefer_identity(second, by=rep)
    assert list(person.identities.filter(is_preferred=True)) == [second]
    assert email_of(person, customer) == second.value
    Identity.objects.filter(pk=second.pk).update(bounced_at=clock.now())
    assert email_of(person, customer) == first.value
    second.refresh_from_db()
    works_again(second, by=rep)
    assert email_of(person, customer) == second.value
    assert verify_identity(second, by=rep).verified_at is not None


def test_what_was_removed_stays_in_the_story(rep: Member) -> None:
    customer = build.customer()
    identity = build.contact(customer).identities.get(kind="email")
    remove_identity(identity, by=rep)
    assert (
        Event.objects.filter(verb="customers.identity_removed").get().phrase == "Address removed: claire@martin.example"
    )


def test_an_address_cannot_be_given_to_somebody_who_works_elsewhere(rep: Member) -> None:
    person = build.contact(build.customer())
    with pytest.raises(ActionError, match="does not work there"):
        add_identity(build.customer("Brasserie"), by=rep, kind=Kind.EMAIL, value="x@y.example", contact=person)


def test_a_person_is_edited_leaves_and_comes_back(rep: Member) -> None:
    person = add_contact(build.customer(), by=rep, name="Claire Moreau")
    perform(
        "customers.edit_contact", by=rep, subject=person, inputs={"name": "Claire Moreau-Petit", "position": "Buyer"}
    )
    edit_contact(person, by=rep, language="fr")
    assert Contact.objects.values_list("sort_key", "position", "language").get() == (
        "claire moreau-petit",
        "Buyer",
        "fr",
    )
    assert not has_left(person, by=rep).is_active
    with pytest.raises(ActionError, match="has left already"):
        has_left(person, by=rep)
    assert is_back(person, by=rep).is_active


def test_a_place_has_uses_and_is_offered_no_more_without_any(rep: Member) -> None:
    customer = build.customer()
    first = customer.addresses.get()
    assert [str(role) for role in first.roles] == ["ship_to", "bill_to", "sold_to"]
    second = add_address(customer, by=rep, name="Depot", street="2 quai", city="Villefranche-sur-Saône", country="FR")
    assert second.roles == ["ship_to"]
    edit_address(second, by=rep, roles=[], transit_days=5)
    kept = Address.objects.get(pk=second.pk)
    assert (kept.roles, kept.transit_days, kept.city_key) == ([], 5, "villefranche-sur-saone")
    assert Event.objects.filter(verb="customers.address_edited").count() == 2


def test_a_prospect_becomes_a_customer_once(rep: Member) -> None:
    prospect = add_customer(by=rep, name="X", country="FR", stage=Customer.Stage.PROSPECT)
    assert promote(prospect, by=rep).stage == "customer"
    with pytest.raises(ActionError, match="is a customer already"):
        promote(prospect, by=rep)


def test_a_likely_duplicate_is_found_by_number_domain_and_name(rep: Member) -> None:
    customer = add_customer(
        by=rep, name="Hydraulique Martin", country="FR", tax_id="FR 40 303 265 045", email="a@martin.example"
    )
    add_customer(by=rep, name="Brasserie du Nord", country="BE", email="brasserie@gmail.com")
    assert [n.why for n in like("Other", tax_id="fr40303265045")] == ["same VAT number"]
    assert [n.customer for n in like("Other", email="z@martin.example")] == [customer]
    assert [n.why for n in like("HYDRAULIQUE MARTÌN SAS")] == ["similar name"]
    assert like("Zinguerie", email="else@gmail.com") == []


@pytest.mark.parametrize(
    ("number", "country", "said"),
    [("FR40303265045", "FR", "right"), ("40303265045", "FR", "right"), ("FR123", "FR", "wrong"), ("GB980780684", "GB", "right"),
     ("EL094259216", "GR", "right"), ("12345", "JP", "unknown"), ("BG829785839", "BG", "wrong")],
)  # fmt: skip
def test_a_vat_number_is_checked_by_its_digits(number: str, country: str, said: str) -> None:
    assert check(number, country) == Checked(said)


def test_no_text_of_a_table_is_a_formula_and_numbers_stay_numbers() -> None:
    risky = ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1"]
    assert all(sheets.cell(text).startswith("'") for text in risky)
    assert [sheets.cell(v) for v in (-1, None, "a-b", True)] == ["-1", "", "a-b", "True"]
    assert "".join(sheets.lines(["a"], [['x"y', 1]])) == '\ufeffa\r\n"x""y",1\r\n'
