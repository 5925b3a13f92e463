"""Which paper lies on whose desk, and which is the next that lies on none."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from taxonomy.models import Order, Paper, QueuePolicy, Screening, User
from taxonomy.models.composed import Composed, Row, fetch
from taxonomy.queues import Queue

LEASE = timedelta(minutes=15)
MARGIN = timedelta(minutes=1)  # nobody who saw a lease run out is still about to take it
OF_SCREENING = [field.attname for field in Screening._meta.concrete_fields]
OF_PAPER = [field.attname for field in Paper._meta.concrete_fields if field.name != "search"]
RENEWED = timedelta(minutes=1)  # an act renews a lease that is older than this
HOLDER = "SELECT curator_id FROM taxonomy_lease WHERE paper_id = %s AND expires_at > %s"
GIVE = """
INSERT INTO taxonomy_lease (paper_id, curator_id, expires_at) VALUES (%s, %s, %s)
ON CONFLICT (paper_id)
DO UPDATE SET curator_id = excluded.curator_id, expires_at = excluded.expires_at
RETURNING id
"""
RENEW = """
UPDATE taxonomy_lease SET expires_at = %s
WHERE paper_id = %s AND curator_id = %s AND expires_at > %s RETURNING id
"""
_COLUMNS = ", ".join(
    [f"screening.{name}" for name in OF_SCREENING] + [f"paper.{name}" for name in OF_PAPER]
)
LAID = f"""
SELECT lease.expires_at, {_COLUMNS} FROM taxonomy_paper paper
JOIN taxonomy_screening screening ON screening.paper_id = paper.id
JOIN taxonomy_lease lease ON lease.paper_id = paper.id
WHERE paper.arxiv_id = %s AND lease.curator_id = %s AND lease.expires_at > %s
"""
LOAD = f"""
SELECT lease.curator_id, {_COLUMNS} FROM taxonomy_screening screening
JOIN taxonomy_paper paper ON paper.id = screening.paper_id
LEFT JOIN taxonomy_lease lease ON lease.paper_id = paper.id AND lease.expires_at > %s
WHERE screening.paper_id = %s
"""


def held(curator: User) -> Screening | None:
    """The paper that waits and lies on their desk, the one opened last. One query."""
    found = _HELD.rows(curator.pk, timezone.now())
    return _screening(found[0]) if found else None


def lock_next(curator: User, order: str) -> Screening | None:
    """The first that waits, lies on no desk and was not put off by them, its row locked.

    Rows that others just hold locked are passed over. `order` as a queue names it; empty: as
    an editor has set it.
    """
    first = _first(order or QueuePolicy.objects.order().value)
    while found := first.rows(curator.pk, timezone.now()):
        # The statement above may have begun before another desk's lease was committed;
        # under the lock of the row, what is read now is true.
        ((holder, *row),) = fetch(LOAD, timezone.now(), found[0][0])
        if holder in (None, curator.pk):
            return _screening(row)
    return None


def holder(paper_id: int) -> int | None:
    """Whose desk it lies on now. One query."""
    found = fetch(HOLDER, paper_id, timezone.now())
    return int(found[0][0]) if found else None


def give(paper_id: int, curator: User) -> None:
    """Lay it on their desk. The caller holds the screening row and knows that it is free."""
    fetch(GIVE, paper_id, curator.pk, timezone.now() + LEASE)


def kept(arxiv_id: str, curator: User) -> Screening | None:
    """What they have open under that identifier, renewed; None if the lease is not theirs
    for a good while yet. One query, two once in a minute."""
    now = timezone.now()
    found = fetch(LAID, arxiv_id, curator.pk, now + MARGIN)
    if not found:
        return None
    ((expires_at, *row),) = found
    screening = _screening(row)
    if expires_at < now + LEASE - RENEWED:
        paper, until = screening.paper_id, now + LEASE
        if not fetch(RENEW, until, paper, curator.pk, now + MARGIN):
            return None
    return screening


def _screening(row: Sequence[Any]) -> Screening:
    screening = Screening.from_db(None, OF_SCREENING, row[: len(OF_SCREENING)])
    screening.paper = Paper.from_db(None, OF_PAPER, row[len(OF_SCREENING) :])
    return screening


def _both(screenings: QuerySet[Screening, Screening]) -> QuerySet[Screening, Row]:
    """With what the desk shows of the paper."""
    return screenings.values_list(*OF_SCREENING, *(f"paper__{name}" for name in OF_PAPER))


_HELD = Composed(
    lambda curator, now: _both(Screening.objects.waiting().held_by(curator, now))[:1],
    *(int, datetime),
)


@lru_cache(maxsize=len(Order) + 2)
def _first(order: str) -> Composed:
    def make(curator: int, now: datetime) -> QuerySet[Screening, tuple[int]]:
        free = Screening.objects.waiting().without_lease(now).not_skipped_by(curator, now)
        locked = Queue(order=order).ordered(free).select_for_update(skip_locked=True)
        return locked.values_list("pk")[:1]

    return Composed(make, int, datetime)
