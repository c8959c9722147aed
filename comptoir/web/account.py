"""One's own account: who I am here, my password, and how this browser looks."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from comptoir.actions import ACTIONS, ActionError, InvalidInput, perform
from comptoir.actions import forms as action_forms
from comptoir.people.models import Member

YEAR = 365 * 24 * 3600
LOOKS = {"theme": ("auto", "light", "dark"), "density": ("comfortable", "compact")}


def context(member: Member) -> dict[str, Any]:
    """The forms of one's own account."""
    me = Member.objects.get(pk=member.pk)
    return {
        "form": action_forms.build(ACTIONS["people.edit_account"], me, me),
        "password": action_forms.build(ACTIONS["people.change_password"], me, me),
        "role": me.get_role_display(),
        "email": me.email,
    }


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Change one's own name, language, time zone, signature and keys."""
    return _act(request, "people.edit_account", "form")


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; this session stays, all others end."""
    return _act(request, "people.change_password", "password")


def _act(request: HttpRequest, name: str, form_name: str) -> HttpResponse:
    from comptoir.web.settings_page import page

    me = Member.objects.get(pk=request.user.pk or 0)
    refused = ""
    try:
        perform(name, by=me, subject=me, inputs=request.POST)
    except InvalidInput:
        pass
    except ActionError as error:
        refused = error.sentence
    else:
        update_session_auth_hash(request, Member.objects.get(pk=me.pk))
        return HttpResponseRedirect(f"{reverse('settings-section', args=['account'])}?saved={form_name}")
    form = action_forms.build(ACTIONS[name], me, me, request.POST)
    form.is_valid()
    more: dict[str, Any] = {form_name: form, "refused": refused, "refused_at": form_name}
    return page(request, "account", status=422, **more)


@require_POST
def looks(request: HttpRequest) -> HttpResponse:
    """Choose this browser's theme or density."""
    wanted = request.POST.get("next", "")
    back = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("settings")
    response = HttpResponseRedirect(back)
    for name, choices in LOOKS.items():
        if request.POST.get(name) in choices:
            response.set_cookie(
                name, request.POST[name], max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=False
            )
    return response


urlpatterns = [
    path("settings/account/save/", save, name="account-save"),
    path("settings/account/password/", password, name="account-password"),
    path("settings/account/looks/", looks, name="account-looks"),
]
