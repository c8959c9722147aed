"""Filters of the templates."""

import pytest

from comptoir.web.templatetags.desk import icon, linked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain & <b>", "plain &amp; &lt;b&gt;"),
        ("see https://a.example/x?a=1&b=2.", '<a href="https://a.example/x?a=1&amp;b=2"'),
        ("see https://a.example/x?a=1&b=2.", "</a>."),
        ("write to a.b+c@d.example, please", '<a href="mailto:a.b+c@d.example">a.b+c@d.example</a>, please'),
        ('https://a.example/"onclick="x', '<a href="https://a.example/"'),
        ("position 2.5 of file.pdf", "position 2.5 of file.pdf"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_addresses_become_links_and_nothing_else_does(text, shown):
    assert shown in linked(text)
    assert "<b>" not in linked(text)


def test_an_attribute_cannot_be_closed_by_an_address():
    assert linked('https://a.example/"onclick="x').count('"') == linked("https://a.example/").count('"')


def test_an_icon_is_spoken_only_with_a_label():
    assert 'aria-hidden="true"' in icon("mail")
    assert 'aria-label="E-mail"' in icon("mail", label="E-mail")
