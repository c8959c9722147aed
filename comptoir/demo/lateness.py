"""Two receipts that became late this morning, and the orders they leave short."""

from collections import defaultdict
from datetime import timedelta

from comptoir.catalog.actions.counts import change_receipt
from comptoir.catalog.models import Reservation, Stock, Supply
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.people import Role
from comptoir.people.models import Member
from comptoir.promises.models import Promise

RECEIPTS = (("PO 45-20117", 11, 150), ("WO 30-8841", 16, 95))  # its reference, working days it is late, minutes ago


def make_late() -> None:
    """Planning moves two receipts on which several customers' orders rely; each is put at risk by the real act."""
    planner = Member.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")[0]
    for stock, (reference, days, minutes) in zip(_wanted(), RECEIPTS, strict=False):
        supply = _relied_on(stock, reference)
        with clock.at(clock.now() - timedelta(minutes=minutes)):
            to = add_business_days(supply.due_on, days, stock.site.country)
            change_receipt(supply, by=planner, due_on=to, quantity=supply.quantity, reference=reference)


def _wanted() -> list[Stock]:
    """The stock rows that most customers with a promise still wait for in the coming weeks."""
    soon, later = clock.today() + timedelta(days=4), clock.today() + timedelta(days=24)
    owned = Promise.objects.filter(subject_noun="scheduleline", state="open", customer__owner__isnull=False)
    held = Reservation.objects.filter(needed_on__range=(soon, later), schedule_line_id__in=owned.values("subject_id"))
    waiting: dict[int, int] = defaultdict(int)
    for stock_id in held.order_by("stock_id").values_list("stock_id", flat=True):
        waiting[stock_id] += 1
    most = sorted(waiting, key=lambda pk: (-min(waiting[pk], 4), pk))[: len(RECEIPTS)]
    return list(Stock.objects.filter(pk__in=most).select_related("site").order_by("pk"))


def _relied_on(stock: Stock, reference: str) -> Supply:
    """A receipt without which what is set aside for the coming weeks is not there."""
    held = list(Reservation.objects.filter(stock=stock).order_by("needed_on", "pk"))
    soon = clock.today() + timedelta(days=4)
    lies = sum((r.quantity for r in held if r.needed_on < soon), start=stock.on_hand * 0)
    rest = sum((r.quantity for r in held), start=stock.on_hand * 0) - lies
    stock.on_hand = lies + rest // 5
    stock.save(update_fields=["on_hand"])
    Supply.objects.filter(stock=stock).delete()
    Supply.objects.create(
        stock=stock, due_on=clock.today() + timedelta(days=75), quantity=rest + 40, reference="WO 30-8902"
    )
    return Supply.objects.create(stock=stock, due_on=soon - timedelta(days=2), quantity=rest, reference=reference)
