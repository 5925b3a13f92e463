"""The labels of the vocabulary as phrases, found in a text whatever their inflection."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.reading import Named, Reading
from ingest.suggest.subjects import Subjects
from ingest.suggest.text import STOP_WORDS, raw_words, stems
from ingest.suggest.words import Lookup

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
    weights: Mapping[int, float]
    abbreviation: str = ""  # as written, where only that spelling counts


class Match(NamedTuple):
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
            for column, weight in phrase.weights.items():
                self._weights[phrase.number, column] = weight
        self._by_start = {first: dict(rest) for first, rest in self._by_start.items()}
        self._beginnings = Beginnings(found)

    def matches(self, raw: Sequence[str], normal: Sequence[str]) -> Iterator[Match]:
        """Labels among words, from left to right and never overlapping."""
        by_start = self._by_start
        places = [at for at, word in enumerate(normal) if word in by_start]
        return self._matches(raw, normal, places)

    def found(self, reading: Reading) -> "Matches":
        """Labels in all the papers; found once."""
        return reading.once(self, lambda: self._found(reading))

    def score(self, reading: Reading) -> NDArray[np.float32]:
        """Papers × concepts: how much the labels speak for a concept, 0 for not at all."""
        found = self.found(reading)
        size = len(reading), len(self._weights)
        titles = _counts(found, 0, size)
        abstracts = _counts(found, 1, size)
        strength = TITLE_WEIGHT * titles.minimum(1.0) + abstracts.sqrt()
        return np.log1p(np.asarray(strength @ self._weights, np.float32))

    def _found(self, reading: Reading) -> "Matches":
        places = self._beginnings.places(reading).tolist()
        known = reading.words
        raw = Named(known.written, reading.written)
        normal = Named(known.forms, reading.forms)
        return Matches([*self._matches(raw, normal, places)], reading.starts)

    def _matches(
        self, raw: Sequence[str], normal: Sequence[str], places: Iterable[int]
    ) -> Iterator[Match]:
        """Those that begin at some of these places."""
        by_start, last = self._by_start, len(normal) - 1
        done = 0
        for at in places:
            if at < done:
                continue
            phrases = by_start[normal[at]]
            longer = phrases.get(normal[at + 1], ()) if at < last else ()
            for phrase in (*longer, *phrases.get(_ALONE, ())):
                if _stands(phrase, raw, normal, at):
                    done = at + len(phrase.stems)
                    yield Match(phrase, at, done)
                    break


class Matches:
    """Labels in papers; the words of each field are numbered from 0."""

    def __init__(self, found: Sequence[Match], starts: NDArray[np.int64]) -> None:
        """`found` in words of all papers in a row, whose fields begin at `starts`."""
        self._found = found
        firsts = np.array([match.first for match in found], np.int64)
        self.fields = np.searchsorted(starts, firsts, side="right") - 1
        self.phrases = np.array([match.phrase.number for match in found], np.int64)
        self._starts = starts
        self._bounds = np.searchsorted(self.fields, np.arange(0, len(starts) + 1, 2))

    def of(self, row: int) -> list[tuple[int, Match]]:
        """Of one paper: 0 for the title or 1 for the abstract, and the label."""
        found = []
        for at in range(self._bounds[row], self._bounds[row + 1]):
            match, field = self._found[at], int(self.fields[at])
            begin = int(self._starts[field])
            one = Match(match.phrase, match.first - begin, match.last - begin)
            found.append((field % 2, one))
        return found


class Beginnings:
    """Where in papers labels may begin: all such places, and few others.

    A word alone, in the spelling that counts, or the first two of a label.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        alone: dict[str, int] = {}
        spelled: dict[str, int] = {}
        first: dict[str, int] = {}
        second: dict[str, int] = {}
        pairs = set()
        for phrase in phrases:
            one, *others = phrase.stems
            if others:
                place = first.setdefault(one, len(first))
                pairs.add((place, second.setdefault(others[0], len(second))))
            elif phrase.abbreviation:
                spelled[phrase.abbreviation] = spelled[phrase.abbreviation + "s"] = 1
            else:
                alone[one] = 1
        self._alone, self._spelled = Lookup(alone, 0), Lookup(spelled, 0)
        self._first, self._second = Lookup(first), Lookup(second)
        self._many = max(len(second), 1)
        self._pairs = np.array(
            sorted(one * self._many + other for one, other in pairs), np.int64
        )

    def places(self, reading: Reading) -> NDArray[np.int64]:
        """In the words of all papers in a row."""
        known, forms = reading.words, reading.forms
        at = self._alone.of(known.forms)[forms] > 0
        at |= self._spelled.of(known.written)[reading.written] > 0
        first = self._first.of(known.forms)[forms[:-1]]
        second = self._second.of(known.forms)[forms[1:]]
        both = np.flatnonzero((first >= 0) & (second >= 0))
        keys = first[both].astype(np.int64) * self._many + second[both]
        at[both[np.isin(keys, self._pairs)]] = True
        return np.flatnonzero(at)


def _counts(found: Matches, field: int, size: tuple[int, int]) -> "sp.csr_matrix":
    """Papers × phrases: how often each is found in titles, or in abstracts."""
    mine = np.flatnonzero(found.fields % 2 == field)
    places = found.fields[mine] // 2, found.phrases[mine]
    return sp.coo_matrix((np.ones(len(mine), np.float32), places), size).tocsr()


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
            {column: weight / claims for column, weight in by_column.items()},
            abbreviation,
        )


def _abbreviation(raw: Sequence[str]) -> str:
    """The label itself where its capitals are all that sets it apart from a word."""
    if len(raw) != 1 or len(raw[0]) > LONGEST_ABBREVIATION:
        return ""
    return raw[0] if sum(letter.isupper() for letter in raw[0]) >= 2 else ""


def _is_spelled(raw: str, abbreviation: str) -> bool:
    return raw in (abbreviation, abbreviation + "s")
