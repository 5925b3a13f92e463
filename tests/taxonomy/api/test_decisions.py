"""Curators decide by program."""

import threading

import pytest
from django.db import connection
from django.test import Client

from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import ConceptMonth, Decision, Tag
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    UserFactory,
)
from tests.taxonomy.api.conftest import API


def url_of(paper):
    return f"{API}papers/{paper.arxiv_id}/decisions/"


def post(client, paper, headers, **body):
    return client.post(url_of(paper), body, content_type="application/json", headers=headers)


@pytest.fixture
def paper(db):
    return PaperFactory()


@pytest.fixture
def latency(db):
    return ConceptFactory(slug="latency")


def test_a_decision_becomes_a_tag(client, bearer, paper, latency):
    response = post(
        client, paper, bearer(), concept="latency", verdict="accept", note="Clearly."
    )
    assert response.status_code == 201
    found = response.json()
    assert (found["concept"], found["verdict"], found["actor"], found["note"]) == (
        "latency",
        "accept",
        "curator",
        "Clearly.",
    )
    papers = client.get(f"{API}papers/?challenge=latency").json()["results"]
    assert [one["arxiv_id"] for one in papers] == [paper.arxiv_id]


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_trail_costs_the_same_at_any_length(
    client, curator, paper, django_assert_num_queries, item_count
):
    for _ in range(item_count):
        decision = curation.decide(
            paper=paper, concept=ConceptFactory(), verdict="accept", actor=Actor.person(curator)
        )
        curation.revert(decision=decision, actor=Actor.person(curator))
    client.get(url_of(paper))  # the vocabulary is read
    with django_assert_num_queries(4):  # paper, number, last decision, trail
        response = client.get(url_of(paper))
    assert len(response.json()["results"]) == 2 * item_count


def test_who_may_not_decide(client, bearer, paper, latency, reader, curator):
    body = {"concept": "latency", "verdict": "accept"}
    nobody = post(client, paper, {}, **body)
    assert (nobody.status_code, nobody["WWW-Authenticate"]) == (401, 'Bearer realm="kadai"')
    assert post(client, paper, bearer("read"), **body).status_code == 403
    assert post(client, paper, bearer("curate", reader), **body).status_code == 403
    assert post(client, paper, bearer("admin"), **body).status_code == 201


def test_a_browser_needs_its_csrf_token(curator, paper, latency):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(curator)
    body = {"concept": "latency", "verdict": "accept"}
    assert post(browser, paper, {}, **body).status_code == 403
    page = browser.get("/admin/login/")
    headers = {"x-csrftoken": str(page.context["csrf_token"])}
    assert post(browser, paper, headers, **body).status_code == 201


def test_a_repeated_call_decides_once(client, bearer, paper, latency):
    headers = {**bearer(), "idempotency-key": "once"}
    first = post(client, paper, headers, concept="latency", verdict="accept")
    again = post(client, paper, headers, concept="latency", verdict="accept")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Decision.objects.count() == 1
    other = post(client, paper, headers, concept="latency", verdict="reject")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


def test_a_repeated_call_is_answered_although_the_state_has_moved(
    client, bearer, paper, latency
):
    etag = client.get(f"{API}papers/{paper.arxiv_id}/")["ETag"]
    headers = {**bearer(), "idempotency-key": "once", "if-match": etag}
    first = post(client, paper, headers, concept="latency", verdict="accept")
    again = post(client, paper, headers, concept="latency", verdict="accept")
    assert (first.status_code, again.status_code) == (201, 200)


def test_if_match_refuses_who_read_an_older_state(client, bearer, curator, paper, latency):
    etag = client.get(f"{API}papers/{paper.arxiv_id}/")["ETag"]
    curation.decide(
        paper=paper, concept=ConceptFactory(), verdict="accept", actor=Actor.person(curator)
    )
    headers = {**bearer(), "if-match": etag}
    late = post(client, paper, headers, concept="latency", verdict="accept")
    assert (late.status_code, late.json()["code"]) == (412, "state-changed")
    weak = "W/" + client.get(url_of(paper))["ETag"]
    headers = {**bearer(), "if-match": weak}
    in_time = post(client, paper, headers, concept="latency", verdict="accept")
    assert in_time.status_code == 201
    headers = {**bearer(), "if-match": in_time["ETag"]}
    assert post(client, paper, headers, concept="latency", verdict="reject").status_code == 201


