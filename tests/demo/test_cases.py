"""The demo's cases: true to their orders, different from each other, and laid out like a morning."""

import re
from datetime import datetime
from random import Random

import pytest

from comptoir.actions.models import Approval
from comptoir.cases.models import Ask, Case, Message, Recipient
from comptoir.cases.queries import counts
from comptoir.cases.queries import invariants as case_invariants
from comptoir.demo import content, grammar, load, script
from comptoir.demo.grammar import LANGUAGES
from comptoir.events.models import Event
from comptoir.lib import clock
from comptoir.orders.models import ScheduleLine
from comptoir.people.models import Member
from comptoir.promises.models import Promise
from tests.demo.moments import MOMENTS

NAMES = set(
    "po order position product product_name quantity half rest promised requested delivered contact first family customer"
    " city invoice tracking hello dear post due".split()
)
WRITTEN = script.written()


def _composed() -> list[script.Thread]:
    return [speaker.thread(place) for speaker, place in grammar.parts(WRITTEN, 1.0, Random("test"))]


def test_every_language_has_fifteen_threads_written_by_hand() -> None:
    counted = {language: sum(t.language == language for t in WRITTEN) for language in LANGUAGES}
    assert min(counted.values()) >= 15
    assert sum(counted.values()) >= 60


def test_no_two_first_messages_are_equal_and_every_name_is_known() -> None:
    threads = [*WRITTEN, *_composed()]
    firsts = [(t.language, t.says[0].text) for t in threads]
    assert len(threads) >= 600
    assert len(firsts) == len(set(firsts))
    assert {name for t in threads for name in script.names_in(t)} <= NAMES
    assert not [text for _language, text in firsts if re.search(r"[{|}]", text)]


def test_each_language_has_an_answer_for_each_end_of_a_matter() -> None:
    for language in LANGUAGES:
        for matter, parts in content(f"grammar/{language}")["matters"].items():
            house = content("grammar/house")["matters"][matter]
            assert len(parts["answers"]) == len(house["ends"]), (language, matter)
            if house.get("paired"):
                assert len(parts["told"]) == len(house["ends"]), (language, matter)


@pytest.mark.django_db
@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_the_whole_desk_on_its_first_morning(moment: datetime) -> None:
    """Whenever that is."""
    with clock.at(moment):
        load.build()
        _everything_is_there(clock.now())


def _everything_is_there(now: datetime) -> None:
    assert Case.objects.count() >= 600
    assert {*Case.objects.values_list("state", flat=True)} >= {"new", "open", "waiting", "resolved", "closed", "spam"}
    shares = {language: Case.objects.filter(language=language).count() for language in LANGUAGES}
    assert shares["fr"] > shares["en"] > shares["da"] > shares["sk"] > shares["bg"] >= 60
    texts = [c.messages.all()[0].text for c in Case.objects.prefetch_related("messages")]
    assert len(texts) == len(set(texts))
    assert not Message.objects.filter(text__contains="$").exists()
    assert not Message.objects.filter(occurred_at__gt=now).exists()
    assert not Event.objects.filter(occurred_at__gt=now).exists()
    assert [finding for finding in case_invariants() if finding.count] == []
    _the_desks_are_full_but_not_drowned()
    _promises_are_kept_and_broken()
    assert Approval.objects.filter(state="pending").values("requester").distinct().count() >= 2
    assert Message.objects.filter(state="unreadable").count() == 1
    assert Recipient.objects.filter(state="bounced").count() == 1
    assert Message.objects.exclude(auto_reason="").exists()
    assert Message.objects.exclude(html="").exists()


def _the_desks_are_full_but_not_drowned() -> None:
    for name in ("Emma Laurent", "Lotte Verbeke"):
        seen = counts(Member.objects.get(name=name))
        assert 12 <= seen["mine"] <= 25
        assert 10 <= seen["unassigned"] <= 20
        assert seen["waiting"]
        assert seen["snoozed"]


def _promises_are_kept_and_broken() -> None:
    open_rows = ScheduleLine.objects.filter(state="promised")
    late = open_rows.filter(promised_on__lt=clock.today())
    assert 0.01 < late.count() / open_rows.count() < 0.04
    assert not late.filter(expected_on=None).exists()
    assert Promise.objects.filter(state="at_risk").exists()
    broken = Promise.objects.filter(kind="deliver", state="broken").values_list("owner", flat=True)
    assert max(list(broken).count(owner) for owner in set(broken)) <= 8
    assert {*Promise.objects.filter(kind="answer").values_list("state", flat=True)} >= {"open", "kept", "kept_late"}
    assert Ask.objects.filter(state="promised").exists()
