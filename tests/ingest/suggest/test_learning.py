"""Learning from decisions, and the tasks that run it."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from ingest.models import SuggesterModel
from ingest.suggest import active, examples, learning, run, tasks
from taxonomy import curation, vocabulary
from taxonomy.curation import Actor
from taxonomy.models import Landmark, Screening
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, new_text
from tests.ingest.suggest import made_up
from tests.ingest.suggest.rows import LATENCY, concepts, state, waiting

pytestmark = pytest.mark.django_db


def decide(paper, concept, verdict="accept", user=None):
    return curation.decide(
        paper=paper,
        concept=concept,
        verdict=verdict,
        actor=Actor.person(user or CuratorFactory()),
    )


def decide_on_made_up_papers(count=60):
    made = concepts()
    found = made_up.examples(count)
    pairs = [
        (PaperFactory(title=title, abstract=abstract), made[slug])
        for (title, abstract), slugs in zip(found.papers, found.labels, strict=True)
        for slug in slugs
    ]
    curation.accept_all(pairs=pairs, actor=Actor.importing("made up"))
    return made


def test_examples_are_the_decisions_that_hold_and_the_landmarks(curator):
    made = concepts()
    accepted, rejected, undone, landmark, unsure = PaperFactory.create_batch(5)
    decide(accepted, made["law"], user=curator)
    decide(accepted, made["pruning"], "reject", user=curator)
    decide(rejected, made["law"], user=curator)
    decide(rejected, made["law"], "reject", user=curator)
    curation.revert(
        decision=decide(undone, made["law"], user=curator), actor=Actor.person(curator)
    )
    decide(unsure, made["law"], "unsure", user=curator)
    Landmark.objects.create(paper=landmark, concept=made["rare"])
    found = examples.from_decisions(vocabulary.current())
    assert [title for title, _ in found.papers] == [
        accepted.title,
        rejected.title,
        landmark.title,
    ]
    assert found.labels == [{"law"}, set(), {"rare"}]
    assert found.rejected == [{"pruning"}, {"law"}, set()]


def test_a_rejection_is_no_example_against_a_text_that_came_after_it(curator):
    rejected, accepted = ConceptFactory(slug="rejected"), ConceptFactory(slug="accepted")
    paper, landmark = PaperFactory(), PaperFactory()
    Landmark.objects.create(paper=landmark, concept=rejected)
    for one, concept, verdict in (
        (paper, rejected, "reject"),
        (paper, accepted, "accept"),
        (landmark, rejected, "reject"),
        (landmark, accepted, "accept"),
    ):
        decide(one, concept, verdict, user=curator)
    assert examples.from_decisions(vocabulary.current()).rejected == [{"rejected"}] * 2
    for one in (paper, landmark):
        new_text(one)
    found = examples.from_decisions(vocabulary.current())
    assert (found.labels, found.rejected) == ([{"accepted"}] * 2, [set()] * 2)


def test_examples_cost_three_queries(django_assert_num_queries):
    made = concepts()
    terms = vocabulary.current()
    for paper in PaperFactory.create_batch(3):
        decide(paper, made["law"])
    with django_assert_num_queries(3):
        examples.from_decisions(terms)


def test_learning_puts_a_better_model_to_use():
    decide_on_made_up_papers()
    model = learning.learn()
    assert (model.number, model.active, model.examples) == (1, True, 60)
    assert model.evaluation["ndcg@5"] >= model.evaluation["vocabulary_alone"]["ndcg@5"]
    assert active.current().name == "learned-1"
    assert active.current().linear is not None
    assert learning.learn().number == 2
    assert list(SuggesterModel.objects.in_use().values_list("number", flat=True)) == [2]


def test_too_few_decisions_are_on_record_and_change_nothing():
    decide_on_made_up_papers(12)
    model = learning.learn()
    assert (model.active, model.evaluation) == (False, {})
    assert active.current().linear is None


def test_only_the_newest_files_are_kept(django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(learning, "KEPT", 2)
    decide_on_made_up_papers()
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            learning.learn()
    kept = sorted(path.name for path in active.folder().iterdir())
    assert kept == ["suggester-2.npz", "suggester-3.npz"]


def test_what_failed_is_tried_again_after_learning():
    decide_on_made_up_papers()
    paper = waiting(**LATENCY)
    Screening.objects.filter(paper=paper).update(state="failed", error="once")
    learning.learn()
    assert state(paper) == "identified"


def test_learning_is_due_when_there_is_something_new():
    assert not learning.is_due()
    concept = ConceptFactory()
    decide(PaperFactory(), concept)
    assert learning.is_due()
    learning.learn()
    assert not learning.is_due()
    decide(PaperFactory(), concept)
    assert not learning.is_due()
    SuggesterModel.objects.update(trained_at=timezone.now() - timedelta(days=1))
    assert learning.is_due()


def test_learning_is_due_at_once_after_many_decisions():
    learning.learn()
    concept = ConceptFactory()
    pairs = [(paper, concept) for paper in PaperFactory.create_batch(learning.ENOUGH_NEW)]
    curation.accept_all(pairs=pairs[1:], actor=Actor.importing("made up"))
    assert not learning.is_due()
    curation.accept_all(pairs=pairs[:1], actor=Actor.importing("made up"))
    assert learning.is_due()


def test_the_task_learns_when_due_and_lets_what_waits_know_once(monkeypatch):
    queued = []
    monkeypatch.setattr(tasks.suggest_anew_after, "delay", queued.append)
    decide_on_made_up_papers()
    assert tasks.learn_when_due() == "learned-1"
    assert tasks.learn_when_due() == ""
    assert queued == [0]


def test_the_task_suggests_until_nothing_waits(monkeypatch):
    concepts()
    papers = [waiting(**LATENCY) for _ in range(3)]
    assert tasks.suggest_waiting() == 3
    assert {state(paper) for paper in papers} == {"waiting"}
    assert tasks.suggest_waiting() == 0


@pytest.fixture
def lined_up(monkeypatch):
    """When each task that was sent is to end."""
    sent = []
    monkeypatch.setattr(tasks.suggest_waiting, "delay", sent.append)
    return sent


def test_the_task_gives_the_worker_back_and_lines_up_until_the_clock_comes(
    monkeypatch, lined_up
):
    concepts()
    waiting(**LATENCY)
    monkeypatch.setattr(tasks, "SECONDS", -1)
    until = time.time() + 30
    assert tasks.suggest_waiting(until) == 1
    assert lined_up == [until]


def test_the_task_of_a_former_round_does_nothing(lined_up):
    concepts()
    waiting(**LATENCY)
    assert tasks.suggest_waiting(time.time() - 1) == 0
    assert lined_up == []


def test_the_task_calls_one_other_where_there_is_more_than_a_batch(monkeypatch, lined_up):
    concepts()
    for _ in range(3):
        waiting(**LATENCY)
    monkeypatch.setattr(run, "BATCH", 1)
    assert tasks.suggest_waiting() == 3
    assert len(lined_up) == 1
    assert tasks.suggest_waiting(lined_up[0]) == 0
    assert len(lined_up) == 1


def test_no_more_batches_run_at_once_than_there_are_slots(monkeypatch):
    concepts()
    waiting(**LATENCY)
    monkeypatch.setattr(tasks, "SLOTS", 0)
    assert tasks.suggest_waiting() == 0
