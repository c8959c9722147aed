"""Customers of the demo: companies in eight countries with people, addresses and numbers that pass their checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from stdnum.eu import vat
from stdnum.gb import vat as british_vat

from comptoir.customers import verbs
from comptoir.customers.actions import next_number
from comptoir.customers.identities import normal_of
from comptoir.customers.models import Address, Alert, Contact, Customer, Identity
from comptoir.demo import content
from comptoir.demo.ledger import Ledger
from comptoir.lib.text import fold, key
from comptoir.people import system
from comptoir.people.models import Member

DESKS = {"fr": ("Emma Laurent", "Lotte Verbeke", "Marc Peeters"), "en": ("Lotte Verbeke", "Emma Laurent", "Marc Peeters"),
         "da": ("Jonas Holm", "Mette Søndergaard"), "sk": ("Zuzana Kováčová", "Mette Søndergaard"),
         "bg": ("Ivan Dimitrov", "Mette Søndergaard")}  # fmt: skip
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVW"


@dataclass(slots=True)
class Entry:
    """A customer under construction with what will hang on it."""

    customer: Customer
    facts: dict[str, Any]
    domain: str
    people: list[Contact]


def build(now: datetime, ledger: Ledger, share: float = 1.0) -> list[Customer]:
    """Write the customers; `share` makes a smaller clientele of the same kind."""
    random = Random("clientele")
    owners = {m.name: m for m in Member.objects.all()}
    entries: list[Entry] = []
    for country, facts in content("countries").items():
        names = _company_names(facts, random)[: max(2, round(facts["count"] * share))]
        entries += [_entry(country, facts, name, now, owners, random) for name in names]
    Customer.objects.bulk_create([e.customer for e in entries])
    Contact.objects.bulk_create([person for e in entries for person in e.people])
    Address.objects.bulk_create([a for e in entries for a in _addresses(e, random)])
    Identity.objects.bulk_create([i for e in entries for i in _identities(e, random)])
    _raise_alerts(entries, now, owners, ledger, random)
    for entry in entries:
        ledger.write(
            verbs.ADDED, by=system(), on=[entry.customer], at=entry.customer.created_at, name=entry.customer.name
        )
    return [e.customer for e in entries]


def _company_names(facts: dict[str, Any], random: Random) -> list[str]:
    """All pairs of the name's parts, shuffled so that neighbours differ."""
    pairs = [f"{first} {last}" for first in facts["first"] for last in facts["last"]]
    random.shuffle(pairs)
    return pairs


def _entry(
    country: str, facts: dict[str, Any], name: str, now: datetime, owners: dict[str, Member], random: Random
) -> Entry:
    customer = Customer(
        number=next_number(), name=f"{name} {random.choice(facts['forms'])}", country=country,
        language=facts["language"], currency=facts["currency"], time_zone=facts["zone"],
        customer_class=random.choices("ABC", (15, 50, 35))[0], terms=random.choice(facts["terms"]),
        incoterm=random.choice(facts["incoterms"]), credit_limit=Decimal(random.choice((5, 10, 15, 25, 40, 80)) * 1000),
        tax_id=_tax_id(country, random), owner=owners[random.choice(DESKS[facts["language"]])],
        created_at=now - timedelta(days=random.randint(60, 1600), minutes=random.randint(0, 1400)),
    )  # fmt: skip
    customer.sort_key = fold(customer.name)[:200]
    if random.random() < 0.06:
        customer.stage = Customer.Stage.PROSPECT
        customer.source = random.choice(("Trade fair", "Website", "Referred by a customer", "Phone"))
    people = [_person(customer, facts, random) for _ in range(random.choice((1, 1, 2, 2, 3)))]
    return Entry(customer, facts, f"{key(name)}.example", list({p.name: p for p in people}.values()))


def _person(customer: Customer, facts: dict[str, Any], random: Random) -> Contact:
    is_woman = random.random() < 0.5
    first = random.choice(facts["women" if is_woman else "men"])
    family = random.choice(facts["families"])
    name = f"{first} {family if isinstance(family, str) else family[is_woman]}"
    return Contact(
        customer=customer, name=name, sort_key=fold(name)[:150], position=random.choice(facts["posts"]),
        language=customer.language,
    )  # fmt: skip


