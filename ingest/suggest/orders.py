"""Where a paper stands in each order of the queue, from what is open on it."""

from collections.abc import Mapping
from math import sqrt

from taxonomy.models import Screening


def place(
    screening: Screening, pending: Mapping[int, float], accepted: Mapping[int, int]
) -> None:
    """Set the orders of one paper; `pending` are its open scores, by concept.

    Uncertain is what lies halfway between yes and no. Of the mixed order every second paper
    stands where it is likely, the others where they are uncertain, so that both come in
    turn. A rare concept is one with few `accepted` papers: a score counts the more, the
    fewer there are.
    """
    screening.priority = max(pending.values(), default=0.0)
    screening.uncertainty = round(
        max((4 * p * (1 - p) for p in pending.values()), default=0), 4
    )
    is_odd = screening.paper_id % 2
    screening.mixed = screening.priority if is_odd else screening.uncertainty
    screening.rare = round(
        max((p / sqrt(1 + accepted.get(id_, 0)) for id_, p in pending.items()), default=0.0), 4
    )
