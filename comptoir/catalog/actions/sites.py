"""Sites: where stock is kept, and the legal name, address and VAT number that head their papers."""

from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Seen, Text, action
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.catalog import verbs
from comptoir.catalog.models import Site, TaxRate
from comptoir.customers.fields import Country, Zone
from comptoir.events import record
from comptoir.people import Role, at_least
from comptoir.people.models import Member

administers = at_least(Role.ADMINISTRATOR)
FIELDS = ("company", "address", "city", "country", "tax_id", "name", "time_zone", "opens_at", "closes_at")
OPENS, CLOSES = time(8), time(17)
WORDS = {
    "company": gettext_lazy("Legal name of the company"),
    "address": gettext_lazy("Address"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "tax_id": gettext_lazy("VAT number"),
    "name": gettext_lazy("Name of the site"),
    "time_zone": gettext_lazy("Time zone"),
    "opens_at": gettext_lazy("Open from"),
    "closes_at": gettext_lazy("Open until"),
    "rate": gettext_lazy("Rate in percent"),
    "valid_from": gettext_lazy("Valid from"),
}


@action("catalog.add_site", subject=None, authority=administers, title=gettext_lazy("New site"), labels=WORDS)
def add_site(
    *,
    by: Member,
    company: str,
    name: str,
    country: Country,
    time_zone: Zone,
    address: Text = Text(""),
    city: str = "",
    tax_id: str = "",
    opens_at: time = OPENS,
    closes_at: time = CLOSES,
) -> Site:
    """Enter a place that keeps stock and confirms orders."""
    if Site.objects.filter(name__iexact=name).exists():
        raise ActionError(_("There is one of that name: {name}.").format(name=name))
    _refuse_hours(opens_at, closes_at)
    made = Site.objects.create(
        code=_free_code(name), name=name[:100], company=company[:120], country=country, time_zone=time_zone,
        address=address, city=city[:100], tax_id=tax_id[:30], opens_at=opens_at, closes_at=closes_at,
    )  # fmt: skip
    record(verbs.SITE_ADDED, by=by, on=[made], name=name)
    return made


def _refuse_hours(opens_at: time | None, closes_at: time | None) -> None:
    if opens_at is None or closes_at is None:
        raise ActionError(_("Say when it opens and when it closes."))
    if opens_at >= closes_at:
        raise ActionError(_("The opening hours have to end after they begin."))


def _free_code(name: str) -> str:
    base = "".join(c for c in name.upper() if c.isascii() and c.isalnum())[:6] or "SITE"
    taken = set(Site.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(1, 999) if (code := base if n == 1 else f"{base}{n}") not in taken)


def standing(site: Site) -> dict[str, Any]:
    """What a site's form shows."""
    return {name: getattr(site, name) for name in FIELDS}


@action(
    "catalog.edit_site",
    subject=Site,
    authority=administers,
    title=gettext_lazy("Edit company and site"),
    labels=WORDS,
    initial=standing,
)
def edit_site(
    site: Site,
    *,
    by: Member,
    company: str,
    name: str,
    country: Country,
    time_zone: Zone,
    address: Text = Text(""),
    city: str = "",
    tax_id: str = "",
    opens_at: time = OPENS,
    closes_at: time = CLOSES,
    seen: Seen = Seen(""),
) -> Site:
    """Change what heads the papers from now on; versions confirmed before keep what they said."""
    given = {
        "company": company, "name": name, "country": country, "time_zone": time_zone, "address": address, "city": city,
        "tax_id": tax_id, "opens_at": opens_at, "closes_at": closes_at,
    }  # fmt: skip
    _refuse_hours(opens_at, closes_at)
    change(site, edits(standing(site), given, seen), verbs.SITE_EDITED, by=by)
    return site


@action("catalog.set_tax_rate", subject=None, authority=administers, title=gettext_lazy("Set a VAT rate"), labels=WORDS)
def set_tax_rate(*, by: Member, country: Country, rate: Decimal, valid_from: date) -> TaxRate:
    """Say what VAT is charged on what leaves from a country from a day on; lines entered before keep theirs."""
    if not 0 <= rate <= 100:
        raise ActionError(_("A rate is between 0 and 100 percent."))
    row, _new = TaxRate.objects.update_or_create(
        country=country, category="S", valid_from=valid_from, defaults={"rate": rate}
    )
    record(verbs.RATE_SET, by=by, on=[row], country=country, category="S", rate=rate, day=valid_from)
    return row
