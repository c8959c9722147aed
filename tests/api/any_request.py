"""Requests that schemathesis makes up from the document, and as many of them as one likes to a desk that runs.

    python -m tests.api.any_request http://127.0.0.1:8000 TOKEN 100

It acts: let it loose on a demo desk only.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

ROWS = 12  # ids up to here are tried: rows that are likely to be there
_chance = random.Random(7)


def checks() -> list[Any]:
    """What every answer has to be: no failure of the server, and as the document says."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    return [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


Ids = Callable[[str], Sequence[int]]


def fitted(case: Any, document: dict[str, Any], ids: Ids = lambda noun: range(1, ROWS + 1)) -> Any:
    """The made-up request, most of its ids and days replaced by some that are likely to be there."""
    path = document["paths"][case.operation.path]
    for parameter in [*path.get("parameters", ()), *path.get("get", {}).get("parameters", ())]:
        if parameter["in"] == "path" and parameter["name"] in (case.path_parameters or {}):
            case.path_parameters[parameter["name"]] = str(_value("none", parameter["schema"], ids))
    if case.method.upper() == "POST" and isinstance(case.body, dict):
        case.body = _value(case.body, path["post"]["requestBody"]["content"]["application/json"]["schema"], ids)
    return case


def _value(value: Any, schema: dict[str, Any] | None, ids: Ids) -> Any:
    if not isinstance(schema, dict) or value is None:
        return value
    if "x-noun" in schema:
        rows = ids(schema["x-noun"])
        return _chance.choice(rows) if rows and _chance.random() < 0.9 else value
    if "anyOf" in schema:
        return _value(value, next(one for one in schema["anyOf"] if one.get("type") != "null"), ids)
    if "properties" in schema and isinstance(value, dict):
        return {name: _value(inner, schema["properties"].get(name), ids) for name, inner in value.items()}
    if schema.get("type") == "array" and isinstance(value, list):
        return [_value(inner, schema["items"], ids) for inner in value]
    if schema.get("format") == "date" and _chance.random() < 0.6:
        return f"{time.localtime().tm_year}-12-{_chance.randint(1, 31):02}"
    return value


def main(base: str, secret: str, examples: str = "100") -> int:
    """One when an answer was a failure or not as the document says."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.core.failures import FailureGroup

    schema = schemathesis.openapi.from_url(f"{base}/api/openapi.json")
    statuses: Counter[int] = Counter()
    wrong: dict[str, str] = {}
    quiet: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.generate]}  # fmt: skip
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/api/act/people.revoke_token"):  # it would end its own
            continue

        @given(case=operation.as_strategy())
        @settings(max_examples=int(examples), **quiet)
        def sends(case: Any) -> None:
            answer = fitted(case, schema.raw_schema).call(headers={"Authorization": f"Bearer {secret}"}, base_url=base)
            statuses[answer.status_code] += 1
            try:
                case.validate_response(answer, checks=checks())
            except FailureGroup as error:
                told = "\n".join(map(str, error.exceptions))
                wrong.setdefault(f"{case.operation.label} {answer.status_code}", f"{told}\n{answer.text[:300]}")

        sends()
    print(dict(statuses))
    for label, told in wrong.items():
        print(f"\n{label}\n{told}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
