"""Curators who are limited to some concepts, with everything narrower."""

import threading

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse

from taxonomy import batches, bulk, curation, people, queue, scopes
from taxonomy.curation import Actor
from taxonomy.errors import NotLimitable, OutsideScope
from taxonomy.models import Decision, PassedOver, Screening, Tag, User
from taxonomy.people import Role
from taxonomy.progress import progress
from taxonomy.selection import SuggestionFilter
from tests.factories import (
    ConceptFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def speed():
    return ConceptFactory(slug="speed")


@pytest.fixture
def pruning(speed):
    return ConceptFactory(slug="pruning", broader=speed)


@pytest.fixture
def law():
    return ConceptFactory(slug="law")


@pytest.fixture
def ada(speed, pruning):
    """A curator who decides on speed, and so on pruning."""
    return people.set_scope(curator("ada"), [speed.pk])


def curator(name):
    return people.give_role(UserFactory(username=name), Role.CURATOR)


def decide(paper, concept, user, verdict="accept", **values):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user), **values
    )


def waiting(*concepts, **values):
    paper = ScreeningFactory(**values).paper
    for concept in concepts:
        SuggestionFactory(paper=paper, concept=concept)
    return paper


def state(paper):
    return Screening.objects.get(paper=paper).state


# The verb


def test_a_limited_curator_decides_within_and_not_outside(ada, speed, pruning, law):
    paper = PaperFactory()
    assert decide(paper, speed, ada).verdict == "accept"
    assert decide(paper, pruning, ada, "reject").verdict == "reject"
    with pytest.raises(OutsideScope, match="Law is outside of the concepts"):
        decide(paper, law, ada)
    assert list(Tag.objects.values_list("concept__slug", flat=True)) == ["speed"]


def test_what_is_broader_than_the_limit_is_outside(speed, pruning):
    bo = people.set_scope(curator("bo"), [pruning.pk])
    with pytest.raises(OutsideScope):
        decide(PaperFactory(), speed, bo)


def test_nobody_else_is_asked_about_a_limit(speed, law, django_assert_num_queries):
    bo = curator("bo")
    with django_assert_num_queries(0):
        scopes.refuse_outside(bo, law)
        scopes.refuse_outside(None, law)


def test_a_repeated_request_is_answered_as_before_the_limit(speed, law):
    bo, paper = curator("bo"), PaperFactory()
    first = decide(paper, law, bo, idempotency_key="k")
    bo = people.set_scope(bo, [speed.pk])
    assert decide(paper, law, bo, idempotency_key="k") == first


def test_what_one_decided_before_the_limit_may_be_taken_back(speed, law):
    bo, paper = curator("bo"), PaperFactory()
    decide(paper, law, bo)
    people.set_scope(bo, [speed.pk])
    assert queue.undo_last(curator=User.objects.get(pk=bo.pk)) is not None
    assert not Tag.objects.exists()


def test_accept_all_leaves_open_what_is_outside(ada, speed, pruning, law):
    paper = waiting(speed, pruning, law)
    made = queue.decide_rest(paper=paper, verdict="accept", curator=ada)
    assert {one.concept for one in made} == {speed, pruning}
    assert (state(paper), len(curation.pending_suggestions(paper))) == ("waiting", 1)


ANY = SuggestionFilter(suggester="default-1")


def test_a_batch_is_about_what_is_within(ada, speed, pruning, law):
    waiting(speed, law)
    waiting(pruning)
    waiting(law)
    outlook, sample = batches.look_at_suggestions(ANY, ada)
    assert (outlook.count, outlook.papers, outlook.outside) == (2, 2, 2)
    assert {one.concept for one in sample} == {speed, pruning}
    batch = batches.begin_decisions(
        wanted=ANY, verdict="accept", user=ada, key="k", upto=outlook.upto
    )
    assert batch.expected == outlook.count
    batch = batches.go_on(batch)
    assert (batch.made, batch.passed) == (2, 0)
    assert {one.concept for one in Decision.objects.all()} == {speed, pruning}


