"""What an editor should know of the language model: costs, answers, what is in the way."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from ingest.models import LanguageModelCall, LanguageModelPause
from ingest.suggest import llm, llm_account
from ingest.suggest.llm_account import State


@dataclass(frozen=True)
class Spent:
    """Of a limit; `most` is None where there is none."""

    cost: Decimal
    most: Decimal | None


@dataclass(frozen=True)
class Panel:
    """This month's figures."""

    model: str
    month: Spent
    day: Spent
    answered: int
    cached: int
    failed: int
    tokens: int
    is_at_its_limit: bool
    paused_until: datetime | None
    last_error: str
    last_error_at: datetime | None


def panel() -> Panel | None:
    """None where no language model is configured."""
    endpoint = llm.configured()
    if endpoint is None:
        return None
    month, day = llm_account.limits()
    # What asking about a paper without a text might cost, at least.
    least = endpoint.cost(llm.current_question().most_tokens(""), endpoint.most_tokens)
    found = LanguageModelCall.objects.filter(asked_at__gte=month.since).aggregate(
        cost=Sum("cost", default=Decimal(0)),
        answered=Count("pk", filter=Q(state=State.ANSWERED)),
        cached=Count("pk", filter=Q(state=State.CACHED)),
        failed=Count("pk", filter=Q(state__in=[State.FAILED, State.UNUSABLE])),
        tokens_in=Sum("tokens_in", default=0),
        tokens_out=Sum("tokens_out", default=0),
    )
    pause = LanguageModelPause.objects.filter(id=1).first() or LanguageModelPause()
    is_paused = pause.until > timezone.now()  # one that was never written began just now
    return Panel(
        model=endpoint.model,
        month=Spent(found["cost"], month.most),
        day=Spent(day.spent(), day.most),
        answered=found["answered"],
        cached=found["cached"],
        failed=found["failed"],
        tokens=found["tokens_in"] + found["tokens_out"],
        is_at_its_limit=not all(limit.leaves_room_for(least) for limit in (month, day)),
        paused_until=pause.until if is_paused else None,
        last_error=pause.last_error,
        last_error_at=pause.last_error_at,
    )
