"""The verbs on papers: decide and take back.

Decisions are the truth; tags and counters follow in the same transaction. Whoever decides
on a paper locks its screening row first: decisions on one paper come one after another,
decisions on different papers meet only at the counters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy import scopes, vocabulary
from taxonomy.dossiers import Dossier, dossier
from taxonomy.errors import AlreadyReverted, ConceptDeprecated, KeyReused, NotRevertible
from taxonomy.models import (
    Concept,
    Decision,
    Edition,
    Paper,
    Screening,
    Suggestion,
    User,
)
from taxonomy.models.composed import fetch
from taxonomy.projection import project_paper, project_tags
from taxonomy.vocabulary import Term, Vocabulary

Verdict = Decision.Verdict
_SCREENING = [field.attname for field in Screening._meta.concrete_fields]
LOCK = f"SELECT {', '.join(_SCREENING)} FROM taxonomy_screening WHERE paper_id = %s FOR UPDATE"
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
KNOWN = f"""
SELECT {", ".join(_DECISION)} FROM taxonomy_decision
WHERE actor_id = %s AND idempotency_key = %s
"""
DONE = """
SELECT FROM taxonomy_decision WHERE paper_id = %s AND actor_id IS NOT DISTINCT FROM %s
AND starts_with(idempotency_key, %s) LIMIT 1
"""
CLOSE = """
UPDATE taxonomy_screening SET state = %s, screened_at = %s, screened_by_id = %s
WHERE paper_id = %s RETURNING paper_id
"""
CLEAR = "DELETE FROM taxonomy_lease WHERE paper_id = %s RETURNING id"


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


@dataclass(frozen=True)
class Ruling:
    """A verdict on paper × concept as somebody gives it."""

    paper: Paper
    concept: Concept
    verdict: str
    actor: Actor
    reason: str = ""
    note: str = ""
    batch: UUID | None = None
    idempotency_key: str | None = None

    def is_of(self, decision: Decision) -> bool:
        """Whether that decision says the same, by the same, on the same text."""
        return (
            decision.verdict == self.verdict
            and decision.actor_id == (self.actor.user.pk if self.actor.user else None)
            and decision.actor_name == self.actor.name
            and decision.has_read(self.paper.text_revision)
            and (decision.reason, decision.note) == (self.reason, self.note)
        )


@dataclass(frozen=True)
class Outcome:
    """A decision, and how its paper stands after it."""

    decision: Decision
    screening: Screening
    dossier: Dossier
    terms: Vocabulary  # as they were then


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
    ruling = Ruling(paper, concept, verdict, actor, reason, note, batch, idempotency_key)
    return rule(ruling).decision


@transaction.atomic
def rule(ruling: Ruling) -> Outcome:
    """As `decide`, and how the paper stands after it."""
    paper, concept = ruling.paper, ruling.concept
    screening = lock(paper)
    beside, terms = dossier(paper), vocabulary.current()
    term = terms.by_id[concept.pk]
    is_outside = not scopes.covers(ruling.actor.user, concept.pk)
    if known := _known(ruling, beside, look=term.deprecated or is_outside):
        return Outcome(known, screening, beside, terms)
    if term.deprecated:
        _refuse_deprecated(term, terms)
    scopes.refuse_outside(ruling.actor.user, concept)
    decision = _record(
        paper=paper,
        concept=concept,
        verdict=ruling.verdict,
        actor=ruling.actor,
        reason=ruling.reason,
        note=ruling.note,
        batch=ruling.batch,
        idempotency_key=ruling.idempotency_key,
    )
    if decision is None:
        known = _known(ruling, beside, look=True)
        assert known is not None
        return Outcome(known, screening, beside, terms)
    beside.standing[concept.pk] = decision
    project_paper(paper.pk, beside.accepted, terms)
    _close_when_decided(screening, beside, ruling.actor.user)
    return Outcome(decision, screening, beside, terms)


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
    by = actor.user.pk if actor.user else None
    if idempotency_key and fetch(DONE, paper.pk, by, f"{idempotency_key}:"):
        return []
    beside, terms = dossier(paper), vocabulary.current()
    made = []
    for suggestion in scopes.within(actor.user, beside.open):
        term = terms.by_id[suggestion.concept_id]
        if not term.deprecated and (
            decision := _record(
                paper=paper,
                concept=term.concept,
                verdict=verdict,
                actor=actor,
                batch=batch,
                idempotency_key=idempotency_key and f"{idempotency_key}:{term.id}",
            )
        ):
            beside.standing[term.id] = decision
            made.append(decision)
    if made:
        project_paper(paper.pk, beside.accepted, terms)
        _close_when_decided(screening, beside, actor.user)
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
    if retract is None:
        raise KeyReused(_("The key was used for another decision."))
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
    return dossier(paper).open


def lock(paper: Paper) -> Screening:
    """The paper's screening row, locked until the transaction ends."""
    rows = fetch(LOCK, paper.pk)
    if not rows:
        Screening.objects.bulk_create([Screening(paper=paper)], ignore_conflicts=True)
        rows = fetch(LOCK, paper.pk)
    screening = Screening.from_db(None, _SCREENING, rows[0])
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


