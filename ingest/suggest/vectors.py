"""Words and pairs of words as a sparse matrix, fast enough for a million papers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise, repeat

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.text import STOP_WORDS

TITLE_SHARE = 0.7  # of the weight of the whole text, for the block that sees titles alone
_UNKNOWN, _STOP = -1, -2  # in place of a column; stop words go before pairs are made
_GAP = ("",)  # no word: no pair goes from the title to the abstract


@dataclass
class Features:
    """Which words and pairs are counted, and how rare they are.

    Columns: words, then pairs, each once for the whole text and once for the title.
    """

    words: list[str]
    pairs: NDArray[np.int64]  # sorted; first word × number of words + second word
    rarity: NDArray[np.float32]  # inverse document frequency of words, then pairs
    column: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.column = {word: at for at, word in enumerate(self.words)}
        for word in STOP_WORDS:
            self.column[word] = _STOP

    @property
    def width(self) -> int:
        """Of one block."""
        return len(self.words) + len(self.pairs)

    def transform(
        self, titles: Sequence[Sequence[str]], abstracts: Sequence[Sequence[str]]
    ) -> "sp.csr_matrix":
        """One row a paper, from the normal forms of the words of its title and abstract."""
        found = self._read(titles, abstracts)
        count = len(found.title_lengths)
        whole = self._block(found.rows, found.columns, count)
        titled = found.titled
        title = self._block(found.rows[titled], found.columns[titled], count)
        title.data *= np.float32(TITLE_SHARE)
        return sp.hstack([whole, title], format="csr")

    def name(self, column: int) -> str:
        """What a column counts: a word, or two with a space between."""
        column %= self.width
        if column < len(self.words):
            return self.words[column]
        first, second = divmod(int(self.pairs[column - len(self.words)]), len(self.words))
        return f"{self.words[first]} {self.words[second]}"

    def occurrences(
        self, titles: Sequence[Sequence[str]], abstracts: Sequence[Sequence[str]]
    ) -> "Occurrences":
        """Where each counted word and pair stands in each paper, from normal forms."""
        read = self._read(titles, abstracts)
        found = Occurrences(read.rows, read.columns, read.firsts, read.lasts)
        found.settle(self, read.title_lengths)
        return found

    def values_of(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64], count: int
    ) -> NDArray[np.float32]:
        """What `transform` would put into one block for each of these occurrences."""
        cells = rows * self.width + columns
        once, place, often = np.unique(cells, return_inverse=True, return_counts=True)
        row, column = np.divmod(once, max(self.width, 1))
        return np.asarray(self._weigh(row, column, often, count)[place], np.float32)

    def _weigh(
        self,
        rows: NDArray[np.int64],
        columns: NDArray[np.int64],
        often: NDArray[np.int64],
        count: int,
    ) -> NDArray[np.float32]:
        """Dampened counts times rarity; each of `count` rows of length one."""
        values = ((1.0 + np.log(often)) * self.rarity[columns]).astype(np.float32)
        norms = np.sqrt(np.bincount(rows, values * values, count))
        return np.asarray(values / np.maximum(norms, 1e-9)[rows].astype(np.float32))

    def _read(
        self, titles: Sequence[Sequence[str]], abstracts: Sequence[Sequence[str]]
    ) -> "_Read":
        """Counted words, then counted pairs. No Python code runs for a single word."""
        title_lengths = np.fromiter(map(len, titles), np.int64, len(titles))
        lengths = title_lengths + 1 + np.fromiter(map(len, abstracts), np.int64, len(titles))
        fields = chain.from_iterable(zip(titles, repeat(_GAP), abstracts))
        words = chain.from_iterable(fields)
        ids = np.fromiter(
            map(self.column.get, words, repeat(_UNKNOWN)), np.int64, int(lengths.sum())
        )
        owner = np.repeat(np.arange(len(lengths)), lengths)
        place = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        keep = np.flatnonzero(ids != _STOP)
        ids, owner, place = ids[keep], owner[keep], place[keep]
        known = np.flatnonzero(ids >= 0)
        left, pair = self._pairs(ids, owner)
        return _Read(
            np.concatenate([owner[known], owner[left]]),
            np.concatenate([ids[known], len(self.words) + pair]),
            np.concatenate([place[known], place[left]]),
            np.concatenate([place[known], place[left + 1]]) + 1,
            title_lengths,
        )

    def _pairs(
        self, ids: NDArray[np.int64], owner: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where a counted pair begins among kept words, and which pair it is."""
        nothing = np.zeros(0, np.int64)
        if not len(self.pairs) or len(ids) < 2:
            return nothing, nothing
        left = np.flatnonzero((ids[:-1] >= 0) & (ids[1:] >= 0) & (owner[:-1] == owner[1:]))
        keys = ids[left] * len(self.words) + ids[left + 1]
        at = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
        hit = self.pairs[at] == keys
        return left[hit], at[hit]

    def _block(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64], count: int
    ) -> "sp.csr_matrix":
        cell, often = np.unique(rows * self.width + columns, return_counts=True)
        row, col = np.divmod(cell, max(self.width, 1))
        starts = np.searchsorted(row, np.arange(count + 1))
        return sp.csr_matrix(
            (
                self._weigh(row, col, often, count),
                col.astype(np.int32),
                starts.astype(np.int32),
            ),
            shape=(count, self.width),
        )


@dataclass
class _Read:
    """What is counted, as it stands in papers; one place lies between title and abstract."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]  # one behind the last word
    title_lengths: NDArray[np.int64]

    @property
    def titled(self) -> NDArray[np.int64]:
        """Which of them stand in titles."""
        return np.flatnonzero(self.firsts < self.title_lengths[self.rows])


@dataclass
class Occurrences:
    """Counted words and pairs of papers, paper by paper; words are numbered in each field."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]  # one behind the last word
    fields: NDArray[np.int64] = field(init=False)  # 0 title, 1 abstract
    starts: NDArray[np.int64] = field(init=False)  # of each paper
    values: NDArray[np.float32] = field(init=False)  # in the block of the whole text
    title_values: NDArray[np.float32] = field(init=False)  # in the title's; 0 in the abstract

    def settle(self, features: Features, title_lengths: NDArray[np.int64]) -> None:
        """Order by paper, number the words by field, and weigh."""
        order = np.argsort(self.rows, kind="stable")
        self.rows, self.columns = self.rows[order], self.columns[order]
        self.firsts, self.lasts = self.firsts[order], self.lasts[order]
        count, before = len(title_lengths), title_lengths[self.rows]
        self.fields = (self.firsts > before).astype(np.int64)
        shift = self.fields * (before + 1)  # one place between title and abstract
        self.firsts, self.lasts = self.firsts - shift, self.lasts - shift
        self.starts = np.searchsorted(self.rows, np.arange(count + 1))
        self.values = features.values_of(self.rows, self.columns, count)
        self.title_values = np.zeros(len(self.rows), np.float32)
        titled = self.fields == 0
        self.title_values[titled] = TITLE_SHARE * features.values_of(
            self.rows[titled], self.columns[titled], count
        )


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
