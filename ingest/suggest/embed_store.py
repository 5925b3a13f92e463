"""Vectors of texts in the database, where they are looked up by the text."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.models import TextVector
from taxonomy.models import Paper

Matrix = NDArray[np.float32]
_STORED = np.dtype("<f2")


def known(texts: Sequence[str], model: str) -> Matrix:
    """A row for each text, NaN where it has no vector. One query."""
    digests = [digest(text) for text in texts]
    rows = TextVector.objects.filter(digest__in=set(digests), model=model)
    found = {
        key: np.frombuffer(vector, _STORED).astype(np.float32)
        for key, vector in rows.values_list("digest", "vector")
    }
    width = max((len(one) for one in found.values()), default=1)
    unknown = np.full(width, np.nan, np.float32)
    return np.array([found.get(one, unknown) for one in digests], np.float32).reshape(-1, width)


def keep(vectors: Mapping[str, NDArray[np.float32]], model: str) -> None:
    """Of texts that belong to no paper; what another process kept first stays."""
    TextVector.objects.bulk_create(
        [
            TextVector(model=model, digest=digest(text), vector=_stored(vector))
            for text, vector in vectors.items()
        ],
        ignore_conflicts=True,
    )


def keep_of(papers: Sequence[Paper], vectors: Matrix, texts: Sequence[str], model: str) -> None:
    """Of these papers' texts, in place of what they had."""
    TextVector.objects.bulk_create(
        [
            TextVector(
                model=model,
                digest=digest(text),
                vector=_stored(vector),
                paper=paper,
                text_revision=paper.text_revision,
            )
            for paper, vector, text in zip(papers, vectors, texts, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["paper"],
        update_fields=["model", "digest", "vector", "text_revision"],
    )


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _stored(vector: NDArray[np.float32]) -> bytes:
    return vector.astype(_STORED).tobytes()
