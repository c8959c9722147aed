"""What the demo company has agreed on with whom: before anybody orders, so that orders call off from it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from django.db.models import F, Sum

from comptoir.catalog import verbs
from comptoir.catalog.actions.agreements import REVIEW_DAYS, next_number
from comptoir.catalog.models import Agreement, AgreementFile, AgreementLine, Price, Product
from comptoir.catalog.papers import agreement_paper
from comptoir.customers.models import Contact, Customer
from comptoir.demo import address_of, content
from comptoir.demo.ledger import Ledger
from comptoir.demo.trade import HOME
from comptoir.files.actions import store
from comptoir.orders.models import Line
from comptoir.people.models import Member

KEEPERS = {"da": "Mette Søndergaard", "sk": "Mette Søndergaard", "bg": "Mette Søndergaard"}
SIGNED = ("signed", "review_due", "renewed", "ended")
MORE = Decimal("0.04")  # below the list from the break on
TENTATIVE = Decimal(40)
CREDIT = Decimal(250_000)  # of those who call off much


def build(customers: Sequence[Customer], now: datetime, ledger: Ledger) -> None:
    """Write the agreements with their lines and stories; each customer has one, and what renews it."""
    told, today, used = content("agreements")["agreements"], now.astimezone(HOME).date(), set[int]()
    keepers = {m.email: m for m in Member.objects.filter(role="senior")}
    made: list[Agreement] = []
    for row in told:
        before = made[-1] if row.get("renews") else None
        customer = before.customer if before else _customer(customers, row["country"], used, now)
        made.append(_agreement(row, customer, before, today))
        used.add(customer.pk)
        if row["kind"] == Agreement.Kind.BLANKET:
            customer.credit_limit = CREDIT
            customer.save(update_fields=["credit_limit"])
    signers = dict(Contact.objects.filter(customer__in=used).order_by("-pk").values_list("customer_id", "name"))
    for one in made:
        one.signed_by = signers.get(one.customer_id, "") if one.signed_on else ""
        one.save()
    AgreementLine.objects.bulk_create(_lines(told, made))
    for row, one in zip(told, made, strict=True):
        by = keepers[address_of(KEEPERS.get(one.customer.language, "Marc Peeters"))]
        _tell(one, row.get("countered", ""), by, now, ledger)
        if row.get("has_signed_copy"):
            _keep_copy(one, by)


def _customer(customers: Sequence[Customer], country: str, used: set[int], now: datetime) -> Customer:
    """Who buys most there and has been with us long enough."""
    since = now - timedelta(days=400)
    buyers = [c for c in customers if c.country == country and c.stage == Customer.Stage.CUSTOMER and c.pk not in used]
    return min(buyers, key=lambda c: (c.created_at > since, c.customer_class, c.pk))


def _agreement(row: dict[str, Any], customer: Customer, before: Agreement | None, today: date) -> Agreement:
    start, end = (today + timedelta(days=row[name]) for name in ("since", "until"))
    is_signed = row["state"] in SIGNED
    return Agreement(
        number=next_number(), customer=customer, kind=row["kind"], state=row["state"], currency=customer.currency,
        valid_from=start, valid_until=end, review_on=max(end - timedelta(days=REVIEW_DAYS), start), renews=before,
        minimum_order=row.get("minimum"), lead_days=row.get("lead_days"), terms=row["terms"].strip(),
        signed_on=min(start, today) - timedelta(days=12) if is_signed else None,
    )  # fmt: skip


def _lines(told: list[dict[str, Any]], made: list[Agreement]) -> list[AgreementLine]:
    """Each product below its list price, and lower still from the break on."""
    products = {p.number: p for p in Product.objects.all()}
    listed = Price.objects.filter(customer=None, customer_class="", minimum_quantity=1)
    prices = {(row.product_id, row.currency): row.unit_price for row in listed}
    lines = []
    for row, agreement in zip(told, made, strict=True):
        factor = 1 - Decimal(row["percent"]) / 100
        breaks = {1: factor} | ({row["break"]: factor - MORE} if "break" in row else {})
        for product in (products[number] for number in row["products"]):
            price = prices[product.pk, agreement.currency]
            lines += [
                AgreementLine(
                    agreement=agreement, product=product, minimum_quantity=Decimal(least), unit_price=round(price * at, 2),
                    blanket_quantity=TENTATIVE if row["kind"] == "blanket" else None,
                )
                for least, at in breaks.items()
            ]  # fmt: skip
    return lines


def settle() -> None:
    """Let every blanket order be called off as far as was meant, whatever was ordered by it; in round numbers."""
    shares = [row["share"] for row in content("agreements")["agreements"] if "share" in row]
    blankets = Agreement.objects.filter(kind=Agreement.Kind.BLANKET).order_by("pk")
    called = Line.objects.exclude(agreement_line=None).values_list("agreement_line")
    totals = dict(called.annotate(total=Sum(F("quantity") - F("cancelled_quantity"))).order_by())
    lines = []
    for agreement, share in zip(blankets, shares, strict=True):
        for line in agreement.lines.all():
            if total := totals.get(line.pk):
                line.blanket_quantity = Decimal(ceil(total / Decimal(str(share)) / 10) * 10)
                lines.append(line)
    AgreementLine.objects.bulk_update(lines, ["blanket_quantity"])


def _tell(agreement: Agreement, countered: str, by: Member, now: datetime, ledger: Ledger) -> None:
    """The story of it, each step some days after the one before."""
    first = (agreement.signed_on or now.astimezone(HOME).date()) - timedelta(days=16)

    def at(day: date, hour: int) -> datetime:
        return min(datetime.combine(day, time(hour, 20), HOME), now - timedelta(minutes=30 - hour))

    def tell(verb: Any, when: date, hour: int, **said: Any) -> None:
        ledger.write(verb, by, [agreement, agreement.customer], at(when, hour), number=agreement.number, **said)

    tell(verbs.AGREEMENT_DRAFTED, first, 9, start=agreement.valid_from, end=agreement.valid_until)
    if agreement.state != "draft":
        tell(verbs.AGREEMENT_OFFERED, first + timedelta(days=2), 10)
    if countered:
        tell(verbs.AGREEMENT_COUNTERED, first + timedelta(days=9), 11, text=countered)
    if agreement.signed_on:
        tell(verbs.AGREEMENT_SIGNED, agreement.signed_on, 14, day=agreement.signed_on, name=agreement.signed_by)
    if agreement.state == "review_due":
        tell(verbs.AGREEMENT_REVIEW_DUE, agreement.review_on, 6, day=agreement.valid_until)
    if agreement.state == "ended":
        tell(verbs.AGREEMENT_ENDED, agreement.valid_until + timedelta(days=1), 6, day=agreement.valid_until)
    if agreement.renews is not None:
        renewed = [agreement.renews, agreement.customer]
        signed = at(agreement.signed_on or first, 14)
        ledger.write(
            verbs.AGREEMENT_RENEWED, by, renewed, signed, number=agreement.renews.number, other=agreement.number
        )


def _keep_copy(agreement: Agreement, by: Member) -> None:
    """The signed copy, as it came back."""
    file = store(agreement_paper(agreement), "application/pdf")
    AgreementFile.objects.create(agreement=agreement, file=file, by=by, name=f"{agreement.number} signé.pdf")