def _known(ruling: Ruling, beside: Dossier, *, look: bool) -> Decision | None:
    """What makes a ruling no new one: the same under its key, or, without one, what holds.

    A person's key need not be looked for: recording under it fails if it was used before.
    """
    key, user = ruling.idempotency_key, ruling.actor.user
    if key is None:
        standing = beside.standing.get(ruling.concept.pk)
        return standing if standing and ruling.is_of(standing) else None
    if user and not look:
        return None
    if user is None:
        known = Decision.objects.filter(actor=None, idempotency_key=key).first()
    else:
        rows = fetch(KNOWN, user.pk, key)
        known = Decision.from_db(None, _DECISION, rows[0]) if rows else None
    if known is None:
        return None
    asked = (ruling.paper.pk, ruling.concept.pk, ruling.verdict)
    if (known.paper_id, known.concept_id, known.verdict) != asked:
        raise KeyReused(_("The key was used for another decision."))
    return known


def _refuse_deprecated(term: Term, terms: Vocabulary) -> NoReturn:
    if term.replaced_by_id is None:
        raise ConceptDeprecated(_("%(slug)s is deprecated.") % {"slug": term.slug})
    instead = terms.by_id[term.replaced_by_id].slug
    text = _("%(slug)s is deprecated. Use %(instead)s.")
    raise ConceptDeprecated(text % {"slug": term.slug, "instead": instead})


def _record(
    *, paper: Paper, concept: Concept, actor: Actor, **values: object
) -> Decision | None:
    """The decision with what is known of its suggestion and edition. One query.

    None if they used the key before.
    """
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
        return None
    ((decision.pk, decision.edition, decision.suggester, decision.score),) = made
    decision._state.adding = False
    return decision


def _close_when_decided(screening: Screening, beside: Dossier, curator: User | None) -> None:
    if screening.state == Screening.State.WAITING and not beside.open:
        _close(screening, curator)


def _close(screening: Screening, curator: User | None) -> None:
    screening.state = Screening.State.SCREENED
    screening.screened_at = timezone.now()
    screening.screened_by = curator
    by = curator.pk if curator else None
    fetch(CLOSE, screening.state, screening.screened_at, by, screening.paper_id)
    fetch(CLEAR, screening.paper_id)


def _reopen_when_pending(screening: Screening) -> None:
    if screening.state == Screening.State.SCREENED and pending_suggestions(screening.paper):
        screening.state = Screening.State.WAITING
        screening.screened_at = None
        screening.screened_by = None
        screening.save(update_fields=["state", "screened_at", "screened_by"])
