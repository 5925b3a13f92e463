"""Suggesting for the papers that wait: batch by batch, each all or nothing.

A batch is locked (what others hold is skipped), scored and written in one transaction: a
process killed anywhere leaves its papers waiting as they were.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from django.db import transaction
from django.utils import timezone

from ingest.suggest import active, llm, nearest, orders, store
from ingest.suggest.combine import Matrix, Signals, Suggester
from ingest.suggest.explain import Explanations
from ingest.suggest.text import Reading
from taxonomy.models import Decision, Paper, Screening, Suggestion

logger = logging.getLogger(__name__)

BATCH = 100
State = Screening.State


@transaction.atomic
def suggest_batch(size: int = BATCH, provider: Callable[[], Suggester] = active.current) -> int:
    """Suggest for some papers that wait; how many. 0: nothing is left that is free.

    A paper that cannot be scored is marked failed with the reason, and the others go on.
    """
    screenings = list(
        Screening.objects.select_for_update(skip_locked=True)
        .filter(state=State.IDENTIFIED)
        .order_by("paper_id")[:size]
    )
    if not screenings:
        return 0
    work = _with_papers(screenings)
    try:
        with transaction.atomic():
            _suggest(work, provider())
    except Exception:
        logger.exception("A batch failed; its papers are tried one by one.")
        for one in work:
            _suggest_one(*one, provider)
    return len(work)


def waiting() -> int:
    """How many papers wait for suggestions."""
    return Screening.objects.filter(state=State.IDENTIFIED).count()


def suggest_for(screenings: Sequence[Screening], suggester: Suggester) -> None:
    """Replace what is suggested on these papers. The caller holds their rows locked."""
    _suggest(_with_papers(screenings), suggester)


def wait_again(*, everything: bool) -> int:
    """Put papers back among those that wait: what failed, or all; how many."""
    found = Screening.objects.exclude(state=State.IDENTIFIED)
    if not everything:
        found = found.filter(state=State.FAILED)
    return found.update(state=State.IDENTIFIED, error="")


def _with_papers(screenings: Sequence[Screening]) -> list[tuple[Screening, Paper]]:
    papers = Paper.objects.only(
        *("title_plain", "abstract_plain", "version", "text_revision"),
        *("withdrawn", "removed_at"),
    ).in_bulk([screening.paper_id for screening in screenings])
    return [(screening, papers[screening.paper_id]) for screening in screenings]


def _suggest_one(screening: Screening, paper: Paper, provider: Callable[[], Suggester]) -> None:
    try:
        with transaction.atomic():
            _suggest([(screening, paper)], provider())
    except Exception as error:
        logger.exception("No suggestions for paper %s", paper.pk)
        screening.state = State.FAILED
        screening.error = f"{type(error).__name__}: {error}"
        screening.save(update_fields=["state", "error"])


def _suggest(work: Sequence[tuple[Screening, Paper]], suggester: Suggester) -> None:
    """Replace the suggestions of these papers and say where each stands now."""
    now = timezone.now()
    ids = [paper.pk for _, paper in work]
    standing = _standing(ids)
    texts = [(paper.title_plain, paper.abstract_plain) for _, paper in work]
    reading = Reading.of(texts)
    signals = llm.with_opinion(suggester.signals(reading), suggester, texts)
    probabilities = suggester.mix(signals)
    chosen = suggester.chosen(probabilities)
    chosen[[at for at, (_, paper) in enumerate(work) if paper.is_gone]] = False
    told = np.flatnonzero(chosen.any(axis=1)).tolist()
    explanations = Explanations(suggester, [texts[at] for at in told], reading.part(told))
    memory = nearest.current(suggester)
    likeness = memory.likeness(reading.part(told))
    accepted = memory.accepted(suggester.subjects)
    row_of = {at: row for row, at in enumerate(told)}
    rows: list[Suggestion] = []
    for at, (screening, paper) in enumerate(work):
        mine: list[Suggestion] = []
        decisions = standing[paper.pk]
        for column in np.flatnonzero(chosen[at]).tolist():
            concept_id = suggester.subjects.items[column].id
            decided = decisions.get(concept_id)
            if decided and decided.has_read(paper.text_revision):
                continue
            spans = explanations.spans(row_of[at], column)
            mine.append(
                Suggestion(
                    paper_id=paper.pk,
                    concept_id=concept_id,
                    suggester=llm.signed(suggester.name, signals.opinion, at),
                    score=round(float(probabilities[at, column]), 4),
                    evidence={
                        "spans": [span.as_json() for span in spans],
                        "signals": _evidence(signals, at, column),
                        "nearest": memory.nearest(likeness, row_of[at], column, paper.pk),
                        "vocabulary": suggester.subjects.number,
                    },
                    paper_version=paper.version,
                    text_revision=paper.text_revision,
                )
            )
        rows += mine
        pending = {
            row.concept_id: row.score
            for row in mine
            if row.is_open(decisions.get(row.concept_id))
        }
        orders.place(screening, pending, accepted)
        _place(screening, paper, suggester.name, is_open=bool(pending))
    store.replace(rows, [screening for screening, _ in work], now)


def _place(screening: Screening, paper: Paper, name: str, *, is_open: bool) -> None:
    """One a curator has finished stays so until its text changes.

    Then its `text_revision` stays, too: that of the text which they finished.
    """
    same_text = screening.text_revision == paper.text_revision
    if screening.screened_at and (same_text or not is_open):
        screening.state = State.SCREENED
    else:
        screening.state = State.WAITING if is_open else State.ABSTAINED
        screening.text_revision = paper.text_revision
    screening.suggester = name
    screening.paper_version = paper.version


def _standing(paper_ids: Sequence[int]) -> dict[int, dict[int, Decision]]:
    """What stands on these papers, by paper and concept. One query."""
    found: dict[int, dict[int, Decision]] = defaultdict(dict)
    for decision in Decision.objects.standing().filter(paper__in=paper_ids):
        found[decision.paper_id][decision.concept_id] = decision
    return found


def _evidence(signals: Signals, at: int, column: int) -> dict[str, float]:
    named: dict[str, Matrix] = {
        "labels": signals.lexical,
        "definition": signals.profile,
        "learned": signals.linear,
    }
    if signals.recent is not None:
        named["recent"] = signals.recent
    if signals.opinion is not None:
        named[signals.opinion.signal] = signals.opinion.said
    found = {name: round(float(signal[at, column]), 3) for name, signal in named.items()}
    found["topic"] = round(float(signals.closeness[at]), 3)
    return {name: value for name, value in found.items() if value == value}  # NaN: no signal
