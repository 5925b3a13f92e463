"""Waiting papers get new suggestions: those that the newest decisions concern at once, all of
them after a training.

Nothing is done to a paper that lies on a desk: what a curator reads does not move.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ingest.models import SuggesterUpdate
from ingest.suggest import active, run
from taxonomy.models import Concept, Order, Screening, Suggestion

HEAD = 100  # papers of each order of the queue: what curators get next
REACH = 200  # likeliest papers of each concept that was decided on


def concerned(slugs: Iterable[str]) -> list[int]:
    """Papers that wait: the first of each order, then the likeliest of these concepts.

    All of it are index scans, however many papers wait.
    """
    found: dict[int, None] = {}  # in this order, each once
    for order in Order:
        first = Screening.objects.waiting().first_in_queue(order)
        found |= dict.fromkeys(first.values_list("pk", flat=True)[:HEAD])
    for concept in Concept.objects.filter(slug__in=sorted(slugs)).order_by("pk"):
        likeliest = Suggestion.objects.filter(
            concept=concept, paper__screening__state=Screening.State.WAITING
        ).order_by("-score")
        found |= dict.fromkeys(likeliest.values_list("paper_id", flat=True)[:REACH])
    return list(found)


def spread(made: SuggesterUpdate) -> int:
    """New suggestions for the papers that an update concerns; how many had others before."""
    papers = concerned(made.weights)
    done = sum(
        suggest_anew(papers[at : at + run.BATCH]) for at in range(0, len(papers), run.BATCH)
    )
    SuggesterUpdate.objects.filter(pk=made.pk).update(spread_at=timezone.now())
    return done


def after(paper: int) -> int | None:
    """One batch of all that wait, by id: the last one looked at, to go on from; None: no more.

    What has suggestions of the training in use, with whatever update, stays as it is.
    """
    waiting = Screening.objects.waiting().filter(pk__gt=paper).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[: run.BATCH])
    if not ids:
        return None
    name = active.current().trained_name
    is_current = Q(suggester=name) | Q(suggester__startswith=f"{name}.")
    old = Screening.objects.filter(pk__in=ids).exclude(is_current)
    suggest_anew(list(old.values_list("pk", flat=True)))
    return ids[-1]


@transaction.atomic
def suggest_anew(papers: Sequence[int]) -> int:
    """For those of these papers that still wait, are on no desk, and have old suggestions."""
    suggester = active.current()
    old = (
        Screening.objects.select_for_update(skip_locked=True)
        .filter(pk__in=papers, state=Screening.State.WAITING)
        .exclude(suggester=suggester.name)
        .order_by("pk")
    )
    # A lease is given under the lock of the row: read under it, what is free stays free.
    free = Screening.objects.without_lease().filter(
        pk__in=list(old.values_list("pk", flat=True))
    )
    work = list(free.values_list("pk", flat=True))
    if work:
        run.suggest_for(work, suggester)
    return len(work)
