"""Whatever a program sends that the document allows: an answer the document names, and never a failure of the desk.

`python -m tests.api.any_request` does the same with many more requests to a desk that runs.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings

from tests import world
from tests.api.asking import token
from tests.conftest import Lasting

schemathesis = pytest.importorskip("schemathesis")
EXAMPLES = 2


@pytest.fixture(scope="module")
def shared(lasting: Lasting) -> Iterator[world.World]:
    with lasting():
        yield world.make()


@cache
def ids(noun: str) -> list[int]:
    """The rows of a noun that are there."""
    model: Any = next(m for m in apps.get_models() if m._meta.model_name == noun)
    return list(model._base_manager.values_list("pk", flat=True)[:12])


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests stay within the test's transaction, as those of Django's own test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def test_no_request_makes_the_desk_fail(shared: world.World, db: None, one_connection: None) -> None:
    from tests.api.any_request import checks, fitted

    secret = token(shared.boss)
    ids.cache_clear()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    statuses: dict[int, int] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label.startswith("GET /api/act/"):  # the forms: what they say is looked at elsewhere
            continue

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip
        def sends(case: Any) -> None:
            answer = fitted(case, schema.raw_schema, ids).call(headers={"Authorization": f"Bearer {secret}"})
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            case.validate_response(answer, checks=checks())

        with transaction.atomic():
            sends()
            transaction.set_rollback(True)
    assert statuses[200] > 50, statuses
    assert 500 not in statuses
