"""Saved views of any list: what its address asks for under a name, one's own or a team's, and the columns to show.

A list names itself and its columns in LISTS; it reads `views_of`, and its address carries `view`. What counts from today
(+2w, fri) is kept in these words and moves on with the days; a day that was named is kept as that day, with its year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods, require_POST

from comptoir.actions import ActionError
from comptoir.lib.numbers import row_id
from comptoir.people.actions.saved import begin_with, choose_columns, drop_view, keep_view
from comptoir.people.models import ListChoice, Member, SavedView, Team

NOT_KEPT = ("view", "after", "part", "since", "shown", "csrfmiddlewaretoken")


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that keeps views: the name of its address, its columns in their order, and those shown at first."""

    url: str
    columns: Mapping[str, str | Promise]
    first: tuple[str, ...]

    def known(self, wanted: list[str]) -> tuple[str, ...]:
        """The columns asked for that there are, in the list's order; all the first ones when none is."""
        found = tuple(name for name in self.columns if name in wanted)
        return found or self.first


LISTS: dict[str, Listed] = {}


@dataclass(frozen=True, slots=True)
class Views:
    """The views a member has of a list, the one looked at, and the columns to show."""

    all: list[SavedView]
    current: SavedView | None
    columns: tuple[str, ...]
    data: QueryDict
    first_pk: int | None

    @property
    def is_changed(self) -> bool:
        """True when the address asks for something else than the view holds."""
        return self.current is not None and query_of(self.data) != self.current.query


def views_of(request: HttpRequest, name: str) -> Views:
    """What the address or, where it asks for nothing, the member's first view says (two queries)."""
    member: Member = request.user  # type: ignore[assignment]
    saved = list(SavedView.objects.visible_to(member).of(name).select_related("team", "owner"))
    choice = ListChoice.objects.filter(member=member, list_name=name).first() or ListChoice(
        member=member, list_name=name
    )
    wanted = row_id(request.GET.get("view")) if query_of(request.GET) or "view" in request.GET else choice.view_id
    current = next((view for view in saved if view.pk == wanted), None)
    data = request.GET
    if current is not None and not query_of(request.GET):
        data = QueryDict(current.query)
    columns = current.columns if current and current.columns else choice.columns
    return Views(saved, current, LISTS[name].known(columns), data, choice.view_id)


def query_of(data: QueryDict) -> str:
    """What of an address a view keeps, always in the same order."""
    kept = QueryDict(mutable=True)
    for name in sorted(data):
        if name not in NOT_KEPT and (values := [value for value in data.getlist(name) if value]):
            kept.setlist(name, values)
    return kept.urlencode()


@require_http_methods(["GET", "POST"])
def save(request: HttpRequest, name: str) -> HttpResponse:
    """The dialog in which a view gets its name, its columns and those who share it; posted, it is kept or dropped."""
    member: Member = request.user  # type: ignore[assignment]
    listed = listed_or_404(name)
    data = request.POST if request.method == "POST" else request.GET
    saved = SavedView.objects.visible_to(member).of(name)
    view = saved.filter(pk=row_id(data.get("view")) or 0).first()
    if request.method == "GET":
        return _dialog(request, name, view, query_of(data))
    try:
        view = _kept(request.POST, name, view, member)
    except ActionError as refused:
        return _dialog(request, name, view, request.POST.get("query", ""), refused.sentence)
    return _back(request, reverse(listed.url) + (f"?view={view.pk}" if view else ""))


def _kept(data: QueryDict, name: str, view: SavedView | None, by: Member) -> SavedView | None:
    if "drop" in data and view is not None:
        drop_view(view, by=by)
        return None
    team = Team.objects.active().filter(pk=row_id(data.get("team"))).first()
    kept = keep_view(
        name, by=by, name=data.get("name", ""), query=query_of(QueryDict(data.get("query", ""))), team=team,
        columns=LISTS[name].known(data.getlist("columns")), view=None if "new" in data else view,
    )  # fmt: skip
    is_first = ListChoice.objects.filter(member=by, list_name=name, view=kept).exists()
    if is_first != ("first" in data):
        begin_with(name, kept if "first" in data else None, by=by)
    return kept


@require_POST
def columns(request: HttpRequest, name: str) -> HttpResponse:
    """Keep which columns the member wants where no view says."""
    member: Member = request.user  # type: ignore[assignment]
    listed = listed_or_404(name)
    choose_columns(name, listed.known(request.POST.getlist("columns")), by=member)
    query = query_of(QueryDict(request.POST.get("query", "")))
    return _back(request, reverse(listed.url) + (f"?{query}" if query else ""))


def _back(request: HttpRequest, url: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(url)
    response = HttpResponse("")
    response.headers["HX-Redirect"] = url
    return response


def _dialog(request: HttpRequest, name: str, view: SavedView | None, query: str, refused: str = "") -> HttpResponse:
    member: Member = request.user  # type: ignore[assignment]
    given = request.POST
    choice = ListChoice.objects.filter(member=member, list_name=name).first()
    teams = Team.objects.active().order_by("name")
    shown = given.getlist("columns") or (view.columns if view else []) or (choice.columns if choice else [])
    context: dict[str, Any] = {
        "list": name, "view": view, "query": query, "refused": refused, "columns": LISTS[name].columns.items(),
        "chosen": LISTS[name].known(shown), "teams": [team for team in teams if member.sees_team(team.pk)],
        "name": given.get("name", view.name if view else ""),
        "team": row_id(given.get("team")) if given else view.team_id if view else None,
        "is_first": "first" in given if given else bool(choice and view and choice.view_id == view.pk),
        "may_change": view is not None and view.may_be_changed_by(member),
    }  # fmt: skip
    template = "parts/view_dialog.html" if request.headers.get("HX-Request") else "parts/view_page.html"
    return render(request, template, context, status=422 if refused else 200)


def listed_or_404(name: str) -> Listed:
    """The list of that name."""
    if name not in LISTS:
        raise Http404
    return LISTS[name]


urlpatterns = [
    path("views/<str:name>/", save, name="view-save"),
    path("views/<str:name>/columns/", columns, name="view-columns"),
]
