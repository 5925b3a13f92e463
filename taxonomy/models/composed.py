"""Queries that are asked many times a second: made once, and planned once a connection.

For a query that finds a handful of rows, composing the SQL takes several times as long as
running it, and so does planning it. What belongs to it still stands in the methods of the
querysets alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet
from psycopg import Cursor
from psycopg.sql import Literal

Row = tuple[Any, ...]
STAND_INS: dict[type, Callable[[int], object]] = {
    int: lambda at: 2**40 + at,
    datetime: lambda at: datetime(9000 + at, 1, 1, tzinfo=UTC),
}


def fetch(sql: str, *values: Any) -> list[Row]:
    """The rows of one statement, which the server comes to parse and plan but once.

    It names its columns: a `*` would no longer fit what is prepared once a column is added.
    """
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    raw: Any = Cursor(here.connection)  # Django's own sends values within the SQL
    with (here.make_debug_cursor if here.queries_logged else here.make_cursor)(raw) as cursor:
        cursor.execute(sql, values)
        found: list[Row] = cursor.fetchall()
    return found


class Composed:
    """A queryset with places for values of these types, which may differ each time.

    Values come as the database driver has them: columns of JSON are text.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Any]], *types: type) -> None:
        self.make = make
        self.types = types
        self.made: tuple[str, list[int]] | None = None

    def rows(self, *values: object) -> list[Row]:
        """What it finds with these values. One query."""
        return self._ask("%s", values)

    def count(self, *values: object) -> int:
        """How many rows it finds. One query."""
        ((found,),) = self._ask("SELECT count(*) FROM (%s) found", values)
        return int(found)

    def _ask(self, form: str, values: tuple[object, ...]) -> list[Row]:
        sql, places = self.made or self._compose()
        return fetch(form.replace("%s", sql), *(values[which] for which in places))

    def _compose(self) -> tuple[str, list[int]]:
        """Its SQL, and which value stands at each place.

        What is the same each time is written out, or a partial index would not be seen to fit.
        """
        stand_ins = [STAND_INS[type_](at) for at, type_ in enumerate(self.types)]
        sql, given = self.make(*stand_ins).query.sql_with_params()
        places = [stand_ins.index(value) for value in given if value in stand_ins]
        assert set(places) == set(range(len(stand_ins)))
        connection.ensure_connection()
        parts = sql.split("%s")
        for at, value in enumerate(given):
            parts[at] += "%s" if value in stand_ins else _literal(value)
        self.made = ("".join(parts), places)
        return self.made


def _literal(value: object) -> str:
    return Literal(value).as_string(connection.connection).replace("%", "%%")
