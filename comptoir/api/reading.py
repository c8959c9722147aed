"""Reading rows: filters by name, pages after a key, one row by its number or id; everything through `visible_to`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from comptoir.actions.scopes import NOUNS
from comptoir.api import references
from comptoir.api.problems import Problem
from comptoir.api.shapes import Schema, as_json
from comptoir.events.models import Event, EventSubject
from comptoir.lib.numbers import row_id
from comptoir.people.models import Member

Rows = models.QuerySet[Any]
PAGE, MOST = 50, 200
OVERLAP = timedelta(seconds=5)
PAGING: dict[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE},
    "after": {
        "type": "integer",
        "minimum": 1,
        "maximum": 10**18 - 1,
        "description": "The id after which the page begins, as «next» has it.",
    },
    "order": {"enum": ["oldest", "newest"], "default": "oldest"},
}
SINCE: Schema = {"type": "string", "format": "date-time", "description": "Only rows something happened to since then."}


class Unreadable(ValueError):
    """A value of a filter that cannot be one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter: what it takes, how it is read, and what it lets through."""

    schema: Schema
    read: Callable[[str], Any]
    narrow: Callable[[Rows, Any, Member], Rows]


@dataclass(frozen=True)
class Reader:
    """How the rows of a noun are read: their scope, shape and filters; `full` is the shape of one row read alone."""

    noun: str
    scope: str
    title: str
    model: type[models.Model]
    shape: type
    shapes: Callable[[Member, Sequence[Any]], Sequence[Any]]
    rows: Callable[[Rows], Rows] = lambda rows: rows
    filters: Mapping[str, Filter] = field(default_factory=dict)
    full: type | None = None
    full_shape: Callable[[Member, Any], Any] | None = None
    is_told: bool = True  # whether the journal says when something happened to a row

    def visible(self, member: Member) -> Rows:
        """The rows a member may read."""
        rows: Any = self.model._default_manager
        return self.rows(rows.visible_to(member))


READERS: dict[str, Reader] = {}


def reader(made: Reader) -> Reader:
    """Register a reader."""
    assert made.scope in NOUNS, f"{made.noun}: name its scope in actions.scopes.NOUNS."
    READERS[made.noun] = made
    return made


def one_of(name: str, values: Sequence[str]) -> Filter:
    """Rows whose column has one of the values."""

    def read(text: str) -> str:
        if text not in values:
            raise Unreadable(_("One of these is expected: {values}").format(values=", ".join(values)))
        return text

    return Filter({"enum": list(values)}, read, lambda rows, value, member: rows.filter(**{name: value}))


def of_row(name: str, model: type[models.Model]) -> Filter:
    """Rows of one other row, named by its number or id; of one that is not there, or not to be seen, there are none."""

    def narrow(rows: Rows, value: str, member: Member) -> Rows:
        others: Any = model._default_manager
        found = references.find(others.visible_to(member), value)
        return rows.filter(**{name: found}) if found is not None else rows.none()

    told = f"{model._meta.verbose_name}, by its {references.natural_key(model)} or id".capitalize()
    return Filter({"type": "string", "description": told}, str, narrow)


def text_in(*names: str) -> Filter:
    """Rows of which one of the columns is exactly the text."""

    def narrow(rows: Rows, value: str, member: Member) -> Rows:
        wanted = models.Q()
        for name in names:
            wanted |= models.Q(**{name: value})
        return rows.filter(wanted)

    return Filter({"type": "string"}, str, narrow)


def day(lookup: str) -> Filter:
    """Rows by a day."""
    return Filter(
        {"type": "string", "format": "date"}, _day, lambda rows, value, member: rows.filter(**{lookup: value})
    )


def moment(lookup: str) -> Filter:
    """Rows by a moment."""
    schema = {"type": "string", "format": "date-time"}
    return Filter(schema, _moment, lambda rows, value, member: rows.filter(**{lookup: value}))


def _day(text: str) -> Any:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise Unreadable(_("A day is expected, such as 2026-11-25."))
    return found


def _moment(text: str) -> datetime:
    """An ISO moment; without a zone, in the desk's own. A + that became a space is one again."""
    try:
        found = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        if found is None:
            raise ValueError
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(_("A moment is expected, such as 2026-11-25T08:00:00Z.")) from None


