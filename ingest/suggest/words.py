"""Words as numbers: what a word is like is found out once, then only looked up."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.text import form_of, raw_words

Numbers = NDArray[np.int32]

GAP = 0  # the number of no word: nothing goes across it
_END = ("",)


class Column:
    """Numbers in a row, to which more are appended."""

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._room = np.fromiter(values, np.int32)
        self._count = len(self._room)

    def __len__(self) -> int:
        return self._count

    def extend(self, values: Sequence[int]) -> None:
        """What was handed out before stays as it is."""
        count = self._count + len(values)
        if count > len(self._room):
            room = np.zeros(max(1024, 2 * count), np.int32)
            room[: self._count] = self._room[: self._count]
            self._room = room
        self._room[self._count : count] = values
        self._count = count

    @property
    def values(self) -> Numbers:
        return self._room[: self._count]


class _Met(dict[str, int]):
    """Numbers of tokens; one that was not met before is met when it is looked up."""

    def __init__(self, meet: Callable[[str], int], known: Mapping[str, int]) -> None:
        super().__init__(known)
        self._meet = meet

    def __missing__(self, token: str) -> int:
        return self._meet(token)


class Words:
    """The words met so far, as written and in normal form, each of them with a number.

    A token of a text is a word, or several with hyphens between them.
    """

    def __init__(self) -> None:
        self.written: list[str] = [""]
        self.forms: list[str] = [""]
        self._form_of = Column([GAP])  # by word
        self._pieces = Column([0])  # stretches of letters in each word: two around a hyphen
        self._parts = Column([GAP])  # the words of tokens
        self._starts = Column([0])  # of each token, among the parts
        self._sizes = Column([1])
        self._tokens = _Met(self._meet, {"": GAP})
        self._words: dict[str, int] = {"": GAP}
        self._forms: dict[str, int] = {"": GAP}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._tokens)

    def read(self, texts: Sequence[Sequence[str]]) -> tuple[Numbers, NDArray[np.int64]]:
        """Texts in tokens → their words, a gap after each text; where each text begins."""
        count = sum(map(len, texts)) + len(texts)
        ended = chain.from_iterable(part for text in texts for part in (text, _END))
        found = np.fromiter(map(self._tokens.__getitem__, ended), np.int32, count)
        sizes = self._sizes.values[found]
        ends = np.cumsum(sizes, dtype=np.int64)
        shift = self._starts.values[found] - (ends - sizes)
        places = np.arange(ends[-1] if count else 0) + np.repeat(shift, sizes)
        gaps = np.flatnonzero(found == GAP)
        starts = np.concatenate([[0], ends[gaps]]).astype(np.int64)
        return self._parts.values[places], starts

    def forms_of(self, words: Numbers) -> Numbers:
        """The normal forms of words."""
        return self._form_of.values[words]

    def pieces_of(self, words: Numbers) -> Numbers:
        """In how many stretches of letters words are written; a gap in none."""
        return self._pieces.values[words]

    def _meet(self, token: str) -> int:
        with self._lock:
            if token not in self._tokens:  # another thread may have met it
                parts = raw_words(token)
                self._starts.extend([len(self._parts)])
                self._sizes.extend([len(parts)])
                self._parts.extend([self._number_of(word) for word in parts])
                # Last of all: who finds the token without the lock finds the rest as well.
                self._tokens[token] = len(self._tokens)
            return self._tokens[token]

    def _number_of(self, word: str) -> int:
        number = self._words.get(word)
        if number is None:
            form = form_of(word)
            if form not in self._forms:
                self.forms.append(form)
                self._forms[form] = len(self._forms)
            self._form_of.extend([self._forms[form]])
            self._pieces.extend([1 + word.count("-")])
            self.written.append(word)
            number = self._words[word] = len(self._words)
        return number


class Lookup:
    """What a mapping says of words, by their numbers; kept as long as the words are."""

    def __init__(self, mapping: Mapping[str, int], default: int = -1) -> None:
        self._mapping, self._default = mapping, default
        self._kept: tuple[list[str], Column] = ([], Column())
        self._lock = threading.Lock()

    def of(self, met: list[str]) -> Numbers:
        """For each of these words; the list may have grown since it was asked last."""
        words, found = self._kept
        if words is not met or len(found) < len(met):
            with self._lock:
                words, found = self._kept
                if words is not met:
                    found = Column()
                new = islice(met, len(found), None)
                found.extend([self._mapping.get(word, self._default) for word in new])
                self._kept = met, found
        return found.values
