"""One's inbox, by program."""

import uuid

import pytest
from django.test import Client

from taxonomy import people, vocabulary
from taxonomy.models import Notice
from taxonomy.talk import comments, following, gathering
from taxonomy.talk.following import Target
from tests.factories import ConceptFactory, PaperFactory, UserFactory
from tests.taxonomy.api.conftest import API
from tests.taxonomy.talk.test_gathering import accept
from tests.taxonomy.talk.together import at_once

INBOX = f"{API}inbox/"
JSON = "application/json"


@pytest.fixture
def token(bearer):
    return bearer("curate")


@pytest.fixture
def paper(db):
    return PaperFactory(arxiv_id="2501.00001", title="Some paper")


def tell(curator, paper, count=1):
    """The curator's inbox gets so many comments on a paper that they follow."""
    following.follow(curator, Target(paper=paper.pk))
    bo = UserFactory(username="bo")
    made = [comments.write(bo, f"Word {n}.", uuid.uuid4(), paper=paper.pk)
            for n in range(count)]  # fmt: skip
    gathering.gather()
    return made


def ids(client, token, query=""):
    listed = client.get(f"{INBOX}{query}", headers=token).json()["results"]
    return [one["id"] for one in listed]


def test_what_happened_is_told_in_words_and_by_number(client, token, curator, paper):
    concept = ConceptFactory(slug="latency", label="Latency")
    (comment,) = tell(curator, paper)
    decision = accept(paper, concept, UserFactory())
    gathering.gather()
    told, first = client.get(INBOX, headers=token).json()["results"]
    at = Notice.objects.order_by("pk").first()
    assert first == {
        "id": at.pk,
        "kind": "comment",
        "what": "bo commented",
        "title": "Some paper",
        "excerpt": "Word 0.",
        "page": f"http://testserver/comments/{comment.pk}/",
        "paper": "2501.00001",
        "concept": None,
        "decision": None,
        "comment": comment.pk,
        "version": None,
        "at": first["at"],
        "read_at": None,
    }
    assert (told["what"], told["decision"]) == ("Accepted for Latency", decision.pk)
    assert told["page"] == "http://testserver/papers/2501.00001/"


def test_words_come_in_the_language_that_is_asked_for(client, token, curator, paper):
    tell(curator, paper)
    answer = client.get(INBOX, headers=token | {"accept-language": "ja"})
    (told,) = answer.json()["results"]
    assert told["what"] == "bo がコメントしました"
    assert told["page"].startswith("http://testserver/comments/")


def test_one_and_then_all_up_to_one_are_marked_as_read(client, token, curator, paper):
    tell(curator, paper, 4)
    newest, second, third, oldest = ids(client, token)
    one = client.post(f"{INBOX}{third}/read/", headers=token)
    assert one.json() == {"marked": 1, "unread": 3}
    again = client.post(f"{INBOX}{third}/read/", headers=token)
    assert again.json() == {"marked": 0, "unread": 3}
    upto = client.post(f"{INBOX}read/", {"until": second}, content_type=JSON, headers=token)
    assert upto.json() == {"marked": 2, "unread": 1}
    assert ids(client, token, "?unread=1") == [newest]
    assert ids(client, token, "?unread=0") == [second, third, oldest]


@pytest.mark.parametrize("body", [{}, {"until": 0}, {"until": "x"}, {"until": 2**63}])
def test_up_to_what_must_be_said(client, token, body):
    answer = client.post(f"{INBOX}read/", body, content_type=JSON, headers=token)
    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["#/until"]


def test_nobody_reads_or_marks_the_inbox_of_another(client, bearer, curator, paper):
    tell(curator, paper)
    other = bearer("curate", user=people.open_account("other"))
    assert ids(client, other) == []
    notice = Notice.objects.get()
    assert client.post(f"{INBOX}{notice.pk}/read/", headers=other).status_code == 404
    body = {"until": notice.pk}
    answer = client.post(f"{INBOX}read/", body, content_type=JSON, headers=other)
    assert answer.json() == {"marked": 0, "unread": 0}
    assert Notice.objects.filter(read_at__isnull=True).count() == 1


def test_a_token_that_reads_marks_nothing(client, bearer, curator, paper):
    tell(curator, paper)
    token = bearer("read")
    assert len(ids(client, token)) == 1
    assert (
        client.post(f"{INBOX}{Notice.objects.get().pk}/read/", headers=token).status_code == 403
    )


def test_pages_of_the_inbox_meet(client, token, curator, paper):
    tell(curator, paper, 5)
    found, address = [], f"{INBOX}?page_size=2"
    while address:
        page = client.get(address, headers=token).json()
        found += [one["id"] for one in page["results"]]
        address = page["next"]
    assert found == sorted(Notice.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_inbox_costs_the_same_at_any_length(
    client, token, curator, paper, django_assert_num_queries, item_count
):
    tell(curator, paper, item_count)
    client.get(INBOX, headers=token)
    vocabulary.current()
    with django_assert_num_queries(3):  # token, the vocabulary's number, page
        response = client.get(INBOX, headers=token)
    assert len(response.json()["results"]) == item_count


@pytest.mark.django_db(transaction=True)
def test_what_is_marked_four_times_at_once_is_marked_once(curator):
    tell(curator, PaperFactory(), 3)
    secret = people.issue_token(curator, "a script", "curate")
    token = {"authorization": f"Bearer {secret}"}
    newest = Notice.objects.order_by("pk").last().pk
    body = {"until": newest}
    answers = at_once(
        *[lambda: Client().post(f"{INBOX}read/", body, content_type=JSON, headers=token)] * 2,
        *[lambda: Client().post(f"{INBOX}{newest}/read/", headers=token)] * 2,
    )
    assert sum(answer.json()["marked"] for answer in answers) == 3
    curator.refresh_from_db()
    assert curator.unread == 0
