"""How good suggestions are, measured against labelled papers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.combine import Suggester

DEPTH = 5  # nobody reads more suggestions on one paper
BINS = 15  # of the calibration error

Scores = NDArray[np.float32]
Table = NDArray[np.bool_]
Gains = NDArray[np.float64]


def measure(
    slugs: Sequence[str], truth: Table, probabilities: Scores, chosen: Table
) -> dict[str, Any]:
    """Every figure of the contract but the speed; papers × slugs each.

    Rankings are taken over papers that have a label, means over labels that occur.
    """
    hits = (truth & chosen).sum(axis=0)
    wanted, given = truth.sum(axis=0), chosen.sum(axis=0)
    labels = {
        slug: {
            "papers": int(wanted[at]),
            "suggested": int(given[at]),
            **_rates(hits[at], given[at], wanted[at]),
            "calibration_error": round(
                calibration_error(probabilities[:, at], truth[:, at]), 4
            ),
        }
        for at, slug in enumerate(slugs)
    }
    occurring = [labels[slug] for at, slug in enumerate(slugs) if wanted[at]]
    labelled = truth.any(axis=1)
    gains = _top_hits(probabilities[labelled], truth[labelled])
    return {
        "papers": len(truth),
        "concepts": len(slugs),
        "micro": _rates(hits.sum(), given.sum(), wanted.sum()),
        "macro": {
            name: _mean([label[name] for label in occurring])
            for name in ("precision", "recall", "f1")
        },
        "ndcg@5": _mean(ndcg(gains, truth[labelled].sum(axis=1))),
        "recall@5": _mean(gains.sum(axis=1) / np.maximum(truth[labelled].sum(axis=1), 1)),
        "precision@1": _mean(gains[:, 0]) if gains.size else 0.0,
        "expected_calibration_error": _rounded(calibration_error(probabilities, truth)),
        "abstained": _mean(~chosen.any(axis=1)),
        "labels": labels,
    }


def asked_of(suggester: Suggester, labels: Sequence[set[str]]) -> tuple[list[int], Table]:
    """The columns that such labels ask for, and what is true in them.

    Top concepts always; narrower ones too when any label is one. A narrower label says its
    broader concept as well. Labels that the vocabulary does not know are left out.
    """
    truth = suggester.truth_of(labels)
    tops = [at for at, parent in enumerate(suggester.parents) if parent < 0]
    slugs = suggester.subjects.slugs
    used = {slug for one in labels for slug in one}
    if used & {slug for at, slug in enumerate(slugs) if suggester.parents[at] >= 0}:
        tops = list(range(len(slugs)))
    return tops, truth[:, tops]


def ndcg(gains: Table, relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """Normalised discounted gain of each row of hits, best first, given how many there are."""
    discounts = 1.0 / np.log2(np.arange(2, gains.shape[1] + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])
    best = ideal[np.minimum(relevant, gains.shape[1])]
    return np.asarray((gains * discounts).sum(axis=1) / np.maximum(best, 1e-12))


def calibration_error(probabilities: Scores, truth: Table) -> float:
    """Mean distance between a probability and how often it comes true, in equal bins."""
    flat, true = probabilities.ravel(), truth.ravel().astype(np.float64)
    if not len(flat):
        return 0.0
    bins = np.minimum((flat * BINS).astype(np.int64), BINS - 1)
    said = np.bincount(bins, flat, BINS)
    was = np.bincount(bins, true, BINS)
    return float(np.abs(said - was).sum() / len(flat))


def reliability(probabilities: Scores, truth: Table) -> list[dict[str, float]]:
    """How often it came true, for each stretch of probabilities that occurs."""
    flat, true = probabilities.ravel(), truth.ravel().astype(np.float64)
    bins = np.minimum((flat * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    said, was = np.bincount(bins, flat, BINS), np.bincount(bins, true, BINS)
    return [
        {
            "pairs": int(count[at]),
            "said": _rounded(said[at] / count[at]),
            "came_true": _rounded(was[at] / count[at]),
        }
        for at in np.flatnonzero(count)
    ]


def outcome(truth: Table, chosen: Table) -> dict[str, float]:
    """What such suggestions come to: rates, how many a paper, papers without any."""
    return {
        **_rates((truth & chosen).sum(), chosen.sum(), truth.sum()),
        "per_paper": _rounded(chosen.sum() / max(len(chosen), 1)),
        "abstained": _mean(~chosen.any(axis=1)),
    }


def gains_of(probabilities: Scores, truth: Table) -> Gains:
    """nDCG@5 of each paper that has a label."""
    labelled = truth.any(axis=1)
    gains = _top_hits(probabilities[labelled], truth[labelled])
    return ndcg(gains, truth[labelled].sum(axis=1))


def _top_hits(probabilities: Scores, truth: Table) -> Table:
    """Which of the first suggestions are right, best first."""
    ranked = np.argsort(-probabilities, axis=1, kind="stable")[:, :DEPTH]
    return np.take_along_axis(truth, ranked, axis=1)


def _rounded(value: Any) -> float:
    return round(float(value), 4)


def _rates(hits: float, given: float, wanted: float) -> dict[str, float]:
    return {
        "precision": _rounded(hits / given) if given else 0.0,
        "recall": _rounded(hits / wanted) if wanted else 0.0,
        "f1": _rounded(2 * hits / (given + wanted)) if given + wanted else 0.0,
    }


def _mean(values: Any) -> float:
    return _rounded(np.mean(values)) if len(values) else 0.0
