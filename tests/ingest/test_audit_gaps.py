"""`manage.py audit_gaps` on the terminal."""

import os
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from ingest import audit, harvest
from ingest.management import terminal
from ingest.management.commands import audit_gaps
from ingest.models import Alarm, Audit, Pace, Query
from taxonomy.models import Paper
from tests.ingest.running import go
from tests.ingest.server import made_up

JUNE = {"set": "cs:cs:CL", "first": "2506", "last": "2506"}


@pytest.fixture(autouse=True)
def _keep_the_handler():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def run(**options):
    out = StringIO()
    try:
        call_command("audit_gaps", stdout=out, **(JUNE | options))
    finally:
        run.lines = out.getvalue().splitlines()
    return run.lines


@pytest.mark.django_db
def test_it_tells_how_far_it_is_and_what_came(fake):
    fake.records = made_up(30)
    assert [line.removeprefix("cs:cs:CL 2506.00001 to 2506.99999: ") for line in run()] == [
        "20 identifiers listed, 20 in the range",
        "30 listed, 0 here, 30 missing, 0 of them settled",
        "30 listed, 0 here, 30 missing, 30 of them settled",
        "done: 30 listed, 0 here, 30 missing: 30 fetched, 0 not to be had; "
        "0 marked as deleted, 0 here that arXiv does not list; 3 requests",
    ]
    assert "30 listed, 30 here, 0 missing: 0 fetched" in run()[-1]


@pytest.mark.django_db
def test_without_fetching_what_is_missing_is_an_error(fake):
    fake.records = made_up(3)
    with pytest.raises(CommandError, match=r"^3 papers are missing; see above.$"):
        run(no_fetch=True)
    assert Paper.objects.count() == 0


@pytest.mark.django_db
def test_papers_that_stay_away_raise_an_alarm_until_an_audit_misses_none(fake):
    fake.records = made_up(3)
    with pytest.raises(CommandError):
        run(no_fetch=True)
    alarm = Alarm.objects.open().get()
    assert (alarm.kind, alarm.facts) == ("gaps", {"missing": 3, "set": "cs:cs:CL"})
    run()
    assert not Alarm.objects.open().exists()


@pytest.mark.django_db
def test_what_cannot_be_had_is_named_with_the_reason(fake):
    fake.records = made_up(3)
    fake.records[1].withheld, fake.records[1].title = True, " "
    with pytest.raises(CommandError, match=r"^1 paper is missing"):
        run()
    assert run.lines[-1].endswith("2506.00002 cannot be had: no title")


@pytest.mark.django_db
def test_without_a_set_all_that_runs_have_covered_is_audited(fake, query):
    Query.objects.exclude(pk=query.pk).delete()
    with pytest.raises(CommandError, match="No enabled query takes in a whole set"):
        run(set=None, first=None, last=None)
    with pytest.raises(CommandError, match="no run of an enabled query has covered cs:cs:CL"):
        run(first=None, last=None)
    fake.records = made_up(5, first=timezone.now() - timedelta(days=2))
    go(harvest.begin(query, trigger="schedule"))
    Paper.objects.filter(arxiv_id="2506.00003").delete()
    lines = run(set=None, first=None, last=None)
    assert lines[-1].startswith("cs:cs:CL 2506.00001 to 2506.00205: done: 5 listed, 4 here, 1")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"set": "cs.CL"}, "--set: 'cs.CL' is no set. Write it as cs, cs:cs or cs:cs:CL."),
        ({"last": None}, "--from and --to: one needs the other."),
        ({"first": "2513"}, "--from: '2513' is no month. Write it as 2506."),
        ({"last": "2025-06"}, "--to: '2025-06' is no month. Write it as 2506."),
        ({"first": "0703"}, "--from: numbers begin in 0704 and end this month."),
        ({"last": "9901"}, "--to: numbers begin in 0704 and end this month."),
        ({"first": "2507"}, "--from: 2507 is after --to 2506. Swap them."),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_asked(fake, options, said):
    with pytest.raises(CommandError) as error:
        run(**options)
    assert str(error.value) == said
    assert fake.log == []


@pytest.mark.django_db
def test_an_audit_that_failed_says_why(fake):
    fake.faults = ["error"]
    with pytest.raises(CommandError, match=r"^cs:cs:CL: the request is not right"):
        run()


@pytest.mark.django_db
def test_a_signal_stops_it_and_the_same_command_goes_on(fake):
    fake.records = made_up(50)
    fake.on_request = lambda number: number == 2 and os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(SystemExit) as stopped:
        run()
    assert stopped.value.code == terminal.INTERRUPTED
    assert run.lines[-1].endswith("The same command goes on from there.")
    assert Audit.objects.get().state == "interrupted"
    fake.on_request = None
    assert "going on after" in run()[0]
    assert (Audit.objects.get().fetched, Paper.objects.count()) == (50, 50)


@pytest.mark.django_db
def test_it_follows_an_audit_that_another_process_is_on(fake, monkeypatch):
    fake.records = made_up(3)
    other = audit.claim(audit.begin("cs:cs:CL", trigger="page", months=("2506", "2506")).pk)
    busy = []

    def sleep(_):
        if not busy:  # the pace sleeps, too
            busy.append(True)
            audit.advance(other)
            busy.clear()

    monkeypatch.setattr(audit_gaps.time, "sleep", sleep)
    lines = run()
    assert "another process is on it, following" in lines[0]
    assert "done: 3 listed" in lines[-1]


@pytest.mark.django_db
def test_it_gives_up_where_arxiv_cannot_be_reached(fake, monkeypatch):
    fake.records = made_up(3)
    until = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr(audit_gaps, "failing_for", lambda: timedelta(hours=1))
    Pace.objects.create(next_allowed_at=until, open_until=until, last_error="gone")
    with pytest.raises(SystemExit) as stopped:
        run()
    assert stopped.value.code == terminal.UNREACHABLE
    assert "waiting until" in run.lines[0]
