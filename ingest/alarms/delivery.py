"""Messages about alarms on their way: lined up with the alarm, sent until received.

At least once, and in order: an attempt is counted before it is made, so that a process that
dies in it is followed by another. Every attempt of one message bears the same id, by which
the other side tells repetitions. Waits between attempts are kept in the row.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from ingest.alarms import channels
from ingest.models import Alarm, Delivery

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
MOST_ATTEMPTS = 14  # with the waits, about two days


def line_up(alarms: Iterable[Alarm], event: str) -> None:
    """A message about each over every channel that is set, in the caller's transaction.

    That an alarm is over is told where it was told that it is there.
    """
    rows = [(alarm.pk, channel) for alarm in alarms for channel in channels.configured()]
    if event == Delivery.Event.CLOSED and rows:
        told = Delivery.objects.filter(alarm__in=[pk for pk, _ in rows])
        known = set(told.values_list("alarm", "channel"))
        rows = [row for row in rows if row in known]
    Delivery.objects.bulk_create(
        [Delivery(alarm_id=pk, event=event, channel=channel) for pk, channel in rows],
        ignore_conflicts=True,
    )


def deliver_next() -> bool:
    """Send the message that is due longest; False if none is. Not inside a transaction.

    What the other side does wrong is written into its row, never raised.
    """
    message = _claim()
    if message is None:
        return False
    row = Delivery.objects.filter(pk=message.pk)
    try:
        channels.send(channels.message_of(message), message.channel)
    except channels.NotDelivered as error:
        over = error.is_final or message.attempts >= MOST_ATTEMPTS
        now = timezone.now()
        row.update(error=str(error)[:300], given_up_at=now if over else None)
    except BaseException as error:  # too slow, or a mistake in the settings
        row.update(error=f"the attempt was cut off: {type(error).__name__}")
        raise
    else:
        row.update(error="", delivered_at=timezone.now())
    return True


def wait_after(attempts: int) -> timedelta:
    """Until the next attempt: doubling from a minute to six hours."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)


@transaction.atomic
def _claim() -> Delivery | None:
    """The next message, its attempt counted; who comes second gets another one."""
    earlier = Delivery.objects.waiting().filter(
        alarm=OuterRef("alarm"), channel=OuterRef("channel"), pk__lt=OuterRef("pk")
    )
    due = Delivery.objects.due().filter(~Exists(earlier))
    message = due.select_for_update(skip_locked=True, of=("self",)).first()
    if message is None:
        return None
    message.attempts += 1
    message.not_before = timezone.now() + wait_after(message.attempts)
    message.save(update_fields=["attempts", "not_before"])
    return Delivery.objects.select_related("alarm__query", "alarm__harvest__query").get(
        pk=message.pk
    )
