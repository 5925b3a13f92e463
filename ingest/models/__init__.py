"""How papers get in, and what the machine thinks of them: queries, runs, pace, models."""

from ingest.models.candidates import ConceptCandidate
from ingest.models.pace import DatabaseClock, MissingRecord, Pace
from ingest.models.queries import Query, Way
from ingest.models.runs import STALE_AFTER, Harvest, Refusal
from ingest.models.suggesters import SuggesterModel, SuggesterPolicy

__all__ = [
    "STALE_AFTER",
    "ConceptCandidate",
    "DatabaseClock",
    "Harvest",
    "MissingRecord",
    "Pace",
    "Query",
    "Refusal",
    "SuggesterModel",
    "SuggesterPolicy",
    "Way",
]
