"""The places of a customer."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import Seen, action
from comptoir.actions.editing import edits, shown
from comptoir.customers import verbs
from comptoir.customers.fields import Country, Zone
from comptoir.customers.models import Address, Customer
from comptoir.events import record
from comptoir.lib.text import fold
from comptoir.people import any_member
from comptoir.people.models import Member

Role = Address.Role
LABELS = {
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "postcode": gettext_lazy("Postcode"),
    "region": gettext_lazy("Region"),
    "roles": gettext_lazy("Used as"),
    "street": gettext_lazy("Street"),
    "time_zone": gettext_lazy("Time zone (empty: the country's)"),
    "transit_days": gettext_lazy("Transit days"),
}
EDITED = ("name", "street", "postcode", "city", "region", "country", "transit_days", "time_zone", "roles")


@action("customers.add_address", subject=Customer, authority=any_member, title=gettext_lazy("New place"), labels=LABELS)
def add_address(
    customer: Customer,
    *,
    by: Member,
    name: str,
    street: str,
    city: str,
    country: Country,
    postcode: str = "",
    region: str = "",
    transit_days: int = 2,
    time_zone: Zone = Zone(""),
    roles: list[Address.Role] = [],  # noqa: B006 - never changed
) -> Address:
    """A place of the customer; one without a use named is shipped to, and the first one is used for everything."""
    used_as = list(roles) or ([Role.SHIP_TO] if customer.addresses.exists() else list(Role))
    address = Address.objects.create(
        customer=customer, roles=used_as, name=name, street=street, postcode=postcode, city=city,
        city_key=fold(city)[:100], region=region,
        country=country.upper()[:2], transit_days=transit_days, time_zone=time_zone,
    )  # fmt: skip
    record(verbs.ADDRESS_ADDED, by=by, on=[customer], address=str(address))
    return address


@action(
    "customers.edit_address",
    subject=Address,
    root=lambda address: address.customer,
    authority=any_member,
    title=gettext_lazy("Edit place"),
    labels=LABELS,
    initial=lambda address: _standing(address),
)
def edit_address(
    address: Address,
    *,
    by: Member,
    name: str,
    street: str,
    city: str,
    country: Country,
    transit_days: int,
    postcode: str = "",
    region: str = "",
    time_zone: Zone = Zone(""),
    roles: list[Address.Role] = [],  # noqa: B006 - never changed
    seen: Seen = Seen(""),
) -> Address:
    """Change what is given; without any use it is offered no longer. Confirmed versions of orders keep what they said."""
    standing, known_as = _standing(address), str(address)
    given = {
        "name": name, "street": street, "city": city, "country": country, "transit_days": transit_days,
        "postcode": postcode, "region": region, "time_zone": time_zone, "roles": _in_order(roles),
    }  # fmt: skip
    for field, after in edits(standing, given, seen).items():
        setattr(address, field, after)
        record(
            verbs.ADDRESS_EDITED, by=by, on=[address.customer], address=known_as,
            field=str(LABELS.get(field) or _("Name")), before=shown(standing[field]), after=shown(after),
        )  # fmt: skip
    address.city_key = fold(address.city)[:100]
    address.save()
    return address


def _standing(address: Address) -> dict[str, object]:
    return {name: getattr(address, name) for name in EDITED} | {"roles": _in_order(address.roles)}


def _in_order(roles: Iterable[str]) -> list[Address.Role]:
    return [role for role in Role if role in roles]
