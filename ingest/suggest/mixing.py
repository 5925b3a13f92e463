"""How much each signal counts, learned from labelled papers.

First for all concepts together; then each concept may depart from that, as far as its own
labelled papers ask for it; then the vocabulary alone gets its share of the decision.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from ingest.suggest.combine import UNTRAINED, Matrix, Mixture, Signals, Suggester

PRIOR_PAPERS = 200  # labelled papers that the weights without training count for
OWN_PRIOR = 8.0  # labelled papers of one concept that its vocabulary counts for
# Variance of a concept's weights around the common ones: of the intercept, and of a signal
# whose spread is 1.
_FREEDOM = (1.0, 0.1)
_STEPS = 20


def learn_mixture(suggester: Suggester, signals: Signals, truth: NDArray[np.bool_]) -> Mixture:
    """From scores of papers that the linear model in `signals` has not seen."""
    tops = np.array([parent < 0 for parent in suggester.parents])
    taught = ~np.isnan(signals.linear).all(axis=0)
    columns = signals.columns(suggester.trees, trained=True)
    plain = signals.columns(suggester.trees, trained=False)
    untrained = _common(plain, truth, tops & taught)
    trust = trust_in(len(truth))
    untrained = tuple(trust * np.array(untrained) + (1 - trust) * np.array(UNTRAINED))
    trained = _common(columns, truth, tops & taught)
    spread = [max(float(column[:, tops & taught].std()), 1e-3) for column in columns]
    vocabulary = np.array([*untrained, *[0.0] * (len(trained) - len(untrained))])
    own = {}
    for at in np.flatnonzero(taught):
        table = np.stack([column[:, at] for column in columns], axis=1)
        found = _departed(np.array(trained), table, truth[:, at], np.array(spread))
        labelled = int(truth[:, at].sum())
        share = trust * labelled / (labelled + OWN_PRIOR)
        own[suggester.subjects.slugs[at]] = tuple(
            (share * found + (1 - share) * vocabulary).tolist()
        )
    return Mixture(untrained, trained, own)


def trust_in(papers: int) -> float:
    """How far labelled papers outweigh what holds without any."""
    return papers / (papers + PRIOR_PAPERS)


def _common(
    columns: Sequence[Matrix], truth: NDArray[np.bool_], chosen: NDArray[np.bool_]
) -> tuple[float, ...]:
    """Intercept and weights that hold for all chosen concepts at once."""
    table = np.stack([column[:, chosen].ravel() for column in columns], axis=1)
    model = LogisticRegression(C=1000.0).fit(table, truth[:, chosen].ravel())
    return (float(model.intercept_[0]), *map(float, model.coef_[0]))


def _departed(
    common: NDArray[np.float64],
    table: NDArray[np.float32],
    truth: NDArray[np.bool_],
    spread: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weights of one concept: Newton's steps from the common ones, drawn back to them."""
    signals = np.column_stack([np.ones(len(table)), table / spread])
    begun = common[0] + table @ common[1:]
    pull = 1 / np.array([_FREEDOM[0], *[_FREEDOM[1]] * len(spread)])
    change = np.zeros(len(common))
    for _ in range(_STEPS):
        guess = 1.0 / (1.0 + np.exp(-(begun + signals @ change)))
        slope = signals.T @ (truth - guess) - pull * change
        bend = (signals * (guess * (1 - guess))[:, None]).T @ signals + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        change += step
        if np.abs(step).max() < 1e-4:
            break
    return np.asarray(common + change / np.array([1.0, *spread]), np.float64)
