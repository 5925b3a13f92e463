"""The suggester in use, kept in memory until the vocabulary or the model in use changes."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ingest.models import SuggesterModel, SuggesterPolicy
from ingest.suggest import artefact, subjects
from ingest.suggest.combine import Suggester
from taxonomy import vocabulary

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Kept:
    terms: vocabulary.Vocabulary
    model: int | None
    target: int | None
    suggester: Suggester


_lock = threading.Lock()
_kept: _Kept | None = None


def folder() -> Path:
    return Path(settings.KADAI_HOME) / "models"


def current() -> Suggester:
    """The suggester in use: three queries while nothing has changed.

    Without a model, or with one whose file cannot be read, the vocabulary decides alone.
    """
    global _kept  # noqa: PLW0603  (the point of this module)
    terms = vocabulary.current()
    model = SuggesterModel.objects.in_use().first()
    wanted = model.number if model else None
    target = SuggesterPolicy.objects.target()
    kept = _kept
    if kept and kept.terms is terms and (kept.model, kept.target) == (wanted, target):
        return kept.suggester
    with _lock:
        kept = _kept
        if not (kept and kept.terms is terms and (kept.model, kept.target) == (wanted, target)):
            _kept = kept = _Kept(terms, wanted, target, _load(terms, model, target))
        return kept.suggester


def forget() -> None:
    """Drop what is in memory, where numbers may repeat: after a test or a restore."""
    global _kept  # noqa: PLW0603
    _kept = None


def _load(
    terms: vocabulary.Vocabulary, model: SuggesterModel | None, target: int | None
) -> Suggester:
    found = subjects.from_vocabulary(terms)
    if model is not None:
        try:
            return artefact.load(folder() / model.file, found, model.name, target)
        except artefact.ModelUnreadable as error:
            logger.warning("Suggesting from the vocabulary alone: %s", error)
    return Suggester(found, name=f"vocabulary-{terms.number}", target=target)
