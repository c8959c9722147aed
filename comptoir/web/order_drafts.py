"""What is typed into an order is kept at once, and the answer says what stands against it; rows are read from texts and files."""

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comptoir.actions import ActionError
from comptoir.catalog import book, sheet
from comptoir.catalog import queries as catalog
from comptoir.catalog.taxes import taxed
from comptoir.customers.models import Address, Customer
from comptoir.lib import clock
from comptoir.lib.numbers import row_id
from comptoir.orders import guards, pasted, queries, typed
from comptoir.orders.actions import drafts
from comptoir.orders.guards import Checked, Wanted
from comptoir.orders.models import OrderDraft
from comptoir.orders.typed import Typed
from comptoir.people.models import Member
from comptoir.web.entry_form import COLUMNS, case_of, customer_or_404, fields_of, rows_of

MOST_TEXT = 100_000


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the form as it stands; what it comes to and what stands against it."""
    customer, member = customer_or_404(request), _member(request)
    fields, rows = fields_of(request), [line for line in rows_of(request) if not line.is_empty]
    case = case_of(request, fields["case"])
    cells = [{name: getattr(line, name) for name in COLUMNS} for line in rows]
    if not {"quote", "document"} & request.POST.keys():  # these keep what they hold by themselves
        drafts.keep(customer, by=member, fields=fields, rows=cells, case_id=case.pk if case else None)
    return render(request, "order/_guards.html", guards_of(customer, fields, rows))


def guards_of(customer: Customer, fields: dict[str, str], rows: list[Typed]) -> dict[str, Any]:
    """What the fragment shows: the value, the credit, the VAT, and what holds or stops the order."""
    read = typed.read_each(customer, rows)
    wanted = [Wanted(x.found.product, x.amount, x.price, x.agreement) for x in read if x.found and x.amount]
    place = place_of(customer, fields["ship_to"]) if wanted else None
    checked: Checked | None = guards.check(customer, place.country, wanted) if place else None
    site = catalog.home() if place else None
    tax = taxed(customer, place.country, site, clock.today()) if place and site else None
    twin = queries.twin_of(customer, fields["po_number"])
    return {"customer": customer, "checked": checked, "tax": tax, "twin": twin}


def place_of(customer: Customer, chosen: str | None) -> Address | None:
    """The address chosen in the form, else the first one."""
    rows = customer.addresses.order_by("pk")
    found: Address | None = rows.filter(pk=row_id(chosen)).first()
    return found or rows.first()


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """The rows that a pasted text or a file says."""
    customer = customer_or_404(request)
    try:
        taken = _taken(request, customer)
    except ActionError as error:
        return _told(HttpResponse(status=422), error.sentence)
    rows = typed.read_each(customer, taken.lines)
    told = ngettext("{n} line was read.", "{n} lines were read.", len(rows)).format(n=len(rows))
    if taken.passed:
        told += " " + ngettext("{n} was passed over.", "{n} were passed over.", taken.passed).format(n=taken.passed)
    return _told(render(request, "order/_read.html", {"customer": customer, "lines": rows}), told)


def _taken(request: HttpRequest, customer: Customer) -> pasted.Taken:
    file = request.FILES.get("file")
    if file is None:
        return pasted.read_text(customer, request.POST.get("text", "")[:MOST_TEXT])
    if file.size is None or file.size > sheet.MOST_BYTES:
        raise ActionError(_("The file is larger than {n} MB.").format(n=sheet.MOST_BYTES // 1_000_000))
    return pasted.read_file(customer, book.read(file.read())[:MOST_TEXT])


def _told(response: HttpResponse, sentence: str) -> HttpResponse:
    response.headers["X-Told"] = quote(sentence)
    return response


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft away; the page says so and offers to bring it back."""
    draft = _draft(request, pk)
    drafts.discard(draft)
    return HttpResponseRedirect(f"{reverse('order-new')}?customer={draft.customer.number}&discarded={draft.pk}")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a discarded draft back."""
    draft = _draft(request, pk)
    if draft.discarded_at is not None:
        try:
            drafts.restore(draft)
        except ActionError:
            return HttpResponseRedirect(draft.get_absolute_url())
    return HttpResponseRedirect(draft.get_absolute_url())


def _draft(request: HttpRequest, pk: int) -> OrderDraft:
    rows: Any = OrderDraft.objects
    draft: OrderDraft | None = (
        rows.visible_to(request.user).filter(order=None).select_related("customer").filter(pk=pk).first()
    )
    if draft is None:
        raise Http404
    return draft


def _member(request: HttpRequest) -> Member:
    return request.user  # type: ignore[return-value]


urlpatterns = [
    path("orders/new/keep/", keep, name="order-keep"),
    path("orders/new/read/", read, name="order-read"),
    path("orders/new/discard/<int:pk>/", discard, name="order-draft-discard"),
    path("orders/new/restore/<int:pk>/", restore, name="order-draft-restore"),
]
