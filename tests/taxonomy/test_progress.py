"""How far a curator is today, and how fast."""

from datetime import timedelta

import pytest
from django.utils import timezone

from taxonomy import queue
from taxonomy.models import Screening
from taxonomy.progress import Progress, progress
from taxonomy.queues import Queue
from tests.factories import ConceptFactory, CuratorFactory, ScreeningFactory, SuggestionFactory


def closed(curator, *seconds_ago, paper=None):
    """Papers that they closed so many seconds ago."""
    now = timezone.now()
    for seconds in seconds_ago:
        at = now - timedelta(seconds=seconds)
        ScreeningFactory(state="screened", screened_by=curator, screened_at=at)


@pytest.fixture
def noon(monkeypatch):
    """Whatever the clock says, the day began long ago and ends much later."""
    real = timezone.now()
    moment = real.replace(hour=12, minute=0)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def test_progress_counts_what_this_curator_closed_today(curator):
    mine, yesterday, theirs = SuggestionFactory.create_batch(3)
    SuggestionFactory()
    queue.finish(paper=mine.paper, curator=curator)
    queue.finish(paper=yesterday.paper, curator=curator)
    queue.finish(paper=theirs.paper, curator=CuratorFactory())
    Screening.objects.filter(paper=yesterday.paper).update(
        screened_at=timezone.now() - timedelta(days=1)
    )
    assert progress(curator) == Progress(done=1, left=1)


def test_the_pace_is_the_middle_of_the_last_times(noon, curator):
    closed(curator, 0, 10, 30, 40, 90)
    assert progress(curator).pace == 15


def test_a_break_is_no_work(noon, curator):
    closed(curator, 0, 20, 40, 60, 3000, 3020)
    assert progress(curator).pace == 20


def test_after_two_papers_there_is_no_pace_to_speak_of(noon, curator):
    closed(curator, 0, 20, 40)
    assert progress(curator).pace is None


def test_more_papers_than_the_pace_needs_are_counted_all_the_same(noon, curator):
    closed(curator, *range(0, 250, 10))
    found = progress(curator)
    assert (found.done, found.pace) == (25, 10)


def test_left_is_what_waits_of_this_queue(curator):
    concept = ConceptFactory(slug="latency")
    SuggestionFactory(concept=concept)
    SuggestionFactory()
    assert progress(curator, Queue(challenge="latency")).left == 1
    assert progress(curator, Queue(order="rare")).left == 2


@pytest.mark.parametrize(
    ("found", "minutes"),
    [
        (Progress(done=5, left=30, pace=20), 10),
        (Progress(done=5, left=30, pace=None), None),
        (Progress(done=5, left=100, pace=20), None),  # the end is not in sight
        (Progress(done=5, left=100, pace=20, goal=20), 5),
        (Progress(done=20, left=100, pace=20, goal=20), None),
        (Progress(done=5, left=1, pace=2), 1),
    ],
)
def test_what_is_left_is_told_in_minutes_where_it_can_be(found, minutes):
    assert found.minutes_left == minutes


def test_a_goal_is_reached_with_its_last_paper():
    assert not Progress(done=19, left=9, goal=20).is_reached
    assert Progress(done=20, left=9, goal=20).is_reached
