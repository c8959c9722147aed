"""Documents that customers order by: received, looked at beside the grid, placed; layouts; accuracy; the truth diff."""

import json
import secrets
from dataclasses import replace
from typing import Any

from django.db.models import Count, Func, IntegerField
from django.db.models.fields.json import KT, KeyTransform
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from comptoir.actions import ActionError, perform
from comptoir.cases.models import Case
from comptoir.customers.models import Customer
from comptoir.customers.queries import alerts_of
from comptoir.lib.documents import Unreadable
from comptoir.lib.documents.neutral import MOST_BYTES
from comptoir.lib.text import fold
from comptoir.orders import matching, typed
from comptoir.orders.actions.documents import receive
from comptoir.orders.extract.layout import Layout, layout_from
from comptoir.orders.inbound import Inbound
from comptoir.orders.models import InboundDocument, LayoutTemplate, ToleranceRule
from comptoir.orders.reading import picture_of
from comptoir.orders.truth import tolerances_of
from comptoir.orders.typed import Typed
from comptoir.people.models import Member
from comptoir.web.downloads import download
from comptoir.web.entry_form import customer_or_404, fields_of, rows_of
from comptoir.web.order_drafts import guards_of
from comptoir.web.order_entry import ROWS

FIELDS = {
    "po_number": gettext_lazy("Customer PO"), "po_date": gettext_lazy("PO date"), "requested_on": gettext_lazy("Requested"),
    "part": gettext_lazy("Part"), "quantity": gettext_lazy("Quantity"), "unit_price": gettext_lazy("Price"),
    "description": gettext_lazy("Description"), "unit": gettext_lazy("Unit"),
    "discount": gettext_lazy("Discount"),
}  # fmt: skip
TABS = {
    "waiting": ("received", "parsed", "matched", "error"),
    "entered": ("processed",),
    "aside": ("duplicate", "rejected"),
}


def document_or_404(request: HttpRequest, pk: int) -> InboundDocument:
    """A document the member may see."""
    rows = InboundDocument.objects.visible_to(request.user).select_related(
        "customer", "file", "order", "twin", "template"
    )
    document: InboundDocument | None = rows.filter(pk=pk).first()
    if document is None:
        raise Http404
    return document


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The documents that wait, and the form that takes one in."""
    if request.method == "GET":
        return _list(request)
    sent = request.FILES.get("file")
    customer, refused = _named(request)
    if sent is None:
        refused = _("Choose a file first.")
    elif (sent.size or 0) > MOST_BYTES:
        refused = _("The file is larger than {n} MB.").format(n=MOST_BYTES // 1_000_000)
    if refused or sent is None:
        return _list(request, refused)
    try:
        made = receive(sent.read(), sent.name or "", by=request.user, customer=customer)  # type: ignore[arg-type]
    except ActionError as error:
        return _list(request, error.sentence)
    return HttpResponseRedirect(made.get_absolute_url())


def _named(request: HttpRequest) -> tuple[Customer | None, str]:
    """The customer that the form names by number or whole name; none is no error, for the document may say it."""
    text = request.POST.get("customer", "").strip()[:120]
    if not text:
        return None, ""
    rows = Customer.objects.visible_to(request.user)
    found = rows.filter(number__iexact=text).first() or rows.filter(sort_key=fold(text)).first()
    return found, "" if found else _("There is no customer «{text}».").format(text=text)


def _list(request: HttpRequest, refused: str = "") -> HttpResponse:
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "waiting"
    seen = InboundDocument.objects.visible_to(request.user).told()
    counts = dict(seen.values_list("state").annotate(n=Count("pk")))
    lines = Func(KeyTransform("lines", "neutral"), function="jsonb_array_length", output_field=IntegerField())
    rows = seen.filter(state__in=TABS[tab]).annotate(po=KT("neutral__header__po_number__text"), lines_read=lines)
    rows = rows.select_related("customer", "order", "by").defer("words", "neutral").order_by("-received_at")[:100]
    labels = {"waiting": _("To do"), "entered": _("Entered"), "aside": _("Set aside")}
    told = [(name, labels[name], sum(counts.get(state, 0) for state in states)) for name, states in TABS.items()]
    context = {
        "documents": rows, "tab": tab, "refused": refused,
        "tabs": told, "customer": request.POST.get("customer", "") or request.GET.get("customer", ""),
    }  # fmt: skip
    return render(request, "document/list.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A document beside the grid it fills; posted, the order it asks for."""
    document = document_or_404(request, pk)
    if request.method == "GET" or (not document.is_waiting and document.state != "duplicate"):
        return _look(request, document)
    customer = document.customer or customer_or_404(request)
    lines = typed.read_each(customer, [line for line in rows_of(request) if not line.is_empty])
    if not lines or any(line.errors for line in lines):
        return _look(request, document, lines, status=422, is_none=not lines)
    return _place(request, document, customer, lines)


