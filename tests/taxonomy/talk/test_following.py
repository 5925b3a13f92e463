"""Following, and what it takes to be told."""

import pytest
from django.db import IntegrityError, transaction

from taxonomy.errors import FollowsTooMuch
from taxonomy.models import Follow
from taxonomy.talk import following
from taxonomy.talk.following import Target
from tests.factories import ConceptFactory, PaperFactory, UserFactory
from tests.taxonomy.talk.together import at_once


def test_each_thing_is_followed_once(reader):
    concept, paper = ConceptFactory(), PaperFactory()
    targets = [Target(concept=concept.pk), Target(paper=paper.pk), Target(search="q=agents")]
    for target in targets:
        first, again = following.follow(reader, target), following.follow(reader, target)
        assert first == again == following.followed(reader, target)
    assert Follow.objects.count() == 3


def test_a_search_in_japanese_is_as_long_as_it_needs(reader):
    search = "q=" + "%E8%AA%B2" * 200
    first = following.follow(reader, Target(search=search))
    assert following.follow(reader, Target(search=search)) == first
    assert following.filter_of(search).q == "課" * 200


def test_what_is_followed_is_let_go_by_its_owner_alone(reader):
    row = following.follow(reader, Target(search="q=agents"))
    assert following.unfollow(UserFactory(), row.pk) is False
    assert [following.unfollow(reader, row.pk) for _ in range(2)] == [True, False]


def test_searches_are_few_and_other_things_are_many(reader, monkeypatch):
    monkeypatch.setattr(following, "MOST_SEARCHES", 1)
    monkeypatch.setattr(following, "MOST", 2)
    following.follow(reader, Target(search="q=one"))
    with pytest.raises(FollowsTooMuch, match="1 searches"):
        following.follow(reader, Target(search="q=two"))
    following.follow(reader, Target(paper=PaperFactory().pk))
    with pytest.raises(FollowsTooMuch, match="2 things"):
        following.follow(reader, Target(paper=PaperFactory().pk))


def test_the_database_refuses_a_row_about_two_things_or_none(reader):
    for values in ({}, {"paper": PaperFactory(), "search": "q=x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Follow.objects.create(user=reader, **values)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_once_both_get_the_same_row_and_one_lets_it_go():
    reader, paper = UserFactory(), PaperFactory()
    rows = at_once(*[lambda: following.follow(reader, Target(paper=paper.pk))] * 4)
    assert {row.pk for row in rows} == {Follow.objects.get().pk}
    heard = at_once(*[lambda: following.unfollow(reader, rows[0].pk)] * 4)
    assert sorted(heard) == [False, False, False, True]
