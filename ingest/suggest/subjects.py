"""The vocabulary as suggesters read it: plain values, no rows, no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ingest.suggest.text import raw_words, stems
from taxonomy.models import Concept, ConceptLabel, ConceptText, Landmark
from taxonomy.vocabulary import Vocabulary

# How far a label of a kind can be trusted when it stands in a text.
LABEL_WEIGHTS: Mapping[str, float] = {
    ConceptLabel.Kind.PREF: 1.0,
    ConceptLabel.Kind.ALT: 1.0,
    ConceptLabel.Kind.SHORT: 0.8,
    ConceptLabel.Kind.HIDDEN: 0.8,
}
# How much a text says about its concept alone, and not about its neighbours.
TEXT_WEIGHTS: Mapping[str, float] = {
    ConceptText.Kind.DEFINITION: 1.0,
    ConceptText.Kind.SCOPE_NOTE: 0.3,
    ConceptText.Kind.WHY_HARD: 0.5,
    ConceptText.Kind.WHAT_IS_TRIED: 0.7,
}


@dataclass(frozen=True)
class Subject:
    """A concept that can be suggested. `id` is 0 where there is no database behind it."""

    slug: str
    id: int = 0
    broader: str | None = None
    labels: tuple[tuple[str, float], ...] = ()
    texts: tuple[tuple[str, float], ...] = ()
    works: tuple[tuple[str, str], ...] = ()  # title, abstract of its landmarks


@dataclass(frozen=True)
class Subjects:
    """All concepts in one order: the columns of every score."""

    items: tuple[Subject, ...]
    number: int = 0  # of the vocabulary's version

    def __len__(self) -> int:
        return len(self.items)

    @property
    def slugs(self) -> list[str]:
        return [subject.slug for subject in self.items]

    def columns(self) -> dict[str, int]:
        """Column by slug."""
        return {subject.slug: column for column, subject in enumerate(self.items)}

    def parents(self) -> list[int]:
        """Column of the broader concept, -1 for a top one."""
        columns = self.columns()
        return [columns.get(subject.broader or "", -1) for subject in self.items]

    def without_works(self, titles: Iterable[str]) -> "Subjects":
        """The same without these landmarks: a paper must not be evidence for itself."""
        gone = {_plain(title) for title in titles}
        return replace(
            self,
            items=tuple(
                replace(
                    subject,
                    works=tuple(work for work in subject.works if _plain(work[0]) not in gone),
                )
                for subject in self.items
            ),
        )

    def top_down(self) -> list[int]:
        """Columns ordered so that a broader concept comes before its narrower ones."""
        parents = self.parents()

        def depth(column: int) -> int:
            steps = 0
            while (column := parents[column]) >= 0:
                steps += 1
            return steps

        return sorted(range(len(self.items)), key=depth)


def _plain(title: str) -> str:
    return " ".join(stems(raw_words(title)))


def from_vocabulary(terms: Vocabulary) -> Subjects:
    """The concepts that are not deprecated, with the works that stand for them. One query."""
    works: dict[int, list[tuple[str, str]]] = {}
    found = Landmark.objects.values_list(
        "concept_id", "paper__title_plain", "paper__abstract_plain"
    )
    for concept_id, title, abstract in found.order_by("pk"):
        works.setdefault(concept_id, []).append((title, abstract))
    return Subjects(
        tuple(
            Subject(
                slug=term.slug,
                id=term.id,
                broader=terms.by_id[term.broader_id].slug if term.broader_id else None,
                labels=tuple(_labels(term.labels)),
                texts=tuple(_texts(term.texts)),
                works=tuple(works.get(term.id, ())),
            )
            for term in terms
            if not term.deprecated and term.kind in Concept.Kind.values
        ),
        number=terms.number,
    )


def _labels(
    labels: Mapping[tuple[str, str], tuple[str, ...]],
) -> Iterable[tuple[str, float]]:
    for (kind, language), texts in labels.items():
        if language == "en" and kind in LABEL_WEIGHTS:
            for text in texts:
                yield text, LABEL_WEIGHTS[kind]


def _texts(texts: Mapping[tuple[str, str], str]) -> Iterable[tuple[str, float]]:
    for (kind, language), text in texts.items():
        if language == "en" and kind in TEXT_WEIGHTS:
            yield text, TEXT_WEIGHTS[kind]
