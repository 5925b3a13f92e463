"""`manage.py harvest_oai` on the terminal."""

import os
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from ingest import harvest
from ingest.management import terminal
from ingest.models import Harvest, Query, Way
from taxonomy.models import Paper
from tests.factories import PaperFactory
from tests.ingest.server import made_up


@pytest.fixture(autouse=True)
def _keep_the_handler():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def run_harvest(**options):
    out = StringIO()
    call_command("harvest_oai", stdout=out, **({"set": "cs:cs:CL"} | options))
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_it_tells_how_far_it_is_and_what_came(fake):
    fake.records, fake.oai_sizes = made_up(30), True
    lines = run_harvest()
    assert lines[0].startswith("cs:cs:CL: 20 of 30 papers (66 %), about ")
    assert lines[-1] == (
        "cs:cs:CL: complete: 30 papers "
        "(30 new, 0 updated, 0 unchanged, 0 passed over, 0 refused; 2 requests)"
    )
    assert fake.log[0].query == {
        "verb": "ListRecords",
        "metadataPrefix": "arXivRaw",
        "set": "cs:cs:CL",
        "from": "2005-09-16",
    }


@pytest.mark.django_db
def test_the_second_time_it_asks_for_what_has_changed_since_the_first(fake):
    fake.records = made_up(5)
    run_harvest()
    run_harvest()
    run_harvest(set=None)  # another set: all of it
    run_harvest(until="2025-06-30")
    assert [asked.query["from"] for asked in fake.log] == [
        "2005-09-16",
        "2025-06-29",
        "2005-09-16",
        "2005-09-16",
    ]


@pytest.mark.django_db
def test_every_option_reaches_arxiv_or_the_selection(fake):
    fake.records = made_up(5)
    fake.records[3].abstract = "It proves a theorem."
    run_harvest(
        **{"from": "2025-06-01"},
        until="2025-06-02",
        set="cs",
        format="arXiv",
        match="theorem",
    )
    assert fake.log[0].query == {
        "verb": "ListRecords",
        "metadataPrefix": "arXiv",
        "set": "cs",
        "from": "2025-06-01",
        "until": "2025-06-02",
    }
    assert Paper.objects.get().arxiv_id == "2506.00004"


@pytest.mark.django_db
def test_known_papers_can_be_refreshed_alone(fake):
    fake.records = made_up(5)
    PaperFactory(arxiv_id="2506.00002")
    lines = run_harvest(known_only=True, set=None)
    assert lines[-1] == (
        "all sets: complete: 5 papers "
        "(0 new, 1 updated, 0 unchanged, 4 passed over, 0 refused; 1 requests)"
    )


@pytest.mark.django_db
def test_ctrl_c_leaves_a_run_that_the_same_command_goes_on_with(fake):
    fake.records = made_up(50)

    def press(number):
        if number == 2:
            os.kill(os.getpid(), signal.SIGINT)

    fake.on_request = press
    with pytest.raises(SystemExit) as caught:
        run_harvest()
    assert caught.value.code == 130
    run = Harvest.objects.get()
    assert (run.state, run.received) == ("interrupted", 20)
    fake.on_request = None
    lines = run_harvest()
    assert lines[0] == "cs:cs:CL: going on at 20 papers"
    assert Harvest.objects.get().new == 50


@pytest.mark.django_db
def test_it_follows_a_run_that_another_process_is_on(fake, monkeypatch):
    fake.records = made_up(3)
    query = Query(way=Way.OAI, search="cs:cs:CL")
    other = harvest.claim(harvest.begin(query, trigger="command").pk)
    naps = []

    def sleep(seconds):
        naps.append(seconds)
        if len(naps) == 2:
            harvest.advance(other)

    monkeypatch.setattr(terminal.time, "sleep", sleep)
    lines = run_harvest()
    assert "another process is on it; following" in lines[0]
    assert lines[-1].startswith("cs:cs:CL: complete: 3 papers")
    assert len(fake.log) == 1


@pytest.mark.django_db
def test_a_scheduled_run_of_the_same_set_is_another(fake):
    query = Query.objects.create(slug="cl", name="Records", way=Way.OAI, search="cs:cs:CL")
    scheduled = harvest.begin(query, trigger="schedule")
    assert scheduled.until - scheduled.since == timedelta(days=30)
    fake.records = made_up(3)
    run_harvest()
    assert Harvest.objects.count() == 2
    scheduled.refresh_from_db()
    assert (scheduled.state, scheduled.received) == ("running", 0)


@pytest.mark.django_db
def test_a_run_that_failed_is_an_error(fake):
    fake.faults = ["error"]
    with pytest.raises(CommandError, match="The run did not end well"):
        run_harvest()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"set": "cs.CL"}, r"--set: 'cs\.CL' is no set\. Write it as cs, cs:cs or cs:cs:CL\."),
        ({"set": ""}, r"--set: '' is no set"),
        ({"from": "June"}, r"--from: 'June' is no date\. Write it as 2025-06-30\."),
        ({"until": "2025-02-30"}, r"--until: '2025-02-30' is no date"),
        (
            {"from": "2025-07-01", "until": "2025-06-30"},
            r"--until: 2025-06-30 is before --from 2025-07-01\. Swap them\.",
        ),
        ({"from": "2005-09-15"}, r"--from: 2005-09-15 is before 2005-09-16"),
        ({"until": "1999-01-01"}, r"--until: 1999-01-01 is before 2005-09-16"),
        ({"from": "2999-01-01"}, r"--from: 2999-01-01 lies in the future"),
        ({"match": "x" * 501}, r"--match: 501 characters; at most 500 can be kept"),
    ],
)
def test_a_wrong_option_is_named_with_the_mend(options, message):
    with pytest.raises(CommandError, match=message):
        run_harvest(**options)
    assert Harvest.objects.count() == 0
