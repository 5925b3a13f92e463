"""From labelled papers to the suggester in use."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from ingest.models import SuggesterModel
from ingest.suggest import (
    active,
    artefact,
    embed,
    examples,
    promotion,
    run,
    subjects,
    training,
)
from ingest.suggest.combine import Suggester
from ingest.suggest.examples import Examples
from taxonomy import vocabulary
from taxonomy.models import Decision

logger = logging.getLogger(__name__)

KEPT = 5  # files of former suggesters, to go back to
ENOUGH_NEW = 100  # decisions that are worth a training before the night
NIGHT = timedelta(hours=20)
_LOCK = 0x6B61_6461  # one training at a time, over all processes


def is_due() -> bool:
    """Many new decisions since the last training, or a few and a day has gone by."""
    last = SuggesterModel.objects.newest_first().first()
    if last is None:
        return Decision.objects.exists()
    new = Decision.objects.filter(pk__gt=last.last_decision)[:ENOUGH_NEW].count()
    return new >= ENOUGH_NEW or (new > 0 and last.trained_at < timezone.now() - NIGHT)


@transaction.atomic
def learn(progress: Callable[[str], None] = lambda _: None) -> SuggesterModel | None:
    """Train on the decisions and put the result to use; None if another process does so.

    What is no better than the vocabulary alone, or worse than the model in use on papers
    that neither has seen, is kept on record and not put to use.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return None
    terms = vocabulary.current()
    newest = Decision.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    parts = promotion.split(examples.from_decisions(terms))
    trained = training.train(
        subjects.from_vocabulary(terms), parts.learned, progress, embed.current()
    )
    compared = _compare(trained.suggester, parts.held_out)
    last = SuggesterModel.objects.newest_first().first()
    number = last.number + 1 if last else 1
    model = SuggesterModel(
        number=number,
        file=f"suggester-{number}.npz",
        examples=len(parts.learned),
        last_decision=newest,
        vocabulary_number=terms.number,
        evaluation=trained.evaluation,
    )
    if compared:
        held_out = {kind: found.as_json() for kind, found in compared.items()}
        model.evaluation = {**trained.evaluation, "held_out": held_out}
    if trained.evaluation:
        artefact.save(trained.suggester, active.folder() / model.file)
    model.save()
    if trained.is_better and all(found.is_no_worse for found in compared.values()):
        promotion.use(model)
        model.active = True
    transaction.on_commit(_drop_old_files)
    run.wait_again(everything=False)
    return model


def _compare(new: Suggester, held_out: dict[str, Examples]) -> dict[str, promotion.Comparison]:
    # What came since its training may have been learned from the papers held out.
    in_use = active.current().as_trained()
    if in_use.linear is None:  # the vocabulary alone: training has compared with it
        return {}
    return {kind: promotion.compare(new, in_use, papers) for kind, papers in held_out.items()}


def _drop_old_files() -> None:
    kept = set(SuggesterModel.objects.newest_first().values_list("file", flat=True)[:KEPT])
    kept |= set(SuggesterModel.objects.in_use().values_list("file", flat=True))
    for path in active.folder().glob("suggester-*.npz"):
        if path.name not in kept:
            path.unlink(missing_ok=True)
