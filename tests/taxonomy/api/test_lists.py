"""Tags, editions, changes, numbers, exports, and the description of it all."""

import csv
import io
import json
import re
from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone
from jsonschema import Draft202012Validator

from taxonomy import counts, vocabulary
from taxonomy.models import ConceptChange, Edition
from tests.factories import ConceptFactory, DomainFactory, PaperFactory
from tests.taxonomy.api.conftest import API


def body_of(response):
    return b"".join(response.streaming_content).decode()


@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.parametrize("form", ["json", "csv", "ndjson"])
def test_tags_cost_the_same_at_any_length(
    client, accept, django_assert_num_queries, item_count, form
):
    concept = ConceptFactory(slug="latency")
    for _ in range(item_count):
        accept(PaperFactory(), concept)
    vocabulary.current()
    with django_assert_num_queries(2):  # number, tags
        response = client.get(f"{API}tags/?format={form}")
    assert response.content.decode().count("latency") == item_count


def test_tags_are_filtered_and_ordered(client, accept):
    broad = ConceptFactory(slug="latency")
    narrow = ConceptFactory(slug="pruning", broader=broad)
    first, second = PaperFactory(), PaperFactory()
    accept(first, narrow)
    accept(second, broad)

    def tags(query):
        found = client.get(f"{API}tags/?{query}").json()["results"]
        return [(tag["paper"], tag["concept"], tag["direct"]) for tag in found]

    assert tags("concept=latency&ordering=created_at") == [
        (first.arxiv_id, "latency", False),
        (second.arxiv_id, "latency", True),
    ]
    assert tags(f"paper={first.arxiv_id}v2&direct=true") == [(first.arxiv_id, "pruning", True)]
    assert client.get(f"{API}tags/?concept=nowhere").status_code == 400


@pytest.mark.parametrize("item_count", [1, 3])
def test_history_costs_the_same_at_any_length(
    client, db, django_assert_num_queries, item_count
):
    for number in range(item_count):
        Edition.objects.create(number=number, released_on=date(2025, 1, 1))
        ConceptChange.objects.create(
            concept=ConceptFactory(), actor="x", after={}, vocabulary_version=1
        )
    with django_assert_num_queries(1):
        editions = client.get(f"{API}editions/").json()["results"]
    with django_assert_num_queries(1):
        changes = client.get(f"{API}changes/").json()["results"]
    assert (len(editions), len(changes)) == (item_count, item_count)


def test_changes_of_one_concept(client, db):
    concept, other = ConceptFactory(slug="latency"), ConceptFactory()
    for one in (concept, other):
        ConceptChange.objects.create(concept=one, actor="x", after={}, vocabulary_version=1)
    found = client.get(f"{API}changes/?concept=latency").json()["results"]
    assert [change["concept"] for change in found] == ["latency"]


@pytest.mark.parametrize("item_count", [1, 3])
def test_numbers_cost_the_same_at_any_length(
    client, accept, django_assert_num_queries, item_count
):
    for _ in range(item_count):
        accept(
            PaperFactory(published_at=timezone.now()),
            ConceptFactory(),
            DomainFactory(),
        )
    vocabulary.current()
    with django_assert_num_queries(2):
        trends = client.get(f"{API}stats/trends/").json()
    with django_assert_num_queries(2):
        matrix = client.get(f"{API}stats/matrix/").json()
    assert len(trends["series"]) == 2 * item_count
    assert len(matrix["cells"]) == item_count


def test_trends_and_matrix_say_what_the_counters_say(client, accept):
    challenge, domain = ConceptFactory(slug="latency"), DomainFactory(slug="chatbots")
    accept(PaperFactory(published_at=timezone.now()), challenge, domain)
    trends = client.get(f"{API}stats/trends/?months=2&kind=challenge").json()
    assert trends["months"] == [day.isoformat() for day in counts.last_months(2)]
    assert trends["series"] == [{"concept": "latency", "kind": "challenge", "papers": [0, 1]}]
    matrix = client.get(f"{API}stats/matrix/").json()
    assert matrix["cells"] == [{"challenge": "latency", "domain": "chatbots", "papers": 1}]
    later = client.get(f"{API}stats/matrix/?since=2099-01-01").json()
    assert (later["since"], later["cells"]) == ("2099-01-01", [])


def test_one_concept_without_papers_has_a_trend_of_zeros(client, db):
    ConceptFactory(slug="latency")
    trends = client.get(f"{API}stats/trends/?months=2&concept=latency").json()
    assert trends["series"] == [{"concept": "latency", "kind": "challenge", "papers": [0, 0]}]


