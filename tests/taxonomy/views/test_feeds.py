"""Feeds of newest papers."""

from xml.etree import ElementTree

import pytest

from taxonomy import curation, vocabulary
from taxonomy.curation import Actor
from tests.factories import ConceptFactory, DomainFactory, PaperFactory

ATOM = "{http://www.w3.org/2005/Atom}"


def tagged(curator, concept):
    paper = PaperFactory()
    curation.decide(paper=paper, concept=concept, verdict="accept", actor=Actor.person(curator))
    return paper


def entries(response):
    root = ElementTree.fromstring(response.content)
    return [entry.find(f"{ATOM}id").text for entry in root.iter(f"{ATOM}entry")]


@pytest.mark.parametrize("item_count", [1, 3])
def test_feeds_cost_the_same_at_any_length(
    client, curator, django_assert_num_queries, item_count
):
    concept = ConceptFactory(slug="latency")
    for _ in range(item_count):
        tagged(curator, concept)
    vocabulary.current()
    with django_assert_num_queries(1):
        assert len(entries(client.get("/feeds/papers/"))) == item_count
    with django_assert_num_queries(2):
        assert len(entries(client.get("/feeds/challenges/latency/"))) == item_count


def test_a_feed_of_a_concept_has_its_papers_only(client, curator):
    domain = DomainFactory(slug="chatbots")
    paper = tagged(curator, domain)
    PaperFactory()
    found = entries(client.get("/feeds/domains/chatbots/"))
    assert found == [f"tag:testserver,2026:paper/{paper.arxiv_id}"]
    assert client.get("/feeds/challenges/chatbots/").status_code == 404


def test_a_feed_names_itself_and_its_page_in_both_languages(client, db):
    ConceptFactory(slug="latency")
    for prefix, language in (("", "en"), ("/ja", "ja")):
        response = client.get(f"{prefix}/feeds/challenges/latency/")
        root = ElementTree.fromstring(response.content)
        links = {link.get("rel"): link.get("href") for link in root.iter(f"{ATOM}link")}
        assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == language
        assert links["self"] == f"http://testserver{prefix}/feeds/challenges/latency/"
        assert links["alternate"] == f"http://testserver{prefix}/challenges/latency/"


def test_a_feed_that_has_not_changed_is_not_sent_again(client, db):
    PaperFactory()
    etag = client.get("/feeds/papers/")["ETag"]
    known = {"if-none-match": etag}
    assert client.get("/feeds/papers/", headers=known).status_code == 304
    PaperFactory()
    assert client.get("/feeds/papers/", headers=known).status_code == 200


def test_the_page_of_a_concept_names_its_feed(client, db):
    ConceptFactory(slug="latency")
    page = client.get("/challenges/latency/", headers={"accept-language": "en"})
    assert b'type="application/atom+xml"' in page.content
    assert page.content.count(b'href="/feeds/challenges/latency/"') == 2
