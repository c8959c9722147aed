"""Pictures and sheets of products: taken in, and handed out so that nothing in them runs."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from comptoir.actions import ActionError, Denied
from comptoir.catalog.actions import add_file
from comptoir.catalog.models import Product, ProductFile
from comptoir.people.models import Member
from comptoir.web.downloads import as_pdf, shown_picture
from comptoir.web.products import page
from comptoir.web.uploads import sent

Kind = ProductFile.Kind


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a picture or a sheet to a product: what it is, its bytes say."""
    member: Member = request.user  # type: ignore[assignment]
    product = Product.objects.visible_to(member).filter(pk=pk).first()
    if product is None:
        raise Http404
    try:
        file = sent(request)
        kind = Kind.PICTURE if file.is_picture else Kind.SHEET
        add_file(product, by=member, kind=kind, data=file.data, name=file.name)
    except Denied as denied:
        return page(request, product, refused=denied.sentence, status=403)
    except ActionError as error:
        return page(request, product, refused=error.sentence, status=422)
    return HttpResponseRedirect(product.get_absolute_url())


@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture to look at, a sheet to save."""
    row = ProductFile.objects.visible_to(request.user).select_related("file").filter(pk=pk).first()
    if row is None:
        raise Http404
    if row.kind == Kind.PICTURE:
        return shown_picture(row.file.read())
    return as_pdf(row.file.read(), row.name)


urlpatterns = [
    path("product-files/<int:pk>/", show, name="product-file"),
    path("product-files/add/<int:pk>/", add, name="product-file-add"),
]
