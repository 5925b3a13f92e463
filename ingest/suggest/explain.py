"""Which words of title and abstract carried a suggestion."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.combine import Suggester
from ingest.suggest.lexical import TITLE_WEIGHT
from ingest.suggest.text import Word, words
from ingest.suggest.vectors import TITLE_SHARE, Features

MOST_SPANS = 6
MOST_CANDIDATES = 40  # of one set of features: many overlap
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


@dataclass(frozen=True)
class _Counted:
    """What one set of features counts in a paper: where, and how much of the paper it is."""

    places: list[tuple[str, int, int]]  # field, first character, last + 1
    features: NDArray[np.int64]
    values: NDArray[np.float32]
    title_values: NDArray[np.float32]  # in the title's block; 0 in the abstract

    def weigh(self, plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """What each place adds along a plane (the whole text's block, then the title's)."""
        whole, title = np.split(plane, 2)
        adds = self.values * whole[self.features] + self.title_values * title[self.features]
        return np.asarray(adds, np.float32)


class Explanation:
    """Finds the spans of one paper for any of its concepts; reads the text once."""

    def __init__(self, suggester: Suggester, title: str, abstract: str) -> None:
        self._suggester = suggester
        fields = {"title": words(title), "abstract": words(abstract)}
        self._labels = [
            (field, found[match.first].start, found[match.last - 1].end, match.phrase)
            for field, found in fields.items()
            for match in suggester.lexicon.matches(
                [word.raw for word in found], [word.stem for word in found]
            )
        ]
        self._profile = _count(suggester.profiles.features, fields)
        linear = suggester.linear
        self._learned = _count(linear.features, fields) if linear else None

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
        mixture, linear = self._suggester.mixture, self._suggester.linear
        slug = self._suggester.subjects.slugs[column]
        learned = linear is not None and slug in linear.slugs
        weights = mixture.trained if learned else mixture.untrained
        for field, start, end, phrase in self._labels:
            strength = dict(phrase.weights).get(column, 0.0) * (weights[1] + weights[2])
            if strength > 0:
                times = TITLE_WEIGHT if field == "title" else 1.0
                yield Span(field, start, end, strength * times)
        profile = self._suggester.profiles.weights[:, column]
        yield from _spans(self._profile, profile, weights[3] + weights[4])
        if linear is not None and learned and self._learned is not None:
            plane = linear.weights[:, linear.slugs.index(slug)]
            yield from _spans(self._learned, plane, weights[5] + weights[6])


def _spans(counted: _Counted, plane: NDArray[np.float32], weight: float) -> Iterator[Span]:
    adds = counted.weigh(plane) * weight
    for at in np.argsort(-adds, kind="stable")[:MOST_CANDIDATES]:
        if adds[at] > 0:
            field, start, end = counted.places[at]
            yield Span(field, start, end, float(adds[at]))


def _count(features: Features, fields: Mapping[str, Sequence[Word]]) -> _Counted:
    places, columns = [], []
    for field, found in fields.items():
        for column, first, last in features.columns_of([word.stem for word in found]):
            places.append((field, found[first].start, found[last - 1].end))
            columns.append(column)
    all_columns = np.array(columns, np.int64)
    in_title = np.array([field == "title" for field, _, _ in places], bool)
    title_values = np.zeros(len(places), np.float32)
    title_values[in_title] = TITLE_SHARE * features.values_of(all_columns[in_title])
    return _Counted(places, all_columns, features.values_of(all_columns), title_values)


def _overlap(one: Span, other: Span) -> bool:
    return one.field == other.field and one.start < other.end and other.start < one.end
