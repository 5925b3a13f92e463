"""Runs that stop and go on, wait, or are wanted by two at once."""

import contextlib
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from ingest import harvest, holding, pace, papers
from ingest.fetching import LONGEST_REQUEST
from ingest.holders import is_gone, this_process
from ingest.models import Harvest, Pace, Query, held
from taxonomy import counts
from taxonomy.models import Paper
from tests.ingest.conftest import JUNE
from tests.ingest.running import account, begin, go, ids
from tests.ingest.server import made_up

pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.mark.django_db
def test_a_crash_while_saving_loses_nothing_and_doubles_nothing(fake, query, monkeypatch):
    fake.records = made_up(70)
    run = begin(query)
    upsert = papers.upsert

    def crash(entries):
        upsert(entries)
        raise MemoryError

    for _ in range(4):
        claimed = harvest.claim(run.pk, Harvest.objects.get(pk=run.pk).step)
        with monkeypatch.context() as patched:
            patched.setattr(papers, "upsert", crash)
            with pytest.raises(MemoryError):
                harvest.advance(claimed)
        run = harvest.claim(run.pk, claimed.step)
        harvest.advance(run)
    assert account(Harvest.objects.get(pk=run.pk)) == ("done", 70, 70, 0, 0, 0)
    assert Paper.objects.count() == counts.papers_total() == 70


@pytest.mark.django_db
def test_an_interrupted_run_is_continued_by_the_same_window_only(fake, query):
    fake.records = made_up(50)
    run = begin(query)
    go(run, steps=1)
    run.refresh_from_db()
    harvest.interrupt(run, "by hand")
    assert (run.state, run.received) == ("interrupted", 20)
    other = begin(query, (JUNE[0], JUNE[1] - timedelta(days=1)))
    assert other.pk != run.pk
    assert begin(query).pk == run.pk
    assert account(go(run)) == ("done", 50, 50, 0, 0, 0)


@pytest.mark.django_db
def test_a_limit_ends_the_run_with_the_oldest_and_leaves_the_watermark(fake, query):
    fake.records = made_up(50)
    run = go(begin(query, limit=27))
    assert account(run) == ("done", 27, 27, 0, 0, 0)
    assert ids()[-1] == "2506.00027"
    query.refresh_from_db()
    assert (query.watermark, query.last_pulled_at) == (None, None)


@pytest.mark.django_db
def test_the_watermark_follows_runs_that_join_it_and_the_next_one_overlaps(fake, query):
    fake.records = made_up(5)
    go(begin(query))
    query.refresh_from_db()
    assert query.watermark is None  # a window of the past says nothing about the rest
    new = harvest.begin(query, trigger="schedule")
    assert new.until - new.since == harvest.FIRST_WINDOW
    go(new)
    query.refresh_from_db()
    assert query.watermark == new.until
    assert query.last_pulled_at is not None
    assert harvest.begin(query, trigger="schedule").since == new.until - timedelta(days=2)


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "state"), [("400", "failed"), ("403", "interrupted")])
def test_what_asking_again_does_not_mend_ends_the_run(fake, query, fault, state):
    fake.faults = [fault]
    run = go(begin(query))
    assert run.state == state
    assert len(fake.log) == 1
    assert Pace.objects.get().stopped is (fault == "403")


@pytest.mark.django_db
def test_a_run_waits_while_the_circuit_is_open(fake, query):
    until = timezone.now() + timedelta(minutes=5)
    Pace.objects.create(next_allowed_at=until, open_until=until, last_error="gone")
    run = go(begin(query), steps=1)
    assert (run.not_before, run.error, run.is_waiting) == (until, "gone", True)
    assert fake.log == []


@pytest.mark.django_db
def test_who_has_lost_the_run_saves_nothing(fake, query):
    fake.records = made_up(5)
    run = begin(query)
    mine = harvest.claim(run.pk)
    assert harvest.claim(run.pk) is None  # this process lives
    Harvest.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=4))
    theirs = harvest.claim(run.pk)
    assert theirs.step == mine.step + 1
    with pytest.raises(holding.TakenOver):
        harvest.advance(mine)
    assert Paper.objects.count() == 0
    harvest.advance(theirs)
    assert Paper.objects.count() == 5


