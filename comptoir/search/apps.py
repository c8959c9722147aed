"""Loading search: forms of actions pick rows through it."""

from django.apps import AppConfig


class Search(AppConfig):
    """Finding, and the fields that pick what was found."""

    name = "comptoir.search"

    def ready(self) -> None:
        """Declare the fields before the first form is built."""
        from comptoir.search import pickers  # noqa: F401
