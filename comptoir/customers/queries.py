"""Who is writing or calling?"""

import phonenumbers
from django.conf import settings
from django.db.models import Q, QuerySet

from comptoir.customers.identities import normal_email, normal_phone
from comptoir.customers.models import Alert, Contact, Customer, Identity
from comptoir.lib import clock

REGIONS = ("BE", "FR", "DK", "SK", "BG", "DE", "GB", "CZ", "NL", "AT", "PL", "RO")


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


def shown_phone(value: str, region: str = "") -> str:
    """A phone number as people read it."""
    try:
        parsed = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        return value
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


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
    row = rows.order_by("bounced_at", "-is_preferred", "pk").first()
    return row.value if row else ""
