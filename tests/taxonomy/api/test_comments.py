"""Comments, by program."""

import uuid

import pytest
from django.test import Client

from taxonomy import people
from taxonomy.models import Comment, Mention
from taxonomy.people import Role
from taxonomy.people.limits import Limit
from taxonomy.talk import comments
from tests.factories import ConceptFactory, PaperFactory, UserFactory
from tests.taxonomy.api.conftest import API
from tests.taxonomy.talk.together import at_once

PAPER = f"{API}papers/2501.00001/comments/"
CONCEPT = f"{API}concepts/latency/comments/"
JSON = "application/json"


@pytest.fixture
def paper(db):
    return PaperFactory(arxiv_id="2501.00001")


@pytest.fixture
def ada(db):
    return people.give_role(UserFactory(username="ada"), Role.READER)


@pytest.fixture
def token(bearer, ada):
    return bearer("curate", user=ada)


def say(client, token, text="Some words.", path=PAPER, key=None):
    headers = token | ({"idempotency-key": key} if key else {})
    return client.post(path, {"text": text}, content_type=JSON, headers=headers)


def texts(client, path=PAPER, **headers):
    return [one["text"] for one in client.get(path, headers=headers).json()["results"]]


def test_a_comment_is_written_and_read_by_everybody(client, token, paper):
    bo = UserFactory(username="bo")
    made = say(client, token, "First, @bo.\r\n\r\nSecond.  ")
    assert made.status_code == 201
    comment = Comment.objects.get()
    assert made.json() == {
        "id": comment.pk,
        "author": "ada",
        "text": "First, @bo.\n\nSecond.",
        "created_at": made.json()["created_at"],
        "edited_at": None,
        "deleted": False,
        "hidden": False,
        "page": f"http://testserver/comments/{comment.pk}/",
    }
    assert client.get(PAPER).json()["results"] == [made.json()]
    assert client.get(f"{API}comments/{comment.pk}/").json() == made.json()
    assert Mention.objects.get().user == bo


def test_concepts_are_commented_on_as_well_the_oldest_first(client, token):
    ConceptFactory(slug="latency")
    for text in ("One.", "Two."):
        say(client, token, text, CONCEPT)
    assert texts(client, CONCEPT) == ["One.", "Two."]
    assert client.get(f"{API}concepts/nowhere/comments/").status_code == 404


def test_what_is_sent_again_with_its_key_is_said_once(client, token, paper):
    first, again = [say(client, token, key="monday") for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    PaperFactory(arxiv_id="2501.00002")
    elsewhere = say(client, token, path=PAPER.replace("00001", "00002"), key="monday")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "idempotency-key-reused")
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/text"),
        ({"text": " \n "}, "#/text"),
        ({"text": "x" * 4_001}, "#/text"),
        ({"text": "x", "hidden": True}, "#/hidden"),
    ],
)
def test_what_is_no_comment_is_named(client, token, paper, body, pointer):
    answer = client.post(PAPER, body, content_type=JSON, headers=token)
    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_only_its_author_changes_and_deletes_it(client, token, bearer, paper):
    other = bearer("curate", user=people.give_role(UserFactory(), Role.EDITOR))
    one = f"{API}comments/{say(client, token).json()['id']}/"
    body = {"text": "Other words."}
    for verb in (lambda: client.put(one, body, content_type=JSON, headers=other),
                 lambda: client.delete(one, headers=other)):  # fmt: skip
        refused = verb()
        assert (refused.status_code, refused.json()["code"]) == (409, "comment-closed")
    changed = client.put(one, body, content_type=JSON, headers=token)
    assert (changed.status_code, changed.json()["text"]) == (200, "Other words.")
    assert changed.json()["edited_at"] is not None
    assert client.delete(one, headers=token).status_code == 204
    gone = client.get(one).json()
    assert (gone["text"], gone["deleted"]) == (None, True)
    assert client.delete(f"{API}comments/999999/", headers=token).status_code == 404


def test_what_is_hidden_is_read_by_its_author_and_by_editors(client, token, bearer, paper):
    editor = people.give_role(UserFactory(username="ed"), Role.EDITOR)
    say(client, token, "Rude.")
    comments.hide(editor, Comment.objects.get().pk)
    readers = [{}, bearer(), bearer("read", user=editor), token]
    assert [texts(client, **one) for one in readers] == [[None], [None], ["Rude."], ["Rude."]]
    assert client.get(PAPER).json()["results"][0]["hidden"] is True


def test_who_writes_too_much_waits(client, token, paper, monkeypatch):
    limit = Limit(f"test {uuid.uuid4()}", tries=1, seconds=300)
    monkeypatch.setattr(comments, "WRITING", limit)
    assert say(client, token, key="a").status_code == 201
    assert say(client, token, key="a").status_code == 200
    refused = say(client, token, key="b")
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused["Retry-After"] == "301"


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_comments_cost_the_same_at_any_length(
    client, ada, paper, django_assert_num_queries, item_count
):
    for _ in range(item_count):
        comments.write(ada, "Words.", uuid.uuid4(), paper=paper.pk)
    with django_assert_num_queries(2):  # paper, page
        response = client.get(PAPER)
    assert len(response.json()["results"]) == item_count


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_four_times_at_once_is_said_once():
    ada = people.give_role(UserFactory(username="ada"), Role.READER)
    PaperFactory(arxiv_id="2501.00001")
    secret = people.issue_token(ada, "a script", "curate")
    token = {"authorization": f"Bearer {secret}"}
    answers = at_once(*[lambda: say(Client(), token, key="once")] * 4)
    assert {answer.json()["id"] for answer in answers} == {Comment.objects.get().pk}
