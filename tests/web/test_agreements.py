"""Agreements are read where their numbers lead."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from comptoir.catalog.actions.agreement_lines import set_agreement_line
from comptoir.catalog.actions.agreements import add_agreement
from comptoir.catalog.models import Agreement
from comptoir.lib import clock
from comptoir.people import Role
from tests import build

pytestmark = pytest.mark.django_db


def test_an_agreement_shows_its_lines_and_what_can_be_done_next(client: Client) -> None:
    senior = build.member(Role.ADMINISTRATOR)
    made = add_agreement(
        build.customer(),
        by=senior,
        kind=Agreement.Kind.PRICES,
        valid_from=clock.today(),
        valid_until=clock.today() + timedelta(days=300),
    )
    set_agreement_line(made, by=senior, product=build.product("Gear pump"), unit_price=Decimal("9.5"))
    client.force_login(senior)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "Gear pump" in page
    assert "catalog.offer_agreement" in page
    assert made.number in client.get("/agreements/").content.decode()
    assert client.get("/agreements/AG-0/").status_code == 404
