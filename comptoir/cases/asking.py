"""What a customer asks for, read from the text: sentences with a question mark or with words of request, in our languages."""

import re

from comptoir.lib.text import fold

MOST = 8
REQUEST = re.compile(
    r"\b(?:please|could you|can you|would you|we need|i need|would like|we want|asking|request|let me know|"
    r"besoin|pourriez|pouvez|souhait\w+|voudri\w+|aimeri\w+|veuillez|merci de|"
    r"kan i|kan du|vil gerne|bede om|brug for|behov for|venligst|"
    r"prosim\w*|potrebuj\w+|mohli by|mozete|chcel\w*|ziadam\w*|poslite|"
    r"molya|nuzhn\w+|nuzhdae\w+|mozhe li|iskam\w*|iskali|tryabva|izprat\w+)\b"
)
POLITE = re.compile(
    r"^(?:thank|thanks|many thanks|merci d'avance|merci beaucoup|merci pour|merci$|cordialement|tak for|mange tak|pa forhand|"
    r"dakuje\w+|vopred|blagodar\w+|please find|veuillez agreer|veuillez trouver|venlig hilsen|best regards|kind regards)"
)
POSITION = re.compile(r"\b(?:pos\w*|ligne|linje|line|item|riadok|poloz\w+|pozi\w+)\.?\s*(?:n[o°]?\.?\s*)?\d{1,4}\b")
SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[«\"'(¿]?[A-ZÀ-ÖØ-ÞĀ-ŽА-Я0-9])|\n\s*\n|\n(?=\s*[-*•\d])")
JOINED = re.compile(r"(?:,|;)?\s+(?:and|et|og|und|a|и)\s+|\s*[;]\s*", re.IGNORECASE)


def asks_in(text: str) -> list[str]:
    """The customer's questions and wishes, each as one line, in their order; at most eight."""
    found: list[str] = []
    for sentence in SENTENCE.split(text[:20_000]):
        line = " ".join(sentence.split()).lstrip("-*• ")
        for part in _apart(line):
            if _is_ask(part) and part not in found:
                found.append(part[:300])
    return found[:MOST]


def _apart(sentence: str) -> list[str]:
    """A sentence with wishes about two positions, as one part each."""
    parts = JOINED.split(sentence)
    if len(parts) > 1 and all(POSITION.search(fold(p)) for p in parts):
        return [p.strip() for p in parts]
    return [sentence]


def _is_ask(part: str) -> bool:
    folded = fold(part)
    if len(folded) < 8 or POLITE.match(folded):
        return False
    return "?" in part or bool(REQUEST.search(folded)) or bool(POSITION.search(folded) and len(JOINED.split(part)) > 9)
