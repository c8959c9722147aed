"""VAT numbers: their form and check digits (python-stdnum); nothing is asked of anybody outside."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Checked(models.TextChoices):
    """What can be said of a VAT number without asking its country."""

    RIGHT = "right", _("Check digits right")
    WRONG = "wrong", _("Not a valid number")
    UNKNOWN = "unknown", _("Cannot be checked")


OTHERS = {"GB": "gb.vat", "NO": "no.mva", "CH": "ch.vat", "US": "us.ein", "TR": "tr.vkn"}


def tidy(number: str) -> str:
    """Upper case, without blanks, dots and hyphens."""
    return "".join(c for c in number.upper() if c.isalnum())


def check(number: str, country: str) -> Checked:
    """Whether a number has the form and the check digits of its country."""
    from stdnum.eu import vat

    tidied = tidy(number)
    prefix = "EL" if country == "GR" else country
    if not tidied.startswith(prefix) and prefix.lower() in vat.MEMBER_STATES | {"el"}:
        tidied = prefix + tidied
    if tidied[:2].lower() in vat.MEMBER_STATES | {"el"}:
        return Checked.RIGHT if vat.is_valid(tidied) else Checked.WRONG
    module = OTHERS.get(country)
    if module is None:
        return Checked.UNKNOWN
    from importlib import import_module

    return Checked.RIGHT if import_module(f"stdnum.{module}").is_valid(number) else Checked.WRONG


def is_union(country: str) -> bool:
    """True for a member state of the European Union."""
    from stdnum.eu import vat

    return country.lower() in (vat.MEMBER_STATES - {"xi"}) | {"gr"}


def union_state(number: str, country: str) -> str:
    """The member state that gave the number, when its form and check digits hold; "" otherwise."""
    prefix = tidy(number)[:2]
    state = {"EL": "GR"}.get(prefix, prefix) if prefix.isalpha() else country
    state = state if is_union(state) else country
    return state if is_union(state) and check(number, state) == Checked.RIGHT else ""