@pytest.mark.parametrize("form", ["csv", "ndjson", "bibtex", "ris", "jsonld"])
def test_an_export_holds_every_paper_once(client, db, monkeypatch, form):
    monkeypatch.setattr("taxonomy.interchange.papers.CHUNK", 2)
    made = [paper.arxiv_id for paper in PaperFactory.create_batch(5)]
    response = client.get(f"{API}export/papers/?format={form}")
    text = body_of(response)
    assert response["Content-Disposition"].startswith('attachment; filename="kadai-papers.')
    assert [text.count(f"arxiv.org/abs/{arxiv_id}") for arxiv_id in made] == [1] * 5


def test_an_export_of_papers_takes_the_filters_of_the_list(client, accept):
    PaperFactory()
    wanted = PaperFactory()
    accept(wanted, ConceptFactory(slug="latency"))
    text = body_of(client.get(f"{API}export/papers/?format=csv&challenge=latency"))
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["arxiv_id"], row["challenges"]) == (wanted.arxiv_id, "latency")
    assert client.get(f"{API}export/papers/?challenge=nowhere").status_code == 400


def test_exports_of_tags_and_concepts(client, accept):
    accept(PaperFactory(arxiv_id="2501.00001"), ConceptFactory(slug="latency"))
    DomainFactory(slug="chatbots")
    (tag,) = body_of(client.get(f"{API}export/tags/")).splitlines()
    assert json.loads(tag)["concept"] == "latency"
    rows = body_of(client.get(f"{API}export/challenges/?format=csv"))
    assert [row["slug"] for row in csv.DictReader(io.StringIO(rows))] == ["latency"]
    turtle = body_of(client.get(f"{API}export/domains/?format=skos-ttl"))
    assert "<http://testserver/domains/chatbots/>\n    a skos:Concept" in turtle
    graph = json.loads(body_of(client.get(f"{API}export/concepts/?format=jsonld")))["@graph"]
    assert sum(node.get("@type") == ["skos:Concept"] for node in graph) == 2


def test_the_api_begins_with_what_there_is(client, db):
    found = client.get(API).json()
    assert found["papers"] == "http://testserver/api/v1/papers/"
    assert {client.get(url).status_code for url in found.values()} == {200, 401}


def test_the_description_is_whole(client, db):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    response = client.get(f"{API}schema/", headers={"accept": "application/json"})
    described = response.json()
    assert described["openapi"].startswith("3.1")
    for path in ("papers/", "suggest/", "runs/", "papers/{arxiv_id}/decisions/"):
        assert f"{API}{path}" in described["paths"]


def test_no_query_gets_into_the_headers_of_the_description(client, db):
    response = client.get(f"{API}schema/?version=2%0d%0aX-Made-Up:%201")
    assert response.status_code == 200
    assert response["Content-Disposition"] == client.get(f"{API}schema/")["Content-Disposition"]


def test_answers_are_as_described(client, accept):
    accept(PaperFactory(), ConceptFactory(), DomainFactory())
    described = client.get(f"{API}schema/", headers={"accept": "application/json"}).json()
    for path in ("papers/", "concepts/", "tags/", "stats/trends/", "stats/matrix/"):
        operation = described["paths"][API + path]["get"]
        content = operation["responses"]["200"]["content"]["application/json"]
        schema = {**content["schema"], "components": described["components"]}
        Draft202012Validator(schema).validate(client.get(API + path).json())


def test_the_documentation_names_every_call_and_every_link_leads_somewhere(client, db):
    page = client.get("/api/docs/").content.decode()
    described = client.get(f"{API}schema/", headers={"accept": "application/json"}).json()
    for path in described["paths"]:
        assert f"<code>{path}</code>" in page
    anchors = set(re.findall(r' id="([\w-]+)"', page))
    assert set(re.findall(r'href="#([\w-]+)"', page)) <= anchors


def test_the_description_says_of_each_call_whom_it_is_for(client, db):
    described = client.get(f"{API}schema/", headers={"accept": "application/json"}).json()
    calls = {
        (path.removeprefix(API), method): (call["x-for"], {} in call["security"])
        for path, methods in described["paths"].items()
        for method, call in methods.items()
    }
    assert calls["papers/", "get"] == ("everybody", True)
    assert calls["papers/{arxiv_id}/decisions/", "get"] == ("everybody", True)
    assert calls["papers/{arxiv_id}/decisions/", "post"] == ("curators", False)
    assert calls["papers/{arxiv_id}/comments/", "post"] == ("accounts", False)
    assert calls["inbox/", "get"] == ("accounts", False)
