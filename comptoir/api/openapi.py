"""The OpenAPI 3.1 document, made from the actions and the readers as they are declared."""

from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.conf import settings
from django.utils.translation import override

from comptoir.actions.registry import Spec
from comptoir.actions.scopes import PACKAGES, acts, callable_acts, reads
from comptoir.api import readers as readers  # every reader is there before the document
from comptoir.api import schemas
from comptoir.api.problems import CONTENT_TYPE, KINDS
from comptoir.api.reading import PAGING, READERS, SINCE, Reader
from comptoir.api.references import natural_key
from comptoir.api.shapes import Schema, schema_of

REF = "#/components/"
FAILURES = {
    "read": ("malformed", "unauthorized", "scope", "not-found", "input", "wrong-tokens"),
    "act": (
        "malformed",
        "unauthorized",
        "scope",
        "not-found",
        "changed",
        "too-large",
        "media-type",
        "input",
        "wrong-tokens",
    ),
}


def document() -> dict[str, Any]:
    """The document in English, made anew only when there are other actions."""
    return _document(tuple(callable_acts()))


@lru_cache(maxsize=2)
def _document(names: tuple[str, ...]) -> dict[str, Any]:
    with override("en"):
        components: dict[str, Schema] = {"Problem": PROBLEM, "Named": NAMED, "Approval": WAITING}
        paths = {path: item for found in READERS.values() for path, item in _reads(found, components)}
        paths |= {_path(spec): _act(spec) for spec in callable_acts().values()}
        return {
            "openapi": "3.1.0",
            "info": {"title": "Comptoir", "version": _version(), "description": ABOUT},
            "servers": [{"url": settings.BASE_URL}],
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "responses": {str(status): _failure(status) for status in sorted({s for s, _t in KINDS.values()})},
            },
        }


def by_package() -> list[tuple[str, list[dict[str, Any]]]]:
    """The acts by package with their inputs, for the page."""
    with override("en"):
        found: dict[str, list[dict[str, Any]]] = {package: [] for package in PACKAGES}
        for name, spec in callable_acts().items():
            told: dict[str, Any] = {"name": name, "title": str(spec.title), "about": _about(spec), "path": _path(spec)}
            schema = schemas.of_action(spec)
            told["inputs"] = [_input(n, s, schema) for n, s in schema["properties"].items()]
            found.setdefault(name.partition(".")[0], []).append(told)
        return [(str(PACKAGES.get(package, package.capitalize())), acts) for package, acts in found.items() if acts]


def _input(name: str, schema: Schema, whole: Schema) -> dict[str, Any]:
    title = schema.get("title", "")
    return {"name": name, "title": title, "type": words(schema), "is_required": name in whole.get("required", [])}


def words(schema: Schema) -> str:
    """A schema in a few words."""
    if "description" in schema and "x-noun" in schema:
        return str(schema["description"]).lower()
    if "anyOf" in schema:
        kinds = dict.fromkeys(words(one) for one in schema["anyOf"] if one.get("type") != "null")
        return " or ".join(kinds)
    if "enum" in schema:
        values = [str(value) or "“”" for value in schema["enum"]]
        return " | ".join(values) if len(values) <= 12 else f"one of {len(values)} codes, such as {values[1]}"
    if schema.get("type") == "array":
        items = schema["items"]
        return f"list of {{{', '.join(items['properties'])}}}" if "properties" in items else f"list of {words(items)}"
    if "properties" in schema:
        return f"{{{', '.join(schema['properties'])}}}"
    kind = schema.get("type", "any")
    return str(schema.get("format") or (kind if isinstance(kind, str) else " or ".join(kind)))


def _version() -> str:
    try:
        return version("comptoir")
    except PackageNotFoundError:
        return "0"


def _path(spec: Spec) -> str:
    return f"/api/act/{spec.name}" + ("/{subject}" if spec.subject is not None else "")


def _about(spec: Spec) -> str:
    return " ".join((spec.body.__doc__ or str(spec.title)).split())


def _act(spec: Spec) -> dict[str, Any]:
    """The path of an act: its form by GET, the act by POST."""
    item: dict[str, Any] = {"post": _post(spec)}
    item["get"] = {
        "operationId": f"form.{spec.name}", "tags": [spec.name.partition(".")[0]],
        "summary": f"What «{spec.title}» takes" + (", and what stands" if spec.is_edit else ""),
        "responses": {"200": _answer({"type": "object"}), **_failures("read")},
    }  # fmt: skip
    if spec.subject is not None:
        item["parameters"] = [_subject(spec)]
    return item


