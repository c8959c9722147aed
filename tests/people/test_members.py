"""Who works here: invitations, roles, leaving."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from comptoir.actions import ActionError, Denied, Secret
from comptoir.cases.actions.handling import assign
from comptoir.cases.actions.incoming import receive
from comptoir.cases.actions.leaving import dissolve_team, see_off
from comptoir.events.models import Event
from comptoir.lib import clock
from comptoir.people import Role, system
from comptoir.people.actions.invitations import change_password, invite, join
from comptoir.people.actions.members import add_member, deactivate, edit_account, edit_member, reactivate
from comptoir.people.actions.teams import deactivate_department
from comptoir.people.models import Invitation, Member
from comptoir.people.queries import digest, invitation_of
from tests import build

pytestmark = pytest.mark.django_db
PASSWORD = Secret("a sentence is easy to keep")


@pytest.fixture
def admin() -> Member:
    return build.member(Role.ADMINISTRATOR, name="Noor")


def invited(by: Member, email: str = "new@desk.example") -> Invitation:
    return add_member(by=by, name="Ann New", email=email, role=Role.REP, teams=[build.team()])


def test_a_new_member_chooses_a_password_by_a_link_that_works_once(admin: Member) -> None:
    made = invited(admin)
    member = made.member
    assert not member.has_usable_password()
    assert made.token not in str(Invitation.objects.values())
    join(member, by=member, token_hash=Secret(digest(made.token)), password=PASSWORD)
    assert Member.objects.get(pk=member.pk).check_password(PASSWORD)
    with pytest.raises(ActionError, match="used or is too old"):
        join(member, by=member, token_hash=Secret(digest(made.token)), password=Secret("another long sentence"))
    assert Member.objects.get(pk=member.pk).check_password(PASSWORD)


def test_a_link_is_void_after_a_day(admin: Member) -> None:
    made = invited(admin)
    with clock.at(clock.now() + timedelta(hours=23, minutes=59)):
        assert invitation_of(digest(made.token)) == made
    with clock.at(clock.now() + timedelta(hours=24, minutes=1)):
        assert invitation_of(digest(made.token)) is None


def test_a_new_link_makes_the_one_before_void(admin: Member) -> None:
    first = invited(admin)
    second = invite(first.member, by=admin)
    assert invitation_of(digest(first.token)) is None
    assert invitation_of(digest(second.token)) == second


def test_a_link_of_one_member_is_no_use_to_another(admin: Member) -> None:
    made, other = invited(admin), build.member()
    with pytest.raises(ActionError):
        join(other, by=other, token_hash=Secret(digest(made.token)), password=PASSWORD)


def test_an_address_belongs_to_one_member(admin: Member) -> None:
    invited(admin)
    with pytest.raises(ActionError, match="belongs to Ann New"):
        invited(admin, "NEW@desk.example")


def test_a_short_password_is_refused(admin: Member) -> None:
    made = invited(admin)
    with pytest.raises(ActionError, match="too short"):
        join(made.member, by=made.member, token_hash=Secret(digest(made.token)), password=Secret("short"))
    assert invitation_of(digest(made.token)) is not None


def test_a_password_changes_only_for_who_knows_the_one_before() -> None:
    me = build.member()
    with pytest.raises(ActionError, match="not the password"):
        change_password(me, by=me, current=Secret("guessed wrongly"), new=PASSWORD)
    change_password(me, by=me, current=Secret("correct horse battery"), new=PASSWORD)
    assert Member.objects.get(pk=me.pk).check_password(PASSWORD)


def test_nobody_edits_the_account_of_somebody_else(admin: Member) -> None:
    other = build.member(name="Emma")
    with pytest.raises(Denied):
        edit_account(other, by=admin, name="Mallory", language="en", time_zone="Europe/Paris")
    assert Member.objects.get(pk=other.pk).name == "Emma"


def test_an_edit_stands_in_the_story_with_before_and_after(admin: Member) -> None:
    other = build.member(name="Emma")
    edit_member(other, by=admin, role=Role.SENIOR)
    assert Member.objects.get(pk=other.pk).role == Role.SENIOR
    event = Event.objects.latest("pk")
    assert event.phrase == "Role: Rep → Senior"


def test_nobody_changes_their_own_role_or_leaves_by_themselves(admin: Member) -> None:
    build.member(Role.ADMINISTRATOR)
    with pytest.raises(Denied, match="their own role"):
        edit_member(admin, by=admin, role=Role.REP)
    with pytest.raises(Denied, match="deactivates themselves"):
        see_off(admin, by=admin)
    assert Member.objects.get(pk=admin.pk).is_active


def test_the_last_administrator_stays(admin: Member) -> None:
    with pytest.raises(ActionError, match="last administrator"):
        deactivate(admin, by=system())
    with pytest.raises(ActionError, match="last administrator"):
        edit_member(admin, by=system(), role=Role.MANAGER)
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.role == Role.ADMINISTRATOR


def test_who_leaves_gives_their_cases_and_promises_to_a_colleague(admin: Member) -> None:
    leaver, heir = build.member(), build.member()
    build.contact(build.customer())
    case = assign(receive(build.mail(build.WISH)).case, by=leaver, to=leaver)
    see_off(leaver, by=admin, to=heir)
    case.refresh_from_db()
    leaver.refresh_from_db()
    assert case.owner == heir
    assert not leaver.is_active
    assert not leaver.has_usable_password()


def test_without_a_colleague_the_cases_go_back_to_the_queue(admin: Member) -> None:
    leaver = build.member()
    build.contact(build.customer())
    case = assign(receive(build.mail(build.WISH)).case, by=leaver, to=leaver)
    see_off(leaver, by=admin)
    case.refresh_from_db()
    assert case.owner is None


def test_who_comes_back_needs_a_new_password(admin: Member) -> None:
    member = build.member()
    see_off(member, by=admin)
    made = reactivate(member, by=admin)
    back = Member.objects.get(pk=member.pk)
    assert back.is_active
    assert not back.check_password("correct horse battery")
    join(back, by=back, token_hash=Secret(digest(made.token)), password=PASSWORD)


def test_a_dissolved_team_gives_its_inboxes_and_cases_to_another(admin: Member) -> None:
    old, new = build.team(), build.team("Other")
    build.contact(build.customer())
    case = receive(build.mail(build.WISH)).case
    dissolve_team(old, by=admin, to=new)
    case.refresh_from_db()
    old.refresh_from_db()
    assert case.team == new
    assert build.inbox().team == new
    assert not old.is_active


def test_a_department_with_people_stays(admin: Member) -> None:
    department = build.team().department
    with pytest.raises(ActionError, match="still has teams"):
        deactivate_department(department, by=admin)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_once() -> None:
    system_row = Member.objects.filter(kind="system").exists()
    first, second = build.member(Role.ADMINISTRATOR), build.member(Role.ADMINISTRATOR)
    told: list[str] = []

    def remove(who: Member, by: Member) -> None:
        try:
            edit_member(Member.objects.get(pk=who.pk), by=Member.objects.get(pk=by.pk), role=Role.REP)
        except ActionError as error:
            told.append(error.sentence)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert Member.objects.administrators().count() == 1
    assert system_row
