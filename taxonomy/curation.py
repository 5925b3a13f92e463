"""The verbs on papers: decide and take back.

Decisions are the truth; tags and counters follow in the same transaction. Whoever decides
on a paper locks its screening row first: decisions on one paper come one after another,
decisions on different papers meet only at the counters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy import scopes
from taxonomy.errors import AlreadyReverted, ConceptDeprecated, KeyReused, NotRevertible
from taxonomy.models import (
    Concept,
    Decision,
    Edition,
    Lease,
    Paper,
    Screening,
    Suggestion,
    User,
)
from taxonomy.models.composed import Composed, fetch
from taxonomy.projection import project_tags

Verdict = Decision.Verdict
LOCK = "SELECT * FROM taxonomy_screening WHERE paper_id = %s FOR UPDATE"
KNOWN = """
SELECT * FROM taxonomy_decision
WHERE actor_id = %s AND idempotency_key = %s
"""
_DECISION = [field.attname for field in Decision._meta.concrete_fields]
_FOUND = ("edition", "suggester", "score")
_GIVEN = [name for name in _DECISION if name not in {"id", *_FOUND}]
RECORD = f"""
INSERT INTO taxonomy_decision ({", ".join((*_GIVEN, *_FOUND))})
SELECT {", ".join(["%s"] * len(_GIVEN))}, (SELECT max(number) FROM taxonomy_edition),
coalesce(suggestion.suggester, ''), suggestion.score
FROM (VALUES (%s::bigint, %s::bigint)) here (paper, concept)
LEFT JOIN taxonomy_suggestion suggestion
ON suggestion.paper_id = here.paper AND suggestion.concept_id = here.concept
ON CONFLICT (actor_id, idempotency_key) DO NOTHING RETURNING id, {", ".join(_FOUND)}
"""
_USER = [field.attname for field in User._meta.concrete_fields]
_STANDING = Composed(
    lambda paper: (
        Decision.objects.standing()
        .filter(paper=paper)
        .values_list(*_DECISION, *(f"actor__{name}" for name in _USER))
    ),
    int,
)
_OPEN = Composed(
    lambda paper: Suggestion.objects.filter(paper=paper).open().values_list("pk")[:1], int
)


@dataclass(frozen=True)
class Actor:
    """Who decides: a person, or a named model or import."""

    kind: str
    user: User | None = None
    name: str = ""

    @classmethod
    def person(cls, user: User) -> "Actor":
        return cls(Decision.ActorKind.PERSON, user=user)

    @classmethod
    def importing(cls, name: str) -> "Actor":
        return cls(Decision.ActorKind.IMPORT, name=name)


@transaction.atomic
def decide(
    *,
    paper: Paper,
    concept: Concept,
    verdict: str,
    actor: Actor,
    reason: str = "",
    note: str = "",
    batch: UUID | None = None,
    idempotency_key: str | None = None,
) -> Decision:
    """Record a verdict on paper × concept; an accept becomes a tag.

    The same verdict by the same person on the same text changes nothing and returns the
    decision that holds. With an idempotency key, a repeated call returns the first one's
    decision; KeyReused if it asks for something else. ConceptDeprecated names the replacement.
    OutsideScope if the person is limited to other concepts.
    """
    screening = lock(paper)
    if idempotency_key is not None:
        known = _known(actor, idempotency_key)
        if known:
            asked = (paper.pk, concept.pk, verdict)
            if (known.paper_id, known.concept_id, known.verdict) != asked:
                raise KeyReused(_("The key was used for another decision."))
            return known
    _refuse_deprecated(concept)
    scopes.refuse_outside(actor.user, concept)
    standing = _standing(paper.pk, concept.pk) if idempotency_key is None else None
    if (
        standing is not None
        and standing.verdict == verdict
        and standing.actor_id == (actor.user.pk if actor.user else None)
        and standing.actor_name == actor.name
        and standing.has_read(paper.text_revision)
        and (standing.reason, standing.note) == (reason, note)
    ):
        return standing
    decision = _record(
        paper=paper,
        concept=concept,
        verdict=verdict,
        actor=actor,
        reason=reason,
        note=note,
        batch=batch,
        idempotency_key=idempotency_key,
    )
    project_tags([paper.pk])
    _close_when_decided(screening, actor.user)
    return decision


@transaction.atomic
def decide_open(
    *,
    paper: Paper,
    verdict: str,
    actor: Actor,
    batch: UUID | None = None,
    idempotency_key: str | None = None,
) -> list[Decision]:
    """The same verdict on every suggestion still open, as one batch; the decisions made.

    Under the same key nothing is decided twice, whatever was taken back since.
    """
    screening = lock(paper)
    keys = Decision.objects.filter(
        paper=paper, actor=actor.user, idempotency_key__startswith=f"{idempotency_key}:"
    )
    if idempotency_key and keys.exists():
        return []
    meant = [one for one in pending_suggestions(paper) if not one.concept.deprecated]
    meant = scopes.within(actor.user, meant)
    edition = Edition.objects.values_list("number", flat=True).first()
    made = Decision.objects.bulk_create(
        Decision(
            paper=paper,
            concept=suggestion.concept,
            verdict=verdict,
            actor_kind=actor.kind,
            actor=actor.user,
            actor_name=actor.name,
            paper_version=paper.version,
            text_revision=paper.text_revision,
            edition=edition,
            suggester=suggestion.suggester,
            score=suggestion.score,
            batch=batch,
            idempotency_key=idempotency_key and f"{idempotency_key}:{suggestion.concept_id}",
        )
        for suggestion in meant
    )
    if made:
        project_tags([paper.pk])
        _close_when_decided(screening, actor.user)
    return made


@transaction.atomic
def revert(
    *,
    decision: Decision,
    actor: Actor,
    note: str = "",
    batch: UUID | None = None,
    idempotency_key: str | None = None,
) -> Decision:
    """Take a decision back by one more decision; what held before it holds again."""
    screening = lock(decision.paper)
    if decision.reverts_id is not None:
        raise NotRevertible(_("A revert cannot be reverted: decide again instead."))
    known = Decision.objects.filter(reverts=decision).first()
    if known:
        if known.actor == actor.user and known.idempotency_key == idempotency_key is not None:
            return known
        raise AlreadyReverted(_("This decision was taken back before."))
    retract = _record(
        paper=decision.paper,
        concept=decision.concept,
        verdict=Verdict.RETRACT,
        actor=actor,
        note=note,
        batch=batch,
        idempotency_key=idempotency_key,
        reverts=decision,
    )
    project_tags([decision.paper_id])
    _reopen_when_pending(screening)
    return retract


@transaction.atomic
def finish(*, paper: Paper, curator: User) -> None:
    """The curator is done with a paper, whatever is left undecided on it."""
    _close(lock(paper), curator)


@transaction.atomic
def accept_all(*, pairs: Iterable[tuple[Paper, Concept]], actor: Actor) -> int:
    """Accept many at once for an import; how many decisions were added.

    A pair on which any decision stands is left as it is: an import never overrides people.
    """
    wanted = {(paper.pk, concept.pk): (paper, concept) for paper, concept in pairs}
    papers = {paper.pk: paper for paper, _ in wanted.values()}
    lock_all(papers)
    standing = set(
        Decision.objects.effective()
        .filter(paper__in=papers)
        .values_list("paper_id", "concept_id")
    )
    edition = Edition.objects.values_list("number", flat=True).first()
    added = Decision.objects.bulk_create(
        Decision(
            paper=paper,
            concept=concept,
            verdict=Verdict.ACCEPT,
            actor_kind=actor.kind,
            actor=actor.user,
            actor_name=actor.name,
            paper_version=paper.version,
            text_revision=paper.text_revision,
            edition=edition,
        )
        for key, (paper, concept) in sorted(wanted.items())
        if key not in standing and not concept.deprecated
    )
    project_tags(papers)
    return len(added)


def pending_suggestions(paper: Paper) -> list[Suggestion]:
    """Suggestions that a curator is still to be asked about, surest first. Two queries."""
    standing = standing_decisions(paper)
    found = Suggestion.objects.filter(paper=paper).for_review()
    return [one for one in found if one.is_open(standing.get(one.concept_id))]


def standing_decisions(paper: Paper) -> dict[int, Decision]:
    """The decision that holds now, by concept id. One query."""
    found = {}
    for row in _STANDING.rows(paper.pk):
        decision = Decision.from_db(None, _DECISION, row[: len(_DECISION)])
        if decision.actor_id:
            decision.actor = User.from_db(None, _USER, row[len(_DECISION) :])
        found[decision.concept_id] = decision
    return found


def lock(paper: Paper) -> Screening:
    """The paper's screening row, locked until the transaction ends."""
    rows = Screening.objects.raw(LOCK, [paper.pk])
    screening = next(iter(rows), None)
    if screening is None:
        Screening.objects.bulk_create([Screening(paper=paper)], ignore_conflicts=True)
        (screening,) = Screening.objects.raw(LOCK, [paper.pk])
    screening.paper = paper
    return screening


