"""Writing documents: those that events are about, or all of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet

from comptoir.cases.models import Case, Message
from comptoir.customers.models import Contact
from comptoir.events.models import Event
from comptoir.events.queries import subjects_of
from comptoir.search.models import Document
from comptoir.search.sources import DIGEST, SOURCES, Entry, said

BATCH = 500
KEY = 7_357_001
# Verbs of these packages say nothing of a customer's own row, and these of a case leave its messages where they are.
ELSEWHERE = ("cases.", "orders.", "promises.", "actions.")
# Acts after which everything is found as before.
SILENT = ("orders.confirm", "orders.hold", "orders.lift_hold")
STAYING = {
    "cases.opened", "cases.received", "cases.replied", "cases.noted", "cases.logged", "cases.sent", "cases.send_failed",
    "cases.assigned", "cases.tagged", "cases.untagged", "cases.linked", "cases.flagged", "cases.waiting", "cases.snoozed",
    "cases.woken", "cases.update_set", "cases.ask_added", "cases.ask_answered", "cases.ask_refused", "cases.ask_promised",
}  # fmt: skip

WRITE = """
INSERT INTO search_doc (noun, object_id, case_id, customer_id, scope_team, title, at, norm, tsv, digest)
SELECT noun, object_id, case_id, customer_id, scope_team, title, at, norm,
       array_to_tsvector(string_to_array(words, ' ')), digest
FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[],
            %s::text[], %s::text[], %s::text[])
     AS t (noun, object_id, case_id, customer_id, scope_team, title, at, norm, words, digest)
ON CONFLICT (noun, object_id) DO UPDATE SET case_id = EXCLUDED.case_id, customer_id = EXCLUDED.customer_id,
    scope_team = EXCLUDED.scope_team, title = EXCLUDED.title, at = EXCLUDED.at, norm = EXCLUDED.norm,
    tsv = EXCLUDED.tsv, digest = EXCLUDED.digest
"""
# A case's messages go where it goes: only where they belong is written anew.
REHOME = """
UPDATE search_doc d SET case_id = m.case_id, customer_id = c.customer_id, scope_team = c.team_id
FROM cases_message m JOIN cases_case c ON c.id = m.case_id
WHERE d.noun = 'message' AND d.object_id = m.id AND m.case_id = ANY(%s)
  AND (d.case_id, d.customer_id, d.scope_team) IS DISTINCT FROM (m.case_id, c.customer_id, c.team_id)
