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


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_icon_that_is_named_can_be_drawn(name):
    assert lucide._load_icon(name) is not None
