"""How far a curator is today, how fast, and how much is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from django.utils import timezone

from taxonomy.models import Screening, User
from taxonomy.models.composed import Composed
from taxonomy.models.review import ScreeningQuerySet
from taxonomy.queues import EVERYTHING, Queue

LEFT_CAP = 100  # more than a sitting's work need not be counted
LATELY = 20  # papers closed last, from which the pace is taken
FEW = 3  # below which there is no pace to speak of
BREAK = timedelta(minutes=10)  # more than that between two papers was no work


@dataclass(frozen=True)
class Progress:
    """Papers this curator closed today, how many of the queue wait at most LEFT_CAP, and how
    fast they go."""

    done: int
    left: int
    pace: float | None = None  # seconds a paper, lately
    goal: int | None = None  # papers a day, if they have set one

    @property
    def is_capped(self) -> bool:
        return self.left >= LEFT_CAP

    @property
    def total(self) -> int:
        return self.goal or self.done + self.left

    @property
    def is_reached(self) -> bool:
        return self.goal is not None and self.done >= self.goal

    @property
    def minutes_left(self) -> int | None:
        """For the goal, else for the queue where its end is in sight."""
        ahead = max(self.goal - self.done, 0) if self.goal else self.left
        if not self.pace or not ahead or (self.is_capped and not self.goal):
            return None
        return max(round(ahead * self.pace / 60), 1)


def progress(curator: User, queue: Queue = EVERYTHING, goal: int | None = None) -> Progress:
    """Three queries, all bounded: index ranges of today, and a count up to a cap."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    lately = [moment for (moment,) in _LATELY.rows(curator.pk, midnight)]
    done = len(lately)
    if done > LATELY:
        done = _DONE.count(curator.pk, midnight)
    if queue.is_everything and not curator.scope:
        left = _WAITING.count()
    else:
        left = queue.narrow(Screening.objects.waiting(), curator)[:LEFT_CAP].count()
    return Progress(done, left, _pace(lately), goal)


def _today(curator: int, since: datetime) -> ScreeningQuerySet:
    return Screening.objects.closed_by(curator).filter(screened_at__gte=since)


_LATELY = Composed(
    lambda curator, since: _today(curator, since).values_list("screened_at")[: LATELY + 1],
    *(int, datetime),
)
_DONE = Composed(
    lambda curator, since: _today(curator, since).order_by().values_list("pk"),
    *(int, datetime),
)
_WAITING = Composed(lambda: Screening.objects.waiting().values_list("pk")[:LEFT_CAP])


def _pace(moments: Sequence[datetime | None]) -> float | None:
    """The middle of the times between these, latest first; a break is none of them."""
    known = [moment for moment in moments if moment]
    gaps = [late - early for late, early in pairwise(known)]
    worked = [gap.total_seconds() for gap in gaps if gap < BREAK]
    return median(worked) if len(worked) >= FEW else None
