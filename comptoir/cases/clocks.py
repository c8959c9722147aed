"""When the customer hears from us next."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from comptoir.cases.models import Case, UpdateRule
from comptoir.catalog.queries import home
from comptoir.lib.calendar import Opening, add_open_time, is_business_day

HOURS = {"low": 18, "normal": 9, "high": 4, "urgent": 1}  # in which the desk is open


def next_update(case: Case, start: datetime) -> datetime:
    """The moment by which the customer hears from us, by type and priority: so many hours in which the desk is open later."""
    rules = {r.type: r.hours for r in UpdateRule.objects.filter(type__in=("", case.type), priority=case.priority)}
    hours = rules.get(case.type, rules.get("", HOURS[case.priority]))
    return open_hours_after(start, hours)


def opening() -> Opening:
    """When the desk is open: on the working days and in the hours of our first site (one query)."""
    site = home()
    if site is None:
        return Opening(settings.COUNTRY, settings.TIME_ZONE, time(8), time(17))
    return Opening(site.country, site.time_zone, site.opens_at, site.closes_at)


def open_hours_after(start: datetime, hours: float) -> datetime:
    """The moment by which so many hours have passed in which the desk is open."""
    return add_open_time(start, timedelta(hours=hours), opening())


def past_closed_days(moment: datetime) -> datetime:
    """The moment, or the same hour of the next day somebody works."""
    site = home()
    local = moment.astimezone(ZoneInfo(site.time_zone if site else settings.TIME_ZONE))
    while not is_business_day(local.date(), site.country if site else settings.COUNTRY):
        local += timedelta(days=1)
    return local
