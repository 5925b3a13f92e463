"""What asking a language model may cost, and when it may be asked. Over all processes.

Whoever wants to ask locks the one pause row, adds up what was spent and reserved, and writes
the most that the request can cost before it leaves: two at once cannot pass the limit
together. What it did cost is written when it is known; when it cannot be known, the most
remains.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ingest.models import LanguageModelAnswer, LanguageModelCall, LanguageModelPause
from ingest.suggest.llm_endpoint import LONGEST_REQUEST, NoAnswer
from taxonomy.models import Paper

State = LanguageModelCall.State

MOST_AT_ONCE = 2  # requests under way, so that workers are left for everything else
# An open request that is older belongs to a process that died.
FORGOTTEN_AFTER = timedelta(seconds=LONGEST_REQUEST + 60)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
REFUSED_PAUSE = timedelta(hours=1)


class NotNow(Exception):
    """Nothing may be asked: paused, the limit is reached, or others are asking."""


@dataclass(frozen=True)
class Limit:
    """So much may be spent from a moment on; None: as much as one likes."""

    since: datetime
    most: Decimal | None

    def spent(self) -> Decimal:
        return LanguageModelCall.objects.spent_since(self.since)

    def leaves_room_for(self, cost: Decimal) -> bool:
        return self.most is None or self.spent() + cost <= self.most


def limits(now: datetime | None = None) -> tuple[Limit, Limit]:
    """Of this month and of this day, both in UTC."""
    day = (now or timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        Limit(day.replace(day=1), settings.KADAI_LLM_MONTHLY_LIMIT),
        Limit(day, settings.KADAI_LLM_DAILY_LIMIT),
    )


def lock() -> LanguageModelPause:
    """Until the transaction ends, nobody else begins to ask. NotNow while there is a pause."""
    LanguageModelPause.objects.get_or_create(id=1)
    pause = LanguageModelPause.objects.select_for_update().get(id=1)
    now = timezone.now()
    if pause.until > now:
        raise NotNow(pause.last_error)
    if LanguageModelCall.objects.under_way(now - FORGOTTEN_AFTER).count() >= MOST_AT_ONCE:
        raise NotNow("Others are asking.")
    return pause


def reserve(*, paper: Paper, model: str, question: str, most: Decimal) -> LanguageModelCall:
    """A request that is about to be made. NotNow if it might pass a limit.

    The caller holds the lock.
    """
    if not all(limit.leaves_room_for(most) for limit in limits()):
        raise NotNow("The limit of costs is reached.")
    return _call(paper, model, question, cost=most)


def note_cached(
    *, paper: Paper, model: str, question: str, answer: LanguageModelAnswer
) -> LanguageModelCall:
    """The paper has its answer from an earlier request, for nothing."""
    return _call(
        paper, model, question, state=State.CACHED, answer=answer, ended_at=timezone.now()
    )


@transaction.atomic
def settle(
    call: LanguageModelCall,
    *,
    state: str,
    cost: Decimal | None = None,
    error: NoAnswer | None = None,
) -> None:
    """Write how the request ended; without a cost, the most that it can have cost remains.

    After an error nothing is asked for a while, and longer after each further one.
    """
    pause = LanguageModelPause.objects.select_for_update().get(id=1)
    call.state, call.ended_at = state, timezone.now()
    call.error = str(error or "")
    if cost is not None:
        call.cost = cost
    call.save()
    if error is None:
        pause.failures = 0
    else:
        pause.failures += 1
        pause.until = max(pause.until, timezone.now() + pause_after(pause.failures, error))
        pause.last_error, pause.last_error_at = str(error), timezone.now()
    pause.save()


def pause_after(failures: int, error: NoAnswer) -> timedelta:
    """How long to wait after so many failures in a row; never less than the server asks for."""
    doubled: int = 2 ** min(failures - 1, 20)
    wait = min(SHORTEST_PAUSE * doubled, LONGEST_PAUSE)
    if error.refused:
        wait = max(wait, REFUSED_PAUSE)
    return max(wait, timedelta(seconds=error.retry_after or 0))


def _call(paper: Paper, model: str, question: str, **values: object) -> LanguageModelCall:
    return LanguageModelCall.objects.create(
        paper=paper,
        text_revision=paper.text_revision,
        model=model,
        question=question,
        **values,
    )
