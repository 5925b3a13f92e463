"""How many relevant papers of a concept wait unseen, and how sure that is.

Stratified estimation: suggestions that people decided on and suggestions still open are
sorted by their score. In each stretch of scores the share that was accepted is carried over
to the open ones, as a beta-binomial distribution: its prior is what the probabilities
themselves say, worth PRIOR decisions. Papers that the suggester misses are added by inverse
recall: among papers that people closed, concepts they added by hand are what it had missed,
so the misses among the open ones are negative-binomial, with a prior recall of four in five.
The interval holds 95 % of the sum, drawn DRAWS times with a fixed seed.

The two parts are standard: post-stratification (Cochran, Sampling Techniques, 1977, chapter
5A) with a Bayesian share in each stratum (Gelman et al., Bayesian Data Analysis, chapters 2
and 8), and the removal of missed ones by two independent searches (Chapman's estimate, as
in Kastner et al., The capture-mark-recapture technique, J. Clin. Epidemiol. 2009).

It holds as far as decided and open suggestions of like scores are alike. Papers without any
suggestion are not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ingest.models import Measurement

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 1.0)  # of the stretches of scores
STRATA = len(EDGES) - 1
PRIOR = 4.0  # decisions that the probabilities count for in each stretch
FOUND, MISSED = 4.0, 1.0  # of five relevant papers before anyone has looked
DRAWS = 4_000
CERTAINTY = 0.95

# What holds, by concept: suggested and accepted or rejected by a person, with the score it
# had; or accepted unasked.
_DECIDED = """
SELECT concept_id, width_bucket(score, %(edges)s::float8[]) - 1 AS stratum,
    count(*) FILTER (WHERE verdict = 'accept'), count(*)
FROM (
    SELECT DISTINCT ON (paper_id, concept_id) concept_id, verdict, score, actor_kind
    FROM taxonomy_decision AS one
    WHERE reverts_id IS NULL AND NOT EXISTS (
        SELECT FROM taxonomy_decision AS later WHERE later.reverts_id = one.id
    )
    ORDER BY paper_id, concept_id, id DESC
) AS standing
WHERE actor_kind = 'person' AND verdict IN ('accept', 'reject')
GROUP BY concept_id, stratum
"""

# What waits, is suggested and not decided.
_OPEN = """
SELECT suggestion.concept_id, width_bucket(suggestion.score, %(edges)s::float8[]) - 1,
    count(*), sum(suggestion.score)
FROM taxonomy_suggestion AS suggestion
JOIN taxonomy_screening AS screening USING (paper_id)
WHERE screening.state = 'waiting' AND NOT EXISTS (
    SELECT FROM taxonomy_decision AS decision
    WHERE decision.paper_id = suggestion.paper_id
        AND decision.concept_id = suggestion.concept_id
        AND decision.text_revision >= suggestion.text_revision
)
GROUP BY 1, 2
"""


def _zeros() -> NDArray[np.float64]:
    return np.zeros(STRATA)


@dataclass
class Counts:
    """Of one concept, by stretch of scores."""

    accepted: NDArray[np.float64] = field(default_factory=_zeros)
    decided: NDArray[np.float64] = field(default_factory=_zeros)
    waiting: NDArray[np.float64] = field(default_factory=_zeros)
    expected: NDArray[np.float64] = field(default_factory=_zeros)  # scores of `waiting`
    unasked: int = 0  # accepted although it was not suggested


@dataclass(frozen=True)
class Estimate:
    """Relevant papers of one concept among those that wait, between `low` and `high`."""

    papers: int
    low: int
    high: int
    decided: int  # decisions it rests on

    def as_json(self) -> dict[str, int]:
        return {
            "papers": self.papers, "low": self.low, "high": self.high, "decided": self.decided
        }  # fmt: skip


def estimate(counts: Counts, seed: int = 0) -> Estimate:
    """The median and the interval of the papers that are relevant and unseen."""
    chance = np.random.default_rng(seed)
    waiting = counts.waiting.astype(np.int64)
    share = np.divide(
        counts.expected, counts.waiting, out=np.full(STRATA, 0.5), where=counts.waiting > 0
    )
    share = np.clip(share, 0.001, 0.999)
    shares = chance.beta(
        PRIOR * share + counts.accepted,
        PRIOR * (1 - share) + counts.decided - counts.accepted,
        (DRAWS, STRATA),
    )
    found = chance.binomial(waiting, shares).sum(axis=1)
    seen = counts.accepted.sum()
    recall = chance.beta(FOUND + seen, MISSED + counts.unasked, DRAWS)
    missed = chance.negative_binomial(np.maximum(found, 1), recall) * (found > 0)
    tail = 100 * (1 - CERTAINTY) / 2
    low, middle, high = np.percentile(found + missed, [tail, 50, 100 - tail])
    decided = int(counts.decided.sum()) + counts.unasked
    return Estimate(round(middle), int(np.floor(low)), int(np.ceil(high)), decided)


def count() -> dict[int, Counts]:
    """What was decided and what is open, by concept id. Two queries."""
    found: dict[int, Counts] = {}
    asked = {"edges": list(EDGES)}
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, asked)
        for concept, stratum, accepted, decided in cursor.fetchall():
            counts = found.setdefault(concept, Counts())
            if stratum is None:  # without a score: nothing was suggested
                counts.unasked += accepted
                continue
            counts.accepted[_within(stratum)] += accepted
            counts.decided[_within(stratum)] += decided
        cursor.execute(_OPEN, asked)
        for concept, stratum, waiting, scores in cursor.fetchall():
            counts = found.setdefault(concept, Counts())
            counts.waiting[_within(stratum)] += waiting
            counts.expected[_within(stratum)] += scores
    return found


def measure(slug_of: Mapping[int, str]) -> dict[str, Any]:
    """Estimate for every concept, and keep it for the page and for programs."""
    figures = {
        slug_of[concept]: estimate(counts).as_json()
        for concept, counts in sorted(count().items())
        if concept in slug_of
    }
    Measurement.objects.keep(Measurement.Kind.UNSEEN, figures)
    return figures


def _within(stratum: int) -> int:
    return min(stratum, STRATA - 1)  # a score of 1 belongs to the last stretch
