"""Who gets which paper, and what one key of the desk does."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from taxonomy import curation, queue
from taxonomy.curation import Actor
from taxonomy.dossiers import standing_decisions
from taxonomy.errors import HeldByAnother
from taxonomy.leases import LEASE
from taxonomy.models import Decision, Lease, Order, Paper, QueuePolicy, Screening, Skip, Tag
from taxonomy.queues import Queue
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    new_text,
)


def in_threads(count, work):
    """Run `work(n)` in threads that start together; the errors they ended with."""
    barrier = threading.Barrier(count)
    failures = []

    def run(number):
        barrier.wait()
        try:
            work(number)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def let_leases_run_out():
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def decide(paper, concept, user, verdict="accept", **values):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user), **values
    )


def standing(paper):
    return {
        decision.concept.slug: decision.verdict
        for decision in standing_decisions(paper).values()
    }


# Taking


def test_the_highest_priority_comes_first(curator):
    ScreeningFactory(priority=0.2)
    urgent = ScreeningFactory(priority=0.9)
    assert queue.take_next(curator) == urgent


@pytest.mark.parametrize("order", Order)
def test_each_order_has_its_own_first_paper(curator, order):
    firsts = {one: ScreeningFactory(**{one.column: 0.9}) for one in Order}
    assert queue.take_next(curator, Queue(order=order)) == firsts[order]


def test_who_has_not_chosen_gets_the_order_that_an_editor_has_set(curator):
    uncertain, _ = ScreeningFactory(uncertainty=0.9), ScreeningFactory(priority=0.9)
    queue.set_order(order=Order.UNCERTAIN, editor=curator)
    assert queue.take_next(curator) == uncertain
    assert QueuePolicy.objects.get().changed_by == "curator"


@pytest.mark.parametrize("order", Order)
def test_the_next_paper_is_one_index_scan_in_each_order(db, order):
    found = Screening.objects.waiting().without_lease().first_in_queue(order)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a few rows is read whole
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = found[:1].explain()
    index = "screening_queue" if order == Order.LIKELY else f"screening_by_{order.column}"
    assert f"Index Scan using {index}" in plan
    assert "Sort" not in plan


@pytest.mark.django_db(transaction=True)
def test_two_editors_who_set_an_order_at_once_leave_one_of_the_two():
    editors = CuratorFactory.create_batch(2)
    orders = (Order.RARE, Order.MIXED)

    def set_order(number):
        queue.set_order(order=orders[number], editor=editors[number])

    assert in_threads(2, set_order) == []
    assert QueuePolicy.objects.order() in orders


def test_only_papers_that_wait_are_given(curator):
    for state in ("identified", "abstained", "screened"):
        ScreeningFactory(state=state)
    assert queue.take_next(curator) is None


def test_the_same_curator_gets_the_paper_they_have_open(curator):
    first = ScreeningFactory(priority=0.1)
    queue.take_next(curator)
    ScreeningFactory(priority=0.9)
    assert queue.take_next(curator) == first


def test_taking_again_renews_the_lease(curator):
    ScreeningFactory()
    queue.take_next(curator)
    Lease.objects.update(expires_at=timezone.now() + timedelta(seconds=5))
    queue.take_next(curator)
    assert Lease.objects.get().expires_at > timezone.now() + timedelta(minutes=14)


def test_another_curator_gets_another_paper(curator):
    ScreeningFactory.create_batch(2)
    assert queue.take_next(curator) != queue.take_next(CuratorFactory())


def test_nothing_is_given_when_all_that_waits_is_on_other_desks(curator):
    ScreeningFactory()
    queue.take_next(CuratorFactory())
    assert queue.take_next(curator) is None


def test_a_lease_that_ran_out_frees_the_paper(curator):
    screening = ScreeningFactory()
    queue.take_next(CuratorFactory())
    let_leases_run_out()
    assert queue.take_next(curator) == screening


def test_a_paper_opened_last_is_the_one_a_reload_shows(curator):
    ScreeningFactory.create_batch(2)
    taken = queue.take_next(curator)
    other = Screening.objects.exclude(pk=taken.pk).get()
    queue.open_paper(paper=other.paper, curator=curator)
    assert queue.take_next(curator) == other


def test_release_gives_everything_back(curator):
    screening = ScreeningFactory()
    queue.take_next(curator)
    queue.release(curator)
    assert queue.take_next(CuratorFactory()) == screening


# Opening one


def test_a_paper_nobody_suggested_for_can_be_opened(curator):
    paper = PaperFactory()
    assert queue.open_paper(paper=paper, curator=curator).state == "identified"


def test_a_paper_on_another_desk_cannot_be_opened(curator):
    screening = ScreeningFactory()
    queue.take_next(CuratorFactory())
    with pytest.raises(HeldByAnother):
        queue.open_paper(paper=screening.paper, curator=curator)


@pytest.mark.parametrize("left", [timedelta(minutes=14), timedelta(seconds=20), -LEASE])
def test_an_act_renews_the_lease_however_much_of_it_is_left(curator, left):
    screening = ScreeningFactory()
    queue.open_paper(paper=screening.paper, curator=curator)
    Lease.objects.update(expires_at=timezone.now() + left)
    assert queue.keep_open(arxiv_id=screening.paper.arxiv_id, curator=curator) == screening
    assert Lease.objects.get().expires_at > timezone.now() + timedelta(minutes=14, seconds=50)


def test_a_lease_that_another_has_now_is_not_renewed(curator):
    screening = ScreeningFactory()
    queue.open_paper(paper=screening.paper, curator=curator)
    let_leases_run_out()
    queue.open_paper(paper=screening.paper, curator=CuratorFactory())
    with pytest.raises(HeldByAnother):
        queue.keep_open(arxiv_id=screening.paper.arxiv_id, curator=curator)


# Skipping


def test_a_skipped_paper_goes_to_others(curator):
    screening = ScreeningFactory()
    queue.take_next(curator)
    queue.skip(paper=screening.paper, curator=curator)
    assert queue.take_next(CuratorFactory()) == screening


def test_a_skipped_paper_comes_after_all_others(curator):
    skipped, other = ScreeningFactory(priority=0.9), ScreeningFactory(priority=0.1)
    queue.skip(paper=skipped.paper, curator=curator)
    assert queue.take_next(curator) == other


def test_when_nothing_else_is_left_the_longest_skipped_comes_again(curator):
    first, second = ScreeningFactory(), ScreeningFactory()
    queue.skip(paper=first.paper, curator=curator)
    queue.skip(paper=second.paper, curator=curator)
    assert queue.take_next(curator) == first


def test_a_paper_skipped_a_day_ago_is_as_good_as_new(curator):
    skipped, other = ScreeningFactory(priority=0.9), ScreeningFactory(priority=0.1)
    queue.skip(paper=skipped.paper, curator=curator)
    queue.skip(paper=other.paper, curator=curator)
    Skip.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert queue.take_next(curator) == skipped


# Finishing


def test_finishing_closes_the_paper_with_what_is_undecided(curator):
    suggestion = SuggestionFactory()
    assert queue.finish(paper=suggestion.paper, curator=curator)
    screening = Screening.objects.get()
    assert (screening.state, screening.screened_by) == ("screened", curator)
    assert queue.take_next(curator) is None


def test_finishing_a_closed_paper_leaves_it_to_who_closed_it(curator):
    suggestion, first = SuggestionFactory(), CuratorFactory()
    queue.finish(paper=suggestion.paper, curator=first)
    assert not queue.finish(paper=suggestion.paper, curator=curator)
    assert Screening.objects.get().screened_by == first
    assert not Lease.objects.exists()


def test_a_paper_that_waits_for_suggestions_is_cleared_but_not_closed(curator):
    paper = ScreeningFactory(state="identified").paper
    assert not queue.finish(paper=paper, curator=curator)
    screening = Screening.objects.get()
    assert (screening.state, screening.screened_at) == ("identified", None)
    assert not Lease.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_finishing_while_a_new_text_comes_in_never_closes_that_text():
    paper, curator = SuggestionFactory().paper, CuratorFactory()

    def change():
        with transaction.atomic():
            new_text(Paper.objects.get(pk=paper.pk))
            list(Screening.objects.select_for_update())
            Screening.objects.update(state="identified")

    strokes = [change, lambda: queue.finish(paper=paper, curator=curator)]
    assert in_threads(2, lambda number: strokes[number]()) == []
    assert Screening.objects.get().state == "identified"


# One verdict on the rest


def test_none_fits_rejects_what_is_open_as_one_batch(curator):
    paper = ScreeningFactory().paper
    decided, *rest = SuggestionFactory.create_batch(3, paper=paper)
    decide(paper, decided.concept, curator)
    made = queue.decide_rest(paper=paper, verdict="reject", curator=curator)
    assert {one.concept for one in made} == {one.concept for one in rest}
    assert len({one.batch for one in made}) == 1
    assert Screening.objects.get().state == "screened"


def test_the_same_key_decides_the_rest_once(curator):
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(2, paper=paper)
    for _ in range(2):
        queue.decide_rest(paper=paper, verdict="accept", curator=curator, idempotency_key="k")
    assert Decision.objects.count() == 2


def test_a_key_that_decided_the_rest_decides_nothing_after_it_was_taken_back(curator):
    paper = SuggestionFactory().paper
    asked = {"paper": paper, "verdict": "accept", "curator": curator, "idempotency_key": "k"}
    (made,) = queue.decide_rest(**asked)
    curation.revert(decision=made, actor=Actor.person(curator))
    assert queue.decide_rest(**asked) == []
    assert Screening.objects.get().state == "waiting"


def test_the_rest_is_decided_with_what_each_suggestion_said(curator):
    paper = ScreeningFactory().paper
    SuggestionFactory(paper=paper, score=0.7)
    SuggestionFactory(paper=paper, score=0.4)
    SuggestionFactory(paper=paper, concept__deprecated=True)
    made = queue.decide_rest(paper=paper, verdict="accept", curator=curator)
    assert [(one.score, one.suggester) for one in made] == [
        (0.7, "default-1"), (0.4, "default-1")
    ]  # fmt: skip
    assert Tag.objects.filter(paper=paper).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_the_rest_at_once_decide_each_suggestion_once():
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(3, paper=paper)
    curators = CuratorFactory.create_batch(2)

    def accept(number):
        queue.decide_rest(paper=paper, verdict="accept", curator=curators[number])

    assert in_threads(2, accept) == []
    assert (Decision.objects.count(), Tag.objects.count()) == (3, 3)


# Taking back


def test_taking_back_leaves_the_suggestion_open_whatever_was_said_before(curator):
    suggestion = SuggestionFactory()
    paper, concept = suggestion.paper, suggestion.concept
    decide(paper, concept, curator)
    decide(paper, concept, curator, "reject")
    queue.take_back(paper=paper, concept=concept, curator=curator)
    assert curation.pending_suggestions(paper) == [suggestion]
    assert Screening.objects.get().state == "waiting"


def test_taking_back_leaves_what_others_decided(curator):
    suggestion = SuggestionFactory()
    paper, concept = suggestion.paper, suggestion.concept
    decide(paper, concept, CuratorFactory())
    decide(paper, concept, curator, "reject")
    queue.take_back(paper=paper, concept=concept, curator=curator)
    assert standing(paper) == {concept.slug: "accept"}


def test_taking_back_a_confirmation_leaves_what_was_decided_on_the_earlier_text(curator):
    paper, concept = ScreeningFactory().paper, ConceptFactory()
    decide(paper, concept, curator)
    new_text(paper)
    decide(paper, concept, curator)
    for _ in range(2):
        queue.take_back(paper=paper, concept=concept, curator=curator)
        assert standing(paper) == {concept.slug: "accept"}
    assert Tag.objects.get().decision.text_revision == 1


def test_the_rest_includes_what_was_rejected_on_an_earlier_text(curator):
    paper, concept = ScreeningFactory().paper, ConceptFactory()
    decide(paper, concept, curator, "reject")
    new_text(paper)
    SuggestionFactory(paper=paper, concept=concept, text_revision=2)
    (made,) = queue.decide_rest(paper=paper, verdict="accept", curator=curator)
    assert (made.concept, made.text_revision) == (concept, 2)
    assert Screening.objects.get().state == "screened"


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_leave_one_tag():
    paper, concept = ScreeningFactory().paper, ConceptFactory()
    curators = CuratorFactory.create_batch(2)
    decide(paper, concept, curators[0])
    new_text(paper)
    assert in_threads(2, lambda number: decide(paper, concept, curators[number])) == []
    assert standing(paper) == {concept.slug: "accept"}
    assert Tag.objects.get().decision.text_revision == 2


def test_taking_back_twice_with_one_key_spares_a_decision_made_between(curator):
    suggestion = SuggestionFactory()
    at = {"paper": suggestion.paper, "concept": suggestion.concept, "curator": curator}
    decide(suggestion.paper, suggestion.concept, curator)
    queue.take_back(**at, idempotency_key="k")
    decide(suggestion.paper, suggestion.concept, curator)
    queue.take_back(**at, idempotency_key="k")
    assert standing(suggestion.paper) == {suggestion.concept.slug: "accept"}


# Undo


def test_undo_takes_back_the_last_decision_and_brings_the_paper_back(curator):
    first, second = SuggestionFactory(), SuggestionFactory()
    decide(first.paper, first.concept, curator)
    last = decide(second.paper, second.concept, curator, "reject")
    undone = queue.undo_last(curator=curator)
    assert (undone.paper, undone.decisions) == (second.paper, (last,))
    assert queue.take_next(curator) == undone.screening
    assert Tag.objects.get().paper == first.paper


def test_undo_goes_back_step_by_step(curator):
    suggestions = SuggestionFactory.create_batch(3)
    for suggestion in suggestions:
        decide(suggestion.paper, suggestion.concept, curator)
    undone = [queue.undo_last(curator=curator).paper for _ in suggestions]
    assert undone == [suggestion.paper for suggestion in reversed(suggestions)]
    assert queue.undo_last(curator=curator) is None
    assert not Tag.objects.exists()


def test_undo_takes_back_a_whole_batch(curator):
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(3, paper=paper)
    queue.decide_rest(paper=paper, verdict="accept", curator=curator)
    assert len(queue.undo_last(curator=curator).decisions) == 3
    assert standing(paper) == {}


def test_undo_of_a_closed_paper_decides_nothing_and_brings_it_back(curator):
    suggestion, earlier = SuggestionFactory(), SuggestionFactory()
    decide(earlier.paper, earlier.concept, curator)
    queue.finish(paper=suggestion.paper, curator=curator)
    undone = queue.undo_last(curator=curator)
    assert (undone.paper, undone.decisions) == (suggestion.paper, ())
    assert Screening.objects.get(paper=suggestion.paper).state == "waiting"
    assert queue.undo_last(curator=curator).paper == earlier.paper


def test_undo_of_a_skip_brings_the_paper_back(curator):
    skipped, _other = ScreeningFactory(priority=0.9), ScreeningFactory()
    queue.take_next(curator)
    queue.skip(paper=skipped.paper, curator=curator)
    queue.take_next(curator)
    assert queue.undo_last(curator=curator).screening == skipped
    assert queue.take_next(curator) == skipped


def test_undo_leaves_what_others_did(curator):
    suggestion = SuggestionFactory()
    decide(suggestion.paper, suggestion.concept, CuratorFactory())
    assert queue.undo_last(curator=curator) is None


def test_undo_works_though_the_paper_lies_on_another_desk(curator):
    suggestion = SuggestionFactory()
    SuggestionFactory(paper=suggestion.paper)
    decide(suggestion.paper, suggestion.concept, curator)
    queue.open_paper(paper=suggestion.paper, curator=CuratorFactory())
    undone = queue.undo_last(curator=curator)
    assert undone.screening is None
    assert standing(suggestion.paper) == {}


def test_the_same_key_undoes_once(curator):
    for suggestion in SuggestionFactory.create_batch(2):
        decide(suggestion.paper, suggestion.concept, curator)
    first = queue.undo_last(curator=curator, idempotency_key="k")
    again = queue.undo_last(curator=curator, idempotency_key="k")
    assert (again.paper, again.decisions) == (first.paper, first.decisions)
    assert Tag.objects.count() == 1


# At once


@pytest.mark.django_db(transaction=True)
def test_curators_who_ask_at_once_get_different_papers():
    ScreeningFactory.create_batch(8)
    curators = CuratorFactory.create_batch(8)
    given = [None] * 8

    def take(number):
        given[number] = queue.take_next(curators[number])

    assert in_threads(8, take) == []
    assert {one.pk for one in given} == set(Screening.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_eight_curators_drain_the_queue_and_each_paper_is_decided_once():
    concept = ConceptFactory()
    papers = [SuggestionFactory(concept=concept).paper for _ in range(40)]
    curators = CuratorFactory.create_batch(8)
    done = []

    def work(number):
        while screening := queue.take_next(curators[number]):
            decide(screening.paper, concept, curators[number])
            done.append(screening.paper_id)

    assert in_threads(8, work) == []
    assert Counter(done) == Counter(paper.pk for paper in papers)
    assert Decision.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_two_who_open_the_same_paper_at_once_do_not_both_get_it():
    paper = ScreeningFactory().paper
    curators = CuratorFactory.create_batch(2)
    failures = in_threads(
        2, lambda number: queue.open_paper(paper=paper, curator=curators[number])
    )
    assert [type(error) for error in failures] == [HeldByAnother]


@pytest.mark.django_db(transaction=True)
def test_two_undos_at_once_take_back_two_decisions():
    curator = CuratorFactory()
    for suggestion in SuggestionFactory.create_batch(3):
        decide(suggestion.paper, suggestion.concept, curator)
    assert in_threads(2, lambda number: queue.undo_last(curator=curator)) == []
    assert Tag.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_taking_back_and_deciding_the_rest_at_once_do_not_block_each_other():
    curator = CuratorFactory()
    paper = ScreeningFactory().paper
    first, *_rest = SuggestionFactory.create_batch(3, paper=paper)
    decide(paper, first.concept, curator)
    strokes = [
        lambda: queue.take_back(paper=paper, concept=first.concept, curator=curator),
        lambda: queue.decide_rest(paper=paper, verdict="reject", curator=curator),
    ]
    assert in_threads(2, lambda number: strokes[number]()) == []
    assert set(standing(paper).values()) == {"reject"}