def test_a_decision_is_taken_back_by_its_number(client, bearer, paper, latency):
    made = post(client, paper, bearer(), concept="latency", verdict="accept").json()
    back = post(client, paper, bearer(), reverts=made["id"])
    assert (back.status_code, back.json()["verdict"]) == (201, "retract")
    assert not Tag.objects.exists()
    again = post(client, paper, bearer(), reverts=made["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already-reverted")
    trail = client.get(url_of(paper)).json()["results"]
    assert [step["reverted_by"] for step in trail] == [None, back.json()["id"]]


def test_only_ones_own_decision_is_taken_back(client, bearer, paper, latency):
    made = post(client, paper, bearer(), concept="latency", verdict="accept").json()
    other = CuratorFactory()
    refused = post(client, paper, bearer("curate", other), reverts=made["id"])
    assert refused.status_code == 403
    assert Tag.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"#/concept", "#/verdict"}),
        ({"concept": "nowhere", "verdict": "accept"}, {"#/concept"}),
        ({"concept": "latency", "verdict": "retract"}, {"#/verdict"}),
        ({"concept": "latency", "verdict": "accept", "why": "x"}, {"#/why"}),
        ({"concept": "latency", "verdict": "accept", "reason": "bored"}, {"#/reason"}),
        ({"reverts": 1, "verdict": "accept"}, {"#/verdict"}),
        ({"reverts": 999}, {"#/reverts"}),
        ({"reverts": 2**70}, {"#/reverts"}),
        ({"concept": "lat\x00ency", "verdict": "accept"}, {"#/concept"}),
    ],
)
def test_a_body_that_makes_no_sense_is_pointed_at(
    client, bearer, paper, latency, body, pointers
):
    response = post(client, paper, bearer(), **body)
    found = response.json()
    assert (response.status_code, found["code"]) == (400, "invalid")
    assert {error["pointer"] for error in found["errors"]} == pointers


def test_a_retired_concept_takes_no_decision(client, bearer, paper):
    ConceptFactory(slug="old", deprecated=True)
    response = post(client, paper, bearer(), concept="old", verdict="accept")
    assert (response.status_code, response.json()["code"]) == (409, "concept-deprecated")


@pytest.mark.parametrize("key", ["", "x" * 81])
def test_a_key_has_a_length(client, bearer, paper, latency, key):
    headers = {**bearer(), "idempotency-key": key}
    assert post(client, paper, headers, concept="latency", verdict="accept").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_with_one_key_decide_once(bearer):
    paper, concept = PaperFactory(), ConceptFactory(slug="latency")
    headers = {**bearer(), "idempotency-key": "once"}
    assert _both(paper, headers) == [200, 201]
    assert Decision.objects.count() == Tag.objects.count() == 1
    assert ConceptMonth.objects.get(concept=concept).papers == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_calls_at_once_on_one_state_one_is_refused(client, bearer):
    paper = PaperFactory()
    ConceptFactory(slug="latency")
    etag = client.get(f"{API}papers/{paper.arxiv_id}/")["ETag"]
    assert _both(paper, {**bearer(), "if-match": etag}) == [201, 412]


def _both(paper, headers):
    """The statuses of the same call from two threads, sorted."""
    barrier, statuses = threading.Barrier(2), []

    def call():
        barrier.wait()
        response = post(Client(), paper, headers, concept="latency", verdict="accept")
        statuses.append(response.status_code)
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def test_the_next_paper_is_leased_with_its_suggestions(client, bearer, curator):
    suggestion = SuggestionFactory()
    url = f"{API}review/next/"
    first = client.get(url, headers=bearer())
    found = first.json()
    assert found["paper"]["arxiv_id"] == suggestion.paper.arxiv_id
    assert [one["concept"] for one in found["suggestions"]] == [suggestion.concept.slug]
    assert client.get(url, headers=bearer()).json()["paper"] == found["paper"]
    other = client.get(url, headers=bearer("curate", CuratorFactory()))
    assert (other.status_code, other.content) == (204, b"")
    headers = {**bearer(), "if-match": first["ETag"]}
    decided = post(
        client, suggestion.paper, headers, concept=suggestion.concept.slug, verdict="accept"
    )
    assert decided.status_code == 201


def test_the_queue_is_for_curators(client, bearer, db):
    ScreeningFactory()
    assert client.get(f"{API}review/next/").status_code == 401
    headers = bearer("curate", UserFactory())
    assert client.get(f"{API}review/next/", headers=headers).status_code == 403


def test_the_next_paper_comes_in_the_order_that_is_asked_for(client, bearer):
    ScreeningFactory(priority=0.9)
    uncertain = ScreeningFactory(uncertainty=0.9)
    url = f"{API}review/next/"
    assert client.get(f"{url}?order=sideways", headers=bearer()).status_code == 400
    found = client.get(f"{url}?order=uncertain", headers=bearer()).json()
    assert found["paper"]["arxiv_id"] == uncertain.paper.arxiv_id
