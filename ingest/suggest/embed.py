"""Vectors of texts as one more signal, where a folder with a model is named; off by default.

A table of vectors costs next to nothing: it is asked whenever suggestions are made. What an
encoder makes of a text takes a tenth of a second: `embed_queue` computes it in the background,
and here is only looked up what it kept. Nothing is ever fetched.
"""

import logging
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core import checks

from ingest.suggest import embed_model, embed_store
from ingest.suggest.embed_model import Matrix, Model
from ingest.suggest.embed_nearness import Embedding
from ingest.suggest.embed_tensors import FileUnreadable

logger = logging.getLogger(__name__)

MEND = (
    "Put model.safetensors and tokenizer.json of the model there, and the JSON files that come "
    "with them; docs/suggestions.md says which models are computed. Or leave KADAI_EMBEDDINGS "
    "empty."
)


def current() -> Embedding | None:
    """None: no vectors count, as no folder is named or what it holds is of no use."""
    return _of(settings.KADAI_EMBEDDINGS)


def computing() -> Embedding | None:
    """The same, but of a text that is not known the vector is computed, and not kept."""
    model = encoder()
    return Embedding(model.name, _Computed(model).vectors) if model else current()


def encoder() -> Model | None:
    """In memory from now on; None where there is none, or a table in its place."""
    folder = settings.KADAI_EMBEDDINGS
    return _encoder(folder) if folder else None


def check(**options: Any) -> list[checks.CheckMessage]:
    """A folder of no use is said when Kadai starts, and does not keep it from starting."""
    folder = settings.KADAI_EMBEDDINGS
    try:
        if folder:
            embed_model.load(Path(folder))
    except FileUnreadable as error:
        return [checks.Warning(f"No embeddings: {error}", hint=MEND, id="ingest.W001")]
    return []


class _Computed:
    """Looked up, or computed and remembered by this object alone."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._met: dict[str, Matrix] = {}

    def vectors(self, texts: Sequence[str]) -> Matrix:
        found = embed_store.known(texts, self._model.name)
        if found.shape[1] != self._model.width:  # nothing is known
            found = np.full((len(texts), self._model.width), np.nan, np.float32)
        for row in np.flatnonzero(np.isnan(found).any(axis=1)).tolist():
            text = texts[row]
            if text not in self._met:
                self._met[text] = self._model.vectors([text])[0]
            found[row] = self._met[text]
        return found


@lru_cache(maxsize=1)
def _of(folder: str) -> Embedding | None:
    try:
        if not folder:
            return None
        if embed_model.is_table(Path(folder)):
            table = embed_model.load(Path(folder))
            return Embedding(table.name, table.vectors)
        name = embed_model.name_of(Path(folder))
    except FileUnreadable as error:
        logger.warning("Suggesting without embeddings: %s %s", error, MEND)
        return None
    return Embedding(name, partial(embed_store.known, model=name))


@lru_cache(maxsize=1)
def _encoder(folder: str) -> Model | None:
    try:
        return None if embed_model.is_table(Path(folder)) else embed_model.load(Path(folder))
    except FileUnreadable as error:
        logger.warning("Nothing is embedded: %s %s", error, MEND)
        return None
