"""Which language a text is in."""

import pytest

from comptoir.lib.language import guess


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nous aurions besoin de la position 20 pour vendredi prochain.", "fr"),
        ("Vi mangler stadig to kasser af den ordre, som kom i går.", "da"),
        ("Dobrý deň, kedy nám doručíte zvyšok objednávky?", "sk"),
        ("Здравейте, кога ще получим остатъка от поръчката?", "bg"),
    ],
)
def test_a_text_is_in_the_language_it_is_written_in(text, language):
    assert guess(text, "en") == language


def test_a_text_too_short_to_tell_is_in_the_language_expected():
    assert guess("OK", "da") == "da"
