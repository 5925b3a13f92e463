"""The labels of the vocabulary as phrases, found in a text whatever their inflection."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.subjects import Subjects
from ingest.suggest.text import STOP_WORDS, Reading, raw_words, stems

TITLE_WEIGHT = 2.5
# A single word says less than a phrase: "law" against "legal question answering".
WEIGHT_BY_LENGTH = {1: 0.6, 2: 1.0}
LONGER_WEIGHT = 1.2
BROADER_SHARE = 0.8  # of a narrower concept's evidence that counts for the broader one
LONGEST_ABBREVIATION = 5
_ALONE = ""  # in place of the second word of a single one


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of normal forms and the concepts (columns) it speaks for."""

    number: int
    stems: tuple[str, ...]
    weights: tuple[tuple[int, float], ...]
    abbreviation: str = ""  # as written, where only that spelling counts


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase at words [first, last) of a text."""

    phrase: Phrase
    first: int
    last: int


class Lexicon:
    """Finds labels in texts: the longest match wins, words are counted once."""

    def __init__(self, subjects: Subjects) -> None:
        self.width = len(subjects)
        found = sorted(
            _phrases(subjects), key=lambda phrase: (-len(phrase.stems), phrase.abbreviation)
        )
        # By the first word, then by the second: many labels begin with the same one.
        self._by_start: dict[str, dict[str, list[Phrase]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._weights = np.zeros((len(found), self.width), np.float32)
        for phrase in found:
            second = phrase.stems[1] if len(phrase.stems) > 1 else _ALONE
            self._by_start[phrase.stems[0]][second].append(phrase)
            for column, weight in phrase.weights:
                self._weights[phrase.number, column] = weight
        self._by_start = {first: dict(rest) for first, rest in self._by_start.items()}

    def matches(self, raw: Sequence[str], normal: Sequence[str]) -> Iterator[Match]:
        """Labels among words, from left to right and never overlapping."""
        by_start = self._by_start
        done = 0
        for at in [at for at, word in enumerate(normal) if word in by_start]:
            if at < done:
                continue
            phrases = by_start[normal[at]]
            longer = phrases.get(normal[at + 1], ()) if at + 1 < len(normal) else ()
            for phrase in (*longer, *phrases.get(_ALONE, ())):
                if _stands(phrase, raw, normal, at):
                    done = at + len(phrase.stems)
                    yield Match(phrase, at, done)
                    break

    def score(self, reading: Reading) -> NDArray[np.float32]:
        """Papers × concepts: how much the labels speak for a concept, 0 for not at all."""
        size = len(reading), len(self._weights)
        titles = self._counts(reading.titles, reading.title_stems, size)
        abstracts = self._counts(reading.abstracts, reading.abstract_stems, size)
        strength = TITLE_WEIGHT * titles.minimum(1.0) + abstracts.sqrt()
        return np.log1p(np.asarray(strength @ self._weights, np.float32))

    def _counts(
        self,
        raws: Sequence[Sequence[str]],
        normals: Sequence[Sequence[str]],
        size: tuple[int, int],
    ) -> "sp.csr_matrix":
        """Papers × phrases: how often each is found."""
        pairs = [
            (row, match.phrase.number)
            for row, words in enumerate(zip(raws, normals, strict=True))
            for match in self.matches(*words)
        ]
        places = np.array(pairs, np.int64).reshape(-1, 2).T
        return sp.coo_matrix((np.ones(len(pairs), np.float32), tuple(places)), size).tocsr()


def _stands(phrase: Phrase, raw: Sequence[str], normal: Sequence[str], at: int) -> bool:
    """Given that its first two words do."""
    if phrase.abbreviation:
        return _is_spelled(raw[at], phrase.abbreviation)
    end = at + len(phrase.stems)
    return end <= at + 2 or tuple(normal[at:end]) == phrase.stems


def _phrases(subjects: Subjects) -> Iterable[Phrase]:
    """Each label once; one that several trees claim speaks less for each of them."""
    parents = subjects.parents()
    weights: dict[tuple[tuple[str, ...], str], dict[int, float]] = defaultdict(dict)
    for column, subject in enumerate(subjects.items):
        for label, trust in subject.labels:
            raw = raw_words(label.split(" (")[0])
            normal = tuple(stems(raw))
            if not normal or (len(normal) == 1 and normal[0] in STOP_WORDS):
                continue
            weight = trust * WEIGHT_BY_LENGTH.get(len(normal), LONGER_WEIGHT)
            key = (normal, _abbreviation(raw))
            at: int = column
            while at >= 0:
                weights[key][at] = max(weights[key].get(at, 0.0), weight)
                at, weight = parents[at], weight * BROADER_SHARE
    for number, ((normal, abbreviation), by_column) in enumerate(weights.items()):
        claims = sum(parents[column] < 0 for column in by_column) or 1
        yield Phrase(
            number,
            normal,
            tuple((column, weight / claims) for column, weight in by_column.items()),
            abbreviation,
        )


def _abbreviation(raw: Sequence[str]) -> str:
    """The label itself where its capitals are all that sets it apart from a word."""
    if len(raw) != 1 or len(raw[0]) > LONGEST_ABBREVIATION:
        return ""
    return raw[0] if sum(letter.isupper() for letter in raw[0]) >= 2 else ""


def _is_spelled(raw: str, abbreviation: str) -> bool:
    return raw in (abbreviation, abbreviation + "s")
