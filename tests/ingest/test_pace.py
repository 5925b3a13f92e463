"""One request at a time, and never sooner than the delay, whoever asks."""

import itertools
import subprocess
import sys
import threading
import time
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ingest import pace
from ingest.arxiv import ArxivRefused, ArxivUnavailable, Client, QueryRejected
from ingest.models import Pace
from ingest.pace import NotYet, Stopped, wait_after
from tests.ingest.server import FakeArxiv

ROOT = Path(__file__).resolve().parents[2]
ASKER = """
import sys, django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.ARXIV_DELAY_SECONDS = float(sys.argv[3])
from ingest import pace
from ingest.arxiv import ArxivError, Client
client = Client(sys.argv[2])
for _ in range(int(sys.argv[4])):
    try:
        pace.ask(lambda: client.total("all:x"))
    except ArxivError:
        pass
"""


def ask(answer="yes"):
    def request():
        if isinstance(answer, Exception):
            raise answer
        return answer

    return pace.ask(request)


def row():
    return Pace.objects.annotate(now=pace.DatabaseClock()).get()


def fail(error):
    with pytest.raises(type(error)):
        ask(error)


@pytest.fixture(autouse=True)
def _delay(settings):
    settings.ARXIV_DELAY_SECONDS = 0.05


@pytest.mark.django_db(transaction=True)
def test_four_processes_never_ask_at_once_nor_sooner_than_the_delay(settings):
    with FakeArxiv(pause=0.02) as server:
        server.faults = ["503", None, "500", None, "reset"]
        name = connection.settings_dict["NAME"]
        command = [sys.executable, "-c", ASKER, name, server.url, "0.1", "4"]
        processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(4)]
        assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    assert len(server.log) == 16
    assert {asked.in_flight for asked in server.log} == {1}
    assert min(server.gaps) >= 0.1


@pytest.mark.django_db(transaction=True)
def test_a_killed_holder_lets_the_next_one_ask_after_the_delay():
    with FakeArxiv() as server:
        name = connection.settings_dict["NAME"]
        server.pause = 30
        command = [sys.executable, "-c", ASKER, name, server.url, "0.3", "1"]
        with subprocess.Popen(command, cwd=ROOT) as held:
            while not server.log:
                time.sleep(0.01)
            assert row().next_allowed_at > row().now  # promised before the answer is there
            held.kill()
        began = time.monotonic()
        assert ask() == "yes"
        assert time.monotonic() - began < 5
        server.pause = 0


@pytest.mark.django_db(transaction=True)
def test_a_request_under_way_keeps_others_waiting_when_the_databases_lock_is_lost(settings):
    settings.ARXIV_DELAY_SECONDS = 0.1
    with FakeArxiv() as server:
        name = connection.settings_dict["NAME"]
        server.pause = 1.5
        command = [sys.executable, "-c", ASKER, name, server.url, "0.1", "1"]
        with subprocess.Popen(command, cwd=ROOT):
            while not server.log:
                time.sleep(0.01)
            with connection.cursor() as cursor:  # as if the server had died and come back
                cursor.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks "
                    "JOIN pg_database ON pg_database.oid = pg_locks.database "
                    "WHERE locktype = 'advisory' AND datname = current_database() "
                    "AND (classid::bigint << 32) + objid::bigint = %s",
                    [pace.LOCK],
                )
                assert cursor.fetchall() == [(True,)]
            server.pause = 0
            client = Client(server.url)
            assert pace.ask(lambda: client.total("all:x")) == 0
    assert [asked.in_flight for asked in server.log] == [1, 1]
    assert min(server.gaps) >= 0.1


@pytest.mark.django_db(transaction=True)
def test_killed_before_an_answer_is_noted_the_next_request_keeps_its_distance(settings):
    settings.ARXIV_DELAY_SECONDS = 0.5
    with FakeArxiv() as server:
        name = connection.settings_dict["NAME"]
        dies = ASKER.replace("except ArxivError", "except ZeroDivisionError").replace(
            'client.total("all:x")', 'client.total("all:x") or os.kill(os.getpid(), 9)'
        )
        command = [sys.executable, "-c", f"import os{dies}", name, server.url, "0.5", "1"]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
        assert row().last_success_at is None  # it was never noted
        client = Client(server.url)
        pace.ask(lambda: client.total("all:x"))
    assert server.log[1].start - server.log[0].start >= 0.5


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["429", "503"])
def test_a_date_to_come_back_at_is_kept_from_the_header_to_the_callers(status):
    when = timezone.now() + timedelta(minutes=10)
    with FakeArxiv(faults=[status], retry_after=format_datetime(when, usegmt=True)) as server:
        client = Client(server.url)
        with pytest.raises(ArxivUnavailable):
            pace.ask(lambda: client.total("all:x"))
        with pytest.raises(NotYet) as caught:
            pace.ask(lambda: client.total("all:x"))
        assert len(server.log) == 1
    late = (caught.value.until - when).total_seconds()
    assert -2 <= late <= 0.2 * 600 + 2  # a header knows seconds; jitter only lengthens


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_days_are_waited_for_one_day_and_then_asked_about(form):
    date = format_datetime(timezone.now() + timedelta(days=3), usegmt=True)
    told = {"seconds": "259200", "date": date}[form]
    with FakeArxiv(faults=["503"], retry_after=told) as server:
        client = Client(server.url)
        with pytest.raises(ArxivUnavailable):
            pace.ask(lambda: client.total("all:x"))
    hours = (row().open_until - row().now) / timedelta(hours=1)
    assert 23.9 < hours < 24 * 1.2 + 0.1


