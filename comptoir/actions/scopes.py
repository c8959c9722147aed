"""What a token of the API may do: read rows of a noun, do one act or all acts of a package."""

from collections.abc import Collection
from typing import NewType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comptoir.actions.registry import ACTIONS, Spec

Scope = NewType("Scope", str)
"""`read:<noun>`, `act:<package>` or `act:<package>.<action>`."""

NOUNS: dict[str, str | Promise] = {
    "orders": _("Orders"),
    "quotes": _("Quotes"),
    "customers": _("Customers"),
    "cases": _("Cases with their messages"),
    "promises": _("Promises"),
    "products": _("Products"),
    "approvals": _("Approvals"),
    "directory": _("Members, teams, sites and reasons"),
}
PACKAGES: dict[str, str | Promise] = {
    "orders": _("Orders"),
    "customers": _("Customers"),
    "cases": _("Cases"),
    "promises": _("Promises"),
    "catalog": _("Products"),
    "actions": _("Approvals and limits"),
    "people": _("Members and teams"),
}
# Acts that have a screen of their own, because people write them beside other things, and need none to be called.
OWN_SCREEN = frozenset({"cases.reply"})


def callable_acts() -> dict[str, Spec]:
    """The actions that the API and the command line offer, by name."""
    return {name: spec for name, spec in sorted(ACTIONS.items()) if spec.is_public or name in OWN_SCREEN}


def reads(noun: str) -> Scope:
    """The scope that reads rows of a noun."""
    return Scope(f"read:{noun}")


def acts(name: str) -> Scope:
    """The scope of one act."""
    return Scope(f"act:{name}")


def allows(scopes: Collection[str], wanted: Scope) -> bool:
    """True when the scopes hold the wanted one, or all acts of its package."""
    return wanted in scopes or wanted.partition(".")[0] in scopes


def grouped() -> list[tuple[str | Promise, list[tuple[str, str | Promise]]]]:
    """Every scope with its words: reads first, then package by package."""
    groups: list[tuple[str | Promise, list[tuple[str, str | Promise]]]] = [
        (_("Read"), [(reads(noun), label) for noun, label in NOUNS.items()])
    ]
    specs = callable_acts()
    packages = dict.fromkeys([*PACKAGES, *(name.partition(".")[0] for name in specs)])
    for package in packages:
        own = [(acts(name), spec.title) for name, spec in specs.items() if name.partition(".")[0] == package]
        label = PACKAGES.get(package, package.capitalize())
        if own:
            groups.append((label, [(acts(package), _("Everything here, also what is added later")), *own]))
    return groups
