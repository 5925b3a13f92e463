"""How near a paper's vector is to the concepts, as one more signal beside the suggester's own.

Two things are told from a vector: by how much a concept's texts are nearer to it than those of
the other concepts, and, once papers are labelled, on which side of a plane it lies. Both are
pooled with what the words say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.profiles import BROADER_SHARE, LABEL_SHARE, WORK_SHARE
from ingest.suggest.subjects import Subject, Subjects

Matrix = NDArray[np.float32]

# What is added, and the weights of the words' logit, of standing out and of the plane.
UNTRAINED = (-0.1, 1.0, 0.4, 0.0)
BESIDE_LEARNED = (-0.05, 1.0, 0.2, 0.0)  # of a concept that was not learned, where others were
WORDS_ALONE = (0.0, 1.0, 0.0, 0.0)  # their logit stays as it is
SIGNAL = "embedding"  # what it is called in the evidence


@dataclass(frozen=True)
class Taught:
    """What labelled papers taught about the vectors of one embedding model."""

    model: str  # by its name: nothing of it holds for another
    slugs: Sequence[str]
    planes: Matrix  # width × slugs
    bias: Matrix
    weights: Mapping[str, Sequence[float]]  # as `UNTRAINED`, by slug


@dataclass(frozen=True)
class Nearness:
    """Papers × concepts each; NaN for a paper whose vector is not known."""

    outstanding: Matrix
    planes: Matrix
    weights: Matrix  # as `UNTRAINED` × concepts

    def pool(self, logits: Matrix) -> Matrix:
        """With the logits that the words gave, where there is a vector."""
        added, kept, outstanding, planes = self.weights
        pooled = added + kept * logits + outstanding * self.outstanding + planes * self.planes
        return np.asarray(np.where(np.isnan(self.outstanding), logits, pooled), np.float32)


@dataclass(frozen=True)
class Embedding:
    """A model by its name, and what gives a row for each text, NaN where it is not known.

    Where none of the texts is known, a row may be one NaN alone.
    """

    name: str
    vectors: Callable[[Sequence[str]], Matrix]
    _concepts: dict[Subjects, Matrix] = field(default_factory=dict, compare=False, repr=False)

    def nearness(
        self,
        papers: Sequence[tuple[str, str]],
        subjects: Subjects,
        taught: Taught | None,
        by_words: Sequence[str],
    ) -> Nearness | None:
        """Of (title, abstract) each; None while the texts of the concepts have no vectors.

        `by_words` are the concepts whose words were learned: they know better than what the
        vocabulary writes, so that a vector counts for them as far as it was learned, too.
        """
        concepts = self.concepts(subjects)
        if concepts is None:
            return None
        rows = self.rows(papers, concepts.shape[1])
        if taught is not None and taught.model != self.name:
            taught = None
        return Nearness(
            standing_out(rows @ concepts.T, subjects.parents()),
            _on_planes(rows, subjects, taught),
            weights_of(subjects, taught, by_words),
        )

    def rows(self, papers: Sequence[tuple[str, str]], width: int) -> Matrix:
        """A vector for each (title, abstract), as wide as those of the concepts."""
        found = self.vectors([as_text(*paper) for paper in papers])
        # Where none is known, neither is how wide one would be.
        return np.broadcast_to(found, (len(papers), width))

    def concepts(self, subjects: Subjects) -> Matrix | None:
        """A vector of length 1 for each; None while some text has none."""
        found = self._concepts.get(subjects)
        if found is None:
            parts = [weighed(subject) for subject in subjects.items]
            rows = self.vectors([text for part in parts for text, _ in part])
            if np.isnan(rows).any():
                return None
            found = _concepts(rows, parts, subjects)
            self._concepts.clear()
            self._concepts[subjects] = found
        return found


def as_text(title: str, abstract: str) -> str:
    """A paper as a model reads it."""
    return f"{title}. {abstract}" if abstract else title


def weighed(subject: Subject) -> list[tuple[str, float]]:
    """What is written about a concept, and how much it says about it."""
    labels = "; ".join(label for label, _ in subject.labels)
    return [
        (labels or subject.slug, LABEL_SHARE),
        *subject.texts,
        *((as_text(*work), WORK_SHARE) for work in subject.works),
    ]


def standing_out(cosines: Matrix, parents: Sequence[int]) -> Matrix:
    """By how many standard deviations a concept is nearer to a paper than the top concepts are.

    Models differ in how near any two texts are to them; this they have in common.
    """
    tops = cosines[:, np.flatnonzero(np.array(parents) < 0)]
    if not tops.size:
        return np.zeros_like(cosines)
    spread = np.maximum(tops.std(axis=1, keepdims=True), 1e-3)
    return np.asarray((cosines - tops.mean(axis=1, keepdims=True)) / spread, np.float32)


def weights_of(subjects: Subjects, taught: Taught | None, by_words: Sequence[str]) -> Matrix:
    """As `UNTRAINED` × concepts."""
    known: dict[str, Sequence[float]] = dict.fromkeys(by_words, WORDS_ALONE)
    if taught is not None:
        known |= taught.weights
    others = BESIDE_LEARNED if by_words else UNTRAINED
    rows = [known.get(slug, others) for slug in subjects.slugs]
    return np.array(rows, np.float32).reshape(-1, len(UNTRAINED)).T


def _on_planes(rows: Matrix, subjects: Subjects, taught: Taught | None) -> Matrix:
    found = np.zeros((len(rows), len(subjects)), np.float32)
    if taught is not None:
        scores = rows @ taught.planes + taught.bias
        columns = subjects.columns()
        for at, slug in enumerate(taught.slugs):
            if slug in columns:
                found[:, columns[slug]] = scores[:, at]
    return found


def _concepts(
    rows: Matrix, parts: Sequence[Sequence[tuple[str, float]]], subjects: Subjects
) -> Matrix:
    """Texts together, then what is narrower as part of what is broader."""
    ends = np.cumsum([len(part) for part in parts])
    parents = subjects.parents()
    found = np.zeros((len(parts), rows.shape[1]), np.float32)
    for column in reversed(subjects.top_down()):
        weights = np.array([weight for _, weight in parts[column]], np.float32)
        found[column] += weights @ rows[ends[column] - len(weights) : ends[column]]
        found[column] /= max(float(np.linalg.norm(found[column])), 1e-9)
        if parents[column] >= 0:
            found[parents[column]] += BROADER_SHARE * found[column]
    return found
