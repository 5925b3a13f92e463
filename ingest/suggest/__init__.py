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


def suggest_text(title: str, abstract: str) -> list[Scored]:
    """Every concept for a text that need not be stored, likeliest first. Four queries."""
    suggester = active.current()
    if not len(suggester.subjects):
        return []
    papers = [(title, abstract)]
    reading = Reading.of(papers)
    probabilities = suggester.mix(suggester.signals(reading))
    chosen = suggester.chosen(probabilities)[0]
    explanations = Explanations(suggester, papers, reading)
    return [
        Scored(
            concept_id=subject.id,
            slug=subject.slug,
            score=round(float(probabilities[0, column]), 4),
            threshold=round(float(suggester.thresholds[column]), 4),
            suggested=bool(chosen[column]),
            spans=tuple(explanations.spans(0, column)) if chosen[column] else (),
        )
        for column, subject in sorted(
            enumerate(suggester.subjects.items), key=lambda item: -probabilities[0, item[0]]
        )
    ]
