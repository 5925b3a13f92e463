"""What a person should know of the ingest: raised once, told once, closed when it is gone.

Who finds something wrong calls `raise_alarm`, and `close` when it is right again; both may
be called as often as one likes. What can be seen from the runs and the pace is looked for by
`check`, every few minutes and at the end of each run. `delivery` tells those who are to know.
"""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from ingest.alarms import causes, delivery
from ingest.models import Alarm, Delivery, Harvest, Query
from taxonomy.models import User

__all__ = ["check", "close", "put_aside", "raise_alarm"]

Subject = Query | Harvest | str
Kind = Alarm.Kind


def raise_alarm(kind: str, subject: Subject, facts: dict[str, object]) -> Alarm:
    """The open alarm of this kind about this subject; a new one is told to everybody.

    `facts` are what its words rest on (numbers, dates as text, slugs); they are renewed
    without telling again.
    """
    open_ = Alarm.objects.open().filter(kind=kind, subject=name_of(subject))
    try:
        with transaction.atomic():
            if alarm := open_.select_for_update().first():
                if alarm.facts != facts:
                    alarm.facts = facts
                    alarm.save(update_fields=["facts"])
                return alarm
            alarm = Alarm.objects.create(
                kind=kind,
                subject=name_of(subject),
                query=_query_of(subject),
                harvest=subject if isinstance(subject, Harvest) else None,
                facts=facts,
            )
            delivery.line_up([alarm], Delivery.Event.RAISED)
            return alarm
    except IntegrityError:  # raised by another in the meantime
        return open_.get()


@transaction.atomic
def close(kind: str, subject: Subject) -> int:
    """The cause is gone. 1 if there was an open alarm, else 0."""
    alarms = Alarm.objects.open().filter(kind=kind, subject=name_of(subject))
    return _close(alarms.select_for_update())


@transaction.atomic
def put_aside(alarm: Alarm, *, by: User) -> int:
    """A person has seen it and nothing will follow; other kinds than these close themselves."""
    found = Alarm.objects.open().filter(pk=alarm.pk, kind=Kind.RUN_FAILED).select_for_update()
    return _close(found, by)


def check() -> None:
    """Raise what holds now, close what holds no more. Five queries where nothing changes."""
    found = {(cause.kind, name_of(cause.subject)): cause for cause in causes.standing()}
    open_ = {
        (alarm.kind, alarm.subject): alarm
        for alarm in Alarm.objects.open().filter(kind__in=causes.KINDS)
    }
    for key, cause in found.items():
        if cause.facts is not None and (key not in open_ or open_[key].facts != cause.facts):
            raise_alarm(cause.kind, cause.subject, cause.facts)
    if gone := [alarm.pk for key, alarm in open_.items() if key not in found]:
        with transaction.atomic():
            _close(Alarm.objects.open().filter(pk__in=gone).select_for_update().order_by("pk"))


def name_of(subject: Subject) -> str:
    """What tells one subject from others of the same kind of alarm."""
    if isinstance(subject, Query):
        return f"query {subject.pk}"
    return f"run {subject.pk}" if isinstance(subject, Harvest) else subject


def _query_of(subject: Subject) -> Query | None:
    if isinstance(subject, Harvest):
        return subject.query
    return subject if isinstance(subject, Query) else None


def _close(alarms: Iterable[Alarm], by: User | None = None) -> int:
    """Locked ones; they are told as well."""
    found = list(alarms)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in found]).update(
        closed_at=timezone.now(), closed_by=by
    )
    delivery.line_up(found, Delivery.Event.CLOSED)
    return len(found)
