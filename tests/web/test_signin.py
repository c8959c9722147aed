"""Signing in: throttled, and silent about who works here."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from comptoir.people import Role
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"


class CountingHasher(MD5PasswordHasher):
    """Says how often a password was hashed, which is what signing in spends its time on."""

    algorithm = "counting"
    times = 0

    def encode(self, password: str, salt: str, *more: Any, **named: Any) -> str:
        type(self).times += 1
        return super().encode(password, salt, *more, **named)


@pytest.fixture
def member(settings: Any) -> Member:
    settings.PASSWORD_HASHERS = ["tests.web.test_signin.CountingHasher"]
    return build.member(Role.ADMINISTRATOR)


def sign_in(email: str, password: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/sign-in/", {"login": email, "password": password})


def told(answer: Any, email: str) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return page.replace(email, "")


def test_the_right_password_signs_in(member: Member) -> None:
    client = Client()
    assert sign_in(member.email, GOOD, client).headers["Location"] == "/"
    assert client.get("/settings/account/").status_code == 200


def test_an_unknown_address_gets_the_same_answer_after_the_same_work(member: Member) -> None:
    counts, pages = [], []
    for email in (member.email, "nobody@desk.example"):
        CountingHasher.times = 0
        pages.append(told(sign_in(email, "a wrong sentence"), email))
        counts.append(CountingHasher.times)
    assert pages[0] == pages[1]
    assert counts[0] == counts[1] > 0


def test_a_deactivated_account_gets_the_same_answer_as_a_wrong_password(member: Member) -> None:
    from comptoir.cases.actions.leaving import see_off

    leaver = build.member()
    see_off(leaver, by=member)
    gone = sign_in(leaver.email, GOOD)
    assert told(gone, leaver.email) == told(sign_in("nobody@desk.example", GOOD), "nobody@desk.example")


def test_after_five_wrong_tries_even_the_right_password_waits(member: Member) -> None:
    for _try in range(5):
        assert "not correct" in sign_in(member.email, "a wrong sentence").content.decode()
    late = sign_in(member.email, GOOD)
    assert late.status_code == 200
    assert "Too many" in late.content.decode()


def test_one_place_may_not_try_for_ever(member: Member) -> None:
    answers = [sign_in(f"guess{n}@desk.example", "a wrong sentence") for n in range(40)]
    assert answers[-1].status_code == 429 or "Too many" in answers[-1].content.decode()


def test_nobody_signs_up_by_themselves(member: Member) -> None:
    form = {"email": "me@evil.example", "password1": "a sentence is easy to keep"}
    Client().post("/sign-in/new/", form)
    assert not Member.objects.filter(email="me@evil.example").exists()
