"""A key has one effect."""

from datetime import timedelta

import pytest

from comptoir.actions import ActionError, jobs, perform
from comptoir.actions.models import IdempotencyKey
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Case, Message
from comptoir.lib import clock
from comptoir.people.models import Member
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return receive(build.mail(build.WISH)).case


@pytest.fixture
def rep() -> Member:
    return build.member()


def note(case: Case, by: Member, text: str = "Called", key: str = "k") -> Message:
    return perform("cases.note", by=by, subject=case, inputs={"text": text}, key=key).result  # type: ignore[no-any-return]


def notes(case: Case) -> int:
    return case.messages.filter(direction="internal").count()


def test_a_second_time_answers_with_the_first_result(case: Case, rep: Member) -> None:
    assert note(case, rep) == note(case, rep)
    assert notes(case) == 1


def test_the_same_key_with_other_words_or_on_another_row_is_refused(case: Case, rep: Member) -> None:
    note(case, rep)
    with pytest.raises(ActionError, match="sent before with other values"):
        note(case, rep, "Wrote")
    with pytest.raises(ActionError, match="sent before with other values"):
        note(receive(build.mail(build.WISH)).case, rep)
    assert notes(case) == 1


def test_a_key_is_its_members_and_its_actions_own(case: Case, rep: Member) -> None:
    note(case, rep)
    note(case, build.member())
    perform("cases.tag", by=rep, subject=case, inputs={"tag": "late"}, key="k")
    assert notes(case) == 2
    assert IdempotencyKey.objects.count() == 3


def test_what_was_refused_may_be_tried_again_under_its_key(case: Case, rep: Member) -> None:
    with pytest.raises(ActionError):
        perform("cases.resolve", by=rep, subject=case, inputs={"resolution": "Done"}, key="k")
    case.asks.update(state="answered")
    build.customer()
    Case.objects.filter(pk=case.pk).update(type="internal")
    assert perform("cases.resolve", by=rep, subject=case, inputs={"resolution": "Done"}, key="k").result == case


def test_keys_are_forgotten_after_seven_days(case: Case, rep: Member) -> None:
    for days, key in ((8, "old"), (6, "young")):
        with clock.at(clock.now() - timedelta(days=days)):
            note(case, rep, key=key)
    jobs.purge_keys(timestamp=0)
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
