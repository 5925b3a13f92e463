"""How papers get in, and what the machine thinks of them: queries, runs, pace, models."""

from ingest.models.audits import Audit, Gap
from ingest.models.listings import Listing
from ingest.models.pace import DatabaseClock, MissingRecord, Pace
from ingest.models.queries import Query, Way
from ingest.models.runs import STALE_AFTER, Harvest, Refusal
from ingest.models.suggesters import SuggesterModel

__all__ = [
    "STALE_AFTER",
    "Audit",
    "DatabaseClock",
    "Gap",
    "Harvest",
    "Listing",
    "MissingRecord",
    "Pace",
    "Query",
    "Refusal",
    "SuggesterModel",
    "Way",
]