"""
MOVED = """
SELECT 'order', o.id FROM orders_order o LEFT JOIN search_doc d ON d.noun = 'order' AND d.object_id = o.id
WHERE o.customer_id = ANY(%(all)s) AND (o.customer_id = ANY(%(renamed)s) OR d.customer_id IS DISTINCT FROM o.customer_id)
UNION ALL
SELECT 'quote', q.id FROM orders_quote q LEFT JOIN search_doc d ON d.noun = 'quote' AND d.object_id = q.id
WHERE q.customer_id = ANY(%(all)s) AND (q.customer_id = ANY(%(renamed)s) OR d.customer_id IS DISTINCT FROM q.customer_id)
UNION ALL
SELECT 'agreement', a.id FROM catalog_agreement a
LEFT JOIN search_doc d ON d.noun = 'agreement' AND d.object_id = a.id
WHERE a.customer_id = ANY(%(all)s) AND (a.customer_id = ANY(%(renamed)s) OR d.customer_id IS DISTINCT FROM a.customer_id)
UNION ALL
SELECT 'case', c.id FROM cases_case c LEFT JOIN search_doc d ON d.noun = 'case' AND d.object_id = c.id
WHERE c.customer_id = ANY(%(all)s) AND (c.customer_id = ANY(%(renamed)s) OR d.customer_id IS DISTINCT FROM c.customer_id)
"""


def follow(event_ids: Sequence[int]) -> None:
    """Write the documents of what some events are about; whoever is renamed, their orders and cases too."""
    told = Event.objects.filter(pk__in=event_ids).exclude(action__in=SILENT)
    verbs = dict(told.values_list("pk", "verb"))
    if not verbs:
        return
    own = [pk for pk, verb in verbs.items() if not verb.startswith(ELSEWHERE)]
    people = [pk for _noun, pk in subjects_of(own, "customer")] if own else []
    rows: dict[str, set[int]] = {noun: set() for noun in SOURCES}
    found = [pk for pk, verb in verbs.items() if not verb.startswith("promises.")]
    for noun, pk in subjects_of(found, "order", "quote", "agreement", "case", "product"):
        rows[noun].add(pk)
    if all(verb.startswith("cases.") for verb in verbs.values()):
        rows["order"].clear()
    with transaction.atomic(savepoint=False):
        _alone()
        if people:
            _people(people, rows)
        for noun in ("product", "order", "quote", "agreement", "case"):
            index(noun, sorted(rows[noun]))
        _said_in(sorted(rows["case"]), stay=STAYING.issuperset(verbs.values()))


def _people(ids: Sequence[int], rows: dict[str, set[int]]) -> None:
    """Write customers and their contacts, and note what else has to be written because of it."""
    there = Contact.objects.filter(customer__in=ids).values_list("pk", flat=True)
    gone = Document.objects.filter(noun="contact", customer_id__in=ids).values_list("object_id", flat=True)
    renamed = index("customer", ids) + index("contact", sorted({*there, *gone}))
    with connection.cursor() as cursor:
        cursor.execute(MOVED, {"all": list(ids), "renamed": [e.customer_id for e in renamed]})
        for noun, pk in cursor.fetchall():
            rows[noun].add(pk)


def index(noun: str, ids: Sequence[int]) -> list[Entry]:
    """Write the documents of some rows and forget those of rows that are gone; the ones that had another title."""
    if not ids:
        return []
    stored = Document.objects.filter(noun=noun, object_id__in=ids)
    before = {pk: (digest, title) for pk, digest, title in stored.values_list("object_id", "digest", "title")}
    entries = list(SOURCES[noun][1](ids))
    _write([e for e in entries if e.object_id not in before or before[e.object_id][0] != e.digest])
    if gone := before.keys() - {e.object_id for e in entries}:
        stored.filter(object_id__in=gone).delete()
    return [e for e in entries if e.object_id in before and before[e.object_id][1] != e.title]


def _write(entries: Sequence[Entry]) -> None:
    if not entries:
        return
    columns = [
        [getattr(entry, column) for entry in entries]
        for column in (
            "noun", "object_id", "case_id", "customer_id", "scope_team", "title", "at", "norm", "words", "digest",
        )
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns)


def _said_in(cases: Sequence[int], stay: bool = False) -> None:
    """Write what was said in cases: what is new and, unless all `stay`, where it belongs and what is no longer found."""
    if not cases:
        return
    here = said().filter(case__in=cases)
    if not stay:
        with connection.cursor() as cursor:
            cursor.execute(REHOME, [list(cases)])
        known = Document.objects.filter(noun="message", case_id__in=cases)
        known.exclude(object_id__in=here.values("pk")).delete()
    index("message", sorted(unwritten(here)))


def unwritten(messages: QuerySet[Message]) -> list[int]:
    """The messages that have no document, or one of other words."""
    same = Document.objects.filter(noun="message", object_id=OuterRef("pk"), digest=OuterRef("told"))
    return list(messages.annotate(told=DIGEST).exclude(Exists(same)).values_list("pk", flat=True))


def reindex() -> int:
    """Write every document anew where it differs, in batches beside the running desk; how many there are."""
    for noun, (model, _source) in SOURCES.items():
        for ids in batches(model):
            with transaction.atomic():
                _alone()
                index(noun, ids)
    with transaction.atomic():
        _alone()
        for cases in batches(Case):
            with connection.cursor() as cursor:
                cursor.execute(REHOME, [cases])
        for noun, (model, _source) in SOURCES.items():
            rows = model._default_manager
            Document.objects.filter(noun=noun).exclude(object_id__in=rows.values("pk")).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_doc")
    return Document.objects.count()


def batches(model: type[Model]) -> Iterator[list[int]]:
    """The ids of all rows, in parts."""
    last = 0
    rows: Any = model._default_manager
    while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def _alone() -> None:
    """Wait for others who write documents, so that what is read next is written by nobody later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
