"""The page of a candidate, and what people say of it."""

import uuid

import pytest
from django.urls import reverse

from ingest.models import ConceptCandidate
from ingest.suggest import discovery
from ingest.suggest.topics import find, key_of, name_of, phrase_of
from taxonomy import curation, people
from taxonomy.curation import Actor
from taxonomy.models import Comment, Follow, Notice
from taxonomy.people import Role
from taxonomy.talk import comments, gathering, topics
from tests.factories import ConceptFactory, PaperFactory, UserFactory
from tests.taxonomy.api.conftest import API
from tests.taxonomy.talk.test_gathering import told

pytestmark = pytest.mark.django_db

PHRASE = "dream gardens"
PAGE = "/insights/candidates/dream_gardens/"
TALK = f"{PAGE}comments/"


@pytest.fixture
def gardens():
    return ConceptCandidate.objects.create(
        phrase=PHRASE, others=["walled gardens"], position=1, papers=9, recent=300, growth=2.5
    )


@pytest.fixture
def ada():
    return people.give_role(UserFactory(username="ada"), Role.READER)


def say(author, text="Some words.", phrase=PHRASE):
    return comments.write(author, text, uuid.uuid4(), topic=key_of(phrase))


def test_its_address_has_its_phrase():
    assert (name_of("pre-training data gap"), phrase_of("pre-training_data_gap")) == (
        "pre-training_data_gap", "pre-training data gap",
    )  # fmt: skip
    assert find(PHRASE).url == PAGE


def test_everyone_reads_where_it_is_frequent_and_in_which_papers(client, gardens, curator):
    concept = ConceptFactory(slug="latency", label="Latency")
    for number in range(3):
        paper = PaperFactory(title=f"Dream gardens {number}", categories=["cs.CL", "cs.AI"])
        curation.decide(
            paper=paper, concept=concept, verdict="accept", actor=Actor.person(curator)
        )
    PaperFactory(title="Gardens of a dream", categories=["cs.CV"])
    page = client.get(PAGE)
    assert "9 of the last 300 papers name it" in page.text
    assert "walled gardens" in page.text
    around = page.context["surroundings"]
    assert (around.papers, around.categories) == (3, [("cs.CL", 3)])
    assert [(one.term.slug, one.papers) for one in around.terms] == [("latency", 3)]
    titles = [line.paper.title for line in page.context["lines"]]
    assert titles == [f"Dream gardens {number}" for number in (2, 1, 0)]


def test_it_says_what_editors_made_of_it_and_they_judge_it_there(client, gardens, keeper):
    assert "Nothing yet." in client.get(PAGE).text
    client.force_login(keeper)
    judge = reverse("ingest:judge-candidate", args=[gardens.pk])
    answer = client.post(judge, {"dismissed": "on", "page": "1"})
    assert answer.url == PAGE
    assert "Not a concept, says keeper" in client.get(PAGE).text
    client.post(judge, {"dismissed": "off", "page": "1"})
    assert "Nothing yet." in client.get(PAGE).text


@pytest.mark.parametrize("path", ["no_such_thing/", "no_such_thing/comments/", "%00/"])
def test_what_was_never_a_candidate_has_no_page(client, path):
    assert client.get(f"/insights/candidates/{path}").status_code == 404


def test_a_comment_is_written_on_its_page_and_calls_people(client, gardens, ada):
    bo = UserFactory(username="bo")
    client.force_login(ada)
    key = uuid.uuid4()
    for _ in range(2):  # the button pressed twice
        answer = client.post(TALK, {"text": "A concept, @bo?", "key": key})
    comment = Comment.objects.get()
    assert answer.url == f"/comments/{comment.pk}/"
    assert (comment.topic, comment.paper, comment.concept) == (key_of(PHRASE), None, None)
    assert client.get(answer.url).url == f"{TALK}?before={comment.pk + 1}#comment-{comment.pk}"
    for path in (PAGE, TALK):
        assert "A concept, " in client.get(path).text
    assert client.get(f"{TALK}?part=count").text == "1"
    assert gathering.gather() == 1
    assert told(bo) == [("ada mentioned you", PHRASE)]
    client.force_login(bo)
    assert PHRASE in client.get("/inbox/").text


