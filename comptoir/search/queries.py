"""Finding: by number, by words, by what was said, and by a name with one typo."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comptoir.cases.models import Case, Message
from comptoir.catalog.models import Agreement, Product
from comptoir.customers.models import Contact, Customer
from comptoir.lib.invariants import Finding
from comptoir.orders.models import Order, Quote
from comptoir.people.models import Member
from comptoir.search import documents, sql
from comptoir.search.asking import Asked, read
from comptoir.search.models import Document
from comptoir.search.sources import SOURCES, said
from comptoir.search.words import excerpt, is_near, words_of

NOUNS = ("customer", "contact", "case", "order", "quote", "agreement", "product", "message")
EXACT, BEGINS, PART, WORDS, NEAR = range(5)
FEW = 5
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found, how well (0 is exact), and the words around what was said."""

    row: Any
    rank: int
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one noun, best first, and whether there are more than are shown."""

    noun: str
    hits: list[Hit]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a member finds, the best group first."""

    asked: Asked
    groups: list[Group] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)


Ids = dict[str, dict[int, int]]


def find(member: Member, text: str, *, limit: int = SHOWN, nouns: Sequence[str] = NOUNS) -> Found:
    """Everything the member may see that a query names, at most `limit` of each noun."""
    wanted = read(text)
    if not wanted.is_enough:
        return Found(wanted)
    ids = ids_of(member, wanted, limit + 1, nouns)
    groups = [Group(noun, _hits(noun, ids[noun], member, wanted)) for noun in nouns if noun in ids]
    return Found(wanted, sorted(_cut(groups, limit), key=lambda g: (g.hits[0].rank, _place(g))))


def _place(group: Group) -> int:
    return NOUNS.index(group.noun)


def ids_of(member: Member, wanted: Asked, limit: int, nouns: Sequence[str] = NOUNS, customer: int | None = None) -> Ids:
    """Ids with their rank by noun, best first; of one customer where one is named."""
    found: Ids = defaultdict(dict)
    scope = sql.scope(member, customer)
    named = [noun for noun in nouns if noun != "message"]
    if wanted.keys:
        _keep(found, sql.by_key(wanted.keys, named, scope, limit))
    if wanted.query:
        _keep(found, sql.by_words(wanted, named, scope, limit))
        if "message" in nouns and wanted.is_sayable:
            _keep(found, sql.by_what_was_said(wanted.query, scope, limit * 2))
    if sum(map(len, found.values())) < FEW and wanted.is_name and customer is None:
        _keep(found, _near(wanted, named))
    return found


def _keep(found: Ids, rows: Iterable[tuple[str, int, int]]) -> None:
    for noun, pk, rank in rows:
        found[noun].setdefault(pk, rank)


def _near(wanted: Asked, nouns: Sequence[str]) -> list[tuple[str, int, int]]:
    """Customers, contacts and products whose name has every word of the query, one letter aside."""
    rows = sql.by_likeness(wanted.folded, [n for n in nouns if n in sql.NAMED])
    return [
        (noun, pk, NEAR)
        for noun, pk, name in rows
        if all(any(is_near(word, of) for of in words_of(name)) for word in wanted.words)
    ]


def _hits(noun: str, ranks: Mapping[int, int], member: Member, wanted: Asked) -> list[Hit]:
    """The rows of a noun as they stand now, read as the member sees them."""
    rows = LOADERS[noun](member, list(ranks))
    by_id = {row.pk: row for row in rows}
    return [Hit(by_id[pk], rank, _around(by_id[pk], wanted)) for pk, rank in ranks.items() if pk in by_id]


def _around(row: Any, wanted: Asked) -> str:
    return excerpt(row.text or row.subject, wanted.marked) if isinstance(row, Message) else ""


def _cut(groups: list[Group], limit: int) -> list[Group]:
    """At most so many of each noun; a case that is shown already is not shown for its messages again."""
    shown = {hit.row.pk for group in groups if group.noun == "case" for hit in group.hits[:limit]}
    kept = [(g.noun, [h for h in g.hits if g.noun != "message" or h.row.case_id not in shown]) for g in groups]
    return [Group(noun, hits[:limit], len(hits) > limit) for noun, hits in kept if hits]


