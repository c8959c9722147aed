"""The desk: the queue on the left, the case in the middle, what it is about on the right."""

import json
import secrets
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from comptoir.actions import ActionError, perform
from comptoir.cases import handoff_queries as hand_offs
from comptoir.cases import queries
from comptoir.cases.actions import desk
from comptoir.cases.actions.answering import NewerMessages, answer_to, default_cc, last_heard
from comptoir.cases.models import Case, CaseLink, Draft, Escalation, HandOff, Message
from comptoir.fulfilment import queries as shipments
from comptoir.lib import clock
from comptoir.lib.mail.clean import has_blocked_images, with_inline_images
from comptoir.lib.numbers import row_id
from comptoir.orders.models import Order, OrderVersion
from comptoir.orders.queries import lines_of
from comptoir.people.models import Member
from comptoir.web.downloads import download
from comptoir.web.first_steps import first_steps
from comptoir.web.shell import Shell

PARTS = {
    "thread": "case/_thread.html",
    "head": "case/_head.html",
    "context": "case/_context_part.html",
    "presence": "case/_presence.html",
    "added": "case/_added.html",
}
VIEW_LABELS = {
    "mine": gettext_lazy("Mine"),
    "unassigned": gettext_lazy("Unassigned"),
    "waiting": gettext_lazy("Waiting"),
    "snoozed": gettext_lazy("Snoozed"),
    "all": gettext_lazy("All"),
}


def case_or_404(request: HttpRequest, number: str) -> Case:
    """The case with a number, if the member may see it."""
    rows = Case.objects.visible_to(request.user).select_related(
        "customer__sponsor", "contact", "owner", "team", "inbox", "merged_into"
    )
    waits = {
        "has_hand_offs": Exists(HandOff.objects.standing().filter(case=OuterRef("pk"))),
        "has_escalation": Exists(Escalation.objects.standing().filter(case=OuterRef("pk"))),
    }
    case = rows.annotate(**waits).filter(number=number).first()
    if case is None:
        raise Http404
    return case


def _view(request: HttpRequest) -> str:
    """The view asked for, else the one looked at last."""
    asked = request.GET.get("view", "") or request.COOKIES.get("view", "")
    return asked if asked in queries.VIEWS else "mine"


def queue_context(request: HttpRequest, current: Case | None = None) -> dict[str, Any]:
    """What the list pane shows."""
    member: Member = request.user  # type: ignore[assignment]
    found = queries.queue(member, _view(request), request.GET.get("before", ""))
    topics = [*(f"team:{pk}" for pk in member.team_ids or member_teams(member)), f"member:{member.pk}"]
    return {
        "queue": found,
        "views": [(name, VIEW_LABELS[name], found.counts[name]) for name in queries.VIEWS],
        "view_label": VIEW_LABELS[found.view],
        "current": current,
        "topics": " ".join(topics),
        "triggers": ", ".join(f"live:{topic.replace(':', '-')} from:body" for topic in topics),
    }


def member_teams(member: Member) -> list[int]:
    """The teams a member who reads all cases hears of."""
    from comptoir.people.models import Team

    return list(Team.objects.active().values_list("pk", flat=True))


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The queue; as a fragment for live refreshes and further rows."""
    context = queue_context(request)
    if "before" in request.GET:
        return render(request, "case/_rows.html", context)
    if request.GET.get("part") == "list":
        shown = resolve_case(request.headers.get("HX-Current-URL", "")) or request.GET.get("current", "")
        current = Case.objects.visible_to(request.user).filter(number=shown).first()
        return render(request, "case/_list.html", context | {"current": current})
    if not context["queue"].cases:
        context["steps"] = first_steps(request.user)  # type: ignore[arg-type]
    response = render(request, "case/index.html", context)
    response.set_cookie("view", context["queue"].view, max_age=30 * 86400, samesite="Lax", httponly=True)
    return response


def resolve_case(url: str) -> str:
    """The number of the case that a page's address shows, else nothing."""
    parts = urlsplit(url).path.split("/")
    return parts[2] if len(parts) > 2 and parts[1] == "cases" else ""


@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """A case; `part` names the fragment a live refresh wants."""
    case = case_or_404(request, number)
    part = request.GET.get("part", "")
    if part in PARTS:
        return render(request, PARTS[part], part_context(request, case, part))
    context = case_context(request, case)
    if not Shell(request).panes_only:
        context |= queue_context(request, case)
    response = render(request, "case/show.html", context)
    response.headers["X-Panes"] = "1"
    patch_vary_headers(response, ["X-Panes"])
    return response


