"""All signals together: one probability for each concept.

Each signal is compared with the same signal for the other trees of concepts, since a paper
is seldom about many: what leads says more than what is merely there. With no training the
labels and texts of the vocabulary are the only signals.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.suggest import topic
from ingest.suggest.calibrate import Calibration
from ingest.suggest.correction import Correction
from ingest.suggest.embed_nearness import Embedding, Nearness, Taught
from ingest.suggest.lexical import Lexicon
from ingest.suggest.linear import Linear, spread
from ingest.suggest.llm_opinion import Opinion
from ingest.suggest.profiles import Profiles
from ingest.suggest.reading import Reading
from ingest.suggest.subjects import Subjects

Matrix = NDArray[np.float32]

# Intercept, then a weight for each of `Signals.columns`, without and with a linear model.
UNTRAINED = (-3.0, 0.8, 1.0, 12.0, 5.0)
BATCH = 256


@dataclass(frozen=True)
class Mixture:
    """How much each signal counts; `trained` is empty before anything was learned."""

    untrained: tuple[float, ...] = UNTRAINED
    trained: tuple[float, ...] = ()  # of all concepts with a linear model together
    own: dict[str, tuple[float, ...]] = field(default_factory=dict)  # in their place, by slug


@dataclass(frozen=True)
class Signals:
    """Papers × concepts, one matrix a signal; NaN in `linear` where nothing was learned."""

    lexical: Matrix
    profile: Matrix
    linear: Matrix
    closeness: NDArray[np.float32]  # one a paper
    recent: Matrix | None = None  # what the newest decisions add to the logits
    opinion: Opinion | None = None  # a language model's, where one was asked
    nearness: Nearness | None = None  # of the papers' vectors, where there are such

    def columns(self, trees: NDArray[np.int64], *, trained: bool) -> list[Matrix]:
        """What a mixture weighs: each signal, and its lead over the other trees."""
        found = [
            part for one in (self.lexical, self.profile) for part in (one, lead(one, trees))
        ]
        if trained:
            found += [np.nan_to_num(one) for one in (self.linear, lead(self.linear, trees))]
        return found


@dataclass
class Suggester:
    """Scores papers against the whole vocabulary; holds no state between calls."""

    subjects: Subjects
    linear: Linear | None = None
    mixture: Mixture = field(default_factory=Mixture)
    calibration: Calibration = field(default_factory=Calibration)
    name: str = "vocabulary"
    target: int | None = None  # percent of the suggestions that shall be right
    correction: Correction | None = None
    embedding: Embedding | None = None
    taught: Taught | None = None  # about the vectors of an embedding

    def __post_init__(self) -> None:
        self.lexicon = Lexicon(self.subjects)
        self.profiles = Profiles(self.subjects)
        self.columns = self.subjects.columns()
        self.parents = self.subjects.parents()
        self.steps = steps_down(self.parents)
        self.trees = tree_of_each(self.parents, self.subjects.top_down())
        self._settle()

    def _settle(self) -> None:
        """What was learned, laid out in the columns of the vocabulary."""
        slugs = self.subjects.slugs
        self.thresholds = self.calibration.thresholds(slugs, self.target)
        self.shifts = self.calibration.shifts_of(slugs)
        self.weights = self._weights()

    def having(self, **learned: Any) -> "Suggester":
        """The same with these fields; what was built from the vocabulary is shared."""
        found = copy(self)
        vars(found).update(learned)
        found._settle()
        return found

    def probabilities(self, papers: Sequence[tuple[str, str]]) -> Matrix:
        """(title, abstract) each → papers × concepts, in the order of the vocabulary."""
        parts = [
            self.mix(self.signals(Reading.of(papers[at : at + BATCH])))
            for at in range(0, len(papers), BATCH)
        ]
        return np.vstack(parts) if parts else np.zeros((0, len(self.subjects)), np.float32)

    def signals(self, reading: Reading) -> Signals:
        """Each signal by itself, before they are weighed."""
        learned = (
            spread(self.linear.score(reading), self.linear.slugs, self.columns)
            if self.linear
            else np.full((len(reading), len(self.subjects)), np.nan, np.float32)
        )
        return Signals(
            self.lexicon.score(reading),
            self.profiles.score(reading),
            learned,
            topic.closeness(reading),
            self.correction.score(reading, self.columns) if self.correction else None,
            nearness=self._nearness(reading),
        )

    def _nearness(self, reading: Reading) -> Nearness | None:
        if self.embedding is None:
            return None
        by_words = self.linear.slugs if self.linear else ()
        return self.embedding.nearness(reading.papers, self.subjects, self.taught, by_words)

    def corrected(self, correction: Correction, update: int) -> "Suggester":
        """The same with what the newest decisions add, as its name tells."""
        found = copy(self)  # what was built from the vocabulary is shared
        found.correction, found.name = correction, f"{self.trained_name}.{update}"
        return found

    def as_trained(self) -> "Suggester":
        """The same without what the newest decisions add."""
        found = copy(self)
        found.correction, found.name = None, self.trained_name
        return found

    @property
    def trained_name(self) -> str:
        """Without the number of the update."""
        return self.name.partition(".")[0]

    def mix(self, signals: Signals) -> Matrix:
        """Probabilities: mixed, calibrated, and never above the broader concept's."""
        logits = self.logits(signals)
        found = signals.closeness[:, None] / (1.0 + np.exp(-logits))
        for narrower, broader in self.steps:
            found[:, narrower] = np.minimum(found[:, narrower], found[:, broader])
        return np.asarray(found, np.float32)

    def logits(self, signals: Signals) -> Matrix:
        """Mixed, calibrated and corrected, each concept by itself."""
        columns = signals.columns(self.trees, trained=len(self.weights) > len(UNTRAINED))
        logits = weigh(columns, self.weights) + self.shifts
        if signals.nearness is not None:
            logits = signals.nearness.pool(logits)
        if signals.recent is not None:
            logits = logits + signals.recent
        return signals.opinion.pool(logits) if signals.opinion else logits

    def _weights(self) -> Matrix:
        """Intercept and signals × concepts."""
        plain, trained = self.mixture.untrained, self.mixture.trained
        padded = np.array([*plain, *[0.0] * (len(trained) - len(plain))], np.float32)
        found = np.repeat(padded[:, None], len(self.subjects), axis=1)
        if self.linear and trained:
            for slug in self.columns.keys() & set(self.linear.slugs):
                found[:, self.columns[slug]] = self.mixture.own.get(slug, trained)
        return found

    def truth_of(self, labels: Sequence[set[str]]) -> NDArray[np.bool_]:
        """Papers × concepts; a narrower concept says its broader ones as well."""
        table = self.table_of(labels)
        for narrower, broader in reversed(self.steps):
            for column, parent in zip(narrower, broader, strict=True):
                table[:, parent] |= table[:, column]
        return table

    def table_of(self, labels: Sequence[set[str]]) -> NDArray[np.bool_]:
        """Papers × concepts; slugs that the vocabulary does not know are left out."""
        table = np.zeros((len(labels), len(self.subjects)), bool)
        for row, slugs in enumerate(labels):
            for slug in slugs & self.columns.keys():
                table[row, self.columns[slug]] = True
        return table

    def without_works(self, titles: Iterable[str]) -> "Suggester":
        """The same, with landmarks of these titles left out of the vocabulary."""
        return replace(self, subjects=self.subjects.without_works(titles))

    def chosen(self, probabilities: Matrix) -> NDArray[np.bool_]:
        """What is suggested: above its threshold, and so is everything broader."""
        chosen: NDArray[np.bool_] = probabilities >= self.thresholds
        for narrower, broader in self.steps:
            chosen[:, narrower] &= chosen[:, broader]
        return chosen