def _addresses(entry: Entry, random: Random) -> list[Address]:
    """One place for everything; one customer in four has a second one to ship to."""
    count = 2 if random.random() < 0.25 else 1
    found = []
    for index, (city, postcode) in enumerate(random.sample(entry.facts["cities"], count)):
        street = _with_number(random.choice(entry.facts["streets"]), entry.customer.country, random.randint(1, 148))
        found.append(
            Address(
                customer=entry.customer, roles=list(Address.Role) if index == 0 else [Address.Role.SHIP_TO],
                name=entry.customer.name, street=street, postcode=postcode, city=city,
                city_key=fold(city)[:100], country=entry.customer.country,
                time_zone=entry.facts["zone"], transit_days=entry.facts["transit_days"],
            )
        )  # fmt: skip
    return found


def _with_number(street: str, country: str, number: int) -> str:
    return f"{number} {street}" if country in ("FR", "GB", "IE") else f"{street} {number}"


def _identities(entry: Entry, random: Random) -> list[Identity]:
    """Addresses and phones of the people, the company's own; one person in ten has no e-mail."""
    customer, pattern = entry.customer, entry.facts["phone"]
    rows: list[tuple[str, str, Contact | None]] = [("phone", _digits(pattern, random), None)]
    if random.random() < 0.3:
        rows.append(("fax", _digits(pattern, random), None))
    if random.random() < 0.4:
        rows.append(("email", f"info@{entry.domain}", None))
    for person in entry.people:
        if random.random() < 0.9:
            rows.append(("email", f"{fold(person.name).replace(' ', '.')}@{entry.domain}", person))
        rows.append(("phone", _digits(pattern, random), person))
    unique = {(kind, normal_of(kind, value, customer.country)): (value, person) for kind, value, person in rows}
    return [
        Identity(customer=customer, contact=person, kind=kind, value=value, normal=normal)
        for (kind, normal), (value, person) in unique.items()
    ]


def _raise_alerts(
    entries: list[Entry], now: datetime, owners: dict[str, Member], ledger: Ledger, random: Random
) -> None:
    by = owners["Marc Peeters"]
    chosen = random.sample(entries, max(1, len(entries) // 20))
    alerts = [
        Alert(
            customer=entry.customer, text=random.choice(content("alerts")["texts"]), by=by,
            created_at=now - timedelta(days=random.randint(1, 40)),
        )
        for entry in chosen
    ]  # fmt: skip
    for alert in Alert.objects.bulk_create(alerts):
        ledger.write(verbs.ALERT_RAISED, by=by, on=[alert.customer], at=alert.created_at, text=alert.text)


def _digits(pattern: str, random: Random) -> str:
    return "".join(str(random.randint(0, 9)) if c == "#" else c for c in pattern)


def _tax_id(country: str, random: Random) -> str:
    """A VAT number whose check digits hold."""
    shapes = {"DK": "########", "SK": "2#########", "BG": "#########", "NL": "#########B0#", "GB": "#######",
              "IE": "#######", "FR": "########", "BE": "0#######"}  # fmt: skip
    while True:
        for digits in _completed(country, _digits(shapes[country], random)):
            number = f"{country}{digits}"
            if british_vat.is_valid(number) if country == "GB" else vat.is_valid(number):
                return number


def _completed(country: str, digits: str) -> Iterator[str]:
    """The digits with what may be their check digits; where that is cheap to say, only the right ones."""
    if country == "FR":
        yield from (f"{int(f'{digits}{last}12') % 97:02}{digits}{last}" for last in range(10))
    elif country == "BE":
        yield f"{digits}{97 - int(digits) % 97:02}"
    elif country == "GB":
        yield from (f"{digits}{last:02}" for last in range(97))
    elif country == "IE":
        yield from (digits + letter for letter in LETTERS)
    else:
        yield digits
