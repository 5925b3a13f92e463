"""Where a paper stands in each order of the queue, from what is open on it."""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple


class Orders(NamedTuple):
    """By the names of a screening's columns."""

    priority: float
    uncertainty: float
    mixed: float
    rare: float


def of(paper: int, pending: Mapping[int, float], accepted: Mapping[int, int]) -> Orders:
    """The orders of one paper; `pending` are its open scores, by concept.

    Uncertain is what lies halfway between yes and no. Of the mixed order every second paper
    stands where it is likely, the others where they are uncertain, so that both come in
    turn. A rare concept is one with few `accepted` papers: a score counts the more, the
    fewer there are.
    """
    if not pending:
        return Orders(0.0, 0.0, 0.0, 0.0)
    priority = max(pending.values())
    uncertainty = round(max(4 * p * (1 - p) for p in pending.values()), 4)
    rare = max(p / sqrt(1 + accepted.get(id_, 0)) for id_, p in pending.items())
    is_odd = paper % 2
    return Orders(priority, uncertainty, priority if is_odd else uncertainty, round(rare, 4))
