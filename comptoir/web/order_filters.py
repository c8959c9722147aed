"""The words of the order list's filters: read from an address, written into one, named one by one."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from comptoir.actions.fields import DayField
from comptoir.customers.models import Customer
from comptoir.lib import days
from comptoir.lib.numbers import number, row_id
from comptoir.lib.places import CURRENCIES, country_name
from comptoir.lib.said_days import counts_from_today
from comptoir.orders.filters import DATES, MARKS, SORTS, TABS, WITHIN, Filters
from comptoir.orders.models import Order, OrderHold

TAB_LABELS: Mapping[str, str | Promise] = {
    "open": gettext_lazy("Open"),
    "unconfirmed": gettext_lazy("Not confirmed"),
    "discrepant": gettext_lazy("Discrepant"),
    "unanswered": gettext_lazy("Without an answer"),
    "late": gettext_lazy("Late"),
    "risk": gettext_lazy("At risk"),
    "held": gettext_lazy("On hold"),
    "all": gettext_lazy("All"),
}
DATE_LABELS: Mapping[str, str | Promise] = {
    "promised": gettext_lazy("Promised"),
    "requested": gettext_lazy("Requested"),
    "ship_by": gettext_lazy("Ship by"),
    "placed": gettext_lazy("Placed"),
}
WITHIN_LABELS: Mapping[str, str | Promise] = {
    "past": gettext_lazy("before today"),
    "today": gettext_lazy("today"),
    "7": gettext_lazy("in the next 7 days"),
    "14": gettext_lazy("in the next 14 days"),
    "30": gettext_lazy("in the next 30 days"),
}
SORT_LABELS: Mapping[str, str | Promise] = {
    "due": gettext_lazy("What is due first"),
    "newest": gettext_lazy("Newest first"),
    "oldest": gettext_lazy("Oldest first"),
    "customer": gettext_lazy("Customer"),
    "value": gettext_lazy("Highest value"),
}


def filters_of(data: QueryDict) -> Filters:
    """What an address asks for; what cannot be read is left out."""
    get = data.get
    start, end, least, most = (get(name, "")[:40] for name in ("from", "to", "least", "most"))
    return Filters(
        tab=_one(get("tab"), TABS) or "open",
        states=_some(data, "state", Order.State.values),
        marks=_some(data, "mark", MARKS),
        holds=_some(data, "hold", OrderHold.Kind.values),
        customer=get("customer", "")[:20],
        owner=row_id(get("owner")),
        site=row_id(get("site")),
        country=get("country", "")[:2].upper(),
        product=get("product", "")[:40],
        text=get("q", "")[:80],
        dates=_one(get("dates"), DATES) or "promised",
        within=_one(get("within"), WITHIN),
        start=_read(_day, start),
        end=_read(_day, end),
        said_start=_kept(_day, start),
        said_end=_kept(_day, end),
        least=_read(number, least),
        most=_read(number, most),
        said_least=_kept(number, least),
        said_most=_kept(number, most),
        currency=_one(get("currency"), CURRENCIES),
        sort=_one(get("sort"), SORTS) or "due",
    )


def _one(value: str | None, known: Any) -> str:
    return value if value in known else ""  # type: ignore[return-value]


def _some(data: QueryDict, name: str, known: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in data.getlist(name) if value in known))


def _day(text: str) -> date | None:
    """The day that is said, None for nothing; ValueError with a sentence for what is none."""
    try:
        day: date | None = DayField(required=False).clean(text)
    except ValidationError as error:
        raise ValueError(error.messages[0]) from error
    return day


def _read(reader: Callable[[str], Any], text: str) -> Any:
    try:
        return reader(text)
    except ValueError:
        return None


def _kept(reader: Callable[[str], object], text: str) -> str:
    """The words that stay as they are: a day that counts from today, and what cannot be read."""
    counts = reader is _day and counts_from_today(text)
    return text.strip() if counts or _read(reader, text) is None else ""


def unread(filters: Filters) -> list[tuple[str, str]]:
    """What is said of each day and amount that could not be read, with the address that leaves it out."""
    days_said = {} if filters.within else {"from": filters.said_start, "to": filters.said_end}
    said: list[tuple[Callable[[str], object], str, str]] = [(_day, *one) for one in days_said.items()]
    said += [(number, "least", filters.said_least), (number, "most", filters.said_most)]
    found = []
    for reader, name, words in said:
        try:
            reader(words)
        except ValueError as error:
            found.append((str(error), address(filters, **{name: ""})))
    return found


def given(filters: Filters) -> dict[str, Any]:
    """What is set, by the names the address has for it."""
    dated = filters.within or filters.start or filters.end or filters.said_start or filters.said_end
    values: dict[str, Any] = {
        "tab": filters.tab, "q": filters.text, "state": filters.states, "mark": filters.marks, "hold": filters.holds,
        "customer": filters.customer, "owner": filters.owner, "site": filters.site, "country": filters.country,
        "product": filters.product, "dates": filters.dates if dated and filters.dates != "promised" else "",
        "within": filters.within, "from": "" if filters.within else filters.said_start or filters.start,
        "to": "" if filters.within else filters.said_end or filters.end,
        "least": filters.said_least or filters.least, "most": filters.said_most or filters.most,
        "currency": filters.currency, "sort": filters.sort if filters.sort != "due" else "",
    }  # fmt: skip
    return {name: value for name, value in values.items() if value or value == 0}


def in_form(filters: Filters) -> list[tuple[str, Any]]:
    """What the filters' fields would send, until somebody opens them."""
    values = {name: value for name, value in given(filters).items() if name not in ("tab", "q", "sort")}
    return [(name, one) for name, value in values.items() for one in (value if isinstance(value, tuple) else [value])]


