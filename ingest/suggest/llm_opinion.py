"""What a language model said of papers, as one more signal beside the suggester's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

# No word of a model counts for more than these odds: it is sure of itself too easily.
SUREST = 0.98


@dataclass(frozen=True)
class Opinion:
    """Papers × concepts, NaN for a paper that the model was not asked about."""

    model: str
    said: Matrix
    weight: float  # share of the model in the decision; the suggester has the rest

    @property
    def signal(self) -> str:
        """What its word is called in the evidence."""
        return f"llm:{self.model}"

    def pool(self, logits: Matrix) -> Matrix:
        """The suggester's logits and the model's, each with its share, where both have one."""
        chance = np.clip(self.said, 1 - SUREST, SUREST)
        theirs = np.log(chance / (1 - chance))
        pooled = (1 - self.weight) * logits + self.weight * theirs
        return np.asarray(np.where(np.isnan(self.said), logits, pooled), np.float32)

    def has(self, row: int) -> bool:
        """Whether the model was asked about this paper."""
        return not np.isnan(self.said[row]).any()


def table(
    said: Sequence[dict[str, float] | None], columns: dict[str, int], parents: Sequence[int]
) -> Matrix:
    """From answers by slug; a narrower concept says its broader ones as well."""
    found = np.full((len(said), len(columns)), np.nan, np.float32)
    for row, chances in enumerate(said):
        if chances is None:
            continue
        found[row] = 0.0
        for slug, chance in chances.items():
            column = columns.get(slug, -1)
            while column >= 0:
                found[row, column] = max(found[row, column], chance)
                column = parents[column]
    return found
