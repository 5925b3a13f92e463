"""What the machine thinks a paper is about: `suggest_text` for one, `run` for the queue."""

from dataclasses import dataclass

from ingest.suggest import active
from ingest.suggest.explain import Explanations, Span
from ingest.suggest.reading import Reading

__all__ = ["Scored", "Span", "suggest_text"]


@dataclass(frozen=True)
class Scored:
    """What a text scores for one concept, and the words that carried it if suggested."""

    concept_id: int
    slug: str
    score: float
    threshold: float
    suggested: bool
    spans: tuple[Span, ...] = ()

    def as_json(self) -> dict[str, object]:
        """As an answer of the API writes it."""
        return {
            "concept": self.slug,
            "score": self.score,
            "threshold": self.threshold,
            "suggested": self.suggested,
            "spans": [span.as_json() for span in self.spans],
        }


def suggest_text(title: str, abstract: str) -> list[Scored]:
    """Every concept for a text that need not be stored, likeliest first. Two queries."""
    suggester = active.current()
    if not len(suggester.subjects):
        return []
    papers = [(title, abstract)]
    reading = Reading.of(papers)
    found = suggester.mix(suggester.signals(reading))
    chosen = suggester.chosen(found)[0].tolist()
    explanations = Explanations(suggester, papers, reading) if any(chosen) else None
    scores, thresholds = found[0].tolist(), suggester.thresholds.tolist()
    subjects = suggester.subjects.items
    return [
        Scored(
            concept_id=subjects[column].id,
            slug=subjects[column].slug,
            score=round(scores[column], 4),
            threshold=round(thresholds[column], 4),
            suggested=chosen[column],
            spans=tuple(explanations.spans(0, column))
            if explanations and chosen[column]
            else (),
        )
        for column in sorted(range(len(subjects)), key=lambda column: -scores[column])
    ]
