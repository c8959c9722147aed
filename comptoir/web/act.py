"""The one screen of every action: its form, what it would change, and doing it."""

import json
import secrets
from typing import Any

from django.apps import apps
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comptoir.actions import ACTIONS, ActionError, perform
from comptoir.actions import forms as action_forms
from comptoir.actions.door import Outcome, Preview, meters_before, preview
from comptoir.actions.editing import ChangedMeanwhile, merged
from comptoir.actions.registry import Spec, mark_of
from comptoir.cases.models import Case
from comptoir.lib.numbers import row_id
from comptoir.lib.prepared import first_of
from comptoir.orders.models import Order
from comptoir.people.models import Member
from comptoir.web.offered_mail import follow

ABOUT: dict[str, type[models.Model]] = {"case": Case, "order": Order}
ASIDES = dict.fromkeys(("orders.pull_in", "orders.push_out", "orders.split"), "schedule-available")
UNDO = {
    "cases.resolve": "cases.reopen",
    "cases.snooze": "cases.wake",
    "cases.mark_spam": "cases.reopen",
    "cases.merge": "cases.unmerge",
    "orders.accept_difference": "orders.reopen_difference",
}

# Acts without a question that take away what no other act brings back: their dialog does not begin on the button that does it.
FINAL = frozenset(
    {
        "actions.remove_limit", "cases.end_report", "cases.remove_tag", "cases.remove_update_rule",
        "catalog.end_note", "catalog.remove_agreement_file", "catalog.remove_agreement_line", "catalog.remove_file",
        "catalog.remove_freight", "catalog.remove_part", "catalog.remove_unit", "catalog.undo_batch",
        "customers.clear_alert", "customers.remove_identity", "customers.revoke_link", "fulfilment.undo_table",
        "orders.end_rule", "orders.forget_layout", "orders.send_quote", "people.revoke_token",
    }
)  # fmt: skip


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, name: str, pk: int | None = None) -> HttpResponse:
    """Show an action's form, or what it would do (`_preview`), or do it."""
    member: Member = request.user  # type: ignore[assignment]
    spec = spec_or_404(name)
    subject = subject_or_404(spec, pk, member)
    about = about_or_404(request, member)
    if request.method == "GET":
        return _dialog(request, spec, subject, action_forms.build(spec, member, subject), request.GET)
    if "_preview" in request.POST:
        form = action_forms.build(spec, member, subject, request.POST)
        told = preview(spec, subject, member, spec.given(form.cleaned_data)) if form.is_valid() else None
        return render(request, "act/_preview.html", {"preview": told})
    return _do(request, spec, subject, about)


def _do(request: HttpRequest, spec: Spec, subject: Any, about: models.Model | None) -> HttpResponse:
    member: Member = request.user  # type: ignore[assignment]
    form = action_forms.build(spec, member, subject, request.POST)
    if not form.is_valid():
        return _dialog(request, spec, subject, form, request.POST, status=422)
    if _untold(request, spec, subject, form):
        return _dialog(request, spec, subject, form, request.POST, status=422)
    try:
        outcome = perform(
            spec.name, by=member, subject=subject, key=request.POST.get("_key", ""), about=about, form=form
        )
    except ChangedMeanwhile as changed:
        return _again(request, spec, subject, changed)
    except ActionError as error:
        return _dialog(request, spec, subject, form, request.POST, refused=error.sentence, status=422)
    return _done(request, spec, subject, outcome)


def _untold(request: HttpRequest, spec: Spec, subject: Any, form: Any) -> bool:
    """True when there is something to know before acting that the form has not shown yet."""
    notices = spec.warn(subject, spec.complete(spec.given(form.cleaned_data), subject)) if spec.warn else []
    return bool(notices) and request.POST.get("_told", "") != mark_of(notices)


def _again(request: HttpRequest, spec: Spec, subject: Any, changed: ChangedMeanwhile) -> HttpResponse:
    """The form once more: what others changed is shown, what the member typed is kept beside it."""
    subject = type(subject)._default_manager.get(pk=subject.pk)
    assert spec.initial is not None
    data = merged(request.POST, spec.initial(subject))
    form = action_forms.build(spec, request.user, subject, data)  # type: ignore[arg-type]
    form.is_valid()
    for name, told in changed.fields.items():
        form.add_error(name, told)
    return _dialog(request, spec, subject, form, request.POST, refused=changed.sentence, status=422)


