"""Refused records that arXiv is asked for anew, by id."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from ingest import holding, pace, refusals, tasks
from ingest.models import Pace, Refusal
from taxonomy.models import Paper
from tests.factories import RefusalFactory
from tests.ingest.server import FIRST, Record, made_up

NO_TITLE = Record("2506.00002", FIRST, title="").xml()


def settled(refusal):
    refusal.refresh_from_db()
    return refusal.outcome, refusal.settled_by and refusal.settled_by.username, refusal.still


@pytest.fixture
def wanted(keeper):
    """A refused record that somebody has asked for anew."""
    refusal = RefusalFactory(raw=NO_TITLE, arxiv_id="2506.00002", digest="d")
    return refusals.retry(refusal, by=keeper)


def test_arxiv_is_asked_for_it_through_the_pace_and_it_is_taken_in(fake, wanted):
    fake.records = [Record("2506.00002", FIRST, title="Sent anew")]
    tasks.fetch_refused()
    assert settled(wanted) == ("sent_anew", "keeper", "")
    assert Paper.objects.get().title == "Sent anew"
    assert [asked.query["id_list"] for asked in fake.log] == ["2506.00002"]
    assert Pace.objects.get().last_asked_at is not None
    tasks.fetch_refused()
    assert len(fake.log) == 1


def test_what_arxiv_does_not_have_in_a_better_form_stays_refused(fake, wanted):
    fake.records = [*made_up(1), Record("2506.00002", FIRST, title="")]
    tasks.fetch_refused()
    wanted.refresh_from_db()
    assert (wanted.outcome, wanted.wanted_at, wanted.asked_at) == ("", None, None)
    assert wanted.still == "arXiv was asked anew and sent no record that can be used"


@pytest.mark.parametrize("fault", ["503", "reset", "html"])
def test_it_waits_for_arxiv_to_come_back(fake, wanted, fault):
    fake.records = [Record("2506.00002", FIRST, title="Sent anew")]
    fake.faults = [fault]
    tasks.fetch_refused()
    assert settled(wanted)[0] == ""
    assert Refusal.objects.free().count() == 1
    tasks.fetch_refused()
    assert settled(wanted)[0] == "sent_anew"


def test_nothing_is_asked_while_arxiv_refuses_us(fake, wanted):
    Pace.objects.update_or_create(id=1, defaults={"stopped": True, "last_error": "403"})
    tasks.fetch_refused()
    assert (fake.log, Refusal.objects.free().count()) == ([], 1)


def test_who_is_asking_for_it_is_left_alone_until_given_up(fake, wanted):
    Refusal.objects.update(asked_at=timezone.now())
    tasks.fetch_refused()
    assert fake.log == []
    Refusal.objects.update(asked_at=timezone.now() - holding.SIGN_OF_LIFE * 100)
    tasks.fetch_refused()
    assert len(fake.log) > 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_for_a_record_once(fake, keeper, monkeypatch):
    refusal = RefusalFactory(raw=NO_TITLE, arxiv_id="2506.00002")
    refusals.retry(refusal, by=keeper)
    fake.records = [Record("2506.00002", FIRST, title="Sent anew")]
    monkeypatch.setattr(pace, "PATIENCE", 5.0)
    start = threading.Barrier(2)

    def work():
        start.wait()
        tasks.fetch_refused()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.log) == 1
    assert settled(refusal)[0] == "sent_anew"
