"""When the customer hears from us next."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from comptoir.cases.models import Case, UpdateRule
from comptoir.catalog.queries import home
from comptoir.lib.calendar import is_business_day

HOURS = {"low": 48, "normal": 24, "high": 8, "urgent": 2}


def next_update(case: Case, start: datetime) -> datetime:
    """The moment by which the customer hears from us, by type and priority; moved past days nobody works."""
    rules = {r.type: r.hours for r in UpdateRule.objects.filter(type__in=("", case.type), priority=case.priority)}
    hours = rules.get(case.type, rules.get("", HOURS[case.priority]))
    return past_closed_days(start + timedelta(hours=hours))


def past_closed_days(moment: datetime) -> datetime:
    """The moment, or the same hour of the next day somebody works."""
    site = home()
    local = moment.astimezone(ZoneInfo(site.time_zone if site else settings.TIME_ZONE))
    while not is_business_day(local.date(), site.country if site else settings.COUNTRY):
        local += timedelta(days=1)
    return local
