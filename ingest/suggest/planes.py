"""A separating plane a concept, fitted to labelled papers. Needs scikit-learn.

Each is made of two logistic regressions. One treats all words alike; to the other those
that set the concept's papers apart from the rest look bigger, so that it leans on them. They
err on different papers, and a sum of planes is again one plane: it costs nothing to use.
"""

import warnings

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Matrix = NDArray[np.float32]

INVERSE_PENALTY = 10.0
PRECISION = 0.01  # of the solver: a finer one takes three times as long and changes nothing
UNTAUGHT = -5.0  # bias of a plane that nothing can be learned for
SMOOTHING = 0.3  # of how often a word stands on either side
# How big a word looks: at least the first, the mean word more by the second.
LEAST_SIZE, MEAN_SIZE = 0.25, 0.375
EVEN, LEANING = 0.6, 0.4  # as the one that leans lays papers half as far apart again


def fit(
    rows: "sp.csr_matrix", truth: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[Matrix, Matrix]:
    """Features × concepts and biases, from papers, what is true of them and how it counts."""
    planes = np.zeros((rows.shape[1], truth.shape[1]), np.float32)
    bias = np.full(truth.shape[1], UNTAUGHT, np.float32)
    for at in range(truth.shape[1]):
        mine, counts = truth[:, at], weights[:, at]
        if not 0 < mine.sum() < len(mine):
            continue
        size = telling(rows, mine, counts)
        even = _regress(rows, mine, counts)
        leaning = _regress(rows @ sp.diags(size), mine, counts)
        planes[:, at] = EVEN * even[0] + LEANING * size * leaning[0]
        bias[at] = EVEN * even[1] + LEANING * leaning[1]
    return planes, bias


def telling(
    rows: "sp.csr_matrix", mine: NDArray[np.bool_], counts: NDArray[np.float64]
) -> Matrix:
    """How far each word's share of the concept's papers is from its share of the others."""
    there, elsewhere = (
        np.asarray(rows.T @ (counts * side)).ravel() + SMOOTHING for side in (mine, ~mine)
    )
    ratio = np.log((there / there.sum()) / (elsewhere / elsewhere.sum()))
    apart = np.abs(ratio)
    size = LEAST_SIZE + MEAN_SIZE * apart / max(float(apart.mean()), 1e-9)
    return np.asarray(size, np.float32)


def _regress(
    rows: "sp.csr_matrix", mine: NDArray[np.bool_], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    model = LogisticRegression(
        C=INVERSE_PENALTY,
        class_weight="balanced",
        solver="liblinear",
        dual=True,  # far fewer papers than words
        tol=PRECISION,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(rows, mine, sample_weight=counts)
    return model.coef_[0], float(model.intercept_[0])
