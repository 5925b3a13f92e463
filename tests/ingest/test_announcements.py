"""When papers can be seen; June 2025 began on a Sunday, New York was four hours behind."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.announcements import available_at, batches, rounds


def at(day, hour=0, minute=0):
    return datetime(2025, 6, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deadline", "available"),
    [
        (at(2, 18), at(3, 4)),  # Monday's: announced on Monday evening, to be found at midnight
        (at(5, 18), at(6, 4)),  # Thursday's
        (at(6, 18), at(9, 4)),  # Friday's: announced on Sunday evening
    ],
)
def test_papers_can_be_found_from_the_midnight_after_their_announcement(deadline, available):
    assert available_at(deadline) == available


@pytest.mark.parametrize(
    ("since", "until", "seen_at", "count"),
    [
        (at(2, 19), at(3, 17), at(4, 4), 1),  # one working day
        (at(2, 19), at(3, 17), at(4, 3, 59), 0),  # a minute before it can be found
        (at(6, 19), at(8, 12), at(8, 12), 0),  # a weekend, asked on Sunday
        (at(5, 19), at(8, 12), at(8, 12), 0),  # since Thursday evening: Friday's come on Sunday
        (at(5, 17), at(8, 12), at(8, 12), 1),  # Thursday's last hour is out on Friday
        (at(6, 19), at(8, 12), at(10, 5), 1),  # the weekend's, when Monday's are out
        (at(2, 0), at(6, 20), at(30), 6),  # from the weekend's to those after Friday's deadline
        (at(3, 12), at(3, 12), at(4, 4), 1),  # a window of one minute
    ],
)
def test_batches_are_counted_that_are_out_when_somebody_looks(since, until, seen_at, count):
    assert batches(since, until, seen_at) == count


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (at(3, 3), at(3, 5), 1),  # over Monday's midnight in New York
        (at(7, 12), at(8, 12), 0),  # a weekend
        (at(7, 12), at(9, 12), 1),  # until after Sunday evening
        (at(2, 0), at(16, 0), 10),  # two weeks
    ],
)
def test_rounds_are_announcements_between_two_moments(since, until, count):
    assert rounds(since, until) == count


moments = st.timedeltas(timedelta(0), timedelta(days=1000)).map(lambda span: at(1) - span)
summer = st.timedeltas(timedelta(0), timedelta(days=120)).map(lambda span: at(1) + span)
spans = st.timedeltas(timedelta(0), timedelta(days=40))


@given(moments, spans, spans)
def test_a_longer_window_never_has_fewer(since, span, more):
    until = since + span
    now = until + timedelta(days=10)
    assert batches(since, until, now) <= batches(since, until + more, now + more)
    assert rounds(since, until) <= rounds(since, until + more)


@given(summer)
def test_seven_days_of_a_summer_have_five_announcements(since):
    assert rounds(since, since + timedelta(days=7)) == 5
