"""The statements of finding. A document's team only narrows; the rows are read again through `visible_to`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from comptoir.people.models import Member
from comptoir.search.asking import Asked

Row = tuple[str, int, int]
SLICE = 2_000
LIKELY = 15
NAMED = {"customer": "customers_customer", "contact": "customers_contact", "product": "catalog_product"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose cases are looked through: teams (None: all) and, beyond them, the member's own and followed ones; of which
    customer, if of one only."""

    member: int
    teams: list[int] | None
    customer: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        return {"member": self.member, "teams": self.teams, "customer": self.customer}


def scope(member: Member, customer: int | None = None) -> Scope:
    """The scope of a member; one who is gone sees nothing."""
    teams = member.team_ids if member.is_active else frozenset()
    return Scope(member.pk, None if teams is None else sorted(teams), customer)


MINE = """mine AS MATERIALIZED (
    SELECT id FROM cases_case WHERE %(teams)s::bigint[] IS NOT NULL AND owner_id = %(member)s AND team_id <> ALL(%(teams)s)
    UNION SELECT case_id FROM cases_follow WHERE member_id = %(member)s
)"""
IN_SCOPE = """(scope_team IS NULL OR %(teams)s::bigint[] IS NULL OR scope_team = ANY(%(teams)s)
    OR case_id IN (SELECT id FROM mine)) AND (%(customer)s::bigint IS NULL OR customer_id = %(customer)s)"""
KEYS = """WITH {mine}
SELECT noun, object_id, rank FROM (
    SELECT noun, object_id, rank, at, row_number() OVER (PARTITION BY noun ORDER BY rank, at DESC, object_id DESC) AS place
    FROM (
        SELECT noun, object_id, at, CASE WHEN {exact} THEN 0 WHEN {begins} THEN 1 ELSE 2 END AS rank
        FROM search_doc WHERE norm <> '' AND ({within}) AND noun = ANY(%(nouns)s) AND {scope}
    ) AS found
) AS placed WHERE place <= %(limit)s ORDER BY rank, at DESC, object_id DESC
"""
WORDS = """WITH {mine}
SELECT noun, object_id, 3 FROM (
    SELECT noun, object_id, likeness, title, at,
           row_number() OVER (PARTITION BY noun ORDER BY likeness, at DESC, title, object_id DESC) AS place
    FROM (
        SELECT noun, object_id, title, at, CASE WHEN title = %(text)s THEN 0 WHEN title LIKE %(start)s THEN 1
               WHEN title LIKE %(inside)s THEN 2 ELSE 3 END AS likeness
        FROM search_doc
        WHERE noun <> 'message' AND noun = ANY(%(nouns)s) AND tsv @@ to_tsquery('simple', %(query)s) AND {scope}
    ) AS found
) AS placed WHERE place <= %(limit)s ORDER BY likeness, at DESC, title, object_id DESC
"""
# A word that is common is met in the latest messages of each team; only one that is rare there is looked up in the index,
# where it is rare too: neither way reads many documents.
SAID = """WITH {mine},
teams AS MATERIALIZED (SELECT unnest(coalesce(%(teams)s::bigint[], ARRAY(SELECT id FROM people_team))) AS id),
recent AS MATERIALIZED (
    SELECT DISTINCT ON (latest.case_id) latest.case_id, latest.object_id, latest.at FROM teams CROSS JOIN LATERAL (
        SELECT case_id, object_id, at, tsv FROM search_doc WHERE noun = 'message' AND scope_team = teams.id
        ORDER BY at DESC LIMIT greatest(200, %(slice)s / (SELECT count(*) FROM teams))
    ) AS latest
    WHERE latest.tsv @@ to_tsquery('simple', %(query)s) ORDER BY latest.case_id, latest.at DESC
),
rare AS MATERIALIZED (
    SELECT case_id, object_id, at FROM search_doc
    WHERE noun = 'message' AND tsv @@ to_tsquery('simple', %(query)s) AND (SELECT count(*) FROM recent) < %(limit)s
      AND {scope}
)
SELECT 'message', object_id, 3 FROM (
    SELECT DISTINCT ON (case_id) object_id, at FROM (SELECT * FROM recent UNION ALL SELECT * FROM rare) AS both_ways
    ORDER BY case_id, at DESC
) AS by_case ORDER BY at DESC LIMIT %(limit)s
"""


def by_key(keys: Sequence[str], nouns: Sequence[str], scope: Scope, limit: int) -> list[Row]:
    """Rows with a number or address that is one of the keys, begins with it or contains it, in that order."""
    values: dict[str, Any] = {f"k{i}": key for i, key in enumerate(keys)}

    def any_of(before: str, after: str) -> str:
        for i, key in enumerate(keys):
            values[f"{len(before)}{len(after)}_{i}"] = f"%{before}{key}{after}%"
        return " OR ".join(f"norm LIKE %({len(before)}{len(after)}_{i})s" for i in range(len(keys)))

    statement = KEYS.format(
        mine=MINE, scope=IN_SCOPE, exact=any_of(" ", " "), begins=any_of(" ", ""), within=any_of("", "")
    )
    return _rows(statement, values | scope.values | {"nouns": list(nouns), "limit": limit})


def by_words(wanted: Asked, nouns: Sequence[str], scope: Scope, limit: int) -> list[Row]:
    """Rows that have all words, each as a beginning; those so named first, then the latest."""
    like = wanted.folded.replace("\\", "").replace("%", "").replace("_", "")
    values = {"text": wanted.folded, "start": f"{like}%", "inside": f"% {like}%", "query": wanted.query}
    return _rows(
        WORDS.format(mine=MINE, scope=IN_SCOPE), values | scope.values | {"nouns": list(nouns), "limit": limit}
    )


def by_what_was_said(query: str, scope: Scope, limit: int) -> list[Row]:
    """The latest message of each case that has all words, the latest cases first."""
    return _rows(
        SAID.format(mine=MINE, scope=IN_SCOPE), scope.values | {"query": query, "limit": limit, "slice": SLICE}
    )


def by_likeness(text: str, nouns: Sequence[str]) -> list[tuple[str, int, str]]:
    """Names nearest to a text (pg_trgm, KNN over the short columns of names)."""
    if not nouns:
        return []
    parts = [
        f"(SELECT '{noun}', id, sort_key FROM {NAMED[noun]} ORDER BY sort_key <->> %(text)s LIMIT {LIKELY})"
        for noun in nouns
    ]
    return _rows(" UNION ALL ".join(parts), {"text": text})


def lost(limit: int = 1_000) -> list[tuple[str, int]]:
    """Documents whose row is gone, and messages' documents that name another case or team than theirs."""
    from comptoir.search.sources import SOURCES

    gone = [
        f"SELECT noun, object_id FROM search_doc d WHERE noun = '{noun}' AND NOT EXISTS "
        f"(SELECT 1 FROM {model._meta.db_table} r WHERE r.id = d.object_id)"
        for noun, (model, _source) in SOURCES.items()
    ]
    moved = """SELECT d.noun, d.object_id FROM search_doc d JOIN cases_message m ON m.id = d.object_id
        JOIN cases_case c ON c.id = m.case_id WHERE d.noun = 'message' AND (c.state IN ('spam', 'merged')
        OR m.state = 'undone' OR (d.case_id, d.customer_id, d.scope_team) IS DISTINCT FROM (c.id, c.customer_id, c.team_id))"""
    return _rows(" UNION ALL ".join([*gone, moved]) + f" LIMIT {limit}", {})


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