def test_comments_on_one_phrase_are_not_those_of_another(client, gardens, ada):
    say(ada, "On gardens.")
    say(ada, "On boats.", "glass boats")
    comments.write(ada, "On a paper.", uuid.uuid4(), paper=PaperFactory().pk)
    assert [line.row.text for line in client.get(PAGE).context["talk"].lines] == ["On gardens."]


def test_a_comment_is_edited_deleted_and_hidden_like_any_other(client, gardens, ada):
    first, second = say(ada), say(ada)
    client.force_login(ada)
    client.post(f"/comments/{first.pk}/edit/", {"text": "Other words."})
    assert "Other words." in client.get(TALK).text
    client.post(f"/comments/{first.pk}/delete/")
    assert "Deleted by its author." in client.get(TALK).text
    client.force_login(people.give_role(UserFactory(), Role.EDITOR))
    client.post(f"/comments/{second.pk}/hide/")
    client.logout()
    assert "Hidden by an editor." in client.get(TALK).text


def test_what_was_said_outlives_the_candidate(client, gardens, ada):
    say(ada, "Keep this.")
    assert discovery.look() == 0
    assert not ConceptCandidate.objects.exists()
    page = client.get(PAGE).text
    assert "It is no longer found among recent papers" in page
    assert "Keep this." in page


def test_its_words_are_followed_as_a_search(client, gardens, ada):
    client.force_login(ada)
    page = client.get(PAGE)
    follow = page.context["follow"]
    client.post("/following/follow/", {"search": follow.value, "back": PAGE})
    assert Follow.objects.get().search == "q=%22dream+gardens%22"
    PaperFactory(title="Dream gardens again")
    gathering.gather()
    assert [title for _what, title in told(ada)] == ["Dream gardens again"]


def test_the_list_says_how_many_comments_stand(client, gardens, ada):
    say(ada)
    comments.delete(ada, say(ada).pk)
    assert "1 comment<" in client.get("/insights/candidates/").text


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_costs_the_same_however_many(
    client, gardens, ada, count, curator, django_assert_num_queries
):
    for number in range(count):
        paper, concept = PaperFactory(title=f"Dream gardens {number}"), ConceptFactory()
        curation.decide(
            paper=paper, concept=concept, verdict="accept", actor=Actor.person(curator)
        )
        say(ada)
    client.get(PAGE)
    # candidate, vocabulary, papers, tags around and tags of lines, comments
    with django_assert_num_queries(6):
        page = client.get(PAGE)
    assert len(page.context["lines"]) == len(page.context["talk"].lines) == count


def test_comments_come_and_go_by_program(client, gardens, ada):
    path = f"{API}candidates/dream_gardens/comments/"
    token = {"authorization": f"Bearer {people.issue_token(ada, 'x', 'curate')}"}
    assert client.post(path, {"text": "x"}, "application/json").status_code == 401
    headers = {**token, "idempotency-key": "k"}
    made = [
        client.post(path, {"text": "By program."}, "application/json", headers=headers)
        for _ in range(2)
    ]
    assert [one.status_code for one in made] == [201, 200]
    assert [one["text"] for one in client.get(path).json()["results"]] == ["By program."]
    other = client.post(
        f"{API}candidates/no_such/comments/", {"text": "x"}, "application/json", headers=token
    )
    assert other.status_code == 404
    concept = ConceptFactory(slug="latency")
    reused = client.post(
        f"{API}concepts/{concept.slug}/comments/", {"text": "x"}, "application/json",
        headers=headers,
    )  # fmt: skip
    assert reused.json()["code"] == "idempotency-key-reused"


def test_a_notice_by_program_is_about_no_concept(client, gardens, ada):
    bo = people.give_role(UserFactory(username="bo"), Role.READER)
    say(ada, "Look, @bo.")
    gathering.gather()
    token = {"authorization": f"Bearer {people.issue_token(bo, 'x', 'read')}"}
    [told_of] = client.get(f"{API}inbox/", headers=token).json()["results"]
    assert (told_of["title"], told_of["paper"], told_of["concept"]) == (PHRASE, None, None)
    assert Notice.objects.count() == 1


def test_of_an_app_that_is_off_the_name_is_left():
    assert topics.topic_of("unheard:of it").title == "of it"
