"""The desk's rules for entry: set by a manager, read by everybody."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, action
from comptoir.catalog.models import Product
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.orders import verbs
from comptoir.orders.models import EntryRule
from comptoir.people import Role, at_least
from comptoir.people.models import Member

Kind = EntryRule.Kind


@action(
    "orders.set_discount_limit",
    subject=None,
    authority=at_least(Role.MANAGER),
    title=gettext_lazy("Discount limit"),
    labels={"role": gettext_lazy("Role"), "percent": gettext_lazy("Percent below the price")},
)
def set_discount_limit(*, by: Member, role: Role, percent: Decimal) -> EntryRule:
    """How far below the agreed or list price a role may go alone; it replaces the one that held for the role."""
    if not 0 <= percent <= 100:
        raise ActionError(_("A percentage lies between 0 and 100."))
    return _replace(by, EntryRule(kind=Kind.DISCOUNT, role=role, percent=percent), role=role)


@action("orders.set_minimum", subject=None, authority=at_least(Role.MANAGER), title=gettext_lazy("Minimum order value"))
def set_minimum(*, by: Member, amount: Money) -> EntryRule:
    """The least an order in a currency comes to; a senior may place one below it with a reason."""
    if amount.amount <= 0:
        raise ActionError(_("The minimum has to be above zero."))
    rule = EntryRule(kind=Kind.MINIMUM, amount=amount.amount, currency=amount.currency)
    return _replace(by, rule, currency=amount.currency)


@action(
    "orders.hold_at_entry",
    subject=None,
    authority=at_least(Role.MANAGER),
    title=gettext_lazy("Hold at entry"),
    labels={
        "country": gettext_lazy("Country"),
        "product": gettext_lazy("Product"),
        "needs_document": gettext_lazy("A document is needed (else: export control)"),
    },
)
def hold_at_entry(
    *, by: Member, country: str = "", product: Product | None = None, needs_document: bool = False, note: str
) -> EntryRule:
    """Orders to a country, of a product, or both, are put on hold when they are placed, for the reason given."""
    if not country and product is None:
        raise ActionError(_("Name a country or a product."))
    code = country.strip().upper()
    if code and (len(code) != 2 or not code.isascii() or not code.isalpha()):
        raise ActionError(_("A country is its two letters: FR, US."))
    kind = Kind.DOCUMENT if needs_document else Kind.EXPORT
    rule = EntryRule(kind=kind, country=code, product=product, note=note)
    return _replace(by, rule, country=code, product=product)


def _replace(by: Member, rule: EntryRule, **same: object) -> EntryRule:
    EntryRule.objects.standing().filter(kind=rule.kind, **same).update(ended_at=clock.now())
    rule.save()
    record(verbs.RULE_SET, by=by, on=[rule], rule=str(rule)[:300])
    return rule


@action("orders.end_rule", subject=EntryRule, authority=at_least(Role.MANAGER), title=gettext_lazy("End the rule"))
def end_rule(rule: EntryRule, *, by: Member) -> EntryRule:
    """The rule holds no longer; orders it put on hold stay held."""
    if rule.ended_at is None:
        rule.ended_at = clock.now()
        rule.save(update_fields=["ended_at"])
        record(verbs.RULE_ENDED, by=by, on=[rule], rule=str(rule)[:300])
    return rule
