"""What surrounds every screen: the rail, its badges, the theme."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from comptoir.actions.models import Approval

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the rail."""

    url: str
    label: str | Promise
    icon: str
    key: str
    on_phone: bool = True


PLACES = [
    Place("/", _("Desk"), "inbox", "g i"),
    Place("/day/", _("My day"), "calendar-check", "g d"),
    Place("/orders/", _("Orders"), "package", "g o"),
    Place("/customers/", _("Customers"), "users", "g c"),
    Place("/products/", _("Products"), "box", "g p", on_phone=False),
    Place("/hand-offs/", _("Hand-offs"), "message-circle-question-mark", "g h", on_phone=False),
    Place("/at-risk/", _("Whom to tell"), "megaphone", "g w", on_phone=False),
    Place("/approvals/", _("Approvals"), "badge-check", "g a"),
    Place("/settings/", _("Settings"), "settings", "g s", on_phone=False),
]


class Shell:
    """The surroundings of one request's page; asks the database only for what a page shows."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def theme(self) -> str:
        """The theme the member chose in this browser: auto, light or dark."""
        chosen = self.request.COOKIES.get("theme", "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def panes_only(self) -> bool:
        """True when the page stands already and only its panes are wanted; the list stays where it is."""
        return "X-Panes" in self.request.headers

    @property
    def layout(self) -> str:
        return "panes.html" if self.panes_only else "base.html"

    @property
    def density(self) -> str:
        return "compact" if self.request.COOKIES.get("density") == "compact" else "comfortable"

    @property
    def keys(self) -> bool:
        """Whether single-key shortcuts are on (WCAG 2.1.4)."""
        return bool(getattr(self.request.user, "shortcuts_enabled", False))

    @cached_property
    def places(self) -> list[dict[str, Any]]:
        return [
            {"place": place, "current": self._is_here(place.url), "count": self._count(place.url)} for place in PLACES
        ]

    def _is_here(self, url: str) -> bool:
        path = self.request.path
        return path.startswith(url) if url != "/" else path == "/" or path.startswith("/cases/")

    def _count(self, url: str) -> int:
        return self.approvals if url == "/approvals/" else 0

    @cached_property
    def approvals(self) -> int:
        """How many requests wait for this member's answer."""
        if not self.request.user.is_authenticated:
            return 0
        if (known := getattr(self.request, "approvals_asked", None)) is not None:  # the page has read them itself
            return int(known)
        return Approval.objects.asked_of(self.request.user).count()


def context(request: HttpRequest) -> Mapping[str, Any]:
    """`shell`, for every template."""
    return {"shell": Shell(request)}
