"""Which paper lies on whose desk, and which is the next that lies on none."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import QuerySet
from django.utils import timezone

from taxonomy.models import Order, Paper, QueuePolicy, Screening, User
from taxonomy.models.composed import Composed, Row, fetch
from taxonomy.queues import Queue

LEASE = timedelta(minutes=15)
MARGIN = timedelta(minutes=1)  # nobody who saw a lease run out is still about to take it
OF_SCREENING = [field.attname for field in Screening._meta.concrete_fields]
OF_PAPER = [field.attname for field in Paper._meta.concrete_fields if field.name != "search"]
HOLDER = "SELECT curator_id FROM taxonomy_lease WHERE paper_id = %s AND expires_at > %s"
GIVE = """
INSERT INTO taxonomy_lease (paper_id, curator_id, expires_at) VALUES (%s, %s, %s)
ON CONFLICT (paper_id)
DO UPDATE SET curator_id = excluded.curator_id, expires_at = excluded.expires_at
RETURNING id
"""
KEEP = """
UPDATE taxonomy_lease lease SET expires_at = %s FROM taxonomy_screening screening
WHERE lease.paper_id = %s AND lease.curator_id = %s AND lease.expires_at > %s
AND screening.paper_id = lease.paper_id RETURNING screening.paper_id, screening.state
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
        if holder(found[0][0]) in (None, curator.pk):
            return _screening(_LOAD.rows(found[0][0])[0])
    return None


def holder(paper_id: int) -> int | None:
    """Whose desk it lies on now. One query."""
    found = fetch(HOLDER, paper_id, timezone.now())
    return int(found[0][0]) if found else None


def give(paper_id: int, curator: User) -> None:
    """Lay it on their desk. The caller holds the screening row and knows that it is free."""
    fetch(GIVE, paper_id, curator.pk, timezone.now() + LEASE)


def keep(paper: Paper, curator: User) -> Screening | None:
    """Renew a lease that has a good while yet; None if it has not, or is another's."""
    now = timezone.now()
    found: list[Row] = fetch(KEEP, now + LEASE, paper.pk, curator.pk, now + MARGIN)
    if not found:
        return None
    screening = Screening.from_db(None, ["paper_id", "state"], found[0])
    screening.paper = paper
    return screening


def _screening(row: Row) -> Screening:
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
_LOAD = Composed(lambda paper: _both(Screening.objects.filter(paper=paper)), int)


@lru_cache(maxsize=len(Order) + 2)
def _first(order: str) -> Composed:
    def make(curator: int, now: datetime) -> QuerySet[Screening, tuple[int]]:
        free = Screening.objects.waiting().without_lease(now).not_skipped_by(curator, now)
        locked = Queue(order=order).ordered(free).select_for_update(skip_locked=True)
        return locked.values_list("pk")[:1]

    return Composed(make, int, datetime)