def _place(request: HttpRequest, document: InboundDocument, customer: Customer, lines: list[Typed]) -> HttpResponse:
    member: Member = request.user  # type: ignore[assignment]
    inputs: dict[str, Any] = {name: value for name, value in fields_of(request).items() if name != "case"}
    inputs |= {"customer": customer.pk, "lines": json.dumps([line.as_input for line in lines])}
    try:
        outcome = perform(
            "orders.enter_document", by=member, subject=document, inputs=inputs, key=request.POST.get("_key", "")
        )
    except ActionError as error:
        return _look(request, document, lines, error.sentence, 422)
    url = outcome.result.get_absolute_url() if outcome.result else "/approvals/"
    return HttpResponseRedirect(f"{url}truth/" if outcome.result else url)


def _look(
    request: HttpRequest, document: InboundDocument, lines: list[Typed] | None = None, refused: str = "", status: int = 200,
    is_none: bool = False,
) -> HttpResponse:  # fmt: skip
    customer, inbound = document.customer, document.read
    context: dict[str, Any] = {
        "document": document,
        "refused": refused,
        "none": is_none,
    }
    context |= {"pages": pages_of(document, inbound), "inbound": inbound, "total_is_off": "total" in inbound.problems}
    cases: Any = Case.objects
    context["case"] = cases.visible_to(request.user).filter(pk=document.case_id).first() if document.case_id else None
    if customer is not None and (document.is_waiting or document.state == "duplicate"):
        context |= _grid(request, document, customer, inbound, lines)
    return render(request, "document/show.html", context, status=status)


def _grid(
    request: HttpRequest, document: InboundDocument, customer: Customer, inbound: Inbound, lines: list[Typed] | None
) -> dict[str, Any]:
    layout = layout_from(document.template.rules) if document.template else Layout()
    if lines is None:
        lines = matching.grid(customer, inbound, layout)
    place = matching.ship_to_of(customer, inbound.said("ship_to"), layout)
    addresses = list(customer.addresses.order_by("pk"))
    first = place or next((a for a in addresses if "ship_to" in a.roles), addresses[0] if addresses else None)
    given = {
        "po_number": inbound.said("po_number")[:60],
        "po_date": inbound.said("po_date"),
        "contact": _writer(document),
    }
    given |= {"all_the_same": "", "ship_to": str(first.pk) if first else ""}
    if request.method == "POST":
        given = fields_of(request)
    return {
        "theirs_in": inbound.said("currency") or customer.currency,
        "customer": customer, "lines": lines + [Typed() for _row in range(1 if lines else ROWS)], "blank": Typed(),
        "wrong": any(line.errors for line in lines), "addresses": addresses, "given": given,
        "contacts": customer.contacts.filter(is_active=True).order_by("name"), "alerts": list(alerts_of(customer)),
        "ship_to": given["ship_to"], "address_unknown": inbound.said("ship_to") if place is None else "",
        "key": secrets.token_hex(12), "filled": sum(1 for line in lines if line.part),
        **guards_of(customer, given, [replace(line, errors=[]) for line in lines if line.part]),
    }  # fmt: skip


def _writer(document: InboundDocument) -> str:
    """The contact of the case that the document came in with."""
    case = Case.objects.filter(pk=document.case_id).first() if document.case_id else None
    return str(case.contact_id) if case and case.contact_id and case.customer_id == document.customer_id else ""


