"""Reads of one shape that the ORM compiles once: for the few paths that are walked all day."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, ForeignKey, Lookup, Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


class Given(Expression):
    """The place of a value that is named when the read is asked."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any=ids`: one of a list that is sent as one value."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, before = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*before, self.rhs]


class Prepared(Generic[M]):
    """Rows by a query that is built once, with places for what it is asked: `LINES(order.pk)`.

        LINES = Prepared(lambda order: Line.objects.filter(order_id=order).select_related("product"))

    The values are those of the columns (keys, not rows); lists go to `field__any`, and an empty one finds nothing without asking.
    What is prefetched is not read.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self.build = build
        self.sql = ""

    def __call__(self, *given: Any) -> list[M]:
        if [] in given:
            return []
        if not self.sql:
            self._compile(len(given))
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [given[v.place] if isinstance(v, Given) else v for v in self.values])
            found = cursor.fetchall()
        return list(self._rows(found))

    def first(self, *given: Any) -> M | None:
        """The only row, or the first, or none."""
        return next(iter(self(*given)), None)

    def _compile(self, places: int) -> None:
        query = self.build(*map(Given, range(places))).query
        self.compiler = compiler = query.get_compiler(connection=connection)
        sql, self.values = compiler.as_sql()
        self.converters = compiler.get_converters([one[0] for one in compiler.select])
        told = compiler.klass_info
        places_of = told["select_fields"]
        self.model, self.begin, self.end = told["model"], places_of[0], places_of[-1] + 1
        self.names = [compiler.select[at][0].target.attname for at in range(self.begin, self.end)]
        self.related = get_related_populators(told, compiler.select, connection.alias)  # type: ignore[call-arg]
        self.annotations = list(compiler.annotation_col_map.items())
        self.sql = sql

    def _rows(self, found: list[Any]) -> Iterator[M]:
        rows = self.compiler.apply_converters(found, self.converters) if self.converters else found
        for values in rows:
            row = self.model.from_db(connection.alias, self.names, values[self.begin : self.end])
            for populator in self.related:
                populator.populate(values, row)
            for name, at in self.annotations:
                setattr(row, name, values[at])
            yield row


COMPILED: dict[tuple[type[Model], str], Prepared[Any]] = {}


def those_of(rows: QuerySet[M], lookup: str, value: Any) -> list[M]:
    """The rows of a value (`"pk__any", [1, 2]`), by key; `rows` are a model's, all or by conditions alone.

    Compiled once where they are all of a model's, as `visible_to` gives them to those who see everything; else asked as ever.
    """
    if rows.query.where:
        return list(rows.filter(**{lookup: value}).order_by("pk"))
    model = rows.model
    if (model, lookup) not in COMPILED:
        COMPILED[model, lookup] = Prepared(lambda given: model._base_manager.filter(**{lookup: given}).order_by("pk"))
    found: list[M] = COMPILED[model, lookup](value)
    return found


def first_of(rows: QuerySet[M], lookup: str, value: Any) -> M | None:
    """The first, or the only one, of `those_of`."""
    return next(iter(those_of(rows, lookup, value)), None)
