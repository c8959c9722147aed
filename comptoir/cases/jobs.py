"""Making the reports that are due."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from comptoir.cases.actions import reports
from comptoir.cases.models import ReportRun, ReportSchedule
from comptoir.customers.models import Customer
from comptoir.fulfilment import open_report
from comptoir.lib import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@app.task(name="cases.send_report", queue="papers", retry=RetryStrategy(max_attempts=4, wait=20))
def send_report(run_id: int) -> None:
    """Make a report as it stands now and hand it to the mail; done again it does nothing."""
    run = ReportRun.objects.select_related("schedule__customer").filter(pk=run_id).first()
    if run is not None and run.state == ReportRun.State.DUE:
        reports.send(run_id, files_of(run.schedule.customer, run.schedule.form))


def files_of(customer: Customer, form: str) -> list[reports.Made]:
    """The report's files: name, type and bytes."""
    name, found = f"open-orders-{customer.number}-{clock.today():%Y-%m-%d}", []
    if form in (ReportSchedule.Form.PDF, ReportSchedule.Form.BOTH):
        found.append((f"{name}.pdf", "application/pdf", open_report.as_pdf(customer, seller())))
    if form in (ReportSchedule.Form.XLSX, ReportSchedule.Form.BOTH):
        found.append((f"{name}.xlsx", XLSX, open_report.as_workbook(customer)))
    return found


def seller() -> str:
    """How we are called on papers."""
    from comptoir.catalog.models import Site

    site = Site.objects.order_by("pk").first()
    return (site.company or site.name) if site else ""
