"""Runs over OAI-PMH that crash, or are wanted by two at once."""

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ingest import harvest, holding, papers
from ingest.models import Harvest, Query, Way
from ingest.oai.answers import parse_records
from taxonomy import counts
from taxonomy.models import Paper
from tests.ingest.oai_answers import listing, record_of
from tests.ingest.running import account, begin, go
from tests.ingest.server import made_up


@pytest.fixture
def changes(db):
    return Query.objects.create(slug="cl", name="Records", search="cs:cs:CL", way=Way.OAI)


@pytest.mark.django_db
def test_a_crash_while_saving_loses_nothing_and_doubles_nothing(fake, changes, monkeypatch):
    fake.records = made_up(70, every=timedelta(hours=3))
    run = begin(changes)
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
def test_an_interrupted_run_goes_on_with_its_token(fake, changes):
    fake.records = made_up(50)
    run = go(begin(changes), steps=1)
    harvest.interrupt(run, "by hand")
    assert begin(changes).pk == run.pk
    assert account(go(run)) == ("done", 50, 50, 0, 0, 0)
    assert [bool(asked.query.get("resumptionToken")) for asked in fake.log] == [
        False,
        True,
        True,
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_work_at_once_on_one_run_bring_each_record_once(fake, changes):
    fake.records = made_up(90, every=timedelta(hours=2))
    run = begin(changes)
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


@pytest.mark.django_db(transaction=True)
def test_papers_changed_and_removed_at_once_from_two_sides_lock_in_one_order(fake, changes):
    fake.records = made_up(40)
    go(begin(changes))
    for record in fake.records:
        record.title = "Another title"
    entries = parse_records(listing(map(record_of, fake.records)).encode()).entries
    barrier, outcomes = threading.Barrier(2), []

    def work(changed, gone):
        removed = [entry.arxiv_id for entry in gone]
        barrier.wait()
        with transaction.atomic():
            papers.lock([entry.arxiv_id for entry in changed], removed)
            outcomes.append(papers.upsert(changed) + papers.remove(removed))
        connection.close()

    halves = entries[::2], entries[1::2]
    threads = [threading.Thread(target=work, args=each) for each in (halves, halves[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.updated for outcome in outcomes] == [40, 40]
