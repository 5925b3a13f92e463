"""A batch of suggestions and where their papers stand, written in three statements."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

_DELETE = "DELETE FROM taxonomy_suggestion WHERE paper_id = ANY(%(papers)s)"

# One JSON text a statement: the database takes it apart faster than a driver puts together
# an array for each column.
_INSERT = """
INSERT INTO taxonomy_suggestion
    (paper_id, concept_id, suggester, score, evidence, paper_version, text_revision, created_at)
SELECT paper_id, concept_id, suggester, score, evidence, paper_version, text_revision, %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(
    paper_id bigint, concept_id bigint, suggester text, score float8, evidence jsonb,
    paper_version smallint, text_revision integer)
"""

# A paper that waits again is no longer one that someone has finished.
_PLACE = """
UPDATE taxonomy_screening AS here
SET state = row.state, priority = row.priority, uncertainty = row.uncertainty,
    mixed = row.mixed, rare = row.rare, suggester = row.suggester,
    paper_version = row.paper_version, text_revision = row.text_revision,
    suggested_at = %(now)s, error = '',
    screened_at = CASE WHEN row.state = 'screened' THEN here.screened_at END,
    screened_by_id = CASE WHEN row.state = 'screened' THEN here.screened_by_id END
FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(
    paper_id bigint, state text, priority float8, uncertainty float8, mixed float8,
    rare float8, suggester text, paper_version smallint, text_revision integer)
WHERE here.paper_id = row.paper_id
"""


class Claim(NamedTuple):
    """A suggestion to be stored, by the names of its columns."""

    paper_id: int
    concept_id: int
    suggester: str
    score: float
    evidence: dict[str, object]
    paper_version: int
    text_revision: int


class Place(NamedTuple):
    """What a screening says once its paper has been suggested for."""

    paper_id: int
    state: str
    priority: float
    uncertainty: float
    mixed: float
    rare: float
    suggester: str
    paper_version: int
    text_revision: int | None


def replace(claims: Sequence[Claim], places: Sequence[Place], now: datetime) -> None:
    """These suggestions instead of those that the papers of `places` had.

    The caller holds the rows of their screenings locked.
    """
    papers = [place.paper_id for place in places]
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, {"papers": papers})
        if claims:
            rows = json.dumps([claim._asdict() for claim in claims])
            cursor.execute(_INSERT, {"rows": rows, "now": now})
        rows = json.dumps([place._asdict() for place in places])
        cursor.execute(_PLACE, {"rows": rows, "now": now})
