"""The verbs on papers: decide and take back.

Decisions are the truth; tags and counters follow in the same transaction. Whoever decides
on a paper locks its screening row first: decisions on one paper come one after another,
decisions on different papers meet only at the counters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

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
from taxonomy.projection import project_tags

Verdict = Decision.Verdict


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
    """
    screening = lock(paper)
    if idempotency_key is not None:
        known = Decision.objects.filter(
            actor=actor.user, idempotency_key=idempotency_key
        ).first()
        if known:
            asked = (paper.pk, concept.pk, verdict)
            if (known.paper_id, known.concept_id, known.verdict) != asked:
                raise KeyReused(_("The key was used for another decision."))
            return known
    _refuse_deprecated(concept)
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
    found = Decision.objects.standing().filter(paper=paper).select_related("actor")
    return {decision.concept_id: decision for decision in found}


def lock(paper: Paper) -> Screening:
    """The paper's screening row, locked until the transaction ends."""
    rows = Screening.objects.select_for_update().filter(paper=paper)
    screening = rows.first()
    if screening is None:
        Screening.objects.bulk_create([Screening(paper=paper)], ignore_conflicts=True)
        screening = rows.get()
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


def _refuse_deprecated(concept: Concept) -> None:
    if concept.deprecated:
        instead = concept.replaced_by
        if not instead:
            raise ConceptDeprecated(_("%(slug)s is deprecated.") % {"slug": concept.slug})
        text = _("%(slug)s is deprecated. Use %(instead)s.")
        raise ConceptDeprecated(text % {"slug": concept.slug, "instead": instead.slug})


def _record(*, paper: Paper, concept: Concept, actor: Actor, **values: object) -> Decision:
    suggestion = Suggestion.objects.filter(paper=paper, concept=concept).first()
    try:
        with transaction.atomic():
            return Decision.objects.create(
                paper=paper,
                concept=concept,
                actor_kind=actor.kind,
                actor=actor.user,
                actor_name=actor.name,
                paper_version=paper.version,
                text_revision=paper.text_revision,
                edition=Edition.objects.values_list("number", flat=True).first(),
                suggester=suggestion.suggester if suggestion else "",
                score=suggestion.score if suggestion else None,
                **values,
            )
    except IntegrityError as error:
        if "a_key_decides_once" in str(error):
            # The same key on two papers at once: the other one won.
            raise KeyReused(_("The key was used for another decision.")) from error
        raise


def _close_when_decided(screening: Screening, curator: User | None) -> None:
    if screening.state != Screening.State.WAITING:
        return
    if not Suggestion.objects.filter(paper=screening.paper_id).open().exists():
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
