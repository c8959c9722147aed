"""Changes that are being negotiated: one offered, one the customer answered otherwise, one accepted that met another change."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from comptoir.actions import ActionError, SentForApproval
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.orders.actions import Step, accept_change, change, counter_change, offer_change
from comptoir.orders.models import ChangeStep, Order, OrderChange, ScheduleLine
from comptoir.people import system
from comptoir.people.models import Member

NOTES = {
    "en": "The works can only build this one after the test bench is back.",
    "fr": "L’usine ne peut la monter qu’au retour du banc d’essai.",
    "da": "Fabrikken kan først samle den, når prøvestanden er tilbage.",
    "sk": "Závod ju môže zmontovať až po návrate skúšobne.",
    "bg": "Заводът може да я сглоби едва след връщането на изпитателния стенд.",
}
WISHES = {
    "en": "Please before the holidays.", "fr": "Avant les fêtes, s’il vous plaît.", "da": "Gerne før helligdagene.",
    "sk": "Prosím pred sviatkami.", "bg": "Моля, преди празниците.",
}  # fmt: skip


def build() -> None:
    """By the real actions, on open orders each of another customer; one not to be changed without approval is passed over."""
    ways, done = [_countered, _conflicting, _offered], set[int]()
    rows = ScheduleLine.objects.filter(state="promised", shipped_quantity=0, promised_on__gt=clock.today())
    rows = rows.filter(order__customer__owner__is_active=True, order__state="confirmed", quantity__gt=1)
    for row in rows.select_related("order__customer__owner", "line").order_by("promised_on", "pk")[:40]:
        if not ways:
            return
        if row.order.customer_id not in done and _done(ways[-1], row):
            done.add(row.order.customer_id)
            ways.pop()


def _done(way: Callable[[ScheduleLine, Member], None], row: ScheduleLine) -> bool:
    owner = row.order.customer.owner
    assert owner is not None
    try:
        with transaction.atomic():
            way(row, owner)
    except (ActionError, SentForApproval):
        return False
    return True


def _later(row: ScheduleLine, days: int) -> Step:
    assert row.promised_on is not None
    day = add_business_days(row.promised_on, days, row.order.ship_to.country)
    return Step(ChangeStep.Type.DATE, schedule_line=row, day=day)


def _offer(row: ScheduleLine, owner: Member, hours: int, *steps: Step) -> OrderChange:
    note = NOTES.get(row.order.customer.language, NOTES["en"])
    with clock.at(clock.now() - timedelta(hours=hours)):
        made = offer_change(_order(row), by=owner, steps=list(steps), note=note, initiator="planner")  # type: ignore[arg-type]
    return made


def _order(row: ScheduleLine) -> Order:
    return Order.objects.get(pk=row.order_id)


def _offered(row: ScheduleLine, owner: Member) -> None:
    _offer(row, owner, 20, _later(row, 5))


def _countered(row: ScheduleLine, owner: Member) -> None:
    one = _offer(row, owner, 30, _later(row, 10))
    text = WISHES.get(row.order.customer.language, WISHES["en"])
    with clock.at(clock.now() - timedelta(hours=2)):
        counter_change(one, by=system(), steps=[_later(row, 4)], answer=text, said_by=_who(row))  # type: ignore[arg-type]


def _conflicting(row: ScheduleLine, owner: Member) -> None:
    fewer = Step(ChangeStep.Type.QUANTITY, schedule_line=row, quantity=row.quantity - Decimal(1))
    one = _offer(row, owner, 26, _later(row, 6), fewer)
    with clock.at(clock.now() - timedelta(hours=5)):
        change(_order(row), by=owner, steps=[_later(row, 3)], note="By phone", initiator="planner")  # type: ignore[arg-type]
    with clock.at(clock.now() - timedelta(hours=1)):
        accept_change(one, by=system(), said_by=_who(row))


def _who(row: ScheduleLine) -> str:
    return row.order.contact.name if row.order.contact else str(row.order.customer)
