"""`manage.py pull` on the terminal."""

import os
import signal
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from ingest import harvest
from ingest.management import terminal
from ingest.models import Harvest, Pace, Query, held
from taxonomy.models import Paper
from tests.ingest.server import made_up

JUNE = {"since": "2025-06-01", "until": "2025-06-30"}


@pytest.fixture(autouse=True)
def _keep_the_handler():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def run_pull(**options):
    out = StringIO()
    call_command("pull", stdout=out, **({"query": "made-up"} | JUNE | options))
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_it_tells_how_far_it_is_and_what_came(fake, query, small_pages):
    fake.records = made_up(30)
    lines = run_pull()
    assert lines[0].startswith("Made-up papers: 20 of 30 papers (66 %), about ")
    assert lines[-1] == (
        "Made-up papers: complete: 30 papers "
        "(30 new, 0 updated, 0 unchanged, 0 refused; 2 requests)"
    )


@pytest.mark.django_db
def test_every_enabled_query_is_pulled_without_a_name(fake, query):
    Query.objects.exclude(pk=query.pk).update(enabled=False)
    Query.objects.create(slug="b", name="B", search="cat:cs.LG")
    fake.records = made_up(3)
    lines = run_pull(query=None)
    assert [line for line in lines if "complete: 3 papers" in line] == [
        "B: complete: 3 papers (3 new, 0 updated, 0 unchanged, 0 refused; 1 requests)",
        "Made-up papers: complete: 3 papers "
        "(0 new, 0 updated, 3 unchanged, 0 refused; 1 requests)",
    ]


@pytest.mark.django_db
def test_without_since_it_goes_on_from_the_watermark(fake, query):
    now = timezone.now().replace(second=0, microsecond=0)
    Query.objects.filter(pk=query.pk).update(watermark=now - timedelta(days=3))
    fake.records = made_up(10, first=now - timedelta(days=9), every=timedelta(days=1))
    run_pull(since=None, until=None)
    assert Paper.objects.count() == 6  # of the last five days, both ends included


@pytest.mark.django_db
def test_ctrl_c_leaves_a_run_that_the_same_command_goes_on_with(fake, query, small_pages):
    fake.records = made_up(50)

    def press(number):
        if number == 2:
            os.kill(os.getpid(), signal.SIGINT)

    fake.on_request = press
    with pytest.raises(SystemExit) as caught:
        run_pull()
    assert caught.value.code == 130
    run = Harvest.objects.get()
    assert (run.state, run.received) == ("interrupted", 20)
    fake.on_request = None
    lines = run_pull()
    assert lines[0] == "Made-up papers: going on at 20 papers"
    assert Harvest.objects.get().new == 50


@pytest.mark.django_db
def test_the_last_line_of_an_interrupted_run_says_what_to_do(fake, query, capsys, monkeypatch):
    monkeypatch.setattr(harvest, "advance", lambda run: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(SystemExit):
        call_command("pull", query="made-up", **JUNE)
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Made-up papers: stopped at 0 papers (interrupted on the command line). "
        "The same command goes on from there."
    )


@pytest.mark.django_db
def test_it_gives_up_when_arxiv_has_not_answered_for_long(fake, query):
    until = timezone.now() + timedelta(hours=1)
    Pace.objects.create(
        next_allowed_at=until,
        open_until=until,
        failures=9,
        failing_since=timezone.now() - timedelta(minutes=31),
        last_error="arXiv answered HTTP 503",
    )
    with pytest.raises(SystemExit) as caught:
        run_pull()
    assert caught.value.code == 75
    assert Harvest.objects.get().state == "interrupted"


@pytest.mark.django_db
def test_a_run_that_failed_is_an_error(fake, query):
    fake.faults = ["400"]
    with pytest.raises(CommandError, match="1 of 1 runs did not end well"):
        run_pull()


@pytest.mark.django_db
def test_it_follows_a_run_that_another_process_is_on(fake, query, monkeypatch):
    fake.records = made_up(3)
    since, until = (
        terminal.parse_day("", JUNE["since"]),
        terminal.parse_day("", JUNE["until"], end=True),
    )
    other = harvest.claim(harvest.begin(query, trigger="schedule", since=since, until=until).pk)
    naps = []

    def sleep(seconds):
        naps.append(seconds)
        if len(naps) == 2:
            harvest.advance(other)

    monkeypatch.setattr(terminal.time, "sleep", sleep)
    lines = run_pull()
    assert "another process is on it; following" in lines[0]
    assert lines[-1].startswith("Made-up papers: complete: 3 papers")
    assert len(fake.log) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"query": "none"}, r"--query: there is no query 'none'. There are: .*made-up"),
        ({"since": "June"}, r"--since: 'June' is no date. Write it as 2025-06-30."),
        ({"until": "2025-02-30"}, r"--until: '2025-02-30' is no date"),
        ({"since": "2025-07-01"}, r"--since: 2025-07-01 is after --until 2025-06-30"),
        ({"since": "2999-01-01", "until": None}, r"--since: 2999-01-01 lies in the future"),
        ({"since": None}, r"--until: needs --since"),
        ({"max": "0"}, r"--max: '0' is no number of papers"),
        ({"max": "many"}, r"--max: 'many' is no number of papers"),
    ],
)
def test_a_wrong_option_is_named_with_the_mend(query, options, message):
    with pytest.raises(CommandError, match=message):
        run_pull(**options)
    assert Harvest.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_it_outlives_a_database_that_comes_back(fake, small_pages, monkeypatch):
    # Its own last sign of life keeps it away from the run for so long.
    monkeypatch.setattr(held, "STALE_AFTER", timedelta(seconds=2))
    query = Query.objects.create(slug="made-up", name="Made-up papers", search="cat:cs.CL")
    fake.records = made_up(50)
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    at = connection.settings_dict

    def cut(number):
        if number == 2:
            with psycopg.connect(host=at["HOST"], dbname=at["NAME"], user=at["USER"]) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    fake.on_request = cut
    lines = run_pull(query=query.slug)
    assert "Made-up papers: the database is gone; waiting for it" in lines
    run = Harvest.objects.get()
    assert (run.state, run.received, run.new, Paper.objects.count()) == ("done", 50, 50, 50)
