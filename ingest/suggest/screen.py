"""Which unread papers to show next to someone who looks for all papers on one concept.

Begins with what the vocabulary says and learns from each decision. Two models vote: one
sees words and the vocabulary's scores, the other words alone, since the last papers that
are found are those in which the vocabulary sees nothing. Each is a separating plane with
squared hinge loss, moved on from where it stood by a few Newton steps: no scikit-learn, and
the time for a decision grows only with the number of decisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.combine import Matrix, Suggester
from ingest.suggest.reading import Reading
from ingest.suggest.vectors import learn_features

Vector = NDArray[np.float32]

TITLE_SHARE = 0.5  # of the titles' block beside the whole text's
INVERSE_PENALTY = 0.11
ACCEPTED_SHARE = 9.8  # of the weight of all that was rejected
# Log-odds of the vocabulary: of the concept as a start that fades, and as two features.
HEAD_START = 0.2
FADES_AFTER = 2  # accepted papers that outweigh half of the start
OWN_WEIGHT, OTHERS_WEIGHT = 0.05, 0.02
OWN_FLOOR, OTHERS_FLOOR = 0.03, 0.001  # less likely than this is as good as unlikely
STEPS, INNER_STEPS = 3, 15
EXACT_ENOUGH = 0.05


@dataclass(frozen=True)
class Pool:
    """The papers to look through: read once, for any concept."""

    words: "sp.csr_matrix"  # of title and abstract together
    titles: "sp.csr_matrix"
    probabilities: Matrix  # papers × concepts, from a suggester
    columns: dict[str, int]

    @classmethod
    def of(cls, suggester: Suggester, papers: Sequence[tuple[str, str]]) -> "Pool":
        """Of (title, abstract) each; what is rare is counted among these papers."""
        reading = Reading.of(papers)
        features = learn_features(reading.whole())
        rows = features.transform(reading)
        return cls(
            words=rows[:, : features.width].tocsr(),
            titles=rows[:, features.width :].tocsr(),
            probabilities=suggester.probabilities(papers),
            columns=suggester.subjects.columns(),
        )

    def __len__(self) -> int:
        return len(self.probabilities)


class Screen:
    """One concept's way through a pool. Papers are called by their place in it."""

    def __init__(self, pool: Pool, slug: str) -> None:
        self.verdicts: dict[int, bool] = {}
        column = pool.columns[slug]
        self._start = log_odds(pool.probabilities[:, column], OWN_FLOOR)
        others = log_odds(pool.probabilities, OTHERS_FLOOR)
        always = np.ones((len(pool), 1), np.float32)
        told = np.hstack([always, OWN_WEIGHT * self._start[:, None], OTHERS_WEIGHT * others])
        self._rows = (
            sp.hstack([pool.words, TITLE_SHARE * pool.titles, told], "csr", np.float32),
            sp.hstack([pool.words, always], "csr", np.float32),
        )
        self._planes = [np.zeros(rows.shape[1], np.float32) for rows in self._rows]
        self._learned = 0  # decisions that the planes know

    def decide(self, place: int, *, accepted: bool) -> None:
        """Note a verdict; a later one on the same paper replaces it."""
        if place in self.verdicts:
            self._learned = 0
        self.verdicts[place] = accepted

    def scores(self) -> Vector:
        """Of every paper of the pool, read or not: the higher, the likelier relevant."""
        start = self._head_start()
        if not self.verdicts:
            return start
        if self._learned != len(self.verdicts):
            self._learn(start)
        known, plain = (
            rows @ plane for rows, plane in zip(self._rows, self._planes, strict=True)
        )
        return np.asarray(known + start + plain, np.float32)

    def unread(self, count: int) -> list[int]:
        """The papers to read next, the likeliest first."""
        scores = self.scores()
        scores[list(self.verdicts)] = -np.inf
        left = len(scores) - len(self.verdicts)
        best = np.argsort(-scores, kind="stable")[: min(count, left)]
        return [int(place) for place in best]

    def _head_start(self) -> Vector:
        accepted = sum(self.verdicts.values())
        share = HEAD_START * FADES_AFTER / (FADES_AFTER + accepted)
        return np.asarray(share * self._start, np.float32)

    def _learn(self, start: Vector) -> None:
        read = np.fromiter(self.verdicts, np.int64, len(self.verdicts))
        sides = np.where([self.verdicts[place] for place in read], 1.0, -1.0).astype(np.float32)
        weights = _weights(sides)
        for at, rows in enumerate(self._rows):
            before = start[read] if at == 0 else np.zeros(len(read), np.float32)
            self._planes[at] = separate(rows[read], sides, weights, before, self._planes[at])
        self._learned = len(self.verdicts)


def log_odds(probabilities: Matrix, floor: float) -> Matrix:
    """Logits of probabilities, none of them beyond the floor on either side."""
    kept = np.clip(probabilities, floor, 1 - floor)
    return np.asarray(np.log(kept / (1 - kept)), np.float32)


def separate(
    rows: "sp.csr_matrix", sides: Vector, weights: Vector, before: Vector, plane: Vector
) -> Vector:
    """The plane moved to where it tells the sides (1, -1) apart, on top of what is before.

    Newton's method on weighted squared hinge loss plus half the plane's squared length; each
    step is found by conjugate gradients.
    """
    turned = rows.T.tocsr()
    enough = EXACT_ENOUGH * float(np.sqrt(weights.sum()))
    for _ in range(STEPS):
        short = np.maximum(1 - sides * (rows @ plane + before), 0)
        slope = plane - turned @ (2 * weights * sides * short)
        if np.linalg.norm(slope) < enough:
            break
        plane = plane + _step(rows, turned, 2 * weights * (short > 0), slope)
    return plane


def _step(
    rows: "sp.csr_matrix", turned: "sp.csr_matrix", bend: Vector, slope: Vector
) -> Vector:
    step, rest, towards = np.zeros_like(slope), -slope, -slope
    length = float(rest @ rest)
    goal = 0.0025 * length
    for _ in range(INNER_STEPS):
        bent = towards + turned @ (bend * (rows @ towards))
        share = length / float(towards @ bent)
        step += share * towards
        rest = rest - share * bent
        shorter = float(rest @ rest)
        if shorter < goal:
            break
        towards = rest + shorter / length * towards
        length = shorter
    return step


def _weights(sides: Vector) -> Vector:
    """Accepted papers weigh as a group so many times what the rejected ones do together."""
    accepted = max(int((sides > 0).sum()), 1)
    rejected = max(int((sides < 0).sum()), 1)
    weights = np.where(sides > 0, 1.0, accepted / (ACCEPTED_SHARE * rejected))
    return np.asarray(weights * (INVERSE_PENALTY * len(sides) / weights.sum()), np.float32)