def part_context(request: HttpRequest, case: Case, part: str) -> dict[str, Any]:
    """What a fragment shows; those that are asked for most take no more than they need."""
    if part == "presence":
        return {"case": case, "present": queries.present(case, request.user)}  # type: ignore[arg-type]
    if part == "added":
        begun = case.drafts.filter(member=request.user, kind="reply").first()  # type: ignore[misc]
        return {"case": case, "added": begun and begun.added_since(request.GET.get("shown", ""))}
    if part == "thread":
        said = queries.thread(case, request.user, show_all="all" in request.GET)  # type: ignore[arg-type]
        return {"case": case, "page": said}
    return case_context(request, case)


def case_context(request: HttpRequest, case: Case) -> dict[str, Any]:
    """Everything the case's page and its fragments show."""
    member: Member = request.user  # type: ignore[assignment]
    page = queries.case_page(case, member, show_all="all" in request.GET)
    reply, last = page.drafts.get("reply"), page.last_heard or (last_heard(case) if page.older else None)
    return {
        "page": page,
        "case": case,
        "present": queries.present(case, member),
        "reply": reply,
        "note": page.drafts.get("note"),
        "to": reply.to if reply and reply.to else answer_to(case, last),
        "cc": reply.cc if reply and (reply.text or reply.cc) else default_cc(last),
        "sender": signature_lines(case, member),
        "key": secrets.token_hex(12),
        "base": reply.base_message_id if reply and reply.base_message_id else page.last_message_id,
        "panels": panels_of(page.orders, member),
        "hand_offs": hand_offs.of_case(case, member, clock.now()) if getattr(case, "has_hand_offs", True) else [],
        "escalation": hand_offs.escalation_of(case) if getattr(case, "has_escalation", True) else None,
    }


def signature_lines(case: Case, member: Member) -> str:
    """What a reply ends with, on one line."""
    inbox = case.inbox.signature if case.inbox else ""
    return " · ".join(
        line.strip() for line in f"{member.signature or member.name}\n{inbox}".splitlines() if line.strip()
    )


def panels_of(linked: list[tuple[CaseLink, Order]], member: Member) -> list[dict[str, Any]]:
    """The orders beside the case: their lines, those the customer named marked, those that are late, and what has left."""
    lines, today = lines_of(order for _link, order in linked), clock.today()
    left = [pk for pk, found in lines.items() if any(r.shipped_on for one in found for r in one.schedule_lines.all())]
    parcels = shipments.of_orders(left, member, today)
    return [
        {
            "link": link, "order": order, "lines": lines[order.pk], "marked": set(link.positions),
            "parcels": parcels.get(order.pk, []),
            "late": {r.pk for line in lines[order.pk] for r in line.schedule_lines.all() if r.is_late(today)},
        }
        for link, order in linked
    ]  # fmt: skip


@require_POST
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Send an answer; what came in meanwhile holds it until the rep has seen it."""
    case = case_or_404(request, number)
    member: Member = request.user  # type: ignore[assignment]
    try:
        outcome = perform("cases.reply", by=member, subject=case, inputs=request.POST, key=request.POST.get("_key", ""))
    except ActionError as refused:
        _keep(request, case, member, "reply")
        return _composer(request, case, **_told(refused))
    response = _composer(request, case)
    undo = reverse("act", args=["cases.undo_send", outcome.result.pk])
    toast = {"text": _("Reply sent to {to}").format(to=request.POST.get("to", "")), "kind": "ok", "undo": undo}
    response.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return response


def _told(refused: ActionError) -> dict[str, str]:
    """What the composer says when a reply was not sent: something to look at first, or what is wrong."""
    return {"hold" if isinstance(refused, NewerMessages) else "error": refused.sentence}


def _composer(request: HttpRequest, case: Case, hold: str = "", error: str = "") -> HttpResponse:
    if not request.headers.get("HX-Request") and not hold and not error:
        return HttpResponseRedirect(reverse("case", args=[case.number]))
    case = case_or_404(request, case.number)
    status = 409 if hold else 422 if error else 200
    context = case_context(request, case) | {"hold": hold, "error": error}
    template = "case/_composer.html" if request.headers.get("HX-Request") else "case/show.html"
    if template == "case/show.html":
        context |= queue_context(request, case)
    return render(request, template, context, status=status)


def _keep(request: HttpRequest, case: Case, member: Member, kind: str) -> Draft:
    return desk.save_draft(
        case, member, kind, request.POST.get("text", ""), request.POST.get("to", ""), request.POST.get("cc", ""),
        row_id(request.POST.get("base")), request.POST.get("shown", ""),
    )  # fmt: skip


@require_POST
def draft(request: HttpRequest, number: str) -> HttpResponse:
    """Keep what has been written so far; with `show`, answer with what was added to it as well."""
    case = case_or_404(request, number)
    kind = "note" if request.POST.get("kind") == "note" else "reply"
    if not queries.has_just_said(case, request.user, request.POST.get("text", "")):  # type: ignore[arg-type]
        _keep(request, case, request.user, kind)  # type: ignore[arg-type]
    return _composer(request, case) if "show" in request.POST else HttpResponse(status=204)


@require_POST
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Write an internal note."""
    case = case_or_404(request, number)
    try:
        perform("cases.note", by=request.user, subject=case, inputs=request.POST, key=request.POST.get("_key", ""))  # type: ignore[arg-type]
    except ActionError as refused:
        return _composer(request, case, error=refused.sentence)
    return _composer(request, case)


