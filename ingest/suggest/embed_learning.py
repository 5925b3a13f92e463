"""What labelled papers teach about their vectors. Needs scikit-learn.

A plane a concept, and how much it, standing out and the words' logit count: for all concepts
together, then each drawn to the words alone as long as few of its papers are labelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from ingest.suggest.calibrate import find_shift
from ingest.suggest.combine import Matrix, Suggester
from ingest.suggest.embed_nearness import WORDS_ALONE, Nearness, Taught, weights_of
from ingest.suggest.mixing import trust_in
from ingest.suggest.reading import Reading

INVERSE_PENALTY = 10.0
OWN_PRIOR = 25.0  # labelled papers of one concept that its words alone count for
UNTAUGHT = -5.0  # bias of a plane that nothing can be learned for
FOLDS = 5


@dataclass(frozen=True)
class Labelled:
    """Papers, what is true of them and how it counts: × the concepts of these columns."""

    reading: Reading
    truth: NDArray[np.bool_]
    counts: NDArray[np.float64]
    columns: Sequence[int]


def learn(
    suggester: Suggester, logits: Matrix, nearness: Nearness, papers: Labelled
) -> tuple[Taught, Nearness]:
    """What was learned, and the signal as for papers that it has not seen.

    `logits` and `nearness` are of the same papers, the former from words not seen either.
    Papers without a vector are left out of it.
    """
    embedding = suggester.embedding
    concepts = embedding.concepts(suggester.subjects) if embedding else None
    if embedding is None or concepts is None:
        raise ValueError("There is no embedding to learn from.")
    rows = embedding.rows(papers.reading.papers, concepts.shape[1])
    known = np.flatnonzero(~np.isnan(rows).any(axis=1))
    unseen = np.zeros_like(papers.truth, np.float32)
    for seen, left in _folds(known):
        planes, bias = fit(rows[seen], papers.truth[seen], papers.counts[seen])
        unseen[left] = rows[left] @ planes + bias
    columns = list(papers.columns)
    slugs = [suggester.subjects.slugs[at] for at in columns]
    said = np.stack([logits[:, columns], nearness.outstanding[:, columns], unseen], axis=2)
    weights = _weights(said[known], papers.truth[known])
    taught = Taught(
        embedding.name,
        slugs,
        *fit(rows[known], papers.truth[known], papers.counts[known]),
        dict(zip(slugs, weights, strict=True)),
    )
    planes = np.zeros_like(nearness.planes)
    planes[:, columns] = unseen
    weighed = weights_of(suggester.subjects, taught, slugs)
    return taught, Nearness(nearness.outstanding, planes, weighed)


def fit(
    rows: Matrix, truth: NDArray[np.bool_], counts: NDArray[np.float64]
) -> tuple[Matrix, Matrix]:
    """Width × concepts and biases."""
    planes = np.zeros((rows.shape[1], truth.shape[1]), np.float32)
    bias = np.full(truth.shape[1], UNTAUGHT, np.float32)
    for at in range(truth.shape[1]):
        mine = truth[:, at]
        if 0 < mine.sum() < len(mine):
            model = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced")
            model.fit(rows, mine, sample_weight=counts[:, at])
            planes[:, at], bias[at] = model.coef_[0], float(model.intercept_[0])
    return planes, bias


def _folds(rows: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    if len(rows) < FOLDS:
        return []
    folds = KFold(FOLDS, shuffle=True, random_state=0).split(rows)
    return [(rows[seen], rows[left]) for seen, left in folds]


def _weights(said: NDArray[np.float32], truth: NDArray[np.bool_]) -> list[tuple[float, ...]]:
    """For each concept, from papers × concepts × signals."""
    if not truth.any() or truth.all():
        return [WORDS_ALONE] * truth.shape[1]
    model = LogisticRegression(C=1000.0)
    model.fit(said.reshape(-1, said.shape[2]), truth.ravel())
    common = np.array([model.intercept_[0], *model.coef_[0]])
    trust = trust_in(len(truth))
    found = []
    for at in range(truth.shape[1]):
        mine = truth[:, at]
        share = trust * mine.sum() / (mine.sum() + OWN_PRIOR)
        weights = share * common + (1 - share) * np.array(WORDS_ALONE)
        weights[0] += find_shift(np.float32(weights[0]) + said[:, at] @ weights[1:], mine)
        found.append(tuple(map(float, weights)))
    return found
