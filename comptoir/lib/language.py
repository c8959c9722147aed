"""Which of our languages a text is in."""

from functools import lru_cache
from typing import Any

OURS = ("en", "fr", "da", "sk", "bg", "de", "nl", "cs")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # loaded when first needed: it takes almost a second

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(OURS))
    return identifier


def guess(text: str, otherwise: str) -> str:
    """The language of a text, or the given one when it is too short to tell."""
    words = text[:2_000].strip()
    if len(words) < 20:
        return otherwise
    language, certainty = _identifier().classify(words)
    return str(language) if certainty > 0.6 else otherwise
