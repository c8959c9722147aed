"""Two people edit one customer: nothing is overwritten in silence."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from comptoir.actions import SentForApproval, perform
from comptoir.actions.editing import ChangedMeanwhile, edits, merged, seen_of
from comptoir.actions.models import Approval
from comptoir.customers.actions import edit_customer, set_owner, set_parent
from comptoir.customers.models import Customer
from comptoir.events.models import Event
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db


def _form(client: Client, customer: Customer) -> dict[str, str]:
    """What the edit dialog posts when nothing is touched."""
    page = client.get(reverse("act", args=["customers.edit", customer.pk]), headers={"HX-Request": "true"})
    form = page.context["form"]
    return {name: "" if (v := form[name].value()) is None else str(v) for name in form.fields} | {
        "_key": page.context["key"]
    }


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(build.member())
    return client


def _post(desk: Client, customer: Customer, data: dict[str, str]):
    return desk.post(reverse("act", args=["customers.edit", customer.pk]), data, headers={"HX-Request": "true"})


def test_a_form_that_nobody_touched_changes_nothing(desk: Client) -> None:
    customer = build.customer()
    before, events = Customer.objects.values().get(), Event.objects.count()
    assert _post(desk, customer, _form(desk, customer)).status_code == 200
    assert Customer.objects.values().get() == before
    assert Event.objects.count() == events


def test_every_changed_field_stands_in_the_story_with_before_and_after(desk: Client) -> None:
    customer = build.customer()
    data = _form(desk, customer) | {"terms": "30 days", "customer_class": "A"}
    assert _post(desk, customer, data).status_code == 200
    told = Event.objects.filter(verb="customers.edited").order_by("pk")
    assert [e.phrase for e in told] == ["Class: B → A", "Payment terms: – → 30 days"]


def test_what_a_colleague_changed_meanwhile_stays_when_i_left_it_alone(desk: Client) -> None:
    customer = build.customer()
    data = _form(desk, customer) | {"terms": "30 days"}
    perform("customers.edit", by=build.member(), subject=customer, inputs={"incoterm": "DAP Lyon"})
    assert _post(desk, customer, data).status_code == 200
    customer.refresh_from_db()
    assert (customer.terms, customer.incoterm) == ("30 days", "DAP Lyon")


def test_a_field_changed_by_both_is_shown_before_it_is_overwritten(desk: Client) -> None:
    customer = build.customer()
    data = _form(desk, customer) | {"terms": "30 days", "source": "Trade fair"}
    perform("customers.edit", by=build.member(), subject=customer, inputs={"terms": "45 days", "incoterm": "EXW"})
    answer = _post(desk, customer, data)
    assert answer.status_code == 422
    customer.refresh_from_db()
    assert (customer.terms, customer.source) == ("45 days", "")
    form = answer.context["form"]
    assert form.errors["terms"] == ["It now reads: 45 days"]
    assert form["terms"].value() == "30 days"
    assert form["incoterm"].value() == "EXW"
    again = {name: "" if form[name].value() is None else str(form[name].value()) for name in form.fields}
    assert _post(desk, customer, again).status_code == 200
    customer.refresh_from_db()
    assert (customer.terms, customer.incoterm, customer.source) == ("30 days", "EXW", "Trade fair")


def test_without_what_was_seen_the_colleagues_change_would_be_lost() -> None:
    standing = {"terms": "45 days"}
    assert edits(standing, {"terms": "30 days"}) == {"terms": "30 days"}
    with pytest.raises(ChangedMeanwhile):
        edits(standing, {"terms": "30 days"}, seen_of({"terms": ""}))
    assert edits(standing, {"terms": "45 days"}, seen_of({"terms": ""})) == {}


def test_amounts_are_the_same_however_many_zeros_they_carry() -> None:
    assert edits({"n": Decimal("5000.0000")}, {"n": Decimal(5000)}, seen_of({"n": Decimal("5000.00")})) == {}
    kept = merged({"n": "5000", "seen": seen_of({"n": Decimal("5000.0000")})}, {"n": Decimal("7000.0000")})
    assert kept["n"] == "7000"


def test_a_call_changes_only_what_it_names_and_can_empty_a_field() -> None:
    customer, rep = build.customer(language="fr"), build.member()
    perform("customers.edit", by=rep, subject=customer, inputs={"terms": "30 days", "tax_id": "FR 40303265045"})
    edit_customer(customer, by=rep, name="Hydraulique Martin & Fils")
    perform("customers.edit", by=rep, subject=customer, inputs={"terms": ""})
    customer.refresh_from_db()
    assert (customer.name, customer.terms, customer.tax_id, customer.language) == (
        "Hydraulique Martin & Fils", "", "FR40303265045", "fr",
    )  # fmt: skip
    assert customer.sort_key == "hydraulique martin & fils"


def test_a_rep_asks_for_a_higher_credit_limit_and_lowers_it_alone() -> None:
    customer, rep = build.customer(), build.member()
    edit_customer(customer, by=build.member(Role.SENIOR), credit_limit=Decimal(5000))
    with pytest.raises(SentForApproval):
        edit_customer(customer, by=rep, credit_limit=Decimal(9000))
    customer.refresh_from_db()
    assert customer.credit_limit == Decimal(5000)
    assert Approval.objects.get().diff == [["Credit limit", "5000", "9000"]]
    edit_customer(customer, by=rep, credit_limit=Decimal(4000))
    assert Customer.objects.get().credit_limit == Decimal(4000)


def test_an_owner_is_set_and_a_group_cannot_belong_to_itself() -> None:
    group, part, rep = build.customer("Groupe Martin"), build.customer("Martin Nord"), build.member()
    set_owner(part, by=rep, owner=rep)
    set_parent(part, by=rep, parent=group)
    assert Event.objects.filter(verb="customers.parent_set").get().phrase == "Belongs to: – → Groupe Martin"
    with pytest.raises(Exception, match="belongs to Groupe Martin itself"):
        set_parent(group, by=rep, parent=part)
    group.refresh_from_db()
    assert group.parent_id is None
