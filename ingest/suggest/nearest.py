"""The accepted papers that are most like a paper, concept by concept.

Of each concept the newest accepted papers are kept, each as its few most telling words and
pairs in lists by word: looking one paper up touches a few hundred numbers, however many are
kept.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from django.db import connection
from numpy.typing import NDArray

from ingest.suggest.combine import Suggester
from ingest.suggest.reading import Reading
from ingest.suggest.subjects import Subjects
from ingest.suggest.vectors import Features
from taxonomy.models import Decision, Paper

MOST = 3  # shown with a suggestion
PER_CONCEPT = 300  # accepted papers kept of each
TELLING = 32  # words and pairs kept of each paper
LEAST = 0.05  # of likeness: below it two papers share a turn of speech

# Paper, its text and the concept, for the newest accepted papers of each concept.
_NEWEST = """
SELECT near.paper_id, paper.text_revision, concept.id
FROM unnest(%s::bigint[]) AS concept(id)
CROSS JOIN LATERAL (
    SELECT paper_id FROM taxonomy_tag AS tag WHERE tag.concept_id = concept.id
    ORDER BY tag.published_at DESC, tag.paper_id DESC LIMIT %s
) AS near
JOIN taxonomy_paper AS paper ON paper.id = near.paper_id
"""

Near = tuple[int, float]  # paper, likeness


@dataclass(frozen=True)
class Memory:
    """Accepted papers, ready to be looked up."""

    features: Features
    papers: NDArray[np.int64]
    rows: "sp.csr_matrix"  # papers × features, of length one
    about: NDArray[np.bool_]  # papers × concepts, in the order of the vocabulary
    lists: "sp.csr_matrix" = field(init=False, repr=False)  # features × papers

    def __post_init__(self) -> None:
        object.__setattr__(self, "lists", sp.csr_matrix(self.rows.T))

    def accepted(self, subjects: Subjects) -> dict[int, int]:
        """How many papers are kept of each concept, by its id: PER_CONCEPT at most."""
        counts = self.about.sum(axis=0).tolist()
        return {one.id: count for one, count in zip(subjects.items, counts, strict=True)}

    def likeness(self, reading: Reading, rows: Sequence[int] | None = None) -> "Likeness":
        """Of the papers that were read, or of some of them, to those that are kept."""
        table = telling(self.features, reading, rows) @ self.lists
        return Likeness(self, table)


class Likeness:
    """Read papers × kept papers: cosines of their telling words, those that say something."""

    def __init__(self, memory: Memory, table: "sp.csr_matrix") -> None:
        self._memory = memory
        says = np.flatnonzero(table.data >= LEAST)
        self._starts = np.searchsorted(says, table.indptr).tolist()
        self._kept, self._values = table.indices[says], table.data[says]
        self._papers = memory.papers[self._kept]

    def nearest(self, row: int, column: int, paper: int = 0) -> list[Near]:
        """For one concept, most like first; never `paper` itself."""
        part = slice(self._starts[row], self._starts[row + 1])
        papers = self._papers[part]
        fits = np.flatnonzero(self._memory.about[self._kept[part], column] & (papers != paper))
        if not len(fits):
            return []
        papers, values = papers[fits], self._values[part][fits]
        # Ties fall to the newer paper, whatever the order they were kept in.
        best = np.lexsort((-papers, -values))[:MOST]
        return [
            (near, round(value, 3))
            for near, value in zip(papers[best].tolist(), values[best].tolist(), strict=True)
        ]


@dataclass(frozen=True)
class _Kept:
    features: Features
    slugs: tuple[str, ...]
    decision: int
    row_of: dict[tuple[int, int], int]  # by paper and text
    vectors: "sp.csr_matrix"
    memory: Memory


_lock = threading.Lock()
_kept: _Kept | None = None


def current(suggester: Suggester) -> Memory:
    """What is accepted now: one query while nothing is decided.

    Texts are read once in the life of a process; after decisions only what is new is.
    """
    global _kept  # noqa: PLW0603  (the point of this module)
    features = features_of(suggester)
    slugs = tuple(suggester.subjects.slugs)
    newest = Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with _lock:
        kept = _kept
        if not (kept and kept.features is features and kept.slugs == slugs):
            nothing = sp.csr_matrix((0, 2 * features.width), dtype=np.float32)
            kept = _read(suggester, newest, {}, nothing)
        elif kept.decision != newest:
            kept = _read(suggester, newest, kept.row_of, kept.vectors)
        _kept = kept
    return kept.memory


def forget() -> None:
    """Drop what is in memory, where ids may repeat: after a test or a restore."""
    global _kept  # noqa: PLW0603
    _kept = None


def features_of(suggester: Suggester) -> Features:
    """The words that tell papers apart: as learned, else those of the vocabulary."""
    return suggester.linear.features if suggester.linear else suggester.profiles.features


def telling(
    features: Features, reading: Reading, rows: Sequence[int] | None = None
) -> "sp.csr_matrix":
    """One row of length one a paper: its heaviest words and pairs alone."""
    table = features.transform(reading)
    if rows is not None:
        table = table[rows]
    owner = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    # Floats that are not negative stand in the order of their bits. Of equal ones the first
    # columns are kept, as they stand in a row.
    weight = table.data.view(np.int32).astype(np.int64)
    order = np.argsort((owner << 32) - weight, kind="stable")
    rank = np.arange(len(order)) - table.indptr[:-1][owner[order]]
    kept = order[rank < TELLING]
    data, owner = table.data[kept], owner[kept]
    norms = np.sqrt(np.bincount(owner, data * data, table.shape[0]))
    values = (data / np.maximum(norms[owner], 1e-9)).astype(np.float32)
    return sp.csr_matrix((values, (owner, table.indices[kept])), shape=table.shape)


def _read(
    suggester: Suggester,
    newest: int,
    row_of: dict[tuple[int, int], int],
    vectors: "sp.csr_matrix",
) -> _Kept:
    """The memory as the tags are now, with the rows of those texts that are known."""
    features = features_of(suggester)
    column = {subject.id: at for at, subject in enumerate(suggester.subjects.items)}
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [list(column), PER_CONCEPT])
        tags = [((paper, text), column[id_]) for paper, text, id_ in cursor.fetchall()]
    keys = sorted({key for key, _ in tags})
    if new := [key for key in keys if key not in row_of]:
        vectors = sp.vstack([vectors, telling(features, _texts(new))], format="csr")
        row_of = row_of | {key: len(row_of) + at for at, key in enumerate(new)}
    place = {key: at for at, key in enumerate(keys)}
    about = np.zeros((len(keys), len(column)), bool)
    for key, at in tags:
        about[place[key], at] = True
    rows = vectors[[row_of[key] for key in keys]]
    papers = np.array([paper for paper, _ in keys], np.int64)
    memory = Memory(features, papers, rows, about)
    slugs = tuple(suggester.subjects.slugs)
    return _Kept(features, slugs, newest, row_of, vectors, memory)


def _texts(keys: Sequence[tuple[int, int]]) -> Reading:
    ids = [paper for paper, _ in keys]
    texts = {
        id_: (title, abstract)
        for id_, title, abstract in Paper.objects.filter(pk__in=ids).values_list(
            "pk", "title_plain", "abstract_plain"
        )
    }
    return Reading.of([texts[id_] for id_ in ids])
