"""Pictures and sheets of products: taken in, and handed out so that nothing in them runs."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comptoir.actions import ActionError, Denied
from comptoir.catalog.actions import add_file
from comptoir.catalog.models import Product, ProductFile
from comptoir.lib import pictures
from comptoir.people.models import Member
from comptoir.web.downloads import download, shown_picture
from comptoir.web.products import page

Kind = ProductFile.Kind
MOST_BYTES = 20 << 20
WHY = {
    "size": lambda: _("A picture has at most {n} MB.").format(n=pictures.MOST_BYTES >> 20),
    "pixels": lambda: _("A picture has at most {n} million pixels.").format(n=pictures.MOST_PIXELS // 1_000_000),
    "type": lambda: _("A picture is a JPEG, PNG or WebP, a data sheet a PDF: this file is none of them."),
}


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a picture or a sheet to a product: what it is, its bytes say."""
    member: Member = request.user  # type: ignore[assignment]
    product = Product.objects.visible_to(member).filter(pk=pk).first()
    if product is None:
        raise Http404
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > MOST_BYTES:
        told = _("Choose a file first.") if sent is None else _("The file is larger than {n} MB.").format(n=20)
        return page(request, product, refused=told, status=422)
    try:
        kind, data = _read(sent.read())
        add_file(product, by=member, kind=kind, data=data, name=sent.name or "")
    except Denied as denied:
        return page(request, product, refused=denied.sentence, status=403)
    except ActionError as error:
        return page(request, product, refused=error.sentence, status=422)
    return HttpResponseRedirect(product.get_absolute_url())


def _read(data: bytes) -> tuple[ProductFile.Kind, bytes]:
    """A sheet as it came, a picture drawn anew."""
    if data.startswith(b"%PDF-"):
        return Kind.SHEET, data
    try:
        return Kind.PICTURE, pictures.redrawn(data)
    except pictures.NotAPicture as refused:
        raise ActionError(WHY[refused.why]()) from refused


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture to look at, a sheet to save."""
    row = ProductFile.objects.visible_to(request.user).select_related("file").filter(pk=pk).first()
    if row is None:
        raise Http404
    if row.kind == Kind.PICTURE:
        return shown_picture(row.file.read())
    name = row.name if row.name.lower().endswith(".pdf") else f"{row.name}.pdf"
    return download(row.file.read(), name, "application/pdf")


urlpatterns = [
    path("product-files/<int:pk>/", show, name="product-file"),
    path("product-files/add/<int:pk>/", add, name="product-file-add"),
]
