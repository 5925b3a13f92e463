"""Alarms are raised once, and close when their cause is gone."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ingest import alarms
from ingest.models import Alarm, Delivery, Harvest, Pace, Query
from tests.factories import HarvestFactory, QueryFactory, RefusalFactory
from tests.ingest.alarms.conftest import SECRETS

Kind = Alarm.Kind
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = datetime(2025, 6, 6, 12, tzinfo=UTC)


def standing():
    return sorted(Alarm.objects.open().values_list("kind", "subject"))


def daily_runs(query, received, last=FRIDAY, **values):
    """A run a day with a window of three, the last one at `last`, if it is a working day."""
    runs, day = [], last
    for number in reversed(received):
        while day.weekday() >= 5:
            day -= DAY
        runs.append((day, number))
        day -= DAY
    for at, number in reversed(runs):
        HarvestFactory(
            query=query,
            search=query.search,
            since=at - 3 * DAY,
            until=at,
            started_at=at,
            finished_at=at,
            received=number,
            new=number,
            **values,
        )


@pytest.mark.django_db
def test_an_alarm_is_raised_once_and_its_facts_are_renewed(only_query):
    first = alarms.raise_alarm(Kind.GAPS, "2511", {"missing": 3})
    second = alarms.raise_alarm(Kind.GAPS, "2511", {"missing": 2})
    other = alarms.raise_alarm(Kind.GAPS, "2510", {"missing": 1})
    assert (first.pk == second.pk, second.facts, other.pk == first.pk) == (
        True,
        {"missing": 2},
        False,
    )
    assert alarms.close(Kind.GAPS, "2511") == 1
    assert alarms.close(Kind.GAPS, "2511") == 0
    assert standing() == [("gaps", "2510")]
    assert alarms.raise_alarm(Kind.GAPS, "2511", {"missing": 9}).pk != first.pk


@pytest.mark.django_db(transaction=True)
def test_two_who_raise_and_close_an_alarm_at_once_do_it_once(settings):
    settings.KADAI_ALERT_WEBHOOK, settings.KADAI_ALERT_SECRETS = "http://127.0.0.1:9/", SECRETS
    for verb in (
        lambda: alarms.raise_alarm(Kind.GAPS, "", {}),
        lambda: alarms.close("gaps", ""),
    ):
        start = threading.Barrier(4)

        def work(verb=verb, start=start):
            start.wait()
            verb()
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Alarm.objects.count() == 1
    assert sorted(Delivery.objects.values_list("event", flat=True)) == ["closed", "raised"]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_check_costs_the_same_however_much_there_is(count, django_assert_num_queries):
    Query.objects.all().delete()
    for _ in range(count):
        query = QueryFactory()
        daily_runs(query, [5, 5, 5, 5])
    Pace.objects.create()
    with django_assert_num_queries(5):  # pace, refusals, runs of queries, failed runs, alarms
        alarms.check()


@pytest.mark.django_db
def test_what_audits_raise_is_not_closed_by_the_check(only_query):
    alarms.raise_alarm(Kind.GAPS, "2511", {"missing": 3})
    alarms.check()
    assert standing() == [("gaps", "2511")]


@pytest.mark.django_db
def test_a_refusal_of_arxiv_stands_until_a_person_resets_the_pace(only_query):
    Pace.objects.create(stopped=True, last_error="arXiv refused the request (HTTP 403)")
    alarms.check()
    assert standing() == [("refused_us", "")]
    Pace.objects.update(stopped=False)
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "raised"), [(59, []), (61, [("unreachable", "")])])
def test_arxiv_may_be_away_for_an_hour(only_query, minutes, raised):
    since = timezone.now() - timedelta(minutes=minutes)
    Pace.objects.create(failures=9, failing_since=since, last_error="HTTP 503")
    alarms.check()
    assert standing() == raised
    Pace.objects.update(failures=0, failing_since=None)
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
@pytest.mark.parametrize(("records", "raised"), [(20, []), (21, [("records_refused", "")])])
def test_many_refused_records_of_a_day_raise_an_alarm_each_counted_once(
    only_query, records, raised
):
    run, again = HarvestFactory(), HarvestFactory()
    for n in range(records):
        for one in (run, again):
            RefusalFactory(harvest=one, digest=str(n))
    RefusalFactory.create_batch(9, created_at=timezone.now() - 25 * HOUR)
    alarms.check()
    assert standing() == raised
    run.refusals.update(settled_at=timezone.now(), outcome="here")
    again.refusals.update(settled_at=timezone.now(), outcome="here")
    alarms.check()
    assert standing() == []


def fail(run, **values):
    values = {
        "state": "failed",
        "error": "arXiv rejected it",
        "finished_at": timezone.now(),
    } | values
    Harvest.objects.filter(pk=run.pk).update(**values)


@pytest.mark.django_db
def test_a_failed_run_stands_until_it_or_one_like_it_ends_well(only_query):
    run = HarvestFactory(query=only_query)
    fail(run)
    alarms.check()
    assert standing() == [("run_failed", f"run {run.pk}")]
    assert Alarm.objects.get().query == only_query
    Harvest.objects.update(state="running", finished_at=None)
    alarms.check()
    assert standing() == [("run_failed", f"run {run.pk}")]  # it has yet to show that it can
    fail(run, error="another error")
    alarms.check()
    assert Alarm.objects.get().facts == {"error": "another error"}
    HarvestFactory(query=only_query, search="something else")
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
def test_a_failed_run_of_a_month_ago_is_history(only_query):
    fail(HarvestFactory(query=only_query), finished_at=timezone.now() - 31 * DAY)
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
def test_a_failed_run_that_was_put_aside_is_raised_again_only_when_it_fails_again(
    only_query, keeper
):
    run = HarvestFactory(query=only_query)
    fail(run)
    alarms.check()
    assert alarms.put_aside(Alarm.objects.get(), by=keeper) == 1
    alarms.check()
    assert standing() == []
    assert Alarm.objects.get().closed_by == keeper
    fail(run)
    alarms.check()
    assert standing() == [("run_failed", f"run {run.pk}")]


@pytest.mark.django_db
def test_only_failed_runs_can_be_put_aside(keeper):
    alarm = alarms.raise_alarm(Kind.REFUSED_US, "", {})
    assert alarms.put_aside(alarm, by=keeper) == 0
    assert standing() == [("refused_us", "")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("succeeded", "tried", "enabled", "raised"),
    [
        (4 * DAY, 3 * DAY, True, True),
        (2 * DAY, DAY, True, False),
        (40 * DAY, HOUR, True, False),  # was paused, and has just been tried again
        (4 * DAY, 3 * DAY, False, False),
        (None, 4 * DAY, True, True),
        (None, 2 * DAY, True, False),
    ],
)
def test_a_query_without_success_for_three_intervals_is_overdue(
    only_query, succeeded, tried, enabled, raised
):
    now = timezone.now()
    Query.objects.update(enabled=enabled)
    if succeeded:
        HarvestFactory(query=only_query, received=1, new=1, finished_at=now - succeeded)
    run = HarvestFactory(query=only_query, started_at=now - tried)
    Harvest.objects.filter(pk=run.pk).update(state="interrupted")
    alarms.check()
    assert standing() == [("overdue", f"query {only_query.pk}")] * raised
    Harvest.objects.filter(pk=run.pk).update(state="done")
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
def test_a_query_that_always_had_papers_and_has_none_raises_an_alarm(only_query):
    daily_runs(only_query, [30, 4, 7, 9, 0])
    alarms.check()
    assert standing() == [("no_results", f"query {only_query.pk}")]
    daily_runs(only_query, [3], last=FRIDAY + 3 * DAY)
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "received",
    [[0], [7, 0], [7, 7, 0], [7, 7, 0, 0], [0, 7, 7, 0], [7, 7, 7, 1], [9, 9, 9, 9]],
)
def test_a_query_that_has_little_history_or_often_none_does_not(only_query, received):
    daily_runs(only_query, received)
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
def test_nothing_over_a_weekend_is_what_is_expected(only_query):
    daily_runs(only_query, [7, 7, 7, 7, 7])
    sunday = FRIDAY + 2 * DAY
    values = {"until": sunday, "started_at": sunday, "finished_at": sunday}
    since = FRIDAY - timedelta(hours=14)  # Thursday evening in New York
    HarvestFactory(query=only_query, since=since, **values)
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
def test_longer_windows_and_other_searches_are_no_measure(only_query):
    daily_runs(only_query, [7, 7, 7], last=FRIDAY - 7 * DAY)
    Harvest.objects.update(since=FRIDAY - 60 * DAY)
    daily_runs(only_query, [0])
    alarms.check()
    assert standing() == []
    daily_runs(only_query, [7, 7, 7])
    Harvest.objects.filter(received__gt=0).update(search="of old")
    daily_runs(only_query, [0])
    alarms.check()
    assert standing() == []


@pytest.mark.django_db
def test_days_of_change_count_for_an_oai_query(only_query):
    daily_runs(only_query, [7, 7, 7, 0], way="oai")
    alarms.check()
    assert standing() == [("no_results", f"query {only_query.pk}")]


@pytest.mark.django_db
def test_a_deleted_query_takes_its_alarms_along(only_query):
    daily_runs(only_query, [7, 7, 7, 0])
    alarms.check()
    only_query.delete()
    alarms.check()
    assert standing() == []
