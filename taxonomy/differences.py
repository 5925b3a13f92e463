"""How one text became another, word by word: for readers, in time that is bounded."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

# A word or a sign with the space before it. arXiv's longest abstracts have some 400.
_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
LONGEST = 100_000  # characters; beyond that a text is one token
MOST = 1_500  # tokens that are compared; longer stretches are replaced as a whole
AROUND = 7  # tokens of what stayed that are shown beside a change
BRIDGE = 2  # fewer than these between two changes join them: islands of "the" help nobody


class Kind(StrEnum):
    """What became of a run of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"
    SKIPPED = "skipped"  # the same, and left out for brevity


@dataclass(frozen=True)
class Run:
    """A stretch of text; only its words are marked, not the space around them."""

    kind: Kind
    text: str

    @property
    def lead(self) -> str:
        return self.text[: len(self.text) - len(self.text.lstrip())]

    @property
    def words(self) -> str:
        return self.text.strip()

    @property
    def trail(self) -> str:
        return self.text[len(self.text.rstrip()) :] if self.words else ""


def differences(before: str, after: str) -> list[Run]:
    """Runs that join to `before` without the new ones, to `after` without those gone."""
    # A space before the first word makes it the same as inside a sentence.
    old, new = _tokens(" " + before), _tokens(" " + after)
    start, end = _ends_in_common(old, new)
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    runs = [(Kind.SAME, token) for token in old[:start]]
    if max(len(middle_old), len(middle_new)) > MOST:
        runs += [(Kind.GONE, token) for token in middle_old]
        runs += [(Kind.NEW, token) for token in middle_new]
    else:
        runs += _compared(middle_old, middle_new)
    runs += [(Kind.SAME, token) for token in old[len(old) - end :]]
    return _without_first_space(_joined(runs))


def abridged(runs: Iterable[Run]) -> list[Run]:
    """Only the changes, with a few words around each; what is left out is a SKIPPED run."""
    runs = list(runs)
    found: list[Run] = []
    for at, run in enumerate(runs):
        tokens = _tokens(run.text)
        head = AROUND if at > 0 else 0
        tail = AROUND if at < len(runs) - 1 else 0
        if run.kind is not Kind.SAME or len(tokens) <= head + tail + BRIDGE:
            found.append(run)
            continue
        parts = (tokens[:head], tokens[head : len(tokens) - tail], tokens[len(tokens) - tail :])
        for kind, part in zip((Kind.SAME, Kind.SKIPPED, Kind.SAME), parts, strict=True):
            if part:
                found.append(Run(kind, "".join(part)))
    return found


def is_changed(runs: Iterable[Run]) -> bool:
    return any(run.kind in {Kind.GONE, Kind.NEW} for run in runs)


def _tokens(text: str) -> list[str]:
    if len(text) > LONGEST:
        return [text]
    return _TOKEN.findall(text)


def _ends_in_common(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many tokens are the same at the beginning, and then at the end."""
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def _compared(old: list[str], new: list[str]) -> list[tuple[Kind, str]]:
    found: list[tuple[Kind, str]] = []
    gone: list[str] = []
    came: list[str] = []

    def flush() -> None:
        found.extend((Kind.GONE, token) for token in gone)
        found.extend((Kind.NEW, token) for token in came)
        gone.clear()
        came.clear()

    for tag, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal" and j - i >= BRIDGE:
            flush()
            found.extend((Kind.SAME, token) for token in old[i:j])
        else:
            gone.extend(old[i:j])
            came.extend(new[k:m])
    flush()
    return found


def _without_first_space(runs: list[Run]) -> list[Run]:
    """Take away again what `differences` put before both texts."""
    first, *rest = runs
    stripped = [Run(first.kind, first.text[1:])]
    if rest and first.kind is not Kind.SAME:
        second, *rest = rest
        if second.kind is Kind.SAME:  # it begins the other text: its space closes the change
            stripped = [Run(first.kind, first.text[1:] + second.text[0])]
        stripped.append(Run(second.kind, second.text[1:]))
    return [run for run in (*stripped, *rest) if run.text]


def _joined(runs: Iterable[tuple[Kind, str]]) -> list[Run]:
    return [
        Run(kind, "".join(token for _, token in group))
        for kind, group in groupby(runs, key=lambda run: run[0])
    ]
