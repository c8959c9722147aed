"""Calling an action from outside: by its name, a number or id, and natural JSON; the API and the command line alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from comptoir.actions import ActionError, Denied, InvalidInput, forms, perform
from comptoir.actions.door import Outcome, preview
from comptoir.actions.editing import ChangedMeanwhile, plain, read_seen
from comptoir.actions.models import Approval
from comptoir.actions.registry import SEEN, Notice, Spec, mark_of
from comptoir.actions.scopes import callable_acts
from comptoir.api import inputs, references, schemas
from comptoir.api.problems import Problem
from comptoir.people.models import Member


@dataclass(frozen=True, slots=True)
class Call:
    """An act as it was asked for: its name, its subject as it was named, its input, and what makes it happen once."""

    name: str
    by: Member
    subject: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    told: str = ""


def act(call: Call) -> Outcome:
    """Do it; Problem when it is not done."""
    spec = spec_of(call.name)
    subject = subject_of(spec, call.subject, call.by)
    data = _data(spec, call, subject)
    _tell_first(spec, call, subject, data)
    try:
        return perform(spec.name, by=call.by, subject=subject, inputs=data, key=call.key)
    except InvalidInput as invalid:
        raise Problem("input", errors=invalid.errors) from invalid
    except ChangedMeanwhile as changed:
        told = {name: [str(sentence)] for name, sentence in changed.fields.items()}
        raise Problem("changed", changed.sentence, errors=told) from changed
    except Denied as denied:
        raise Problem("denied", denied.sentence) from denied
    except ActionError as error:
        raise Problem("refused", error.sentence) from error


def dry_run(call: Call) -> dict[str, Any]:
    """What the act would change and use as things stand, without doing it; Problem when it would be refused."""
    spec = spec_of(call.name)
    subject = subject_of(spec, call.subject, call.by)
    form = _clean(spec, call, subject, _data(spec, call, subject))
    told = preview(spec, subject, call.by, spec.given(form.cleaned_data))
    if told.refused:
        raise Problem("refused", told.refused)
    return {
        "action": spec.name, "needs_approval": told.needs_approval or None, "notices": _texts(told.notices),
        "changes": [{"label": c.label, "before": c.before, "after": c.after} for c in told.changes],
    }  # fmt: skip


def form_of(call: Call) -> dict[str, Any]:
    """What an act takes and, for an edit, what stands now."""
    spec = spec_of(call.name)
    subject = subject_of(spec, call.subject, call.by)
    standing = {n: plain(value) for n, value in spec.standing(subject).items() if n != SEEN}
    made = {"action": spec.name, "title": str(spec.title), "input": schemas.of_action(spec)}
    return made | ({SEEN: standing} if spec.is_edit else {})


def spec_of(name: str) -> Spec:
    """The action of that name, if it is offered."""
    spec = callable_acts().get(name)
    if spec is None:
        raise Problem("not-found", _("There is no action {name}.").format(name=name))
    return spec


def subject_of(spec: Spec, named: str | None, by: Member) -> Any:
    """The row acted on, if the member may see it."""
    if spec.subject is None:
        if named is not None:
            raise Problem("not-found", _("{action} is about no row.").format(action=spec.name))
        return None
    if not named:
        raise Problem("not-found", _("{action} needs a number or an id.").format(action=spec.name))
    rows: Any = spec.subject._default_manager
    found = references.find(rows.visible_to(by), named)
    if found is None:
        raise Problem("not-found", _("There is no {named} that you may see.").format(named=named))
    return found


def _data(spec: Spec, call: Call, subject: Any) -> dict[str, Any]:
    data, errors = inputs.form_data(forms.build(spec, call.by, subject).fields, call.body)
    if errors:
        raise Problem("input", errors=errors)
    return _left_alone(spec, subject, data) | data


def _left_alone(spec: Spec, subject: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """What an edit that says what it saw does not name: as it was seen, and so left to whoever changed it since."""
    if not spec.is_edit or not data.get(SEEN):
        return {}
    seen = read_seen(str(data[SEEN]))
    return {n: seen.get(n, plain(value)) for n, value in spec.standing(subject).items() if n != SEEN}


def _clean(spec: Spec, call: Call, subject: Any, data: Mapping[str, Any]) -> Any:
    form = forms.build(spec, call.by, subject, data)
    if not form.is_valid():
        raise Problem("input", errors={name: [str(e) for e in told] for name, told in form.errors.items()})
    return form


def _tell_first(spec: Spec, call: Call, subject: Any, data: Mapping[str, Any]) -> None:
    """What screens show before acting has to be sent back as read."""
    if spec.warn is None:
        return
    form = _clean(spec, call, subject, data)
    notices = spec.warn(subject, spec.complete(spec.given(form.cleaned_data), subject))
    if notices and call.told != mark_of(notices):
        detail = _("Look at the notices; to act all the same, send it again with this «told».")
        raise Problem("notices", detail, notices=_texts(notices), told=mark_of(notices))


def _texts(notices: list[Notice]) -> list[dict[str, str]]:
    return [{"text": notice.text, "url": notice.url} for notice in notices]


def named(row: Any) -> dict[str, Any] | None:
    """A row in short: what kind it is, its id, its number where it has one, and its words."""
    if not isinstance(row, models.Model):
        return None
    key = natural_key_of(row)
    address = row.get_absolute_url() if hasattr(row, "get_absolute_url") else None
    return {"noun": str(row._meta.model_name), "id": row.pk, "number": key, "label": str(row), "url": address}


def natural_key_of(row: models.Model) -> str | None:
    """The number, code or name by which the row can be named again."""
    key = references.natural_key(type(row))
    return str(getattr(row, key)) if key else None


def waiting(approval: Approval) -> dict[str, Any]:
    """What is said of an act that waits for somebody with more authority."""
    return {
        "id": approval.pk, "state": approval.state, "reason": approval.reason, "url": f"/api/approvals/{approval.pk}",
        "changes": [{"label": c.label, "before": c.before, "after": c.after} for c in approval.changes],
    }  # fmt: skip
