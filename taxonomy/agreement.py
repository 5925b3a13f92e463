"""How far two people agree beyond chance: figures over judgements, nothing of the database.

Cohen's kappa for one concept (J. Cohen, A Coefficient of Agreement for Nominal Scales, 1960)
with the large-sample standard error of Fleiss, Cohen and Everitt (Large Sample Standard
Errors of Kappa and Weighted Kappa, 1969). Krippendorff's alpha for whole sets of concepts
(K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011) with the distance MASI
(R. Passonneau, Measuring Agreement on Set-Valued Items for Semantic and Pragmatic
Annotation, 2006).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import NormalDist
from typing import TypeVar

V = TypeVar("V", bound=Hashable)

CERTAINTY = 0.95


@dataclass(frozen=True)
class Kappa:
    """Agreement on one concept; the interval holds the true kappa 95 times in 100."""

    papers: int
    observed: float  # share of papers on which both said the same
    value: float | None  # None where both always said the same one thing
    low: float | None
    high: float | None


def kappa(both: int, first: int, second: int, neither: int) -> Kappa:
    """From the numbers of papers to which both, only one, or neither gave the concept.

    Undefined where nobody or everybody gave it on every paper: then chance alone agrees.
    """
    papers = both + first + second + neither
    if papers == 0:
        return Kappa(0, 0.0, None, None, None)
    shares = ((both / papers, first / papers), (second / papers, neither / papers))
    rows = [sum(row) for row in shares]
    columns = [shares[0][0] + shares[1][0], shares[0][1] + shares[1][1]]
    observed = shares[0][0] + shares[1][1]
    chance = rows[0] * columns[0] + rows[1] * columns[1]
    if chance > 1 - 1e-12:
        return Kappa(papers, observed, None, None, None)
    value = (observed - chance) / (1 - chance)
    reach = NormalDist().inv_cdf(0.5 + CERTAINTY / 2) * _error(
        shares, rows, columns, value, chance, papers
    )
    return Kappa(papers, observed, value, max(value - reach, -1.0), min(value + reach, 1.0))


def alpha(units: Iterable[Sequence[V]], distance: Callable[[V, V], float]) -> float | None:
    """Krippendorff's alpha of the values that each unit was given, by two or more people.

    `distance` is 0 for what is the same, symmetric, and already squared where the metric is
    an interval. A unit with fewer than two values says nothing. None where there is nothing
    to compare, or only one value in all.
    """
    values: Counter[V] = Counter()
    observed = 0.0
    for unit in units:
        if len(unit) < 2:
            continue
        values.update(unit)
        apart = sum(distance(one, other) for one, other in combinations(unit, 2))
        observed += 2 * apart / (len(unit) - 1)
    total = sum(values.values())
    expected = sum(
        2 * values[one] * values[other] * distance(one, other)
        for one, other in combinations(values, 2)
    )
    if expected == 0:
        return None
    return 1 - (total - 1) * observed / expected


def masi(one: frozenset[V], other: frozenset[V]) -> float:
    """Distance of two sets, 0 to 1: Jaccard's likeness, less where neither holds the other."""
    if one == other:
        return 0.0
    shared = len(one & other)
    if shared == 0:
        return 1.0
    fits = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - fits * shared / len(one | other)


def _error(
    shares: Sequence[Sequence[float]],
    rows: Sequence[float],
    columns: Sequence[float],
    value: float,
    chance: float,
    papers: int,
) -> float:
    same = sum(
        shares[at][at] * (1 - (rows[at] + columns[at]) * (1 - value)) ** 2 for at in (0, 1)
    )
    apart = (1 - value) ** 2 * sum(
        shares[at][1 - at] * (columns[at] + rows[1 - at]) ** 2 for at in (0, 1)
    )
    spread = same + apart - (value - chance * (1 - value)) ** 2
    return sqrt(max(spread, 0.0) / papers) / (1 - chance)
