"""Runs: complete or not done, resumable at any page, one process at a time."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from ingest import harvest, pace, papers
from ingest.holders import is_gone, this_process
from ingest.models import Harvest, Pace, Query, Refusal
from taxonomy import counts
from taxonomy.models import Paper
from tests.ingest.conftest import JUNE
from tests.ingest.server import FIRST, Record, made_up

pytestmark = pytest.mark.usefixtures("small_pages")


def begin(query, window=JUNE, **values):
    since, until = window
    return harvest.begin(query, trigger="command", since=since, until=until, **values)


def go(run, steps=200, step=None):
    """To its end, or so many steps."""
    for _ in range(steps):
        run = harvest.claim(run.pk, step)
        harvest.advance(run)
        step = run.step
        if not run.is_running:
            break
    return Harvest.objects.get(pk=run.pk)


def account(run):
    return run.state, run.received, run.new, run.updated, run.unchanged, run.refused


def ids():
    return sorted(Paper.objects.values_list("arxiv_id", flat=True))


@pytest.mark.django_db
def test_a_run_brings_every_paper_once_and_the_same_again_nothing(fake, query):
    fake.records = made_up(70)
    assert account(go(begin(query))) == ("done", 70, 70, 0, 0, 0)
    assert ids() == [record.arxiv_id for record in fake.records]
    again = go(begin(query))
    assert account(again) == ("done", 70, 0, 0, 70, 0)
    assert (again.asked, again.expected) == (4, 70)
    assert counts.papers_total() == 70


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault",
    ["429", "503", "500", "reset", "rate", "html", "truncate", "cut", "empty", "short", "dup",
     "stray", "start", "unsorted", "badxml", "302"],
)  # fmt: skip
def test_a_run_is_complete_whatever_goes_wrong_on_the_way(fake, query, fault):
    fake.records = made_up(50)
    fake.faults = [fault, None, fault, fault, None, None, fault]
    assert account(go(begin(query))) == ("done", 50, 50, 0, 0, 0)
    assert len(ids()) == 50


@pytest.mark.django_db
def test_a_run_is_complete_when_arxiv_ignores_the_order_throughout(fake, query):
    fake.records = made_up(70)
    fake.faults = ["unsorted"] * 100
    assert account(go(begin(query))) == ("done", 70, 70, 0, 0, 0)


@pytest.mark.django_db
def test_pages_that_arxiv_makes_smaller_than_asked_for_are_no_fault(fake, query):
    fake.records = made_up(50)
    fake.page_cap = 7
    assert account(go(begin(query))) == ("done", 50, 50, 0, 0, 0)


@pytest.mark.django_db
def test_more_papers_in_one_minute_than_on_a_page_all_come(fake, query):
    fake.records = made_up(45, every=timedelta(seconds=0))
    assert account(go(begin(query))) == ("done", 45, 45, 0, 0, 0)


@pytest.mark.django_db
def test_papers_that_never_come_fail_the_run_with_the_reason(fake, query, monkeypatch):
    monkeypatch.setattr(harvest, "MOST_ATTEMPTS", 3)
    fake.records = made_up(10)
    fake.faults = ["short"] * 3
    run = go(begin(query))
    assert account(run)[:2] == ("failed", 0)
    assert run.error == "arXiv announced 5 papers for this page and sent 2"
    assert len(fake.log) == 3


@pytest.mark.django_db
def test_a_run_that_got_fewer_than_first_announced_counts_again(fake, query):
    fake.records = made_up(30)

    def remove(number):
        if number == 2:
            fake.records = fake.records[:-3]

    fake.on_request = remove
    run = go(begin(query))
    assert account(run) == ("done", 27, 27, 0, 0, 0)
    assert (run.expected, run.asked) == (27, 3)


@pytest.mark.django_db
def test_a_run_that_missed_papers_is_not_done_and_begins_anew_when_told(fake, query):
    fake.records = made_up(30)
    kept = list(fake.records)

    def hide(number):
        fake.records = kept[:-3] if number == 2 else kept

    fake.on_request = hide
    run = go(begin(query))
    assert (run.state, run.received) == ("failed", 27)
    assert run.error == "arXiv says there are 30 papers; 27 came"
    fake.on_request = None
    assert account(go(begin(query))) == ("done", 30, 3, 0, 27, 0)
    assert Harvest.objects.count() == 1


@pytest.mark.django_db
def test_nothing_is_believed_only_when_it_is_said_twice_and_not_of_everything(fake, query):
    fake.records = made_up(5, first=FIRST - timedelta(days=400))
    run = go(begin(query))
    assert account(run) == ("done", 0, 0, 0, 0, 0)
    assert [bool("submittedDate" in asked) for asked in fake.windows] == [True, False, True]


@pytest.mark.django_db
def test_a_storm_of_zeros_is_no_empty_day(fake, query):
    fake.records = made_up(8)
    go(begin(query))
    fake.faults = ["zero"] * 4
    run = go(begin(query), steps=2)
    assert run.state == "running"
    assert run.error == "arXiv says it has nothing at all for a search that had papers"
    assert account(go(run, step=run.step)) == ("done", 8, 0, 0, 8, 0)


@pytest.mark.django_db
def test_one_false_zero_on_the_first_page_is_asked_about(fake, query):
    fake.records = made_up(8)
    fake.faults = ["zero"]
    assert account(go(begin(query))) == ("done", 8, 8, 0, 0, 0)


@pytest.mark.django_db
def test_a_bad_entry_is_kept_as_a_refusal_and_the_account_adds_up(fake, query):
    fake.records = made_up(30)
    raw = fake.records[7].xml().replace("Made-up paper 7", " ")
    fake.records[7].raw = raw
    run = go(begin(query))
    assert account(run) == ("done", 30, 29, 0, 0, 1)
    refusal = Refusal.objects.get()
    assert (refusal.arxiv_id, refusal.reason) == ("2506.00008", "no title")
    assert "<title> </title>" in refusal.raw


@pytest.mark.django_db
def test_hostile_entries_end_well(fake, query):
    fake.records = made_up(6)
    fake.records[1].abstract = "x" * 5_000_000
    fake.records[2].title = "<script>alert(1)</script>\x00\x1b"
    fake.records[3].raw = fake.records[3].xml().replace("2506.00004", "9999.0 OR 1=1")
    fake.records[4].title = "lone \ud800 surrogate"
    run = go(begin(query))
    assert account(run) == ("done", 6, 4, 0, 0, 2)


@pytest.mark.django_db
def test_a_new_version_updates_and_a_comment_does_too(fake, query):
    fake.records = made_up(3)
    go(begin(query))
    fake.records[0] = Record("2506.00001", FIRST, title="Second thoughts", version=2)
    fake.records[1].comment = "This paper has been withdrawn by the author"
    assert account(go(begin(query))) == ("done", 3, 0, 2, 1, 0)
    assert list(Paper.objects.filter(withdrawn=True).values_list("arxiv_id")) == [
        ("2506.00002",)
    ]


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
    with pytest.raises(harvest.TakenOver):
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
    assert harvest.is_free(claimed)  # the number belongs to a later process
    assert harvest.next_free() == claimed
    child.kill()
    child.wait()
    assert is_gone(f"{host} {child.pid} 1.00")
    assert not is_gone(f"elsewhere {child.pid} 1.00")
    assert not is_gone(this_process())


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
        for _ in range(100):
            Harvest.objects.update(holder="")  # as if each had died at every page
            claimed = harvest.claim(run.pk)
            if claimed is None:
                break
            try:
                harvest.advance(claimed)
            except harvest.TakenOver:
                continue
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
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
    harvest.keep(run)
    assert Harvest.objects.get().heartbeat_at > timezone.now() - timedelta(seconds=5)


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
