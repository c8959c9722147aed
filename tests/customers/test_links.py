"""Links: whoever holds the token sees one row for one purpose, until it ends; every other token is nothing, all alike."""

from datetime import timedelta

import pytest

from comptoir.actions import ActionError
from comptoir.customers.actions import revoke_link
from comptoir.customers.actions.links import issue, note_use
from comptoir.customers.links import follow, ways_in, ways_into
from comptoir.customers.models import Customer, Link
from comptoir.events import journal
from comptoir.lib import clock
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return build.customer()


@pytest.fixture
def link(customer):
    return issued(customer)


def issued(customer, days=60):
    with journal():
        return issue(
            customer, by=build.member(), customer=customer, contact=build.contact(customer), kind="order", days=days
        )


def test_a_link_leads_to_its_row_and_keeps_no_token(link, customer):
    found = follow(link.token, "order")
    assert found == link
    assert (found.subject_noun, found.subject_id, found.language) == ("customer", customer.pk, "fr")
    assert len(link.token) >= 22  # 128 bits
    assert found.token == ""
    assert link.token not in str(Link.objects.values().get())


def test_wrong_altered_and_foreign_tokens_are_nothing(link):
    altered = ("B" if link.token[0] == "A" else "A") + link.token[1:]
    for token in (
        "",
        "x",
        altered,
        link.token.swapcase(),
        link.token + "A",
        link.token[:-1],
        link.token_hash,
        "x" * 9999,
    ):
        assert follow(token, "order") is None
    assert follow(link.token, "quote") is None


def test_a_link_ends_by_its_day_by_being_revoked_and_with_its_contact(customer):
    over, gone, left = issued(customer, days=1), issued(customer), issued(customer)
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert follow(over.token, "order") is None
        assert follow(gone.token, "order") == gone
    revoke_link(gone, by=build.member())
    left.contact.is_active = False
    left.contact.save()
    assert follow(gone.token, "order") is None
    assert follow(left.token, "order") is None
    with pytest.raises(ActionError):
        revoke_link(gone, by=build.member())


def test_nobody_of_another_customer_is_given_a_link(customer):
    stranger = build.contact(build.customer("Nordisk Pumpe"), "Mette Holm", "mette@nordisk.example")
    with pytest.raises(ActionError), journal():
        issue(customer, by=build.member(), customer=customer, contact=stranger, kind="order")
    assert not Link.objects.exists()


def test_uses_are_counted_and_open_links_are_listed_newest_first(link, customer):
    note_use(link)
    note_use(link)
    newer, revoked = issued(customer), issued(customer)
    revoke_link(revoked, by=build.member())
    found = Customer.objects.annotate(ways=ways_into("customer")).get(pk=customer.pk).ways
    assert [(one.pk, one.uses) for one in ways_in(found)] == [(newer.pk, 0), (link.pk, 2)]