def pages_of(document: InboundDocument, inbound: Inbound) -> list[dict[str, Any]]:
    """Each page as it is drawn: its picture or its words, and the places of what was read."""
    sizes = document.words.get("pages") or []
    marks: dict[int, list[dict[str, Any]]] = {}
    for field, value in inbound.header.items():
        _mark(marks, value.place, field, "")
    for number, line in enumerate(inbound.lines):
        for field, value in line.items():
            _mark(marks, value.place, field, str(number))
    words: dict[int, list[Any]] = {}
    if document.kind != "pdf":
        for text, page, x0, _top, x1, bottom in document.words.get("words") or []:
            words.setdefault(page, []).append((text, x0, round(bottom - 2.5, 1), round(x1 - x0, 1)))
    return [
        {
            "number": number, "width": width, "height": height, "words": words.get(number, []),
            "marks": [
                {**m, "x": round(m["x"] * width - 2, 1), "y": round(m["y"] * height - 2, 1), "w": round(m["w"] * width + 4, 1),
                 "h": round(m["h"] * height + 4, 1)}
                for m in marks.get(number, [])
            ],
        }
        for number, (width, height) in enumerate(sizes, 1)
    ]  # fmt: skip


def _mark(marks: dict[int, list[dict[str, Any]]], place: Any, field: str, line: str) -> None:
    if place:
        page, x0, top, x1, bottom = place
        marks.setdefault(page, []).append(
            {"field": field, "line": line, "x": x0, "y": top, "w": x1 - x0, "h": bottom - top}
        )


@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The document as it came."""
    document = document_or_404(request, pk)
    if document.file is None:
        raise Http404
    return download(document.file.read(), document.name, document.file.content_type)


@require_GET
def picture(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """A page of a PDF as a picture, drawn once by the child process."""
    document = document_or_404(request, pk)
    if document.file is None or document.kind != "pdf" or not 1 <= page <= len(document.words.get("pages") or []):
        raise Http404
    try:
        data = picture_of(document, page)
    except Unreadable:
        raise Http404 from None
    response = HttpResponse(data, content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _rules(layout: Layout, addresses: dict[int, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a layout was taught, in words: each rule with the texts it knows and what they mean."""
    meant = {"percent": _("in per cent"), "each": _("off the price of one"), "line": _("off the whole line")}
    known = {"dmy": _("day, month, year"), "mdy": _("month, day, year")}
    told: list[tuple[str, list[tuple[str, str]]]] = [
        (_("Labels"), [(text, str(FIELDS.get(name, name))) for name, text in layout.labels.items()]),
        (_("Columns"), [(text, str(FIELDS.get(name, name))) for name, text in layout.columns.items()]),
        (_("Heads of its table"), [(head, "") for head in layout.heads]),
        (_("Dates"), [(known.get(layout.days, layout.days), "")] if layout.days else []),
        (_("Discount"), [(meant.get(layout.discount, layout.discount), "")] if layout.discount else []),
        (_("Parts"), list(layout.parts.items())),
        (_("Addresses"), [(text, addresses.get(pk, "–")) for text, pk in layout.ship_to.items()]),
    ]
    return [(what, rules) for what, rules in told if rules]


@require_GET
def layouts(request: HttpRequest, number: str) -> HttpResponse:
    """What was learned of a customer's layouts, and the tolerances of their documents."""
    customer = Customer.objects.visible_to(request.user).filter(number=number).first()
    if customer is None:
        raise Http404
    rows = LayoutTemplate.objects.visible_to(request.user).filter(customer=customer).order_by("-learned_at")
    addresses = {address.pk: str(address) for address in customer.addresses.all()}
    limits = [(ToleranceRule.Field(name).label, *values) for name, values in tolerances_of(customer).limits.items()]
    context = {
        "customer": customer,
        "layouts": [(row, _rules(layout_from(row.rules), addresses)) for row in rows],
        "limits": limits,
    }
    return render(request, "document/layouts.html", context)


urlpatterns = [
    path("documents/", index, name="documents"),
    path("documents/<int:pk>/", show, name="document"),
    path("documents/<int:pk>/file/", file, name="document-file"),
    path("documents/<int:pk>/pages/<int:page>.png", picture, name="document-page"),
    path("customers/<str:number>/layouts/", layouts, name="layouts"),
]
