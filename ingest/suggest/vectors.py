"""Words and pairs of words as a sparse matrix, fast enough for a million papers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ingest.suggest.text import STOP_WORDS

TITLE_SHARE = 0.7  # of the weight of the whole text, for the block that sees titles alone


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
            self.column[word] = -2  # left out before pairs are made

    @property
    def width(self) -> int:
        """Of one block."""
        return len(self.words) + len(self.pairs)

    def transform(
        self, titles: Sequence[Sequence[str]], abstracts: Sequence[Sequence[str]]
    ) -> "sp.csr_matrix":
        """One row a paper, from the normal forms of the words of its title and abstract."""
        column = self.column
        title_rows = [[column.get(word, -1) for word in title] for title in titles]
        rows = [
            [*title, -1, *(column.get(word, -1) for word in abstract)]
            for title, abstract in zip(title_rows, abstracts, strict=True)
        ]
        whole = self._block(rows)
        title = self._block(title_rows)
        title.data *= np.float32(TITLE_SHARE)
        return sp.hstack([whole, title], format="csr")

    def name(self, column: int) -> str:
        """What a column counts: a word, or two with a space between."""
        column %= self.width
        if column < len(self.words):
            return self.words[column]
        first, second = divmod(int(self.pairs[column - len(self.words)]), len(self.words))
        return f"{self.words[first]} {self.words[second]}"

    def columns_of(self, normal: Sequence[str]) -> list[tuple[int, int, int]]:
        """(column, first word, last word + 1) of what is counted among these words."""
        found: list[tuple[int, int, int]] = []
        before = (-1, -1)  # column and place of the last word
        for at, word in enumerate(normal):
            column = self.column.get(word, -1)
            if column == -2:
                continue
            if column >= 0:
                found.append((column, at, at + 1))
                if before[0] >= 0:
                    pair = self._pair(before[0], column)
                    if pair >= 0:
                        found.append((pair, before[1], at + 1))
            before = (column, at)
        return found

    def values_of(self, columns: NDArray[np.int64]) -> NDArray[np.float32]:
        """What `transform` would put into one block for each of these occurrences."""
        once, place, count = np.unique(columns, return_inverse=True, return_counts=True)
        values = (1.0 + np.log(count)) * self.rarity[once]
        length = max(float(np.linalg.norm(values)), 1e-9)
        return np.asarray((values / length)[place], np.float32)

    def _pair(self, first: int, second: int) -> int:
        key = first * len(self.words) + second
        at = int(np.searchsorted(self.pairs, key))
        if at < len(self.pairs) and self.pairs[at] == key:
            return len(self.words) + at
        return -1

    def _block(self, rows: Sequence[Sequence[int]]) -> "sp.csr_matrix":
        lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
        ids = np.fromiter((id_ for row in rows for id_ in row), np.int64, int(lengths.sum()))
        owner = np.repeat(np.arange(len(rows), dtype=np.int64), lengths)
        keep = ids != -2
        ids, owner = ids[keep], owner[keep]
        known = ids >= 0
        cells = [owner[known] * self.width + ids[known]]
        if len(self.pairs) and len(ids) > 1:
            both = known[:-1] & known[1:] & (owner[:-1] == owner[1:])
            keys = ids[:-1][both] * len(self.words) + ids[1:][both]
            at = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
            hit = self.pairs[at] == keys
            cells.append(owner[:-1][both][hit] * self.width + len(self.words) + at[hit])
        cell, count = np.unique(np.concatenate(cells), return_counts=True)
        row, col = np.divmod(cell, max(self.width, 1))
        values = ((1.0 + np.log(count)) * self.rarity[col]).astype(np.float32)
        norms = np.sqrt(np.bincount(row, values * values, len(rows)))
        values /= np.maximum(norms, 1e-9)[row].astype(np.float32)
        starts = np.searchsorted(row, np.arange(len(rows) + 1))
        return sp.csr_matrix(
            (values, col.astype(np.int32), starts.astype(np.int32)),
            shape=(len(rows), self.width),
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
