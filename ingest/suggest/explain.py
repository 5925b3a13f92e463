"""Which words of title and abstract carried a suggestion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.combine import Suggester
from ingest.suggest.lexical import TITLE_WEIGHT, Match
from ingest.suggest.text import Reading, places
from ingest.suggest.vectors import Occurrences

MOST_SPANS = 6
MOST_CANDIDATES = 40  # of one set of features: many overlap
LEAST_SHARE = 0.1  # of the heaviest span; what is lighter would only distract

Candidate = tuple[float, int, int, int]  # weight, 0 title or 1 abstract, first word, last + 1


@dataclass(frozen=True)
class Span:
    """A stretch of a field in characters; the heaviest one of a suggestion weighs 1."""

    field: str
    start: int
    end: int
    weight: float

    def as_json(self) -> dict[str, object]:
        return {
            "field": self.field, "start": self.start, "end": self.end, "weight": self.weight
        }  # fmt: skip


class Explanations:
    """Finds the spans of papers for any of their concepts; all are read at once."""

    def __init__(
        self,
        suggester: Suggester,
        papers: Sequence[tuple[str, str]],
        reading: Reading | None = None,
    ) -> None:
        """`papers` are (title, abstract); `reading` is of the same, where there is one."""
        self._suggester, self._papers = suggester, papers
        self._reading = reading or Reading.of(papers)
        stems = self._reading.title_stems, self._reading.abstract_stems
        self._profile = suggester.profiles.features.occurrences(*stems)
        linear = suggester.linear
        self._learned = linear.features.occurrences(*stems) if linear else None
        self._planes = {slug: at for at, slug in enumerate(linear.slugs)} if linear else {}
        # Of the row asked last: its concepts are asked one after another.
        self._row = -1
        self._labels: list[tuple[int, Match]] = []
        self._places: list[list[int]] = []

    def spans(self, row: int, column: int) -> list[Span]:
        """Of one paper for one concept: a few, heaviest kept, apart, in reading order."""
        if row != self._row:
            self._turn_to(row)
        found = sorted(self._candidates(row, column), reverse=True)
        kept: list[Candidate] = []
        for candidate in found:
            if len(kept) == MOST_SPANS or candidate[0] < LEAST_SHARE * found[0][0]:
                break
            if not any(_overlap(candidate, other) for other in kept):
                kept.append(candidate)
        return self._in_characters(row, kept)

    def _turn_to(self, row: int) -> None:
        reading, lexicon = self._reading, self._suggester.lexicon
        raw = reading.titles[row], reading.abstracts[row]
        stems = reading.title_stems[row], reading.abstract_stems[row]
        self._row = row
        self._labels = [
            (field, match)
            for field, words in enumerate(zip(raw, stems, strict=True))
            for match in lexicon.matches(*words)
        ]
        self._places = [
            places(text, words) for text, words in zip(self._papers[row], raw, strict=True)
        ]

    def _candidates(self, row: int, column: int) -> Iterator[Candidate]:
        """Stretches of words with what each adds to the logit."""
        suggester, linear = self._suggester, self._suggester.linear
        plane = self._planes.get(suggester.subjects.items[column].slug)
        weights = suggester.weights[:, column].tolist()
        for field, match in self._labels:
            strength = dict(match.phrase.weights).get(column, 0.0) * (weights[1] + weights[2])
            if strength > 0:
                times = 1.0 if field else TITLE_WEIGHT
                yield strength * times, field, match.first, match.last
        profile = np.tile(suggester.profiles.weights[:, column], 2)
        yield from _heaviest(self._profile, row, profile, weights[3] + weights[4])
        if linear is not None and plane is not None and self._learned is not None:
            learned = linear.weights[:, plane]
            yield from _heaviest(self._learned, row, learned, weights[5] + weights[6])

    def _in_characters(self, row: int, kept: list[Candidate]) -> list[Span]:
        raw = self._reading.titles[row], self._reading.abstracts[row]
        at = self._places
        heaviest = kept[0][0] if kept else 1.0
        return [
            Span(
                ("title", "abstract")[field],
                at[field][first],
                at[field][last - 1] + len(raw[field][last - 1]),
                round(weight / heaviest, 3),
            )
            for weight, field, first, last in sorted(kept, key=lambda one: one[1:])
        ]


def _heaviest(
    found: Occurrences, row: int, plane: NDArray[np.float32], weight: float
) -> Iterator[Candidate]:
    """What adds most along a plane (the whole text's block, then the title's)."""
    part = slice(found.starts[row], found.starts[row + 1])
    columns, half = found.columns[part], len(plane) // 2
    adds = found.values[part] * plane[columns]
    adds += found.title_values[part] * plane[columns + half]
    adds *= np.float32(weight)
    if not len(adds) or (best := float(adds.max())) <= 0:
        return
    worthy = np.flatnonzero(adds >= LEAST_SHARE * best)
    worthy = worthy[np.argsort(-adds[worthy], kind="stable")[:MOST_CANDIDATES]]
    at = worthy + part.start
    yield from zip(
        adds[worthy].tolist(),
        found.fields[at].tolist(),
        found.firsts[at].tolist(),
        found.lasts[at].tolist(),
        strict=True,
    )


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one[1] == other[1] and one[2] < other[3] and other[2] < one[3]