def test_a_batch_of_somebody_limited_meanwhile_goes_on_within(ada, speed, law):
    bo = curator("bo")
    waiting(speed)
    waiting(law)
    batch = batches.begin_decisions(wanted=ANY, verdict="accept", user=bo, key="k")
    assert batch.expected == 2
    people.set_scope(bo, [speed.pk])
    assert batches.go_on(batch).made == 1
    assert Decision.objects.get().concept == speed


def test_the_verb_on_many_passes_over_what_is_outside(ada, speed, law):
    inside, outside = (SuggestionFactory(concept=one) for one in (speed, law))
    batch = batches.begin_decisions(wanted=ANY, verdict="accept", user=ada, key="k")
    made, [passed] = bulk.decide_many(
        [inside.pk, outside.pk], verdict="accept", actor=Actor.person(ada), batch=batch.pk
    )
    assert (made, passed.concept, passed.why) == (1, law, PassedOver.Why.OUTSIDE)
    assert Decision.objects.get().concept == speed


def test_nobody_else_pays_for_the_limit_in_bulk(speed, law, django_assert_num_queries):
    bo = curator("bo")
    waiting(speed, law)
    with django_assert_num_queries(2):
        outlook, _sample = batches.look_at_suggestions(ANY, bo)
    assert (outlook.count, outlook.outside) == (2, 0)


# Their queue


def test_their_queue_has_papers_with_something_open_for_them(ada, speed, law):
    waiting(law, priority=0.9)
    for_both = waiting(speed, law, priority=0.5)
    assert progress(ada).left == 1
    assert queue.take_next(ada).paper == for_both
    decide(for_both, speed, ada)
    assert queue.take_next(ada) is None
    assert (progress(ada).left, state(for_both)) == (0, "waiting")


def test_a_paper_they_are_done_with_goes_on_to_others(ada, speed, law):
    paper = waiting(speed, law)
    queue.take_next(ada)
    assert queue.finish(paper=paper, curator=ada) is True
    assert state(paper) == "waiting"
    assert queue.take_next(curator("bo")).paper == paper


def test_a_paper_with_nothing_outside_is_closed_by_them(ada, speed):
    paper = waiting(speed)
    queue.take_next(ada)
    queue.finish(paper=paper, curator=ada)
    assert state(paper) == "screened"


# Who is limited


def test_no_concept_is_no_limit(ada, law):
    bo = people.set_scope(ada, [])
    assert decide(PaperFactory(), law, bo).concept == law


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR, Role.ADMIN])
def test_only_curators_are_limited(speed, role):
    people.give_role(UserFactory(), Role.ADMIN)
    with pytest.raises(NotLimitable):
        people.set_scope(people.give_role(UserFactory(), role), [speed.pk])


def test_who_becomes_an_editor_has_no_limit_and_a_reader_keeps_theirs(ada, speed):
    assert people.give_role(ada, Role.READER).scope == [speed.pk]
    assert people.give_role(ada, Role.EDITOR).scope == []


