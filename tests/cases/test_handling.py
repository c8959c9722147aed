"""Whose a case is, what it waits for, and how it ends, is taken up again, merged and given back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from comptoir.actions import ActionError, Denied
from comptoir.actions.due import tick
from comptoir.cases import queries
from comptoir.cases.actions.answering import default_cc, last_heard, note, reply
from comptoir.cases.actions.asks import answer_ask, promise_answer, refuse_ask
from comptoir.cases.actions.contacts import ByHand, log_contact
from comptoir.cases.actions.ending import CLOSE_DAYS, mark_spam, reopen, resolve
from comptoir.cases.actions.handling import assign, edit, follow, move_team, set_next_update, snooze, tag, untag, wait
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.merging import merge, unmerge
from comptoir.cases.day import my_day
from comptoir.cases.models import Case, CaseLink, Tag
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.people import Role
from comptoir.promises.models import Promise
from tests import build
from tests.conftest import Lasting

pytestmark = pytest.mark.django_db
State = Case.State


@pytest.fixture(scope="module")
def made(lasting: Lasting) -> Iterator[Case]:
    with lasting():
        customer = build.customer()
        build.contact(customer)
        build.order(customer, po="PO-77341", products=2)
        yield receive(build.mail(build.WISH)).case


@pytest.fixture
def case(made: Case) -> Case:
    return build.fresh(made)


def settle(case: Case, by) -> None:
    for ask in case.asks.all():
        answer_ask(ask, by=by)


def verbs_of(case: Case) -> list[str]:
    return [event.verb for event in story(case)]


def test_a_case_that_is_given_to_somebody_is_open_and_in_their_view(case):
    rep = build.member()
    assert list(queries.in_view(rep, "unassigned")) == [case]
    assign(case, by=rep, to=rep)
    assert case.state == State.OPEN
    assert list(queries.in_view(rep, "mine")) == [case]
    assert queries.counts(rep)["unassigned"] == 0
    assign(case, by=rep, to=None)
    assert list(queries.in_view(rep, "unassigned")) == [case]


def test_another_team_takes_it_over_and_the_first_sees_it_no_more_unless_it_follows(case):
    rep, follower = build.member(), build.member()
    follow(case, by=follower)
    move_team(case, by=rep, team=build.team("Returns"))
    assert not Case.objects.visible_to(rep).filter(pk=case.pk).exists()
    assert Case.objects.visible_to(follower).filter(pk=case.pk).exists()
    with pytest.raises(Denied):
        note(case, by=rep, text="too late")
    follow(case, by=follower)
    assert not Case.objects.visible_to(follower).filter(pk=case.pk).exists()


def test_another_priority_moves_the_next_update(case):
    monday = clock.now() - timedelta(days=clock.now().weekday())
    before = case.next_update_at = monday + timedelta(days=2)
    case.last_inbound_at = monday
    case.save(update_fields=["last_inbound_at", "next_update_at"])
    edit(case, by=build.member(), priority=Case.Priority.URGENT, subject="Pump at a standstill")
    assert case.next_update_at < before
    told = [event.phrase for event in story(case) if event.verb in ("cases.changed", "cases.renamed")]
    assert told == ["Priority: Normal → Urgent", "Subject: Commande PO-77341 → Pump at a standstill"]


def test_a_snoozed_case_comes_back_at_its_hour_or_when_the_customer_writes(case):
    rep, until = build.member(), clock.now() + timedelta(days=2)
    snooze(case, by=rep, until=until)
    assert list(queries.in_view(rep, "snoozed")) == [case]
    tick(until - timedelta(minutes=1))
    case.refresh_from_db()
    assert case.is_snoozed
    tick(until + timedelta(minutes=1))
    case.refresh_from_db()
    assert case.state == State.OPEN
    snooze(case, by=rep, until=clock.now() + timedelta(days=2))
    receive(build.mail("Encore une chose", in_reply_to=case.messages.first().message_id))
    case.refresh_from_db()
    assert case.state == State.OPEN


def test_nobody_snoozes_into_the_past(case):
    with pytest.raises(ActionError, match="has passed"):
        snooze(case, by=build.member(), until=clock.now() - timedelta(minutes=1))
    case.refresh_from_db()
    assert case.state == State.NEW


def test_waiting_names_whom_for_and_stands_in_its_own_view(case):
    rep = build.member()
    wait(case, by=rep, waiting_on=Case.WaitingOn.DEPARTMENT, until=clock.now() + timedelta(days=1))
    assert list(queries.in_view(rep, "waiting")) == [case]
    assert next(e.phrase for e in story(case) if e.verb == "cases.waiting") == "Waiting on a department"


def test_the_next_update_is_promised_by_hand(case):
    at = clock.now() + timedelta(hours=3)
    set_next_update(case, by=build.member(), at=at)
    assert Case.objects.get(pk=case.pk).next_update_at == at


def test_a_tag_is_one_word_whatever_its_spelling(case):
    rep = build.member()
    tag(case, by=rep, tag=" Urgent ")
    tag(case, by=rep, tag="urgent")
    assert [t.name for t in case.tags.all()] == ["urgent"]
    untag(case, by=rep, tag=Tag.objects.get())
    assert not case.tags.exists()


def test_an_ask_that_is_refused_with_its_promise_no_longer_blocks_the_end(case):
    rep = build.member()
    first, second = case.asks.all()
    made = promise_answer(first, by=rep, due_at=clock.now() + timedelta(hours=4))
    answer_ask(second, by=rep)
    with pytest.raises(ActionError, match="Promised and not done yet"):
        resolve(case, by=rep, resolution="done")
    refuse_ask(first, by=rep, reason="No earlier truck")
    made.refresh_from_db()
    assert made.state == Promise.State.WITHDRAWN
    resolve(case, by=rep, resolution="Said so", solved_in_contact=True)
    assert case.state == State.RESOLVED
    assert case.next_update_at is None


def test_a_resolved_case_is_taken_up_again_by_the_customer_and_was_not_solved_in_that_contact(case):
    rep = build.member()
    settle(case, rep)
    resolve(case, by=rep, resolution="done", solved_in_contact=True)
    receive(build.mail("Toujours rien", in_reply_to=case.messages.first().message_id))
    case.refresh_from_db()
    assert (case.state, case.reopened, case.solved_in_contact) == (State.OPEN, 1, False)


def test_a_closed_case_is_followed_by_a_new_one(case):
    rep = build.member()
    settle(case, rep)
    resolve(case, by=rep, resolution="done")
    tick(clock.now() + timedelta(days=CLOSE_DAYS, minutes=1))
    case.refresh_from_db()
    assert case.state == State.CLOSED
    again = receive(build.mail("Bonjour encore", in_reply_to=case.messages.first().message_id)).case
    assert again != case
    assert again.customer == case.customer
    assert CaseLink.objects.get(case=again, noun="case").object_id == case.pk
    reopen(case, by=rep)
    assert case.state == State.OPEN
    assert case.next_update_at


def test_who_comes_back_on_the_same_order_within_a_week_was_not_helped_the_first_time(case):
    rep = build.member()
    settle(case, rep)
    resolve(case, by=rep, resolution="done", solved_in_contact=True)
    again = receive(build.mail("PO-77341 est toujours en retard", subject="En retard")).case
    assert again != case
    assert CaseLink.objects.get(case=again, noun="case").how == "again"
    case.refresh_from_db()
    assert case.solved_in_contact is False


def test_spam_has_no_clock_and_comes_back_when_it_was_none(case):
    rep = build.member()
    mark_spam(case, by=rep)
    assert (case.state, case.next_update_at) == (State.SPAM, None)
    assert case not in queries.in_view(rep, "all")
    reopen(case, by=rep)
    assert (case.state, case.reopened) == (State.OPEN, 0)


def test_a_merged_case_gives_everything_away_and_gets_it_back(case):
    rep = build.member()
    other = receive(build.mail("Et la facture ?", subject="Facture", sender="compta@martin.example")).case
    answered = reply(case, by=rep, text="Bonjour")
    merge(case, by=rep, into=other)
    assert not case.messages.exists()
    assert {m.pk for m in other.messages.all()} >= {answered.pk}
    assert other.links.filter(noun="order").exists()
    landed = receive(build.mail("Merci", in_reply_to=answered.message_id))
    assert landed.case == other
    with pytest.raises(ActionError):
        merge(other, by=rep, into=case)
    unmerge(case, by=rep)
    assert answered.pk in {m.pk for m in case.messages.all()}
    assert case.asks.count() == 2
    assert landed.pk in {m.pk for m in other.messages.all()}
    assert (case.state, case.merged_into) == (State.OPEN, None)
    assert "cases.unmerged" in verbs_of(case)


def test_whoever_was_in_copy_stays_in_copy_and_we_never_write_to_ourselves(case):
    with_copy = receive(
        build.mail(
            "Bonjour", subject="Autre", to=(("", "service@desk.example"), ("", "atelier@martin.example")),
            cc=(("Chef", "chef@martin.example"), ("", "claire@martin.example")),
        )
    ).case  # fmt: skip
    assert default_cc(last_heard(with_copy)) == "atelier@martin.example, chef@martin.example"
    sent = reply(
        with_copy, by=build.member(), text="Bonjour", cc=default_cc(last_heard(with_copy)) + ", service@desk.example"
    )
    assert {r.address for r in sent.recipients.filter(role="cc")} == {"atelier@martin.example", "chef@martin.example"}


def test_a_letter_of_somebody_without_e_mail_is_logged_and_the_answer_says_why_it_cannot_be_mailed(case):
    rep = build.member()
    contact = build.contact(case.customer, "Paul Petit", email="", phone="")
    message = log_contact(by=rep, channel=ByHand.LETTER, text="Il demande un duplicata", contact=contact)
    assert message.case.channel == "letter"
    assert message.case.owner == rep
    with pytest.raises(ActionError, match="no e-mail address"):
        reply(message.case, by=rep, text="Bonjour")


def test_a_contact_is_logged_after_it_took_place(case):
    with pytest.raises(ActionError, match="after it took place"):
        log_contact(by=build.member(), text="later", case=case, occurred_at=clock.now() + timedelta(hours=1))


def test_my_day_shows_what_is_mine_and_due(case):
    rep, senior = build.member(), build.member(Role.SENIOR)
    assign(case, by=rep, to=rep)
    promise_answer(case.asks.first(), by=rep, due_at=clock.now() + timedelta(hours=3))
    day = my_day(rep, clock.now())
    assert [p.text for p in day.promises] == [case.asks.first().text]
    assert day.updates == [case]
    assert my_day(senior, clock.now()).is_empty


def test_nothing_is_merged_into_a_case_nobody_works_on(case):
    rep = build.member()
    other = receive(build.mail("Another matter")).case
    mark_spam(other, by=rep)
    with pytest.raises(ActionError, match="Spam"):
        merge(case, by=rep, into=other)


def test_of_two_merges_in_a_row_the_last_is_undone_first(case):
    rep = build.member()
    second, third = (receive(build.mail(text)).case for text in ("Second", "Third"))
    merge(case, by=rep, into=second)
    merge(second, by=rep, into=third)
    with pytest.raises(ActionError, match=second.number):
        unmerge(case, by=rep)
    unmerge(second, by=rep)
    unmerge(case, by=rep)
    assert [row.messages.count() for row in (case, second, third)] == [1, 1, 1]


def test_a_contact_is_not_logged_where_nobody_looks_any_more(case):
    rep = build.member()
    other = receive(build.mail("Second")).case
    merge(case, by=rep, into=other)
    with pytest.raises(ActionError, match=other.number):
        log_contact(by=rep, case=case, text="She called")


def test_a_mail_without_a_sender_joins_no_case_by_a_call_that_was_logged_there(case):
    log_contact(by=build.member(), case=case, text="She called")
    heard = case.messages.exclude(message_id=None).get()
    nameless = build.mail("Pay here", sender="", in_reply_to=heard.message_id)
    assert receive(nameless).case != case


def test_what_a_case_went_through_in_another_team_is_its_own_story(case):
    rep, colleague = build.member(), build.member(teams=(build.team("Returns"),))
    tag(case, by=rep, tag="urgent")
    move_team(case, by=rep, team=build.team("Returns"))
    shown = {e.event.verb: e.is_hidden for e in queries.thread(case, colleague, show_all=True).entries if e.event}
    assert (shown["cases.tagged"], shown["cases.moved"]) == (False, False)
