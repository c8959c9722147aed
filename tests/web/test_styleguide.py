"""The style guide: every component, for members only."""

import re
from pathlib import Path

import pytest
from django.test import Client

from tests import build

pytestmark = pytest.mark.django_db
CSS = Path(__file__).resolve().parents[2] / "ui" / "css" / "components"
SHOWN = ("bits", "buttons", "cards", "rows", "thread", "notices")
ELSEWHERE = {
    "menu-list",
    "table-scroll",
    "search-button",
    "message-frame",
    "toasts",
    "offline",
    "attachments",
    "section",
}


def test_it_shows_the_components_that_the_styles_name(client: Client) -> None:
    client.force_login(build.member())
    page = client.get("/styleguide/").content.decode()
    used = {name for found in re.findall(r'class="([^"]+)"', page) for name in found.split()}
    named = {n for file in SHOWN for n in re.findall(r"^\.([a-z-]+)", (CSS / f"{file}.css").read_text(), re.MULTILINE)}
    assert named - used - ELSEWHERE == set()


def test_nobody_else_sees_it(client: Client) -> None:
    build.member()
    assert client.get("/styleguide/").headers["Location"].startswith("/sign-in/")
