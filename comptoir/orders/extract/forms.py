"""Forms of one name: "modrých pántov" is of "modrý pánt". Endings of the five languages and nothing more: no derivation.

Snowball knows neither Slovak nor Bulgarian, and takes a mount for a mounting and a couple for a coupling, which are two products
each; lemmas by dictionary do the first too and cost seconds and 250 MB. What is found here is proposed to a person.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache

from comptoir.lib.text import fold

LEAST = 3  # letters that stay of a word
# Of folded words (accents gone, Bulgarian in Latin letters), the empty ending understood.
ENDINGS = {
    "en": "s es y ies f fe ves",
    "fr": "s x e es al aux he hes ue ues f ve ves le les ne nes",
    "da": "e s t r n er en et es ne rne ene erne ers ens ets enes ernes",
    "sk": "a e i o u y ou ov om am ach ami och mi ym ymi ych im imi ich ej eho emu ie ia iu iam iach iami um",
    "bg": "a o e i u y ya at yt yat ata yata ta to oto te ite iya iyat ove ovete eve evete",
}
# A vowel that only stands where no ending follows: skrutiek – skrutka, hængsel – hængsler, филтър – филтри.
FLEETING = {"sk": "ie|e|o", "bg": "a|e", "da": "e"}
DOUBLED = re.compile(r"([bdfgklmnprst])\1$")


@cache
def stems(word: str, language: str) -> frozenset[str]:
    """What may be left of a folded word without its ending; of one with a digit, and of a short one, only the word."""
    if any(c.isdigit() for c in word) or len(word) <= LEAST:
        return frozenset({word})
    found = {word}
    for ending in ENDINGS.get(language, "").split():
        if word.endswith(ending) and len(word) - len(ending) >= LEAST:
            found.add(word[: -len(ending)])
    if vowels := FLEETING.get(language):
        found.add(re.sub(rf"(?<=..)(?:{vowels})([bcdfghklmnprstvz])$", r"\1", word))
    if language == "da":
        found |= {DOUBLED.sub(r"\1", stem) for stem in found}
    if language == "sk":
        found |= {stem.replace("ie", "e") for stem in found}  # koleso – kolies
    return frozenset(found)


def are_forms(one: Sequence[str], other: Sequence[str], languages: Collection[str]) -> bool:
    """True where the words are, one by one, forms of the same ones in one of the languages."""
    if len(one) != len(other):
        return False
    pairs = [(fold(a), fold(b)) for a, b in zip(one, other, strict=True)]
    return all(a[:2] == b[:2] for a, b in pairs) and any(
        all(stems(a, language) & stems(b, language) for a, b in pairs) for language in languages
    )
