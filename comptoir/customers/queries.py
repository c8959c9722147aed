"""Who is writing or calling?"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.postgres.search import TrigramDistance
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.customers.identities import normal_email, normal_of, normal_phone
from comptoir.customers.models import Alert, Contact, Customer, Identity
from comptoir.customers.tax import tidy
from comptoir.lib import clock
from comptoir.lib.text import fold

REGIONS = ("BE", "FR", "DK", "SK", "BG", "DE", "GB", "CZ", "NL", "AT", "PL", "RO")
FREE_MAIL = {
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "gmx.de", "gmx.net",
    "web.de", "proton.me", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "abv.bg", "mail.bg", "azet.sk", "seznam.cz",
    "telenet.be", "skynet.be", "mail.com",
}  # fmt: skip
NEAR = 0.5


def match_email(address: str) -> Identity | None:
    """The identity with this address; a person's before a company's, the latest customer's first."""
    found = Identity.objects.filter(kind="email", normal=normal_email(address)).select_related("customer", "contact")
    return found.order_by("contact_id", "-customer_id").first()


def match_phone(number: str) -> QuerySet[Identity]:
    """Every identity a number may be: with or without country prefix, with an extension typed after it."""
    digits = "".join(c for c in number if c.isdigit())
    if len(digits) < 6:
        return Identity.objects.none()
    forms = {normal_phone(number), normal_phone("+" + digits.removeprefix("00"))}
    forms |= {normal_phone(number, region) for region in REGIONS if not number.strip().startswith("+")}
    found = Identity.objects.filter(kind__in=("phone", "fax"))
    return found.filter(Q(normal__in=forms)).select_related("customer", "contact").order_by("customer__sort_key")


def alerts_of(customer: Customer) -> QuerySet[Alert]:
    """The alerts that hold today."""
    today = clock.today(customer.time_zone or settings.TIME_ZONE)
    return Alert.objects.filter(customer=customer, cleared_at=None).filter(Q(until_on=None) | Q(until_on__gte=today))


def email_of(contact: Contact | None, customer: Customer | None) -> str:
    """The address to write to: the contact's preferred one, else the company's; empty when there is none."""
    if contact is not None:
        rows = contact.identities.filter(kind="email")
    elif customer is not None:
        rows = customer.identities.filter(kind="email", contact=None)
    else:
        return ""
    row = rows.order_by(F("bounced_at").desc(nulls_first=True), "-is_preferred", "pk").first()
    return row.value if row else ""


@dataclass(frozen=True, slots=True)
class Near:
    """A customer that another may be, and why."""

    customer: Customer
    why: str


def like(name: str, *, tax_id: str = "", email: str = "") -> list[Near]:
    """The customers a new one may be: the same VAT number, the same e-mail domain, a similar name; five at most."""
    found: dict[int, Near] = {}
    if tax_id:
        for customer in Customer.objects.filter(tax_id=tidy(tax_id))[:5]:
            found.setdefault(customer.pk, Near(customer, _("same VAT number")))
    domain = normal_email(email).rpartition("@")[2] if "@" in email else ""
    if domain and domain not in FREE_MAIL:
        same = Identity.objects.filter(kind="email", normal__endswith=f"@{domain}").values("customer_id")
        for customer in Customer.objects.filter(pk__in=same)[:5]:
            found.setdefault(customer.pk, Near(customer, _("same e-mail domain")))
    near = Customer.objects.annotate(apart=TrigramDistance("sort_key", fold(name))).order_by("apart")[:5]
    for customer in near:
        if customer.apart <= NEAR:
            found.setdefault(customer.pk, Near(customer, _("similar name")))
    return list(found.values())[:5]


def others_with(customer: Customer, kind: str, value: str) -> QuerySet[Identity]:
    """The same value at other customers."""
    same = Identity.objects.filter(kind=kind, normal=normal_of(kind, value, customer.country))
    return same.exclude(customer=customer).select_related("customer", "contact").order_by("pk")[:3]
