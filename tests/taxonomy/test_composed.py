"""Queries whose SQL is made once find what their querysets find."""

import pytest
from django.utils import timezone

from taxonomy import curation, leases, queue
from taxonomy.curation import Actor
from taxonomy.dossiers import dossier, standing_decisions
from taxonomy.models import Decision, Order, Screening, Suggestion
from taxonomy.models.composed import Composed
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    new_text,
)

pytestmark = pytest.mark.django_db


def test_each_value_stands_where_it_was_asked_for():
    papers = PaperFactory.create_batch(3)
    between = Composed(
        lambda low, high: Screening.objects.filter(pk__gt=low, pk__lte=high).values_list("pk"),
        *(int, int),
    )
    for paper in papers:
        ScreeningFactory(paper=paper)
    first, second, third = sorted(paper.pk for paper in papers)
    assert sorted(between.rows(first, third)) == [(second,), (third,)]
    assert between.rows(first, second) == [(second,)]
    assert (between.count(first, third), between.count(second, second)) == (2, 0)


def test_a_value_that_the_query_leaves_out_is_noticed():
    careless = Composed(lambda paper: Screening.objects.values_list("pk"), int)
    with pytest.raises(AssertionError):
        careless.rows(1)


def test_the_standing_decisions_are_whole_with_whoever_made_them(
    curator, django_assert_num_queries
):
    suggestion = SuggestionFactory()
    made = curation.decide(
        paper=suggestion.paper,
        concept=suggestion.concept,
        verdict="reject",
        actor=Actor.person(curator),
        reason="only-uses",
        note="as a tool",
    )
    imported = ConceptFactory()
    curation.accept_all(
        pairs=[(suggestion.paper, imported)], actor=Actor.importing("edition 1")
    )
    with django_assert_num_queries(1):
        standing = standing_decisions(suggestion.paper)
        found = standing[suggestion.concept_id]
        assert found.actor == curator
        assert standing[imported.pk].actor is None
        assert not found.get_deferred_fields()
        assert not found.actor.get_deferred_fields()
    fields = [field.attname for field in Decision._meta.concrete_fields]
    stored = Decision.objects.get(pk=made.pk)
    for name in fields:
        assert getattr(found, name) == getattr(stored, name) == getattr(made, name)


def test_the_held_and_the_next_paper_come_with_all_that_the_desk_shows(
    curator, django_assert_num_queries
):
    paper = SuggestionFactory().paper
    for screening in (queue.take_next(curator), leases.held(curator)):
        with django_assert_num_queries(0):
            assert screening.paper.title_plain == paper.title_plain
            assert screening.paper.authors == paper.authors
            assert not screening.get_deferred_fields()
        assert screening.paper.get_deferred_fields() == {"search"}
        stored = Screening.objects.get(paper=paper)
        for field in Screening._meta.concrete_fields:
            assert getattr(screening, field.attname) == getattr(stored, field.attname)


@pytest.mark.parametrize("order", ["", *Order.values, "oldest", "newest"])
def test_the_next_paper_is_the_first_of_the_queryset_in_every_order(curator, order):
    columns = [(3, 1, 2, 1), (1, 3, 1, 2), (2, 2, 3, 3)]
    for priority, uncertainty, mixed, rare in columns:
        ScreeningFactory(priority=priority, uncertainty=uncertainty, mixed=mixed, rare=rare)
    asked = queue.Queue(order=order)
    expected = list(asked.ordered(Screening.objects.waiting()).values_list("pk", flat=True))
    given = []
    for _ in columns:
        screening = queue.take_next(curator, asked)
        given.append(screening.pk)
        queue.skip(paper=screening.paper, curator=curator)
    assert given == expected


def test_a_lease_that_is_about_to_run_out_is_not_kept_without_the_lock(curator):
    screening = ScreeningFactory()
    arxiv_id = screening.paper.arxiv_id
    queue.take_next(curator)
    assert leases.kept(arxiv_id, curator).state == "waiting"
    assert leases.kept(arxiv_id, CuratorFactory()) is None
    screening.paper.lease.expires_at = timezone.now() + leases.MARGIN / 2
    screening.paper.lease.save()
    assert leases.kept(arxiv_id, curator) is None


def test_a_decision_notes_its_suggestion_and_edition_or_that_there_is_none(curator):
    suggestion = SuggestionFactory()
    added = ConceptFactory()
    made = [
        curation.decide(
            paper=suggestion.paper, concept=concept, verdict="accept",
            actor=Actor.person(curator), idempotency_key=f"key-{concept.pk}",
        )
        for concept in (suggestion.concept, added)
    ]  # fmt: skip
    assert [(one.suggester, one.score) for one in made] == [
        (suggestion.suggester, suggestion.score),
        ("", None),
    ]
    for one in made:
        stored = Decision.objects.get(pk=one.pk)
        assert (stored.suggester, stored.score, stored.edition) == (
            one.suggester, one.score, one.edition,
        )  # fmt: skip


def test_the_dossier_and_the_database_agree_on_what_is_open(curator):
    suggestion = SuggestionFactory()
    curation.decide(
        paper=suggestion.paper, concept=suggestion.concept, verdict="reject",
        actor=Actor.person(curator),
    )  # fmt: skip
    assert dossier(suggestion.paper).open == [*Suggestion.objects.open()] == []
    new_text(suggestion.paper)
    suggestion.paper.refresh_from_db()
    suggestion.delete()
    again = SuggestionFactory(
        paper=suggestion.paper, text_revision=suggestion.paper.text_revision
    )
    assert dossier(suggestion.paper).open == [*Suggestion.objects.open()] == [again]
