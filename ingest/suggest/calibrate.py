"""Probabilities that mean what they say, and the line below which nothing is suggested."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

DEFAULT_THRESHOLD = 0.33
# Labelled papers that a concept's own shift, and its own threshold, must outweigh. Many for the
# shift: how often a concept occurs among them is the taste of those who chose them as well.
SHIFT_PRIOR, CUT_PRIOR = 300.0, 12.0
LOWEST, HIGHEST = 0.2, 0.7  # a threshold outside would come from too few papers
# Of the suggestions, this share shall be right: what an editor may ask for, in percent.
TARGETS = tuple(range(50, 100, 5))
NEVER = 1.01  # a threshold that no probability reaches


@dataclass(frozen=True)
class Calibration:
    """Shift of the logits and threshold by slug; what is not known has the default."""

    shifts: dict[str, float] = field(default_factory=dict)
    cuts: dict[str, float] = field(default_factory=dict)
    default: float = DEFAULT_THRESHOLD
    # By target ("80"), the threshold of each slug; "" for concepts that were not learned.
    targets: dict[str, dict[str, float]] = field(default_factory=dict)

    def shifts_of(self, slugs: Sequence[str]) -> NDArray[np.float32]:
        """What is added to the logit of each."""
        return np.array([self.shifts.get(slug, 0.0) for slug in slugs], np.float32)

    def thresholds(
        self, slugs: Sequence[str], target: int | None = None
    ) -> NDArray[np.float32]:
        """Where F1 is best, or where that share (percent) of the suggestions is right.

        A target that nothing was learned for is taken as a threshold: among calibrated
        probabilities above it, at least that share comes true.
        """
        cuts, default = self.cuts, self.default
        if target is not None:
            cuts = self.targets.get(str(target), {})
            default = cuts.get("", target / 100)
        return np.array([cuts.get(slug, default) for slug in slugs], np.float32)


def find_shift(logits: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """The shift that makes the mean probability the share of positives, held back by a prior.

    Newton's steps on a logistic likelihood with a quadratic penalty around no shift.
    """
    shift = 0.0
    for _ in range(50):
        guess = 1.0 / (1.0 + np.exp(-(logits + shift)))
        slope = float((truth - guess).sum()) - shift * SHIFT_PRIOR / 4
        bend = float((guess * (1 - guess)).sum()) + SHIFT_PRIOR / 4
        step = float(np.clip(slope / bend, -1.0, 1.0))
        shift += step
        if abs(step) < 1e-4:
            break
    return shift


def find_threshold(
    probabilities: NDArray[np.float32], truth: NDArray[np.bool_], default: float
) -> float:
    """Where F1 is best for one concept, drawn to the default when positives are few.

    Halfway to where F1 should be best if the probabilities come true: a few papers on either
    side of a line make its best place jump.
    """
    positives = int(truth.sum())
    if not positives:
        return default
    best = best_threshold(probabilities, truth) + best_threshold(probabilities, probabilities)
    best /= 2
    share = positives / (positives + CUT_PRIOR)
    return float(np.clip(share * best + (1 - share) * default, LOWEST, HIGHEST))


def find_target_threshold(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.bool_],
    share_right: float,
    common: float,
) -> float:
    """As `precise_threshold`, drawn to the common one when positives are few."""
    positives = int(truth.sum())
    own = precise_threshold(probabilities, truth, share_right)
    share = positives / (positives + CUT_PRIOR)
    return float(share * own + (1 - share) * common)


def precise_threshold(
    probabilities: NDArray[np.float32], truth: NDArray[np.bool_], share_right: float
) -> float:
    """The lowest probability above which at least this share is true, or NEVER."""
    order = np.argsort(-probabilities, axis=None, kind="stable")
    ranked, right = probabilities.ravel()[order], truth.ravel()[order]
    precise = np.cumsum(right) >= share_right * np.arange(1, len(right) + 1)
    # Equal probabilities are suggested together or not at all.
    precise &= np.append(ranked[1:] < ranked[:-1], True)
    found = np.flatnonzero(precise)
    return float(ranked[found[-1]]) if len(found) else NEVER


def best_threshold(
    probabilities: NDArray[np.float32], truth: NDArray[np.bool_] | NDArray[np.float32]
) -> float:
    """The probability at which F1 is best over all given pairs.

    `truth` may be how likely each pair is true.
    """
    order = np.argsort(-probabilities, axis=None, kind="stable")
    ranked, right = probabilities.ravel()[order], truth.ravel()[order]
    hits = np.cumsum(right)
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + hits[-1])
    at = int(f1.argmax())
    below = ranked[at + 1] if at + 1 < len(ranked) else 0.0
    return float(np.clip((ranked[at] + below) / 2, 0.05, 0.95))
