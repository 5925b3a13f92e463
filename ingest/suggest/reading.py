"""Papers cut into words once, for all signals."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ingest.suggest.text import tokens
from ingest.suggest.words import GAP, Numbers, Words

MOST_TOKENS = 300_000  # that a process remembers
_met = Words()

Found = TypeVar("Found")


class Reading:
    """Titles and abstracts as the numbers of their words, all in one row.

    After each title and each abstract there is a gap. What the parts of a suggester find
    in the papers is kept here, so that it is found once.
    """

    def __init__(self, titles: Sequence[Sequence[str]], abstracts: Sequence[Sequence[str]]):
        """Of words, or of tokens that hold them."""
        self.words = _current()
        texts = [text for paper in zip(titles, abstracts, strict=True) for text in paper]
        self.written, self.starts = self.words.read(texts)  # starts: of all fields, and the end
        self.forms = self.words.forms_of(self.written)
        self._kept: dict[Hashable, object] = {}
        self.papers: Sequence[tuple[str, str]] = ()  # as they were written, where known

    @classmethod
    def of(cls, papers: Sequence[tuple[str, str]]) -> "Reading":
        """Of (title, abstract) each."""
        found = cls(
            [tokens(title) for title, _ in papers], [tokens(abstract) for _, abstract in papers]
        )
        found.papers = papers
        return found

    def __len__(self) -> int:
        return len(self.starts) // 2

    def once(self, finder: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` finds, which this finder is not asked for again."""
        if finder not in self._kept:
            self._kept[finder] = find()
        return cast(Found, self._kept[finder])

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """Whose each word and each gap is."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts[::2]))

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Of each word and gap in its paper."""
        begins = self.starts[::2]
        return np.arange(len(self.written)) - np.repeat(begins[:-1], np.diff(begins))

    @property
    def title_lengths(self) -> NDArray[np.int64]:
        """In words."""
        return np.diff(self.starts)[::2] - 1

    def whole(self) -> Iterator[list[str]]:
        """The normal forms of title and abstract together."""
        name = self.words.forms.__getitem__
        for begin, end in pairwise(self.starts[::2].tolist()):
            forms = self.forms[begin:end]
            yield [*map(name, forms[forms != GAP].tolist())]


class Named(Sequence[str]):
    """Words by their places, named only when one is asked for."""

    def __init__(self, names: Sequence[str], numbers: Numbers) -> None:
        self._names, self._numbers = names, numbers.tolist()

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self._names[number] for number in self._numbers[at]]
        return self._names[self._numbers[at]]


def _current() -> Words:
    """Those of the process, or new ones when it remembers too many."""
    global _met  # noqa: PLW0603  (readings keep the words they were made with)
    if len(_met) >= MOST_TOKENS:
        _met = Words()
    return _met
