"""Who follows an order by a link, what one of them asked there this morning, and whose customers the manager stands up for."""

from datetime import timedelta

from comptoir.cases.actions.by_link import ask_by_link
from comptoir.customers.actions.links import note_use
from comptoir.customers.models import Customer, Link
from comptoir.lib import clock
from comptoir.orders.actions.order_links import share
from comptoir.orders.models import Order
from comptoir.people import Role
from comptoir.people.models import Member

SPONSORED = 5
LINKS = ((9, 6), (6, 3), (4, 1), (2, 0))  # how many days ago it was made, how often it was opened since
ASKED = {  # as the page itself would name the matter, and what is asked
    "en": (
        "Question about order {number}",
        "Can you tell us which day position 10 will be here? Our fitter is booked.",
    ),
    "fr": (
        "Question sur la commande {number}",
        "Quel jour la position 10 sera-t-elle livrée ? Notre monteur est réservé.",
    ),
    "da": ("Spørgsmål om ordre {number}", "Hvilken dag kommer position 10? Vores montør er bestilt."),
    "sk": ("Otázka k objednávke {number}", "V ktorý deň príde položka 10? Montér je objednaný."),
    "bg": ("Въпрос за поръчка {number}", "В кой ден ще пристигне позиция 10? Монтьорът ни е запазен."),
}


def build() -> None:
    """By the real actions, at moments of these days; the first one's reader asks something this morning."""
    orders = _orders()
    for order, (days, uses) in zip(orders, LINKS, strict=False):
        owner = order.customer.owner
        assert owner is not None
        with clock.at(clock.now() - timedelta(days=days)):
            link = share(order, by=owner)
        with clock.at(clock.now() - timedelta(minutes=130)):
            for _use in range(uses):
                note_use(link)
        if order == orders[0]:
            _ask(order, link)
    _stand_up_for()


def _orders() -> list[Order]:
    """Open orders with somebody who ordered, each of another customer and account owner."""
    rows = Order.objects.filter(state="confirmed", contact__is_active=True, customer__owner__is_active=True)
    placed = rows.filter(placed_at__lte=clock.now() - timedelta(days=LINKS[0][0] + 1)).select_related(
        "customer__owner", "contact"
    )
    by_owner: dict[int | None, Order] = {}
    for order in placed.order_by("-placed_at")[:80]:
        by_owner.setdefault(order.customer.owner_id, order)
    return list(by_owner.values())[: len(LINKS)]


def _ask(order: Order, link: Link) -> None:
    subject, text = ASKED.get(link.language, ASKED["en"])
    with clock.at(clock.now() - timedelta(minutes=48)):
        ask_by_link(link, subject=subject.format(number=order.number), text=text, owner=order.customer.owner)


def _stand_up_for() -> None:
    """The manager is the sponsor of the customers who order most."""
    manager = Member.objects.filter(role=Role.MANAGER, is_active=True).order_by("pk").first()
    largest = Customer.objects.filter(customer_class="A").order_by("pk").values("pk")[:SPONSORED]
    Customer.objects.filter(pk__in=largest).update(sponsor=manager)
