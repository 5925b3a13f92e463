"""Suggesting for the papers that wait: batch by batch, each all or nothing.

A batch is locked (what others hold is skipped), scored and written in one transaction: a
process killed anywhere leaves its papers waiting as they were.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import chain

from django.db import transaction
from django.utils import timezone

from ingest.suggest import active, claims, nearest, orders, store
from ingest.suggest.claims import COLUMNS, Standing, Work
from ingest.suggest.combine import Suggester
from ingest.suggest.orders import Orders
from ingest.suggest.store import Claim, Place
from taxonomy.models import Decision, Screening, Suggestion

logger = logging.getLogger(__name__)

BATCH = 250
State = Screening.State


@transaction.atomic
def suggest_batch(
    size: int | None = None, provider: Callable[[], Suggester] = active.current
) -> int:
    """Suggest for the newest papers that wait; how many. 0: nothing is left that is free.

    The newest, so that what arrives today does not stand behind a backlog of years.
    A paper that cannot be scored is marked failed with the reason, and the others go on.
    """
    free = Screening.objects.select_for_update(skip_locked=True, of=("self",))
    rows = free.filter(state=State.IDENTIFIED).order_by("-paper_id")
    work = _work([*rows.values_list("paper_id", flat=True)[: size or BATCH]])
    if not work:
        return 0
    try:
        with transaction.atomic():
            _suggest(work, provider())
    except Exception:
        logger.exception("A batch failed; its papers are tried one by one.")
        for one in work:
            _suggest_one(one, provider)
    return len(work)


def waiting() -> int:
    """How many papers wait for suggestions."""
    return Screening.objects.filter(state=State.IDENTIFIED).count()


def suggest_for(papers: Sequence[int], suggester: Suggester) -> None:
    """Replace what is suggested on these papers. The caller holds their rows locked."""
    _suggest(_work(papers), suggester)


def wait_again(*, everything: bool) -> int:
    """Put papers back among those that wait: what failed, or all; how many."""
    found = Screening.objects.exclude(state=State.IDENTIFIED)
    if not everything:
        found = found.filter(state=State.FAILED)
    return found.update(state=State.IDENTIFIED, error="")


def _work(papers: Sequence[int]) -> list[Work]:
    """What there is to do on these, the newest first.

    Asked for by id: joined to the rows that wait, papers would be walked from the newest on,
    past all that are done.
    """
    rows = Screening.objects.filter(pk__in=papers).order_by("-paper_id")
    return [Work._make(row) for row in rows.values_list(*COLUMNS)]


def _suggest_one(one: Work, provider: Callable[[], Suggester]) -> None:
    try:
        with transaction.atomic():
            _suggest([one], provider())
    except Exception as error:
        logger.exception("No suggestions for paper %s", one.paper)
        Screening.objects.filter(pk=one.paper).update(
            state=State.FAILED, error=f"{type(error).__name__}: {error}"
        )


def _suggest(work: Sequence[Work], suggester: Suggester) -> None:
    """Replace the suggestions of these papers and say where each stands now."""
    standing = _standing([one.paper for one in work])
    memory = nearest.current(suggester)
    found = claims.of(work, suggester, memory, standing)
    accepted = memory.accepted(suggester.subjects)
    places = []
    for one in work:
        decisions = standing.get(one.paper, {})
        pending = {
            claim.concept_id: claim.score
            for claim in found.get(one.paper, ())
            if _is_open(claim, decisions.get(claim.concept_id))
        }
        found_at = orders.of(one.paper, pending, accepted)
        places.append(_place(one, suggester.name, found_at, is_open=bool(pending)))
    store.replace([*chain.from_iterable(found.values())], places, timezone.now())


def _place(one: Work, name: str, found: Orders, *, is_open: bool) -> Place:
    """One a curator has finished stays so until its text changes.

    Then its `text_revision` stays, too: that of the text which they finished.
    """
    state = State.WAITING if is_open else State.ABSTAINED
    text_revision: int | None = one.text_revision
    if one.screened_at and (one.finished == one.text_revision or not is_open):
        state, text_revision = State.SCREENED, one.finished
    return Place(one.paper, state, *found, name, one.version, text_revision)


def _is_open(claim: Claim, decided: Decision | None) -> bool:
    """As the suggestion that it becomes; there is seldom anything to ask."""
    return decided is None or Suggestion(text_revision=claim.text_revision).is_open(decided)


def _standing(paper_ids: Sequence[int]) -> Standing:
    """What stands on these papers, by paper and concept. One query."""
    found: dict[int, dict[int, Decision]] = defaultdict(dict)
    for decision in Decision.objects.standing().filter(paper__in=paper_ids):
        found[decision.paper_id][decision.concept_id] = decision
    return found
