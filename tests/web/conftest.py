"""Tests of browsers share a desk and a Chromium for as long as they follow each other."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End them with the last, before its rows are wiped and the database is removed."""
    if needs_browser(item) and not needs_browser(nextitem):
        from tests.web import desk

        desk.end()


def needs_browser(item: pytest.Item | None) -> bool:
    """Whether its module has tests of browsers."""
    return hasattr(getattr(item, "module", None), "browser")
