"""Queries that are asked many times a second: their SQL is made once.

For a query that finds a handful of rows, composing the SQL takes several times as long as
running it. What belongs to it still stands in the methods of the querysets alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Row = tuple[Any, ...]
STAND_INS: dict[type, Callable[[int], object]] = {
    int: lambda at: 2**40 + at,
    datetime: lambda at: datetime(9000 + at, 1, 1, tzinfo=UTC),
}


def fetch(sql: str, *values: Any) -> list[Row]:
    """The rows of one statement."""
    with connection.cursor() as cursor:
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
        self.made: tuple[str, tuple[object, ...], list[tuple[int, int]]] | None = None

    def rows(self, *values: object) -> list[Row]:
        """What it finds with these values. One query."""
        return self._ask("%s", values)

    def count(self, *values: object) -> int:
        """How many rows it finds. One query."""
        ((found,),) = self._ask("SELECT count(*) FROM (%s) found", values)
        return int(found)

    def _ask(self, form: str, values: tuple[object, ...]) -> list[Row]:
        sql, given, places = self.made or self._compose()
        parameters = list(given)
        for at, which in places:
            parameters[at] = values[which]
        return fetch(form.replace("%s", sql), *parameters)

    def _compose(self) -> tuple[str, tuple[object, ...], list[tuple[int, int]]]:
        stand_ins = [STAND_INS[type_](at) for at, type_ in enumerate(self.types)]
        sql, given = self.make(*stand_ins).query.sql_with_params()
        places = [
            (at, stand_ins.index(value)) for at, value in enumerate(given) if value in stand_ins
        ]
        assert {which for _, which in places} == set(range(len(stand_ins)))
        self.made = (sql, given, places)
        return self.made
