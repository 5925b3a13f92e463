"""Runs and the suggester for programs."""

from datetime import UTC, datetime

import pytest

from ingest.api.serializers import ScoresSerializer
from ingest.models import Harvest, Query
from taxonomy.models import Suggestion
from tests.factories import ConceptFactory
from tests.ingest.suggest.rows import concepts

API = "/api/v1/"


def harvest(n):
    at = datetime(2025, 1, 1 + n, tzinfo=UTC)
    query, _ = Query.objects.get_or_create(slug="new", name="New", search="cat:cs.CL")
    return Harvest.objects.create(
        query=query,
        search=f"cat:cs.CL {n}",
        trigger="command",
        since=at,
        until=at,
        cursor_from=at,
        cursor_until=at,
    )


@pytest.mark.parametrize("item_count", [1, 3])
def test_runs_cost_the_same_at_any_length(client, db, django_assert_num_queries, item_count):
    made = [harvest(n).pk for n in range(item_count)]
    with django_assert_num_queries(1):
        found = client.get(f"{API}runs/").json()["results"]
    assert [run["id"] for run in found] == made[::-1]
    assert {run["query"] for run in found} == {"new"}


def test_one_run(client, db):
    run = harvest(1)
    found = client.get(f"{API}runs/{run.pk}/").json()
    assert (found["id"], found["way"], found["state"]) == (run.pk, "search", "running")
    parts = ("new", "updated", "unchanged", "skipped", "refused")
    assert found["received"] == sum(found[name] for name in parts)
    assert client.get(f"{API}runs/{run.pk + 1}/").status_code == 404


def suggest(client, **body):
    return client.post(f"{API}suggest/", body, content_type="application/json")


def test_a_text_is_scored_for_every_concept_and_nothing_is_kept(client, db):
    ConceptFactory(slug="tokenizers", label="Tokenizers")
    ConceptFactory(slug="brittle-evaluation", label="Brittle evaluation")
    response = suggest(
        client, title="Tokenizers for {\\'e}lan", abstract="We study tokenizers."
    )
    found = response.json()
    assert (response.status_code, found["title"]) == (200, "Tokenizers for élan")
    assert {one["concept"] for one in found["results"]} == {"tokenizers", "brittle-evaluation"}
    assert found["results"][0]["concept"] == "tokenizers"
    for one in found["results"]:
        for span in one["spans"]:
            assert found[span["field"]][span["start"] : span["end"]].strip()
    assert not Suggestion.objects.exists()


def test_an_answer_has_the_fields_that_are_promised(client, db):
    concepts()
    title, abstract = "Pruning large language models", "Weight removal in a language model."
    found = suggest(client, title=title, abstract=abstract).json()
    assert found["results"][0]["spans"]
    assert ScoresSerializer(found_as_read(found)).data == found


def found_as_read(found):
    """The answer with the names that its serializer reads."""
    return {**found, "results": [{**one, "slug": one["concept"]} for one in found["results"]]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"abstract": "x"}, "#/title"),
        ({"title": " "}, "#/title"),
        ({"title": "x", "abstract": "x" * 20_001}, "#/abstract"),
    ],
)
def test_a_text_that_is_none_is_pointed_at(client, db, body, pointer):
    response = suggest(client, **body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_suggest_is_asked_by_post(client, db):
    assert client.get(f"{API}suggest/").status_code == 405