def _done(request: HttpRequest, spec: Spec, subject: Any, outcome: Outcome) -> HttpResponse:
    if outcome.approval is not None:
        text, kind = _("Sent for approval: {title}").format(title=spec.title), "info"
    else:
        text, kind = _("Done: {title}").format(title=spec.title), "ok"
    toast = {"text": text, "kind": kind}
    if spec.name in UNDO and subject is not None and outcome.approval is None:
        toast["undo"] = reverse("act", args=[UNDO[spec.name], subject.pk])
    if outcome.approval is None and (offered := follow(outcome.result, request)):
        return HttpResponse(headers={"HX-Redirect": offered}) if _is_part(request) else HttpResponseRedirect(offered)
    if _is_part(request):
        response = HttpResponse("")
        if spec.subject is None and (made := getattr(outcome.result, "get_absolute_url", None)):
            response.headers["HX-Redirect"] = made()
            return response
        response.headers["HX-Trigger"] = json.dumps({"dialog:close": True, "toast": toast})
        return response
    return HttpResponseRedirect(_next(request, outcome))


def _is_part(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _next(request: HttpRequest, outcome: Outcome) -> str:
    wanted = request.POST.get("_next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    get_url = getattr(outcome.result, "get_absolute_url", None)
    return get_url() if get_url else "/"


def _dialog(
    request: HttpRequest, spec: Spec, subject: Any, form: Any, given: Any, refused: str = "", status: int = 200
) -> HttpResponse:
    for field in form.fields:
        if not form.is_bound and field in given:
            form.initial[field] = given[field]
        elif not form.is_bound and f"{field}_0" in given:
            form.initial[field] = [given[f"{field}_0"], given.get(f"{field}_1", "")]
    told: Preview | None = None
    if form.is_bound and form.is_valid() and not refused:
        told = preview(spec, subject, request.user, spec.given(form.cleaned_data))  # type: ignore[arg-type]
    elif not form.is_bound and not form.fields and not refused:  # nothing is asked: what it does is known at once
        told = preview(spec, subject, request.user, {})  # type: ignore[arg-type]
    elif not form.is_bound:
        told = Preview([], meters_before(spec, subject, request.user))  # type: ignore[arg-type]
    context = {
        "spec": spec, "subject": subject, "form": form, "preview": told, "refused": refused, "key": secrets.token_hex(12),
        "facts": spec.facts(subject) if spec.facts else [],
        "is_final": spec.name in FINAL,
        "about": given.get("_about") or given.get("about", ""), "next": given.get("_next") or given.get("next", ""),
        "aside": reverse(ASIDES[spec.name], args=[subject.pk]) if spec.name in ASIDES else "",
        "url": reverse("act", args=[spec.name, subject.pk] if subject is not None else [spec.name]),
    }  # fmt: skip
    template = "act/_dialog.html" if request.headers.get("HX-Request") else "act/page.html"
    return render(request, template, context, status=status)


def spec_or_404(name: str) -> Spec:
    """The action that has a screen; 404 for others."""
    spec = ACTIONS.get(name)
    if spec is None or not spec.is_public:
        raise Http404
    return spec


def subject_or_404(spec: Spec, pk: int | None, member: Member) -> Any:
    """The row acted on, if the member may see it."""
    if spec.subject is None:
        if pk is not None:
            raise Http404
        return None
    rows: Any = spec.subject._default_manager
    row = first_of(rows.visible_to(member), "pk", pk)
    if row is None:
        raise Http404
    return row


def about_or_404(request: HttpRequest, member: Member) -> models.Model | None:
    """The row in whose context the act is done, named `noun:id`."""
    named = request.POST.get("_about", "")
    if not named:
        return None
    noun, _colon, number = named.partition(":")
    model = ABOUT.get(noun)
    if model is None:
        raise Http404
    rows: Any = model._default_manager
    row: models.Model | None = first_of(rows.visible_to(member), "pk", row_id(number))
    if row is None:
        raise Http404
    return row


def model_of(noun: str) -> type[models.Model] | None:
    """The model of a noun as events name it."""
    return next((m for m in apps.get_models() if m._meta.model_name == noun), None)


urlpatterns = [
    path("do/<str:name>/", act, name="act"),
    path("do/<str:name>/<int:pk>/", act, name="act"),
]