@pytest.mark.django_db(transaction=True)
def test_whoever_is_made_editor_and_limited_at_once_is_an_editor_without_a_limit():
    speed, ada = ConceptFactory(), curator("ada")
    together = threading.Barrier(2)

    def work(act):
        try:
            together.wait()
            act()
        except NotLimitable:
            pass
        finally:
            connection.close()

    acts = [
        lambda: people.give_role(ada, Role.EDITOR),
        lambda: people.set_scope(ada, [speed.pk]),
    ]
    workers = [threading.Thread(target=work, args=(act,)) for act in acts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ada.refresh_from_db()
    assert (people.role_of(ada), ada.scope) == (Role.EDITOR, [])


# Pages and API


def test_the_desk_says_why_and_lets_the_paper_lie(client, ada, speed, law):
    paper = waiting(speed, law)
    client.force_login(ada)
    page = client.get(reverse("taxonomy:review")).text
    assert "Speed" in page
    assert "Law" in page
    url = reverse("taxonomy:review-decide", args=[paper.arxiv_id])
    answer = client.post(url, {"concept": "law", "verdict": "accept"})
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert said == ["Law is outside of the concepts that you decide on."]
    assert not Decision.objects.exists()


def test_the_page_of_bulk_work_counts_what_is_within_and_says_what_is_not(
    client, ada, speed, pruning, law
):
    waiting(speed, pruning, law)
    waiting(law)
    client.force_login(ada)
    answer = client.get(reverse("taxonomy:bulk"), {"least": "0"})
    assert (answer.context["outlook"].count, answer.context["outlook"].outside) == (2, 2)
    # Law stays open on the paper; the other two are decided.
    assert [one.left for one in answer.context["sample"]] == [1, 1]
    assert "2 more are outside of the concepts that you decide on" in answer.text
    assert "Accept all 2" in answer.text
    alone = client.get(reverse("taxonomy:bulk"), {"concept": "law"})
    assert "None of these is yours to decide on" in alone.text
    assert 'name="verdict"' not in alone.text


def test_a_dry_run_counts_apart_what_is_outside(client, ada, speed, law):
    waiting(speed, law)
    answer = client.post(
        "/api/v1/batches/",
        {"kind": "accept", "selection": {"least": 0}, "dry_run": True},
        "application/json",
        headers={"authorization": f"Bearer {people.issue_token(ada, 'x', 'curate')}"},
    ).json()
    assert (answer["count"], answer["outside"]) == (1, 1)
    assert [one["concept"] for one in answer["sample"]] == ["speed"]


def test_the_api_refuses_what_is_outside(client, ada, speed, law):
    paper = PaperFactory()
    token = {"authorization": f"Bearer {people.issue_token(ada, 'a script', 'curate')}"}
    url = f"/api/v1/papers/{paper.arxiv_id}/decisions/"
    answers = [
        client.post(url, {"concept": slug, "verdict": "accept"}, "application/json",
                    headers=token)
        for slug in ("law", "speed")
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [403, 201]
    assert answers[0].json()["code"] == "outside-scope"
    many = client.post(
        "/api/v1/decisions/",
        {"items": [{"paper": paper.arxiv_id, "concept": "law", "verdict": "reject"}]},
        "application/json",
        headers={**token, "Idempotency-Key": "k"},
    )
    assert many.json()["results"][0]["code"] == "outside-scope"
    assert many.json()["results"][0]["status"] == 403


@pytest.fixture
def root(client):
    user = people.give_role(UserFactory(username="root"), Role.ADMIN)
    client.force_login(user)
    return user


def test_an_admin_ticks_concepts_and_the_list_of_people_shows_them(client, root, speed, law):
    bo = curator("bo")
    page = client.get(reverse("set-scope", args=[bo.pk])).text
    assert page.count('type="checkbox"') == 2
    client.post(reverse("set-scope", args=[bo.pk]), {"concepts": [speed.pk, law.pk]})
    bo.refresh_from_db()
    assert bo.scope == [speed.pk, law.pk]
    page = client.get(reverse("set-scope", args=[bo.pk])).text
    assert page.count(" checked>") == 2
    assert "Speed, Law</a>" in client.get(reverse("people")).text
    client.post(reverse("set-scope", args=[bo.pk]), {})
    bo.refresh_from_db()
    assert bo.scope == []


@pytest.mark.parametrize("concepts", ["x", "0", "999999", "9" * 50])
def test_a_concept_that_is_not_there_is_refused(client, root, concepts):
    url = reverse("set-scope", args=[curator("bo").pk])
    assert client.post(url, {"concepts": concepts}).status_code == 400


def test_who_is_no_curator_is_not_limited_on_the_page(client, root, speed):
    url = reverse("set-scope", args=[root.pk])
    assert 'type="checkbox"' not in client.get(url).text
    answer = client.post(url, {"concepts": [speed.pk]}, follow=True)
    assert "Only curators can be limited" in answer.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_limited_people_costs_the_same_for_many(
    client, root, speed, count, django_assert_num_queries
):
    for number in range(count):
        people.set_scope(curator(f"c{number}"), [speed.pk])
    client.get(reverse("people"))
    with django_assert_num_queries(6):  # as for others, and the vocabulary's number
        client.get(reverse("people"))
