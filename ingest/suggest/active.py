"""The suggester in use, kept in memory until the vocabulary, model or update in use changes."""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

from ingest.models import SuggesterModel
from ingest.suggest import artefact, embed, subjects, update
from ingest.suggest.combine import Suggester
from taxonomy import vocabulary
from taxonomy.models.composed import fetch

logger = logging.getLogger(__name__)

# Model, its file, target and update in use, in one row: asked for with each text.
_IN_USE = """
SELECT model.number, model.file, policy.target, newest.number
FROM (VALUES (1)) AS always(id)
LEFT JOIN ingest_suggestermodel AS model ON model.active
LEFT JOIN ingest_suggesterpolicy AS policy ON policy.id = always.id
LEFT JOIN LATERAL (
    SELECT number FROM ingest_suggesterupdate AS made
    WHERE made.base_id IS NOT DISTINCT FROM model.id ORDER BY number DESC LIMIT 1
) AS newest ON true
"""


@dataclass(frozen=True)
class _Kept:
    terms: vocabulary.Vocabulary
    model: int | None
    target: int | None
    trained: Suggester
    update: int | None
    suggester: Suggester

    def is_of(
        self, terms: vocabulary.Vocabulary, model: int | None, target: int | None
    ) -> bool:
        return self.terms is terms and (self.model, self.target) == (model, target)


_lock = threading.Lock()
_kept: _Kept | None = None


def folder() -> Path:
    return Path(settings.KADAI_HOME) / "models"


def current() -> Suggester:
    """The suggester in use: two queries while nothing has changed.

    Without a model, or with one whose file cannot be read, the vocabulary decides alone. What
    was decided since it was trained corrects it.
    """
    global _kept  # noqa: PLW0603  (the point of this module)
    terms = vocabulary.current()
    ((wanted, file, target, newest),) = fetch(_IN_USE)
    kept = _kept
    if kept and kept.is_of(terms, wanted, target) and kept.update == newest:
        return kept.suggester
    with _lock:
        kept = _kept
        if not (kept and kept.is_of(terms, wanted, target)):
            model = None if wanted is None else SuggesterModel(number=wanted, file=file)
            trained = _load(terms, model, target)
            kept = _Kept(terms, wanted, target, trained, None, trained)
        if kept.update != newest:
            kept = replace(kept, update=newest, suggester=update.apply(kept.trained, newest))
        _kept = kept
        return kept.suggester


def forget() -> None:
    """Drop what is in memory, where numbers may repeat: after a test or a restore."""
    global _kept  # noqa: PLW0603
    _kept = None


def _load(
    terms: vocabulary.Vocabulary, model: SuggesterModel | None, target: int | None
) -> Suggester:
    found, embedding = subjects.from_vocabulary(terms), embed.current()
    if model is not None:
        try:
            path = folder() / model.file
            return artefact.load(path, found, model.name, target, embedding)
        except artefact.ModelUnreadable as error:
            logger.warning("Suggesting from the vocabulary alone: %s", error)
    return Suggester(
        found, name=f"vocabulary-{terms.number}", target=target, embedding=embedding
    )
