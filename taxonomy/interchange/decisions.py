"""The trail as lines: each record as it is sealed, and beside it the name and the seal."""

from collections.abc import Iterator
from typing import Any

from taxonomy import trail
from taxonomy.interchange import csv, ndjson
from taxonomy.models import Decision
from taxonomy.models.review import DecisionQuerySet

HEAD = (
    *("id", "paper", "concept", "verdict", "reason", "note", "actor_kind", "actor", "name"),
    *("paper_version", "text_revision", "edition", "suggester", "score", "batch", "key"),
    *("reverts", "created_at", "seal"),
)


def as_ndjson(rows: DecisionQuerySet) -> Iterator[str]:
    """One object a line: the sealed record in its order, then `name` and `seal`."""
    for found in _records(rows):
        yield ndjson.line(found)


def as_csv(rows: DecisionQuerySet) -> Iterator[str]:
    """The same as cells."""
    return csv.lines(HEAD, ([found[name] for name in HEAD] for found in _records(rows)))


def _records(rows: DecisionQuerySet) -> Iterator[dict[str, Any]]:
    for chunk in trail.in_chunks(rows):
        seals = trail.digests_of(chunk)
        for decision in chunk:
            yield trail.record(decision) | {
                "name": _name(decision),
                "seal": seals.get(decision.pk),
            }


def _name(decision: Decision) -> str:
    return decision.actor.public_name if decision.actor else decision.actor_name
