"""The labels of the vocabulary as phrases, found in a text whatever their inflection."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.subjects import Subjects
from ingest.suggest.text import STOP_WORDS, Reading, raw_words, stems

TITLE_WEIGHT = 2.5
# A single word says less than a phrase: "law" against "legal question answering".
WEIGHT_BY_LENGTH = {1: 0.6, 2: 1.0}
LONGER_WEIGHT = 1.2
BROADER_SHARE = 0.8  # of a narrower concept's evidence that counts for the broader one
LONGEST_ABBREVIATION = 5


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of normal forms and the concepts (columns) it speaks for."""

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
        self._by_first: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in _phrases(subjects):
            self._by_first[phrase.stems[0]].append(phrase)
        for found in self._by_first.values():
            found.sort(key=lambda phrase: (-len(phrase.stems), phrase.abbreviation))
        self._by_first = dict(self._by_first)

    def matches(self, raw: Sequence[str], normal: Sequence[str]) -> Iterator[Match]:
        """Labels among words, from left to right and never overlapping."""
        by_first = self._by_first
        done = 0
        for at in [at for at, word in enumerate(normal) if word in by_first]:
            if at < done:
                continue
            for phrase in by_first[normal[at]]:
                last = at + len(phrase.stems)
                if phrase.abbreviation and not _is_spelled(raw[at], phrase.abbreviation):
                    continue
                if last == at + 1 or tuple(normal[at:last]) == phrase.stems:
                    yield Match(phrase, at, last)
                    done = last
                    break

    def score(self, reading: Reading) -> NDArray[np.float32]:
        """Papers × concepts: how much the labels speak for a concept, 0 for not at all."""
        scores = np.zeros((len(reading), self.width), np.float32)
        titles = zip(reading.titles, reading.title_stems, strict=True)
        abstracts = zip(reading.abstracts, reading.abstract_stems, strict=True)
        for row, (title, abstract) in enumerate(zip(titles, abstracts, strict=True)):
            in_title: dict[Phrase, int] = defaultdict(int)
            in_abstract: dict[Phrase, int] = defaultdict(int)
            for field, counts in ((title, in_title), (abstract, in_abstract)):
                for match in self.matches(*field):
                    counts[match.phrase] += 1
            for phrase in in_title.keys() | in_abstract.keys():
                often = in_abstract.get(phrase, 0)
                strength = TITLE_WEIGHT * (phrase in in_title) + often**0.5
                for column, weight in phrase.weights:
                    scores[row, column] += weight * strength
        return np.log1p(scores)


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
    for (normal, abbreviation), by_column in weights.items():
        claims = sum(parents[column] < 0 for column in by_column) or 1
        yield Phrase(
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
