"""Concepts for programs."""

import pytest

from taxonomy import vocabulary
from taxonomy.models import Collection, Concept, Link
from tests.factories import ConceptFactory, DomainFactory, PaperFactory
from tests.taxonomy.api.conftest import API


def slugs(response):
    return [concept["slug"] for concept in response.json()["results"]]


@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.parametrize("path", ["challenges/", "concepts/"])
def test_a_list_of_concepts_costs_the_same_at_any_length(
    client, db, django_assert_num_queries, item_count, path
):
    made = ConceptFactory.create_batch(item_count)
    domain, paper = DomainFactory(), PaperFactory()
    for concept in made:
        link = Link.objects.create(challenge=concept, domain=domain)
        link.evidence.create(paper=paper)
    vocabulary.touch()
    vocabulary.current()
    with django_assert_num_queries(3):  # number, totals, evidence
        response = client.get(API + path)
    assert len(slugs(response)) == item_count + (path == "concepts/")


def test_a_concept_has_every_word_in_both_languages_and_its_place(client, accept):
    broad = ConceptFactory(slug="latency", label="Latency")
    narrow = ConceptFactory(slug="pruning", label="Pruning", broader=broad)
    domain = DomainFactory(slug="chatbots")
    group = Collection.objects.create(slug="design", position=1)
    group.members.add(broad)
    evidence = PaperFactory()
    link = Link.objects.create(challenge=broad, domain=domain)
    link.texts.create(language="en", text="Users wait.")
    link.evidence.create(paper=evidence)
    accept(PaperFactory(), narrow)
    vocabulary.touch()
    found = client.get(f"{API}challenges/latency/").json()
    assert found["labels"]["pref"] == {"en": ["Latency"], "ja": ["課題 Latency"]}
    assert set(found["texts"]["definition"]) == {"en", "ja"}
    assert (found["broader"], found["narrower"]) == (None, ["pruning"])
    assert (found["collections"], found["papers"]) == (["design"], 1)
    assert found["links"] == [
        {
            "challenge": "latency",
            "domain": "chatbots",
            "constraint": {"en": "Users wait."},
            "evidence": [evidence.arxiv_id],
        }
    ]


def test_challenges_are_the_top_ones_and_concepts_are_all(client, db):
    broad = ConceptFactory(slug="latency")
    ConceptFactory(slug="pruning", broader=broad)
    DomainFactory(slug="chatbots")
    assert slugs(client.get(f"{API}challenges/")) == ["latency"]
    assert slugs(client.get(f"{API}domains/")) == ["chatbots"]
    assert set(slugs(client.get(f"{API}concepts/"))) == {"latency", "pruning", "chatbots"}
    assert slugs(client.get(f"{API}concepts/?kind=challenge&top=false")) == ["pruning"]


def test_a_retired_concept_names_its_successor(client, db):
    new = ConceptFactory(slug="new")
    old = ConceptFactory(slug="old")
    Concept.objects.filter(pk=old.pk).update(deprecated=True, replaced_by=new)
    vocabulary.touch()
    found = client.get(f"{API}concepts/old/").json()
    assert (found["deprecated"], found["replaced_by"]) == (True, "new")
    assert slugs(client.get(f"{API}challenges/")) == ["new"]
    assert slugs(client.get(f"{API}concepts/?deprecated=true")) == ["old"]


def test_a_concept_is_found_under_its_own_kind_only(client, db):
    ConceptFactory(slug="latency")
    assert client.get(f"{API}domains/latency/").status_code == 404
    assert client.get(f"{API}concepts/latency/").status_code == 200


def test_pages_of_concepts_hold_each_once_in_both_directions(client, db):
    made = [concept.slug for concept in ConceptFactory.create_batch(5)]
    url, forth = f"{API}challenges/?page_size=2", []
    while url:
        page = client.get(url).json()
        forth.append([concept["slug"] for concept in page["results"]])
        last, url = page, page["next"]
    assert forth == [made[:2], made[2:4], made[4:]]
    back = client.get(last["previous"]).json()
    assert [concept["slug"] for concept in back["results"]] == made[2:4]
    assert client.get(back["previous"]).json()["previous"] is None


@pytest.mark.parametrize(
    ("accepted", "start"),
    [
        ("text/turtle", "@prefix "),
        ("application/ld+json", '{"@context"'),
        ("text/csv", "slug,kind,"),
        ("application/x-ndjson", '{"slug":"latency"'),
    ],
)
def test_a_concept_comes_in_the_form_that_is_accepted(client, db, accepted, start):
    ConceptFactory(slug="latency")
    response = client.get(f"{API}concepts/latency/", headers={"accept": accepted})
    assert response["Content-Type"].partition(";")[0] == accepted
    assert response.content.decode().startswith(start)


def test_addresses_do_not_depend_on_the_language_of_the_caller(client, db):
    ConceptFactory(slug="latency")
    pages = {
        client.get(f"{API}concepts/latency/", headers={"accept-language": code}).json()["page"]
        for code in ("en", "ja")
    }
    assert pages == {"http://testserver/challenges/latency/"}
