"""Every change to a customer."""

from comptoir.customers.actions.accounts import (
    add_customer,
    edit_customer,
    next_number,
    promote,
    set_owner,
    set_parent,
    set_sponsor,
)
from comptoir.customers.actions.alerts import clear_alert, raise_alert
from comptoir.customers.actions.contacts import add_contact, edit_contact, has_left, is_back
from comptoir.customers.actions.identities import (
    add_identity,
    prefer_identity,
    remove_identity,
    verify_identity,
    works_again,
)
from comptoir.customers.actions.links import revoke_link
from comptoir.customers.actions.places import add_address, edit_address

__all__ = [
    "add_address",
    "add_contact",
    "add_customer",
    "add_identity",
    "clear_alert",
    "edit_address",
    "edit_contact",
    "edit_customer",
    "has_left",
    "is_back",
    "next_number",
    "prefer_identity",
    "promote",
    "raise_alert",
    "remove_identity",
    "revoke_link",
    "set_owner",
    "set_parent",
    "set_sponsor",
    "verify_identity",
    "works_again",
]
