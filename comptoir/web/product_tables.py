"""Tables of products, list prices and stock: sent, looked at row by row, applied, undone."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.actions import ALLOWED, ActionError, perform
from comptoir.catalog import planning, sheet
from comptoir.catalog.actions.batches import keep
from comptoir.catalog.actions.sites import administers
from comptoir.catalog.models import Batch
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.people.models import Member

SHOWN = 300
FATES = {
    "changed": gettext_lazy("Changed"),
    "new": gettext_lazy("New"),
    "refused": gettext_lazy("Refused"),
    "unchanged": gettext_lazy("Unchanged"),
}


def administrator_or_404(request: HttpRequest) -> Member:
    """The member, if they may bring tables in; others find no such page."""
    member: Member = request.user  # type: ignore[assignment]
    if administers(member, None, {}) is not ALLOWED:
        raise Http404
    return member


@require_http_methods(["GET", "POST"])
def tables(request: HttpRequest) -> HttpResponse:
    """The form that takes a table, and the tables there were."""
    member = administrator_or_404(request)
    if request.method == "GET":
        return _form(request, member)
    sent = request.FILES.get("table")
    if sent is None:
        return _form(request, member, _("Choose a file first."))
    if (sent.size or 0) > sheet.MOST_BYTES:
        return _form(request, member, _("The file is larger than {n} MB.").format(n=sheet.MOST_BYTES // 1_000_000))
    sign = request.POST.get("decimal_sign", "")
    try:
        batch = keep(sent.read(), sent.name or "", sign if sign in (",", ".") else "", by=member)
    except ActionError as error:
        return _form(request, member, error.sentence)
    return HttpResponseRedirect(batch.get_absolute_url())


def _form(request: HttpRequest, member: Member, refused: str = "") -> HttpResponse:
    batches = Batch.objects.visible_to(member).defer("text", "done").select_related("by").order_by("-made_at")[:20]
    context = {"batches": batches, "refused": refused, "columns": [names[0] for names in planning.NAMES.values()]}
    return render(request, "product/tables.html", context, status=422 if refused else 200)


def batch_or_404(request: HttpRequest, pk: int) -> Batch:
    """A table that was sent."""
    batch: Batch | None = (
        Batch.objects.visible_to(administrator_or_404(request)).select_related("by").filter(pk=pk).first()
    )
    if batch is None:
        raise Http404
    return batch


@require_http_methods(["GET"])
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """What a table would change, row by row; of one that was applied, what became of it."""
    return _look(request, batch_or_404(request, pk))


def _look(request: HttpRequest, batch: Batch, refused: str = "") -> HttpResponse:
    context: dict[str, Any] = {"batch": batch, "refused": refused, "story": story(batch, limit=10)}
    if batch.state == Batch.State.LOOKED_AT:
        plan = planning.plan(batch.text, batch.decimal_sign, clock.today())
        counts = plan.counts
        fate = request.GET.get("fate", "")
        fate = fate if fate in FATES else next((name for name in FATES if counts[name]), "changed")
        after = request.GET.get("after", "")
        start = int(after) if after.isdecimal() and len(after) < 8 else 0
        rows = [row for row in plan.rows if row.fate == fate and row.line > start]
        context |= {
            "plan": plan, "fate": fate, "rows": rows[:SHOWN], "total": sum(counts[name] for name in ("new", "changed")),
            "after": rows[SHOWN - 1].line if len(rows) > SHOWN else 0,
            "fates": [(name, label, counts[name]) for name, label in FATES.items()],
        }  # fmt: skip
    return render(request, "product/table.html", context, status=409 if refused else 200)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what was looked at."""
    batch = batch_or_404(request, pk)
    try:
        perform("catalog.apply_batch", by=request.user, subject=batch, inputs={"shown": request.POST.get("shown", "")})  # type: ignore[arg-type]
    except ActionError as error:
        return _look(request, batch_or_404(request, pk), error.sentence)
    return HttpResponseRedirect(reverse("product-table", args=[pk]))


urlpatterns = [
    path("product-tables/", tables, name="product-tables"),
    path("product-tables/<int:pk>/", table, name="product-table"),
    path("product-tables/<int:pk>/apply/", apply, name="product-table-apply"),
]
