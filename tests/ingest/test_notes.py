"""The log of a run: what was asked, what came, what went wrong, and how fast it goes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ingest import harvest, holding, run_log
from ingest.models import KEPT_NOTES, HarvestNote, Pace
from tests.ingest.conftest import JUNE
from tests.ingest.running import begin, go
from tests.ingest.server import made_up


def told(run):
    """What the log says, oldest first: kind, papers of that line, text."""
    lines = run_log.lines(list(run.notes.newest_first()))
    return [(line.note.kind, line.came, line.note.text) for line in reversed(lines)]


@pytest.mark.django_db(transaction=True)
def test_each_page_is_a_line_with_its_own_account(fake, query, small_pages):
    fake.records = made_up(50)
    run = go(begin(query))
    lines = run_log.lines(list(run.notes.newest_first()))
    assert [(line.note.kind, line.came, line.new) for line in reversed(lines)] == [
        ("begun", 0, 0), ("page", 20, 20), ("page", 19, 19), ("page", 11, 11), ("done", 0, 0)
    ]  # fmt: skip
    assert lines[-1].asked_from is None
    assert lines[-2].asked_from == run.since
    assert lines[-3].asked_from == lines[-2].note.reached
    assert sum(line.requests for line in lines) == run.asked


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fault", "kind", "text"),
    [
        ("503", "unreached", "arXiv answered HTTP 503"),
        ("html", "unreadable", "arXiv sent a web page instead of a feed: Down for maintenance"),
        ("empty", "incomplete", "arXiv announced 3 papers and sent none"),
    ],
)
def test_what_went_wrong_is_a_line_with_arxivs_words(fake, query, fault, kind, text):
    fake.records, fake.faults = made_up(3), [fault]
    run = go(begin(query))
    assert told(run) == [
        ("begun", 0, ""), (kind, 0, text), ("page", 3, ""), ("done", 0, "")
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_same_trouble_is_one_line_with_a_count(fake, query):
    fake.records, fake.faults = made_up(3), ["503"] * 4 + ["500"]
    run = go(begin(query))
    notes = run.notes.order_by("pk").values_list("kind", "times")
    assert list(notes) == [
        ("begun", 1), ("unreached", 4), ("unreached", 1), ("page", 1), ("done", 1)
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("fault", "kind"), [("400", "rejected"), ("403", "refused")])
def test_what_ends_a_run_is_the_last_line(fake, query, fault, kind):
    fake.records, fake.faults = made_up(3), [fault]
    run = go(begin(query))
    assert told(run) == [("begun", 0, ""), (kind, 0, run.error)]


@pytest.mark.django_db(transaction=True)
def test_papers_that_are_missing_at_the_end_are_told(fake, query, small_pages):
    fake.records = made_up(50)

    def hide(number):
        if number == 2:
            fake.records, hide.all = fake.records[:30], fake.records
        if number == 3:
            fake.records = hide.all

    fake.on_request = hide
    run = go(begin(query))
    assert run.state == "failed"
    assert told(run)[-1] == ("missing", 0, run.error)
    harvest.reopen(run)
    run = go(run)
    assert [line[0] for line in told(run)][-1] == "done"
    assert sum(line[1] for line in told(run)) > run.received  # it came twice, and is counted so


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_put_off_says_until_when(fake, query):
    until = timezone.now() + timedelta(hours=1)
    Pace.objects.create(next_allowed_at=until, last_error="arXiv answered HTTP 503")
    run = go(begin(query), steps=1)
    note = run.notes.newest_first()[0]
    assert (note.kind, note.text, note.until) == ("waits", "arXiv answered HTTP 503", until)


@pytest.mark.django_db
def test_a_log_is_bounded_and_keeps_the_newest(query):
    run = begin(query)
    other = begin(query, limit=5)
    for number in range(KEPT_NOTES + 7):
        run.received = number
        HarvestNote.objects.tell(run, "page")
    kept = list(run.notes.newest_first().values_list("received", flat=True))
    assert kept == list(range(KEPT_NOTES + 6, 6, -1))
    assert other.notes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_not_saved_leaves_no_line(fake, query):
    fake.records = made_up(3)
    run = harvest.claim(begin(query).pk)

    def stop(number):
        harvest.stop(run, "stopped by ada")
        connection.close()  # the one of the server's thread

    fake.on_request = stop
    with pytest.raises(holding.TakenOver):
        harvest.advance(run)
    assert told(run) == [("begun", 0, ""), ("stopped", 0, "stopped by ada")]


def note(kind, at, received):
    return HarvestNote(kind=kind, at=JUNE[0] + timedelta(seconds=at), received=received)


def spoken(notes, run):
    found = run_log.speed(run, [note(*one) for one in reversed(notes)])
    return found and (round(found.a_minute), found.seconds_left, found.minutes_left)


@pytest.mark.django_db
def test_the_time_left_comes_from_the_last_pages(query):
    run = begin(query)
    run.expected, run.received = 4000, 2000
    assert spoken([("begun", 0, 0)], run) is None
    assert spoken([("begun", 0, 0), ("unreached", 30, 0)], run) is None
    assert spoken([("begun", 0, 0), ("page", 60, 2000)], run) == (2000, 60, 1)
    stopped_for_days = [("page", 60, 500), ("stopped", 60, 500), ("resumed", 99_999, 500)]
    assert spoken([*stopped_for_days, ("page", 100_029, 2000)], run) == (3000, 40, 1)
    waits = [("begun", 0, 0), ("page", 10, 2000), ("waits", 120, 2000)]
    assert spoken(waits, run) == (1000, 120, 2)
    old = [("begun", 0, 0)] + [("page", 1000 + n, 100 * n) for n in range(1, 21)]
    assert spoken(old, run) == (6000, 20, 1)
