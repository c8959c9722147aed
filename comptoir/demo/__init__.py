"""The demo company: an invented export manufacturer with its members, customers, orders and cases.

Words: house (our own side), goods, job (the one mail the first ten minutes are about), threads (written by hand), grammar
(what the other first messages are composed from). Everything comes from `content/` and one seed, with dates relative to
the first start.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).resolve().parent / "content"


@cache
def content(name: str) -> dict[str, Any]:
    """One TOML file of the content folder, read once."""
    return tomllib.loads((CONTENT / f"{name}.toml").read_text())


def logins() -> list[tuple[str, str, str]]:
    """Role, e-mail and password of the members to try first; everybody's password is the same."""
    house = content("house")
    shown = [m for m in house["members"] if m.get("shown")]
    return [(m["role"], address_of(m["name"]), house["password"]) for m in shown]


def address_of(name: str) -> str:
    """A member's address: first name at the house's domain."""
    from comptoir.lib.text import key

    return f"{key(name.split()[0])}@{content('house')['domain']}"
