"""Many decisions in a fixed number of statements; one transaction each.

The papers' screening rows are locked first and in one order, as everywhere: what is read
after that holds until the transaction ends.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from taxonomy.curation import Actor, lock_all
from taxonomy.models import Decision, Edition, Lease, Paper, PassedOver, Screening, Suggestion
from taxonomy.projection import project_tags

Verdict = Decision.Verdict
State = Screening.State


@transaction.atomic
def decide_many(
    suggestion_ids: list[int], *, verdict: str, actor: Actor, batch: UUID, note: str = ""
) -> tuple[int, list[PassedOver]]:
    """The same verdict on these suggestions; how many decisions that were, and what was not.

    Papers on another desk and suggestions that are no longer open are passed over: who decides
    on many at once overrides nobody.
    """
    meant = list(Suggestion.objects.filter(pk__in=suggestion_ids).order_by("pk"))
    screenings = lock_all({one.paper_id for one in meant})
    papers = _papers(screenings)
    still_open = set(
        Suggestion.objects.open().filter(pk__in=suggestion_ids).values_list("pk", flat=True)
    )
    held = _held_by_others(screenings, actor)
    passed, wanted = [], []
    for one in meant:
        why = PassedOver.Why.HELD if one.paper_id in held else PassedOver.Why.DECIDED
        if one.paper_id in held or one.pk not in still_open:
            passed.append(PassedOver(batch_id=batch, paper_id=one.paper_id,
                                     concept_id=one.concept_id, why=why))  # fmt: skip
        else:
            wanted.append(one)
    edition = Edition.objects.values_list("number", flat=True).first()
    Decision.objects.bulk_create(
        _new(
            papers[one.paper_id],
            one.concept_id,
            actor,
            verdict=verdict,
            suggestion=one,
            batch=batch,
            note=note,
            edition=edition,
        )
        for one in wanted
    )
    changed = {one.paper_id for one in wanted}
    project_tags(papers[id_] for id_ in changed)
    _close_where_decided([screenings[id_] for id_ in changed], actor)
    return len(wanted), passed


@transaction.atomic
def revert_many(decision_ids: list[int], *, actor: Actor, batch: UUID, note: str = "") -> int:
    """Take these back by as many decisions; how many that were.

    What was taken back meanwhile is left alone. What held before them holds again.
    """
    meant = Decision.objects.filter(pk__in=decision_ids)
    screenings = lock_all(set(meant.values_list("paper_id", flat=True)))
    papers = _papers(screenings)
    wanted = list(meant.effective().order_by("pk"))
    suggested = {
        (one.paper_id, one.concept_id): one
        for one in Suggestion.objects.filter(paper__in=papers).defer("evidence")
    }
    edition = Edition.objects.values_list("number", flat=True).first()
    Decision.objects.bulk_create(
        _new(
            papers[one.paper_id],
            one.concept_id,
            actor,
            verdict=Verdict.RETRACT,
            suggestion=suggested.get((one.paper_id, one.concept_id)),
            batch=batch,
            note=note,
            edition=edition,
            reverts=one,
        )
        for one in wanted
    )
    changed = {one.paper_id for one in wanted}
    project_tags(papers[id_] for id_ in changed)
    _reopen_where_pending([screenings[id_] for id_ in changed])
    return len(wanted)


def _new(
    paper: Paper,
    concept_id: int,
    actor: Actor,
    *,
    suggestion: Suggestion | None,
    **values: object,
) -> Decision:
    return Decision(
        paper=paper,
        concept_id=concept_id,
        actor_kind=actor.kind,
        actor=actor.user,
        actor_name=actor.name,
        paper_version=paper.version,
        text_revision=paper.text_revision,
        suggester=suggestion.suggester if suggestion else "",
        score=suggestion.score if suggestion else None,
        **values,
    )


def _papers(paper_ids: Iterable[int]) -> dict[int, Paper]:
    """As they are now, under the lock."""
    return Paper.objects.only("version", "text_revision").in_bulk(list(paper_ids))


def _held_by_others(paper_ids: Iterable[int], actor: Actor) -> set[int]:
    live = Lease.objects.filter(paper__in=list(paper_ids), expires_at__gt=timezone.now())
    others = live.exclude(curator=actor.user) if actor.user else live
    return set(others.values_list("paper_id", flat=True))


def _with_open(screenings: list[Screening]) -> set[int]:
    """The papers on which a curator is still to be asked about something."""
    ids = [screening.paper_id for screening in screenings]
    rows = Suggestion.objects.open().filter(paper__in=ids)
    return set(rows.values_list("paper_id", flat=True))


def _close_where_decided(screenings: list[Screening], actor: Actor) -> None:
    pending = _with_open(screenings)
    closed = [
        one.paper_id
        for one in screenings
        if one.state == State.WAITING and one.paper_id not in pending
    ]
    Screening.objects.filter(paper__in=closed).update(
        state=State.SCREENED, screened_at=timezone.now(), screened_by=actor.user
    )
    Lease.objects.filter(paper__in=closed).delete()


def _reopen_where_pending(screenings: list[Screening]) -> None:
    pending = _with_open(screenings)
    opened = [
        one.paper_id
        for one in screenings
        if one.state == State.SCREENED and one.paper_id in pending
    ]
    Screening.objects.filter(paper__in=opened).update(
        state=State.WAITING, screened_at=None, screened_by=None
    )
