"""How near a paper is to what the vocabulary writes about a concept."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.reading import Reading
from ingest.suggest.subjects import Subjects
from ingest.suggest.text import raw_words, stems
from ingest.suggest.vectors import Features, learn_features

BROADER_SHARE = 0.7  # of a narrower concept's profile that is part of the broader one's
LABEL_SHARE = 1.5  # labels against one text
WORK_SHARE = 0.7  # a landmark work against one text


class Profiles:
    """One weighted bag of words and pairs a concept: labels, definitions, landmark works."""

    def __init__(self, subjects: Subjects) -> None:
        labels = [
            [word for label, _ in subject.labels for word in raw_words(label)]
            for subject in subjects.items
        ]
        texts = [
            [
                *((raw_words(text), weight) for text, weight in subject.texts),
                *((raw_words(f"{title}. {text}"), WORK_SHARE) for title, text in subject.works),
            ]
            for subject in subjects.items
        ]
        self.features = _features(subjects, labels, texts)
        self.weights = self._weigh(subjects, labels, texts)

    def score(self, reading: Reading) -> NDArray[np.float32]:
        """Papers × concepts: cosines, the title's counted apart and added."""
        found = self.features.transform(reading)
        # A word weighs the same in both blocks: they are laid on each other, not the weights
        # kept twice. A column that comes twice in a row is added up by the product.
        width = self.features.width
        one = sp.csr_matrix(
            (found.data, found.indices % width, found.indptr), (found.shape[0], width)
        )
        return np.asarray(one @ self.weights, np.float32)

    def _weigh(
        self,
        subjects: Subjects,
        labels: list[list[str]],
        texts: list[list[tuple[list[str], float]]],
    ) -> NDArray[np.float32]:
        width = self.features.width
        own = np.zeros((len(subjects), width), np.float32)
        for column in range(len(subjects)):
            parts = [(labels[column], LABEL_SHARE), *texts[column]]
            rows = self._rows([words for words, _ in parts])
            own[column] = np.asarray([weight for _, weight in parts], np.float32) @ rows
        for column in reversed(subjects.top_down()):
            own[column] /= max(float(np.linalg.norm(own[column])), 1e-9)
            parent = subjects.parents()[column]
            if parent >= 0:
                own[parent] += BROADER_SHARE * own[column]
        # Rows in one piece, or each product with a sparse matrix would copy all of it.
        return np.ascontiguousarray(own.T)

    def _rows(self, parts: list[list[str]]) -> NDArray[np.float32]:
        rows: sp.csr_matrix = self.features.transform(Reading([[]] * len(parts), parts))
        return np.asarray(rows[:, : self.features.width].todense(), np.float32)


def _features(
    subjects: Subjects, labels: list[list[str]], texts: list[list[tuple[list[str], float]]]
) -> Features:
    """What tells one tree of concepts from the others is rare among them."""
    parents = subjects.parents()
    trees: dict[int, list[str]] = {}
    for column in range(len(subjects)):
        top = column
        while parents[top] >= 0:
            top = parents[top]
        tree = trees.setdefault(top, [])
        for words in (labels[column], *(words for words, _ in texts[column])):
            tree += words
    features = learn_features(map(stems, trees.values()), least=1)
    features.rarity = np.maximum(features.rarity - 1.0, 0.0)
    return features
