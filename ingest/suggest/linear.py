"""What labelled papers teach: a weight for each word and pair, concept by concept.

Only prediction is here; scikit-learn is needed for learning alone (`training`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.reading import Reading
from ingest.suggest.vectors import Features


@dataclass
class Linear:
    """One separating plane a concept, for the concepts with enough labelled papers."""

    features: Features
    slugs: list[str]
    weights: NDArray[np.float32]  # features (whole text, then title) × slugs
    bias: NDArray[np.float32]

    def score(self, reading: Reading) -> NDArray[np.float32]:
        """Papers × own slugs: distances from the planes, above 0 for."""
        found = self.features.transform(reading)
        return np.asarray(found @ self.weights + self.bias, np.float32)


def spread(
    scores: NDArray[np.float32], slugs: Sequence[str], columns: dict[str, int]
) -> NDArray[np.float32]:
    """Scores in the columns of the vocabulary; NaN where nothing was learned.

    By slug, so that a concept that is new, gone or moved since never shifts another.
    """
    wide = np.full((len(scores), len(columns)), np.nan, np.float32)
    for at, slug in enumerate(slugs):
        if slug in columns:
            wide[:, columns[slug]] = scores[:, at]
    return wide
