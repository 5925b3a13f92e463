"""Decisions, what they leave behind, and taking them back."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from taxonomy import counts, curation, projection, screenings
from taxonomy.curation import Actor
from taxonomy.errors import AlreadyReverted, ConceptDeprecated, KeyReused, NotRevertible
from taxonomy.models import (
    CellMonth,
    ConceptMonth,
    Decision,
    Paper,
    Screening,
    Suggestion,
    Tag,
)
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    DomainFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    new_text,
)


def decide(paper, concept, user, verdict="accept", **values):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user), **values
    )


def tags_of(paper):
    return set(Tag.objects.filter(paper=paper).values_list("concept__slug", "direct"))


def test_accept_makes_a_tag_and_counts_it(curator):
    paper, concept = PaperFactory(), ConceptFactory(slug="latency")
    decide(paper, concept, curator)
    assert tags_of(paper) == {("latency", True)}
    assert counts.totals() == {concept.pk: 1}


def test_reject_makes_no_tag(curator):
    paper, concept = PaperFactory(), ConceptFactory()
    decide(paper, concept, curator, "reject", reason="only-mentions")
    assert tags_of(paper) == set()
    assert counts.totals() == {}


def test_a_narrower_concept_implies_its_broader_one(curator):
    broad = ConceptFactory(slug="latency")
    narrow = ConceptFactory(slug="pruning", broader=broad)
    paper = PaperFactory()
    decide(paper, narrow, curator)
    assert tags_of(paper) == {("pruning", True), ("latency", False)}
    assert counts.totals() == {broad.pk: 1, narrow.pk: 1}


def test_taking_back_one_of_two_narrower_leaves_the_broader_counted_once(curator):
    broad = ConceptFactory(slug="latency")
    first = ConceptFactory(slug="pruning", broader=broad)
    second = ConceptFactory(slug="quantisation", broader=broad)
    paper = PaperFactory()
    decision = decide(paper, first, curator)
    decide(paper, second, curator)
    curation.revert(decision=decision, actor=Actor.person(curator))
    assert tags_of(paper) == {("quantisation", True), ("latency", False)}
    assert counts.totals() == {broad.pk: 1, second.pk: 1}


def test_challenge_and_domain_meet_in_a_cell(curator):
    challenge, domain = ConceptFactory(), DomainFactory()
    paper = PaperFactory(published_at=datetime(2025, 3, 9, tzinfo=UTC))
    decide(paper, challenge, curator)
    decide(paper, domain, curator)
    assert counts.cells() == {(challenge.pk, domain.pk): 1}


def test_undo_restores_the_verdict_before(curator):
    paper, concept = PaperFactory(), ConceptFactory(slug="latency")
    decide(paper, concept, curator)
    second = decide(paper, concept, curator, "reject")
    assert tags_of(paper) == set()
    curation.revert(decision=second, actor=Actor.person(curator))
    assert tags_of(paper) == {("latency", True)}


def test_a_decision_is_taken_back_once(curator):
    decision = decide(PaperFactory(), ConceptFactory(), curator)
    curation.revert(decision=decision, actor=Actor.person(curator))
    with pytest.raises(AlreadyReverted):
        curation.revert(decision=decision, actor=Actor.person(curator))


def test_a_revert_is_not_reverted(curator):
    decision = decide(PaperFactory(), ConceptFactory(), curator)
    retract = curation.revert(decision=decision, actor=Actor.person(curator))
    with pytest.raises(NotRevertible):
        curation.revert(decision=retract, actor=Actor.person(curator))


def test_the_same_key_decides_once(curator):
    paper, concept = PaperFactory(), ConceptFactory()
    first = decide(paper, concept, curator, idempotency_key="k")
    again = decide(paper, concept, curator, idempotency_key="k")
    assert again == first
    assert Decision.objects.count() == 1


def test_the_same_key_for_another_verdict_is_refused(curator):
    paper, concept = PaperFactory(), ConceptFactory()
    decide(paper, concept, curator, idempotency_key="k")
    with pytest.raises(KeyReused):
        decide(paper, concept, curator, "reject", idempotency_key="k")


def test_the_same_verdict_again_adds_no_row(curator):
    paper, concept = PaperFactory(), ConceptFactory()
    assert decide(paper, concept, curator) == decide(paper, concept, curator)


def test_the_same_verdict_on_another_text_is_one_more_decision(curator):
    paper, concept = PaperFactory(), ConceptFactory()
    first = decide(paper, concept, curator)
    Paper.objects.update(version=2)
    paper.refresh_from_db()
    assert decide(paper, concept, curator) == first  # the same text
    new_text(paper)
    second = decide(paper, concept, curator)
    assert (first.text_revision, second.text_revision) == (1, 2)
    assert Tag.objects.get().decision == second


@pytest.mark.parametrize(
    ("verdict", "asked"), [("accept", False), ("reject", True), ("unsure", True)]
)
def test_what_is_asked_again_on_another_text(curator, verdict, asked):
    suggestion = SuggestionFactory()
    paper = suggestion.paper
    decide(paper, suggestion.concept, curator, verdict)
    assert curation.pending_suggestions(paper) == []
    new_text(paper)
    assert curation.pending_suggestions(paper) == []  # nothing has read that text yet
    suggestion.delete()
    again = SuggestionFactory(paper=paper, concept=suggestion.concept, text_revision=2)
    assert curation.pending_suggestions(paper) == ([again] if asked else [])


def test_taking_back_a_verdict_on_the_new_text_asks_again(curator):
    suggestion = SuggestionFactory()
    paper = suggestion.paper
    decide(paper, suggestion.concept, curator, "reject")
    new_text(paper)
    suggestion.delete()
    SuggestionFactory(paper=paper, concept=suggestion.concept, text_revision=2)
    Screening.objects.update(state="waiting")
    second = decide(paper, suggestion.concept, curator, "reject")
    assert Screening.objects.get().state == "screened"
    curation.revert(decision=second, actor=Actor.person(curator))
    assert Screening.objects.get().state == "waiting"


def test_tags_rebuilt_after_new_texts_are_the_same(curator):
    paper, *concepts = PaperFactory(), *ConceptFactory.create_batch(3)
    for concept, verdict in zip(concepts, ("accept", "reject", "accept"), strict=True):
        decide(paper, concept, curator, verdict)
        new_text(paper, title=f"After {concept.slug}")
    before = list(Tag.objects.order_by("pk").values())
    projection.project_tags([paper.pk])
    assert list(Tag.objects.order_by("pk").values()) == before


def test_a_deprecated_concept_names_its_replacement(curator):
    new = ConceptFactory(slug="new-name")
    old = ConceptFactory(slug="old-name", deprecated=True, replaced_by=new)
    with pytest.raises(ConceptDeprecated, match="new-name"):
        decide(PaperFactory(), old, curator)


def test_the_last_suggestion_decided_closes_the_screening(curator):
    suggestion = SuggestionFactory()
    decision = decide(suggestion.paper, suggestion.concept, curator)
    screening = Screening.objects.get(paper=suggestion.paper)
    assert (screening.state, screening.screened_by) == ("screened", curator)
    curation.revert(decision=decision, actor=Actor.person(curator))
    screening.refresh_from_db()
    assert screening.state == "waiting"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE taxonomy_decision SET verdict = 'reject'", "DELETE FROM taxonomy_decision"],
)
def test_the_database_keeps_decisions_as_they_are(curator, statement):
    decide(PaperFactory(), ConceptFactory(), curator)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="append-only"):
        cursor.execute(statement)


def test_counters_rebuilt_from_tags_are_the_same(curator):
    broad, domain = ConceptFactory(), DomainFactory()
    narrow = ConceptFactory(broader=broad)
    for _ in range(3):
        paper = PaperFactory()
        decide(paper, narrow, curator)
        decide(paper, domain, curator)

    def read():
        concepts = ConceptMonth.objects.filter(papers__gt=0)
        cells = CellMonth.objects.filter(papers__gt=0)
        return (
            sorted(concepts.values_list("concept", "month", "papers")),
            sorted(cells.values_list("challenge", "domain", "month", "papers")),
        )

    before = read()
    counts.rebuild()
    assert read() == before


def test_a_date_that_changed_since_the_paper_was_read_is_counted_once(curator):
    first, second = ConceptFactory(), ConceptFactory()
    read_before = PaperFactory(published_at=datetime(2025, 1, 1, tzinfo=UTC))
    decide(read_before, first, curator)
    paper = Paper.objects.get(pk=read_before.pk)
    paper.published_at = datetime(2025, 3, 9, tzinfo=UTC)
    paper.save(update_fields=["published_at"])
    projection.follow_new_dates([paper])
    decide(read_before, second, curator)
    assert set(Tag.objects.values_list("published_at", flat=True)) == {paper.published_at}
    months = ConceptMonth.objects.filter(papers__gt=0).values_list("concept", "month")
    assert set(months) == {(one.pk, date(2025, 3, 1)) for one in (first, second)}


@pytest.mark.django_db(transaction=True)
def test_a_new_date_reaches_the_tag_that_is_just_being_made():
    paper, concept, user = ScreeningFactory().paper, ConceptFactory(), CuratorFactory()
    moved = Paper.objects.get(pk=paper.pk)
    moved.published_at = datetime(2025, 3, 9, tzinfo=UTC)

    def move():
        with transaction.atomic():
            moved.save(update_fields=["published_at"])
            projection.follow_new_dates([moved])
        connection.close()

    mover = threading.Thread(target=move)
    with transaction.atomic():
        decide(paper, concept, user)
        mover.start()
        mover.join(timeout=0.5)  # it waits for this decision, or has missed it
    mover.join()
    assert Tag.objects.get().published_at == moved.published_at


@pytest.mark.django_db(transaction=True)
def test_a_verdict_given_while_the_text_changes_is_one_on_the_old_text():
    suggestion, user = SuggestionFactory(), CuratorFactory()
    paper = Paper.objects.get(pk=suggestion.paper_id)

    def change():
        with transaction.atomic():
            new_text(Paper.objects.get(pk=paper.pk))
            list(Screening.objects.select_for_update())
            Screening.objects.update(state="identified")
        connection.close()

    changer = threading.Thread(target=change)
    with transaction.atomic():
        screenings.lock(paper)
        changer.start()
        changer.join(timeout=0.5)  # it waits for this decision
        decision = decide(paper, suggestion.concept, user, "reject")
    changer.join()
    assert decision.text_revision == 1
    assert Screening.objects.get().state == "identified"
    again = Suggestion(
        paper=paper, concept=suggestion.concept, score=0.9, text_revision=2, paper_version=2
    )
    assert again.is_open(decision)


@pytest.mark.django_db(transaction=True)
def test_two_curators_deciding_at_once_count_the_cell_once():
    challenge, domain, paper = ConceptFactory(), DomainFactory(), PaperFactory()
    people = [CuratorFactory(), CuratorFactory()]
    barrier = threading.Barrier(2)
    failures = []

    def run(concept, user):
        barrier.wait()
        try:
            decide(paper, concept, user)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=pair)
        for pair in zip((challenge, domain), people, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counts.cells() == {(challenge.pk, domain.pk): 1}
