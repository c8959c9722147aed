"""The rules of the house, held by the code itself: they cover a new action, verb or package before anyone writes a test for it."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from comptoir.actions import ACTIONS
from comptoir.actions.forms import LABELS
from comptoir.actions.forms import build as build_form
from comptoir.events.verbs import CODECS, VERBS
from tests import build

ROOT = Path(__file__).resolve().parents[1] / "comptoir"
ROWS_WRITERS = {"insert_each", "write_each"}
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
MAY_WRITE = {"events", "search", "demo", "cli", "lib"}  # lib is below every row: what it saves are pictures and tables
FILES = [p for p in ROOT.rglob("*.py") if "migrations" not in p.parts]


def _package(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def _is_actions(path: Path) -> bool:
    return "actions" in path.relative_to(ROOT).parts or path.name == "actions.py"


def _calls(path: Path) -> list[tuple[str, int, str]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.append((node.func.attr, node.lineno, ast.unparse(node.func.value)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.append((node.func.id, node.lineno, ""))
    return found


def test_only_actions_write():
    odd = [
        f"{path.relative_to(ROOT)}:{line} {what}.{name}"
        for path in FILES
        if not _is_actions(path) and _package(path) not in MAY_WRITE
        for name, line, what in _calls(path)
        if name in ROWS_WRITERS
        or (name in WRITES and ("objects" in what or name == "save" or name.startswith("bulk_")))
    ]
    assert not odd


def test_rows_are_locked_in_one_place():
    allowed = {"actions/locks.py", "actions/due.py"}
    odd = [
        str(path.relative_to(ROOT))
        for path in FILES
        if str(path.relative_to(ROOT)) not in allowed and any(name == "select_for_update" for name, *_ in _calls(path))
    ]
    assert not odd


def test_no_model_overrides_save_and_nothing_listens_to_signals():
    for model in apps.get_models():
        if model.__module__.startswith("comptoir."):
            assert "save" not in vars(model), model
            assert "delete" not in vars(model), model
    assert not [p for p in FILES if "django.db.models.signals" in p.read_text() or "django.dispatch" in p.read_text()]


def test_every_model_says_who_sees_its_rows():
    parts = {"actions", "events"}
    silent = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("comptoir.")
        and model.__module__.split(".")[1] not in parts
        and model._meta.pk is not None
        and not model._meta.auto_created
        and any(spec.subject is model for spec in ACTIONS.values())
        and not hasattr(model._default_manager.all(), "visible_to")
        and not hasattr(model._default_manager, "visible_to")
    ]
    assert not silent


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_is_named_by_its_package_and_says_its_data(name):
    verb = VERBS[name]
    assert name.split(".")[0] in {a.label for a in apps.get_app_configs()}
    for field, kind in verb.fields.items():
        assert kind in CODECS
        assert "{" + field + "}" in str(verb.phrase), f"{name} never shows {field}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_every_action_has_a_form_whose_fields_have_words(name):
    spec = ACTIONS[name]
    form = build_form(spec, build.member(), None)
    assert str(spec.title)
    bare = [f for f in form.fields if f not in spec.labels and f not in LABELS]
    assert not bare, f"{name}: no words for {bare}"