def weigh(columns: Sequence[Matrix], weights: Matrix) -> Matrix:
    """Papers × concepts; an intercept, then a weight for each column, of each concept."""
    total = np.repeat(weights[:1], len(columns[0]), axis=0)
    for column, weight in zip(columns, weights[1:], strict=True):
        total += weight * column
    return total


def lead(signal: Matrix, trees: NDArray[np.int64]) -> Matrix:
    """By how much a concept is ahead of the best top concept of any other tree."""
    tops = np.flatnonzero(trees == np.arange(len(trees)))
    among_tops = np.nan_to_num(signal[:, tops], nan=-np.inf)
    if len(tops) < 2:
        return np.zeros_like(signal)
    second, first = np.argsort(among_tops, axis=1)[:, -2:].T
    rows = np.arange(len(signal))
    best, next_best = among_tops[rows, first], among_tops[rows, second]
    rival = np.where(trees[None, :] == tops[first][:, None], next_best[:, None], best[:, None])
    rival = np.where(np.isfinite(rival), rival, signal)
    return np.asarray(signal - rival, np.float32)


def steps_down(
    parents: Sequence[int],
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Columns and those right above them, level by level from the second one on."""
    above = np.array(parents, np.int64).reshape(-1)
    steps, level = [], np.flatnonzero(above < 0)
    while len(level := np.flatnonzero((above >= 0) & np.isin(above, level))):
        steps.append((level, above[level]))
    return steps


def tree_of_each(parents: Sequence[int], order: Sequence[int]) -> NDArray[np.int64]:
    """Column of the top concept above each concept."""
    trees = np.arange(len(parents), dtype=np.int64)
    for column in order:
        if parents[column] >= 0:
            trees[column] = trees[parents[column]]
    return trees
