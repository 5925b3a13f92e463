"""Which words of title and abstract carried a suggestion."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.combine import Suggester
from ingest.suggest.lexical import TITLE_WEIGHT
from ingest.suggest.text import Word, words
from ingest.suggest.vectors import Features

MOST_SPANS = 6
LEAST_SHARE = 0.1  # of the heaviest span; what is lighter would only distract


@dataclass(frozen=True)
class Span:
    """A stretch of a field in characters; the heaviest one of a suggestion weighs 1."""

    field: str
    start: int
    end: int
    weight: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Explanation:
    """Finds the spans of one paper for any of its concepts; reads the text once."""

    def __init__(self, suggester: Suggester, title: str, abstract: str) -> None:
        self._suggester = suggester
        self._fields = {"title": words(title), "abstract": words(abstract)}
        self._planes = [(suggester.profiles.features, suggester.profiles.weights)]
        if suggester.linear:
            self._planes.append((suggester.linear.features, suggester.linear.weights))
        self._rows = [self._row(features) for features, _ in self._planes]

    def spans(self, column: int) -> list[Span]:
        """At most a few, heaviest kept, never overlapping, in reading order."""
        kept: list[Span] = []
        found = sorted(self._candidates(column), key=lambda span: -span.weight)
        for span in found:
            if len(kept) == MOST_SPANS or span.weight < LEAST_SHARE * found[0].weight:
                break
            if not any(_overlap(span, other) for other in kept):
                kept.append(span)
        heaviest = kept[0].weight if kept else 1.0
        scaled = [
            Span(span.field, span.start, span.end, round(span.weight / heaviest, 3))
            for span in kept
        ]
        return sorted(scaled, key=lambda span: (span.field != "title", span.start))

    def _candidates(self, column: int) -> Iterator[Span]:
        """Spans with what each adds to the logit."""
        mixture = self._suggester.mixture
        at = self._learned_column(column)
        weights = mixture.trained if at is not None else mixture.untrained
        yield from self._labels(column, weights[1] + weights[2])
        yield from self._words(0, column, weights[3] + weights[4])
        if at is not None:
            yield from self._words(1, at, weights[5] + weights[6])

    def _learned_column(self, column: int) -> int | None:
        slug = self._suggester.subjects.slugs[column]
        linear = self._suggester.linear
        return linear.slugs.index(slug) if linear and slug in linear.slugs else None

    def _labels(self, column: int, weight: float) -> Iterator[Span]:
        for field, found in self._fields.items():
            raw, normal = [word.raw for word in found], [word.stem for word in found]
            times = TITLE_WEIGHT if field == "title" else 1.0
            for match in self._suggester.lexicon.matches(raw, normal):
                for claimed, strength in match.phrase.weights:
                    if claimed == column:
                        yield _span(
                            field, found, match.first, match.last, weight * strength * times
                        )

    def _words(self, plane: int, column: int, weight: float) -> Iterator[Span]:
        features, planes = self._planes[plane]
        for field, found in self._fields.items():
            normal = [word.stem for word in found]
            for feature, first, last in features.columns_of(normal):
                adds = self._rows[plane][feature] * planes[feature, column]
                if field == "title":
                    beyond = feature + features.width
                    adds += self._rows[plane][beyond] * planes[beyond, column]
                if adds * weight > 0:
                    yield _span(field, found, first, last, float(adds * weight))

    def _row(self, features: Features) -> NDArray[np.float32]:
        title, abstract = ([word.stem for word in found] for found in self._fields.values())
        row = features.transform([title], [abstract])
        dense: NDArray[np.float32] = np.asarray(row.todense(), np.float32)[0]
        return dense


def _span(field: str, found: Sequence[Word], first: int, last: int, weight: float) -> Span:
    return Span(field, found[first].start, found[last - 1].end, weight)


def _overlap(one: Span, other: Span) -> bool:
    return one.field == other.field and one.start < other.end and other.start < one.end
