"""Taking work for this process, keeping it, and handing it on: the same for all that is held.

Every claim adds one to `step`; whatever is saved is saved only while the step is still the
claimer's, so two processes never save the same piece.
"""

from datetime import timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ingest.holders import is_gone, this_process
from ingest.models.held import HeldWork, HeldWorkQuerySet

SIGN_OF_LIFE = timedelta(seconds=10)

_Work = TypeVar("_Work", bound=HeldWork)


class TakenOver(Exception):
    """Another process goes on with it; nothing of this step was saved."""


def claim(rows: HeldWorkQuerySet[_Work], pk: int, step: int | None = None) -> _Work | None:
    """Take it for this process: with the step of who hands it on, or if nobody has it."""
    with transaction.atomic():
        work = rows.running().select_for_update(of=("self",)).filter(pk=pk).first()
        if work is None or (work.step != step if step is not None else not is_free(work)):
            return None
        work.step += 1
        work.holder = this_process()
        work.heartbeat_at = timezone.now()
        work.not_before = None
        work.save(update_fields=["step", "holder", "heartbeat_at", "not_before"])
        return work


def is_free(work: HeldWork) -> bool:
    """No living process is on it, as far as one can tell from here."""
    rows: HeldWorkQuerySet[HeldWork] = HeldWorkQuerySet(type(work))
    is_held = bool(work.holder) and rows.held().filter(pk=work.pk).exists()
    return is_gone(work.holder) if is_held else True


def next_free(rows: HeldWorkQuerySet[_Work]) -> _Work | None:
    """What should be gone on with; None if all are in hands or wait."""
    if work := rows.free().first():
        return work
    return next((work for work in rows.held() if is_gone(work.holder)), None)


def keep(work: HeldWork) -> None:
    """A sign of life while waiting; TakenOver if it has gone to another."""
    now = timezone.now()
    if now - work.heartbeat_at >= SIGN_OF_LIFE:
        work.heartbeat_at = now
        if not own(work).update(heartbeat_at=now):
            raise TakenOver


def release(work: HeldWork) -> None:
    """Hand a waiting one back: whoever comes when its time has come goes on."""
    own(work).update(holder="")


def own(work: _Work) -> QuerySet[_Work]:
    """Its row, while it is still this process's."""
    return HeldWorkQuerySet(type(work)).running().filter(pk=work.pk, step=work.step)


def run_again(work: HeldWork) -> None:
    """The fields of one that has stopped, as when it begins; the caller saves it."""
    work.state, work.finished_at, work.error = HeldWork.State.RUNNING, None, ""
    work.not_before, work.attempts, work.holder = None, 0, ""
    work.heartbeat_at = timezone.now()
