"""When things of a thread were said: within the time that its order allows, in working hours."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from random import Random

from comptoir.demo.cast import HOME, Window
from comptoir.demo.script import Thread
from comptoir.lib.calendar import is_business_day

# How long ago the last message of a case came, in hours of days on which somebody works: at most, at least.
AGE = {
    "new": (26, 0.3),
    "open": (62, 0.4),
    "waiting": (110, 3),
    "resolved": (330, 6),
    "closed": (7_400, 342),
    "spam": (400, 2),
}


def anywhere(thread: Thread, now: datetime, random: Random) -> list[datetime]:
    """Moments for a thread that is about no order."""
    most, least = AGE[thread.state]
    return _told_backwards(thread, ago(random.uniform(least, most), now), now, random)


def within(thread: Thread, window: Window, now: datetime, random: Random) -> list[datetime] | None:
    """Moments that begin within the window and end as long ago as the state says; None where there are none."""
    most, least = AGE[thread.state]
    span = timedelta(hours=1.2 * sum(say.after for say in thread.says))
    earliest = max(window.begin + span, ago(most, now))
    latest = min(window.end + span, ago(least, now))
    if earliest >= latest:
        return None
    told = _told_backwards(thread, earliest + (latest - earliest) * random.random(), now, random)
    answered = [moment for say, moment in zip(thread.says, told, strict=True) if say.who == "us"]
    is_in = window.begin <= told[0] <= window.end and told[-1] >= ago(most * 2, now)
    is_in_time = thread.needs != "late" or not answered or answered[-1] <= window.end
    return told if is_in and is_in_time else None


def _told_backwards(thread: Thread, last: datetime, now: datetime, random: Random) -> list[datetime]:
    moments = [worked(last, now)]
    for say in reversed(thread.says[1:]):
        pause = timedelta(hours=say.after * random.uniform(0.8, 1.2), minutes=random.randint(1, 9))
        moments.append(worked(moments[-1] - pause, moments[-1] - timedelta(minutes=2)))
    return moments[::-1]


@lru_cache(maxsize=64)
def ago(hours: float, now: datetime) -> datetime:
    """The moment so many hours ago, days on which nobody works left out."""
    moment, left = worked(now, now), timedelta(hours=hours)
    while left > timedelta(0):
        step = min(left, timedelta(days=1))
        moment, left = moment - step, left - step
        while not is_business_day(moment.astimezone(HOME).date(), "BE"):
            moment -= timedelta(days=1)
    return moment


def worked(moment: datetime, latest: datetime) -> datetime:
    """The moment, moved back into working hours; never after `latest`."""
    local = min(moment, latest).astimezone(HOME)
    while not is_business_day(local.date(), "BE"):
        local -= timedelta(days=1)
    if not 7 <= local.hour < 19:
        day = local.date() if local.hour >= 19 else local.date() - timedelta(days=1)
        while not is_business_day(day, "BE"):
            day -= timedelta(days=1)
        local = datetime.combine(day, time(9 + local.hour % 8, local.minute, local.second), HOME)
    return local.astimezone(moment.tzinfo)
