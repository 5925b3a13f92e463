"""How papers get in, and what the machine thinks of them: queries, runs, pace, models."""

from ingest.models.alarms import Alarm, Delivery
from ingest.models.audits import Audit, Gap
from ingest.models.candidates import ConceptCandidate
from ingest.models.embeddings import TextVector
from ingest.models.held import STALE_AFTER
from ingest.models.language_models import (
    LanguageModelAnswer,
    LanguageModelCall,
    LanguageModelPause,
)
from ingest.models.listings import Listing
from ingest.models.measurements import Measurement
from ingest.models.notes import KEPT_NOTES, HarvestNote
from ingest.models.pace import DatabaseClock, MissingRecord, Pace
from ingest.models.previews import Preview
from ingest.models.queries import Query, Way
from ingest.models.refusals import Refusal
from ingest.models.runs import Harvest
from ingest.models.suggesters import SuggesterModel, SuggesterPolicy, SuggesterUpdate

__all__ = [
    "KEPT_NOTES",
    "STALE_AFTER",
    "Alarm",
    "Audit",
    "ConceptCandidate",
    "DatabaseClock",
    "Delivery",
    "Gap",
    "Harvest",
    "HarvestNote",
    "LanguageModelAnswer",
    "LanguageModelCall",
    "LanguageModelPause",
    "Listing",
    "Measurement",
    "MissingRecord",
    "Pace",
    "Preview",
    "Query",
    "Refusal",
    "SuggesterModel",
    "SuggesterPolicy",
    "SuggesterUpdate",
    "TextVector",
    "Way",
]
