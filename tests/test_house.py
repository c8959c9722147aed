"""The rules of the house, held by the code itself: they cover a new action, verb or package before anyone writes a test for it."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from comptoir.actions import ACTIONS, Denied
from comptoir.actions.forms import LABELS
from comptoir.actions.forms import build as build_form
from comptoir.events.models import Event
from comptoir.events.verbs import CODECS, VERBS
from tests import build

ROOT = Path(__file__).resolve().parents[1] / "comptoir"
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
MAY_WRITE = {"events", "search", "demo", "cli"}
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
    return found


def test_only_actions_write():
    odd = [
        f"{path.relative_to(ROOT)}:{line} {what}.{name}"
        for path in FILES
        if not _is_actions(path) and _package(path) not in MAY_WRITE
        for name, line, what in _calls(path)
        if name in WRITES and ("objects" in what or name == "save" or name.startswith("bulk_"))
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


SUBJECTS = {
    "case": lambda world: world["case"],
    "ask": lambda world: world["case"].asks.first(),
    "message": lambda world: world["case"].messages.first(),
    "caselink": lambda world: world["case"].links.first(),
    "customer": lambda world: world["customer"],
    "contact": lambda world: world["customer"].contacts.first(),
    "address": lambda world: world["customer"].addresses.first(),
    "identity": lambda world: world["customer"].identities.first(),
    "order": lambda world: world["order"],
    "scheduleline": lambda world: build.schedule_line(world["order"]),
    "promise": lambda world: world["order"].customer.promises.first(),
}


@pytest.fixture
def world(db):
    from comptoir.cases.actions.incoming import receive

    customer = build.customer()
    build.contact(customer)
    order = build.order(customer, po="PO-77341", products=2)
    return {"customer": customer, "order": order, "case": receive(build.mail(build.WISH)).case}


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_nobody_without_an_active_account_does_anything(name, world):
    from comptoir.actions.door import enter_typed

    spec = ACTIONS[name]
    gone = build.member()
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    gone.refresh_from_db()
    noun = spec.subject._meta.model_name if spec.subject else None
    if noun is not None and noun not in SUBJECTS:
        pytest.skip(f"no {noun} in this world; its own tests cover the denial")
    subject = SUBJECTS[noun](world) if noun else None
    inputs = {n: world["case"] if n == "into" else None for n in spec.parameters}
    before = Event.objects.count()
    with pytest.raises(Denied):
        enter_typed(spec, subject, gone, inputs)
    assert Event.objects.count() == before
