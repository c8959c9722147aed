"""The other side of a demo desk: write a mail as a customer, and see what a mail server would have sent."""

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from comptoir.cases.models import Inbox
from comptoir.connect.email.actions.keeping import keep
from comptoir.connect.email.models import RawMail, SinkMail
from comptoir.customers.models import Identity
from comptoir.demo import job
from comptoir.lib import clock
from comptoir.lib.numbers import row_id
from comptoir.people.models import Member

WRITERS = 40
SHOWN = 50


class MailForm(forms.Form):
    """A mail from a customer's own mail program."""

    sender = forms.ModelChoiceField(Identity.objects.none(), label=gettext_lazy("From"), empty_label=None)
    inbox = forms.ModelChoiceField(Inbox.objects.none(), label=gettext_lazy("To"), empty_label=None)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=300)
    text = forms.CharField(label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 14}))
    in_reply_to = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sender"].queryset = writers()  # type: ignore[attr-defined]
        self.fields["sender"].label_from_instance = described  # type: ignore[attr-defined]
        self.fields["inbox"].queryset = Inbox.objects.filter(is_active=True).order_by("pk")  # type: ignore[attr-defined]


def writers() -> Any:
    """Some people at customers who have an e-mail address, the job's buyer first."""
    known = Identity.objects.filter(kind="email", contact__isnull=False).select_related("contact", "customer")
    first = known.order_by("pk").values_list("pk", flat=True)[:WRITERS]
    replied = SinkMail.objects.order_by("-pk").values_list("recipients", flat=True)[:SHOWN]
    addresses = {r["address"] for recipients in replied for r in recipients}
    return known.filter(pk__in=[*first, *known.filter(value__in=addresses).values_list("pk", flat=True)]).order_by("pk")


def described(identity: Identity) -> str:
    return f"{identity.contact} – {identity.customer} <{identity.value}>"


def on_a_demo_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The page is there on a demo desk only."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "POST"])
@on_a_demo_desk
def write(request: HttpRequest) -> HttpResponse:
    """Write to the desk as a customer; the mail comes in as any other."""
    if request.method == "POST":
        form = MailForm(request.POST)
        if form.is_valid():
            inbox = form.cleaned_data["inbox"]
            keep(_composed(form.cleaned_data).as_bytes(), inbox=inbox, source=RawMail.Source.PIPE)
            messages.success(request, _("Sent. It is on the desk in a moment."))
            return redirect("demo")
    else:
        form = MailForm(initial=_answer(request) or _job())
    return render(request, "demo/write.html", {"form": form})


def _composed(data: dict[str, Any]) -> EmailMessage:
    sender: Identity = data["sender"]
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"{sender.contact} <{sender.value}>"
    mail["To"] = f"{data['inbox'].sender_name} <{data['inbox'].address}>"
    mail["Subject"] = " ".join(data["subject"].split())
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = make_msgid(domain=sender.value.rpartition("@")[2])
    if data["in_reply_to"]:
        mail["In-Reply-To"] = mail["References"] = " ".join(data["in_reply_to"].split())
    mail.set_content(data["text"])
    return mail


def _job() -> dict[str, Any]:
    """The mail the first ten minutes are about, where the demo company has its buyer."""
    if not job.is_here():
        return {}
    letter = job.letter()
    return _initial(letter.sender, letter.to) | {"subject": letter.subject, "text": letter.text}


def _answer(request: HttpRequest) -> dict[str, Any]:
    """An answer to a mail of the outbox."""
    number = row_id(request.GET.get("reply"))
    if number is None:
        return {}
    sent = get_object_or_404(SinkMail.objects.select_related("file"), pk=number)
    mail = message_from_bytes(sent.file.read(), policy=policy.default)
    subject = str(mail["Subject"])
    return _initial(str(mail["To"]), str(mail["From"])) | {
        "subject": subject if subject.lower().startswith("re:") else f"Re: {subject}",
        "text": "\n\n" + "\n".join(f"> {line}" for line in _text_of(mail).splitlines()),
        "in_reply_to": str(mail["Message-ID"]).strip(),
    }


def _initial(sender: str, to: str) -> dict[str, Any]:
    writer = next((i for i in writers() if i.value.casefold() in sender.casefold()), None)
    inbox = next((i for i in Inbox.objects.all() if i.address.casefold() in to.casefold()), None)
    return {"sender": writer, "inbox": inbox}


@require_GET
@on_a_demo_desk
def outbox(request: HttpRequest) -> HttpResponse:
    """What a mail server would have sent, newest first."""
    member: Member = request.user  # type: ignore[assignment]
    mails = SinkMail.objects.visible_to(member).select_related("file", "message__case")[:SHOWN]
    return render(request, "demo/outbox.html", {"mails": [_shown(sent) for sent in mails]})


def _shown(sent: SinkMail) -> dict[str, Any]:
    mail = message_from_bytes(sent.file.read(), policy=policy.default)
    return {
        "sent": sent,
        "to": ", ".join(recipient["address"] for recipient in sent.recipients),
        "text": _text_of(mail),
        "files": [part.get_filename() or _("file") for part in mail.iter_attachments()],
    }


def _text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


@require_GET
@on_a_demo_desk
def enclosed(request: HttpRequest, pk: int, index: int) -> HttpResponse:
    """A file that went with a mail, to be saved."""
    member: Member = request.user  # type: ignore[assignment]
    sent = get_object_or_404(SinkMail.objects.visible_to(member).select_related("file"), pk=pk)
    parts = list(message_from_bytes(sent.file.read(), policy=policy.default).iter_attachments())
    if index >= len(parts):
        raise Http404
    name = (parts[index].get_filename() or "file").replace('"', "")
    answer = HttpResponse(parts[index].get_payload(decode=True), content_type=parts[index].get_content_type())
    answer.headers["Content-Disposition"] = f'attachment; filename="{name.encode("ascii", "replace").decode()}"'
    return answer


urlpatterns = [
    path("demo/", write, name="demo"),
    path("demo/outbox/", outbox, name="demo_outbox"),
    path("demo/outbox/<int:pk>/<int:index>/", enclosed, name="demo_file"),
]