@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    """Put files, or an order's confirmation, to the reply's draft; or take one off."""
    case = case_or_404(request, number)
    member: Member = request.user  # type: ignore[assignment]
    draft = Draft.objects.filter(case=case, member=member, kind="reply").first() or desk.save_draft(
        case, member, "reply", ""
    )
    try:
        _upload(draft, request.FILES.getlist("file"))
    except ActionError as refused:
        context = {"case": case, "reply": draft, "refused": refused.sentence}
        return render(request, "case/_files.html", context, status=422)
    version = OrderVersion.objects.visible_to(member).filter(pk=row_id(request.POST.get("order_version"))).first()
    if version is not None:
        desk.attach_confirmation(draft, version)
    if (pk := row_id(request.POST.get("remove"))) is not None:
        desk.detach(draft, pk)
    return render(request, "case/_files.html", {"case": case, "reply": draft})


def _upload(draft: Draft, uploads: list["UploadedFile[Any]"]) -> None:
    desk.refuse_too_large(draft, [uploaded.size or 0 for uploaded in uploads])
    for uploaded in uploads:
        kind = uploaded.content_type or "application/octet-stream"
        desk.attach(draft, uploaded.name or "file", kind, uploaded.read())


@require_POST
def presence(request: HttpRequest, number: str) -> HttpResponse:
    """Note that the member looks, writes or has left."""
    case = case_or_404(request, number)
    if "gone" in request.POST:
        desk.gone(case, request.user)  # type: ignore[arg-type]
    else:
        desk.seen(case, request.user, "writing" in request.POST)  # type: ignore[arg-type]
        desk.mark_read(case)
    return HttpResponse(status=204)


def message_or_404(request: HttpRequest, pk: int) -> Message:
    """A message of a case the member may see."""
    rows = Message.objects.visible_to(request.user).select_related("raw_file")
    message = rows.filter(pk=pk).first()
    if message is None:
        raise Http404
    return message  # type: ignore[no-any-return]


PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
MOST_PICTURE = 2 * 1024 * 1024
FRAME_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox allow-popups; frame-ancestors 'self'"
)


def inline_images(message: Message) -> dict[str, str]:
    """The pictures that came in the mail, by content id, as addresses that need no further request."""
    rows = message.attachments.exclude(content_id="").filter(content_type__in=PICTURES, size__lte=MOST_PICTURE)
    return {
        row.content_id: f"data:{row.content_type};base64,{b64encode(row.file.read()).decode()}"
        for row in rows.select_related("file").order_by("pk")[:20]
        if row.file is not None
    }


@require_GET
def message_html(request: HttpRequest, pk: int) -> HttpResponse:
    """A mail's HTML, cleaned, for a sandboxed frame: no scripts, nothing remote."""
    message = message_or_404(request, pk)
    html = with_inline_images(message.html, inline_images(message))
    response = render(
        request, "case/frame.html", {"message": message, "html": html, "blocked": has_blocked_images(html)}
    )
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    return response


@require_GET
def attachment(request: HttpRequest, pk: int, attachment_pk: int) -> HttpResponseBase:
    """A file of a message."""
    message = message_or_404(request, pk)
    row = message.attachments.select_related("file").filter(pk=attachment_pk).first()
    if row is None or row.file is None:
        raise Http404
    return download(row.file.read(), row.name, row.content_type)


@require_GET
def source(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The mail as it came, or as it left."""
    message = message_or_404(request, pk)
    if message.raw_file is None:
        raise Http404
    return download(message.raw_file.read(), f"message-{pk}.eml", "message/rfc822")


urlpatterns = [
    path("", index, name="queue"),
    path("cases/<str:number>/", show, name="case"),
    path("cases/<str:number>/reply/", reply, name="case-reply"),
    path("cases/<str:number>/note/", note, name="case-note"),
    path("cases/<str:number>/draft/", draft, name="case-draft"),
    path("cases/<str:number>/files/", attach, name="case-files"),
    path("cases/<str:number>/presence/", presence, name="case-presence"),
    path("messages/<int:pk>/html/", message_html, name="message-html"),
    path("messages/<int:pk>/source/", source, name="message-source"),
    path("messages/<int:pk>/files/<int:attachment_pk>/", attachment, name="attachment"),
]
