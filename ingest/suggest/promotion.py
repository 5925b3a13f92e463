"""Which suggester is in use: a new one only if it is not worse, and any former one again.

One labelled paper in ten is never learned from. What a new model and the one in use say of
those papers is compared, paper by paper: among papers that people decided on (a random
sample, since the tenth is drawn by a hash of the id), and among the landmarks and imports
(the same ones every time).
"""

import zlib
from dataclasses import asdict, dataclass

import numpy as np
from django.db import transaction

from ingest.models import SuggesterModel
from ingest.suggest import active, artefact, evaluate, subjects
from ingest.suggest.combine import Suggester
from ingest.suggest.examples import Examples
from taxonomy import vocabulary
from taxonomy.models import Decision

ONE_IN = 10
ENOUGH = 20  # held-out papers of a kind; fewer say nothing, and all are learned from


@dataclass(frozen=True)
class Comparison:
    """nDCG@5 of two suggesters on the same papers that neither has learned from."""

    papers: int
    new: float
    in_use: float
    margin: float  # a standard error of the difference: less is chance

    @property
    def is_no_worse(self) -> bool:
        return self.new >= self.in_use - self.margin

    def as_json(self) -> dict[str, float]:
        return asdict(self)


@dataclass(frozen=True)
class Split:
    """What may be learned from, and what is kept for comparing, by kind."""

    learned: Examples
    held_out: dict[str, Examples]


def split(examples: Examples) -> Split:
    """Hold out one in ten of each kind that has enough of them. One query."""
    held = {row for row, key in enumerate(examples.keys) if _is_held_out(key)}
    decided = set(
        Decision.objects.filter(
            actor_kind=Decision.ActorKind.PERSON,
            paper__arxiv_id__in=[examples.keys[row] for row in held],
        ).values_list("paper__arxiv_id", flat=True)
    )
    kinds = {
        "decided": [row for row in sorted(held) if examples.keys[row] in decided],
        "known": [row for row in sorted(held) if examples.keys[row] not in decided],
    }
    kept = {kind: rows for kind, rows in kinds.items() if len(rows) >= ENOUGH}
    gone = {row for rows in kept.values() for row in rows}
    learned = [row for row in range(len(examples)) if row not in gone]
    return Split(
        examples.part(learned), {kind: examples.part(rows) for kind, rows in kept.items()}
    )


def compare(new: Suggester, in_use: Suggester, held_out: Examples) -> Comparison:
    """Both on the same papers; a landmark among them is no evidence for itself."""
    titles = [title for title, _ in held_out.papers]
    ours, theirs = (_gains(one, held_out, titles) for one in (new, in_use))
    spread = float(np.std(ours - theirs, ddof=1)) if len(ours) > 1 else 0.0
    return Comparison(
        papers=len(ours),
        new=round(float(ours.mean()), 4),
        in_use=round(float(theirs.mean()), 4),
        margin=round(spread / max(len(ours), 1) ** 0.5, 4),
    )


@transaction.atomic
def use(model: SuggesterModel | None) -> None:
    """Put a trained model to use again; None: the vocabulary alone.

    Raises artefact.ModelUnreadable when its file is gone or damaged; then nothing changes.
    """
    if model is not None:
        terms = subjects.from_vocabulary(vocabulary.current())
        artefact.load(active.folder() / model.file, terms)
    # In one order for everyone: the rows are few.
    list(SuggesterModel.objects.select_for_update().order_by("pk").values_list("pk"))
    SuggesterModel.objects.in_use().update(active=False)
    if model is not None:
        SuggesterModel.objects.filter(pk=model.pk).update(active=True)


def _is_held_out(key: str) -> bool:
    return zlib.crc32(key.encode()) % ONE_IN == 0


def _gains(suggester: Suggester, held_out: Examples, titles: list[str]) -> evaluate.Gains:
    blind = suggester.without_works(titles)
    tops = np.flatnonzero(np.array(blind.parents) < 0)
    truth = blind.truth_of(held_out.labels)[:, tops]
    return evaluate.gains_of(blind.probabilities(held_out.papers)[:, tops], truth)
