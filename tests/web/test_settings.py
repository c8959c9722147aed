"""The settings' pages: who sees and changes what, and that secrets stay inside."""

import re

import pytest
from django.test import Client

from comptoir.actions import ACTIONS, ActionError
from comptoir.actions.door import perform
from comptoir.actions.setting_limits import remove_limit, set_limit
from comptoir.cases.actions.furnishing import rename_tag
from comptoir.cases.actions.handling import tag as mark
from comptoir.cases.actions.incoming import receive
from comptoir.cases.models import Tag, UpdateRule
from comptoir.connect.email.models import Mailbox
from comptoir.events.models import Event
from comptoir.lib.money import Money
from comptoir.orders.models import Reason
from comptoir.people import Role
from comptoir.people.actions.tokens import add_bot
from comptoir.people.models import ApiToken, Member
from comptoir.web.settings_page import SECTIONS
from tests import build
from tests.connect.ports import free_port

pytestmark = pytest.mark.django_db
MAILBOX = {
    "fetching": "poll", "poll_seconds": "60", "imap_host": "imap.desk.example", "imap_port": "993",
    "imap_security": "tls", "imap_user": "service", "imap_password": "hunter2-imap", "folder": "INBOX",
    "sending": "smtp", "smtp_host": "smtp.desk.example", "smtp_port": "587", "smtp_security": "starttls",
    "smtp_user": "service", "smtp_password": "hunter2-smtp",
}  # fmt: skip


@pytest.fixture
def admin(client: Client) -> Member:
    made = build.member(Role.ADMINISTRATOR, name="Noor")
    client.force_login(made)
    build.inbox(), build.site(), build.reason(), build.limit(Role.REP, "200")
    return made


