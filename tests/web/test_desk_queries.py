"""What the desk's pages ask the database: never more for more rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comptoir.cases.actions.incoming import receive
from tests import build

pytestmark = pytest.mark.django_db


def asked(client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.fixture
def desk(client):
    me, claire = build.member(), build.contact(build.customer())
    client.force_login(me)
    return client, claire


def write(claire, text: str, message_id: str, answers: str = ""):
    return receive(build.mail(text, message_id=message_id, in_reply_to=answers))


def test_more_cases_and_more_messages_do_not_take_more_queries(desk):
    client, claire = desk
    first = write(claire, "Where is position 10?", "<1@martin.example>")
    path = f"/cases/{first.case.number}/"
    queue, page, thread = (asked(client, p) for p in ("/?view=all", path, f"{path}?part=thread"))
    for n in range(2, 7):
        write(claire, f"Question {n}", f"<{n}@martin.example>")
        write(claire, f"And another thing, {n}", f"<{n}b@martin.example>", "<1@martin.example>")
    assert asked(client, "/?view=all") <= queue
    assert asked(client, path) <= page
    assert asked(client, f"{path}?part=thread") <= thread
    assert thread < page / 2