@pytest.mark.django_db
def test_waits_after_failures_differ_and_are_never_shorter():
    waits = set()
    for _ in range(5):
        Pace.objects.all().delete()
        fail(ArxivUnavailable("gone", 100.0))
        waits.add((row().next_allowed_at - row().now).total_seconds())
    assert 99 < min(waits) < max(waits) < 121
    assert max(waits) - min(waits) > 0.1


@pytest.mark.django_db(transaction=True)
def test_threads_take_turns_too():
    spans = []

    def request():
        began = time.monotonic()
        time.sleep(0.02)
        spans.append((began, time.monotonic()))

    def work():
        for _ in range(3):
            pace.ask(request)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spans.sort()
    gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(spans)]
    assert len(spans) == 9
    assert min(gaps) >= 0.05


@pytest.mark.django_db(transaction=True)
def test_the_row_moves_even_when_the_callers_work_is_rolled_back(settings):
    settings.ARXIV_DELAY_SECONDS = 5
    with pytest.raises(ZeroDivisionError):
        ask(ZeroDivisionError())
    assert row().next_allowed_at > row().now


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_asked():
    with transaction.atomic(), pytest.raises(RuntimeError):
        ask()


@pytest.mark.django_db
def test_a_success_ends_a_series_of_failures():
    fail(ArxivUnavailable("gone"))
    assert (row().failures, row().last_error) == (1, "gone")
    assert row().failing_since is not None
    assert ask() == "yes"
    assert (row().failures, row().last_error, row().failing_since) == (0, "", None)
    assert row().last_success_at is not None


@pytest.mark.django_db
def test_a_rejected_search_is_no_failure_of_arxiv():
    fail(QueryRejected("what?"))
    assert row().failures == 0


@pytest.mark.django_db
def test_what_arxiv_asks_for_is_waited_for_and_callers_are_told_when():
    fail(ArxivUnavailable("rate exceeded", 120.0))
    assert timedelta(seconds=119) < row().open_until - row().now < timedelta(seconds=145)
    with pytest.raises(NotYet) as caught:
        ask()
    assert caught.value.until == max(row().next_allowed_at, row().open_until)
    assert str(caught.value) == "rate exceeded"
    assert not pace.is_open()


@pytest.mark.django_db
def test_a_refusal_stops_everything_until_a_person_resets_it():
    fail(ArxivRefused("HTTP 403"))
    with pytest.raises(Stopped, match="HTTP 403"):
        ask()
    assert not pace.is_open()
    pace.reset()
    assert pace.is_open()
    assert ask() == "yes"


@pytest.mark.django_db
def test_the_circuit_opens_when_the_wait_has_grown_to_half_a_minute(settings):
    settings.ARXIV_DELAY_SECONDS = 3
    for failures, is_open in ((3, False), (4, True)):
        Pace.objects.update_or_create(
            id=1,
            defaults={
                "failures": failures,
                "failing_since": timezone.now(),
                "next_allowed_at": timezone.now() - timedelta(seconds=1),
                "open_until": None,
            },
        )
        fail(ArxivUnavailable("gone"))
        assert (row().closed_until is not None) is is_open


def test_waits_double_from_the_delay_to_an_hour():
    waits = [wait_after(n, 3) for n in range(1, 14)]
    assert waits[:5] == [3, 6, 12, 24, 48]
    assert waits[-1] == 3600
    assert waits == sorted(waits)


def test_waits_are_never_shorter_than_the_delay_or_than_asked_for():
    assert wait_after(1, 3, 0.0) == 3
    assert wait_after(1, 3, 7200.0) == 7200
    assert wait_after(50, 4000) == 4000
    assert wait_after(3, 0) > 0
