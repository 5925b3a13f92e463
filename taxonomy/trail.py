"""The trail of decisions: which of them, as what they are sealed, and what each changed."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, OuterRef

from taxonomy.models import Decision, Seal
from taxonomy.models.review import DecisionQuerySet

CHUNK = 2_000

Record = dict[str, Any]
Pair = tuple[int, int]  # paper id, concept id


@dataclass(frozen=True)
class TrailFilter:
    """Which decisions are meant; empty fields ask for nothing."""

    person: str = ""  # user name
    machine: str = ""  # name of an import or a model that decided
    suggester: str = ""  # whose suggestions were decided on
    concept: str = ""  # slug
    paper: str = ""  # arXiv id
    verdict: str = ""
    batch: UUID | None = None
    since: datetime | None = None  # included
    until: datetime | None = None  # not included

    @property
    def is_empty(self) -> bool:
        return self == TrailFilter()

    @property
    def names_an_actor(self) -> bool:
        """Whether it says whose decisions: a person's, a batch's or a machine's."""
        return any((self.person, self.machine, self.suggester, self.batch))

    def rows(self, *, public: bool = False) -> DecisionQuerySet:
        """All that meet the conditions. `public`: a name that is not shown finds nothing."""
        wanted: dict[str, object] = {
            "actor__username": self.person,
            "actor_name": self.machine,
            "suggester": self.suggester,
            "concept__slug": self.concept,
            "paper__arxiv_id": self.paper,
            "verdict": self.verdict,
            "batch": self.batch,
            "created_at__gte": self.since,
            "created_at__lt": self.until,
        }
        if public and self.person:
            wanted["actor__shows_name"] = True
        return Decision.objects.filter(**{name: one for name, one in wanted.items() if one})

    def as_json(self) -> dict[str, str]:
        """What was given, as `from_json` reads it."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value)
            for name, value in vars(self).items()
            if value
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        given: dict[str, Any] = {one.name: stored.get(one.name) or None for one in fields(cls)}
        for name in ("since", "until"):
            given[name] = datetime.fromisoformat(given[name]) if given[name] else None
        given["batch"] = UUID(given["batch"]) if given["batch"] else None
        return cls(**{name: value for name, value in given.items() if value})


def record(decision: Decision) -> Record:
    """All that a decision says, in the order in which it is sealed and exported.

    Reads decision.paper and decision.concept. People are numbers here: a name may be shown,
    hidden or forgotten, and the seal still fits.
    """
    key = decision.idempotency_key
    return {
        "id": decision.pk,
        "paper": decision.paper.arxiv_id,
        "concept": decision.concept.slug,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "note": decision.note,
        "actor_kind": decision.actor_kind,
        "actor": decision.actor_id if decision.actor_id else decision.actor_name,
        "paper_version": decision.paper_version,
        "text_revision": decision.text_revision,
        "edition": decision.edition,
        "suggester": decision.suggester,
        "score": decision.score,
        "batch": str(decision.batch) if decision.batch else None,
        "key": hashlib.sha256(key.encode()).hexdigest() if key is not None else None,
        "reverts": decision.reverts_id,
        "created_at": decision.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


def with_content(rows: DecisionQuerySet) -> DecisionQuerySet:
    """Together with what `record` and a shown name read; not the papers' texts."""
    return rows.select_related("paper", "concept", "actor").only(
        *(field.name for field in Decision._meta.concrete_fields),
        *("paper__arxiv_id", "paper__title_plain", "concept__slug"),
        *("actor__username", "actor__shows_name"),
    )


def in_chunks(rows: DecisionQuerySet) -> Iterator[list[Decision]]:
    """All of them by number, some in memory at a time."""
    rows = with_content(rows).order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def digests_of(decisions: Iterable[Decision]) -> dict[int, str]:
    """The seal of each that has one, in hex. One query."""
    seals = Seal.objects.in_bulk([decision.pk for decision in decisions])
    return {number: bytes(one.digest).hex() for number, one in seals.items()}


@dataclass(frozen=True)
class Step:
    """What held on paper × concept before a decision and after it; "" where nothing did."""

    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


def steps_of(shown: Iterable[Decision]) -> dict[int, Step]:
    """The step that each of these was, by its number. One query: all that is on their pairs."""
    wanted = {decision.pk: (decision.paper_id, decision.concept_id) for decision in shown}
    holding: dict[Pair, dict[int, str]] = defaultdict(dict)
    found = {}
    for pk, pair, verdict, reverts in _history(set(wanted.values())):
        at = holding[pair]
        before = _latest(at)
        if reverts is None:
            at[pk] = verdict
        else:
            at.pop(reverts, None)
        if pk in wanted:
            found[pk] = Step(before, _latest(at))
    return found


def without(taken_back: DecisionQuerySet, pairs: set[Pair]) -> dict[Pair, Step]:
    """What would hold on these pairs without those decisions, beside what holds now."""
    gone = taken_back.filter(pk=OuterRef("pk"))
    rows = _on(pairs).effective().annotate(goes=Exists(gone)).order_by("pk")
    now: dict[Pair, dict[int, str]] = defaultdict(dict)
    then: dict[Pair, dict[int, str]] = defaultdict(dict)
    for pk, paper, concept, verdict, goes in rows.values_list(
        "pk", "paper_id", "concept_id", "verdict", "goes"
    ):
        now[paper, concept][pk] = verdict
        if not goes:
            then[paper, concept][pk] = verdict
    return {pair: Step(_latest(now[pair]), _latest(then[pair])) for pair in pairs}


def _history(pairs: set[Pair]) -> Iterator[tuple[int, Pair, str, int | None]]:
    columns = ("pk", "paper_id", "concept_id", "verdict", "reverts_id")
    for pk, paper, concept, verdict, reverts in _on(pairs).order_by("pk").values_list(*columns):
        yield pk, (paper, concept), verdict, reverts


def _on(pairs: set[Pair]) -> DecisionQuerySet:
    """Every decision on these papers and these concepts; a few are on other pairs of them."""
    papers, concepts = {paper for paper, _ in pairs}, {concept for _, concept in pairs}
    return Decision.objects.filter(paper__in=papers, concept__in=concepts)


def _latest(holding: dict[int, str]) -> str:
    return holding[max(holding)] if holding else ""
