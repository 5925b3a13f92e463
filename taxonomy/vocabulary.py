"""The whole vocabulary in memory: concepts are hundreds, and every page needs some.

`current()` asks the database for one number; only when it has moved is everything read
again (six queries).
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language

from taxonomy.models import (
    Collection,
    CollectionMember,
    Concept,
    ConceptLabel,
    ConceptRelation,
    ConceptText,
    Link,
    VocabularyVersion,
)
from taxonomy.models.composed import fetch

DOMAIN_HUE = "domain"


def active_language() -> str:
    return "ja" if (get_language() or "en").startswith("ja") else "en"


@dataclass(frozen=True, eq=False)
class Term:
    """A concept with its labels and texts. Properties follow the active language.

    Equal to none but itself, so that what was made of it is not taken for another edition's.
    """

    id: int
    kind: str
    slug: str
    notation: str
    position: int
    source: str
    broader_id: int | None
    deprecated: bool
    replaced_by_id: int | None
    revision: int
    modified_at: datetime
    hue: str = DOMAIN_HUE  # slug of the first collection of its top concept, or "domain"
    labels: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, repr=False)
    texts: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def labels_of(self, kind: str, language: str) -> tuple[str, ...]:
        return self.labels.get((kind, language), ())

    def pref_label(self, language: str) -> str:
        """In that language, else in English, else the slug."""
        found = self.labels_of("pref", language) or self.labels_of("pref", "en")
        return found[0] if found else self.slug

    def text(self, kind: str, language: str) -> str:
        return self.texts.get((kind, language)) or self.texts.get((kind, "en"), "")

    @property
    def label(self) -> str:
        return self.pref_label(active_language())

    @property
    def short_label(self) -> str:
        found = self.labels_of("short", active_language())
        return found[0] if found else self.label

    @property
    def alt_labels(self) -> tuple[str, ...]:
        return self.labels_of("alt", active_language())

    @property
    def other_label(self) -> str:
        """The preferred label in the language that is not active."""
        return self.pref_label("en" if active_language() == "ja" else "ja")

    @property
    def definition(self) -> str:
        return self.text(ConceptText.Kind.DEFINITION, active_language())

    @property
    def why_hard(self) -> str:
        return self.text(ConceptText.Kind.WHY_HARD, active_language())

    @property
    def what_is_tried(self) -> str:
        return self.text(ConceptText.Kind.WHAT_IS_TRIED, active_language())

    @property
    def scope_note(self) -> str:
        return self.text(ConceptText.Kind.SCOPE_NOTE, active_language())

    @property
    def is_top(self) -> bool:
        return self.broader_id is None

    @property
    def concept(self) -> Concept:
        """Its row as it was read."""
        return Concept.from_db(None, COLUMNS, [getattr(self, name) for name in COLUMNS])

    @property
    def url(self) -> str:
        return reverse(f"taxonomy:{self.kind}", args=[self.slug])

    def __str__(self) -> str:
        return self.label


COLUMNS = [
    field.attname
    for field in Concept._meta.concrete_fields
    if field.attname in Term.__dataclass_fields__
]


@dataclass(frozen=True)
class Group:
    """A collection of challenges: design, behaviour, science."""

    slug: str
    labels: dict[str, str]
    notes: dict[str, str]
    members: tuple[Term, ...]

    @property
    def label(self) -> str:
        return self.labels.get(active_language()) or self.labels.get("en", self.slug)

    @property
    def note(self) -> str:
        return self.notes.get(active_language()) or self.notes.get("en", "")


@dataclass(frozen=True)
class TermLink:
    """The constraint that ties a domain to a challenge. `evidence` holds paper ids (pk)."""

    id: int
    challenge: Term
    domain: Term
    sentences: dict[str, str]
    evidence: tuple[int, ...]

    @property
    def sentence(self) -> str:
        return self.sentences.get(active_language()) or self.sentences.get("en", "")


@dataclass(frozen=True)
class Vocabulary:
    """Both schemes at one version number. Read only."""

    number: int
    by_id: dict[int, Term]
    groups: tuple[Group, ...]
    links: tuple[TermLink, ...]
    related_ids: dict[int, tuple[int, ...]] = field(repr=False)
    narrower_ids: dict[int | None, tuple[int, ...]] = field(repr=False)
    by_slug: dict[str, Term] = field(repr=False)

    def __iter__(self) -> Iterator[Term]:
        return iter(self.by_id.values())

    def top(self, kind: str) -> list[Term]:
        """Top concepts of a kind in order, deprecated ones left out."""
        terms = (self.by_id[id_] for id_ in self.narrower_ids.get(None, ()))
        return [term for term in terms if term.kind == kind and not term.deprecated]

    @property
    def challenges(self) -> list[Term]:
        return self.top(Concept.Kind.CHALLENGE)

    @property
    def domains(self) -> list[Term]:
        return self.top(Concept.Kind.DOMAIN)

    def narrower(self, term: Term) -> list[Term]:
        return [self.by_id[id_] for id_ in self.narrower_ids.get(term.id, ())]

    def broader(self, term: Term) -> Term | None:
        return self.by_id[term.broader_id] if term.broader_id else None

    def ancestors(self, id_: int) -> list[Term]:
        """From the nearest broader concept up to the top one."""
        found = []
        term = self.by_id[id_]
        while term.broader_id:
            term = self.by_id[term.broader_id]
            found.append(term)
        return found

    def top_of(self, term: Term) -> Term:
        above = self.ancestors(term.id)
        return above[-1] if above else term

    def subtree(self, id_: int) -> list[int]:
        """The ids of a concept and of all that is narrower."""
        found = [id_]
        for narrower_id in self.narrower_ids.get(id_, ()):
            found += self.subtree(narrower_id)
        return found

    def related(self, term: Term) -> list[Term]:
        return [self.by_id[id_] for id_ in self.related_ids.get(term.id, ())]

    def links_of(self, term: Term) -> list[TermLink]:
        return [link for link in self.links if term.id in (link.challenge.id, link.domain.id)]


_lock = threading.Lock()
_cached: Vocabulary | None = None


def current() -> Vocabulary:
    """The vocabulary as it stands: one query, or seven after a change."""
    global _cached  # noqa: PLW0603  (the point of this module)
    found = fetch("SELECT number FROM taxonomy_vocabularyversion WHERE id = 1")
    number = found[0][0] if found else 0
    cached = _cached
    if cached is not None and cached.number == number:
        return cached
    with _lock:
        if _cached is None or _cached.number != number:
            _cached = _load(number)
        return _cached


def remembered() -> Vocabulary:
    """The last one that was asked for here: for what is looked at again under a lock."""
    return _cached or current()


def forget() -> None:
    """Drop what is in memory: after a test or a restore, where numbers may repeat."""
    global _cached  # noqa: PLW0603
    _cached = None


def touch() -> int:
    """Move the version number in the running transaction and return it."""
    with transaction.atomic():
        VocabularyVersion.objects.get_or_create(pk=1)
        row = VocabularyVersion.objects.select_for_update().get(pk=1)
        row.number += 1
        row.save(update_fields=["number"])
    return row.number


def _load(number: int) -> Vocabulary:
    concepts = list(Concept.objects.order_by("kind", "position", "slug"))
    labels: dict[int, dict[tuple[str, str], tuple[str, ...]]] = defaultdict(dict)
    for label in ConceptLabel.objects.order_by("id"):
        found = labels[label.concept_id]
        at = (label.kind, label.language)
        found[at] = (*found.get(at, ()), label.text)
    texts: dict[int, dict[tuple[str, str], str]] = defaultdict(dict)
    for text in ConceptText.objects.all():
        texts[text.concept_id][text.kind, text.language] = text.text
    members = list(
        CollectionMember.objects.order_by("collection__position", "position").values_list(
            "collection_id", "concept_id"
        )
    )
    hues = _hues(concepts, members)
    by_id = {
        concept.id: Term(
            id=concept.id,
            kind=concept.kind,
            slug=concept.slug,
            notation=concept.notation,
            position=concept.position,
            source=concept.source,
            broader_id=concept.broader_id,
            deprecated=concept.deprecated,
            replaced_by_id=concept.replaced_by_id,
            revision=concept.revision,
            modified_at=concept.modified_at,
            hue=hues[concept.id],
            labels=labels[concept.id],
            texts=texts[concept.id],
        )
        for concept in concepts
    }
    narrower: dict[int | None, list[int]] = defaultdict(list)
    for concept in concepts:
        narrower[concept.broader_id].append(concept.id)
    related: dict[int, list[int]] = defaultdict(list)
    for low, high in ConceptRelation.objects.order_by("low", "high").values_list("low", "high"):
        related[low].append(high)
        related[high].append(low)
    return Vocabulary(
        number=number,
        by_id=by_id,
        groups=tuple(_groups(by_id, members)),
        links=tuple(_links(by_id)),
        related_ids={id_: tuple(ids) for id_, ids in related.items()},
        narrower_ids={id_: tuple(ids) for id_, ids in narrower.items()},
        by_slug={term.slug: term for term in by_id.values()},
    )


def _hues(concepts: Iterable[Concept], members: Iterable[tuple[int, int]]) -> dict[int, str]:
    slugs = dict(Collection.objects.values_list("id", "slug"))
    hue_of_top: dict[int, str] = {}
    for collection_id, concept_id in members:
        hue_of_top.setdefault(concept_id, slugs[collection_id])
    broader = {concept.id: concept.broader_id for concept in concepts}
    hues = {}
    for id_ in broader:
        top = id_
        while above := broader[top]:
            top = above
        hues[id_] = hue_of_top.get(id_) or hue_of_top.get(top, DOMAIN_HUE)
    return hues


def _groups(by_id: dict[int, Term], members: list[tuple[int, int]]) -> Iterator[Group]:
    for collection in Collection.objects.prefetch_related("labels"):
        labels = list(collection.labels.all())
        yield Group(
            slug=collection.slug,
            labels={label.language: label.text for label in labels},
            notes={label.language: label.note for label in labels},
            members=tuple(
                by_id[concept_id]
                for collection_id, concept_id in members
                if collection_id == collection.id and not by_id[concept_id].deprecated
            ),
        )


def _links(by_id: dict[int, Term]) -> Iterator[TermLink]:
    for link in Link.objects.order_by("domain", "challenge").prefetch_related(
        "texts", "evidence"
    ):
        yield TermLink(
            id=link.id,
            challenge=by_id[link.challenge_id],
            domain=by_id[link.domain_id],
            sentences={text.language: text.text for text in link.texts.all()},
            evidence=tuple(row.paper_id for row in link.evidence.all()),
        )
