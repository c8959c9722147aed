"""Who holds what is set aside or kept back: by the id of a schedule line or an offer, which the orders know."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from comptoir.catalog.models import Stock
from comptoir.people.models import Member

Names = Callable[[Collection[int]], list[str]]
Follow = Callable[[Stock, Mapping[int, Decimal], Member | None, Mapping[str, Any]], None]
_NAMED: list[Names] = []
_FOLLOWING: list[Follow] = []
FollowOffers = Callable[[Stock, Mapping[int, Decimal], Collection[int], Member | None], None]
_OFFERS_NAMED: list[Names] = []
_OFFERS_FOLLOWING: list[FollowOffers] = []


def names_holders(names: Names) -> Names:
    """Register how the holders of reservations are called, from their schedule lines' ids, each once."""
    _NAMED.append(names)
    return names


def holders(schedule_line_ids: Collection[int]) -> list[str]:
    """The names of the orders that hold reservations, with their customers and whose they are."""
    return [name for names in _NAMED for name in names(schedule_line_ids)] if schedule_line_ids else []


def follows_shortages(follow: Follow) -> Follow:
    """Register what follows when schedule lines lack goods of a stock row, or lack them no longer."""
    _FOLLOWING.append(follow)
    return follow


def tell_shortages(stock: Stock, lacking: Mapping[int, Decimal], by: Member | None, cause: Mapping[str, Any]) -> None:
    """Tell what each schedule line lacks of a stock row now; whoever is not named lacks nothing."""
    for follow in _FOLLOWING:
        follow(stock, lacking, by, cause)


def names_offers(names: Names) -> Names:
    """Register how the offers for which goods are kept back are called, from the ids of their changes."""
    _OFFERS_NAMED.append(names)
    return names


def offers(change_ids: Collection[int]) -> list[str]:
    """The names of the offers for which goods are kept back, with whose they are."""
    return [name for names in _OFFERS_NAMED for name in names(change_ids)] if change_ids else []


def follows_offers(follow: FollowOffers) -> FollowOffers:
    """Register what follows when what is kept back for offers does not lie there any more, or does again."""
    _OFFERS_FOLLOWING.append(follow)
    return follow


def tell_offers(stock: Stock, lacking: Mapping[int, Decimal], again: Collection[int], by: Member | None) -> None:
    """Tell which offers are not covered from now on, with what they lack, and which are again."""
    for follow in _OFFERS_FOLLOWING:
        follow(stock, lacking, again, by)