def listing(found: Reader, member: Member, given: Mapping[str, str]) -> dict[str, Any]:
    """One page: its rows, where the next begins, and from when on to ask for what happens after this."""
    as_of = _as_of() if found.is_told else None
    wanted = _read(found, given)
    limit, rows = wanted.pop("limit", PAGE), found.visible(member)
    newest, after, since = (
        wanted.pop("order", "") == "newest",
        wanted.pop("after", None),
        wanted.pop("updated_since", None),
    )
    for name, value in wanted.items():
        rows = found.filters[name].narrow(rows, value, member)
    if since is not None:
        rows = rows.filter(pk__in=_touched(found.model, since))
    if after is not None:
        rows = rows.filter(pk__lt=after) if newest else rows.filter(pk__gt=after)
    page = list(rows.order_by("-pk" if newest else "pk")[: limit + 1])
    more, page = page[limit:], page[:limit]
    return {
        "data": [as_json(one) for one in found.shapes(member, page)],
        "next": page[-1].pk if more else None, "as_of": as_json(as_of),
    }  # fmt: skip


def single(found: Reader, member: Member, named: str) -> Any:
    """One row in full; Problem when there is none the member may see."""
    row = references.find(found.visible(member), named)
    if row is None:
        raise Problem("not-found", _("There is no {named} that you may see.").format(named=named))
    return shown(found, member, row)


def shown(found: Reader, member: Member, row: Any) -> Any:
    """A row in full."""
    shape = found.full_shape(member, row) if found.full_shape else found.shapes(member, [row])[0]
    return as_json(shape)


def row_shown(member: Member, row: models.Model) -> Any:
    """A row in full where there is a reader of its kind and the member may see it."""
    found = reader_of(row)
    seen = found.visible(member).filter(pk=row.pk).first() if found else None
    return shown(found, member, seen) if found and seen is not None else None


def reader_of(row: object) -> Reader | None:
    """The reader of a row's kind."""
    return next((one for one in READERS.values() if isinstance(row, one.model)), None)


def reader_named(noun: str) -> Reader:
    """The reader of a noun; Problem when there is none."""
    if noun not in READERS:
        raise Problem("not-found", _("There is nothing called {noun} to be read.").format(noun=noun))
    return READERS[noun]


def _read(found: Reader, given: Mapping[str, str]) -> dict[str, Any]:
    """The query's values by name; Problem with every one that cannot be read."""
    wanted, errors = {}, {}
    for name, text in given.items():
        try:
            wanted[name] = _value(found, name, text)
        except Unreadable as error:
            errors[name] = [str(error)]
    if errors:
        raise Problem("input", errors=errors)
    return wanted


def _value(found: Reader, name: str, text: str) -> Any:
    if name in found.filters:
        return found.filters[name].read(text)
    if name == "updated_since" and found.is_told:
        return _moment(text)
    if name == "order" and text in ("oldest", "newest"):
        return text
    number = row_id(text)
    if name == "after" and number:
        return number
    if name == "limit" and number and number <= MOST:
        return number
    known = {*found.filters, *PAGING, *(["updated_since"] if found.is_told else [])}
    if name in known:
        raise Unreadable(_("«{text}» cannot be used here.").format(text=text[:80]))
    raise Unreadable(_("There is no such filter; these are: {names}").format(names=", ".join(sorted(known))))


def _touched(model: type[models.Model], since: datetime) -> Any:
    """The ids of rows that events written since then are about."""
    events = Event.objects.filter(recorded_at__gte=since).values("pk")
    rows: Any = EventSubject.objects.filter(noun=model._meta.model_name, event_id__in=events)
    return rows.values("object_id")


def _as_of() -> datetime:
    """The moment up to which everything written can be seen: nothing that began earlier is still under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT least(now(), min(xact_start)) FROM pg_stat_activity WHERE datname = current_database()")
        began: datetime = cursor.fetchone()[0]
    return began - OVERLAP
