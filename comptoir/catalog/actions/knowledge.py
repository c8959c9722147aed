"""Pictures, sheets and known problems of products, and what freight costs about."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Denied, Seen, Text, action, lock
from comptoir.actions.changing import change
from comptoir.actions.editing import edits
from comptoir.catalog import verbs
from comptoir.catalog.actions.products import keeps_catalog
from comptoir.catalog.models import FreightZone, Product, ProductFile, ProductNote
from comptoir.customers.fields import Currency
from comptoir.events import journal, record
from comptoir.files.actions import store
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.lib.places import countries as all_countries
from comptoir.lib.text import file_name
from comptoir.people import any_member
from comptoir.people.models import Member

Kind = ProductFile.Kind
TYPES = {Kind.PICTURE: "image/webp", Kind.SHEET: "application/pdf"}
WORDS = {Kind.PICTURE.value: "Picture", Kind.SHEET.value: "Data sheet"}
MOST_FILES, MOST_SHEET, MOST_TEXT = 12, 20 << 20, 1_000
LABELS = {
    "text": gettext_lazy("What is known"),
    "valid_from": gettext_lazy("Valid from"),
    "valid_until": gettext_lazy("Valid until"),
    "last_day": gettext_lazy("Last day"),
    "zone": gettext_lazy("Zone"),
    "countries": gettext_lazy("Countries (codes: FR, NL, …)"),
    "fixed": gettext_lazy("Fixed part of a delivery"),
    "per_kg": gettext_lazy("For each kilogram"),
    "fast_fixed": gettext_lazy("Fixed part of a faster delivery"),
    "fast_per_kg": gettext_lazy("For each kilogram, faster"),
    "currency": gettext_lazy("Currency"),
    "source": gettext_lazy("Who says so"),
}
NOTE = ("text", "valid_from", "valid_until")


def add_file(product: Product, *, by: Member, kind: ProductFile.Kind, data: bytes, name: str) -> ProductFile:
    """Put a picture that was drawn anew, or a sheet, to a product; the same bytes once."""
    verdict = keeps_catalog(by, product, {})
    if isinstance(verdict, Denied):
        raise verdict
    if kind == Kind.SHEET and not (data.startswith(b"%PDF-") and len(data) <= MOST_SHEET):
        raise ActionError(_("A data sheet is a PDF of at most {n} MB.").format(n=MOST_SHEET >> 20))
    with journal():
        lock(product)
        if product.files.count() >= MOST_FILES:
            raise ActionError(_("A product has at most {n} pictures and sheets.").format(n=MOST_FILES))
        file = store(data, TYPES[kind])
        row, is_new = ProductFile.objects.get_or_create(
            product=product, file=file, defaults={"kind": kind, "name": file_name(name) or str(kind.label)}
        )
        if is_new:
            _told(verbs.FILE_ADDED, row, by)
    return row


def _told(verb: Any, row: ProductFile, by: Member) -> None:
    record(verb, by=by, on=[row.product], kind=WORDS[row.kind], product=row.product.number, name=row.name)


@action(
    "catalog.remove_file", subject=ProductFile, root=lambda row: row.product, authority=keeps_catalog,
    title=gettext_lazy("Remove the file"),
)  # fmt: skip
def remove_file(row: ProductFile, *, by: Member) -> None:
    """Show a picture or sheet no longer."""
    _told(verbs.FILE_REMOVED, row, by)
    row.delete()


@action(
    "catalog.add_note", subject=Product, authority=any_member, title=gettext_lazy("Note a known problem"),
    labels=LABELS,
)  # fmt: skip
def add_note(
    product: Product, *, by: Member, text: Text, valid_from: date | None = None, valid_until: date | None = None
) -> ProductNote:
    """Say what has to be known before the product is promised; from today on unless a day is given."""
    start = valid_from or clock.today()
    _refuse_odd(text, start, valid_until)
    row: ProductNote = ProductNote.objects.create(
        product=product, text=text.strip(), valid_from=start, valid_until=valid_until, by=by
    )
    record(
        verbs.NOTE_ADDED, by=by, on=[product], product=product.number, start=start, end=valid_until, text=row.text
    )  # fmt: skip
    return row


def _refuse_odd(text: str, start: date, end: date | None) -> None:
    if not 0 < len(text.strip()) <= MOST_TEXT:
        raise ActionError(_("A note has between one and {n} letters.").format(n=MOST_TEXT))
    if end is not None and end < start:
        raise ActionError(_("The note would end before it begins."))


def standing(row: ProductNote) -> dict[str, Any]:
    """What a note's form shows."""
    return {name: getattr(row, name) for name in NOTE}