@pytest.mark.django_db
def test_a_run_whose_process_has_died_is_free_at_once(query):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    host, _, _ = this_process().rsplit(" ", 2)
    run = begin(query)
    claimed = harvest.claim(run.pk)
    Harvest.objects.filter(pk=run.pk).update(holder=f"{host} {child.pid} 1.00")
    claimed.refresh_from_db()
    assert holding.is_free(claimed)  # the number belongs to a later process
    assert harvest.next_free() == claimed
    child.kill()
    child.wait()
    assert is_gone(f"{host} {child.pid} 1.00")
    assert not is_gone(f"elsewhere {child.pid} 1.00")
    assert not is_gone(this_process())


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "free"), [(-1, True), (1, False)])
def test_who_spoke_to_a_server_that_has_died_since_holds_nothing(
    query, monkeypatch, seconds, free
):
    monkeypatch.setattr(held, "STALE_AFTER", timedelta(days=3650))
    run = harvest.claim(begin(query).pk)  # by this process, which lives
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        started = cursor.fetchone()[0]
    Harvest.objects.update(heartbeat_at=started + timedelta(seconds=seconds))
    assert holding.is_free(run) is free
    assert (harvest.next_free() == run) is free
    assert list(Harvest.objects.held()) == [] if free else [run]


def test_no_request_lasts_as_long_as_a_run_may_be_silent():
    assert timedelta(seconds=LONGEST_REQUEST) + holding.SIGN_OF_LIFE < held.STALE_AFTER


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_get_one_run(query):
    barrier, runs = threading.Barrier(2), []

    def work():
        barrier.wait()
        runs.append(begin(query).pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(runs)) == 1
    assert Harvest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_work_at_once_on_one_run_bring_each_paper_once(fake, query):
    fake.records = made_up(90)
    run = begin(query)
    barrier = threading.Barrier(2)

    def work():
        barrier.wait()
        for _ in range(20):
            Harvest.objects.update(holder="")  # as if each had died at every page
            claimed = harvest.claim(run.pk)
            if claimed is None:
                break
            with contextlib.suppress(holding.TakenOver):
                harvest.advance(claimed)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Two who take it from each other at every page may come to nothing; one goes on then.
    Harvest.objects.update(holder="")
    left = Harvest.objects.get()
    if left.is_running:
        go(left)
    assert account(Harvest.objects.get()) == ("done", 90, 90, 0, 0, 0)
    assert Paper.objects.count() == 90
    assert {asked.in_flight for asked in fake.log} == {1}


@pytest.mark.django_db
def test_the_database_refuses_an_account_that_does_not_add_up(query):
    run = begin(query)
    with pytest.raises(IntegrityError, match="harvest_counts_add_up"):
        Harvest.objects.filter(pk=run.pk).update(received=1)


@pytest.mark.django_db
def test_waits_of_the_pace_are_signs_of_life_too(fake, query, settings):
    settings.ARXIV_DELAY_SECONDS = 0.3
    pace.ask(lambda: None)
    run = harvest.claim(begin(query).pk)
    Harvest.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    run.refresh_from_db()
    holding.keep(run)
    assert Harvest.objects.get().heartbeat_at > timezone.now() - timedelta(seconds=5)


def test_new_papers_come_before_the_changes_of_known_ones(shipped_queries):
    slugs = list(Query.objects.due().values_list("slug", flat=True))
    assert (slugs[0], slugs[-1]) == ("cs-cl", "changes")


@pytest.mark.django_db
def test_due_queries_are_those_enabled_and_not_pulled_lately(query):
    Query.objects.exclude(pk=query.pk).delete()
    assert list(Query.objects.due()) == [query]
    Query.objects.update(last_pulled_at=timezone.now() - timedelta(hours=23))
    assert list(Query.objects.due()) == []
    Query.objects.update(last_pulled_at=datetime(2025, 1, 1, tzinfo=UTC))
    assert list(Query.objects.due()) == [query]
    Query.objects.update(enabled=False)
    assert list(Query.objects.due()) == []
