"""When papers can be seen: arXiv announces from Sunday to Thursday evening. Plain Python.

What is submitted between two deadlines (14:00 in New York, on working days) is announced
together at 20:00, and the search API has it from midnight on. Friday's and the weekend's
come on Sunday and Monday. Days of rest that arXiv sets by hand are not known here.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
DEADLINE = time(14)
LONGEST = timedelta(days=60)  # a longer window has batches whatever the calendar says
SATURDAY = 5


def batches(since: datetime, until: datetime, seen_at: datetime) -> int:
    """How many announcements of papers submitted in that window are out at `seen_at`."""
    since = max(since, min(until, seen_at) - LONGEST)
    count = 0
    deadline = _next_deadline(since)
    begins = since
    while begins <= until and available_at(deadline) <= seen_at:
        count += 1
        begins = deadline
        deadline = _next_deadline(deadline + timedelta(minutes=1))
    return count


def rounds(since: datetime, until: datetime) -> int:
    """How many announcements there were between two moments, as OAI-PMH counts changes."""
    since = max(since, until - LONGEST)
    day = since.astimezone(NEW_YORK).date() - timedelta(days=3)  # over a weekend
    last = until.astimezone(NEW_YORK).date()
    count = 0
    while day <= last:
        deadline = _at(day, DEADLINE)
        if day.weekday() < SATURDAY and since < available_at(deadline) <= until:
            count += 1
        day += timedelta(days=1)
    return count


def available_at(deadline: datetime) -> datetime:
    """From when the papers submitted until this deadline can be found."""
    day = deadline.astimezone(NEW_YORK).date()
    # Friday's deadline belongs to the announcement of Sunday.
    evening = day + timedelta(days=2) if day.weekday() == SATURDAY - 1 else day
    return _at(evening + timedelta(days=1), time(0))


def _next_deadline(moment: datetime) -> datetime:
    """The first deadline at or after that moment: 14:00 from Monday to Friday."""
    day = moment.astimezone(NEW_YORK).date()
    while day.weekday() >= SATURDAY or _at(day, DEADLINE) < moment:
        day += timedelta(days=1)
    return _at(day, DEADLINE)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=NEW_YORK).astimezone(UTC)
