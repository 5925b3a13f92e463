"""What the newest decisions add to the probabilities, until a training has learned from them.

For each concept that was decided on, a small logistic regression on top of what the suggester
in use says: it moves the logit of a paper as far as the paper is like those decided on. Only
what was accepted or rejected counts; that a concept was not named on a paper says nothing.

It depends on the set of decisions alone, not on when or in which order they came: whoever
computes it gets the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.reading import Reading
from ingest.suggest.vectors import Features

# Against moving logits: the lower, the more one decision moves. A concept is not moved as a
# whole: who decides on what is suggested sees too many of its true papers to tell their share.
PENALTY = 1.0
MOST_STEPS = 30
ENOUGH = 1e-6  # a step that moves logits by less is the last

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Correction:
    """By how much each concept's logit moves: one sparse plane a concept."""

    features: Features
    slugs: Sequence[str]
    planes: "sp.csr_matrix"  # features × slugs

    def score(self, reading: Reading, columns: Mapping[str, int]) -> NDArray[np.float32]:
        """Papers × concepts of the vocabulary; 0 where nothing was decided."""
        rows = self.features.transform(reading)
        moved = np.asarray((rows @ self.planes).todense(), np.float32)
        found = np.zeros((len(reading), len(columns)), np.float32)
        for at, slug in enumerate(self.slugs):
            if slug in columns:
                found[:, columns[slug]] = moved[:, at]
        return found


def fit(likeness: Vector, said: Vector, accepted: NDArray[np.bool_]) -> Vector:
    """One weight a decided paper: how far the papers like it move.

    `likeness` of the papers among themselves, `said` the logits before, and what people
    decided. Newton's method on the regularised likelihood: few steps, one optimum.
    """
    weights = np.zeros_like(said)
    logits = said
    for _ in range(MOST_STEPS):
        chance = 1.0 / (1.0 + np.exp(-logits))
        slope = np.maximum(chance * (1.0 - chance), 1e-6)
        wanted = logits - said + (accepted - chance) / slope
        weights = np.asarray(np.linalg.solve(likeness + np.diag(PENALTY / slope), wanted))
        moved = np.asarray(said + likeness @ weights, np.float64)
        done = np.abs(moved - logits).max() < ENOUGH
        logits = moved
        if done:
            break
    return weights


def assemble(
    features: Features, rows: "sp.csr_matrix", weights: Mapping[str, Mapping[int, float]]
) -> Correction:
    """From the decided papers' rows and, by slug, the weight of each row."""
    slugs = sorted(weights)
    table = sp.lil_matrix((rows.shape[0], len(slugs)), dtype=np.float32)
    for at, slug in enumerate(slugs):
        for row, weight in weights[slug].items():
            table[row, at] = weight
    return Correction(features, slugs, sp.csr_matrix(rows.T @ table.tocsr()))
