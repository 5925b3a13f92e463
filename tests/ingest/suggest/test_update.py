"""Decisions that count within seconds, until a training has learned from them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ingest.models import SuggesterModel, SuggesterUpdate
from ingest.suggest import active, run, spreading, tasks, update
from taxonomy import curation, queue
from taxonomy.curation import Actor
from taxonomy.models import Screening, Suggestion
from tests.factories import CuratorFactory, PaperFactory, new_text
from tests.ingest.suggest.rows import LATENCY, LATENCY_AGAIN, LAW, concepts, waiting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(update, "QUIET", timedelta(0))


def decide(paper, concept, verdict="reject"):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(CuratorFactory())
    )


def scene():
    """Two papers alike that wait for a curator; the vocabulary, by slug."""
    made = concepts()
    papers = waiting(**LATENCY), waiting(**LATENCY_AGAIN)
    run.suggest_batch()
    return made, *papers


def test_a_rejection_lowers_the_suggestion_on_a_paper_like_it():
    made, decided, other = scene()
    decide(decided, made["slow-answers"])
    assert tasks.update_from_decisions() == 1
    assert Suggestion.objects.get(paper=other).evidence["signals"]["recent"] < -0.5


def test_the_name_of_the_suggester_tells_the_update():
    made, decided, other = scene()
    trained = active.current().name
    decide(decided, made["slow-answers"], "accept")
    tasks.update_from_decisions()
    suggestion = Suggestion.objects.get(paper=other)
    assert suggestion.suggester == f"{trained}.1" == active.current().name
    assert active.current().as_trained().name == trained


def test_nothing_is_made_while_nothing_is_new():
    made, decided, _ = scene()
    assert update.make(active.current()) is None
    decide(decided, made["slow-answers"])
    assert update.make(active.current()).decisions == 1
    assert update.make(active.current()) is None


def test_it_waits_for_a_pause_but_not_for_long(monkeypatch):
    made, decided, _ = scene()
    decide(decided, made["slow-answers"])
    monkeypatch.setattr(update, "QUIET", timedelta(hours=1))
    assert update.make(active.current()) is None
    monkeypatch.setattr(update, "LONGEST", timedelta(0))
    assert update.make(active.current()).decisions == 1


def test_what_was_taken_back_counts_no_more():
    made, decided, _ = scene()
    decision = decide(decided, made["slow-answers"])
    assert list(update.make(active.current()).weights) == ["slow-answers"]
    curation.revert(decision=decision, actor=Actor.person(CuratorFactory()))
    assert update.make(active.current()).weights == {}


def test_a_decision_on_an_earlier_text_says_nothing():
    made, decided, _ = scene()
    decide(decided, made["slow-answers"])
    new_text(decided)
    assert update.make(active.current()).weights == {}


def test_what_is_not_named_on_a_paper_is_no_rejection():
    made = concepts()
    decide(PaperFactory(**LAW), made["law"], "accept")
    assert list(update.make(active.current()).weights) == ["law"]


def test_the_order_in_which_people_decide_does_not_matter():
    made, *papers = scene()
    papers.append(PaperFactory(**LAW))
    verdicts = ("accept", "reject", "reject")
    for paper, verdict in zip(papers, verdicts, strict=True):
        decide(paper, made["slow-answers"], verdict)
    first = update.make(active.current()).weights
    for paper, verdict in reversed(list(zip(papers, verdicts, strict=True))):
        decide(paper, made["slow-answers"], verdict)
    assert update.make(active.current()).weights == first


def test_a_training_that_has_learned_from_the_decisions_leaves_the_update_behind():
    made, decided, _ = scene()
    decision = decide(decided, made["slow-answers"])
    tasks.update_from_decisions()
    assert active.current().correction is not None
    SuggesterModel.objects.create(
        number=1, file="gone.npz", examples=1, last_decision=decision.pk,
        vocabulary_number=1, active=True,
    )  # fmt: skip
    assert active.current().correction is None
    assert update.make(active.current()) is None


def test_only_the_last_updates_of_a_training_are_kept(monkeypatch):
    monkeypatch.setattr(update, "KEPT", 2)
    made, *papers = scene()
    for paper in (*papers, PaperFactory(**LAW)):
        decide(paper, made["slow-answers"])
        update.make(active.current())
    found = SuggesterUpdate.objects.order_by("number").values_list("number", flat=True)
    assert list(found) == [2, 3]


# Spreading


def test_a_paper_on_a_desk_stays_as_it_is_read():
    made, decided, other = scene()
    decide(decided, made["slow-answers"])
    queue.open_paper(paper=other, curator=CuratorFactory())
    before = Suggestion.objects.get(paper=other).pk
    assert tasks.update_from_decisions() == 0
    assert Suggestion.objects.get(paper=other).pk == before


def test_a_process_that_dies_before_the_papers_are_done_is_followed_by_the_next(monkeypatch):
    made, decided, _ = scene()
    decide(decided, made["slow-answers"])
    with monkeypatch.context() as dying:

        class Killed(BaseException):
            pass

        def killed(papers):
            raise Killed

        dying.setattr(spreading, "suggest_anew", killed)
        with pytest.raises(Killed):
            tasks.update_from_decisions()
    assert SuggesterUpdate.objects.get().spread_at is None
    assert tasks.update_from_decisions() == 1
    assert SuggesterUpdate.objects.get().spread_at is not None
    assert tasks.update_from_decisions() == 0


def test_what_waits_is_suggested_for_anew_by_id_after_a_training():
    _, _first, second = scene()
    Screening.objects.filter(paper=second).update(suggester="learned-1")
    last = spreading.after(0)
    assert last == second.pk
    found = Screening.objects.order_by("pk").values_list("suggester", flat=True)
    assert list(found) == [active.current().name] * 2
    assert spreading.after(last) is None


def test_suggestions_of_an_update_of_the_same_training_are_not_made_anew():
    _, _first, _second = scene()
    name = f"{active.current().name}.7"
    Screening.objects.update(suggester=name)
    spreading.after(0)
    assert set(Screening.objects.values_list("suggester", flat=True)) == {name}


@pytest.mark.parametrize("count", [1, 3])
def test_finding_who_is_concerned_costs_the_same(django_assert_num_queries, count):
    concepts()
    for _ in range(count):
        waiting(**LATENCY)
    run.suggest_batch()
    with django_assert_num_queries(6):  # four orders, the concepts, and one of them
        assert len(spreading.concerned(["slow-answers"])) == count


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_make_one_update():
    made, decided, other = scene()
    decide(decided, made["slow-answers"])
    active.current()
    start, done = threading.Barrier(2), []

    def work():
        try:
            start.wait()
            done.append(tasks.update_from_decisions())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), SuggesterUpdate.objects.count()) == (2, 1)
    assert sum(done) == 1
    assert Screening.objects.get(paper=other).suggested_at <= timezone.now()