def _cases(member: Member, ids: Sequence[int]) -> list[Case]:
    rows = Case.objects.visible_to(member).filter(pk__in=ids)
    return list(rows.select_related("customer", "contact", "owner", "merged_into"))


def _messages(member: Member, ids: Sequence[int]) -> list[Message]:
    """Messages in cases the member may see; the cases' visibility decides, a document only suggests."""
    seen = Case.objects.visible_to(member).values("pk")
    rows = (
        said()
        .filter(pk__in=ids, case__in=seen)
        .select_related("case__customer", "case__contact", "author", "conversation")
    )
    return list(rows.defer("html", "quoted", "references"))


def _orders(member: Member, ids: Sequence[int]) -> list[Order]:
    return list(Order.objects.visible_to(member).filter(pk__in=ids).select_related("customer"))


def _quotes(member: Member, ids: Sequence[int]) -> list[Quote]:
    return list(Quote.objects.visible_to(member).filter(pk__in=ids).select_related("customer"))


def _agreements(member: Member, ids: Sequence[int]) -> list[Agreement]:
    return list(Agreement.objects.visible_to(member).filter(pk__in=ids).select_related("customer"))


def _customers(member: Member, ids: Sequence[int]) -> list[Customer]:
    return list(Customer.objects.visible_to(member).filter(pk__in=ids))


def _contacts(member: Member, ids: Sequence[int]) -> list[Contact]:
    rows = Contact.objects.visible_to(member).filter(pk__in=ids).select_related("customer")
    return list(rows.prefetch_related("identities"))


def _products(member: Member, ids: Sequence[int]) -> list[Product]:
    rows = Product.objects.visible_to(member).filter(pk__in=ids)
    return list(rows.prefetch_related("stock__site", "prices"))


LOADERS: dict[str, Any] = {
    "case": _cases,
    "message": _messages,
    "order": _orders,
    "quote": _quotes,
    "agreement": _agreements,
    "customer": _customers,
    "contact": _contacts,
    "product": _products,
}


def recent(member: Member, refs: Sequence[tuple[str, str]], limit: int = 6) -> list[tuple[str, Any]]:
    """Rows named by noun and number, in that order, as far as the member may see them; else their latest cases."""
    found: dict[tuple[str, str], Any] = {}
    for noun in ("case", "order", "customer"):
        model: Any = SOURCES[noun][0]
        numbers = [number for kind, number in refs if kind == noun][:20]
        if numbers:
            rows = model.objects.visible_to(member).filter(number__in=numbers)
            related = ("customer",) if noun != "customer" else ()
            found |= {(noun, row.number): row for row in (rows.select_related(*related) if related else rows)}
    if not found:
        mine = Case.objects.visible_to(member).worked_on().filter(owner=member).select_related("customer", "contact")
        return [("case", case) for case in mine.order_by("-last_message_at")[:limit]]
    return [(ref[0], found[ref]) for ref in dict.fromkeys(refs) if ref in found][:limit]


def invariants() -> list[Finding]:
    """Rows that cannot be found as they are, and documents of rows that are gone."""
    stale: list[str] = []
    for noun, (model, source) in SOURCES.items():
        if noun == "message":
            stale += [f"message:{pk}" for pk in documents.unwritten(said())]
            continue
        for ids in documents.batches(model):
            known = dict(Document.objects.filter(noun=noun, object_id__in=ids).values_list("object_id", "digest"))
            stale += [f"{noun}:{e.object_id}" for e in source(ids) if known.get(e.object_id) != e.digest]
    lost = [f"{noun}:{pk}" for noun, pk in sql.lost()]
    return [
        Finding("Rows that cannot be found as they are (comptoir reindex mends it)", len(stale), stale[:5]),
        Finding("Documents of what is gone or belongs elsewhere (comptoir reindex mends it)", len(lost), lost[:5]),
    ]
