"""Which words of title and abstract carried a suggestion."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.combine import Suggester
from ingest.suggest.lexical import TITLE_WEIGHT
from ingest.suggest.places import Places
from ingest.suggest.reading import Reading
from ingest.suggest.vectors import Occurrences

MOST_SPANS = 6
MOST_CANDIDATES = 40  # of one set of features: many overlap
LEAST_SHARE = 0.1  # of the heaviest span; what is lighter would only distract

FIELDS = ("title", "abstract")

Pair = tuple[int, int]  # paper, concept: a row and a column
Candidate = tuple[float, int, int, int]  # weight, 0 title or 1 abstract, first word, last + 1


class Span(NamedTuple):
    """A stretch of a field in characters; the heaviest one of a suggestion weighs 1."""

    field: str
    start: int
    end: int
    weight: float

    def as_json(self) -> dict[str, object]:
        return self._asdict()


class Explanations:
    """Finds the spans of papers for any of their concepts; all are read at once."""

    def __init__(
        self,
        suggester: Suggester,
        papers: Sequence[tuple[str, str]],
        reading: Reading | None = None,
        rows: Sequence[int] | None = None,
    ) -> None:
        """`papers` are (title, abstract); `reading` is of the same, where there is one.

        `rows` are those of the papers that will be asked about, where it is not all.
        """
        self._suggester, self._papers = suggester, papers
        self._reading = reading or Reading.of(papers)
        asked = range(len(papers)) if rows is None else rows
        self._number = {row: number for number, row in enumerate(asked)}
        profiles, linear = suggester.profiles, suggester.linear
        known = profiles.features.occurrences(self._reading, asked)
        self._profile = _Planes(known, profiles.weights)
        self._learned: _Planes | None = None
        self._planes: dict[str, int] = {}
        if linear:
            learned = linear.features.occurrences(self._reading, asked)
            self._learned = _Planes(learned, linear.weights)
            self._planes = {slug: at for at, slug in enumerate(linear.slugs)}
        self._labels = suggester.lexicon.found(self._reading)
        self._places = Places(papers, self._reading)

    def spans(self, row: int, column: int) -> list[Span]:
        """Of one paper for one concept: a few, heaviest kept, apart, in reading order."""
        return self.of([(row, column)])[0]

    def of(self, pairs: Sequence[Pair]) -> list[list[Span]]:
        """The spans of each pair; those of a paper stand together."""
        found: list[list[Candidate]] = [[*self._labelled(*pair)] for pair in pairs]
        numbers = np.array([self._number[row] for row, _ in pairs], np.int64)
        columns = np.array([column for _, column in pairs], np.int64)
        weights = self._suggester.weights[:, columns]
        self._profile.add_to(found, numbers, columns, weights[3:5])
        if self._learned:
            items = self._suggester.subjects.items
            planes = np.array([self._planes.get(items[at].slug, -1) for _, at in pairs])
            self._learned.add_to(found, numbers, planes, weights[5:7])
        kept = [_heaviest_apart(candidates) for candidates in found]
        return self._in_characters(pairs, kept)

    def _in_characters(
        self, pairs: Sequence[Pair], kept: Sequence[Sequence[Candidate]]
    ) -> list[list[Span]]:
        """In reading order."""
        ordered = [sorted(candidates, key=itemgetter(1, 2, 3)) for candidates in kept]
        words = [
            (2 * row + field, first, last)
            for (row, _), candidates in zip(pairs, ordered, strict=True)
            for _, field, first, last in candidates
        ]
        places = iter(self._places.of(words))
        return [
            [
                Span(FIELDS[field], *next(places), round(weight / heaviest[0][0], 3))
                for weight, field, _, _ in candidates
            ]
            for heaviest, candidates in zip(kept, ordered, strict=True)
        ]

    def _labelled(self, row: int, column: int) -> Iterator[Candidate]:
        """Labels with what each adds to the logit."""
        weights = self._suggester.weights
        weight = float(weights[1, column]) + float(weights[2, column])
        for field, match in self._labels.of(row):
            strength = match.phrase.weights.get(column, 0.0) * weight
            if strength > 0:
                times = 1.0 if field else TITLE_WEIGHT
                yield strength * times, field, match.first, match.last


class _Planes:
    """What words and pairs of papers add along planes, one a column."""

    def __init__(self, found: Occurrences, weights: NDArray[np.float32]) -> None:
        """`weights` of the whole text's block, then of the title's where they differ."""
        self._found = found
        self._flat = np.ascontiguousarray(weights).reshape(-1)
        self._at = found.columns * weights.shape[1]  # in the first plane
        # From a word in the whole text to the same one in the title: profiles weigh both alike.
        self._to_title = (len(weights) - found.width) * weights.shape[1]

    def add_to(
        self,
        candidates: Sequence[list[Candidate]],
        numbers: NDArray[np.int64],
        planes: NDArray[np.int64],
        weights: NDArray[np.float32],
    ) -> None:
        """To each pair, the stretches of its paper that add most; plane -1 has none."""
        found = self._found
        sizes = np.where(planes >= 0, found.starts[numbers + 1] - found.starts[numbers], 0)
        pairs = np.flatnonzero(sizes)
        sizes = sizes[pairs]
        begins = np.cumsum(sizes) - sizes
        place = np.arange(sizes.sum()) + np.repeat(found.starts[numbers[pairs]] - begins, sizes)
        at = self._at[place] + np.repeat(planes[pairs], sizes)
        adds = found.values[place] * self._flat[at]
        adds += found.title_values[place] * self._flat[at + self._to_title]
        weight = weights[0].astype(np.float64) + weights[1]
        adds *= np.repeat(weight[pairs].astype(np.float32), sizes)
        best = np.maximum.reduceat(adds, begins) if len(adds) else adds
        least = (LEAST_SHARE * best.astype(np.float64)).astype(np.float32)
        least[best <= 0] = np.inf
        worthy = np.flatnonzero(adds >= np.repeat(least, sizes))
        owner = np.repeat(pairs, sizes)[worthy]
        order = np.lexsort((-adds[worthy], owner))
        worthy, owner = worthy[order], owner[order]
        rank = np.arange(len(owner)) - np.searchsorted(owner, owner)
        worthy, owner = worthy[rank < MOST_CANDIDATES], owner[rank < MOST_CANDIDATES]
        place = place[worthy]
        for pair, *candidate in zip(
            owner.tolist(),
            adds[worthy].tolist(),
            found.fields[place].tolist(),
            found.firsts[place].tolist(),
            found.lasts[place].tolist(),
            strict=True,
        ):
            candidates[pair].append(tuple(candidate))


def _heaviest_apart(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The heaviest that do not overlap, heaviest first."""
    found = sorted(candidates, reverse=True)
    least = LEAST_SHARE * found[0][0] if found else 0.0
    kept: list[Candidate] = []
    taken: set[int] = set()
    for candidate in found:
        weight, field, first, last = candidate
        if len(kept) == MOST_SPANS or weight < least:
            break
        words = range(2 * first + field, 2 * last + field, 2)  # even ones in the title
        if taken.isdisjoint(words):
            taken.update(words)
            kept.append(candidate)
    return kept
