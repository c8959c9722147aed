"""An inbox's mailbox: servers, users, passwords that are never shown again, and a test of the connections."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.actions import ACTIONS, ActionError, InvalidInput, perform
from comptoir.actions import forms as action_forms
from comptoir.cases.models import Inbox
from comptoir.connect.email import trial
from comptoir.connect.email.actions import mailboxes
from comptoir.connect.email.models import Mailbox
from comptoir.people import Role
from comptoir.people.models import Member

SPEC = "email.set_mailbox"


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how an inbox's mail comes in and goes out."""
    inbox = inbox_or_404(request, pk)
    if request.method == "GET":
        return _form(request, inbox, None)
    try:
        perform(SPEC, by=request.user, subject=inbox, inputs=request.POST)  # type: ignore[arg-type]
    except InvalidInput:
        return _form(request, inbox, request.POST)
    except ActionError as error:
        return _form(request, inbox, request.POST, error.sentence)
    return HttpResponseRedirect(f"{reverse('mailbox', args=[inbox.pk])}?saved=1")


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign in to the servers once, as the saved settings say, and keep what they answered."""
    inbox = inbox_or_404(request, pk)
    box = Mailbox.objects.visible_to(request.user).filter(inbox=inbox).first()
    if box is None:
        raise Http404
    fetches, sends = box.fetching != Mailbox.Fetching.OFF, bool(box.smtp_host) and box.sending == Mailbox.Sending.SMTP
    mailboxes.tested(box, trial.try_imap(box) if fetches else "", trial.try_smtp(box) if sends else "")
    return HttpResponseRedirect(reverse("mailbox", args=[inbox.pk]))


def inbox_or_404(request: HttpRequest, pk: int) -> Inbox:
    """The inbox, for administrators only."""
    member: Member = request.user  # type: ignore[assignment]
    found = Inbox.objects.visible_to(member).filter(pk=pk).first() if member.at_least(Role.ADMINISTRATOR) else None
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def _form(request: HttpRequest, inbox: Inbox, data: Any, refused: str = "") -> HttpResponse:
    from comptoir.web.settings_page import SECTIONS, sections_of

    member: Member = request.user  # type: ignore[assignment]
    form = action_forms.build(ACTIONS[SPEC], member, inbox, data)
    form.is_valid()
    if not settings.DEMO:
        field: Any = form.fields["sending"]
        field.choices = [choice for choice in field.choices if choice[0] != Mailbox.Sending.SINK]
    context = {
        "inbox": inbox, "form": form, "refused": refused, "box": Mailbox.objects.filter(inbox=inbox).first(),
        "section": SECTIONS["inboxes"], "sections": sections_of(member),
    }  # fmt: skip
    return render(request, "settings/mailbox.html", context, status=200 if data is None else 422)


urlpatterns = [
    path("settings/inboxes/<int:pk>/mailbox/", edit, name="mailbox"),
    path("settings/inboxes/<int:pk>/mailbox/test/", test, name="mailbox-test"),
]
