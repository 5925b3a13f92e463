"""How far curators agree, and how each of them does, from what was read twice."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone

from taxonomy.agreement import Kappa, alpha, kappa, masi
from taxonomy.models import Decision, Judgement, SecondReading, User
from taxonomy.vocabulary import Term, Vocabulary

WEEKS = 12


@dataclass(frozen=True)
class OfConcept:
    """Agreement on one concept, and how many papers each of the two sides gave it to."""

    term: Term
    both: int
    first_only: int
    second_only: int
    kappa: Kappa


@dataclass(frozen=True)
class Agreement:
    """Over all papers that two people have read."""

    papers: int
    same: int  # papers to which both gave the very same concepts
    alpha: float | None
    concepts: list[OfConcept]


@dataclass(frozen=True)
class Week:
    begins: datetime
    decided: int
    accepted: int
    papers: int


@dataclass(frozen=True)
class Own:
    """What one curator did, and how it compares."""

    weeks: list[Week]
    read_with_others: int
    same_as_others: int
    gold: int
    gold_right: int


def measured(terms: Vocabulary) -> Agreement:
    """The figures as of now; concepts on which people differ most come first. Two queries."""
    pairs = _pairs()
    both: Counter[int] = Counter()
    first: Counter[int] = Counter()
    second: Counter[int] = Counter()
    for one, other in pairs:
        both.update(one & other)
        first.update(one - other)
        second.update(other - one)
    concepts = [
        OfConcept(
            terms.by_id[concept], both[concept], first[concept], second[concept],
            kappa(
                both[concept], first[concept], second[concept],
                len(pairs) - both[concept] - first[concept] - second[concept],
            ),
        )
        for concept in both | first | second
        if concept in terms.by_id
    ]  # fmt: skip
    return Agreement(
        papers=len(pairs),
        same=sum(one == other for one, other in pairs),
        alpha=alpha(pairs, masi),
        concepts=sorted(concepts, key=_worst_first),
    )


def count() -> tuple[int, int]:
    """Papers read twice, and those given the very same concepts. One query."""
    found = SecondReading.objects.compared().aggregate(
        read=Count("id"), same=Count("id", filter=Q(state=SecondReading.State.AGREED))
    )
    return found["read"], found["same"]


def of_curator(curator: User, now: datetime | None = None) -> Own:
    """Their last twelve weeks, and all their readings. Two queries."""
    since = (now or timezone.now()) - timedelta(weeks=WEEKS)
    decided = Decision.objects.filter(
        actor=curator, created_at__gte=since, verdict__in=["accept", "reject", "unsure"]
    )
    weeks = (
        decided.annotate(week=TruncWeek("created_at"))
        .values("week")
        .annotate(
            decided=Count("id"),
            accepted=Count("id", filter=Q(verdict="accept")),
            papers=Count("paper", distinct=True),
        )
        .order_by("-week")
    )
    was_read = SecondReading.objects.filter(done_at__isnull=False)
    mine = Q(second=curator) | Q(first=curator)
    second, same = Q(kind="second"), Q(state="agreed")
    read = was_read.filter(mine).aggregate(
        read_with_others=Count("id", filter=second),
        same_as_others=Count("id", filter=second & same),
        gold=Count("id", filter=~second),
        gold_right=Count("id", filter=~second & same),
    )
    return Own(
        weeks=[
            Week(one["week"], one["decided"], one["accepted"], one["papers"]) for one in weeks
        ],
        **read,
    )


def _pairs() -> list[tuple[frozenset[int], frozenset[int]]]:
    """For each paper read twice: what the first, and what the second gave it."""
    given: dict[int, tuple[set[int], set[int]]] = {
        pk: (set(), set())
        for pk in SecondReading.objects.compared().values_list("pk", flat=True)
    }
    rows = Judgement.objects.filter(reading__in=SecondReading.objects.compared())
    for reading, side, concept in rows.values_list("reading_id", "side", "concept_id"):
        if reading in given:
            given[reading][side == Judgement.Side.SECOND].add(concept)
    return [(frozenset(one), frozenset(other)) for one, other in given.values()]


def _worst_first(one: OfConcept) -> tuple[float, int, str]:
    value = one.kappa.value
    return (2.0 if value is None else value, -one.both, one.term.slug)
