"""Many decisions in a fixed number of statements; one transaction each.

The papers' screening rows are locked first and in one order, as everywhere: what is read
after that holds until the transaction ends.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from taxonomy import scopes
from taxonomy.curation import Actor, lock_all
from taxonomy.models import Decision, Edition, Lease, Paper, PassedOver, Screening, Suggestion
from taxonomy.projection import project_tags

State = Screening.State

# Of each decision that nobody took back meanwhile, on the text that the paper has now.
RETRACT = """
INSERT INTO taxonomy_decision
    (paper_id, concept_id, verdict, reason, note, actor_kind, actor_id, actor_name,
     paper_version, text_revision, edition, suggester, score, batch, reverts_id, created_at)
SELECT d.paper_id, d.concept_id, 'retract', '', %(note)s, %(actor_kind)s, %(actor)s::bigint,
       %(actor_name)s, p.version, p.text_revision, %(edition)s::int, coalesce(s.suggester, ''),
       s.score, %(batch)s, d.id, %(now)s
FROM taxonomy_decision d
JOIN taxonomy_paper p ON p.id = d.paper_id
LEFT JOIN taxonomy_suggestion s ON s.paper_id = d.paper_id AND s.concept_id = d.concept_id
WHERE d.id = ANY(%(decisions)s) AND d.reverts_id IS NULL
  AND NOT EXISTS (SELECT FROM taxonomy_decision r WHERE r.reverts_id = d.id)
ORDER BY d.id
RETURNING paper_id
"""


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
    own = {one.concept_id for one in scopes.within(actor.user, meant)}
    passed, wanted = [], []
    for one in meant:
        why = PassedOver.Why.HELD if one.paper_id in held else PassedOver.Why.DECIDED
        if one.concept_id not in own:
            why = PassedOver.Why.OUTSIDE
        if one.paper_id in held or one.pk not in still_open or one.concept_id not in own:
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
    project_tags(changed)
    _close_where_decided([screenings[id_] for id_ in changed], actor)
    return len(wanted), passed


@transaction.atomic
def revert_many(decision_ids: list[int], *, actor: Actor, batch: UUID, note: str = "") -> int:
    """Take these back by as many decisions; how many that were.

    What was taken back meanwhile is left alone. What held before them holds again.
    """
    meant = Decision.objects.filter(pk__in=decision_ids)
    screenings = lock_all(set(meant.values_list("paper_id", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute(
            RETRACT,
            {
                "decisions": decision_ids,
                "actor_kind": actor.kind,
                "actor": actor.user.pk if actor.user else None,
                "actor_name": actor.name,
                "edition": Edition.objects.values_list("number", flat=True).first(),
                "batch": batch,
                "note": note,
                "now": timezone.now(),
            },
        )
        taken_back = [paper_id for (paper_id,) in cursor.fetchall()]
    changed = set(taken_back)
    project_tags(changed)
    _reopen_where_pending([screenings[id_] for id_ in changed])
    return len(taken_back)


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
