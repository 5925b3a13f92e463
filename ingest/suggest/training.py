"""Learning from labelled papers. Only this, `planes` and `mixing` need scikit-learn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from ingest.suggest import embed_learning, evaluate, planes
from ingest.suggest.calibrate import (
    DEFAULT_THRESHOLD,
    TARGETS,
    Calibration,
    best_threshold,
    find_shift,
    find_target_threshold,
    find_threshold,
    precise_threshold,
)
from ingest.suggest.combine import Matrix, Signals, Suggester
from ingest.suggest.embed_learning import Labelled
from ingest.suggest.embed_nearness import Embedding
from ingest.suggest.examples import Examples
from ingest.suggest.linear import Linear, spread
from ingest.suggest.mixing import learn_mixture, trust_in
from ingest.suggest.reading import Reading
from ingest.suggest.subjects import Subjects
from ingest.suggest.vectors import learn_features

LEAST_POSITIVES = 3  # fewer teach more about their accidents than about their concept
LEAST_PAPERS = 50  # fewer labelled papers, and the vocabulary alone is the better judge
REJECT_WEIGHT = 2.0  # a curator's no, against a label that is merely missing
FOLDS = 5


@dataclass(frozen=True)
class Trained:
    """A suggester, and its figures on papers its linear model had not seen.

    `evaluation` is empty when there was too little to learn from.
    """

    suggester: Suggester
    evaluation: dict[str, Any]

    @property
    def is_better(self) -> bool:
        """Than the vocabulary alone, on the same papers."""
        found = self.evaluation
        return bool(found) and found["ndcg@5"] >= found["vocabulary_alone"]["ndcg@5"]


def train(
    subjects: Subjects,
    examples: Examples,
    progress: Callable[[str], None] = lambda _: None,
    embedding: Embedding | None = None,
) -> Trained:
    """A suggester that has learned; the vocabulary's own when there is too little to learn."""
    known = subjects.without_works(title for title, _ in examples.papers)
    untrained = Suggester(known, embedding=embedding)
    truth = untrained.truth_of(examples.labels)
    taught = np.flatnonzero(truth.sum(axis=0) >= LEAST_POSITIVES)
    if len(examples) < LEAST_PAPERS or not len(taught):
        progress(f"{len(examples)} labelled papers are too few: the vocabulary alone decides.")
        return Trained(Suggester(subjects, embedding=embedding), {})
    rejected = untrained.table_of(examples.rejected)
    reading = Reading.of(examples.papers)
    progress(f"{len(examples)} labelled papers, {len(taught)} concepts with enough of them.")
    features = learn_features(reading.whole())
    rows = features.transform(reading)
    weights = np.where(rejected, REJECT_WEIGHT, 1.0)
    unseen = _unseen_scores(rows, truth[:, taught], weights[:, taught], progress)
    learned = planes.fit(rows, truth[:, taught], weights[:, taught])
    slugs = [subjects.slugs[column] for column in taught]
    plain = untrained.signals(reading)
    signals = replace(plain, linear=spread(unseen, slugs, untrained.columns), nearness=None)
    mixture = learn_mixture(untrained, signals, truth)
    suggester = untrained.having(
        linear=Linear(features, slugs, *learned), mixture=mixture, name="learned"
    )
    shifts = _shifts(suggester, signals, truth)
    suggester = suggester.having(calibration=Calibration(shifts=shifts))
    if plain.nearness is not None:
        labelled = Labelled(reading, truth[:, taught], weights[:, taught], taught.tolist())
        vectors, nearness = embed_learning.learn(
            suggester, suggester.logits(signals), plain.nearness, labelled
        )
        suggester = suggester.having(taught=vectors)
        signals = replace(signals, nearness=nearness)
    suggester = suggester.having(calibration=_thresholds(suggester, signals, truth))
    return Trained(
        replace(suggester, subjects=subjects),
        {
            **_figures(suggester, signals, truth),
            "vocabulary_alone": _figures(untrained, plain, truth),
        },
    )


def _figures(
    suggester: Suggester, signals: Signals, truth: NDArray[np.bool_]
) -> dict[str, Any]:
    slugs = suggester.subjects.slugs
    tops = np.flatnonzero(np.array(suggester.parents) < 0)
    found = suggester.mix(signals)
    chosen = suggester.chosen(found)
    figures = evaluate.measure(
        [slugs[at] for at in tops], truth[:, tops], found[:, tops], chosen[:, tops]
    )
    figures["bins"] = evaluate.reliability(found[:, tops], truth[:, tops])
    figures["targets"] = {}
    for target in TARGETS:
        picked = suggester.having(target=target).chosen(found)[:, tops]
        figures["targets"][str(target)] = evaluate.outcome(truth[:, tops], picked)
    return figures


def _unseen_scores(
    rows: "sp.csr_matrix",
    truth: NDArray[np.bool_],
    weights: NDArray[np.float64],
    progress: Callable[[str], None],
) -> Matrix:
    """Scores for each paper from planes that have not seen it: what a mixture may trust."""
    scores = np.zeros(truth.shape, np.float32)
    folds = KFold(FOLDS, shuffle=True, random_state=0).split(np.arange(len(truth)))
    for number, (seen, unseen) in enumerate(folds, start=1):
        found, bias = planes.fit(rows[seen], truth[seen], weights[seen])
        scores[unseen] = rows[unseen] @ found + bias
        progress(f"Fold {number} of {FOLDS} done.")
    return scores


def _shifts(
    suggester: Suggester, signals: Signals, truth: NDArray[np.bool_]
) -> dict[str, float]:
    slugs = suggester.subjects.slugs
    logits = suggester.logits(signals)
    taught = np.flatnonzero(truth.any(axis=0))
    return {slugs[at]: find_shift(logits[:, at], truth[:, at]) for at in taught}


def _thresholds(
    suggester: Suggester, signals: Signals, truth: NDArray[np.bool_]
) -> Calibration:
    """Beside the shifts that it has."""
    slugs = suggester.subjects.slugs
    taught = [column for column in range(len(slugs)) if truth[:, column].any()]
    found = suggester.mix(signals)
    trust = trust_in(len(truth))
    best = best_threshold(found[:, taught], truth[:, taught])
    default = trust * best + (1 - trust) * DEFAULT_THRESHOLD
    cuts = {slugs[at]: find_threshold(found[:, at], truth[:, at], default) for at in taught}
    targets = {
        str(target): _cuts_for(target, found, truth, taught, slugs) for target in TARGETS
    }
    return replace(suggester.calibration, cuts=cuts, default=default, targets=targets)


def _cuts_for(
    target: int,
    found: Matrix,
    truth: NDArray[np.bool_],
    taught: Sequence[int],
    slugs: Sequence[str],
) -> dict[str, float]:
    """Thresholds at which that percentage of the suggestions is right, concept by concept."""
    share = target / 100
    common = precise_threshold(found[:, taught], truth[:, taught], share)
    cuts = {
        slugs[at]: find_target_threshold(found[:, at], truth[:, at], share, common)
        for at in taught
    }
    return {**cuts, "": common}
