"""Find: one box over every number, name and word; the palette's choices, and a page of them."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from comptoir.lib.numbers import row_id
from comptoir.people.models import Member
from comptoir.search import queries
from comptoir.search.asking import Asked, read
from comptoir.search.pickers import HINTS as PICKED
from comptoir.search.pickers import shown
from comptoir.search.suggest import suggest
from comptoir.web.found import LABELS, Section, line_of, sections_of

ON_A_PAGE = 25


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What a query finds: choices for the palette, else a page; without a query, what was looked at last."""
    member: Member = request.user  # type: ignore[assignment]
    is_palette = bool(request.headers.get("HX-Request"))
    noun = request.GET.get("in", "")
    nouns = (noun,) if noun in queries.NOUNS else queries.NOUNS
    limit = queries.SHOWN if is_palette else ON_A_PAGE
    found = queries.find(member, request.GET.get("q", ""), limit=limit, nouns=nouns)
    context = {
        "q": found.asked.text,
        "words": found.asked.marked,
        "noun": noun,
        "nouns": [(name, LABELS[name]) for name in queries.NOUNS],
        "sections": sections_of(found) if found.asked.is_enough else _recent(request, member),
        "is_enough": found.asked.is_enough,
        "told": _told(found) if found.asked.is_enough else "",
        "hint": hint(found.asked) if found.asked.is_enough and not found.count else "",
        "ways": ways_out(found.asked) if not found.count else [],
        "all": f"{reverse('find')}?{urlencode({'q': found.asked.text})}",
    }
    return render(request, "find/_options.html" if is_palette else "find/index.html", context)


def _recent(request: HttpRequest, member: Member) -> list[Section]:
    """What this browser says was open last, as far as the member may see it; else their own cases."""
    named = [ref.split(":", 1) for ref in request.GET.get("recent", "")[:2_000].split(",")]
    rows = queries.recent(member, [(ref[0], ref[1]) for ref in named if len(ref) == 2])
    return [Section(_("Lately"), "", [line_of(row) for _noun, row in rows])] if rows else []


def _told(found: queries.Found) -> str:
    """The number of results, for those who hear the page."""
    if not found.count:
        return _("Nothing found.")
    more = any(group.more for group in found.groups)
    said = ngettext("{n} result", "{n} results", found.count) if not more else _("{n} results, and more")
    return said.format(n=found.count)


def hint(asked: Asked) -> str:
    """Why nothing may have been found, in a sentence."""
    if asked.wrong_digit:
        return _("The check digit of {number} does not fit: one of its digits is mistyped.").format(number=asked.text)
    if len(asked.words) > 1:
        return _("Every word has to be there. Fewer words, or only their beginnings, find more.")
    return _("Accents and capitals do not matter, and the beginning of a word is enough.")


def ways_out(asked: Asked) -> list[dict[str, Any]]:
    """What else can be done with what was typed."""
    if not asked.is_enough:
        return []
    log = {
        "url": f"{reverse('act', args=['cases.log_contact'])}?{urlencode({'subject': asked.text})}",
        "label": _("Log a contact about “{text}”").format(text=asked.text),
        "icon": "phone-incoming",
    }
    new = {
        "url": f"{reverse('act', args=['customers.add'])}?{urlencode({'name': asked.text})}",
        "label": _("New customer “{text}”").format(text=asked.text),
        "icon": "building-2",
    }
    return [log] if asked.keys else [log, new]


@require_GET
def pick(request: HttpRequest, noun: str) -> HttpResponse:
    """The choices of a picker; where a chosen customer has none by that name, everybody's, unless only theirs will do."""
    if noun not in PICKED:
        raise Http404
    member: Member = request.user  # type: ignore[assignment]
    text = request.GET.get("q", "")
    customer = row_id(request.GET.get("customer"))
    rows = suggest(member, noun, text, customer)
    if not rows and text.strip() and customer is not None and "only" not in request.GET:
        rows = suggest(member, noun, text)
    asked = read(text)
    context = {
        "choices": [(line_of(row), shown(row)) for row in rows],
        "words": asked.marked,
        "q": asked.text,
        "narrowed": customer is not None,
        "told": ngettext("{n} result", "{n} results", len(rows)).format(n=len(rows)) if rows else _("Nothing found."),
    }
    return render(request, "find/_picks.html", context)


urlpatterns = [path("find/", index, name="find"), path("find/<str:noun>/", pick, name="find-pick")]
