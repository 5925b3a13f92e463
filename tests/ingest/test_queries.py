"""The verbs on queries: written by one person at a time, and nobody's words are lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ingest import harvest, queries
from ingest.models import Harvest, Query
from tests.ingest.running import go

VALUES = {
    "name": "Robots that plan",
    "way": "search",
    "search": "cat:cs.RO",
    "match": "",
    "known_only": False,
    "interval": timedelta(days=7),
    "enabled": True,
}


def at_once(*calls):
    """What each returns or raises when they begin at the same time."""

    def one(call):
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "slug"),
    [("Robots that plan", "robots-that-plan"), ("計画", "query-2"), ("New", "new-2")],
)
def test_a_query_gets_an_address_from_its_name(name, slug):
    query = queries.add(VALUES | {"name": name})
    assert (query.slug, query.revision) == (slug, 1)


@pytest.mark.django_db
def test_names_that_look_alike_get_addresses_of_their_own():
    slugs = [queries.add(VALUES | {"name": name}).slug for name in ("To be", "To-be", "to be")]
    assert slugs == ["to-be", "to-be-2", "to-be-3"]


@pytest.mark.django_db
def test_a_name_is_given_once():
    first = queries.add(VALUES)
    with pytest.raises(queries.NameTaken):
        queries.add(VALUES)
    other = queries.add(VALUES | {"name": "Other"})
    with pytest.raises(queries.NameTaken):
        queries.change(other, VALUES, revision=1)
    assert queries.change(first, VALUES, revision=1).revision == 2


@pytest.mark.django_db
def test_who_has_not_read_the_last_change_changes_nothing(query):
    queries.change(query, VALUES, revision=1)
    with pytest.raises(queries.ChangedMeanwhile) as caught:
        queries.change(query, VALUES | {"name": "Mine"}, revision=1)
    assert (caught.value.query.name, caught.value.query.revision) == ("Robots that plan", 2)
    with pytest.raises(queries.ChangedMeanwhile):
        queries.delete(query, revision=1)
    queries.delete(query, revision=2)
    with pytest.raises(queries.ChangedMeanwhile) as caught:
        queries.change(query, VALUES, revision=2)
    assert caught.value.query is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "begins_anew"),
    [
        ({}, False),
        ({"name": "Other", "interval": timedelta(days=2), "enabled": False}, False),
        ({"search": "cat:cs.AI"}, True),
        ({"way": "oai", "search": "cs:cs:RO"}, True),
    ],
)
def test_a_query_that_asks_for_something_else_begins_anew(change, begins_anew):
    query = queries.add(VALUES)
    now = timezone.now()
    Query.objects.filter(pk=query.pk).update(watermark=now, last_pulled_at=now)
    changed = queries.change(query, VALUES | change, revision=1)
    assert (changed.watermark is None, changed.last_pulled_at is None) == (begins_anew,) * 2


@pytest.mark.django_db(transaction=True)
def test_a_run_tells_nothing_to_a_query_that_has_changed(fake, query):
    run = harvest.begin(query, trigger="schedule")
    values = {name: getattr(query, name) for name in queries.WRITTEN}
    queries.change(query, values | {"search": "cat:cs.AI"}, revision=1)
    assert go(run).state == "done"
    query.refresh_from_db()
    assert (query.watermark, query.last_pulled_at) == (None, None)


@pytest.mark.django_db
def test_runs_stay_when_their_query_goes(query):
    run = harvest.begin(query, trigger="schedule")
    queries.delete(query, revision=1)
    assert list(Harvest.objects.values_list("pk", "query", "search")) == [
        (run.pk, None, "cat:cs.CL")
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_at_once_one_is_told(query):
    calls = [
        lambda name=name: queries.change(query, VALUES | {"name": name}, revision=1)
        for name in ("Mine", "Yours")
    ]
    results = at_once(*calls)
    told = [one for one in results if isinstance(one, queries.ChangedMeanwhile)]
    written = [one for one in results if isinstance(one, Query)]
    assert (len(told), len(written)) == (1, 1)
    assert list(Query.objects.filter(pk=query.pk).values_list("name", "revision")) == [
        (written[0].name, 2)
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_name_at_once_one_is_told():
    results = at_once(*[lambda: queries.add(VALUES)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["NameTaken", "Query"]
    assert Query.objects.filter(name=VALUES["name"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_switch_at_once_switch_once(query):
    at_once(*[lambda: queries.switch(query, enabled=False)] * 2)
    query.refresh_from_db()
    assert (query.enabled, query.revision) == (False, 2)


@pytest.mark.django_db(transaction=True)
def test_two_who_delete_at_once_delete_once(query):
    assert at_once(*[lambda: queries.delete(query, revision=1)] * 2) == [None, None]
    assert not Query.objects.filter(pk=query.pk).exists()
