"""What the suggester claims of a batch of papers, and why; nothing is stored here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from ingest.suggest import embed_nearness, llm
from ingest.suggest.combine import Matrix, Signals, Suggester
from ingest.suggest.explain import Explanations
from ingest.suggest.nearest import Memory
from ingest.suggest.reading import Reading
from ingest.suggest.store import Claim
from taxonomy.models import Decision

# Of a screening, for each field of `Work`.
COLUMNS = (
    *("paper_id", "paper__title_plain", "paper__abstract_plain"),
    *("paper__version", "paper__text_revision", "paper__withdrawn", "paper__removed_at"),
    *("screened_at", "text_revision"),
)

Standing = Mapping[int, Mapping[int, Decision]]  # by paper and concept


class Work(NamedTuple):
    """A paper to suggest for, and whether a curator has finished it before."""

    paper: int
    title: str
    abstract: str
    version: int
    text_revision: int
    withdrawn: bool
    removed_at: datetime | None
    screened_at: datetime | None
    finished: int | None  # the text that was finished, or read for suggestions

    @property
    def is_gone(self) -> bool:
        """As `Paper.is_gone`."""
        return self.withdrawn or self.removed_at is not None


def of(
    work: Sequence[Work], suggester: Suggester, memory: Memory, standing: Standing
) -> dict[int, list[Claim]]:
    """Suggestions by paper, none for what was decided on this text."""
    texts = [(one.title, one.abstract) for one in work]
    reading = Reading.of(texts)
    signals = llm.with_opinion(suggester.signals(reading), suggester, texts)
    probabilities = suggester.mix(signals)
    chosen = suggester.chosen(probabilities)
    chosen[[at for at, one in enumerate(work) if one.is_gone]] = False
    ids = [subject.id for subject in suggester.subjects.items]
    pairs = [
        (at, column)
        for at, column in np.argwhere(chosen).tolist()
        if not _has_read(standing, work[at], ids[column])
    ]
    found: dict[int, list[Claim]] = defaultdict(list)
    if not pairs:
        return found
    rows = list(dict.fromkeys(at for at, _ in pairs))
    row_of = {at: row for row, at in enumerate(rows)}
    spans = Explanations(suggester, texts, reading, rows).of(pairs)
    likeness = memory.likeness(reading, rows)
    places = tuple(np.array(pairs).T)
    scores = probabilities[places].tolist()
    said = _said(signals, places)
    for number, (at, column) in enumerate(pairs):
        one = work[at]
        evidence = {
            "spans": [span.as_json() for span in spans[number]],
            "signals": said[number],
            "nearest": likeness.nearest(row_of[at], column, one.paper),
            "vocabulary": suggester.subjects.number,
        }
        found[one.paper].append(
            Claim(
                one.paper,
                ids[column],
                llm.signed(suggester.name, signals.opinion, at),
                round(scores[number], 4),
                evidence,
                one.version,
                one.text_revision,
            )
        )
    return found


def _has_read(standing: Standing, one: Work, concept: int) -> bool:
    """Someone decided on this concept with this text before them."""
    decided = standing.get(one.paper, {}).get(concept)
    return decided is not None and decided.has_read(one.text_revision)


def _said(signals: Signals, places: tuple[np.ndarray, ...]) -> list[dict[str, float]]:
    """What each signal said of each pair; one that had nothing to say is left out."""
    named: dict[str, Matrix] = {
        "labels": signals.lexical,
        "definition": signals.profile,
        "learned": signals.linear,
    }
    if signals.recent is not None:
        named["recent"] = signals.recent
    if signals.nearness is not None:
        named[embed_nearness.SIGNAL] = signals.nearness.outstanding
    if signals.opinion is not None:
        named[signals.opinion.signal] = signals.opinion.said
    columns = [matrix[places].tolist() for matrix in named.values()]
    columns.append(signals.closeness[places[0]].tolist())
    names = [*named, "topic"]
    return [
        {
            name: round(value, 3)
            for name, value in zip(names, values, strict=True)
            if value == value  # not NaN: it had something to say
        }
        for values in zip(*columns, strict=True)
    ]
