"""The verbs on papers: decide, take back, and the projection of decisions onto tags.

Decisions are the truth; tags and counters follow in the same transaction. Whoever decides
on a paper locks its screening row first: decisions on one paper come one after another,
decisions on different papers meet only at the counters.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy import counts, vocabulary
from taxonomy.errors import AlreadyReverted, ConceptDeprecated, KeyReused, NotRevertible
from taxonomy.models import (
    Concept,
    Decision,
    Edition,
    Lease,
    Paper,
    Screening,
    Suggestion,
    Tag,
    User,
)

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
    project_tags([paper])
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
        project_tags([paper])
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
    project_tags([decision.paper])
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
    Screening.objects.bulk_create(
        [Screening(paper=paper) for paper in papers.values()], ignore_conflicts=True
    )
    # Locked in one order everywhere, so that two imports cannot deadlock.
    list(Screening.objects.select_for_update().filter(paper__in=papers).order_by("paper_id"))
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
    project_tags(papers.values())
    return len(added)


@transaction.atomic
def follow_new_dates(papers: Iterable[Paper]) -> None:
    """Move tags and counters of papers whose date of submission became known or changed."""
    by_id = {paper.pk: paper for paper in papers}
    # A decision that is just being made ends first: its tag has the old date.
    list(Screening.objects.select_for_update().filter(paper__in=by_id).order_by("paper_id"))
    moved: dict[int, list[Tag]] = defaultdict(list)
    for tag in Tag.objects.select_for_update().filter(paper__in=by_id).order_by("pk"):
        if tag.published_at != by_id[tag.paper_id].published_at:
            moved[tag.paper_id].append(tag)
    deltas = []
    for paper_id, tags in moved.items():
        ids = frozenset(tag.concept_id for tag in tags)
        old, new = tags[0].published_at, by_id[paper_id].published_at
        deltas.append(counts.TagDelta(counts.month_of(old), ids, frozenset()))
        deltas.append(counts.TagDelta(counts.month_of(new), frozenset(), ids))
        for tag in tags:
            tag.published_at = new
    Tag.objects.bulk_update([tag for tags in moved.values() for tag in tags], ["published_at"])
    counts.apply(deltas, vocabulary.current())


def pending_suggestions(paper: Paper) -> list[Suggestion]:
    """Suggestions that a curator is still to be asked about, surest first. Two queries."""
    standing = standing_decisions(paper)
    found = Suggestion.objects.filter(paper=paper).for_review()
    return [one for one in found if one.is_open(standing.get(one.concept_id))]


def standing_decisions(paper: Paper) -> dict[int, Decision]:
    """The decision that holds now, by concept id. One query."""
    found = Decision.objects.standing().filter(paper=paper).select_related("actor")
    return {decision.concept_id: decision for decision in found}


def project_tags(papers: Iterable[Paper]) -> None:
    """Make the tags of these papers what their decisions say, and move the counters.

    The caller holds the papers' screening locks. Concepts that are broader than an accepted
    one are tagged too (direct=False).
    """
    terms = vocabulary.current()
    by_id = {paper.pk: paper for paper in papers}
    # Read under the lock: the papers may have been read before their dates changed.
    dates = dict(Paper.objects.filter(pk__in=by_id).values_list("pk", "published_at"))
    accepted: dict[int, dict[int, int]] = defaultdict(dict)
    for decision in Decision.objects.standing().filter(paper__in=by_id):
        if decision.verdict == Verdict.ACCEPT:
            accepted[decision.paper_id][decision.concept_id] = decision.pk
    present: dict[int, dict[int, Tag]] = defaultdict(dict)
    for tag in Tag.objects.filter(paper__in=by_id):
        present[tag.paper_id][tag.concept_id] = tag

    obsolete: list[int] = []
    wanted_rows: list[Tag] = []
    deltas = []
    for paper_id, paper in by_id.items():
        published_at = dates[paper_id]
        wanted = _with_broader(accepted[paper_id], terms)
        before = frozenset(present[paper_id])
        for concept_id, tag in present[paper_id].items():
            if wanted.get(concept_id) != (tag.direct, tag.decision_id):
                obsolete.append(tag.pk)
        for concept_id, (direct, decision_id) in wanted.items():
            old = present[paper_id].get(concept_id)
            if old is None or (old.direct, old.decision_id) != (direct, decision_id):
                wanted_rows.append(
                    Tag(
                        paper=paper,
                        concept_id=concept_id,
                        direct=direct,
                        decision_id=decision_id,
                        published_at=published_at,
                    )
                )
        if before != frozenset(wanted):
            month = counts.month_of(published_at)
            deltas.append(counts.TagDelta(month, before, frozenset(wanted)))
    Tag.objects.filter(pk__in=obsolete).delete()
    Tag.objects.bulk_create(wanted_rows)
    counts.apply(deltas, terms)


def _with_broader(
    accepted: dict[int, int], terms: vocabulary.Vocabulary
) -> dict[int, tuple[bool, int]]:
    """(direct, decision id) by concept id; the earliest decision speaks for a broader one."""
    wanted = {concept_id: (True, pk) for concept_id, pk in accepted.items()}
    for concept_id, pk in sorted(accepted.items(), key=lambda item: item[1]):
        for term in terms.ancestors(concept_id):
            wanted.setdefault(term.id, (False, pk))
    return wanted


def lock(paper: Paper) -> Screening:
    """The paper's screening row, locked until the transaction ends."""
    rows = Screening.objects.select_for_update().filter(paper=paper)
    screening = rows.first()
    if screening is None:
        Screening.objects.bulk_create([Screening(paper=paper)], ignore_conflicts=True)
        screening = rows.get()
    screening.paper = paper
    return screening


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
    if screening.state == Screening.State.WAITING and not pending_suggestions(screening.paper):
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
