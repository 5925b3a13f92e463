"""One request to arXiv at a time, and none sooner than the delay, over all processes and hosts.

Two things keep it. A lock that only one process can hold while it asks: it belongs to the
transaction of a connection of its own, so that it goes when that process does, however it
ends, and behind a connection pool too. And the `Pace` row: the next allowed moment, by the
database's clock, committed before each request and again after it, whatever becomes of the
caller's own work. A file's lock on each host holds on when the database's server dies in
the middle of a request, and takes the first lock with it.

Failures in a row double the wait. Once it has grown to half a minute the circuit is open:
nothing is asked before it ends, and callers are told when that is. It grows to an hour, or
to what arXiv asks for. A refusal stops everything until a person resets it.
"""

import fcntl
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from psycopg.errors import LockNotAvailable

from ingest.arxiv import ArxivError, ArxivRefused, ArxivUnavailable
from ingest.models import DatabaseClock, Pace

T = TypeVar("T")

LOCK = 0x6B61_6461_69  # "kadai"
SHORTEST_OPEN, LONGEST_OPEN = 30.0, 3600.0  # seconds
SHORTEST_DELAY = 0.25  # seconds, to be doubled where the delay is set to nothing
PATIENCE = 20.0  # seconds that a caller waits for its turn before it is told to come back
LOCK_PAUSE = 0.1  # seconds between two tries for the lock of this host
LOCK_TIMEOUT = 2000  # milliseconds; then `beat` is called and the lock is asked for again


class NotYet(Exception):
    """Nothing may be asked before `until`; the caller comes back then."""

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(until, reason)
        self.until = until
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Stopped(Exception):
    """arXiv refused us, and no person has said yet that it may go on."""


def ask(request: Callable[[], T], beat: Callable[[], None] = lambda: None) -> T:
    """The answer to one request, made when it is its turn.

    Not inside a transaction: the row must move even when the caller's work is rolled back.
    `beat` is called now and then while waiting. Raises NotYet or Stopped without asking, and
    what `request` raises after noting it.
    """
    with transaction.atomic(durable=True):
        Pace.objects.get_or_create(id=1)
    with _alone(beat), _alone_here(beat):
        _wait_for_turn(beat)
        # Should this process end before it notes the answer, the next one cannot know how
        # long after this moment the request left: it waits twice the delay.
        _move(2 * settings.ARXIV_DELAY_SECONDS, last_asked_at=DatabaseClock())
        try:
            answer = request()
        except ArxivUnavailable as error:
            _note_failure(str(error), error.retry_after)
            raise
        except ArxivRefused as error:
            _move(stopped=True, last_error=str(error))
            raise
        except ArxivError:  # a query's own fault: arXiv is there
            _note_success()
            raise
        except BaseException:
            _move()
            raise
        _note_success()
        return answer


def is_open() -> bool:
    """Whether a request could be made within a caller's patience. One query."""
    pace = Pace.objects.annotate(now=DatabaseClock()).filter(id=1).first()
    if pace is None:
        return True
    until = max(filter(None, (pace.next_allowed_at, pace.open_until)))
    return not pace.stopped and (until - pace.now).total_seconds() <= _patience()


def reset() -> None:
    """A person says that arXiv may be asked again."""
    Pace.objects.filter(id=1).update(
        stopped=False, failures=0, failing_since=None, open_until=None, last_error=""
    )


def wait_after(failures: int, delay: float, retry_after: float | None = None) -> float:
    """Seconds to wait after this many failures in a row, before jitter."""
    wait = max(delay, SHORTEST_DELAY) * 2.0 ** min(failures - 1, 30)
    return max(min(wait, LONGEST_OPEN), delay, retry_after or 0.0)


@contextmanager
def _alone_here(beat: Callable[[], None]) -> Iterator[None]:
    """The one on this host. The lock goes with the process, however it ends."""
    with (settings.KADAI_HOME / "arxiv.lock").open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(LOCK_PAUSE)
                beat()
        yield


@contextmanager
def _alone(beat: Callable[[], None]) -> Iterator[None]:
    """Hold the one lock. Waits as long as another request takes, first come, first served."""
    own = connection.copy()
    try:
        while True:
            own.set_autocommit(False)
            with own.cursor() as cursor:
                try:
                    cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT}")
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
                    break
                except OperationalError as error:
                    if not isinstance(error.__cause__, LockNotAvailable):
                        raise
            own.rollback()
            beat()
        yield
    finally:
        own.close()


def _wait_for_turn(beat: Callable[[], None]) -> None:
    while True:
        pace = Pace.objects.annotate(now=DatabaseClock()).get(id=1)
        if pace.stopped:
            raise Stopped(pace.last_error)
        until = max(filter(None, (pace.next_allowed_at, pace.open_until)))
        wait = (until - pace.now).total_seconds()
        if wait <= 0:
            return
        if wait > _patience():
            raise NotYet(until, pace.last_error)
        time.sleep(min(wait, 5.0))
        beat()


def _patience() -> float:
    return max(PATIENCE, 2 * settings.ARXIV_DELAY_SECONDS)


def _move(after: float = 0.0, **values: object) -> None:
    """Write the row: the next request may come `after` seconds from now, or the delay."""
    wait = timedelta(seconds=max(after, settings.ARXIV_DELAY_SECONDS))
    Pace.objects.filter(id=1).update(next_allowed_at=DatabaseClock() + wait, **values)


def _note_success() -> None:
    _move(
        failures=0,
        failing_since=None,
        open_until=None,
        last_error="",
        last_success_at=DatabaseClock(),
    )


def _note_failure(reason: str, retry_after: float | None) -> None:
    failures = Pace.objects.values_list("failures", flat=True).get(id=1) + 1
    delay = settings.ARXIV_DELAY_SECONDS
    # Jitter only lengthens: neither the delay nor what arXiv asked for is ever undercut.
    wait = wait_after(failures, delay, retry_after) * random.uniform(1.0, 1.2)
    is_open = wait >= SHORTEST_OPEN
    _move(
        wait,
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", DatabaseClock()),
        open_until=DatabaseClock() + timedelta(seconds=wait) if is_open else None,
        last_error=reason,
    )