def rep() -> Client:
    client = Client()
    client.force_login(build.member(name="Emma"))
    return client


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_section_reads_well_for_everybody_who_may_read_it(name, client, admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        assert client.get(f"/settings/{name}/").status_code == 200
    status = rep().get(f"/settings/{name}/").status_code
    assert status == (404 if name == "changes" else 200)


@pytest.mark.parametrize("name", sorted(set(SECTIONS) - {"account"}))
def test_a_rep_is_offered_no_change(name, admin):
    page = rep().get(f"/settings/{name}/").content.decode()
    assert "/do/" not in re.sub(r'data-dialog="/do/cases.log_contact/"', "", page)


ADMINISTERED = [
    name
    for name, spec in ACTIONS.items()
    if name.startswith(("people.", "actions.set_limit", "actions.remove_limit", "email."))
    or spec.body.__module__ in ("comptoir.catalog.actions.sites", "comptoir.cases.actions.furnishing", "comptoir.cases.actions.leaving", "comptoir.orders.actions.reasons")
]  # fmt: skip
OWN = {"people.join", "people.change_password", "people.edit_account", "people.revoke_token"}


@pytest.mark.parametrize("name", sorted(set(ADMINISTERED) - OWN))
def test_a_rep_is_refused_by_the_door_too(name, admin):
    from comptoir.actions.door import enter_typed

    spec, me = ACTIONS[name], build.member()
    rows = {
        "member": build.member, "team": build.team, "department": lambda: build.team().department,
        "inbox": build.inbox, "limit": lambda: build.limit(Role.SENIOR, "9"), "reason": build.reason, "site": build.site,
        "tag": lambda: Tag.objects.create(name="vip"), "updaterule": lambda: UpdateRule.objects.create(priority="low", hours=4),
    }  # fmt: skip
    subject = rows[spec.subject._meta.model_name]() if spec.subject else None
    before = Event.objects.count()
    inputs = dict.fromkeys(spec.parameters)
    with pytest.raises(ActionError, match=r"role Administrator|administrator"):
        enter_typed(spec, subject, me, inputs)
    assert Event.objects.count() == before


def test_the_link_is_shown_once_and_lets_the_new_member_in(client, admin):
    page = client.post(
        "/settings/members/invitation/add/",
        {"name": "Ann", "email": "ann@desk.example", "role": "rep", "language": "en"},
    )
    link = re.search(r"http://[^\"]+/join/[\w-]+/", page.content.decode()).group()
    assert page.headers["Cache-Control"] == "no-store"
    assert link not in client.get("/settings/members/").content.decode()
    fresh = Client()
    answer = fresh.get(link.removeprefix("http://127.0.0.1:8000"))
    assert answer.headers["Location"] == "/join/"
    assert fresh.post("/join/", {"password": "short"}).status_code == 422
    assert fresh.post("/join/", {"password": "a sentence is easy to keep"}).status_code == 302
    assert fresh.get("/").status_code == 200
    late = Client()
    late.get(link.removeprefix("http://127.0.0.1:8000"))
    assert late.get("/join/").status_code == 410


def test_a_made_up_link_lets_nobody_in(client):
    build.member(Role.ADMINISTRATOR)
    client.get("/join/made-up-token/")
    assert client.get("/join/").status_code == 410
    assert client.post("/join/", {"password": "a sentence is easy to keep"}).status_code == 410


def test_only_an_administrator_makes_links(admin):
    other = build.member()
    for path in ("add/", f"invite/{other.pk}/", f"reactivate/{other.pk}/"):
        assert rep().post(f"/settings/members/invitation/{path}").status_code == 404


def test_whoever_is_deactivated_is_out_at_once(client, admin):
    leaver = build.member()
    theirs = Client()
    theirs.force_login(leaver)
    assert theirs.get("/").status_code == 200
    assert client.post(f"/do/cases.see_off/{leaver.pk}/").status_code == 302
    assert theirs.get("/").headers["Location"].startswith("/sign-in/")
    client.post(f"/settings/members/invitation/reactivate/{leaver.pk}/")
    assert theirs.get("/").headers["Location"].startswith("/sign-in/"), "an old session must not live again"


def test_a_mailbox_password_is_kept_and_never_shown(client, admin):
    inbox = build.inbox()
    url = f"/settings/inboxes/{inbox.pk}/mailbox/"
    assert client.post(url, MAILBOX).status_code == 302
    box = Mailbox.objects.get(inbox=inbox)
    assert (box.imap_password, box.smtp_password) == ("hunter2-imap", "hunter2-smtp")
    assert (
        client.post(url, MAILBOX | {"imap_password": "", "smtp_password": "", "poll_seconds": "30"}).status_code == 302
    )
    box.refresh_from_db()
    assert (box.imap_password, box.poll_seconds) == ("hunter2-imap", 30)
    refused = client.post(url, MAILBOX | {"imap_port": "99999"})
    assert refused.status_code == 422
    for page in (client.get(url), refused, client.get("/settings/inboxes/"), client.get("/settings/changes/")):
        assert "hunter2" not in page.content.decode()
    assert "hunter2" not in str(list(Event.objects.values()))


def test_a_password_is_not_carried_to_another_server(client, admin):
    inbox = build.inbox()
    url = f"/settings/inboxes/{inbox.pk}/mailbox/"
    client.post(url, MAILBOX)
    moved = client.post(url, MAILBOX | {"imap_host": "imap.evil.example", "imap_password": "", "smtp_password": ""})
    assert "Type the IMAP password again" in moved.content.decode()
    assert Mailbox.objects.get(inbox=inbox).imap_host == "imap.desk.example"


def test_a_test_of_the_connection_says_in_words_what_is_wrong(client, admin):
    inbox = build.inbox()
    url = f"/settings/inboxes/{inbox.pk}/mailbox/"
    here = {
        "imap_host": "127.0.0.1",
        "imap_port": str(free_port()),
        "smtp_host": "127.0.0.1",
        "smtp_port": str(free_port()),
    }
    client.post(url, MAILBOX | here)
    assert client.post(f"{url}test/").status_code == 302
    page = client.get(url).content.decode()
    assert page.count("takes no connection on port") == 2
    assert rep().get(url).status_code == 404
    assert rep().post(f"{url}test/").status_code == 404


def test_a_limit_is_set_changed_and_removed(admin):
    made = set_limit(by=admin, role=Role.REP, action="orders.pull_in", amount=Money.of(300, "EUR"))
    assert made.amount == 300
    assert made.role == Role.REP
    remove_limit(made, by=admin)
    from comptoir.actions.limits import limits_for

    assert limits_for(build.member(), "orders.pull_in", None, "EUR") == []
    again = set_limit(by=admin, role=Role.REP, action="orders.pull_in", amount=Money.of(50, "EUR"))
    assert again.pk == made.pk
    assert again.is_active


def test_only_what_gives_something_away_takes_a_limit(admin):
    form = {"role": "rep", "action": "cases.assign", "amount_0": "5", "amount_1": "EUR", "period": "month"}
    with pytest.raises(ActionError):
        perform("actions.set_limit", by=admin, inputs=form)
    assert {n for n, spec in ACTIONS.items() if spec.spends} >= {"orders.pull_in", "orders.push_out"}


def test_a_tag_renamed_to_another_joins_it(admin):
    build.contact(build.customer())
    case = receive(build.mail(build.WISH)).case
    mark(case, by=admin, tag="urgent")
    mark(case, by=admin, tag="rush")
    rename_tag(Tag.objects.get(name="rush"), by=admin, name="Urgent")
    assert [t.name for t in case.tags.all()] == ["urgent"]


def test_a_reason_is_entered_by_the_form_and_the_last_of_its_kind_stays(client, admin):
    assert client.post("/do/orders.add_reason/", {"kind": "date", "en": "A fair", "sk": "Veľtrh"}).status_code == 302
    made = Reason.objects.get(labels__en="A fair")
    assert made.code == "a_fair"
    perform("orders.deactivate_reason", by=admin, subject=made)
    with pytest.raises(ActionError, match="last reason"):
        perform("orders.deactivate_reason", by=admin, subject=build.reason())


def test_an_account_is_saved_and_the_password_change_ends_other_sessions(client, admin):
    seen = client.get("/settings/account/").context["form"]["seen"].value()
    form = {"name": "Noor J", "language": "fr", "time_zone": "Europe/Paris", "signature": "Noor", "seen": seen}
    assert client.post("/settings/account/save/", form).status_code == 302
    me = Member.objects.get(pk=admin.pk)
    assert (me.name, me.language, me.shortcuts_enabled) == ("Noor J", "fr", False)
    elsewhere = Client()
    elsewhere.force_login(me)
    good = {"current": "correct horse battery", "new": "a sentence is easy to keep"}
    assert client.post("/settings/account/password/", good | {"current": "wrong"}).status_code == 422
    assert client.post("/settings/account/password/", good).status_code == 302
    assert client.get("/settings/account/").status_code == 200
    assert elsewhere.get("/settings/account/").status_code == 302


def test_theme_and_density_are_kept_in_the_browser(client, admin):
    answer = client.post("/settings/account/looks/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer.cookies["theme"].value == "dark"
    assert answer.headers["Location"] == "/settings/"
    assert not client.post("/settings/account/looks/", {"theme": "pink"}).cookies


def test_a_token_is_shown_once_and_only_to_whom_it_is_for(client, admin):
    page = client.post(f"/settings/tokens/new/{admin.pk}/", {"name": "Shop", "days": "30", "scopes": ["read:orders"]})
    secret = re.search(r"cpt_[a-z2-7]{32}", page.content.decode()).group()
    assert page.headers["Cache-Control"] == "no-store"
    listed = client.get("/settings/tokens/").content.decode()
    assert secret not in listed
    assert secret[:9] in listed
    assert client.get("/api/orders", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    client.post(f"/do/people.revoke_token/{ApiToken.objects.get().pk}/")
    assert client.get("/api/orders", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_people_make_their_own_tokens_and_administrators_those_of_bots(client, admin):
    bot, somebody = add_bot(by=admin, name="Shop"), build.member()
    form = {"name": "Shop", "days": "30", "scopes": ["act:orders"]}
    assert client.post(f"/settings/tokens/new/{bot.pk}/", form).status_code == 200
    assert client.post(f"/settings/tokens/new/{somebody.pk}/", form).status_code == 404
    assert rep().post(f"/settings/tokens/new/{bot.pk}/", form).status_code == 404
    assert client.post(f"/settings/tokens/new/{bot.pk}/", form | {"scopes": ["act:everything"]}).status_code == 422
    assert ApiToken.objects.get().member == bot
    assert "Shop" not in rep().get("/settings/tokens/").content.decode().split("bots")[0]
