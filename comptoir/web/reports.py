"""A customer's open-order report: at once as a file, and by mail again and again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comptoir.cases.jobs import files_of
from comptoir.cases.models import ReportRun, ReportSchedule
from comptoir.customers.models import Customer
from comptoir.web.downloads import download

SHOWN = 5


def customer_or_404(request: HttpRequest, number: str) -> Customer:
    """The customer with a number, if the member may see it."""
    customer: Customer | None = Customer.objects.visible_to(request.user).filter(number=number).first()
    if customer is None:
        raise Http404
    return customer


@require_GET
def open_orders(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The report as it stands now, in the customer's language."""
    customer = customer_or_404(request, number)
    if form not in (ReportSchedule.Form.PDF, ReportSchedule.Form.XLSX):
        raise Http404
    name, kind, data = files_of(customer, form)[0]
    return download(data, name, kind)


@require_GET
def reports(request: HttpRequest, number: str) -> HttpResponse:
    """The reports a customer gets by mail, and what became of the last ones."""
    customer = customer_or_404(request, number)
    schedules = ReportSchedule.objects.visible_to(request.user).filter(customer=customer, is_active=True)
    runs = ReportRun.objects.filter(schedule__customer=customer).select_related("message__case").order_by("-at")
    context = {
        "customer": customer,
        "schedules": schedules.prefetch_related("contacts").order_by("pk"),
        "runs": runs[:SHOWN],
    }
    template = "customer/_reports.html" if request.headers.get("HX-Request") else "customer/reports.html"
    return render(request, template, context)


urlpatterns = [
    path("customers/<str:number>/open-orders.<str:form>", open_orders, name="customer-open-orders"),
    path("customers/<str:number>/reports/", reports, name="customer-reports"),
]
