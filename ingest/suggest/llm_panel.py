"""What an editor should know of the language model: costs, answers, what is in the way."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from ingest.models import LanguageModelCall, LanguageModelPause
from ingest.suggest import llm, llm_account
from ingest.suggest.llm_account import State
from taxonomy import vocabulary
from taxonomy.models import Decision

LATELY = 500  # papers that it answered for
NAMED = 0.5


@dataclass(frozen=True)
class Spent:
    """Of a limit; `most` is None where there is none."""

    cost: Decimal
    most: Decimal | None

    @property
    def limit(self) -> str:
        """As it was set, without zeros that say nothing."""
        return "" if self.most is None else f"{self.most.normalize():f}"


@dataclass(frozen=True)
class Worth:
    """What people made of it: pairs of paper and concept on which they decided."""

    named: int  # by the model, as likelier than not
    accepted: int  # by people
    right: int  # both

    @property
    def precision(self) -> float | None:
        return self.right / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        return self.right / self.accepted if self.accepted else None


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
    worth: Worth
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
        worth=_worth(endpoint.model),
        is_at_its_limit=not all(limit.leaves_room_for(least) for limit in (month, day)),
        paused_until=pause.until if is_paused else None,
        last_error=pause.last_error,
        last_error_at=pause.last_error_at,
    )


def _worth(model: str) -> Worth:
    """Over the newest papers that it answered for. Two queries."""
    calls = LanguageModelCall.objects.filter(model=model, answer__isnull=False)
    newest = calls.order_by("-pk").values_list("paper_id", "answer__probabilities")[:LATELY]
    said = dict(newest)
    slugs = {term.id: term.slug for term in vocabulary.current()}
    verdicts = Decision.objects.standing().filter(
        paper__in=[pk for pk in said if pk], actor_kind=Decision.ActorKind.PERSON
    )
    named = right = accepted = 0
    for paper, concept, verdict in verdicts.values_list("paper_id", "concept_id", "verdict"):
        is_named = said[paper].get(slugs.get(concept, ""), 0.0) >= NAMED
        is_accepted = verdict == Decision.Verdict.ACCEPT
        if verdict in {Decision.Verdict.ACCEPT, Decision.Verdict.REJECT}:
            named += is_named
            accepted += is_accepted
            right += is_named and is_accepted
    return Worth(named, accepted, right)
