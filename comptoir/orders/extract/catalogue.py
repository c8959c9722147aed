"""The catalogue's own names of several words, as a document writes them or in another form."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from comptoir.lib.text import fold
from comptoir.orders.extract.forms import are_forms
from comptoir.orders.inbound import Fields, is_other_form, spelled

Start = tuple[str, ...]


class Catalogue:
    """Names of several words, kept by how their words begin: forms of one name begin alike."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.kept: defaultdict[Start, list[tuple[list[str], str]]] = defaultdict(list)
        for name in names:
            words = [fold(word) for word in spelled(name).split()]
            if len(words) > 1:
                self.kept[_start(words)].append((words, name))
        self.sizes = sorted({len(start) for start in self.kept}, reverse=True)

    def named(self, words: Sequence[str], languages: Collection[str]) -> str:
        """The name that words are, or else are another form of; nothing for none, and for the names of several products.

        Products are often called in English whatever is spoken, so that its forms are looked for beside.
        """
        here = [fold(word) for word in words]
        alike = self.kept.get(_start(here), ())
        found = [name for known, name in alike if known == here]
        found = found or [name for known, name in alike if are_forms(known, here, {*languages, "en"})]
        return found[0] if len(found) == 1 else ""


NO_NAMES = Catalogue()


def propose(
    fields: Fields, taught: Mapping[str, str], parts: Collection[str], names: Catalogue, languages: Collection[str]
) -> None:
    """Let a line that names no part read as the name of which it writes another form; what is taught needs no proposal."""
    written = {field: spelled(fields[field].text) for field in ("part", "description") if field in fields}
    if any(word.casefold() in parts for text in written.values() for word in text.split()):
        return
    for field, text in written.items():
        if name := text if text in taught else names.named(text.split(), languages):
            read = replace(fields[field], text=name)
            if name == text or (fold(name) != fold(text) and is_other_form(read)):
                fields[field] = read
            return


def _start(words: Sequence[str]) -> Start:
    return tuple(word if any(c.isdigit() for c in word) else word[:2] for word in words)