def address(filters: Filters, **other: Any) -> str:
    """The list's address with these filters, or with others in their place; only what is set stands in it."""
    values = given(filters) | other
    query = urlencode({name: value for name, value in values.items() if value or value == 0}, doseq=True)
    return f"?{query}"


def chips(filters: Filters, customer: Customer | None, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each filter that is set, in words, with the address that leaves it out."""
    labels: list[tuple[str, str | Promise]] = [
        ("state", ", ".join(str(Order.State(state).label) for state in filters.states)),
        ("mark", ", ".join(str(TAB_LABELS[mark]) for mark in filters.marks)),
        ("hold", _("On hold: {kinds}").format(kinds=", ".join(str(OrderHold.Kind(k).label) for k in filters.holds))),
        ("customer", customer.name if customer else filters.customer),
        ("owner", names.get("owner", "")),
        ("site", names.get("site", "")),
        ("country", country_name(filters.country, get_language() or "en") if filters.country else ""),
        ("product", filters.product),
        ("currency", filters.currency),
    ]
    set_now = given(filters)
    found = [(str(label), address(filters, **{name: ""})) for name, label in labels if name in set_now and label]
    if dated := _dated(filters):
        found.append((dated, address(filters, **{"dates": "", "within": "", "from": "", "to": ""})))
    if filters.least is not None or filters.most is not None:
        found.append((_worth(filters), address(filters, least="", most="")))
    return found


def _dated(filters: Filters) -> str:
    what = DATE_LABELS[filters.dates]
    if filters.within:
        return f"{what} {WITHIN_LABELS[filters.within]}"
    if filters.start and filters.end:
        return f"{what} {days.day(filters.start)} – {days.day(filters.end)}"
    if filters.start:
        return _("{what} from {day}").format(what=what, day=days.day(filters.start))
    return _("{what} until {day}").format(what=what, day=days.day(filters.end)) if filters.end else ""


def _worth(filters: Filters) -> str:
    if filters.least is not None and filters.most is not None:
        return _("Net {least} to {most}").format(least=f"{filters.least:f}", most=f"{filters.most:f}")
    if filters.least is not None:
        return _("Net from {least}").format(least=f"{filters.least:f}")
    return _("Net up to {most}").format(most=f"{filters.most:f}")
