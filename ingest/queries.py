"""The verbs on queries: write one, switch it, take it away.

Whoever writes says which revision was read; if another person has written since, nothing
is changed and the writer is told.
"""

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify

from ingest.models import Query

ASKED = ("way", "search", "match", "known_only")  # what arXiv is asked for, and how
WRITTEN = ("name", *ASKED, "interval", "enabled")
LONGEST_SLUG = 60


class ChangedMeanwhile(Exception):
    """Another person has written; `query` is how it is now, None if it has been deleted."""

    def __init__(self, query: Query | None) -> None:
        super().__init__(query)
        self.query = query


class NameTaken(Exception):
    """Another query has this name."""


def add(values: dict[str, Any]) -> Query:
    """A new query, its address made from its name. Raises NameTaken."""
    for slug in _slugs(values["name"]):
        try:
            with transaction.atomic():
                return Query.objects.create(slug=slug, **values)
        except IntegrityError as error:
            if Query.objects.filter(name=values["name"]).exists():
                raise NameTaken from error
            if not Query.objects.filter(slug=slug).exists():
                raise
    raise AssertionError("there is always another number")


def change(query: Query, values: dict[str, Any], *, revision: int) -> Query:
    """Write what was edited as of `revision`. Raises ChangedMeanwhile and NameTaken.

    A query that asks for something else now begins anew: that everything up to its watermark
    is here was true of what it asked for before.
    """
    try:
        with transaction.atomic():
            found = Query.objects.select_for_update().filter(pk=query.pk).first()
            if found is None or found.revision != revision:
                raise ChangedMeanwhile(found)
            if any(getattr(found, name) != values[name] for name in ASKED):
                found.watermark = found.last_pulled_at = None
            for name in WRITTEN:
                setattr(found, name, values[name])
            found.revision += 1
            found.save()
            return found
    except IntegrityError as error:
        raise NameTaken from error


def switch(query: Query, *, enabled: bool) -> None:
    """Pulled on schedule, or only when asked for. Twice is once."""
    rows = Query.objects.filter(pk=query.pk, enabled=not enabled)
    rows.update(enabled=enabled, revision=F("revision") + 1)


def delete(query: Query, *, revision: int) -> None:
    """Its runs and papers stay, also a run that is under way. Raises ChangedMeanwhile."""
    with transaction.atomic():
        found = Query.objects.select_for_update().filter(pk=query.pk).first()
        if found is None:
            return
        if found.revision != revision:
            raise ChangedMeanwhile(found)
        found.delete()


def _slugs(name: str) -> Iterator[str]:
    base = slugify(name)[: LONGEST_SLUG - 6].strip("-") or "query"
    number = 1 if base not in {"new", "query"} else 2
    while number < 100_000:
        yield base if number == 1 else f"{base}-{number}"
        number += 1