@action(
    "catalog.edit_note", subject=ProductNote, root=lambda row: row.product, authority=any_member,
    title=gettext_lazy("Change the note"), labels=LABELS, initial=standing,
)  # fmt: skip
def edit_note(
    row: ProductNote,
    *,
    by: Member,
    text: Text,
    valid_from: date,
    valid_until: date | None = None,
    seen: Seen = Seen(""),
) -> ProductNote:
    """Put it in other words, or let it hold for other days."""
    given = {"text": text.strip(), "valid_from": valid_from, "valid_until": valid_until}
    changing = edits(standing(row), given, seen)
    after = standing(row) | changing
    _refuse_odd(after["text"], after["valid_from"], after["valid_until"])
    change(row, changing, verbs.NOTE_EDITED, by=by, on=[row.product])
    return row


@action(
    "catalog.end_note", subject=ProductNote, root=lambda row: row.product, authority=any_member,
    title=gettext_lazy("It is over"),
)  # fmt: skip
def end_note(row: ProductNote, *, by: Member) -> None:
    """Let a note hold until yesterday; one that began today or later is forgotten."""
    last = clock.today() - timedelta(days=1)
    record(verbs.NOTE_ENDED, by=by, on=[row.product], product=row.product.number, day=last, text=row.text)
    if row.valid_from > last:
        row.delete()
    else:
        row.valid_until = last
        row.save(update_fields=["valid_until"])


@action(
    "catalog.set_freight", subject=None, authority=keeps_catalog, title=gettext_lazy("Set what freight costs"),
    labels=LABELS,
)  # fmt: skip
def set_freight(
    *,
    by: Member,
    zone: str,
    countries: str,
    fixed: Decimal,
    per_kg: Decimal,
    currency: Currency,
    source: str,
    valid_from: date,
    fast_fixed: Decimal | None = None,
    fast_per_kg: Decimal | None = None,
) -> FreightZone:
    """Say what a delivery to some countries costs about, and a faster one; a zone of the same name is replaced."""
    codes, zone = codes_of(countries), zone.strip()
    if not 0 < len(zone) <= 60 or not 0 < len(source.strip()) <= 120:
        raise ActionError(_("A zone has a name of at most 60 letters, and a source of at most 120."))
    fast = {"fast_fixed": fast_fixed, "fast_per_kg": fast_per_kg}
    if any(fast.values()):
        fast = {name: amount or Decimal(0) for name, amount in fast.items()}
    _refuse_amounts(fixed, per_kg, *(amount for amount in fast.values() if amount is not None))
    _refuse_twice(codes, zone)
    values: dict[str, Any] = {
        "countries": codes, "fixed": fixed, "per_kg": per_kg, "currency": currency, "source": source.strip(),
        "valid_from": valid_from, **fast,
    }  # fmt: skip
    row: FreightZone = FreightZone.objects.update_or_create(name=zone, defaults=values)[0]
    record(
        verbs.FREIGHT_SET, by=by, on=[row], zone=zone, countries=", ".join(codes), source=row.source,
        fixed=str(Money(fixed, currency)), per_kg=f"{per_kg.normalize():f} {currency}",
    )  # fmt: skip
    if row.fast_fixed is not None and row.fast_per_kg is not None:
        record(
            verbs.FREIGHT_FASTER, by=by, on=[row], zone=zone, fixed=str(Money(row.fast_fixed, currency)),
            per_kg=f"{row.fast_per_kg.normalize():f} {currency}",
        )  # fmt: skip
    return row


def codes_of(text: str) -> list[str]:
    """The country codes of a text, each once; ActionError names what is none."""
    codes = list(dict.fromkeys(text.upper().replace(",", " ").replace(";", " ").split()))
    known = {code for code, _name in all_countries("en")}
    if unknown := [code for code in codes if code not in known]:
        raise ActionError(_("{code} is not the code of a country.").format(code=unknown[0][:20]))
    if not codes:
        raise ActionError(_("A zone has at least one country."))
    return codes


def _refuse_amounts(*amounts: Decimal) -> None:
    if any(not (0 <= amount < 10**8 and amount == round(amount, 2)) for amount in amounts):
        raise ActionError(_("An amount has at most two decimals and is not below zero."))


def _refuse_twice(codes: Iterable[str], zone: str) -> None:
    for other in FreightZone.objects.filter(countries__overlap=list(codes)).exclude(name=zone):
        twice = next(code for code in codes if code in other.countries)
        raise ActionError(_("{code} is in the zone {zone} already.").format(code=twice, zone=other))


def _facts(zone: FreightZone) -> list[tuple[str, str]]:
    return [(str(_("Countries")), ", ".join(zone.countries)), (str(_("Source")), zone.source),
            (str(_("Valid from")), date_format(zone.valid_from, "DATE_FORMAT"))]  # fmt: skip


@action(
    "catalog.remove_freight", subject=FreightZone, authority=keeps_catalog, title=gettext_lazy("Remove the zone"),
    facts=_facts,
)  # fmt: skip
def remove_freight(zone: FreightZone, *, by: Member) -> None:
    """Say nothing of freight to these countries any more."""
    record(verbs.FREIGHT_REMOVED, by=by, on=[zone], zone=zone.name)
    zone.delete()
