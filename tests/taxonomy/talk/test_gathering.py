"""What happened reaches the inboxes of those who follow it, once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Decision, Follow, Gathered, Notice, Paper, Tag, User
from taxonomy.talk import following, gathering, inbox
from taxonomy.talk.following import Target
from taxonomy.talk.words import say
from taxonomy.vocabulary import current
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    DomainFactory,
    PaperFactory,
    UserFactory,
    new_text,
)
from tests.taxonomy.talk.together import at_once


def accept(paper, concept, user, verdict="accept"):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user)
    )


def told(user):
    """What the inbox says, oldest first."""
    terms = current()
    notices = Notice.objects.filter(user=user).with_words()[::-1]
    said = [say(one, terms) for one in notices]
    return [(one.what, one.title) for one in said]


def settle():
    """As if everything had happened minutes ago: the marks may pass it."""
    for table, column in (
        ("taxonomy_paper", "added_at"),
        ("taxonomy_comment", "created_at"),
        ("taxonomy_mention", "created_at"),
        ("taxonomy_follow", "created_at"),
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = {column} - interval '1 hour'")


# Concepts


def test_a_paper_accepted_for_a_concept_is_told_to_who_follows_it_or_what_is_broader(
    reader, curator
):
    top = ConceptFactory(label="Latency")
    narrow = ConceptFactory(broader=top, label="Slow decoding")
    for concept in (top, narrow):
        following.follow(reader, Target(concept=concept.pk))
    paper = PaperFactory(title="Fast decoding")
    accept(paper, narrow, curator)
    assert gathering.gather() == 1
    assert told(reader) == [("Accepted for Slow decoding", "Fast decoding")]


def test_nothing_is_told_of_what_was_rejected_taken_back_or_accepted_before(reader, curator):
    concept = ConceptFactory()
    old = accept(PaperFactory(), concept, curator)
    following.follow(reader, Target(concept=concept.pk))
    accept(old.paper, concept, CuratorFactory())  # it was accepted before
    accept(PaperFactory(), concept, curator, "reject")
    taken_back = accept(PaperFactory(), concept, curator)
    curation.revert(decision=taken_back, actor=Actor.person(curator))
    assert gathering.gather() == 0
    assert told(reader) == []


def test_what_is_accepted_again_after_it_was_rejected_is_news(reader, curator):
    concept, paper = ConceptFactory(), PaperFactory()
    following.follow(reader, Target(concept=concept.pk))
    for verdict in ("accept", "reject", "accept"):
        accept(paper, concept, curator, verdict)
        gathering.gather()
    assert len(told(reader)) == 2


def test_nobody_is_told_of_their_own_decision_or_when_their_account_is_closed(curator):
    concept = ConceptFactory()
    closed = UserFactory(is_active=False)
    for user in (curator, closed):
        following.follow(user, Target(concept=concept.pk))
    accept(PaperFactory(), concept, curator)
    assert gathering.gather() == 0


# Papers


def test_every_verdict_on_a_paper_is_told_to_who_follows_it(reader, curator):
    concept, paper = ConceptFactory(label="Latency"), PaperFactory()
    following.follow(reader, Target(paper=paper.pk))
    following.follow(reader, Target(concept=concept.pk))
    decision = accept(paper, concept, curator)
    curation.revert(decision=decision, actor=Actor.person(curator))
    accept(paper, concept, curator, "unsure")
    accept(paper, concept, curator, "reject")
    gathering.gather()
    assert [what for what, _ in told(reader)] == [
        "Accepted for Latency",
        "A decision on Latency was taken back",
        "Left unsure for Latency",
        "Rejected for Latency",
    ]


def test_a_new_version_and_a_withdrawal_are_told_once_each(reader):
    paper = PaperFactory()
    following.follow(reader, Target(paper=paper.pk))
    assert gathering.gather() == 0
    new_text(paper)
    assert [gathering.gather() for _ in range(2)] == [1, 0]
    new_text(paper, withdrawn=True, revision=9)
    assert [gathering.gather() for _ in range(2)] == [1, 0]
    assert [what for what, _ in told(reader)] == ["Version 2 is out", "Withdrawn"]


def test_a_paper_that_came_back_is_told_of_when_it_goes_again(reader):
    paper = PaperFactory(removed_at=timezone.now(), revision=1)
    following.follow(reader, Target(paper=paper.pk))
    assert gathering.gather() == 0
    Paper.objects.update(removed_at=None, revision=2)
    assert gathering.gather() == 0
    Paper.objects.update(removed_at=timezone.now(), revision=3)
    assert gathering.gather() == 1
    assert told(reader)[0][0] == "Removed by arXiv"


# Searches


def test_a_new_paper_of_a_search_is_told_once_and_an_old_one_never(reader):
    PaperFactory(title="Agents of old", title_plain="Agents of old")
    following.follow(reader, Target(search="q=agents"))
    PaperFactory(title="New agents")
    PaperFactory(title="Something else")
    assert [gathering.gather() for _ in range(2)] == [1, 0]
    assert told(reader) == [("Found for “agents”", "New agents")]


def test_a_search_among_the_tagged_hears_of_a_paper_when_it_is_tagged(reader, curator):
    challenge, domain = ConceptFactory(slug="c"), DomainFactory(slug="d")
    old = PaperFactory()
    accept(old, challenge, curator)
    settle()
    gathering.gather()
    Gathered.objects.update(decision=old.decisions.get().pk)
    both, any_tag = "challenge=c&domain=d", "tagged=yes&q=abstract"
    following.follow(reader, Target(search=both))
    following.follow(reader, Target(search=any_tag))
    new = PaperFactory(title="Fresh")
    accept(new, challenge, curator)
    accept(old, domain, curator)
    gathering.gather()
    assert sorted(told(reader)) == sorted(
        [("Found for C · D", old.title), ("Found for “abstract” · On the map", "Fresh")]
    )


def test_a_search_is_asked_once_however_many_follow_it(db):
    costs = []
    gathering.gather()
    for count in (1, 3):
        for _ in range(count):
            following.follow(UserFactory(), Target(search="q=agents"))
        PaperFactory(title="Agents")
        current()
        with connection.execute_wrapper(counting := Counting()):
            gathering.gather()
        costs.append(counting.queries)
    assert costs[1] == costs[0]


class Counting:
    def __init__(self):
        self.queries = 0

    def __call__(self, execute, *args):
        self.queries += 1
        return execute(*args)


# Marks


def test_the_marks_pass_what_is_settled_and_nothing_younger(reader, curator):
    paper = PaperFactory()
    gathering.gather()
    assert Gathered.objects.get().paper == 0
    settle()
    gathering.gather()
    assert Gathered.objects.get().paper == paper.pk
    PaperFactory()
    gathering.gather()
    assert Gathered.objects.get().paper == paper.pk


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_is_committed_late_is_told_all_the_same():
    """Its id is smaller than one that was seen before it."""
    reader, curator, concept = UserFactory(), CuratorFactory(), ConceptFactory()
    papers = [PaperFactory(), PaperFactory()]
    following.follow(reader, Target(concept=concept.pk))
    values = {
        "verdict": "accept", "actor_kind": "person", "actor": curator, "concept": concept,
        "paper_version": 1,
    }  # fmt: skip

    def decide_late():
        with transaction.atomic():
            decision = Decision.objects.create(paper=papers[0], **values)
            Tag.objects.create(
                paper=papers[0],
                concept=concept,
                decision=decision,
                published_at=papers[0].published_at,
            )
            written.set()
            assert go_on.wait(60)

    written, go_on = threading.Event(), threading.Event()

    def tell_in_between():
        assert written.wait(60)
        accept(papers[1], concept, curator)
        settle()
        gathering.gather()
        between = told(reader)
        go_on.set()
        return between

    assert at_once(decide_late, tell_in_between) == [
        None, [(f"Accepted for {current().by_slug[concept.slug].label}", papers[1].title)]
    ]  # fmt: skip
    gathering.gather()
    assert len(told(reader)) == 2


@pytest.mark.django_db(transaction=True)
def test_of_four_who_gather_at_once_nobody_tells_twice():
    readers = [UserFactory() for _ in range(3)]
    curator, concept = CuratorFactory(), ConceptFactory()
    for reader in readers:
        following.follow(reader, Target(concept=concept.pk))
        following.follow(reader, Target(search="q=paper"))
    for _ in range(5):
        accept(PaperFactory(), concept, curator)
    made = at_once(*[gathering.gather] * 4)
    gathering.gather()
    assert sum(made) == Notice.objects.count() == 3 * (5 + 5)
    unread = User.objects.filter(follows__concept=concept.pk).values_list("unread", flat=True)
    assert list(unread) == [10, 10, 10]


@pytest.mark.django_db(transaction=True)
def test_what_is_told_while_all_is_marked_read_is_counted():
    reader, curator, concept = UserFactory(), CuratorFactory(), ConceptFactory()
    following.follow(reader, Target(concept=concept.pk))
    for _ in range(6):
        accept(PaperFactory(), concept, curator)
        at_once(gathering.gather, lambda: inbox.mark_all_read(reader, 1 << 60))
        left = Notice.objects.filter(user=reader).unread().count()
        reader.refresh_from_db()
        assert reader.unread == left


@pytest.mark.django_db(transaction=True)
def test_letting_go_while_it_is_told_ends_well():
    reader, curator, concept = UserFactory(), CuratorFactory(), ConceptFactory()
    paper = PaperFactory()
    for _ in range(4):
        row = following.follow(reader, Target(paper=paper.pk))
        accept(paper, concept, curator, "accept")
        new_text(paper)
        heard = at_once(gathering.gather, lambda row=row: following.unfollow(reader, row.pk))
        assert [type(one) for one in heard] == [int, bool]
    assert Follow.objects.count() == 0


def test_what_was_read_long_ago_is_forgotten(reader, curator):
    concept = ConceptFactory()
    following.follow(reader, Target(concept=concept.pk))
    for _ in range(3):
        accept(PaperFactory(), concept, curator)
    gathering.gather()
    first, second, _ = Notice.objects.order_by("pk")
    inbox.mark_read(reader, first.pk)
    inbox.mark_read(reader, second.pk)
    long_ago = timezone.now() - timedelta(days=400)
    Notice.objects.exclude(pk=second.pk).update(at=long_ago)
    assert inbox.forget_old() == 1
    assert not Notice.objects.filter(pk=first.pk).exists()