def _post(spec: Spec) -> dict[str, Any]:
    schema, action = schemas.of_action(spec), {"const": spec.name}
    done = _object({"action": action, "result": _or_null("Named"), "row": {}}, "action")
    waits = _object({"action": action, "approval": _ref("Approval")}, "action", "approval")
    answers = {"200": _answer(done), "202": _answer(waits, "It waits for somebody with more authority")}
    return {
        "operationId": spec.name,
        "tags": [spec.name.partition(".")[0]],
        "summary": str(spec.title),
        "description": f"{_about(spec)}\n\nScope: `{acts(spec.name)}`.",
        "parameters": [KEY, *OPTIONS],
        "requestBody": {
            "required": bool(schema.get("required")),
            "content": {"application/json": {"schema": schema}},
        },
        "responses": answers | _failures("act"),
    }


def _subject(spec: Spec) -> Schema:
    assert spec.subject is not None
    key, noun = natural_key(spec.subject), str(spec.subject._meta.verbose_name)
    told = (f"{noun}, by its {key} or id" if key else f"{noun}, by its id").capitalize()
    schema = {"type": "string", "minLength": 1, "x-noun": spec.subject._meta.model_name}
    return {"name": "subject", "in": "path", "required": True, "description": told, "schema": schema}


def _reads(found: Reader, components: dict[str, Schema]) -> Iterator[tuple[str, dict[str, Any]]]:
    one, full = schema_of(found.shape, components), schema_of(found.full or found.shape, components)
    listed = {
        "type": "object", "required": ["data", "next"],
        "properties": {"data": {"type": "array", "items": one}, "next": TEXT_OR_NULL, "as_of": TEXT_OR_NULL},
    }  # fmt: skip
    given = {
        **{name: one.schema for name, one in found.filters.items()},
        **PAGING,
        **({"updated_since": SINCE} if found.is_told else {}),
    }
    parameters = [{"name": name, "in": "query", "schema": schema} for name, schema in given.items()]
    told = {"tags": ["read"], "description": f"Scope: `{reads(found.scope)}`."}
    yield f"/api/{found.noun}", {
        "get": told | {
            "operationId": f"read.{found.noun}", "summary": found.title, "parameters": parameters,
            "responses": {"200": _answer(listed), **_failures("read")},
        }
    }  # fmt: skip
    schema = {"type": "string", "minLength": 1, "x-noun": found.model._meta.model_name}
    named = {"name": "named", "in": "path", "required": True, "schema": schema}
    yield f"/api/{found.noun}/{{named}}", {
        "get": told | {
            "operationId": f"read.{found.noun}.one", "summary": f"One of: {found.title}", "parameters": [named],
            "responses": {"200": _answer(full), **_failures("read")},
        }
    }  # fmt: skip


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _ref(name: str) -> Schema:
    return {"$ref": f"{REF}schemas/{name}"}


def _or_null(name: str) -> Schema:
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _answer(schema: Schema, told: str = "Done") -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _failures(kind: str) -> dict[str, Any]:
    statuses = sorted({KINDS[name][0] for name in FAILURES[kind]})
    return {str(status): {"$ref": f"{REF}responses/{status}"} for status in statuses}


def _failure(status: int) -> dict[str, Any]:
    told = "; ".join(f"{name}: {title}" for name, (code, title) in KINDS.items() if code == status)
    return {"description": told, "content": {CONTENT_TYPE: {"schema": _ref("Problem")}}}


ABOUT = (
    "Every act of the desk and the rows a member may see. A token acts as its member, within its scopes; what is above the "
    "member's limit waits for somebody with more authority (202). Rows are named by their number or id."
)
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
ERRORS: Schema = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
PROBLEM: Schema = {
    "type": "object", "required": ["type", "title", "status"], "description": "What went wrong (RFC 9457); errors by input.",
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
        "errors": ERRORS,
    },
}  # fmt: skip
NAMED: Schema = {
    "type": "object", "required": ["noun", "id", "label"],
    "properties": {
        "noun": {"type": "string"}, "id": {"type": "integer"}, "number": TEXT_OR_NULL, "label": {"type": "string"},
        "url": TEXT_OR_NULL,
    },
}  # fmt: skip
WAITING: Schema = {
    "type": "object", "required": ["id", "state", "reason", "url"],
    "properties": {
        "id": {"type": "integer"}, "state": {"type": "string"}, "reason": {"type": "string"}, "url": {"type": "string"},
        "changes": {"type": "array", "items": {"type": "object"}},
    },
}  # fmt: skip
KEY: Schema = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 100},
    "description": "The same key with the same input has one effect and gets the same answer, for seven days.",
}  # fmt: skip
OPTIONS: list[Schema] = [
    {
        "name": "dry_run", "in": "query", "schema": {"enum": ["true", "false"]},
        "description": "Say what it would change, and do nothing.",
    },
    {
        "name": "told", "in": "query", "schema": {"type": "string"},
        "description": "The mark of notices that were read (409).",
    },
]  # fmt: skip
