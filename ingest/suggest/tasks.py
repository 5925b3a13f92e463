"""When suggesting and learning happen. Each task is short and safe to run twice."""

import importlib
import logging
import time

from celery import shared_task
from django.db import connection, transaction

from ingest.models import SuggesterModel, SuggesterUpdate
from ingest.suggest import (
    active,
    discovery,
    embed_queue,
    llm_asking,
    run,
    spreading,
    unseen,
    update,
)
from taxonomy import vocabulary

logger = logging.getLogger(__name__)

SECONDS = 20  # a task gives the worker back after so long, and lines up again
ROUND = 60  # the clock comes again then
SLOTS = 4  # batches at once over all workers: more would keep the harvest waiting
_LOCKS = 0x6B61_7367


@shared_task
def suggest_waiting(until: float | None = None) -> int:
    """Suggest for papers that wait, for a while; comes again while there are more.

    One that the clock sent (`until` empty) calls for a second one, so that two processes
    work. Both line up again until the clock's next round and no longer: were there more of
    them each minute, other tasks would have to wait behind all of them.
    """
    began = time.time()
    is_second_called = until is not None
    until = began + ROUND if until is None else until
    done = 0
    while time.time() <= until and (handled := _one_batch()):
        done += handled
        if handled == run.BATCH and not is_second_called:
            suggest_waiting.delay(until)
            is_second_called = True
        if time.time() - began > SECONDS:
            suggest_waiting.delay(until)
            break
    return done


@shared_task
def learn_when_due() -> str:
    """Train when there are enough new decisions, or once a night when there are any."""
    # scikit-learn costs 100 MB, which only the process that learns should pay.
    learning = importlib.import_module("ingest.suggest.learning")
    if not learning.is_due():
        return ""
    model = learning.learn(logger.info)
    if model and model.active:
        suggest_anew_after.delay(0)
    return model.name if model else ""


@shared_task
def update_from_decisions() -> int:
    """Let new decisions count, and give the papers they concern new suggestions.

    What a process that died had begun is finished by the next one.
    """
    update.make(active.current())
    made = SuggesterUpdate.objects.of(SuggesterModel.objects.in_use().first()).first()
    return spreading.spread(made) if made and made.spread_at is None else 0


@shared_task
def suggest_anew_after(paper: int) -> None:
    """New suggestions for all papers that wait, by id, for a while; comes again until done."""
    began = time.monotonic()
    while (last := spreading.after(paper)) is not None:
        paper = last
        if time.monotonic() - began > SECONDS:
            suggest_anew_after.delay(paper)
            return


@shared_task
def estimate_unseen() -> int:
    """How many relevant papers wait unseen, for each concept that has any."""
    terms = vocabulary.current()
    return len(unseen.measure({term.id: term.slug for term in terms if not term.deprecated}))


@shared_task
def look_for_candidates() -> int:
    """Phrases that no concept covers, once a night."""
    return discovery.look()


@shared_task
def ask_language_model() -> int:
    """Ask about papers that wait, for a while; comes again while there are more."""
    began = time.monotonic()
    done = 0
    while llm_asking.ask_next():
        done += 1
        if time.monotonic() - began > SECONDS:
            ask_language_model.delay()
            break
    return done


@shared_task
def embed_papers() -> int:
    """Compute vectors that are missing, for a while; comes again while there are more."""
    began = time.monotonic()
    done = 0
    while found := embed_queue.embed_next():
        done += found
        if time.monotonic() - began > SECONDS:
            embed_papers.delay()
            break
    return done


@transaction.atomic
def _one_batch() -> int:
    """0 as well when all slots are taken: those who hold them go on."""
    with connection.cursor() as cursor:
        for slot in range(SLOTS):
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCKS, slot])
            if cursor.fetchone()[0]:
                return run.suggest_batch()
    return 0
