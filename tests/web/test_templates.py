"""What templates name exists."""

import re
from pathlib import Path

import lucide
import pytest

from comptoir.web import shell
from comptoir.web.templatetags.desk import CHANNEL_ICONS

TEMPLATES = Path(shell.__file__).parent / "templates"
ICON = re.compile(r"""{% icon "([^"]+)\"""")
NAMED = {name for path in TEMPLATES.rglob("*.html") for name in ICON.findall(path.read_text())}
KNOWN = {*NAMED, *CHANNEL_ICONS.values(), *(place.icon for place in shell.PLACES)}
ASKS_WHILE_TYPING = re.compile(r"""hx-trigger="(?:[^"]*[ ,}])?(?:input|change)\b[^>]*""")


def test_what_is_asked_while_somebody_types_is_asked_anew_for_each_change():
    """Else the third change of those that come faster than the answers would be asked about never."""
    asks = [found for path in TEMPLATES.rglob("*.html") for found in ASKS_WHILE_TYPING.findall(path.read_text())]
    assert len(asks) > 10
    assert [found for found in asks if 'hx-sync="this:replace"' not in found] == []


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_icon_that_is_named_can_be_drawn(name):
    assert lucide._load_icon(name) is not None
