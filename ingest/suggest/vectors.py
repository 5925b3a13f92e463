"""Words and pairs of words as a sparse matrix, fast enough for a million papers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.reading import Reading
from ingest.suggest.text import STOP_WORDS
from ingest.suggest.words import Lookup

TITLE_SHARE = 0.7  # of the weight of the whole text, for the block that sees titles alone
_UNKNOWN, _STOP = -1, -2  # in place of a column


@dataclass(eq=False)
class Features:
    """Which words and pairs are counted, and how rare they are.

    Columns: words, then pairs, each once for the whole text and once for the title.
    """

    words: list[str]
    pairs: NDArray[np.int64]  # sorted; first word × number of words + second word
    rarity: NDArray[np.float32]  # inverse document frequency of words, then pairs
    columns: Lookup = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = {word: at for at, word in enumerate(self.words)}
        self.columns = Lookup(found | dict.fromkeys(STOP_WORDS, _STOP), _UNKNOWN)

    @property
    def width(self) -> int:
        """Of one block."""
        return len(self.words) + len(self.pairs)

    def transform(self, reading: Reading) -> "sp.csr_matrix":
        """One row a paper: the block of the whole text, then that of the title."""
        return self.counted(reading).table

    def occurrences(self, reading: Reading, rows: Sequence[int]) -> "Occurrences":
        """Where each counted word and pair stands in some of the papers."""
        return Occurrences(self.counted(reading), rows)

    def counted(self, reading: Reading) -> "Counted":
        """What is counted in these papers; found once."""
        return reading.once(self, lambda: Counted(self, reading))

    def name(self, column: int) -> str:
        """What a column counts: a word, or two with a space between."""
        column %= self.width
        if column < len(self.words):
            return self.words[column]
        first, second = divmod(int(self.pairs[column - len(self.words)]), len(self.words))
        return f"{self.words[first]} {self.words[second]}"

    def pairs_of(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where a counted pair begins among these words, and which pair it is."""
        nothing = np.zeros(0, np.int64)
        if not len(self.pairs) or len(ids) < 2:
            return nothing, nothing
        left = np.flatnonzero((ids[:-1] >= 0) & (ids[1:] >= 0))
        keys = ids[left].astype(np.int64) * len(self.words) + ids[left + 1]
        at = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        hit = self.pairs[at] == keys
        return left[hit], at[hit]


class Counted:
    """What is counted of papers: as it stands there, and as a table.

    Words are numbered in their paper; one place lies between title and abstract.
    """

    def __init__(self, features: Features, reading: Reading) -> None:
        """No Python code runs for a single word."""
        self.width = features.width
        ids = features.columns.of(reading.words.forms)[reading.forms]
        keep = np.flatnonzero(ids != _STOP)  # stop words go before pairs are made
        ids, owner, place = ids[keep], reading.owner[keep], reading.place[keep]
        known = np.flatnonzero(ids >= 0)
        left, pair = features.pairs_of(ids)
        self.rows = np.concatenate([owner[known], owner[left]])
        self.columns = np.concatenate([ids[known].astype(np.int64), len(features.words) + pair])
        self.firsts = np.concatenate([place[known], place[left]])
        self.lasts = np.concatenate([place[known], place[left + 1]]) + 1  # one behind
        self.title_lengths = reading.title_lengths
        self.is_titled = self.firsts < self.title_lengths[self.rows]
        self.cells, often = np.unique(
            np.concatenate([self._cells(self.rows, self.columns), self._titled_cells()]),
            return_counts=True,
        )
        self.table = self._table(features.rarity, often, len(reading))

    def values_at(self, cells: NDArray[np.int64]) -> NDArray[np.float32]:
        """What stands in these cells of the table, none of them empty."""
        return np.asarray(self.table.data[np.searchsorted(self.cells, cells)], np.float32)

    def _cells(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
        return rows * (2 * self.width) + columns

    def _titled_cells(self) -> NDArray[np.int64]:
        titled = np.flatnonzero(self.is_titled)
        return self._cells(self.rows[titled], self.width + self.columns[titled])

    def _table(
        self, rarity: NDArray[np.float32], often: NDArray[np.int64], count: int
    ) -> "sp.csr_matrix":
        """Dampened counts times rarity; each row of each block of length one."""
        rows, columns = np.divmod(self.cells, max(2 * self.width, 1))
        is_title = columns >= self.width
        blocks = 2 * rows + is_title
        rarities = rarity[columns - self.width * is_title]
        values = ((1.0 + np.log(often)) * rarities).astype(np.float32)
        norms = np.sqrt(np.bincount(blocks, values * values, 2 * count))
        values = values / np.maximum(norms, 1e-9)[blocks].astype(np.float32)
        values[is_title] *= np.float32(TITLE_SHARE)
        starts = np.searchsorted(rows, np.arange(count + 1))
        return sp.csr_matrix(
            (values, columns.astype(np.int32), starts.astype(np.int32)),
            shape=(count, 2 * self.width),
        )


class Occurrences:
    """Counted words and pairs, paper by paper; words are numbered in each field."""

    def __init__(self, counted: Counted, rows: Sequence[int]) -> None:
        """Of these papers, which are numbered anew in this order."""
        self.width = counted.width
        number = np.full(len(counted.title_lengths), -1)
        number[rows] = np.arange(len(rows))
        mine = np.flatnonzero(number[counted.rows] >= 0)
        order = mine[np.argsort(number[counted.rows[mine]], kind="stable")]
        old, self.columns = counted.rows[order], counted.columns[order]
        self.starts = np.searchsorted(number[old], np.arange(len(rows) + 1))  # of each paper
        self.fields = np.where(counted.is_titled[order], 0, 1)  # 0 title, 1 abstract
        shift = self.fields * (counted.title_lengths[old] + 1)
        self.firsts = counted.firsts[order] - shift
        self.lasts = counted.lasts[order] - shift
        cells = old * (2 * counted.width) + self.columns
        self.values = counted.values_at(cells)  # in the block of the whole text
        # In the title's; 0 in the abstract.
        self.title_values = np.zeros(len(order), np.float32)
        titled = np.flatnonzero(self.fields == 0)
        self.title_values[titled] = counted.values_at(cells[titled] + counted.width)


def learn_features(texts: Iterable[Sequence[str]], least: int = 2) -> Features:
    """Count words and pairs that stand in at least so many texts."""
    in_texts: Counter[str] = Counter()
    pairs_in_texts: Counter[tuple[str, str]] = Counter()
    total = 0
    for normal in texts:
        total += 1
        kept = [word for word in normal if word not in STOP_WORDS]
        in_texts.update(set(kept))
        pairs_in_texts.update(set(pairwise(kept)))
    chosen = sorted(word for word, count in in_texts.items() if count >= least)
    column = {word: at for at, word in enumerate(chosen)}
    pairs = sorted(
        (column[first] * len(chosen) + column[second], count)
        for (first, second), count in pairs_in_texts.items()
        if count >= least and first in column and second in column
    )
    counts = [in_texts[word] for word in chosen] + [count for _, count in pairs]
    rarity = np.log((1 + total) / (1 + np.array(counts, np.float32))) + 1
    return Features(
        chosen, np.array([key for key, _ in pairs], np.int64), rarity.astype(np.float32)
    )
