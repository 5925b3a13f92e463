"""What one follows, by program."""

import pytest
from django.test import Client

from taxonomy import people, vocabulary
from taxonomy.models import Follow
from taxonomy.talk import following
from taxonomy.talk.following import Target
from tests.factories import ConceptFactory, DomainFactory, PaperFactory, UserFactory
from tests.taxonomy.api.conftest import API
from tests.taxonomy.talk.together import at_once

FOLLOWING = f"{API}following/"
JSON = "application/json"


@pytest.fixture
def token(bearer):
    """The header of a token that may follow."""
    return bearer("curate")


def follow(client, token, **body):
    return client.post(FOLLOWING, body, content_type=JSON, headers=token)


def errors_of(response):
    assert response.status_code == 400
    return {one["pointer"] for one in response.json()["errors"]}


def test_a_concept_a_paper_and_a_search_are_followed_listed_and_let_go(client, token):
    ConceptFactory(slug="latency", label="Latency")
    PaperFactory(arxiv_id="2501.00001", title="Some paper")
    search = {"q": "  agents  that wait ", "challenge": "latency", "tagged": True, "year": 2024}
    made = [
        follow(client, token, concept="latency"),
        follow(client, token, paper="arXiv:2501.00001v2"),
        follow(client, token, search=search),
    ]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    listed = client.get(FOLLOWING, headers=token).json()["results"]
    assert listed == [answer.json() for answer in made[::-1]]
    assert [(one["concept"], one["paper"], one["search"], one["title"]) for one in listed] == [
        (None, None, search | {"q": "agents that wait"},
         "“agents that wait” · Latency · 2024 · On the map"),
        (None, "2501.00001", None, "Some paper"),
        ("latency", None, None, "Latency"),
    ]  # fmt: skip
    assert [one["page"].removeprefix("http://testserver") for one in listed] == [
        "/papers/?q=agents+that+wait&challenge=latency&year=2024&tagged=yes",
        "/papers/2501.00001/",
        "/challenges/latency/",
    ]
    one = f"{FOLLOWING}{listed[0]['id']}/"
    assert client.get(one, headers=token).json() == listed[0]
    assert client.delete(one, headers=token).status_code == 204
    assert client.delete(one, headers=token).status_code == 404
    assert client.get(one, headers=token).status_code == 404
    assert Follow.objects.count() == 2


def test_what_is_followed_already_is_answered_with_the_same_row(client, token, curator):
    on_the_page = following.follow(curator, Target(search="q=agents&category=cs.CL"))
    again = follow(client, token, search={"category": "cs.CL", "q": "agents"})
    assert (again.status_code, again.json()["id"]) == (200, on_the_page.pk)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"#"}),
        ({"concept": "some", "paper": "2501.00001"}, {"#"}),
        ({"concept": "nowhere"}, {"#/concept"}),
        ({"paper": "2501.99999"}, {"#/paper"}),
        ({"paper": "no id"}, {"#/paper"}),
        ({"everything": True}, {"#/everything"}),
        ({"search": {}}, {"#/search"}),
        ({"search": "q=agents"}, {"#/search"}),
        ({"search": {"published_after": "2024-01-01"}}, {"#/search/published_after"}),
        ({"search": {"challenge": "some-domain"}}, {"#/search/challenge"}),
        ({"search": {"year": "1999", "tagged": "perhaps"}},
         {"#/search/year", "#/search/tagged"}),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_named(client, token, body, pointers):
    ConceptFactory(slug="some"), DomainFactory(slug="some-domain"), PaperFactory()
    assert errors_of(follow(client, token, **body)) == pointers
    assert not Follow.objects.exists()


def test_too_many_searches_are_a_conflict(client, token, monkeypatch):
    monkeypatch.setattr(following, "MOST_SEARCHES", 0)
    answer = follow(client, token, search={"q": "agents"})
    assert (answer.status_code, answer.json()["code"]) == (409, "follows-too-much")


def test_nobody_sees_or_ends_what_another_follows(client, token):
    row = following.follow(UserFactory(), Target(search="q=agents"))
    assert client.get(FOLLOWING, headers=token).json()["results"] == []
    assert client.get(f"{FOLLOWING}{row.pk}/", headers=token).status_code == 404
    assert client.delete(f"{FOLLOWING}{row.pk}/", headers=token).status_code == 404


def test_a_token_that_reads_sees_what_its_owner_follows_and_changes_nothing(client, bearer):
    token = bearer("read")
    assert client.get(FOLLOWING, headers=token).status_code == 200
    refused = follow(client, token, search={"q": "agents"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission-denied")
    assert client.delete(f"{FOLLOWING}1/", headers=token).status_code == 403


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_list_costs_the_same_at_any_length(
    client, token, curator, django_assert_num_queries, item_count
):
    for _ in range(item_count):
        following.follow(curator, Target(paper=PaperFactory().pk))
        following.follow(curator, Target(concept=ConceptFactory().pk))
    client.get(FOLLOWING, headers=token)
    vocabulary.current()
    with django_assert_num_queries(3):  # token, page, the vocabulary's number
        response = client.get(FOLLOWING, headers=token)
    assert len(response.json()["results"]) == 2 * item_count


def test_pages_of_the_list_meet(client, token, curator):
    for _ in range(5):
        following.follow(curator, Target(paper=PaperFactory().pk))
    found, address = [], f"{FOLLOWING}?page_size=2"
    while address:
        page = client.get(address, headers=token).json()
        found += [one["id"] for one in page["results"]]
        address = page["next"]
    assert found == sorted(Follow.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_follow_at_once_both_hear_of_the_same_row(curator):
    paper = PaperFactory()
    secret = people.issue_token(curator, "a script", "curate")
    token = {"authorization": f"Bearer {secret}"}
    answers = at_once(*[lambda: follow(Client(), token, paper=paper.arxiv_id)] * 3)
    assert {answer.json()["id"] for answer in answers} == {Follow.objects.get().pk}
    one = f"{FOLLOWING}{Follow.objects.get().pk}/"
    ended = at_once(*[lambda: Client().delete(one, headers=token)] * 3)
    assert sorted(answer.status_code for answer in ended) == [204, 404, 404]
