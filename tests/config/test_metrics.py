"""Numbers for a machine that watches."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config.metrics import lines_of
from ingest import alarms
from ingest.measures import Measure
from ingest.models import Pace, Query
from taxonomy import counts
from tests.factories import HarvestFactory, QueryFactory, RefusalFactory, ScreeningFactory

LABEL = r'[a-z]+="(?:[^"\\\n]|\\["\\n])*"'
LINE = re.compile(
    r"(# HELP kadai_\w+ .+|# TYPE kadai_\w+ (gauge|counter)"
    rf"|kadai_\w+(\{{{LABEL}(,{LABEL})*\}})? \d+(\.\d+)?(e[+-]\d+)?)"
)


def of(client):
    """Every sample by its name and labels."""
    lines = client.get("/metrics").content.decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("item_count", [1, 3])
def test_metrics_cost_the_same_at_any_size(client, db, django_assert_num_queries, item_count):
    ScreeningFactory.create_batch(item_count)
    RefusalFactory.create_batch(item_count)
    for n in range(item_count):
        alarms.raise_alarm("gaps", str(n), {})
    counts.add_arrivals(1_234_567)
    Pace.objects.create(last_asked_at=timezone.now(), last_success_at=timezone.now())
    with django_assert_num_queries(10):
        # papers, tags, waiting, pace, queries, runs, alarms, untold, refusals, identified
        response = client.get("/metrics")
    lines = response.content.decode().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert f"kadai_papers_waiting {item_count}" in lines
    assert "kadai_papers 1234567" in lines


@pytest.mark.django_db
def test_an_empty_atlas_has_metrics_too(client):
    Query.objects.all().delete()
    found = of(client)
    assert (found["kadai_up"], found["kadai_last_pull_seconds"]) == ("1", "0")
    assert found['kadai_ingest_requests_total{way="oai"}'] == "0"
    assert [name for name in found if name.startswith(("kadai_arxiv", "kadai_query"))] == []


@pytest.mark.django_db
def test_the_ingest_is_counted_by_way_state_and_outcome(client):
    HarvestFactory(asked=3, received=7, new=4, updated=2, refused=1)
    HarvestFactory(asked=2, received=5, unchanged=5, way="oai")
    HarvestFactory(asked=1, state="running", finished_at=None)
    found = of(client)
    assert found['kadai_ingest_requests_total{way="search"}'] == "4"
    assert found['kadai_ingest_records_total{way="search"}'] == "7"
    assert found['kadai_ingest_outcomes_total{way="search",outcome="new"}'] == "4"
    assert found['kadai_ingest_outcomes_total{way="search",outcome="refused"}'] == "1"
    assert found['kadai_ingest_outcomes_total{way="oai",outcome="unchanged"}'] == "5"
    assert found['kadai_ingest_runs{way="search",state="done"}'] == "1"
    assert found['kadai_ingest_runs{way="search",state="running"}'] == "1"


@pytest.mark.django_db
def test_what_waits_and_what_is_wrong_is_counted(client):
    alarms.raise_alarm("gaps", "2511", {})
    RefusalFactory.create_batch(2)
    ScreeningFactory(state="identified")
    found = of(client)
    assert found['kadai_alarms{kind="gaps"}'] == "1"
    assert found['kadai_alarms{kind="overdue"}'] == "0"
    assert (found["kadai_refusals"], found["kadai_papers_identified"]) == ("2", "1")
    assert found["kadai_alarms_untold"] == "0"


@pytest.mark.django_db
def test_the_circuit_and_the_pace_are_told(client):
    now = timezone.now()
    Pace.objects.create(
        last_asked_at=now,
        last_success_at=now - timedelta(minutes=5),
        next_allowed_at=now + timedelta(seconds=60),
        open_until=now + timedelta(seconds=600),
        failures=4,
        failing_since=now,
    )
    found = of(client)
    assert (found["kadai_arxiv_reachable"], found["kadai_arxiv_failures"]) == ("0", "4")
    assert (found["kadai_arxiv_circuit_open"], found["kadai_arxiv_stopped"]) == ("1", "0")
    assert 590 < float(found["kadai_arxiv_next_request_seconds"]) <= 600
    assert 300 <= float(found["kadai_arxiv_answer_age_seconds"]) < 330
    Pace.objects.update(stopped=True, open_until=None, next_allowed_at=now)
    found = of(client)
    assert (found["kadai_arxiv_circuit_open"], found["kadai_arxiv_stopped"]) == ("0", "1")
    assert found["kadai_arxiv_next_request_seconds"] == "0"


@pytest.mark.django_db
def test_the_age_of_each_query_stands_under_its_slug(client):
    day = timezone.now() - timedelta(days=1)
    QueryFactory(slug="a-query", watermark=day, last_pulled_at=datetime(2025, 1, 1, tzinfo=UTC))
    QueryFactory(slug="paused", watermark=day, enabled=False)
    QueryFactory(slug="new")
    found = of(client)
    ages = {name: value for name, value in found.items() if "watermark" in name}
    assert list(ages) == ['kadai_query_watermark_age_seconds{query="a-query"}']
    assert 86_400 <= float(*ages.values()) < 86_500
    assert found["kadai_last_pull_seconds"] == "1735689600"


@given(st.text(max_size=30), st.floats(0, 1e12))
def test_no_label_breaks_the_format(text, value):
    [_, _, line] = lines_of(Measure("kadai_made_up", "Text.", [({"name": text}, value)]))
    assert "\n" not in line
    assert LINE.fullmatch(line)