def lock_all(paper_ids: Iterable[int]) -> dict[int, Screening]:
    """The screening rows of these papers by paper id, locked until the transaction ends.

    In one order everywhere, so that two who lock many cannot deadlock.
    """
    ids = sorted(paper_ids)
    rows = Screening.objects.filter(paper__in=ids).order_by("paper_id")
    there = set(rows.values_list("paper_id", flat=True))
    Screening.objects.bulk_create(
        [Screening(paper_id=id_) for id_ in ids if id_ not in there], ignore_conflicts=True
    )
    rows = rows.select_for_update()
    return {screening.paper_id: screening for screening in rows}


def _standing(paper_id: int, concept_id: int) -> Decision | None:
    return (
        Decision.objects.effective()
        .filter(paper=paper_id, concept=concept_id)
        .order_by("-id")
        .first()
    )


def _known(actor: Actor, idempotency_key: str) -> Decision | None:
    if actor.user is None:
        return Decision.objects.filter(actor=None, idempotency_key=idempotency_key).first()
    return next(iter(Decision.objects.raw(KNOWN, [actor.user.pk, idempotency_key])), None)


def _refuse_deprecated(concept: Concept) -> None:
    if concept.deprecated:
        instead = concept.replaced_by
        if not instead:
            raise ConceptDeprecated(_("%(slug)s is deprecated.") % {"slug": concept.slug})
        text = _("%(slug)s is deprecated. Use %(instead)s.")
        raise ConceptDeprecated(text % {"slug": concept.slug, "instead": instead.slug})


