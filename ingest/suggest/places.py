"""Where the words of papers stand in their texts, in characters."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.reading import Reading

MOST_KNOWN = 0xFFFF


class Places:
    """Of all words of some papers at once.

    A word is one stretch of letters and digits, or several with hyphens between them, and
    all such stretches belong to words: so the n-th word begins where the stretches of those
    before it end.
    """

    def __init__(self, papers: Sequence[tuple[str, str]], reading: Reading) -> None:
        """`reading` is of the same papers."""
        fields = [text for paper in papers for text in paper]
        inside = _is_alphanumeric("\n".join((*fields, "")))
        begins = np.flatnonzero(inside[1:] > inside[:-1]) + 1
        ends = np.flatnonzero(inside[1:] < inside[:-1]) + 1
        if len(inside) and inside[0]:
            begins = np.concatenate([[0], begins])
        self._begins, self._ends = begins, ends
        self._last_pieces = np.cumsum(reading.words.pieces_of(reading.written)) - 1
        lengths = np.array([len(text) + 1 for text in fields], np.int64)
        self._shift = np.cumsum(lengths) - lengths  # of each field in all of the text
        self._starts = reading.starts

    def of(self, stretches: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
        """Of (field, first word, last word + 1) the same in characters of the field."""
        field, first, last = np.array(stretches, np.int64).reshape(-1, 3).T
        start = self._starts[field]
        before = np.where(start + first > 0, self._last_pieces[start + first - 1], -1)
        begins = self._begins[before + 1] - self._shift[field]
        ends = self._ends[self._last_pieces[start + last - 1]] - self._shift[field]
        return [*zip(begins.tolist(), ends.tolist(), strict=True)]


def _is_alphanumeric(text: str) -> NDArray[np.bool_]:
    """Of each character."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    found = _known().take(codes, mode="clip")
    for at in np.flatnonzero(codes > MOST_KNOWN).tolist():
        found[at] = text[at].isalnum()
    return found


@cache
def _known() -> NDArray[np.bool_]:
    """Of the characters that nearly all texts are made of."""
    return np.fromiter((chr(code).isalnum() for code in range(MOST_KNOWN + 1)), bool)
