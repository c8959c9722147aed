"""What a customer's mails call parts, as the order that was entered from one makes clear: the words beside a part's quantity."""

from collections.abc import Iterable, Sequence

from comptoir.orders.extract.forms import ENDINGS, are_forms
from comptoir.orders.extract.layout import Layout
from comptoir.orders.extract.phrases import Called, bare_words, named_in
from comptoir.orders.models import Line


def learn_names(taught: Layout, called: Iterable[Called], lines: Sequence[Line], alone: Sequence[str]) -> None:
    """Teach the names of the parts that the mail has no number of. `alone` has the numbers that it names by themselves.

    Of several names beside the same quantity each is taught that only one part can have: by the words of the part's own name,
    or because the others are of other parts.
    """
    known = {*alone, *taught.parts.values()} - {""}
    rest = [line for line in lines if line.product.number not in known]
    names = [one for one in called if not _is_known(one.name, known, taught)]
    while rest and (found := _clear(rest, names)):
        for line, name in found:
            taught.parts[name] = line.product.number
        rest = [line for line in rest if line not in [one for one, _name in found]]
        names = [one for one in names if one.name not in taught.parts]


def _is_known(name: str, known: Iterable[str], taught: Layout) -> bool:
    """True for what is the name of a part that is known already, by its number or as taught."""
    words = bare_words(name)
    return name in taught.parts or any(number.casefold() in words for number in known) or (
        bool(named_in(words, taught.parts, ()))
    )  # fmt: skip


def _clear(rest: Sequence[Line], names: Sequence[Called]) -> list[tuple[Line, str]]:
    """The lines of which it is clear what they are called, with that name."""
    found = []
    for line in rest:
        own = {line.quantity, line.ordered_quantity}
        mine = {one.name for one in names if one.quantity in own}
        rivals = [other for other in rest if other is not line and other.quantity in own]
        if len(mine) == 1 and not rivals:
            found.append((line, mine.pop()))
            continue
        best = [name for name in mine if _is_only(name, line, mine - {name}, rivals)]
        if len(best) == 1:
            found.append((line, best[0]))
    return found


def _is_only(name: str, line: Line, others: Iterable[str], rivals: Iterable[Line]) -> bool:
    """True where a name has more words of the part's own name than any other one there, and than it has of any other part's."""
    common = _common(name, line)
    return common > max((_common(other, line) for other in others), default=0) and common > max(
        (_common(name, rival) for rival in rivals), default=0
    )


def _common(name: str, line: Line) -> int:
    own = bare_words(line.product.name)
    return sum(any(are_forms([word], [other], tuple(ENDINGS)) for other in own) for word in bare_words(name))