def _record(*, paper: Paper, concept: Concept, actor: Actor, **values: object) -> Decision:
    """The decision with what is known of its suggestion and edition. One query."""
    decision = Decision(
        paper=paper,
        concept=concept,
        actor_kind=actor.kind,
        actor=actor.user,
        actor_name=actor.name,
        paper_version=paper.version,
        text_revision=paper.text_revision,
        created_at=timezone.now(),
        **values,
    )
    given = [getattr(decision, name) for name in _GIVEN]
    made = fetch(RECORD, *given, paper.pk, concept.pk)
    if not made:
        # The same key on two papers at once: the other one won.
        raise KeyReused(_("The key was used for another decision."))
    ((decision.pk, decision.edition, decision.suggester, decision.score),) = made
    decision._state.adding = False
    return decision


def _close_when_decided(screening: Screening, curator: User | None) -> None:
    if screening.state != Screening.State.WAITING:
        return
    if not _OPEN.rows(screening.paper_id):
        _close(screening, curator)


def _close(screening: Screening, curator: User | None) -> None:
    screening.state = Screening.State.SCREENED
    screening.screened_at = timezone.now()
    screening.screened_by = curator
    screening.save(update_fields=["state", "screened_at", "screened_by"])
    Lease.objects.filter(paper=screening.paper_id).delete()


def _reopen_when_pending(screening: Screening) -> None:
    if screening.state == Screening.State.SCREENED and pending_suggestions(screening.paper):
        screening.state = Screening.State.WAITING
        screening.screened_at = None
        screening.screened_by = None
        screening.save(update_fields=["state", "screened_at", "screened_by"])
