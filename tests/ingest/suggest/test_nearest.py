"""The accepted papers that are most like a paper."""

import pytest

from ingest.suggest import active, nearest, run
from ingest.suggest.reading import Reading
from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Suggestion
from tests.factories import CuratorFactory, PaperFactory
from tests.ingest.suggest.rows import LATENCY, concepts, waiting

pytestmark = pytest.mark.django_db

NEARER = {"title": "Inference latency and decoding", "abstract": "Decoding and its latency."}
FARTHER = {
    "title": "Inference latency",
    "abstract": "Slow answers: generation takes long, and memory traffic dominates.",
}


def decide(paper, concept, verdict="accept"):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(CuratorFactory())
    )


def near(paper):
    return [id_ for id_, _ in Suggestion.objects.get(paper=paper).evidence["nearest"]]


def test_a_suggestion_names_accepted_papers_most_like_it_first():
    made = concepts()
    papers = [PaperFactory(**values) for values in (FARTHER, NEARER)]
    for paper in papers:
        decide(paper, made["slow-answers"])
    asked = waiting(**LATENCY)
    run.suggest_batch()
    assert near(asked) == [papers[1].pk, papers[0].pk]
    assert Suggestion.objects.get().evidence["vocabulary"] == active.current().subjects.number


def test_what_was_accepted_for_another_concept_or_rejected_is_not_named():
    made = concepts()
    decide(PaperFactory(**NEARER), made["law"])
    decide(PaperFactory(**NEARER), made["slow-answers"], "reject")
    asked = waiting(**LATENCY)
    run.suggest_batch()
    assert near(asked) == []


def test_a_paper_accepted_for_a_narrower_concept_speaks_for_the_broader_one():
    made = concepts()
    accepted = PaperFactory(**NEARER)
    decide(accepted, made["pruning"])
    asked = waiting(**LATENCY)
    run.suggest_batch()
    assert near(asked) == [accepted.pk]


def test_no_more_than_three_are_named_the_newer_of_equal_ones_first():
    made = concepts()
    papers = [PaperFactory(**NEARER) for _ in range(5)]
    for paper in papers:
        decide(paper, made["slow-answers"])
    asked = waiting(**LATENCY)
    run.suggest_batch()
    assert near(asked) == [paper.pk for paper in papers[:1:-1]]


def test_a_paper_is_not_like_itself():
    made = concepts()
    accepted = PaperFactory(**NEARER)
    decide(accepted, made["slow-answers"])
    memory = nearest.current(active.current())
    likeness = memory.likeness(Reading.of([(accepted.title_plain, accepted.abstract_plain)]))
    column = memory.about[0].argmax()
    assert likeness.nearest(0, column) == [(accepted.pk, 1.0)]
    assert likeness.nearest(0, column, accepted.pk) == []


def test_a_decision_that_is_taken_back_is_forgotten():
    made = concepts()
    decision = decide(PaperFactory(**NEARER), made["slow-answers"])
    suggester = active.current()
    assert len(nearest.current(suggester).papers) == 1
    curation.revert(decision=decision, actor=Actor.person(CuratorFactory()))
    assert len(nearest.current(suggester).papers) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_nothing_is_read_again_while_nothing_is_decided(django_assert_num_queries, count):
    made = concepts()
    for _ in range(count):
        decide(PaperFactory(**NEARER), made["slow-answers"])
    suggester = active.current()
    nearest.current(suggester)
    with django_assert_num_queries(1):  # the newest decision
        memory = nearest.current(suggester)
    assert len(memory.papers) == count
