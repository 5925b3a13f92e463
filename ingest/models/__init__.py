"""How papers get in: what is searched, each run, what was refused, and the pace."""

from ingest.models.pace import DatabaseClock, MissingRecord, Pace
from ingest.models.queries import Query
from ingest.models.runs import STALE_AFTER, Harvest, Refusal

__all__ = [
    "STALE_AFTER",
    "DatabaseClock",
    "Harvest",
    "MissingRecord",
    "Pace",
    "Query",
    "Refusal",
]
